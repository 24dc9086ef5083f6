import json

import numpy as np
import pytest
import xarray as xr

from neuronlib.ablation.curves import accuracy
from neuronlib.common.config import Experiment
from neuronlib.data.images import load
from neuronlib.experiment import measure, run
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.training.training import train


@pytest.fixture(scope="module")
def results():
    setting = paper_setting("mnist-5k", hidden=(9, 6), epochs=2)
    return run(Experiment(setting=setting, networks=3, random_orders=2, device="cpu"))


def test_results_have_the_axes_of_the_house(results):
    assert dict(results["curves"].sizes) == {
        "layer": 3,
        "network": 3,
        "order": 8,
        "step": 16,
        "label": 10,
    }
    assert results["curves"].layer.values.tolist() == ["1", "2", "whole"]
    assert results["measures"]["counts"].dims == ("network", "neuron", "value", "label")
    assert results["history"]["test_accuracy"].dims == ("network", "epoch")


def test_curves_end_where_their_layer_ends(results):
    correct = results["curves"].correct.sel(layer="2")
    assert correct.isel(step=slice(7)).notnull().all()
    assert correct.isel(step=slice(7, None)).isnull().all()


def test_accuracy_beyond_the_last_neuron_is_missing_and_not_zero(results):
    accuracies = accuracy(results["curves"].to_dataset())
    assert accuracies.sel(layer="2").isel(step=slice(7, None)).isnull().all()


def test_unablated_accuracy_is_that_of_the_last_epoch(results):
    start = accuracy(results["curves"].to_dataset()).sel(step=0)
    last = results["history"]["test_accuracy"].isel(epoch=-1)
    np.testing.assert_array_equal(start, np.broadcast_to(last.values[None, :, None], start.shape))


def test_every_layer_is_tested_on_the_same_samples(results):
    assert results["curves"]["samples"].dims == ("label",)
    assert results["curves"]["samples"].sum() == 1000


def test_measures_are_of_the_validation_samples(results):
    assert (results["measures"]["counts"].sum(["value", "label"]) == 800).all()


def test_provenance_names_setting_seed_versions_device_and_seconds(results):
    assert json.loads(results.attrs["setting"])["hidden"] == [9, 6]
    for name in ("digest", "seed", "networks", "neuronlib", "torch", "numpy", "device", "date", "training", "ablating"):
        assert name in results.attrs


def test_results_survive_the_way_to_disk(results, tmp_path):
    results.to_netcdf(tmp_path / "results.nc")
    with xr.open_datatree(tmp_path / "results.nc") as read:
        assert read.identical(results)


def test_a_network_has_the_same_results_whichever_others_there_are(results):
    setting = paper_setting("mnist-5k", hidden=(9, 6), epochs=2)
    fewer = run(Experiment(setting=setting, networks=2, random_orders=1, device="cpu"), layers=["1"])
    same = results["measures"].to_dataset().sel(network=[0, 1])
    np.testing.assert_array_equal(fewer["measures"]["counts"], same["counts"])
    orders = fewer["curves"].order.values
    curves = results["curves"].correct.sel(layer="1", network=[0, 1], order=orders).dropna("step")
    np.testing.assert_array_equal(fewer["curves"].correct.sel(layer="1"), curves)


def test_ablation_to_the_mean_differs_from_ablation_to_zero(results):
    setting = paper_setting("mnist-5k", hidden=(9, 6), epochs=2)
    mean = run(Experiment(setting=setting, networks=3, random_orders=2, replacement="mean", device="cpu"), layers=["1"])
    zero = results["curves"].correct.sel(layer="1").dropna("step")
    assert (mean["curves"].correct.sel(layer="1", step=0) == zero.sel(step=0)).all()
    assert (mean["curves"].correct.sel(layer="1") != zero).any()


def test_unknown_layers_are_refused():
    with pytest.raises(ValueError, match="expected some of 1, 2, whole"):
        run(Experiment(setting=paper_setting("mnist-5k")), layers=["3"])


@pytest.mark.parametrize("cuts", ["quantile", "uniform"])
def test_finer_quantizers_refine_the_counts_of_the_samples(cuts):
    data = load("mnist-5k")
    networks, _ = train(paper_setting("mnist-5k", hidden=(6, 5), epochs=1), data, [0, 1], "cpu")
    measured = measure(networks, data.validation, 10, 4, cuts)
    assert measured.sizes["value"] == 4
    np.testing.assert_array_equal(
        measured.counts.sum("value"), measure(networks, data.validation, 10).counts.sum("value")
    )
    finer = measure(networks, data.validation, 10, 8, cuts)
    if cuts == "uniform":
        # Eight equal intervals split four, so information does not fall; float64 rounds.
        assert (finer.mutual_information >= measured.mutual_information - 1e-12).all()
        np.testing.assert_array_equal(finer.counts.values.reshape(2, 11, 4, 2, 10).sum(axis=3), measured.counts.values)
