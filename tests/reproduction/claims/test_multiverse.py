import dataclasses
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from neuronlib.reproduction.claims.multiverse import (
    EPOCHS,
    NETWORKS,
    OURS,
    Compared,
    agreement,
    by_choice,
    by_scaling,
    compare_claims,
    of_claims,
    repeated,
)
from neuronlib.reproduction.claims.table import all_claims
from neuronlib.reproduction.claims.verdicts import Answer
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.pages.figures.forest import forest, specification_curve
from neuronlib.reproduction.pages.tables.multiverse import (
    accuracy_by_choice,
    agreement_table,
    choices_table,
    claims_by_choice,
    nearest_choices,
)
from neuronlib.reproduction.store.results import NotStored


def test_every_choice_answers_the_same_claims_and_readings():
    both = compare_claims(by_scaling(10), ["N1", "N10", "Q14"])
    assert [(one.claim.id, one.reading) for one in both] == [
        ("N1", "MNIST"),
        ("N1", "Fashion-MNIST"),
        ("N10", "against random"),
        ("N10", "against the whole network"),
        ("Q14", "ReLU with Dropout"),
        ("Q14", "and all sigmoid"),
        ("Q14", "ReLU, and highest first better"),
    ]
    assert all(list(one.answers) == list(by_scaling(10)) for one in both)


def test_a_study_of_one_scaling_is_no_result_of_the_others():
    sources = by_scaling(10)
    assert sources["standard"].study("pruning-mnist-relu").attrs["digest"]
    for scaling in ("symmetric", "unit"):
        with pytest.raises(NotStored, match="pruning-mnist-relu: computed with standard inputs alone"):
            sources[scaling].study("pruning-mnist-relu")
    (q50,) = compare_claims(sources, ["Q50"])
    assert [answer.verdict == "open" for answer in q50.answers.values()] == [False, True, True]


@pytest.mark.parametrize("architecture", ["mnist", "fashion", "small-fashion", "cifar10", "funnel-cifar10"])
def test_what_the_papers_figures_show_is_repeated(architecture):
    names = repeated(architecture)
    assert names and all(SETTINGS[name].panel for name in names)
    assert sorted(names) == sorted(repeated(architecture, "relu") + repeated(architecture, "sigmoid"))


CHOICES = list(by_choice())


def under(name: str, reading: str, *verdicts: Any, ours: float = float("nan")) -> Compared:
    claim = next(claim for claim in all_claims() if claim.id == name)
    answered = {
        choice: Answer(verdict=verdict, finding=finding, ours=ours + place, setting="mnist-relu-dropout")
        for place, (choice, (verdict, finding)) in enumerate(zip(CHOICES, verdicts, strict=True))
    }
    return Compared(claim, reading, answered)


HOLDS, FAILS, OPEN = ("reproduced", "established"), ("not reproduced", "refuted"), ("open", "open")


def test_there_are_three_scalings_by_three_numbers_of_epochs_and_the_books_is_one():
    assert len(CHOICES) == 9 == 3 * len(EPOCHS)
    assert OURS in CHOICES


def test_every_choice_has_as_many_networks():
    for name in ("mnist-relu-dropout", "small-fashion-relu-l2", "cifar10-relu-l2"):
        numbers = {source(name).attrs["networks"] for source in by_choice().values() if source.has(name)}
        assert numbers == {NETWORKS[SETTINGS[name].dataset]}


def test_a_claim_holds_under_a_choice_where_one_of_its_readings_does():
    first, second = under("Q14", "one", *[HOLDS] * 4, *[FAILS] * 5), under("Q14", "other", *[FAILS] * 3, *[HOLDS] * 6)
    assert set(of_claims([first, second])["Q14"].values()) == {HOLDS}


def test_claims_are_counted_by_how_many_choices_they_hold_under():
    compared = [
        under("Q1", "", *[HOLDS] * 9),
        under("Q2", "", *[FAILS] * 9),
        under("Q3", "", *[HOLDS] * 8, FAILS),
        under("Q4", "", *[HOLDS] * 8, OPEN),
    ]
    rows = [row.strip("| ").split(" | ") for row in choices_table(compared).data.splitlines()[2:]]
    assert [row[1:] for row in rows] == [["1", "1", "1", "1"]] * 2
    (row,) = claims_by_choice(compared).data.splitlines()[2:]
    assert "**Q3**" in row and row.count("✔\N{NO-BREAK SPACE}✔") == 8
    assert claims_by_choice(compared[:2]).data == "None so far."


def test_agreement_is_the_mean_distance_of_the_nearest_readings():
    # Of N2, -51.2, one reading is 1.2 off under the first choice, and the other farther; of N5, +21.9, it is 0.1.
    compared = [
        under("N2", "", *[HOLDS] * 9, ours=-50.0),
        under("N2", "other", *[HOLDS] * 9, ours=-20.0),
        under("N5", "", *[HOLDS] * 9, ours=22.0),
        under("Q1", "", *[HOLDS] * 9, ours=3.0),
    ]
    distances = agreement(compared, "mnist")
    assert distances[CHOICES[0]] == pytest.approx((1.2 + 0.1) / 2)
    assert distances[CHOICES[3]] == pytest.approx((4.2 + 3.1) / 2)
    assert all(distance != distance for distance in agreement(compared, "cifar10").values())
    rows = agreement_table(compared).data.splitlines()[2:]
    assert "**0.7**" in rows[0] and sum("**" in row for row in rows) == 1
    assert all("| – |" in row for row in rows)  # of Fashion-MNIST there is none
    assert [row for row in rows if "▸" in row] == [rows[CHOICES.index(OURS)]]


def test_the_nearest_choice_is_named_and_whether_it_is_the_same_for_all():
    fashion = dataclasses.replace(
        under("N13", "", *[HOLDS] * 9),
        answers={
            choice: Answer(verdict="reproduced", finding="small", ours=15.2 + 8 - place, setting="fashion-relu-l2")
            for place, choice in enumerate(CHOICES)
        },
    )
    mnist = under("N2", "", *[HOLDS] * 9, ours=-51.2)
    told = nearest_choices([mnist, fashion]).data
    assert f"for MNIST it is *{CHOICES[0]}*; for Fashion-MNIST it is *{CHOICES[8]}*; not the same for all" in told
    assert f"*{OURS}*, is the nearest for none" in told
    assert "the same for all, *standard, 8 epochs*" in nearest_choices([mnist]).data
    assert nearest_choices([under("Q1", "", *[HOLDS] * 9)]).data == "No choice has all numbers yet."


def test_accuracies_are_tabulated_under_every_choice():
    (row,) = accuracy_by_choice(by_choice(), ["small-fashion-relu-l2"]).data.splitlines()[2:]
    assert row.count("(10)") + row.count("not yet") == 9 and row.count("(10)") >= 3


def test_a_forest_has_the_papers_number_its_prediction_and_ours_in_each_row():
    source = StoredResults()
    figure = forest(source)
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    # Each begins with the claim and its setting.
    assert [row.partition("\n")[0] for row in rows[:3]] == [
        "N1: mnist-relu-l2",
        "N1: fashion-relu-l2",
        "N2: mnist-relu-dropout",
    ]
    assert len(rows) == 17
    plt.close(figure)


def test_a_specification_curve_has_a_panel_for_each_number_and_a_point_for_each_choice():
    compared = [under("N2", "", *[HOLDS] * 9, ours=-50.0), under("N5", "", *[HOLDS] * 9, ours=22.0)]
    figure = specification_curve(compared)
    shown = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title().partition(":")[0] for axes in shown] == ["N2", "N5"]
    points: list[Any] = [line for line in shown[0].lines if np.size(line.get_xdata()) == 1]
    assert [float(line.get_ydata()[0]) for line in points if line.get_markersize() == 5] == [
        -50.0 + k for k in range(9)
    ]
    plt.close(figure)
