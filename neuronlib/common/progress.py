"""Progress bars on a terminal, and nowhere else."""

import os
from typing import Any

from tqdm import tqdm

VARIABLE = "NEURONLIB_PROGRESS"
"""The environment variable that hides progress bars where it is 0."""


def progress(**options: Any) -> tqdm:
    """A progress bar with rate and time left.

    It is shown only where standard error is a terminal, so never on a rendered page or in a log, and not at all
    where the environment variable ``NEURONLIB_PROGRESS`` is 0.

    Args:
        options: What `tqdm.tqdm` takes, such as ``total`` and ``desc``.

    Returns:
        The bar, to be used as a context manager.

    Example:
        >>> with progress(total=2, desc="training") as bar:
        ...     bar.update(2)
    """
    return tqdm(disable=hidden(), dynamic_ncols=True, **options)


def hidden() -> bool | None:
    """Whether there are to be no progress bars, as tqdm takes it.

    Returns:
        True where ``NEURONLIB_PROGRESS`` is 0; None for what standard error decides.

    Example:
        >>> hidden() in {True, None}
        True
    """
    return True if os.environ.get(VARIABLE) == "0" else None
