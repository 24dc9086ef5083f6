"""The explorer page's scripts: BokehJS out of its Python package, and the stored results."""

import shutil
from importlib.resources import files
from pathlib import Path

from sphinx.application import Sphinx

from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.pages.explorer import write_explorer

_OURS = Path(__file__).with_suffix(".js")
_BOKEH = ("bokeh.min.js", "bokeh-api.min.js")


def _copy(app: Sphinx) -> None:
    # Put beside the book's own scripts only now: what is in a static path when Jupyter Book starts goes into every page.
    target = Path(app.outdir) / "_static" / "explorer"
    shutil.rmtree(target, ignore_errors=True)
    write_explorer(StoredResults(), target)
    for name in _BOKEH:
        (target / name).write_bytes(
            (files("bokeh") / "server" / "static" / "js" / name).read_bytes()
        )
    shutil.copy(_OURS, target)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx.

    Args:
        app: The build.

    Returns:
        What Sphinx is to know of this extension.
    """
    app.connect("builder-inited", _copy)
    return {"parallel_read_safe": True}
