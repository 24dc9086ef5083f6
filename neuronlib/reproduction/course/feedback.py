"""Pages of feedback without code that a browser would run or anything that it would fetch."""

from collections.abc import Iterator
from typing import Any

import bleach  # type: ignore[import-untyped]  # has no types
from bs4 import BeautifulSoup
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from traitlets import default

_TAGS = frozenset(
    "a abbr b blockquote br caption code col colgroup dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s "
    "span strong sub sup table tbody td tfoot th thead tr u ul".split()
)
_LINKS = ("https://", "http://", "mailto:", "#")
_IMAGES = ("data:image/png;base64,", "data:image/jpeg;base64,")


def _allowed(tag: str, attribute: str, value: str) -> bool:
    if tag == "img":
        return attribute == "alt" or (attribute == "src" and value.startswith(_IMAGES))
    if tag == "a":
        return attribute == "title" or (attribute == "href" and value.startswith(_LINKS))
    return attribute in ("class", "colspan", "rowspan", "start", "align")


_CLEANER = bleach.Cleaner(
    tags=_TAGS, attributes=_allowed, protocols=("http", "https", "mailto", "data"), strip=True, strip_comments=True
)


def cleaned(html: Any) -> str:
    """Return HTML with text, tables, links and embedded images alone.

    Example:
        >>> cleaned('<p onclick="f()">ten<script>f()</script> <a href="javascript:f()">bits</a></p>')
        '<p>ten <a>bits</a></p>'
    """
    text = html.decode() if isinstance(html, bytes) else str(html)
    if "<" not in text:
        return text
    soup = BeautifulSoup(text, "html.parser")
    # Their content is for a browser, not for a reader.
    for element in soup(["script", "style", "iframe", "object", "svg", "noscript", "template"]):
        element.decompose()
    return _CLEANER.clean(str(soup))


class FeedbackExporter(HTMLExporter):
    """Exports a page in which all that a student can have written is cleaned."""

    @default("sanitize_html")
    def _sanitize(self) -> bool:
        return True

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Render Markdown, and clean the result."""
        return cleaned(super().markdown2html(context, source))

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """Yield nbconvert's filters, with a stricter one for HTML."""
        yield from super().default_filters()
        yield "clean_html", cleaned
