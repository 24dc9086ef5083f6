import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune, spectral_norm, weight_norm

from neuronlib.networks.adopted import adopt
from neuronlib.networks.watched import watch
from neuronlib.pruning.pruning import prune as pruned


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
    with pytest.raises(ValueError, match="network 1: '0.weight' holds (NaN|an infinite number, or one beyond float32)"):
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


def small() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))


def pruned_and_loaded() -> nn.Sequential:
    # Of the pruned weight, only its parts are loaded; it is put together when the network is first called.
    saved, loaded = small(), small()
    for part in saved[0], saved[2]:
        prune.l1_unstructured(part, "weight", 0.5)
        prune.random_unstructured(part, "bias", 0.5)
    for parameter in loaded.parameters():
        nn.init.normal_(parameter)
    for part in loaded[0], loaded[2]:
        prune.identity(part, "weight")
        prune.identity(part, "bias")
    loaded.load_state_dict(saved.state_dict())
    return loaded


def reweighted(wrap: Callable[[nn.Module], nn.Module]) -> nn.Sequential:
    # As after a step of training, which changes what the weight is made of.
    network = small()
    for part in network[0], network[2]:
        wrap(part)
    for parameter in network.parameters():
        nn.init.normal_(parameter)
    return network


RECOMPUTED = {
    "pruned": pruned_and_loaded,
    "weight_norm": lambda: reweighted(weight_norm),
    "spectral_norm": lambda: reweighted(spectral_norm),
    "parametrized weight_norm": lambda: reweighted(parametrizations.weight_norm),
    "parametrized spectral_norm": lambda: reweighted(parametrizations.spectral_norm),
    "orthogonal": lambda: reweighted(parametrizations.orthogonal),
}


@pytest.mark.filterwarnings("ignore:.*deprecated:FutureWarning")
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("make", RECOMPUTED.values(), ids=RECOMPUTED)
def test_weights_that_are_recomputed_at_each_call_are_taken_as_they_then_are(make, training):
    network, inputs = make().train(training), torch.randn(200, 4, generator=torch.Generator().manual_seed(1))
    before = torch.get_rng_state()
    adopted = adopt([network])
    torch.testing.assert_close(torch.get_rng_state(), before)
    same = pruned(network, "outgoing weights", share=0, surgery="none")
    assert network.training is training and network[0].training is training
    expected = network.eval()(inputs)
    torch.testing.assert_close(adopted.logits(inputs)[0], expected)
    torch.testing.assert_close(same(inputs), expected)


class AlwaysDropping(nn.Dropout):
    """As in Monte Carlo dropout, in evaluation mode too."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return nn.functional.dropout(inputs, training=True)


def without_one(_module: nn.Module, _inputs: Any, outputs: torch.Tensor) -> torch.Tensor:
    mask = torch.ones(outputs.shape[1])
    mask[1] = 0
    return outputs * mask


@pytest.mark.parametrize("place", [0, 1, 2, 3, None])
def test_a_network_that_a_hook_changes_is_refused_in_one_line(place):
    network = small().insert(1, nn.Dropout())
    module = network if place is None else network[place]
    handle = module.register_forward_hook(without_one)
    for call in (lambda: adopt([network]), lambda: pruned(network, surgery="none", criterion="random")):
        with pytest.raises(ValueError, match=r"\Acannot adopt.* something else.*hook.*\Z"):
            call()
    handle.remove()
    assert adopt([network]).setting.hidden == (6,)
    module.register_forward_pre_hook(lambda _module, inputs: (2 * inputs[0] + 1,))
    with pytest.raises(ValueError, match=r"\Acannot adopt.* something else.*hook.*\Z"):
        adopt([network])


def test_a_hook_that_only_looks_does_no_harm():
    network, seen = small(), []
    network[1].register_forward_hook(lambda _module, _inputs, outputs: seen.append(outputs))
    inputs = torch.randn(5, 4)
    torch.testing.assert_close(adopt([network]).logits(inputs)[0], network(inputs))


@pytest.mark.parametrize("part", [AlwaysDropping(), nn.Flatten(0), nn.Flatten(2)])
def test_what_is_left_out_has_to_do_nothing(part):
    with pytest.raises(ValueError, match=f"cannot adopt {type(part).__name__}"):
        adopt([small().insert(0, part)])


def test_a_network_whose_method_was_replaced_is_refused():
    network = small()
    network[0].forward = lambda inputs: -nn.Linear.forward(network[0], inputs)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cannot adopt Linear.*something else"):
        adopt([network])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_networks_of_half_precision_are_adopted(dtype):
    network, inputs = small().to(dtype), torch.randn(100, 4)
    # Weights are the same numbers; outputs are rounded to 8 bits in one of the networks.
    torch.testing.assert_close(
        adopt([network]).logits(inputs)[0], network(inputs.to(dtype)).float(), atol=0.05, rtol=0.05
    )


def compiled_in_place() -> nn.Module:
    network = small()
    network.compile()
    return network


@pytest.mark.parametrize(
    "wrap",
    [
        nn.DataParallel,
        torch.compile,
        lambda _network: compiled_in_place(),
        lambda network: nn.Sequential(*network, nn.Softmax(dim=1)),
        lambda network: nn.Sequential(*network, nn.LogSoftmax(dim=-1), nn.Identity()),
        lambda network: nn.Sequential(nn.DataParallel(network), nn.Softmax(dim=-1)),
    ],
)
def test_what_stands_around_a_network_and_changes_no_decision_is_left_out(wrap):
    inputs = torch.randn(100, 4)
    torch.testing.assert_close(adopt([wrap(small())]).logits(inputs)[0], small()(inputs))


def test_a_pruned_network_ends_as_the_network_did():
    network, inputs = small().append(nn.Softmax(dim=1)), torch.randn(100, 4)
    torch.testing.assert_close(pruned(network, "random", share=0, surgery="none")(inputs), network(inputs))


class Own(nn.Module):
    """A network of a class of its own."""

    def __init__(self):
        super().__init__()
        self.row = small()

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.row(inputs)


@pytest.mark.parametrize(
    "network",
    [
        Own(),
        *(
            nn.Sequential(nn.Linear(4, 6), between, nn.Linear(6, 3))
            for between in (nn.Tanh(), nn.LeakyReLU(), nn.GELU(), nn.SiLU())
        ),
        small().insert(1, nn.LayerNorm(6)),
    ],
)
def test_a_refused_network_is_told_in_one_line_what_takes_it_and_that_does(network):
    with pytest.raises(ValueError, match=r"\Acannot adopt .*nl\.watch\(network, example\) takes.*\Z"):
        adopt([network])
    assert watch(network, torch.zeros(1, 4)).label_count == 3


@pytest.mark.parametrize(
    "parts",
    [
        [nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3), nn.Softmax(dim=0)],
        [nn.Linear(4, 6), nn.Softmax(dim=1), nn.ReLU(), nn.Linear(6, 3)],
        [nn.Linear(4, 6), nn.Softmax(dim=1), nn.Linear(6, 3)],
        [nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3), nn.Softmax(dim=1), nn.Softmax(dim=1)],
    ],
)
def test_softmax_elsewhere_or_over_samples_is_refused(parts):
    with pytest.raises(ValueError, match=r"\Acannot adopt .*\Z"):
        adopt([nn.Sequential(*parts)])


def test_a_state_in_place_of_a_network_is_told_what_takes_it():
    state: Any = small().state_dict()
    with pytest.raises(ValueError, match=r"expected networks; of a state_dict\(\), adopt\(\[from_state\(state\)\]\)"):
        adopt([state])
