"""Facts about the rendered book, wherever NEURONLIB_PAGES says that it is; `.ci/run` builds it and says so."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from chromium import found
from playwright.sync_api import Browser, sync_playwright
from printing import chapters, joined, print_pages

from neuronlib.reproduction.claims.table import all_claims
from neuronlib.reproduction.pages.tables.claims import OF_CHAPTER, PANELS, SCOREBOARD

ROOT = Path(os.environ.get("NEURONLIB_PAGES", "no pages")).absolute()
PAGES = sorted(path for path in ROOT.rglob("*.html") if "_static" not in path.parts)
CHROMIUM = found()
LARGEST = 3_000_000
"""Bytes of a page with its figures; the theme's and MathJax's files, which all pages share, come to 3.4 million."""

WIDTHS = {"desk": 1280, "phone": 375}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
COLOURS = ["color-contrast", "link-in-text-block"]
"""Rules on what the theme changes; they are slow, and asked of one text of each kind."""

# All that folds is opened; then a third of a second passes until the theme looks for what scrolls.
UNFOLD = """async () => {
  document.head.insertAdjacentHTML("beforeend", "<style>* { transition: none !important }</style>");
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  for (const button of document.querySelectorAll(".toggle-hidden .toggle-button")) button.click();
  await window.MathJax?.startup?.promise;
  await new Promise(requestAnimationFrame);
  await new Promise((resolve) => setTimeout(resolve, 500));
}"""
AXE = """async (options, where = document) => (await axe.run(where, options)).violations.flatMap((rule) =>
  rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.html.slice(0, 120)}`))"""
# Tables and figures that go on to the right and do not say so, or say so and do not.
WRONG_ABOUT_SCROLLING = """() => [...document.querySelectorAll(".pst-scrollable-table-container")]
  .filter((box) => box.checkVisibility())
  .filter((box) => box.scrollWidth > box.clientWidth !== (getComputedStyle(box, "::before").content !== "none"))
  .map((box) => box.innerHTML.slice(0, 120))"""
# A claim's card: where its cells begin, from the top, and how much wider it is than its place.
CARDS = """() => [...document.querySelectorAll(".claims tbody tr")].map((row) => ({
  tops: [...row.cells].map((cell) => cell.getBoundingClientRect().top),
  over: row.scrollWidth - row.clientWidth,
}))"""
# Text of the same tags, classes and styles, from the page down, has the same colours at every place and width.
AXE_ON_COLOURS = """async (options) => {
  const asked = (document[document.documentElement.dataset.theme] ??= new Set());
  const look = (one) => `${one.tagName} ${one.className} ${one.getAttribute("style")}`;
  const kind = (one) => one ? (one.kind ??= `${look(one)} < ${kind(one.parentElement)}`) : "";
  const isNew = (one) => one.checkVisibility() && !asked.has(kind(one)) && asked.add(kind(one));
  const hasText = (one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const texts = [...document.querySelectorAll("body *")].filter((one) => hasText(one) && isNew(one));
  return texts.length ? await (AXE)(options, texts) : [];
}""".replace("AXE", AXE)

pytestmark = pytest.mark.skipif("NEURONLIB_PAGES" not in os.environ, reason="NEURONLIB_PAGES names no rendered book")


def each(pages: list[Path]) -> pytest.MarkDecorator:
    none = pytest.param(ROOT, id="none", marks=pytest.mark.skip(reason="there are no pages"))
    return pytest.mark.parametrize(
        "page", [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in pages] or [none]
    )


READ = [page for page in PAGES if 'http-equiv="Refresh"' not in page.read_text(encoding="utf-8")]
each_page, each_read = each(PAGES), each(READ)


def test_the_book_that_is_named_is_there():
    assert PAGES, f"no pages in {ROOT}"


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.images: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        of = dict(attributes)
        self.ids |= {of[key] or "" for key in ("id", "name") if key in of}
        if tag == "a" and of.get("href"):
            self.links.append(of["href"] or "")
        if tag in ("script", "img") and of.get("src"):
            self.loaded.append(of["src"] or "")
        if tag == "link" and "stylesheet" in (of.get("rel") or ""):
            self.loaded.append(of.get("href") or "")
        if tag == "img":
            self.images.append((of.get("src") or "", of.get("alt")))


@cache
def parsed(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def local(page: Path, link: str) -> Path | None:
    if re.match(r"[a-z]+:|//", link):
        return None
    file = unquote(urldefrag(link).url.partition("?")[0])
    return (page.parent / file).resolve() if file else page


@each_page
def test_links_inside_the_book_lead_somewhere(page):
    dead = []
    for link in parsed(page).links:
        target, anchor = local(page, link), unquote(urldefrag(link).fragment)
        if target is None:
            continue
        if target.name == "explorer.html" and anchor not in parsed(target).ids and anchor:
            # There, what follows the # may say what is to be drawn.
            target, anchor = ROOT / "_static" / "explorer" / f"{anchor.partition('/')[0]}.js", ""
        if not target.exists() or (anchor and target.suffix == ".html" and anchor not in parsed(target).ids):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("chapter", OF_CHAPTER)
def test_a_chapter_on_a_figure_shows_the_claims_it_answers(chapter):
    links = parsed(ROOT / "book" / f"{chapter}.html").links
    assert {f"{PANELS}.html#claim-{claim}" for claim in OF_CHAPTER[chapter]} <= set(links)


def test_every_claim_has_a_panel_that_links_back_to_the_scoreboard():
    panels, scoreboard = (parsed(ROOT / "book" / f"{name}.html") for name in (PANELS, SCOREBOARD))
    for claim in all_claims():
        assert f"claim-{claim.id}" in panels.ids & scoreboard.ids
        assert f"{SCOREBOARD}.html#claim-{claim.id}" in panels.links
        assert f"{PANELS}.html#claim-{claim.id}" in scoreboard.links


def test_links_inside_the_printed_book_lead_to_what_is_printed():
    page = Page()
    page.feed(joined(ROOT / "book", chapters()))
    assert [link for link in page.links if link.startswith("#") and unquote(link[1:]) not in page.ids] == []
    assert [link for link in page.links if not re.match(r"#|[a-z]+:", link)] == []
    assert [file for file in page.loaded if not Path(unquote(urlsplit(file).path)).is_file()] == []


def test_the_book_is_printed(tmp_path):
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    print_pages(ROOT / "book", chapters(), tmp_path / "book.pdf", CHROMIUM)
    assert [file.name for file in tmp_path.iterdir()] == ["book.pdf"]
    printed = (tmp_path / "book.pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", printed)) > len(chapters())


@each_page
def test_nothing_is_loaded_from_elsewhere_and_all_is_there(page):
    assert [link for link in parsed(page).loaded if local(page, link) is None] == []
    files = [file for link in parsed(page).loaded if (file := local(page, link)) is not None]
    assert [file for file in files if not file.exists()] == []


@each_page
def test_every_figure_has_a_text_for_those_who_do_not_see_it(page):
    poor = [
        source for source, alt in parsed(page).images if not alt or len(alt) < 20 or re.search(r"\.(svg|png)$", alt)
    ]
    assert poor == []


@each_page
def test_numbers_of_this_book_have_a_dot_and_the_paper_s_have_none(page):
    text = page.read_text(encoding="utf-8")
    numbers = re.findall(r'class="caption-number">\S+ (\S+)', text) + re.findall(r'class="eqno">\(([^)]*)\)', text)
    assert [number for number in numbers if not re.fullmatch(r"[A-Z]?\d+\.\d+", number)] == []


@each_page
def test_page_names_no_folder_of_the_machine_that_rendered_it(page):
    text = page.read_text(encoding="utf-8")
    assert "PosixPath" not in text and str(ROOT.parents[1]) not in text


@each_page
def test_page_is_light(page):
    files = {local(page, link) for link in parsed(page).loaded if "_images" in link or "explorer" in link}
    assert page.stat().st_size + sum(file.stat().st_size for file in files if file and file.is_file()) < LARGEST


@dataclass
class Visit:
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    widths: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    wrong_about_scrolling: list[str] = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def visit() -> Iterator[Callable[[Path], Visit]]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield cache(lambda page: visited(browser, page))
        browser.close()


def visited(browser: Browser, file: Path) -> Visit:
    seen = Visit()
    page = browser.new_page()
    page.on("request", lambda request: seen.asked.append(request.url))
    page.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(error.message))
    page.set_default_timeout(120_000)  # milliseconds, for a machine that has much to do
    page.goto(file.as_uri())
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())

    def note(where: str, call: str, **options: Any) -> None:
        found = page.evaluate(call, options | {"resultTypes": ["violations"], "preload": False})
        seen.violations += [f"{where}: {violation}" for violation in found]

    for place, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(UNFOLD)
        seen.widths[place] = page.evaluate("document.scrollingElement.scrollWidth")
        note(place, AXE, rules={rule: {"enabled": False} for rule in COLOURS})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
            note(f"{place}, {theme}", AXE_ON_COLOURS, runOnly=COLOURS)
    seen.wrong_about_scrolling, seen.cards = page.evaluate(WRONG_ABOUT_SCROLLING), page.evaluate(CARDS)
    page.close()
    return seen


@each_read
def test_browser_asks_nothing_of_the_network_and_reports_no_error(page, visit):
    seen = visit(page)
    assert [url for url in seen.asked if not re.match(r"(file|data|blob):", url)] == []
    assert seen.errors == []


@each_read
def test_page_is_no_wider_than_the_screen(page, visit):
    assert visit(page).widths == WIDTHS


@each_read
def test_what_scrolls_on_a_phone_says_so(page, visit):
    assert visit(page).wrong_about_scrolling == []


@pytest.mark.parametrize("chapter", [*OF_CHAPTER, SCOREBOARD])
def test_on_a_phone_a_claim_is_a_card_that_begins_with_its_verdicts(chapter, visit):
    cards = visit(ROOT / "book" / f"{chapter}.html").cards
    assert len(cards) >= len(OF_CHAPTER.get(chapter, all_claims()))
    for card in cards:
        claim, _, _, meant, established = card["tops"]
        assert max(meant, established) < claim and card["over"] <= 0


@each_read
def test_axe_finds_nothing_that_keeps_a_reader_out(page, visit):
    assert visit(page).violations == []
