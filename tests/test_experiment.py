import json

import numpy as np
import pytest
import xarray as xr

from neuronlib.ablation.curves import accuracy
from neuronlib.data.images import load
from neuronlib.experiment import run
from neuronlib.information.measuring import measure
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.training.training import train

SETTING = paper_setting("mnist-5k", hidden=(9, 6), epochs=2)


@pytest.fixture(scope="module")
def results():
    return run(SETTING, networks=3, random_orders=2, device="cpu")


def test_results_have_the_axes_of_the_house(results):
    assert list(results["curves"]) == ["1", "2", "whole"]
    for layer, neurons in (("1", 9), ("2", 6), ("whole", 15)):
        sizes = {"network": 3, "order": 8, "step": neurons + 1, "label": 10}
        assert dict(results["curves"][layer].sizes) == sizes
    assert results["measures"]["counts"].dims == ("network", "neuron", "value", "label")
    assert results["history"]["test_accuracy"].dims == ("network", "epoch")


def test_curves_are_whole_numbers_without_a_gap(results):
    for curves in results["curves"].values():
        assert curves.correct.dtype.kind == "i"
        assert curves.step.values.tolist() == list(range(curves.sizes["step"]))


def test_unablated_accuracy_is_that_of_the_last_epoch(results):
    last = results["history"]["test_accuracy"].isel(epoch=-1)
    for curves in results["curves"].values():
        start = accuracy(curves.to_dataset()).sel(step=0)
        np.testing.assert_array_equal(start, np.broadcast_to(last.values[:, None], start.shape))


def test_every_layer_is_tested_on_the_same_samples(results):
    for curves in results["curves"].values():
        assert curves.samples.dims == ("label",)
        assert curves.samples.sum() == 1000


def test_measures_are_of_the_validation_samples(results):
    assert (results["measures"]["counts"].sum(["value", "label"]) == 800).all()


def test_provenance_names_setting_versions_device_and_seconds(results):
    assert json.loads(results.attrs["setting"])["hidden"] == [9, 6]
    for name in ("networks", "neuronlib", "torch", "numpy", "device", "date", "training", "ablating"):
        assert name in results.attrs


def test_results_survive_the_way_to_disk(results, tmp_path):
    results.to_netcdf(tmp_path / "results.nc")
    with xr.open_datatree(tmp_path / "results.nc") as read:
        assert read.identical(results)


def test_a_network_has_the_same_results_whichever_others_there_are(results):
    fewer = run(SETTING, networks=2, layers=["1"], random_orders=1, device="cpu")
    same = results["measures"].to_dataset().sel(network=[0, 1])
    np.testing.assert_array_equal(fewer["measures"]["counts"], same["counts"])
    curves = results["curves"]["1"].correct.sel(network=[0, 1], order=fewer["curves"]["1"].order.values)
    np.testing.assert_array_equal(fewer["curves"]["1"].correct, curves)


def test_ablation_to_the_mean_differs_from_ablation_to_zero(results):
    mean = run(SETTING, networks=3, layers=["1"], replacement="mean", random_orders=2, device="cpu")
    mean_curves, zero = mean["curves"]["1"].correct, results["curves"]["1"].correct
    assert (mean_curves.sel(step=0) == zero.sel(step=0)).all()
    assert (mean_curves != zero).any()


def test_unknown_layers_and_replacements_are_refused_before_anything_is_trained():
    with pytest.raises(ValueError, match="expected a list of some of 1, 2, whole"):
        run(paper_setting("mnist-5k"), layers=["3"])
    with pytest.raises(ValueError, match="replacement = 'Mean'"):
        run(paper_setting("mnist-5k"), replacement="Mean")  # type: ignore[arg-type]


@pytest.mark.parametrize("cuts", ["quantile", "uniform"])
def test_finer_quantizers_refine_the_counts_of_the_samples(cuts):
    data = load("mnist-5k")
    networks, _ = train(paper_setting("mnist-5k", hidden=(6, 5), epochs=1), data, [0, 1], "cpu")
    measured = measure(networks, data.validation, 4, cuts)
    assert measured.sizes["value"] == 4
    np.testing.assert_array_equal(measured.counts.sum("value"), measure(networks, data.validation).counts.sum("value"))
    finer = measure(networks, data.validation, 8, cuts)
    if cuts == "uniform":
        # Eight equal intervals split four, so information does not fall; float64 rounds.
        assert (finer.mutual_information >= measured.mutual_information - 1e-12).all()
        np.testing.assert_array_equal(finer.counts.values.reshape(2, 11, 4, 2, 10).sum(axis=3), measured.counts.values)
