"""Buttons and badges that lead to the repository, to Colab and to Binder, and what they open.

That is a notebook for each chapter, and what Binder installs for them. The buttons and these files come of the same
render, so that a link leads to a file. Without a repository's address in _config.yml there are none of them.
"""

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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


def _buttons_with_address(app: Sphinx, config: Config) -> None:
    options = config.html_theme_options
    if options.get("repository_url"):
        options["use_repository_button"] = options["use_issues_button"] = True
    else:
        options["launch_buttons"] = {}


def badges(address: str, branch: str) -> str:
    """The links below the first page's title.

    Args:
        address: The repository's, as https://github.com/OWNER/NAME.
        branch: Which holds the notebooks.

    Returns:
        HTML that loads nothing from elsewhere.
    """
    repository = urlsplit(address).path.strip("/")
    links = {
        "Repository": address,
        "Report an error": f"{address}/issues/new/choose",
        "All chapters on Binder": f"https://mybinder.org/v2/gh/{repository}/{branch}?urlpath=lab/tree/book",
    }
    shown = [f'<a href="{link}">{text}</a>' for text, link in links.items()]
    return f'<p class="badges">{" ".join(shown)}</p>'


def _put_badges(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    options = app.config.html_theme_options
    address = options.get("repository_url")
    if address and name == app.config.root_doc and "body" in context:
        shown = badges(address.rstrip("/"), options["repository_branch"])
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{shown}", 1)


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
    app.connect("config-inited", _buttons_with_address)
    app.connect("html-page-context", _put_badges)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True}
