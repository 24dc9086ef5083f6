"""What the launch buttons open: a notebook for each chapter, and what Binder installs for them.

The buttons and these files come of the same render, so that a link leads to a file.
Without a repository's address in _config.yml there are neither.
"""

import shutil
from pathlib import Path

from nbformat.v4 import new_code_cell
from sphinx.application import Sphinx
from sphinx.config import Config

from neuronlib.reproduction.book.notebooks import export, write

_INSTALL = """\
try:
    import neuronlib
except ImportError:
    %pip install --quiet git+{address}"""

# PyTorch from conda-forge comes without CUDA, gigabytes which Binder has no use for.
_BINDER = """\
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pytorch-cpu
  - torchvision
  - pip:
      - git+{address}
"""


def _no_buttons_without_address(app: Sphinx, config: Config) -> None:
    if not config.html_theme_options.get("repository_url"):
        config.html_theme_options["launch_buttons"] = {}


def _write(app: Sphinx, exception: Exception | None) -> None:
    address = app.config.html_theme_options.get("repository_url")
    target = Path(app.outdir).parent / "notebooks"
    shutil.rmtree(target, ignore_errors=True)
    if exception is not None or not address:
        return
    for page in sorted(app.env.found_docs):
        source = Path(app.srcdir, f"{page}.ipynb")
        if source.exists():
            notebook = export(source.stem, source.parent)
            install = new_code_cell(_INSTALL.format(address=address), id="install")
            notebook.cells.insert(0, install)
            write(notebook, target / f"{page}.ipynb")
    (target / "binder").mkdir()
    (target / "binder" / "environment.yml").write_text(_BINDER.format(address=address))


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx.

    Args:
        app: The build.

    Returns:
        What Sphinx is to know of this extension.
    """
    app.connect("config-inited", _no_buttons_without_address)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True}
