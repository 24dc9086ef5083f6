"""Pages without Thebe, which this book does not use: the theme puts it in twice, and browsers report an error."""

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


def _remove(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        for page in Path(app.outdir).rglob("*.html"):
            before = page.read_text(encoding="utf-8")
            after = _THEBE.sub("", before)
            if after != before:
                page.write_text(after, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx.

    Args:
        app: The build.

    Returns:
        What Sphinx is to know of this extension.
    """
    app.connect("build-finished", _remove)
    return {"parallel_read_safe": True}
