"""Facts about the rendered book, wherever NEURONLIB_PAGES says that it is; `.ci/run` builds it and says so."""

import os
import re
import shutil
import subprocess
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

ROOT = Path(os.environ.get("NEURONLIB_PAGES", "no pages")).absolute()
PAGES = sorted(path for path in ROOT.rglob("*.html") if "_static" not in path.parts)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_S_OWN = {
    *(f"{name}.google.com" for name in ("accounts", "android.clients", "clients2", "mtalk", "www")),
    *(f"{name}.googleapis.com" for name in ("content-autofill", "optimizationguide-pa", "update")),
    "redirector.gvt1.com",
}
"""Where the browser itself looks for updates and the time, whatever page it shows; no fonts, no scripts."""
LARGEST = 3_000_000
"""Bytes of a page with its figures; the theme's and MathJax's files, which all pages share, come to 3.4 million."""

pytestmark = pytest.mark.skipif(not PAGES, reason="NEURONLIB_PAGES names no rendered book")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


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
        if not target.exists() or (
            anchor and target.suffix == ".html" and page.name != "explorer.html" and anchor not in parsed(target).ids
        ):
            dead.append(link)
    assert dead == []


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
def test_page_is_light(page):
    files = {local(page, link) for link in parsed(page).loaded if "_images" in link or "explorer" in link}
    assert page.stat().st_size + sum(file.stat().st_size for file in files if file and file.is_file()) < LARGEST


@each_page
def test_browser_asks_nothing_of_the_network_and_reports_no_error(page, tmp_path):
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    log = tmp_path / "net.json"
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        f"--log-net-log={log}",
    ]
    command += ["--disable-component-update", "--disable-background-networking", "--virtual-time-budget=5000"]
    run = subprocess.run([*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and "</html>" in run.stdout
    said = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    assert [line for line in said if "error" in line.lower()] == []
    asked = set(re.findall(r'"url":"https?://([^/"]+)', log.read_text()))
    assert asked - CHROMIUM_S_OWN == set()
