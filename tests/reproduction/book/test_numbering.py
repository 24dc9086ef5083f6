"""Facts about the numbers of figures, equations and exercises, in a book of five pages."""

import re

import pytest
from numbering import code
from sphinx.testing.util import SphinxTestApp

FIGURE = """
.. figure:: dot.png
   :name: fig-{name}

   The figure {name}.
"""
EQUATION = """
.. math:: x = {name}
   :label: eq-{name}
"""
PAGES = {
    "index": "Book\n====\n\n"
    + FIGURE.format(name="first")
    + "\n.. toctree::\n   :numbered:\n\n   s1_setup\n\n.. toctree::\n\n   x1_more\n   a4_all\n   a4_all_mnist\n",
    "s1_setup": "Setup\n=====\n" + FIGURE.format(name="setup") + EQUATION.format(name="setup"),
    "x1_more": "More\n====\n" + FIGURE.format(name="more") + FIGURE.format(name="again") + EQUATION.format(name="more"),
    "a4_all": "All\n===\n"
    + FIGURE.format(name="all")
    + "\nSee :numref:`fig-again`, :numref:`fig-mnist` and :eq:`eq-more`.\n",
    "a4_all_mnist": "MNIST\n=====\n" + FIGURE.format(name="mnist"),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, str]:
    """Each page's text, without tags."""
    root = tmp_path_factory.mktemp("numbered")
    (root / "conf.py").write_text(
        "extensions = ['numbering', 'sphinx.ext.mathjax']\nnumfig = True\nmath_numfig = True\nhtml_theme = 'basic'\n"
    )
    (root / "dot.png").write_bytes(b"")
    for name, text in PAGES.items():
        (root / f"{name}.rst").write_text(text)
    app = SphinxTestApp(srcdir=root)
    app.build()
    texts = {name: (root / "_build" / "html" / f"{name}.html").read_text(encoding="utf-8") for name in PAGES}
    app.cleanup()
    return {name: re.sub(r"<[^>]*>", "", text) for name, text in texts.items()}


@pytest.mark.parametrize(
    ("page", "numbers"),
    [
        ("index", ["0.1"]),
        ("s1_setup", ["1.1"]),
        ("x1_more", ["X1.1", "X1.2"]),
        ("a4_all", ["A4.1"]),
        ("a4_all_mnist", ["A4.2"]),
    ],
)
def test_each_figure_has_its_chapter_s_code(pages, page, numbers):
    assert re.findall(r"Fig\. (\S+?) ?(?=The)", pages[page]) == numbers


@pytest.mark.parametrize(("page", "number"), [("s1_setup", "1.1"), ("x1_more", "X1.1")])
def test_each_equation_has_its_chapter_s_code(pages, page, number):
    assert re.findall(r"\(([\w.]+)\)", pages[page]) == [number]


def test_references_name_the_same_numbers(pages):
    assert "See Fig. X1.2, Fig. A4.2 and (X1.1)." in pages["a4_all"]


@pytest.mark.parametrize(
    ("page", "expected"), [("book/x1_replications", "X1"), ("book/a4_sensitivity_mnist", "A4"), ("book/index", "0")]
)
def test_a_code_is_what_the_file_begins_with(page, expected):
    assert code(page) == expected
