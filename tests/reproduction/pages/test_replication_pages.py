from typing import Any

import numpy as np
import pytest

from neuronlib.reproduction.analysis.replications import (
    CONCLUSIONS,
    TO_ZERO,
    VARIANTS,
    distance,
    high_over_low,
    holds,
    variants_of,
)
from neuronlib.reproduction.pages.figures.replications import (
    conclusions_beside,
    last_layer_by_variant,
    layers_of,
    moved_by_faults,
    wrong_sign_against_information,
)
from neuronlib.reproduction.pages.tables.replications import balancing_table, conclusions_table, replications_told
from neuronlib.reproduction.store.results import stored_study

NAMES = ("replication-2layer", "replication-3layer")


@pytest.fixture(scope="module")
def replications():
    return {name: variants_of(stored_study(name)) for name in NAMES}


def marks(axes: Any) -> list[tuple[float, int]]:
    lines = [line for line in axes.lines if line.get_marker() != "None"]
    return [(float(line.get_xdata()[0]), round(float(line.get_ydata()[0]))) for line in lines]


def test_each_panel_of_conclusions_has_the_means_as_published_and_corrected(replications):
    figure = conclusions_beside(replications)
    for axes, trees in zip(figure.axes, replications.values(), strict=True):
        expected = [
            (conclusion.value(trees[variant]).mean(), row)
            for row, conclusion in enumerate(CONCLUSIONS)
            for variant in ("as published", "corrected")
        ]
        np.testing.assert_allclose(marks(axes), expected, atol=1e-9)  # means in float64


def test_the_last_layer_is_the_third_of_three_and_has_a_row_for_each_variant(replications):
    left, right = last_layer_by_variant(replications).axes
    assert right.get_title() == "replication-3layer, layer 3"
    assert [text.get_text() for text in left.get_yticklabels()] == [*VARIANTS, TO_ZERO]
    corrected = high_over_low(replications["replication-3layer"]["corrected"], "mutual_information", "3")
    assert (corrected.mean(), list(VARIANTS).index("corrected")) in marks(right)


def test_a_fault_moves_only_the_orders_that_it_touches(replications):
    trees = replications["replication-2layer"]
    figure = moved_by_faults(replications)
    rows = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    by_row: dict[str, list[float]] = {row: [] for row in rows}
    for value, row in marks(figure.axes[0]):
        by_row[rows[row]].append(value)
    lowest, highest, random = by_row["fresh subsets alone"]
    assert (lowest, highest) == (0, 0) and random > 0
    assert by_row["wrong sign alone"][2] == 0 < by_row["wrong sign alone"][1]
    moved = distance(trees["corrected"], trees["empty cells alone"], "mutual_information", "low", "1").mean()
    assert by_row["empty cells alone"][0] == pytest.approx(moved)


def test_every_neuron_of_the_first_network_is_a_point_or_a_cross(replications):
    figure = wrong_sign_against_information(replications)
    points = [[np.asarray(drawn.get_offsets()) for drawn in axes.collections] for axes in figure.axes]
    assert [len(np.concatenate(of_panel)) for of_panel in points] == [400, 600]
    assert layers_of(replications["replication-3layer"]["corrected"]) == ["1", "2", "3"]


def test_what_is_said_to_come_out_the_same_has_the_same_verdict_in_the_table(replications):
    rows = [row.split(" | ") for row in conclusions_table(replications).data.splitlines()[2:]]
    told = replications_told(replications).data
    for name in NAMES:
        same = sum(row[2].split(":")[0] == row[3].split(":")[0] for row in rows if name in row[0])
        assert f"{same} of 8 in {name}" in told
    first = replications["replication-2layer"]
    verdict = holds(high_over_low(first["corrected"], "mutual_information", "1"))
    assert (verdict == "no") == ("low mutual information first reverses" in told)


def test_ablation_to_zero_costs_accuracy_in_every_layer_and_the_whole_network_has_its_row(replications):
    rows = [row.split(" | ") for row in balancing_table(replications).data.splitlines()[2:]]
    assert [row[1] for row in rows] == ["1", "2", "whole", "1", "2", "3", "whole"]
    assert all(row[2].startswith("−") for row in rows)
