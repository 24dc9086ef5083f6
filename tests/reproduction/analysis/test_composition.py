import numpy as np
import pytest
import xarray as xr

from neuronlib.ablation.cumulative import ablate
from neuronlib.common.choices import DIRECTIONS, MEASURES
from neuronlib.reproduction.analysis.composition import ablated_by_layer, emptied, layer_shares, orders_of
from neuronlib.reproduction.analysis.effects import gap
from neuronlib.reproduction.compute.compute import compute, images, networks_of
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.reproduction.store.encoding import decode

STORED = StoredResults(networks=5)
DROPOUT = "mnist-relu-dropout"


def by_hand() -> xr.DataTree:
    """One network of two neurons in layer 1, which tell less, and two in layer 2; accuracies that are easy to add."""
    kinds = [(measure, direction) for measure in MEASURES for direction in DIRECTIONS] + [("random", "random")]
    orders = {
        "order": [f"{measure} {direction}" for measure, direction in kinds[:-1]] + ["random 0"],
        "measure": ("order", [measure for measure, _ in kinds]),
        "direction": ("order", [direction for _, direction in kinds]),
    }

    def curves(ordered: list[int], random: list[int]) -> xr.Dataset:
        correct = (("network", "order", "step"), [[ordered] * 6 + [random]])
        return xr.Dataset({"correct": correct, "samples": 100}, {"step": range(len(random)), **orders})

    values = dict.fromkeys(MEASURES, (("network", "neuron"), [[0.1, 0.2, 0.3, 0.4]]))
    return xr.DataTree.from_dict(
        {
            "measures": xr.Dataset(values, {"network": [0], "layer": ("neuron", ["1", "1", "2", "2"])}),
            "curves/1": curves([90, 70, 40], [90, 60, 40]),
            "curves/2": curves([90, 80, 50], [90, 85, 50]),
            "curves/whole": curves([90, 70, 35, 20, 10], [90, 80, 65, 30, 10]),
        }
    )


def test_shares_by_hand_are_those_of_the_layers_among_the_first_neurons():
    shares = layer_shares(by_hand()).sel(layer="1", network=0)
    assert shares.sel(order="entropy low").values.tolist() == [1, 1, 2 / 3, 1 / 2]
    assert shares.sel(order="entropy high").values.tolist() == [0, 0, 1 / 3, 1 / 2]


@pytest.mark.parametrize("name", [DROPOUT, "cifar10-relu-l2"])
def test_shares_sum_to_one_and_at_the_end_are_those_of_the_widths(name):
    shares = layer_shares(STORED(name))
    # A sum of at most four fractions in float64.
    np.testing.assert_allclose(shares.sum("layer"), 1, atol=1e-12)
    layers, widths = np.unique(STORED(name)["measures"].layer, return_counts=True)
    assert shares.layer.values.tolist() == layers.tolist()
    assert (shares.isel(step=-1) == widths / widths.sum()).all()


def test_the_gap_by_hand_divides_into_its_three_parts():
    one = emptied(by_hand(), "entropy", "low", 2)
    assert one.layer == "1" and one.gone.tolist() == [1]
    # Whole: 35 ordered, 65 at random. Layer 1 without both of its neurons: 40, in either order.
    parts = {"gap": -30, "at_random": -25, "chosen": 0, "elsewhere": -5}
    # Percent of 100 samples, exact but for rounding in float64.
    assert {name: pytest.approx([value]) for name, value in parts.items()} == {
        name: getattr(one, name) for name in parts
    }
    assert emptied(by_hand(), "entropy", "high", 2).layer == "2"
    # Of three neurons that go first, both of layer 1; of the first one, only that one, and the better of the two.
    assert emptied(by_hand(), "entropy", "low", 1).chosen == pytest.approx([10])


@pytest.mark.parametrize(("measure", "direction"), [("entropy", "low"), ("kl_selectivity", "high")])
def test_the_parts_sum_to_the_gap(measure, direction):
    results = STORED(DROPOUT)
    one = emptied(results, measure, direction, 101)
    np.testing.assert_array_equal(one.gap, gap(results, "whole", measure, direction, 101))
    # Points of some tens in float64.
    np.testing.assert_allclose(one.at_random + one.chosen + one.elsewhere, one.gap, atol=1e-9)


def test_a_step_that_was_not_evaluated_is_refused():
    with pytest.raises(ValueError, match="step = 101: not evaluated in 'whole'"):
        emptied(STORED("cifar10-relu-l2"), "entropy", "low", 101)


def test_the_orders_drawn_again_are_those_that_were_ablated():
    job = Job(setting=paper_setting("mnist-5k", hidden=(6, 5), epochs=1), first=0, last=1, random_orders=2)
    results = decode(compute(job, device="cpu"))
    data = images(job.setting)
    networks, _ = networks_of(job, data, "cpu")
    for scope in ("1", "whole"):
        again = ablate(networks, data.test, orders_of(results, scope)).correct.sum("label")
        np.testing.assert_array_equal(again, results["curves"][scope].correct.transpose(*again.dims))


def test_counts_are_of_the_networks_and_orders_that_they_are_named_after():
    results = STORED(DROPOUT)
    orders = orders_of(results)
    counts = ablated_by_layer(results, orders)
    first = orders.sel(network=3, order="random 7").values[:40]
    assert counts.sel(network=3, order="random 7", step=40, layer="1") == (first < 100).sum()
