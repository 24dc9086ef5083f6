"""Faults of the stock theme and of what writes its pages, mended in the rendered pages.

Thebe, which this book does not use, is put in twice, and browsers report an error. The other faults are of pages that
are read aloud: what is beside the text is in no landmark, a list of references holds no items, the button that unfolds
a list of pages has no name, and the empty corner of a table is announced as a heading. And figures get a box to scroll
in, the one that the theme has for tables: its script lets the keyboard reach it where it scrolls. That script looks
before figures are loaded, and again where the window changes its size: so it is told so once they are.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

_THEBE = re.compile(
    r"\s*<script>\s*const THEBE_JS_URL.*?</script>"
    r"|\s*<script[^>]*sphinx-thebe\.js[^>]*></script>"
    r"|\s*<link[^>]*sphinx-thebe\.css[^>]*>"
    r'|\s*<script type="text/x-thebe-config">.*?</script>',
    re.S,
)
_SIDEBAR = re.compile(r'<div id="pst-primary-sidebar"(?! role)')
_REFERENCE = re.compile(r'role="doc-biblioentry"')
_UNFOLDING = re.compile(r"(<a [^>]*>([^<]*)</a><details[^>]*>)<summary>")
_FIGURE = re.compile(r"(<figure[^>]*>\s*)(<img[^>]*>)")
_LOOK_AGAIN = 'addEventListener("load", () => dispatchEvent(new Event("resize")));'
_EMPTY_CORNER = re.compile(r'<th class="head[^"]*"><p></p></th>')


def _mended(page: str) -> str:
    page = _THEBE.sub("", page)
    page = _SIDEBAR.sub(
        '<div id="pst-primary-sidebar" role="complementary" aria-label="Book"', page
    )
    page = _REFERENCE.sub('role="listitem"', page)
    page = _UNFOLDING.sub(r'\1<summary aria-label="Pages of: \2">', page)
    page = _FIGURE.sub(r'\1<div class="pst-scrollable-table-container">\2</div>', page)
    return _EMPTY_CORNER.sub("<td></td>", page)


def _mend(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        for page in Path(app.outdir).rglob("*.html"):
            before = page.read_text(encoding="utf-8")
            after = _mended(before)
            if after != before:
                page.write_text(after, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx.

    Args:
        app: The build.

    Returns:
        What Sphinx is to know of this extension.
    """
    app.add_js_file(None, body=_LOOK_AGAIN)
    app.connect("build-finished", _mend)
    return {"parallel_read_safe": True}
