from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from reference import tiny_images

from neuronlib import plain
from neuronlib.ablation.cumulative import ablate, mean_outputs
from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.config import Setting
from neuronlib.data.images import Samples
from neuronlib.information.measuring import measure
from neuronlib.training.training import train

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "two layers": {"hidden": (7, 5), "dropout": (0.3, 0.4)},
    "one layer": {"hidden": (8,), "dropout": ()},
    "four layers": {"hidden": (6, 8, 5, 7), "dropout": ()},
    "sigmoid": {"hidden": (7, 5), "dropout": (), "activation": "sigmoid"},
    "batch normalization": {"hidden": (7, 5), "dropout": (0.3, 0.4), "batch_norm": True},
}


@pytest.fixture(scope="module", params=ARCHITECTURES)
def trained(request):
    setting = Setting(dataset="mnist-5k", batch_size=8, epochs=30, **ARCHITECTURES[request.param])
    data = tiny_images(train=80)
    ensemble, _ = train(setting, data, range(3), "cpu")
    pixels, labels = torch.from_numpy(data.test.pixels), torch.from_numpy(data.test.labels)
    return ensemble, data, measure(ensemble, data.validation), pixels, labels


def scopes(ensemble):
    return [str(i + 1) for i in range(len(ensemble.setting.hidden))] + ["whole"]


@pytest.mark.parametrize("replacement", ["zero", "mean", "a share of its output"])
def test_curves_equal_a_full_pass_for_each_step(trained, replacement):
    ensemble, data, measures, pixels, labels = trained
    means = mean_outputs(ensemble, data.train) if replacement == "mean" else None
    shares = torch.linspace(0, 1, measures.sizes["neuron"]).expand(3, -1) if "share" in replacement else None
    for layer in scopes(ensemble):
        orders = ablation_orders(measures, layer, random_orders=2, seed=0)
        curves = ablate(ensemble, data.test, orders, "zero" if means is None else means, remains=shares)
        for k, order in np.ndindex(3, orders.sizes["order"]):
            replaced = torch.zeros(measures.sizes["neuron"]) if means is None else means[k]
            kept = None if shares is None else shares[k]
            in_turn = orders.values[k, order].tolist()
            twin = plain.cumulative_ablation(ensemble.as_module(k), pixels, labels, in_turn, replaced, 3, kept)
            ours = curves.correct.values[k, order]
            # Rounding may move a near-tie: at most one of the 50 samples, and that in few of the points.
            assert np.abs(ours - twin).sum(axis=1).max() <= 1
            assert (ours != twin).any(axis=1).mean() <= 0.1


def test_the_first_half_of_a_whole_networks_order_is_the_first_half_of_its_curve(trained):
    ensemble, data, measures, pixels, labels = trained
    orders = ablation_orders(measures, "whole", 2, seed=0)
    half = orders.sizes["step"] // 2
    whole = ablate(ensemble, data.test, orders).correct
    first = ablate(ensemble, data.test, orders.isel(step=slice(half))).correct
    np.testing.assert_array_equal(first, whole.sel(step=slice(0, half)))


def test_no_ablated_neuron_leaves_the_accuracy_as_it_was(trained):
    ensemble, data, measures, pixels, labels = trained
    for layer in scopes(ensemble):
        curves = ablate(ensemble, data.test, ablation_orders(measures, layer, 1, seed=0))
        untouched = curves.correct.sel(step=0).sum("label") / curves.samples.sum()
        for order in untouched.order.values:
            np.testing.assert_array_equal(untouched.sel(order=order), ensemble.accuracy(pixels, labels))


def test_with_all_neurons_ablated_one_class_is_predicted_whatever_the_order(trained):
    ensemble, data, measures, pixels, labels = trained
    for layer in scopes(ensemble):
        curves = ablate(ensemble, data.test, ablation_orders(measures, layer, 3, seed=0))
        last = curves.correct.isel(step=-1)
        assert ((last > 0).sum("label") <= 1).all()
        assert (last == last.isel(order=0)).all()


def test_a_grid_holds_the_same_points(trained):
    ensemble, data, measures, pixels, labels = trained
    for layer in scopes(ensemble):
        orders = ablation_orders(measures, layer, 1, seed=0)
        every = ablate(ensemble, data.test, orders)
        grid = ablate(ensemble, data.test, orders, steps=[0, 2, 5])
        assert grid.step.values.tolist() == [0, 2, 5]
        # Several neurons at once are summed in another order: a near-tie may move, in few of the points.
        moved = np.abs(grid.correct - every.correct.sel(step=[0, 2, 5])).sum("label")
        assert moved.max() <= 1
        assert (moved > 0).mean() <= 0.1


def test_chunks_of_samples_add_up(trained, monkeypatch):
    ensemble, data, measures, pixels, labels = trained
    orders = ablation_orders(measures, "1", 1, seed=0)
    whole = ablate(ensemble, data.test, orders)
    monkeypatch.setattr("neuronlib.networks.ensemble._IN_CACHE", 500)
    chunked = ablate(ensemble, data.test, orders)
    # Products are rounded by the number of rows: a near-tie may move, in few of the points.
    moved = np.abs(whole.correct - chunked.correct).sum("label")
    assert moved.max() <= 1
    assert (moved > 0).mean() <= 0.1


def test_mean_outputs_are_the_modules_mean_outputs(trained):
    ensemble, data, _, _, _ = trained
    pixels = torch.from_numpy(data.train.pixels)
    expected = torch.cat([outputs.mean(dim=1) for outputs in ensemble.hidden_outputs(pixels)], dim=1)
    # float32: means of the same outputs, summed in another order.
    torch.testing.assert_close(mean_outputs(ensemble, data.train), expected, rtol=1e-5, atol=1e-6)


def test_ablating_a_dead_neuron_changes_nothing():
    data = tiny_images(train=80)
    ensemble, _ = train(
        Setting(dataset="mnist-5k", hidden=(7, 5), dropout=(), batch_size=8, epochs=5), data, range(2), "cpu"
    )
    ensemble.layers[0].bias[:, 3] = -1e4
    orders = xr.DataArray(
        np.tile([3, 0, 1, 2, 4, 5, 6], (2, 1, 1)), dims=("network", "order", "step"), coords={"network": [0, 1]}
    ).assign_coords(order=["dead first"], layer="1")
    curves = ablate(ensemble, data.test, orders)
    assert curves.correct.sel(step=1).equals(curves.correct.sel(step=0).assign_coords(step=1))


def test_orders_of_other_networks_and_impossible_steps_are_refused(trained):
    ensemble, data, measures, pixels, labels = trained
    orders = ablation_orders(measures, "1", 1, seed=0)
    with pytest.raises(ValueError, match="there are networks"):
        ablate(ensemble, data.test, orders.assign_coords(network=[0, 1, 5]))
    for steps in ([], [0, 0], [3, 2], [-1, 0], [0, 1000]):
        with pytest.raises(ValueError, match="increasing numbers from 0 to"):
            ablate(ensemble, data.test, orders, steps=steps)


def test_a_misspelt_replacement_and_labels_beyond_the_outputs_are_refused(trained):
    ensemble, data, measures, _, _ = trained
    orders = ablation_orders(measures, "1", 1, seed=0)
    with pytest.raises(
        ValueError, match="replacement = 'Mean': expected 'zero', or an output for each network and neuron"
    ):
        ablate(ensemble, data.test, orders, "Mean")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="labels to 3: the networks have 3 outputs"):
        ablate(ensemble, Samples(data.test.pixels, data.test.labels + 1), orders)
