from typing import Any

import pytest
import torch
from reference import module_for
from torch import nn

from neuronlib.common.config import Setting
from neuronlib.networks.initialization import initialize
from neuronlib.training.backpropagation import loss_and_gradients

REGULARIZERS: dict[str, dict[str, Any]] = {
    "none": {"dropout": ()},
    "dropout": {"dropout": (0.3, 0.4)},
    "batch normalization": {"dropout": (), "batch_norm": True},
    "dropout and batch normalization": {"dropout": (0.3, 0.4), "batch_norm": True},
}


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_gradients_are_those_of_autograd(regularizer, activation, smoothing):
    setting = Setting(
        hidden=(7, 5), activation=activation, seed=3, label_smoothing=smoothing, **REGULARIZERS[regularizer]
    )
    ensemble = initialize(setting, inputs=6, labels=4, networks=[2, 9])
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(2, 16, 6, generator=generator)
    labels = torch.randint(4, (2, 16), generator=generator)
    kept = torch.rand(2, 16, 12, generator=generator) > 0.35 if setting.dropout else None
    losses, gradients = loss_and_gradients(
        ensemble.layers, activation, setting.dropout, inputs, labels, kept, smoothing
    )
    for k, network in enumerate(ensemble.networks):
        masks = [] if kept is None else [kept[k, :, :7], kept[k, :, 7:]]
        module = module_for(setting, 6, 4, network, masks)
        each = nn.functional.cross_entropy(module(inputs[k]), labels[k], reduction="none", label_smoothing=smoothing)
        each.mean().backward()
        # Float32 sums of at most 16 terms in another order.
        torch.testing.assert_close(losses[k], each, rtol=1e-5, atol=1e-6)
        ours = [g[k].T if g.ndim == 3 else g[k] for g in gradients]
        for mine, parameter in zip(ours, module.parameters(), strict=True):
            torch.testing.assert_close(mine, parameter.grad, rtol=1e-4, atol=1e-6)
        running = [part for part in module if isinstance(part, nn.BatchNorm1d)]
        for layer, part in zip(ensemble.layers, running, strict=False):
            assert layer.normalization is not None
            torch.testing.assert_close(layer.normalization.running_mean[k], part.running_mean)
            torch.testing.assert_close(layer.normalization.running_variance[k], part.running_var)


def test_a_network_that_is_sure_of_the_label_has_no_gradient():
    ensemble = initialize(Setting(hidden=(3,), dropout=()), inputs=2, labels=4, networks=[0])
    ensemble.layers[-1].bias[0, 1] = 1000.0
    losses, gradients = loss_and_gradients(
        ensemble.layers, "relu", (), torch.ones(1, 5, 2), torch.ones(1, 5, dtype=torch.int64), None
    )
    assert losses.eq(0).all()
    assert all(gradient.eq(0).all() for gradient in gradients)
