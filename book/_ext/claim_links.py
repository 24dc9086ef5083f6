"""Each mention of a claim's code, such as N5, in the text of a page becomes a link to that claim's panel.

Not inside links, headings, code, formulas and drawings, and not on the pages of the library's reference. It is the
written page that is changed: tables and panels have HTML of their own, and links in it, which Sphinx does not see.
"""

import re
from pathlib import PurePosixPath
from typing import Any

from sphinx.application import Sphinx

from neuronlib.reproduction.claims.table import all_claims
from neuronlib.reproduction.pages.tables.claims import PANELS

_PANELS = f"book/{PANELS}"
_CODES = {claim.id for claim in all_claims()}
_CODE = re.compile(r"\b[NKQ]\d{1,2}\b")
_PARTS = re.compile(r"""(<!--.*?-->|<(?:"[^"]*"|'[^']*'|[^'">])*>)""", re.S)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)(.*?)(/?)>", re.S)
_LEFT_ALONE = {
    *("a", "button", "h1", "h2", "h3", "h4", "h5", "h6", "label", "option"),
    *("code", "kbd", "pre", "samp", "tt", "math", "script", "style", "svg", "textarea"),
}
_FORMULA = re.compile(r'class="(?:[^"]* )?math[ "]')
_PANEL = re.compile(r'id="claim-(\w+)"')


def linked(page: str, panels: str, own: bool = False) -> str:
    """A page whose mentions of claims lead to their panels.

    Args:
        page: HTML.
        panels: The address of the page of panels, from this page.
        own: Whether this is that page, where a panel does not link to itself.

    Returns:
        HTML.
    """
    inside: str | None = None
    depth, panel = 0, ""

    def link(found: re.Match[str]) -> str:
        code = found[0]
        if code not in _CODES or code == panel:
            return code
        return f'<a class="claim-link" href="{panels}#claim-{code}">{code}</a>'

    parts = _PARTS.split(page)
    for place, part in enumerate(parts):
        tag = _TAG.fullmatch(part) if place % 2 else None
        if tag is None:
            if place % 2 == 0 and inside is None:
                parts[place] = _CODE.sub(link, part)
            continue
        closing, name, attributes, empty = tag[1], tag[2].lower(), tag[3], tag[4]
        if own and (here := _PANEL.search(attributes)):
            panel = here[1]
        if empty:
            continue
        if inside is None:
            if not closing and (name in _LEFT_ALONE or _FORMULA.search(attributes)):
                inside, depth = name, 1
        elif name == inside:
            depth += -1 if closing else 1
            inside = inside if depth else None
    return "".join(parts)


def _link(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    chapter = name in app.env.found_docs and not PurePosixPath(name).name.startswith(
        "api"
    )
    if chapter and _PANELS in app.env.found_docs and "body" in context:
        own = name == _PANELS
        panels = "" if own else app.builder.get_relative_uri(name, _PANELS)
        context["body"] = linked(context["body"], panels, own)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx.

    Args:
        app: The build.

    Returns:
        What Sphinx is to know of this extension.
    """
    app.connect("html-page-context", _link)
    return {"parallel_read_safe": True}
