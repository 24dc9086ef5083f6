"""Networks of any class that keeps the interface are measured and ablated."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from reference import tiny_images
from torch import nn

import neuronlib as nl
from neuronlib.ablation.cumulative import Outputs


class Modules:
    """Keeps `Networks` with plain passes through ordinary modules of two hidden layers."""

    label_count, one_bit_threshold = 3, 0.0

    def __init__(self, modules: list[nn.Sequential], networks: tuple[int, ...]):
        self.modules, self.networks = modules, networks
        self.widths = {
            layer: modules[0][place].get_parameter("weight").shape[0] for layer, place in (("1", 0), ("2", 2))
        }

    def output_chunks(self, samples: nl.Samples) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        labels = torch.from_numpy(samples.labels)
        for inputs, of_chunk in zip(torch.from_numpy(samples.pixels).split(20), labels.split(20), strict=True):
            with torch.no_grad():
                both_layers = [torch.cat([part[:2](inputs), part[:4](inputs)], dim=1) for part in self.modules]
            yield torch.stack(both_layers), of_chunk

    def correct_when_ablated(self, samples, layer, orders, steps, replacement, remains):
        inputs, labels = torch.from_numpy(samples.pixels), torch.from_numpy(samples.labels)
        correct = np.zeros((*orders.shape[:2], len(steps), self.label_count), dtype=np.int64)
        for k, order in np.ndindex(orders.shape[:2]):
            constants = torch.zeros(sum(self.widths.values())) if replacement is None else replacement[k]
            curve = nl.plain.cumulative_ablation(
                self.modules[k],
                inputs,
                labels,
                orders[k, order].tolist(),
                constants,
                self.label_count,
                None if remains is None else remains[k],
            )
            correct[k, order] = curve[list(steps)]
        return correct


@pytest.fixture(scope="module")
def both():
    data = tiny_images(train=80)
    setting = nl.Setting(dataset="mnist-5k", hidden=(7, 5), dropout=(), batch_size=8, epochs=30)
    ensemble, _ = nl.train(setting, data, [0, 1, 4], "cpu")
    return ensemble, Modules([ensemble.as_module(k) for k in range(3)], (0, 1, 4)), data


def test_they_keep_the_interface_and_are_no_ensemble(both):
    _, modules, _ = both
    assert isinstance(modules, nl.Networks) and not isinstance(modules, nl.Ensemble)


@pytest.mark.parametrize("values", [2, 4])
def test_they_are_measured_as_an_ensemble_is(both, values):
    ensemble, modules, data = both
    of_modules, of_ensemble = (nl.measure(networks, data.validation, values) for networks in (modules, ensemble))
    np.testing.assert_array_equal(of_modules.counts.sum("value"), of_ensemble.counts.sum("value"))
    # Products of matrices round by their number of rows, which may move an output over a quantile.
    assert np.abs(of_modules.counts - of_ensemble.counts).max() <= (0 if values == 2 else 1)
    if values == 2:
        assert of_modules.identical(of_ensemble)


@pytest.mark.parametrize("layer", ["1", "2", "whole"])
@pytest.mark.parametrize("replacement", ["zero", "mean"])
def test_they_are_ablated_and_compared_as_an_ensemble_is(both, layer, replacement):
    ensemble, modules, data = both
    curves = []
    for networks in (modules, ensemble):
        orders = nl.ablation_orders(nl.measure(networks, data.validation), layer, random_orders=3)
        constants: Outputs = nl.mean_outputs(networks, data.train) if replacement == "mean" else "zero"
        curves.append(nl.accuracy(nl.ablate(networks, data.test, orders, constants)))
    of_modules, of_ensemble = curves
    # Rounding may move a near-tie: at most one of the 50 samples, and that in few of the points.
    moved = np.abs(of_modules - of_ensemble)
    assert moved.max() <= 1 / 50 + 1e-9 and (moved > 0).mean() <= 0.1
    of_one, of_other = (nl.compare_with_random(curve, "entropy", "low", step=3) for curve in curves)
    assert of_one.values.shape == (3,)
    np.testing.assert_allclose(of_one.values, of_other.values, atol=2 / 50 + 1e-9)
