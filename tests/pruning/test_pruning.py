import itertools
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import neuronlib
from neuronlib.data.images import given
from neuronlib.networks.adopted import adopt
from neuronlib.pruning.joint import JOINT_CRITERIA
from neuronlib.pruning.pruning import prune
from neuronlib.pruning.selection import CRITERIA, select


def test_a_pruned_module_puts_out_what_the_masked_one_does(trained):
    ensemble, data = trained
    for position, layer in itertools.product(range(3), ("1", "2")):
        module = ensemble.as_module(position)
        alone = adopt([module])
        smaller = prune(module, "entropy", 0.5, layer, data, surgery="none")
        (kept,) = select("entropy", alone, data, layer).kept(alone.setting.hidden[int(layer) - 1] // 2)
        linear = [part for part in module if isinstance(part, nn.Linear)][int(layer)]
        masked = torch.zeros(linear.in_features)
        masked[kept] = 1
        with torch.no_grad():
            linear.weight *= masked
            inputs = torch.from_numpy(data.test.pixels)
            # float32: sums without the terms that are zero.
            torch.testing.assert_close(smaller(inputs), module(inputs), atol=1e-5, rtol=1e-4)
        assert sum(p.numel() for p in smaller.parameters()) < sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("criterion", [*CRITERIA, *JOINT_CRITERIA])
@pytest.mark.parametrize("surgery", ["none", "balance", "refit", "own"])
def test_every_criterion_prunes(trained, criterion, surgery):
    ensemble, data = trained
    module = ensemble.as_module(0)
    if surgery == "own" and criterion not in ("Srinivas-Babu", "NoiseOut", "DivNet"):
        with pytest.raises(ValueError, match="has none"):
            prune(module, criterion, 0.5, "1", data, surgery)
        return
    smaller = prune(module, criterion, 0.5, "1", data, surgery)
    assert smaller[0].out_features == ensemble.setting.hidden[0] // 2
    assert torch.isfinite(smaller(torch.from_numpy(data.test.pixels))).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"share": 1.0}, "share = 1.0: input should be less than 1"),
        ({"share": -0.1}, "share = -0.1: input should be greater than or equal to 0"),
        ({"share": 0.95}, "leaves none of the 4 neurons of layer 1"),
        ({"layer": "3"}, "layer = '3': expected one of '1'"),
        ({"layer": 1}, "layer = 1: expected a word in quotes"),
        ({"layer": "whole"}, "layer = 'whole': expected one of '1'"),
        ({"criterion": "entropy", "surgery": "none"}, "criterion = 'entropy': needs data"),
        ({"surgery": "balance"}, "surgery = 'balance': needs data"),
        ({"surgery": "refit"}, "surgery = 'refit': needs data"),
        ({"criterion": "size"}, "criterion = 'size': .*expected one of random, entropy"),
        ({"criterion": "mrmr"}, "criterion = 'mrmr': did you mean mRMR"),
        ({"criterion": "CMIM"}, "criterion = 'CMIM': needs data"),
        ({"surgery": "glue"}, "surgery = 'glue'"),
    ],
)
def test_impossible_pruning_is_refused(arguments, message):
    module = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 2))
    with pytest.raises(ValueError, match=message):
        neuronlib.prune(module, **{"criterion": "random", "surgery": "none"} | arguments)


def test_nothing_else_is_offered_by_the_package_itself():
    with pytest.raises(AttributeError, match="No neuronlib attribute prunes"):
        neuronlib.prunes  # type: ignore[attr-defined]  # noqa: B018


def test_the_network_that_is_pruned_stays_as_it_is_and_flattening_stays():
    module = nn.Sequential(nn.Flatten(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    smaller = neuronlib.prune(module, "outgoing weights", 0.5, surgery="none")
    assert smaller(torch.rand(3, 2, 2)).shape == (3, 2)
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())


def test_a_pruned_network_takes_what_the_whole_one_takes():
    inside = nn.Sequential(nn.Sequential(nn.Identity(), nn.Flatten(), nn.Linear(6, 5), nn.ReLU()), nn.Linear(5, 2))
    smaller = prune(inside.double(), "outgoing weights", surgery="none")
    assert smaller(torch.zeros(4, 2, 3, dtype=torch.float64)).shape == (4, 2)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"data": given(np.eye(5), [0, 1, 0, 1, 0])},
            "data of 5 features and labels to 1: the network takes 6 features",
        ),
        ({"data": given(np.eye(6), [1, 2, 1, 2, 1, 2])}, "labels to 2: .* has 2 outputs for labels from 0"),
        (
            {"data": (np.eye(6), np.zeros(6))},
            "data = .*: expected a data set, as nl.load or nl.given returns it",
        ),
        ({"share": "0.5"}, "share = '0.5': input should be a valid number"),
        ({"seed": 1.5}, "seed = 1.5: "),
    ],
)
def test_what_does_not_fit_a_network_is_refused_in_one_line(wrong, message):
    network = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 2))
    with pytest.raises(ValueError, match=message):
        neuronlib.prune(network, **{"data": given(np.eye(6), [0, 1] * 3)} | wrong)


def test_a_share_may_be_a_number_of_numpy():
    network = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 2))
    smaller: Any = prune(network, "outgoing weights", np.float32(0.5), surgery="none")  # type: ignore[arg-type]
    assert smaller[0].out_features == 2
