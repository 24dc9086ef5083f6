import itertools

import numpy as np
import torch
import torch_pruning
from torch import nn

from neuronlib.data.images import given
from neuronlib.networks.adopted import adopt
from neuronlib.networks.initialization import by_hand
from neuronlib.pruning.pruning import prune
from neuronlib.pruning.saliency import SCORES, taylor
from neuronlib.pruning.selection import score_order


def test_taylor_is_what_autograd_says(trained):
    ensemble, data = trained
    labels = torch.from_numpy(data.validation.labels)
    for layer in range(1, len(ensemble.setting.hidden) + 1):
        found = taylor(ensemble, data, str(layer))
        for position in range(3):
            parts = list(ensemble.as_module(position))
            ends = [i for i, part in enumerate(parts) if isinstance(part, nn.ReLU | nn.Sigmoid)]
            outputs = nn.Sequential(*parts[: ends[layer - 1] + 1])(torch.from_numpy(data.validation.pixels))
            outputs = outputs.detach().requires_grad_()
            nn.functional.cross_entropy(
                nn.Sequential(*parts[ends[layer - 1] + 1 :])(outputs), labels, reduction="sum"
            ).backward()
            expected = (outputs * outputs.grad).abs().mean(dim=0).detach()
            # float32: another way to the same gradients, whose errors add up over layers.
            np.testing.assert_allclose(found[position], expected, rtol=1e-4, atol=1e-6)


def test_weight_norms_are_those_of_the_module(trained):
    ensemble, data = trained
    for position, (name, axis, shift) in itertools.product(
        range(3), (("incoming weights", 1, 0), ("outgoing weights", 0, 1))
    ):
        linear = [part for part in ensemble.folded().as_module(position) if isinstance(part, nn.Linear)]
        expected = linear[shift].weight.abs().mean(dim=axis).detach()
        # float32: the same sum in another order.
        np.testing.assert_allclose(SCORES[name].of(ensemble, data, "1")[position], expected, rtol=1e-5)


def test_torch_pruning_scores_incoming_weights_alike_and_removes_the_same_neurons(trained):
    ensemble, data = trained
    pixels = torch.from_numpy(data.test.pixels)
    for position in range(3):
        module = ensemble.folded().as_module(position)
        linear = [part for part in module if isinstance(part, nn.Linear)]
        graph = torch_pruning.DependencyGraph().build_dependency(module, example_inputs=pixels[:1])
        everything = list(range(linear[0].out_features))
        group = graph.get_pruning_group(linear[0], torch_pruning.prune_linear_out_channels, idxs=everything)
        importance = torch_pruning.importance.GroupMagnitudeImportance(p=1, group_reduction="first", normalizer=None)
        ours = SCORES["incoming weights"].of(ensemble, data, "1")[position]
        # float32: the same sum in another order.
        np.testing.assert_allclose(importance(group).detach() / linear[0].in_features, ours, rtol=1e-5)
        smaller = prune(module, "incoming weights", 0.5, "1", surgery="none")
        gone = score_order("incoming weights", adopt([module]), data, "1")[0][: len(everything) // 2].tolist()
        graph.get_pruning_group(linear[0], torch_pruning.prune_linear_out_channels, idxs=gone).prune()
        # The same sums in another order.
        torch.testing.assert_close(smaller(pixels), module(pixels), atol=1e-5, rtol=1e-4)


XOR = given(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array([0, 1, 1, 0]))


def test_scores_by_hand():
    # Neuron 0 is on for (1, ·), neuron 1 for all, neuron 2 for none; only neuron 0's output depends on the sample.
    weights = np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    network = by_hand(
        [weights, np.array([[1.0, 0.0], [3.0, 0.0], [5.0, 5.0]])], [np.array([-1.0, 4.0, -1.0]), np.zeros(2)]
    )
    scores = {name: one.of(network, XOR, "1")[0] for name, one in SCORES.items()}
    np.testing.assert_allclose(scores["entropy"], [1, 0, 0])
    np.testing.assert_allclose(scores["activity"], [0.5, 1, 0])
    # Logarithms of halves that cancel, in float64.
    np.testing.assert_allclose(scores["mutual information"], [0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(scores["outgoing weights"], [0.5, 1.5, 5])
    np.testing.assert_allclose(scores["incoming weights"], [1, 0, 0])
    assert scores["Taylor"][2] == 0 and scores["Taylor"][1] > scores["Taylor"][0] > 0
    assert score_order("outgoing weights", network, XOR, "1").tolist() == [[0, 1, 2]]


def test_chunks_of_samples_add_up_to_the_same_taylor_scores(trained, monkeypatch):
    ensemble, data = trained
    whole = taylor(ensemble, data, "1")
    monkeypatch.setattr("neuronlib.pruning.saliency._SAMPLES", 7)
    # Gradients are float32, whose products round by the number of rows.
    np.testing.assert_allclose(taylor(ensemble, data, "1"), whole, rtol=1e-5)
