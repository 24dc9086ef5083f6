"""Where the chapters' sources and the stored results are."""

import os
from pathlib import Path

from neuronlib.common.paths import expanded

_PACKAGE = Path(__file__).parents[2]
_REPOSITORY = _PACKAGE.parent

BOOK = _PACKAGE / "_book" if (_PACKAGE / "_book").is_dir() else _REPOSITORY / "book"
"""The folder of the chapters, inside the package where a wheel was installed, else the checkout's."""

_OWN = _PACKAGE / "_results" if (_PACKAGE / "_results").is_dir() else _REPOSITORY / "results"
RESULTS = expanded(os.environ.get("NEURONLIB_RESULTS") or _OWN).absolute()
"""The folder of stored results, NEURONLIB_RESULTS if set, else the checkout's, or those inside an installed package."""


def weights_beside(results: Path) -> Path:
    """The cache of trained networks that belongs to a folder of results.

    Args:
        results: The folder of results.

    Returns:
        Its whole path; it need not be there.

    Example:
        >>> weights_beside(Path("mine/results")) == Path("mine/weights").resolve()
        True
    """
    return results.resolve().parent / "weights"
