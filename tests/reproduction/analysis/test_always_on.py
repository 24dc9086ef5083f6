import dataclasses

import numpy as np
import pytest
import xarray as xr

from neuronlib.common.choices import DIRECTIONS, MEASURES
from neuronlib.information.labelled import by_neuron
from neuronlib.reproduction.analysis.always_on import without_entropy
from neuronlib.reproduction.analysis.composition import orders_of
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.pages.tables.always_on import always_on_table, always_on_told
from neuronlib.reproduction.store.results import NotStored

DEAD, ON, VARYING = [[5, 5], [0, 0]], [[0, 0], [5, 5]], [[4, 1], [1, 4]]
LOST_WITH_ON, NETWORKS = 300, 6


def made_up(always_on: list[int], steps: list[int], matters: bool = True) -> xr.DataTree:
    """Networks of 8 neurons in layer 2, of which 6 have no entropy; ablating one that is always on costs 30 points."""
    layers = [[VARYING] + [ON] * number + [DEAD] * (6 - number) + [VARYING] for number in always_on]
    counts = np.array([[VARYING, VARYING, *layer] for layer in layers])
    kinds = [(measure, direction) for measure in MEASURES for direction in DIRECTIONS] + [("random", "random")]
    orders = {
        "order": [f"{measure} {direction}" for measure, direction in kinds[:-1]] + ["random 0"],
        "measure": ("order", [measure for measure, _ in kinds]),
        "direction": ("order", [direction for _, direction in kinds]),
    }
    correct = np.full((len(always_on), len(kinds), len(steps)), 1000)
    empty = xr.Dataset({"correct": (("network", "order", "step"), correct), "samples": 1000}, {"step": steps, **orders})
    measures = by_neuron(counts, {"1": 2, "2": 8}, range(len(always_on)))
    tree = xr.DataTree.from_dict({"measures": measures, "curves/2": empty})
    gone = orders_of(tree, "2").sel(order="entropy low").values
    is_on = (counts[..., 0, 0] == 0)[np.arange(len(always_on))[:, None], gone]
    cost = np.pad(is_on.cumsum(axis=1), [(0, 0), (1, 0)])[:, steps] * (LOST_WITH_ON if matters else 0)
    correct[:, 0] -= np.minimum(cost, 900)
    return tree


class One(StoredResults):
    def __init__(self, results: xr.DataTree):
        super().__init__()
        self._results = results

    def __call__(self, name, replacement="zero", values=2):
        if name != "made up":
            raise NotStored(name)
        return self._results


def test_only_always_on_neurons_cost_anything_and_all_of_it_falls_in_their_steps():
    found = without_entropy(made_up([0, 1, 2], steps=list(range(9))), "2")
    assert found.always_on.tolist() == [0, 1, 2]
    assert found.constant.tolist() == found.ablated.tolist() == [6, 6, 6]
    # Percent of 1000 samples in float64.
    np.testing.assert_allclose(found.lost, [0, 30, 60], atol=1e-9)
    np.testing.assert_allclose(found.lost_with_always_on, found.lost, atol=1e-9)
    assert found.lost_at_random.tolist() == [0, 0, 0]


def test_no_neuron_with_entropy_is_among_the_ablated_where_steps_are_coarse():
    found = without_entropy(made_up([1], steps=[0, 5, 8]), "2")
    assert found.ablated.tolist() == [5]


def test_what_is_lost_elsewhere_is_not_put_down_to_an_always_on_neuron():
    results = made_up([0, 1], steps=list(range(9)))
    results["curves/2"].correct.values[:, 0, 1:] -= 50
    found = without_entropy(results, "2")
    np.testing.assert_allclose(found.lost, [5, 35], atol=1e-9)
    on_goes_first = orders_of(results, "2").sel(order="entropy low", network=1).values[0] == 3
    # The loss of 5 points falls in the first step, in which the always-on neuron, number 3, may go.
    np.testing.assert_allclose(found.lost_with_always_on, [0, 30 + 5 * on_goes_first], atol=1e-9)


def test_the_table_has_a_row_for_each_number_and_intervals_from_five_networks_on():
    source = One(made_up([0] * 2 + [1] * 5 + [4], steps=list(range(9))))
    text = always_on_table(source, ["not there", "made up"], "2").data.splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text]
    assert [row[1:5] for row in rows] == [
        ["0", "2", "6.0 (6.0)", "0.0"],
        ["1", "5", "6.0 (6.0)", "30.0 [30.0,\N{NO-BREAK SPACE}30.0]"],
        ["3 or more", "1", "6.0 (6.0)", "90.0"],
    ]


@pytest.mark.parametrize(("matters", "said"), [(True, True), (False, False)])
def test_what_is_said_of_the_mechanism_depends_on_the_numbers(matters, said):
    told = always_on_told(One(made_up([0] + [1] * NETWORKS, list(range(9)), matters)), "made up", "2").data
    assert "14.29 % of the neurons without entropy are always on" in told  # 6 of 7 times 6
    assert ("mechanism that the paper names is there" in told) == said
    assert "as it is stated, Q42 does not hold" in told


def test_numbers_are_one_for_each_network():
    found = without_entropy(made_up([0, 1, 2], steps=list(range(9))), "2")
    assert all(getattr(found, field.name).shape == (3,) for field in dataclasses.fields(found))
