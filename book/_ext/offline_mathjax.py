"""Formulas without a network: MathJax comes out of a Python package instead of a content delivery network."""

import importlib.metadata
import shutil
from pathlib import Path

from sphinx.application import Sphinx

_SCRIPT = "tex-mml-chtml.js"
_FONTS = Path("output") / "chtml" / "fonts" / "woff-v2"


def _copy(app: Sphinx) -> None:
    files = importlib.metadata.files("sphinx-mathjax-offline") or []
    script = next(Path(str(file.locate())) for file in files if file.name == _SCRIPT)
    # Put beside the book's own scripts only now: what is in a static path when Jupyter Book starts goes into every page.
    target = Path(app.outdir) / "_static" / "mathjax"
    shutil.copytree(script.parent / _FONTS, target / _FONTS, dirs_exist_ok=True)
    shutil.copy(script, target / _SCRIPT)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx.

    Args:
        app: The build.

    Returns:
        What Sphinx is to know of this extension.
    """
    app.config.mathjax_path = f"mathjax/{_SCRIPT}"
    app.connect("builder-inited", _copy)
    return {"parallel_read_safe": True}
