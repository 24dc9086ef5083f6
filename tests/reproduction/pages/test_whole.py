from typing import Any

import numpy as np
import pytest

from neuronlib.reproduction.analysis.composition import Emptied, layer_shares
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.pages.figures.composition import composition
from neuronlib.reproduction.pages.tables.whole import both_orders_table, emptying_told, parts_table

NAME = "mnist-relu-dropout"


def one(gap: float, at_random: float = 0.0, chosen: float = 0.0, layer: str = "1") -> Emptied:
    around = np.array([-1.0, 0.0, 1.0])
    return Emptied(
        layer=layer,
        gone=0.9 + 0.01 * around,
        gap=gap + around,
        at_random=at_random + around,
        chosen=chosen + around,
        elsewhere=gap - at_random - chosen + 0 * around,
    )


@pytest.mark.parametrize(
    ("high", "said"),
    [
        (-40.0, "better in 0 of these 1, and worse in 1. So low values do not mark the neurons that matter"),
        (20.0, "better in 1 of these 1, and worse in 0. So both readings have cases of their own"),
    ],
)
def test_low_values_are_said_not_to_mark_importance_only_where_high_first_is_worse_too(high, said):
    parts: dict[Any, Any] = {
        (NAME, "entropy", "low"): one(-47, at_random=-50, chosen=3),
        (NAME, "entropy", "high"): one(high, at_random=-10, layer="2"),
    }
    told = emptying_told(parts).data
    assert said in told
    assert "taking the lowest is better in 1 of 1 orders" in told
    explained = "in ReLU networks with Dropout, it does so in 1 of " + ("2" if high < 0 else "1")
    assert explained in told


def test_tables_have_both_orders_of_a_measure_and_the_share_that_is_gone():
    parts: dict[Any, Any] = {
        (NAME, "entropy", way): one(-40, layer=layer) for way, layer in (("low", "1"), ("high", "2"))
    }
    (row,) = both_orders_table(parts).data.splitlines()[2:]
    assert (
        "| 101 |" in row
        and "90\N{NO-BREAK SPACE}%<br>layer\N{NO-BREAK SPACE}1" in row
        and "90\N{NO-BREAK SPACE}%<br>layer\N{NO-BREAK SPACE}2" in row
    )
    assert len(parts_table(parts, ["entropy"]).data.splitlines()) == 4
    assert len(parts_table(parts, ["kl_selectivity"]).data.splitlines()) == 2


def test_the_figure_shows_mean_shares_of_layer_1_in_percent_a_row_for_each_measure():
    source = StoredResults(networks=3)
    figure = composition(source, [NAME, "mnist-relu-l2"])
    shares = 100 * layer_shares(source(NAME)).sel(layer="1")
    assert len(figure.axes) == 6
    curves: list[Any] = list(figure.axes[0].lines)
    low, high, random = curves
    # Means in float64.
    np.testing.assert_allclose(low.get_ydata(), shares.sel(order="entropy low").mean("network"), atol=1e-9)
    np.testing.assert_allclose(high.get_ydata(), shares.sel(order="entropy high").mean("network"), atol=1e-9)
    of_random = shares.isel(order=np.flatnonzero(shares.measure == "random"))
    np.testing.assert_allclose(random.get_ydata(), of_random.mean(["order", "network"]), atol=1e-9)
