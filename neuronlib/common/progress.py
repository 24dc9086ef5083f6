"""Progress bars, on a terminal only."""

import os
from typing import Any

from tqdm import tqdm

VARIABLE = "NEURONLIB_PROGRESS"
"""Environment variable that hides progress bars if it is 0."""


def progress(**options: Any) -> tqdm:
    """Return a progress bar with rate and time left, a context manager; ``options`` are those of `tqdm.tqdm`.

    The bar appears only if standard error is a terminal, so never on a rendered page or in a log. The environment
    variable ``NEURONLIB_PROGRESS`` = 0 hides it.
    """
    return tqdm(disable=hidden(), dynamic_ncols=True, **options)


def hidden() -> bool | None:
    """Return tqdm's ``disable``: True if ``NEURONLIB_PROGRESS`` is 0, else None (hidden unless on a terminal)."""
    return True if os.environ.get(VARIABLE) == "0" else None
