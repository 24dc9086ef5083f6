import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from neuronlib.ablation.orders import ablation_orders, class_balanced, class_balanced_orders, ranked
from neuronlib.common.choices import MEASURES
from neuronlib.information.labelled import by_neuron
from neuronlib.information.measures import specific_information


def measured(networks=(0, 1, 2), widths=(6, 4), seed=0):
    random = np.random.default_rng(seed)
    # Rounded, so that there are ties.
    values = {name: (("network", "neuron"), random.random((len(networks), sum(widths))).round(1)) for name in MEASURES}
    layers = np.repeat([str(i + 1) for i in range(len(widths))], widths)
    return xr.Dataset(values, coords={"network": list(networks), "layer": ("neuron", layers)})


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_low_ascends_and_high_descends(values):
    array, ties = np.array(values, dtype=float), np.arange(len(values))[::-1].copy()
    assert (np.diff(array[ranked(array, "low", ties)]) >= 0).all()
    assert (np.diff(array[ranked(array, "high", ties)]) <= 0).all()


def test_ties_follow_their_permutation_in_both_directions():
    ties = np.array([1, 3, 0, 2])
    assert ranked(np.zeros(4), "low", ties).tolist() == ranked(np.zeros(4), "high", ties).tolist() == [2, 0, 3, 1]


def test_neuron_without_a_value_is_refused():
    with pytest.raises(ValueError, match="NaN"):
        ranked(np.array([0.1, np.nan]), "low", np.arange(2))


@pytest.mark.parametrize(("layer", "neurons"), [("1", range(6)), ("2", range(6, 10)), ("whole", range(10))])
def test_every_order_holds_every_neuron_of_its_layer_once(layer, neurons):
    orders = ablation_orders(measured(), layer, random_orders=4, seed=0)
    assert orders.dims == ("network", "order", "step")
    assert (np.sort(orders.values, axis=2) == list(neurons)).all()


@pytest.mark.parametrize("layer", ["1", "2", "whole"])
def test_measured_orders_follow_their_measure(layer):
    measures = measured()
    orders = ablation_orders(measures, layer, random_orders=1, seed=0)
    for name in MEASURES:
        for network in (0, 1, 2):
            values = measures[name].sel(network=network).values
            low, high = (orders.sel(network=network, order=f"{name} {way}").values for way in ("low", "high"))
            assert (np.diff(values[low]) >= 0).all()
            assert (np.diff(values[high]) <= 0).all()


def test_a_network_has_the_same_orders_whichever_others_there_are():
    many = measured()
    few = many.sel(network=[2, 0])
    assert ablation_orders(few, "1", 3, seed=0).equals(ablation_orders(many, "1", 3, seed=0).sel(network=[2, 0]))


def test_more_random_orders_begin_with_the_same():
    few, many = (ablation_orders(measured(), "1", count, seed=0) for count in (2, 5))
    assert many.isel(order=slice(len(few.order))).equals(few)


def test_random_orders_differ_between_orders_networks_layers_and_seeds():
    orders = ablation_orders(measured(widths=(30, 30)), "1", random_orders=2, seed=0)
    assert not np.array_equal(orders.sel(network=0, order="random 0"), orders.sel(network=0, order="random 1"))
    assert not np.array_equal(orders.sel(network=0, order="random 0"), orders.sel(network=1, order="random 0"))
    others = [ablation_orders(measured(widths=(30, 30)), layer, 2, seed) for layer, seed in (("2", 0), ("1", 1))]
    for other in others:
        first = other.sel(network=0, order="random 0").values % 30
        assert not np.array_equal(orders.sel(network=0, order="random 0"), first)


def test_random_orders_are_uniform():
    orders = ablation_orders(measured(widths=(4,)), "1", random_orders=2000, seed=0)
    random = orders.isel(order=orders.direction == "random").values
    firsts = np.bincount(random[:, :, 0].ravel(), minlength=4)
    # Five standard deviations of a count with chance 1/4 in 6000 draws.
    np.testing.assert_allclose(firsts, 1500, atol=5 * (6000 * 0.25 * 0.75) ** 0.5)


def test_unknown_layer_is_refused():
    with pytest.raises(ValueError, match="layer = '3': expected one of whole, 1, 2"):
        ablation_orders(measured(), "3", random_orders=1, seed=0)


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=9))
def test_class_balanced_order_holds_every_neuron_once_and_keeps_the_best_of_each_class(spectra):
    values = np.array(spectra, dtype=float)
    order = class_balanced(values, ties=np.arange(len(values)))
    assert sorted(order.tolist()) == list(range(len(values)))
    kept = order[::-1]
    for turn, neuron in enumerate(kept):
        left = kept[turn:]
        assert values[neuron, turn % 3] == values[left, turn % 3].max()


def test_class_balanced_order_breaks_ties_by_their_permutation():
    order = class_balanced(np.ones((4, 2)), ties=np.array([2, 0, 3, 1]))
    assert order.tolist() == [1, 3, 0, 2]


def test_class_balanced_order_refuses_neurons_without_a_value():
    with pytest.raises(ValueError, match="NaN"):
        class_balanced(np.array([[0.1, np.nan], [0.2, 0.3]]), np.arange(2))


def test_a_label_without_samples_takes_no_turn():
    spectra = np.array([[0.9, 0.0], [0.8, 0.0], [0.0, 0.1]])
    with_gaps = np.insert(spectra, [0, 1, 2], np.nan, axis=1)
    ties = np.arange(3)
    np.testing.assert_array_equal(class_balanced(with_gaps, ties), class_balanced(spectra, ties))


def test_ties_are_broken_at_random_in_each_network_and_by_the_seed():
    values = {name: (("network", "neuron"), np.zeros((3, 30))) for name in MEASURES}
    tied = xr.Dataset(values, coords={"network": [0, 1, 2], "layer": ("neuron", ["1"] * 30)})
    one, other = (ablation_orders(tied, "1", 0, seed).sel(order="entropy low").values for seed in (0, 1))
    assert not any(np.array_equal(row, np.arange(30)) for row in one)
    assert len({tuple(row) for row in [*one, *other]}) == 6
    # In the same way for all measures, so that what differs between them is not chance.
    orders = ablation_orders(tied, "1", 0, 0)
    assert (orders == orders.isel(order=0)).all()


def test_each_network_has_a_class_balanced_order_of_its_own():
    counts = np.random.default_rng(0).integers(0, 30, (2, 7, 2, 3)) + 1  # without ties
    orders = class_balanced_orders(by_neuron(counts, {"1": 3, "2": 4}, [5, 2]), "2", seed=0)
    for place, network in enumerate((5, 2)):
        expected = 3 + class_balanced(specific_information(counts[place, 3:]), np.arange(4))
        np.testing.assert_array_equal(orders.sel(network=network).values[0], expected)


def test_class_balanced_orders_refuse_an_unknown_layer():
    measured = by_neuron(np.array([[[[5, 0], [5, 0]]]]), {"1": 1}, [0])
    assert class_balanced_orders(measured, "1", seed=0).values.tolist() == [[[0]]]
    with pytest.raises(ValueError, match="layer = '2': expected one of whole, 1"):
        class_balanced_orders(measured, "2", seed=0)
