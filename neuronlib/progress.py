"""Progress bars on a terminal, and nowhere else."""

import os
from typing import Any

from tqdm import tqdm


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
    hidden = True if os.environ.get("NEURONLIB_PROGRESS") == "0" else None
    return tqdm(disable=hidden, dynamic_ncols=True, **options)
