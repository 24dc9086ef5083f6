import math
from typing import Any

import pytest
import torch
from torch import nn

from neuronlib.networks.adopted import adopt


def test_adopted_networks_are_the_networks(trained):
    ensemble, data = trained
    adopted = adopt([ensemble.as_module(position) for position in range(3)])
    pixels = torch.from_numpy(data.test.pixels)
    torch.testing.assert_close(adopted.logits(pixels), ensemble.logits(pixels))
    assert adopted.setting.hidden == ensemble.setting.hidden and adopted.activation == ensemble.activation


@pytest.mark.parametrize(
    "parts",
    [
        [nn.Linear(4, 3)],
        [nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2)],
        [nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 3), nn.Sigmoid(), nn.Linear(3, 2)],
        [nn.Linear(4, 3), nn.Linear(3, 2)],
        [nn.ReLU(), nn.Linear(4, 3)],
        [nn.Linear(4, 3), nn.ReLU(), nn.BatchNorm1d(3), nn.Linear(3, 2)],
        [nn.Linear(4, 3), nn.BatchNorm1d(3, eps=0.1), nn.ReLU(), nn.Linear(3, 2)],
        [nn.Linear(4, 3), nn.BatchNorm1d(2), nn.ReLU(), nn.Linear(3, 2)],
        [nn.Linear(4, 3), nn.ReLU(), nn.Linear(5, 2)],
        [nn.LazyLinear(3), nn.ReLU(), nn.Linear(3, 2)],
        [],
    ],
)
def test_networks_of_other_kinds_are_not_adopted(parts):
    with pytest.raises(ValueError, match="cannot adopt"):
        adopt([nn.Sequential(*parts)])


def test_a_network_that_adds_to_a_row_of_layers_is_not_adopted():
    class Residual(nn.Sequential):
        def forward(self, pixels):
            return pixels + super().forward(pixels)

    with pytest.raises(ValueError, match="cannot adopt Residual"):
        adopt([Residual(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 4))])


def test_a_network_in_place_of_a_list_of_networks_is_named():
    network: Any = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    with pytest.raises(ValueError, match=r"adopt\(\[network\]\)"):
        adopt(network)


def test_networks_of_double_precision_are_adopted():
    module = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2)).double().eval()
    pixels = torch.rand(5, 4)
    with torch.no_grad():
        torch.testing.assert_close(adopt([module]).logits(pixels)[0], module(pixels.double()).float())


@pytest.mark.parametrize("weight", [math.nan, math.inf, 1e300])
def test_networks_whose_weights_are_no_numbers_are_not_adopted(weight):
    one, other = (nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)).double() for _ in range(2))
    nn.init.constant_(next(other.parameters()), weight)
    with pytest.raises(ValueError, match="network 1 has weights that are NaN or infinite"):
        adopt([one, other])


def test_networks_of_different_shapes_are_not_adopted_together():
    one, other = (nn.Sequential(nn.Linear(4, n), nn.ReLU(), nn.Linear(n, 2)) for n in (3, 5))
    with pytest.raises(ValueError, match="network 1 is of another shape"):
        adopt([one, other])
    with pytest.raises(ValueError, match="at least one"):
        adopt([])


def test_linear_maps_without_bias_are_adopted():
    module = nn.Sequential(nn.Flatten(), nn.Linear(4, 3, bias=False), nn.ReLU(), nn.Linear(3, 2))
    pixels = torch.rand(5, 4)
    torch.testing.assert_close(adopt([module]).logits(pixels)[0], module(pixels))
