import csv
import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

import pytest
from chromium import found

from neuronlib.ablation.curves import compare_with_random
from neuronlib.reproduction.analysis.effects import curves_of
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
                # Shown to two digits.
                assert order["p"][at] == pytest.approx(expected.p_value, rel=0.05)


def test_histograms_hold_every_neuron_of_every_network(source):
    shown = explorable(source, NAME)
    for of_layer in shown["neurons"].values():
        for histogram in of_layer.values():
            assert sum(histogram["counts"]) == 20 * shown["networks"]
            assert len(histogram["counts"]) == BINS == len(histogram["edges"]) - 1


def test_scripts_are_json_and_small(source, tmp_path):
    there = write_explorer(source, tmp_path)
    assert there == [name for name in SETTINGS if name != MISSING]
    for name in there:
        text = (tmp_path / f"{name}.js").read_text()
        assert len(text) < 300_000
        content = re.fullmatch(r"neuronlibExplorer\.receive\((.*)\);\n", text)
        assert content is not None and json.loads(content[1])["name"] == name


@pytest.fixture(scope="module")
def page(source, tmp_path_factory) -> Path:
    """The explorer by itself, without the book around it."""
    root = tmp_path_factory.mktemp("html")
    scripts = root / "_static" / "explorer"
    write_explorer(source, scripts)
    for name in ("bokeh.min.js", "bokeh-api.min.js"):
        (scripts / name).write_bytes((files("bokeh") / "server" / "static" / "js" / name).read_bytes())
    shutil.copy(BOOK / "_ext" / "explorer.js", scripts)
    source = re.search(r"```\{raw\} html\n(.*?)```", (BOOK / "explorer.md").read_text(), re.S)
    assert source is not None
    (root / "book").mkdir()
    html = f'<!doctype html><html><head><meta charset="utf-8"></head><body>{source[1]}</body></html>'
    (root / "book" / "explorer.html").write_text(html)
    return root / "book" / "explorer.html"


def rendered(page: Path, link: str) -> str:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom"]
    run = subprocess.run([*command, f"{page.as_uri()}#{link}"], capture_output=True, text=True, timeout=120, check=True)
    return run.stdout


def test_a_link_leads_to_its_curve_and_the_page_says_its_numbers(source, page):
    html = rendered(page, f"{NAME}/1/mi/high/zero")
    accuracies = curves_of(source(NAME), "1")
    # The slider stands at 80, of which this layer has not as many.
    expected = compare_with_random(accuracies, "mutual_information", "high", 20)
    assert f"MG@20 = {signed(100 * expected.mean)} points" in html
    assert f"{source(NAME).attrs['networks']} networks" in html and "bk-" in html


def test_another_layer_and_measure_are_read_from_the_link(source, page):
    name = "mnist-relu-dropout"
    expected = compare_with_random(curves_of(source(name), "whole"), "kl_selectivity", "low", 80)
    html = rendered(page, f"{name}/whole/kl/low/zero")
    assert f"MG@80 = {signed(100 * expected.mean)} points, p = {p_value(expected.p_value)}" in html


def test_a_curve_can_be_downloaded_as_it_is_shown(source, page):
    html = rendered(page, f"{NAME}/2/h/low/mean")
    link = re.search(r'id="explorer-csv" href="data:text/csv;charset=utf-8,([^"]*)" download="([^"]*)"', html)
    assert link is not None
    assert link[2] == f"{NAME}_2_h_low_mean.csv"
    rows = list(csv.DictReader(unquote(link[1]).splitlines()))
    part = explorable(source, NAME)["ablations"]["mean"]["2"]
    line = part["orders"]["entropy low"]
    assert [int(row["ablated_neurons"]) for row in rows] == part["steps"]
    for name, shown in (
        ("accuracy_percent", line["mean"]),
        ("accuracy_deviation", line["sd"]),
        ("random_percent", part["random"]["mean"]),
        ("random_deviation", part["random"]["sd"]),
        ("gap_points", line["gap"]),
        ("p_value", line["p"]),
    ):
        assert [float(row[name]) for row in rows] == shown


def test_what_has_not_been_computed_is_said_and_not_drawn(page):
    html = rendered(page, f"{MISSING}/1/mi/low")
    assert f"{MISSING} has not been computed yet." in html and "MG@" not in html


def test_a_link_that_makes_no_sense_shows_the_first_choice(page):
    assert "mnist-relu-dropout: 100-100 hidden neurons" in rendered(page, "nonsense/%3Cb%3E/9")
