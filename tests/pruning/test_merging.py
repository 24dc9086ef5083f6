import numpy as np
import pytest
import torch

from neuronlib.data.images import given
from neuronlib.networks.initialization import by_hand
from neuronlib.pruning.compensation import merge, only
from neuronlib.pruning.merging import noise_out, srinivas_babu


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_merging_equal_neurons_loses_nothing(activation):
    source = np.random.default_rng(0)
    entering, leaving, bias = source.normal(size=(3, 4)), source.normal(size=(4, 2)), source.normal(size=4)
    factor = 2.0 if activation == "relu" else 1.0
    entering[:, 3], bias[3] = factor * entering[:, 1], factor * bias[1]
    network = by_hand([entering, leaving], [bias, np.zeros(2)], activation)
    data = given(source.normal(size=(30, 3)).astype(np.float32), np.arange(30) % 2)
    before = network.logits(torch.from_numpy(data.test.pixels))
    for selection in (srinivas_babu(network, "1"), noise_out(network, data, "1")):
        own = selection.own_surgery(network, "1", 3, None)
        assert own is not None
        smaller = only(own, "1", selection.kept(3))
        # float32, sums of a few terms.
        torch.testing.assert_close(smaller.logits(torch.from_numpy(data.test.pixels)), before, atol=1e-5, rtol=1e-5)


def test_saliency_of_srinivas_and_babu_by_hand():
    # v = (1,0), (1,1), (3,0) and w² = 1, 1, 9: 1 goes into 0 at a cost of 1; then 0, with w² = 4, into 2.
    network = by_hand(
        [np.array([[1.0, 1.0, 3.0]]), np.array([[1.0], [1.0], [3.0]])],
        [np.array([0.0, 1.0, 0.0]), np.zeros(1)],
        "sigmoid",
    )
    merges = srinivas_babu(network, "1").merges
    assert merges is not None
    assert merges.order.tolist() == [[1, 0]] and merges.into.tolist() == [[0, 2]]
    assert merge(network, "1", merges, 1).layers[1].weight.flatten().tolist() == [2.0, 0.0, 3.0]
    assert merge(network, "1", merges, 2).layers[1].weight.flatten().tolist() == [0.0, 0.0, 5.0]


def test_constant_neurons_go_first_and_into_the_bias():
    network = by_hand([np.array([[0.0, 1.0, 2.0]]), np.ones((3, 1))], [np.array([5.0, 0.0, 1.0]), np.zeros(1)])
    data = given(np.arange(4, dtype=np.float32)[:, None], np.array([0, 1, 0, 1]))
    selection = noise_out(network, data, "1")
    own = selection.own_surgery(network, "1", 2, None)
    assert own is not None and own.layers[1].bias.item() == 5
    assert selection.kept(2).tolist() == [[1, 2]]


def merged(selection):
    assert selection.merges is not None
    return selection.merges


def test_a_neuron_that_falls_as_another_rises_is_merged_into_it_without_loss():
    # The second neuron is 4 less twice the first, the third has nothing to do with them.
    inputs = np.array([[0, 1], [1, 0], [2, 1], [1, 2], [0, 0], [2, 2]], np.float32)
    network = by_hand(
        [np.array([[1.0, -2.0, 0.0], [0.0, 0.0, 1.0]]), np.array([[1.0], [2.0], [3.0]])],
        [np.array([0.0, 4.0, 0.0]), np.zeros(1)],
    )
    selection = noise_out(network, given(inputs, np.arange(6) % 2), "1")
    merges = merged(selection)
    assert (merges.order[0, 0], merges.into[0, 0]) == (0, 1)
    assert (merges.slope[0, 0], merges.offset[0, 0]) == pytest.approx((-0.5, 2))
    own = selection.own_surgery(network, "1", 2, None)
    assert own is not None
    pixels = torch.from_numpy(inputs)
    torch.testing.assert_close(only(own, "1", selection.kept(2)).logits(pixels), network.logits(pixels))


def test_saliencies_count_what_was_merged_before_and_how_long_incoming_weights_are():
    # Squared outgoing weights 1, 1, 2.25, squared distances 1, 9, 4: the second goes into the first, which then has 4.
    network = by_hand(
        [np.array([[0.0, 1.0, 3.0]]), np.array([[1.0], [1.0], [1.5]])], [np.zeros(3), np.zeros(1)], "sigmoid"
    )
    merges = merged(srinivas_babu(network, "1"))
    assert merges.order.tolist() == [[1, 2]] and merges.into.tolist() == [[0, 0]]
    # Of ReLU neurons, outgoing weights times lengths are 1 and 5.
    network = by_hand([np.array([[1.0, 0.0], [0.0, 10.0]]), np.array([[1.0], [0.5]])], [np.zeros(2), np.zeros(1)])
    assert merged(srinivas_babu(network, "1")).order.tolist() == [[0]]
