"""Facts about the openings and closings of chapters, and about what the figures of chapters share."""

import dataclasses
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.claims.claims import answers
from neuronlib.reproduction.claims.table import all_claims
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.pages import closings
from neuronlib.reproduction.pages.closings import CLOSINGS, closing
from neuronlib.reproduction.pages.figures.panels import curves, distributions, finish_curves
from neuronlib.reproduction.pages.tables.discussion import mark_paradox, mean_or_zero, mean_with_dropout
from neuronlib.reproduction.store.paths import BOOK

EMPTY = Path("nowhere")
CHAPTERS = sorted(BOOK.glob("s[1-5]_*.py"))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_of_the_paper_begins_with_three_aims_and_a_reading_time(chapter):
    opening = chapter.read_text().partition('# %% tags=["parameters"]')[0]
    (block,) = re.findall(r"```\{admonition\} In this chapter\n(.*?)# ```", opening, re.S)
    assert block.count("\n# - ") == 3
    assert re.search(r"\n# Reading time: about \d+ minutes", block)


def test_chapters_that_compare_networks_with_the_paper_end_with_what_these_say():
    for name in (*CLOSINGS, "s5_discussion"):
        text = (BOOK / f"{name}.py").read_text()
        assert text.count("# ## What these networks say\n") == 1, name
        assert text.index("# ## What these networks say") > text.index(
            "rp.claims_table" if name in CLOSINGS else "# ##"
        )


@pytest.mark.parametrize("chapter", CLOSINGS)
def test_a_closing_has_the_numbers_of_its_claims_and_one_lesson(chapter):
    source = StoredResults(networks=50)
    told = closing(source, chapter).data
    *lines, lesson = [line for line in told.splitlines() if line]
    assert 3 <= len(lines) <= 6
    assert lesson.startswith("**Take with you: ") and lesson.endswith("**")
    for said, line in zip(CLOSINGS[chapter].said, lines, strict=False):
        of = {reading: answer for _, reading, answer in answers(source, [said.claim])}
        answer = of[said.reading]
        assert f"(n = {answer.n}; {said.claim} " in line and line.endswith(f"{answer.verdict}).")


def test_a_closing_without_results_says_so_and_draws_no_lesson():
    told = closing(StoredResults(EMPTY), "s4_fig3_mnist").data
    assert "**Open.** N5: not computed yet" in told and "**New.** Not computed yet: mnist-relu-dropout." in told
    assert "do not bear out the book's lesson, since N5 is open and N6 is open" in told


def test_a_lesson_falls_with_the_verdict_that_it_rests_on(monkeypatch):
    changed = dataclasses.replace(CLOSINGS["s4_fig2_whole"], rests_on={"N2": "not reproduced"})
    monkeypatch.setitem(closings.CLOSINGS, "s4_fig2_whole", changed)
    told = closing(StoredResults(networks=50), "s4_fig2_whole").data
    assert told.endswith("**Take with you: these networks do not bear out the book's lesson, since N2 is reproduced.**")


def test_every_claim_is_one_plain_sentence():
    for claim in all_claims():
        assert claim.text.endswith(".") and len(claim.text.split()) <= 35, claim.id
        assert not re.search(r"\b(MI|KL sel|[RSWH]|L[1-4]) ", claim.text.replace("L2 ", "")), claim.id


def test_a_paradox_is_marked_and_the_largest_loss_of_the_mean_is_named():
    row = {"layer 1": np.full(5, 0.4), "layer 2": np.full(5, 0.2), "pooled": np.full(5, -0.1)}
    other = {**row, "pooled": np.full(5, 0.1)}
    assert list(mark_paradox({"a (5)": row, "b (5)": other})) == ["◆ a (5)", "b (5)"]
    differences = {
        "mnist-relu-dropout (5)": {"layer 1": np.full(5, -9.0), "pooled": np.full(5, -1.0)},
        "mnist-relu-dropout-batchnorm (5)": {"layer 1": np.full(5, 3.0), "pooled": np.full(5, -20.0)},
    }
    told = mean_or_zero(differences).data
    assert "less harmful than to zero in 1 of 4 cases, and more harmful in 3" in told
    assert "largest loss is −20.0" in told and "does not fit, if slight means below 5 points" in told
    assert "in 2 of 2 cases. The most extreme difference is −9.0" in mean_with_dropout(differences)
    slight = {"mnist-relu-l2 (5)": {"layer 1": np.full(5, 1.0)}}
    assert "fits these numbers" in mean_or_zero(slight).data
    assert mean_or_zero({}).data == "Not computed yet."


def test_a_distribution_is_the_share_of_neurons_with_at_most_a_value():
    source = StoredResults(networks=3)
    axes = distributions(plt.figure().gca(), source, "mnist-relu-dropout", "entropy")
    first = axes.lines[0]
    x, y = (np.asarray(data, float) for data in (first.get_xdata(), first.get_ydata()))
    values = neurons(source("mnist-relu-dropout"), "entropy", "1").ravel()
    # The line goes through 201 quantiles of 300 values; between two of them lies half a percent of the neurons.
    assert np.interp(0.5, x, y) == pytest.approx(100 * (values <= 0.5).mean(), abs=0.5)
    plt.close("all")


def test_curves_say_the_number_of_networks_once_and_fit_their_axes():
    source = StoredResults(networks=3)
    figure, grid = plt.subplots(1, 2)
    for axes, layer in zip(grid, "12", strict=True):
        curves(axes, source, "cifar10-relu-l2", layer)
    finish_curves(figure, source, ["cifar10-relu-l2"])
    assert figure.get_suptitle() == "3 networks in each panel"
    assert not any("3 networks" in axes.get_title() for axes in grid)
    assert {axes.get_ylim() for axes in grid} == {(0.0, 60.0)}
    assert all(float(tick).is_integer() for axes in grid for tick in axes.get_xticks())
    plt.close("all")
