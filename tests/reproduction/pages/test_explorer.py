import csv
import json
import re
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

import pytest
from chromium import found
from playwright.sync_api import sync_playwright

from neuronlib.ablation.curves import compare_with_random
from neuronlib.common.choices import DIRECTIONS, MEASURES
from neuronlib.reproduction.analysis.composition import layer_shares
from neuronlib.reproduction.analysis.effects import curves_of
from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.pages.explorer import BINS, explorable, write_explorer
from neuronlib.reproduction.pages.tables.numbers import p_value, signed
from neuronlib.reproduction.store.paths import BOOK
from neuronlib.reproduction.store.results import NotStored

NAME = "small-fashion-relu-dropout"
MISSING = "mnist-relu-none"
CHROMIUM = found()
ROUNDED = 0.006  # percentage points; the page's numbers have two digits


class Unfinished(StoredResults):
    """The store as it is before one of the settings is computed."""

    def __call__(self, name, replacement="zero", values=2):
        if name == MISSING:
            raise NotStored(name)
        return super().__call__(name, replacement, values)


@pytest.fixture(scope="module")
def source() -> StoredResults:
    return Unfinished()


def test_numbers_are_those_of_the_paper_s_tests(source):
    shown = explorable(source, NAME)
    for replacement in ("zero", "mean"):
        for layer in ("1", "2", "whole"):
            accuracies = curves_of(source(NAME, replacement), layer)
            part = shown["ablations"][replacement][layer]
            for at, step in enumerate(part["steps"][1:10:3], start=1):
                at = part["steps"].index(step)
                expected = compare_with_random(accuracies, "mutual_information", "high", step)
                order = part["orders"]["mutual_information high"]
                assert order["gap"][at] == pytest.approx(100 * expected.mean, abs=ROUNDED)
                assert (order["low"][at], order["high"][at]) == pytest.approx(
                    [100 * end for end in expected.interval], abs=ROUNDED
                )
                # Shown to two digits.
                assert order["p"][at] == pytest.approx(expected.p_value, rel=0.05)


def test_histograms_hold_every_neuron_of_every_network_and_layers_share_their_bins(source):
    shown = explorable(source, NAME)
    for measure, histograms in shown["neurons"].items():
        assert len(histograms["edges"]) == BINS + 1
        largest = max(float(neurons(source(NAME), measure, layer).max()) for layer in ("1", "2"))
        assert histograms["edges"][-1] == pytest.approx(largest, abs=1e-5)  # written with five digits
        for counts in histograms["counts"].values():
            assert len(counts) == BINS and sum(counts) == 20 * shown["networks"]


def test_layers_of_the_first_neurons_are_those_that_the_orders_take(source):
    composition = explorable(source, NAME)["composition"]
    shares = layer_shares(source(NAME)).mean("network")
    assert composition["steps"][-1] == 40
    for order, of_layer in composition["orders"].items():
        for layer, values in zip(("1", "2"), of_layer, strict=True):
            expected = 100 * shares.sel(order=order, layer=layer, step=composition["steps"]).values
            assert values == pytest.approx(expected, abs=0.051)  # written with one digit


@pytest.fixture(scope="module")
def written(source, tmp_path_factory) -> tuple[Path, list[str]]:
    """The folder of the scripts, and the settings that are said to be there."""
    folder = tmp_path_factory.mktemp("scripts")
    return folder, write_explorer(source, folder)


def test_scripts_are_json_and_small(written):
    folder, there = written
    assert there == [name for name in SETTINGS if name != MISSING]
    for name in there:
        text = (folder / f"{name}.js").read_text()
        assert len(text) < 300_000
        content = re.fullmatch(r"neuronlibExplorer\.receive\((.*)\);\n", text)
        assert content is not None and json.loads(content[1])["name"] == name


@pytest.fixture(scope="module")
def page(written, tmp_path_factory) -> Path:
    """The explorer by itself, without the book around it."""
    root = tmp_path_factory.mktemp("html")
    scripts = root / "_static" / "explorer"
    shutil.copytree(written[0], scripts)
    for name in ("bokeh.min.js", "bokeh-api.min.js"):
        (scripts / name).write_bytes((files("bokeh") / "server" / "static" / "js" / name).read_bytes())
    shutil.copy(BOOK / "_ext" / "explorer.js", scripts)
    source = re.search(r"```\{raw\} html\n(.*?)```", (BOOK / "explorer.md").read_text(), re.S)
    assert source is not None
    (root / "book").mkdir()
    html = f'<!doctype html><html><head><meta charset="utf-8"></head><body>{source[1]}</body></html>'
    (root / "book" / "explorer.html").write_text(html)
    return root / "book" / "explorer.html"


@pytest.fixture(scope="module")
def rendered(page) -> Iterator[Callable[[str], str]]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)

        def visited(link: str) -> str:
            tab = browser.new_page()
            tab.goto(f"{page.as_uri()}#{link}")
            tab.wait_for_selector("#explorer-said:not(:empty), #explorer-about:not(:empty)")
            html = tab.content()
            tab.close()
            return html

        yield visited
        browser.close()


def cells(html: str) -> list[list[str]]:
    """The rows of the table under the slider."""
    body = re.search(r'<tbody id="explorer-read">(.*?)</tbody>', html, re.S)
    assert body is not None
    return [re.findall(r"<td>(?:<svg.*?</svg>)?\s*(.*?)</td>", row) for row in re.findall("<tr>(.*?)</tr>", body[1])]


def said(html: str) -> str:
    found = re.search(r'<p id="explorer-said"[^>]*>(.*?)</p>', html)
    assert found is not None
    return found[1]


def gap(comparison) -> str:
    low, high = (signed(100 * end) for end in comparison.interval)
    return f"{signed(100 * comparison.mean)} [{low}, {high}]"


def test_a_link_leads_to_its_curve_and_the_page_says_its_numbers(source, rendered):
    html = rendered(f"{NAME}/1/mi/high/zero")
    accuracies = curves_of(source(NAME), "1")
    # Without a number in the link the slider stands at 80, of which this layer has not as many.
    expected = compare_with_random(accuracies, "mutual_information", "high", 20)
    assert f"After 20 of 20 ablated neurons, {source(NAME).attrs['networks']} networks:" in html
    order, _, shown, p = cells(html)[0]
    assert (order, shown, p) == ("mutual information, highest first", gap(expected), p_value(expected.p_value))
    assert [row[0] for row in cells(html)] == ["mutual information, highest first", "random"]
    assert said(html) == "" and "bk-" in html


def test_several_orders_and_the_slider_are_read_from_the_link(source, rendered):
    name = "mnist-relu-dropout"
    html = rendered(f"{name}/whole/h+kl/low+high/zero/120")
    accuracies = curves_of(source(name), "whole")
    assert [row[2] for row in cells(html)[:-1]] == [
        gap(compare_with_random(accuracies, measure, direction, 120))
        for measure in MEASURES
        if measure != "mutual_information"
        for direction in DIRECTIONS
    ]
    # One figure for each order says from which layers its neurons are; others show each layer's distribution.
    places = re.split(r'<div id="explorer-(composition|neurons)"', html)
    assert [text.count("bk-Figure") for text in places[2::2]] == [4, 4]


def test_curves_can_be_downloaded_as_they_are_shown(source, rendered):
    html = rendered(f"{NAME}/2/h/low+high/mean")
    link = re.search(r'id="explorer-csv" href="data:text/csv;charset=utf-8,([^"]*)" download="([^"]*)"', html)
    assert link is not None
    assert link[2] == f"{NAME}_2_h_low-high_mean.csv"
    rows = list(csv.DictReader(unquote(link[1]).splitlines()))
    shown = explorable(source, NAME)
    part = shown["ablations"]["mean"]["2"]
    for direction in ("low", "high"):
        of_order = [row for row in rows if row["order"] == direction]
        line = part["orders"][f"entropy {direction}"]
        assert {(row["measure"], row["networks"]) for row in of_order} == {("entropy", str(shown["networks"]))}
        assert [int(row["ablated_neurons"]) for row in of_order] == part["steps"]
        for name, values in (
            ("accuracy_percent", line["mean"]),
            ("accuracy_deviation", line["sd"]),
            ("random_percent", part["random"]["mean"]),
            ("random_deviation", part["random"]["sd"]),
            ("gap_points", line["gap"]),
            ("gap_low", line["low"]),
            ("gap_high", line["high"]),
            ("p_value", line["p"]),
        ):
            assert [float(row[name]) for row in of_order] == values


def test_what_has_not_been_computed_is_said_and_not_drawn(rendered):
    html = rendered(f"{MISSING}/1/mi/low")
    assert said(html) == f"{MISSING} has not been computed yet; choose another setting." and cells(html) == []


@pytest.mark.parametrize(
    ("link", "line"),
    [
        (
            "nonsense",
            "The link's setting “nonsense” is unknown; expected one such as mnist-relu-dropout. Choose above.",
        ),
        (
            "mnist-relu-dropout/3/mi",
            "The link's layer of mnist-relu-dropout “3” is unknown; expected one of 1, 2, whole. Choose above.",
        ),
        (
            "mnist-relu-dropout/1/entropy/low",
            "The link's measure “entropy” is unknown; expected h, mi, kl, or several joined by +. Choose above.",
        ),
        (
            "mnist-relu-dropout/1/mi/lowest",
            "The link's order “lowest” is unknown; expected low, high, or several joined by +. Choose above.",
        ),
        (
            "mnist-relu-dropout/1/mi/low/median",
            "The link's replacement “median” is unknown; expected one of zero, mean. Choose above.",
        ),
        (
            "mnist-relu-dropout/1/mi/low/zero/many",
            "The link's number of ablated neurons is “many”; expected a whole number. Choose above.",
        ),
        (
            "mnist-relu-dropout/1/mi/low/zero/101",
            "The link asks for 101 ablated neurons, where no accuracy was computed; the nearest number is 100.",
        ),
        (
            "mnist-relu-dropout/1/mi/low/zero/80/9",
            "The link has 7 parts; expected at most six, SETTING/LAYER/MEASURES/ORDERS/REPLACEMENT/STEP. Choose above.",
        ),
        (
            "%E0%A4%A",
            "The link cannot be decoded; expected SETTING/LAYER/MEASURES/ORDERS/REPLACEMENT/STEP. Choose above.",
        ),
    ],
)
def test_a_link_that_leads_nowhere_says_so_in_one_line_and_draws_nothing(rendered, link, line):
    html = rendered(link)
    assert said(html) == line
    assert cells(html) == [] and "bk-Figure" not in html
