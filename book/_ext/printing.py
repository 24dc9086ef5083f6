"""The rendered pages as one PDF, printed by Chromium; `make pdf` runs this."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from chromium import found
from playwright.sync_api import sync_playwright

_ROOT = Path(__file__).parents[2]
_PDF = _ROOT / "_build" / "pdf" / "book.pdf"
# The explorer is nothing without its choices, and the reference is longer than the book.
_LEFT_OUT = re.compile("explorer|api.*")
_STYLES = re.compile(r'<link[^>]*rel="stylesheet"[^>]*>')
_FORMULAS = re.compile(
    r"<script>window\.MathJax.*?</script>|<script[^>]*mathjax[^>]*></script>"
)

# On paper nothing scrolls, and what is folded away stays so.
_ON_PAPER = """
section.page { break-before: page; }
pre { white-space: pre-wrap !important; overflow-wrap: anywhere; }
pre, table { font-size: 0.75rem !important; }
pre, .pst-scrollable-table-container { overflow: visible !important; }
figure img { max-height: 200mm; }
figure, tr, div.math, h1, h2, h3 { break-inside: avoid; }
h1, h2, h3 { break-after: avoid; }
details.hide, a.headerlink { display: none; }
"""
_FOOTER = """<div style="width: 100%; text-align: center; font-size: 8px">
<span class="pageNumber"></span></div>"""


def _article(name: str, page: str, names: Sequence[str]) -> str:
    # The same id may be on several pages, so each gets its page's name.
    def moved(link: re.Match[str]) -> str:
        file, _, anchor = link[1].partition("#")
        target = file.removesuffix(".html") or name
        if ":" in link[1]:
            return link[0]
        if target not in names:
            return ""
        return f'href="#{target}--{anchor}"' if anchor else f'href="#{target}"'

    text = page.partition('<article class="bd-article">')[2].partition("</article>")[0]
    text = re.sub(r'\bid="', f'id="{name}--', text)
    text = re.sub(r'\bhref="([^"]*)"', moved, text)
    return f'<section class="page" id="{name}">{text}</section>'


def joined(pages: Path, names: Sequence[str]) -> str:
    """Pages one after the other, as one page that links only to itself and outside.

    Args:
        pages: The absolute path of the folder of the rendered pages.
        names: Which of them.

    Returns:
        HTML.
    """
    texts = [(pages / f"{name}.html").read_text(encoding="utf-8") for name in names]
    head = [part for text in texts for part in _STYLES.findall(text)]
    head += [part for text in texts for part in _FORMULAS.findall(text)]
    title = re.findall("<title>.*?</title>", texts[0], re.S)
    parts = [
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">',
        *title,
        *dict.fromkeys(head),
        f'<style>{_ON_PAPER}</style><article class="bd-article">',
        *(_article(name, text, names) for name, text in zip(names, texts, strict=True)),
        "</article></html>",
    ]
    return "\n".join(parts).replace('="../_', f'="{pages.parent.as_uri()}/_')


def chapters() -> list[str]:
    """The pages that are printed.

    Returns:
        Their names, in the order of ``_toc.yml``.
    """
    contents = (_ROOT / "_toc.yml").read_text(encoding="utf-8")
    files = [Path(file) for file in re.findall(r"(?:root|file): (\S+)", contents)]
    return [file.name for file in files if not _LEFT_OUT.fullmatch(file.name)]


def print_pages(
    pages: Path, names: Sequence[str], pdf: Path, browser_file: str
) -> None:
    """Print pages one after the other.

    Args:
        pages: The folder of the rendered pages.
        names: Which of them.
        pdf: Where to write the PDF.
        browser_file: The browser that prints.
    """
    pdf.parent.mkdir(parents=True, exist_ok=True)
    # Beside the PDF: some installations of Chromium see no other temporary folder.
    with (
        TemporaryDirectory(dir=pdf.parent) as folder,
        sync_playwright() as playwright,
    ):
        source = Path(folder, "book.html").absolute()
        source.write_text(joined(pages.absolute(), names), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=browser_file)
        page = browser.new_page()
        page.set_default_timeout(0)
        page.goto(source.as_uri())
        page.evaluate("window.MathJax?.startup?.promise")
        page.pdf(
            path=pdf,
            format="A4",
            margin={"top": "18mm", "bottom": "18mm", "left": "18mm", "right": "18mm"},
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=_FOOTER,
            outline=True,
            tagged=True,
        )
        browser.close()


def main() -> None:
    """Write the PDF, and say where it is."""
    browser_file = found()
    if browser_file is None:
        sys.exit("Chromium or Chrome prints the PDF, and there is neither: install one")
    print_pages(_ROOT / "_build" / "html" / "book", chapters(), _PDF, browser_file)
    print(_PDF.relative_to(_ROOT))


if __name__ == "__main__":
    main()
