"""Which of the three parts of a data set decides what."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from reference import tiny_images

from neuronlib.ablation.cumulative import ablate, mean_outputs
from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.config import Setting
from neuronlib.data.images import Samples
from neuronlib.experiment import ablate_layers
from neuronlib.information.measuring import measure
from neuronlib.information.quantizers import quantile_thresholds, uniform_thresholds
from neuronlib.networks.ensemble import samples_on
from neuronlib.pruning.saliency import SCORES, counts_of_layer
from neuronlib.pruning.selection import CRITERIA, select
from neuronlib.reproduction.compute import replicate as replications
from neuronlib.reproduction.compute.compute import images
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.reproduction.design.studies import STUDIES
from neuronlib.training.training import train

SETTING = Setting(dataset="mnist-5k", hidden=(8, 6), dropout=(), batch_size=8, epochs=20)
LABELS = 3


@pytest.fixture(scope="module", params=["relu", "sigmoid"])
def trained(request):
    data = tiny_images(train=80)
    return *train(dataclasses.replace(SETTING, activation=request.param), data, range(3), "cpu"), data


def test_accuracies_of_a_history_are_of_the_samples_that_they_are_named_after(trained):
    ensemble, history, data = trained
    for name, samples in (("validation_accuracy", data.validation), ("test_accuracy", data.test)):
        expected = ensemble.accuracy(*samples_on(ensemble.device, samples))
        np.testing.assert_array_equal(history[name].isel(epoch=-1), expected)
    assert (history.validation_accuracy != history.test_accuracy).any()


def test_ablated_to_the_mean_neurons_put_out_their_mean_over_training_samples(trained):
    ensemble, _, data = trained
    measured = measure(ensemble, data.validation)
    means = mean_outputs(ensemble, data.train)
    seed = ensemble.setting.seed
    curves = ablate_layers(ensemble, data, measured, {"1": None, "2": None, "whole": None}, "mean", 2, seed)
    for scope, curve in curves.items():
        orders = ablation_orders(measured, scope, 2, ensemble.setting.seed)
        xr.testing.assert_equal(curve, ablate(ensemble, data.test, orders, means))


def test_balancing_in_a_replication_takes_means_over_training_samples(monkeypatch):
    setting = paper_setting("mnist-5k", "sigmoid", "l2", hidden=(8, 6), epochs=1)
    few = dataclasses.replace(STUDIES["replication-2layer"], setting=setting, networks=1, random_orders=1)
    seen = []

    def noted(ensemble, samples):
        seen.append(samples)
        return mean_outputs(ensemble, samples)

    monkeypatch.setattr(replications, "mean_outputs", noted)
    replications.replicate(few, device="cpu")
    assert [len(samples.labels) for samples in seen] == [len(images(setting).train.labels)]


def test_pruning_criteria_see_validation_samples_alone(trained):
    ensemble, _, data = trained
    black = Samples(np.zeros_like(data.test.pixels[:1]), data.test.labels[:1])
    blind = dataclasses.replace(data, test=black, train=black)
    for criterion in CRITERIA:
        seen, unseen = (select(criterion, ensemble, some, "1").kept(4) for some in (data, blind))
        np.testing.assert_array_equal(seen, unseen)
    for score in SCORES.values():
        np.testing.assert_array_equal(score.of(ensemble, blind, "1"), score.of(ensemble, data, "1"))
    np.testing.assert_array_equal(counts_of_layer(ensemble, blind, "1"), counts_of_layer(ensemble, data, "1"))


def test_a_curve_says_how_many_test_samples_each_label_has(trained):
    ensemble, _, data = trained
    orders = ablation_orders(measure(ensemble, data.validation), "1", 1, 0)
    curve = ablate(ensemble, data.test, orders)
    assert curve.samples.values.tolist() == [int((data.test.labels == label).sum()) for label in range(LABELS)]


def test_one_bit_neurons_are_cut_where_their_activation_function_has_its_middle(trained):
    ensemble, _, data = trained
    active = measure(ensemble, data.validation).counts.sel(value=1).sum("label")
    threshold = 0 if ensemble.activation == "relu" else 0.5
    np.testing.assert_array_equal(active, (ensemble.outputs(data.validation) > threshold).sum(axis=1))


@pytest.mark.parametrize(
    ("told", "thresholds_of"),
    [
        ({}, quantile_thresholds),
        ({"cuts": "quantile"}, quantile_thresholds),
        ({"cuts": "uniform"}, uniform_thresholds),
    ],
)
def test_finer_values_are_cut_as_told_and_else_at_quantiles(trained, told, thresholds_of):
    ensemble, _, data = trained
    counts = measure(ensemble, data.validation, 4, **told).counts.sum("label")
    outputs = ensemble.outputs(data.validation).swapaxes(1, 2).astype(np.float64)
    values = (outputs[..., None] > thresholds_of(outputs, 4)[..., None, :]).sum(axis=-1)
    for value in range(4):
        np.testing.assert_array_equal(counts.sel(value=value), (values == value).sum(axis=-1))
