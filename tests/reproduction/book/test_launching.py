"""Facts about the buttons that open a chapter elsewhere, in a book of one chapter."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from neuronlib.reproduction.book.notebooks import export, write

ROOT = Path(__file__).parents[3]
CHAPTER = "book/s1_setup"


def rendered(root: Path, address: str) -> str:
    config = (ROOT / "_config.yml").read_text(encoding="utf-8").replace('  url: ""', f'  url: "{address}"')
    config = config.replace("    explorer: book/_ext/\n", "")  # it would write all results
    (root / "_config.yml").write_text(config)
    (root / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n  - file: {CHAPTER}\n")
    for folder in ("_ext", "_static"):
        shutil.copytree(ROOT / "book" / folder, root / "book" / folder)
    for name in ("references.bib", "s1_setup.py"):
        shutil.copy(ROOT / "book" / name, root / "book")
    (root / "book" / "index.md").write_text("# A book\n")
    write(export("s1_setup"), root / f"{CHAPTER}.ipynb")
    jupyter_book = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    subprocess.run([sys.executable, "-c", jupyter_book, "build", ".", "-q"], cwd=root, check=True, capture_output=True)
    return (root / "_build" / "html" / f"{CHAPTER}.html").read_text(encoding="utf-8")


def launched(page: str) -> list[str]:
    return re.findall(r'href="(https://(?:mybinder|colab)[^"]*)"', page)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    root = tmp_path_factory.mktemp("book")
    return root, rendered(root, "https://github.com/somebody/something")


def test_each_button_opens_this_chapter_on_the_branch_of_notebooks(book):
    assert launched(book[1]) == [
        f"https://mybinder.org/v2/gh/somebody/something/notebooks?urlpath=lab/tree/{CHAPTER}.ipynb",
        f"https://colab.research.google.com/github/somebody/something/blob/notebooks/{CHAPTER}.ipynb",
    ]


def test_the_first_page_and_each_chapter_lead_to_the_repository(book):
    root, page = book
    index = (root / "_build" / "html" / "book" / "index.html").read_text(encoding="utf-8")
    address = "https://github.com/somebody/something"
    shown = re.search(r'</h1>\s*<p class="badges">(.*?)</p>', index)
    assert shown is not None
    assert re.findall('href="([^"]*)"', shown[1]) == [
        address,
        f"{address}/issues/new/choose",
        "https://mybinder.org/v2/gh/somebody/something/notebooks?urlpath=lab/tree/book",
    ]
    assert "badges" not in page and f'href="{address}"' in page


def test_what_the_buttons_open_is_written_and_begins_with_the_installation(book):
    notebook = nbformat.read(book[0] / "_build" / "notebooks" / f"{CHAPTER}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert "%pip install --quiet git+https://github.com/somebody/something" in notebook.cells[0].source
    assert [cell.source for cell in notebook.cells[1:]] == [cell.source for cell in export("s1_setup").cells]


def test_binder_installs_this_package(book):
    environment = (book[0] / "_build" / "notebooks" / "binder" / "environment.yml").read_text()
    assert environment.endswith("  - pip:\n      - git+https://github.com/somebody/something\n")


def test_without_an_address_there_are_no_buttons_and_nothing_is_written(tmp_path):
    page = rendered(tmp_path, "")
    assert launched(page) == [] and "launch-buttons" not in page and "github.com" not in page
    assert "badges" not in (tmp_path / "_build" / "html" / "book" / "index.html").read_text(encoding="utf-8")
    assert not (tmp_path / "_build" / "notebooks").exists()
