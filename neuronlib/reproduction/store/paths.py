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
    """Return the cache of trained networks of a folder of results: ``weights`` beside it, which may not exist yet."""
    return results.resolve().parent / "weights"
