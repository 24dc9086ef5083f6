import dataclasses
import itertools

import numpy as np
import pytest
import torch
from reference import tiny_images

from neuronlib import plain
from neuronlib.ablation.cumulative import mean_outputs
from neuronlib.ablation.subsets import ablate_sets, singles
from neuronlib.common.config import Setting
from neuronlib.networks.ensemble import samples_on
from neuronlib.networks.initialization import by_hand
from neuronlib.pruning.compensation import merged, only
from neuronlib.training.training import train


@pytest.fixture(scope="module")
def trained():
    data = tiny_images(train=80)
    setting = Setting(dataset="mnist-5k", hidden=(7, 5), dropout=(), batch_size=8, epochs=30)
    return train(setting, data, range(2), "cpu")[0], data


@pytest.mark.parametrize("replacement", ["zero", "mean"])
@pytest.mark.parametrize("layer", ["1", "2"])
def test_losses_equal_a_full_pass_for_each_set(trained, layer, replacement):
    ensemble, data = trained
    first, width = {"1": (0, 7), "2": (7, 5)}[layer]
    pairs = np.array([list(itertools.combinations(range(width), 2))] * 2)
    lost = ablate_sets(ensemble, data, layer, pairs, replacement)
    pixels, labels = torch.from_numpy(data.test.pixels), torch.from_numpy(data.test.labels)
    constants = mean_outputs(ensemble, data.train)
    if replacement == "zero":
        constants = torch.zeros_like(constants)
    for k, s in np.ndindex(pairs.shape[:2]):
        order = (pairs[k, s] + first).tolist()
        twin = plain.cumulative_ablation(ensemble.as_module(k), pixels, labels, order, constants[k], 3)
        # Rounding may move a near-tie.
        assert np.abs(lost.values[k, s] - (twin[0] - twin[2])).sum() <= 2


def test_singles_are_sets_of_one(trained):
    ensemble, data = trained
    lost = ablate_sets(ensemble, data, "2", singles(ensemble, "2"))
    assert dict(lost.sizes) == {"network": 2, "set": 5, "label": 3}
    assert lost.network.values.tolist() == [0, 1]


@pytest.mark.parametrize("sets", [[[[0, 0]]], [[[0, 5]]], [[[-1, 2]]]], ids=str)
def test_sets_of_other_neurons_are_refused(trained, sets):
    ensemble, data = trained
    with pytest.raises(ValueError, match="different neurons from 0 to 4 of layer 2"):
        ablate_sets(ensemble, data, "2", np.array(sets * 2))


def test_duplicate_is_merged_without_loss():
    data = tiny_images()
    setting = Setting(dataset="mnist-5k", hidden=(7, 5), dropout=(0.3, 0.4), batch_norm=True, batch_size=8, epochs=5)
    ensemble, _ = train(setting, data, range(2), "cpu")
    pixels = torch.from_numpy(data.test.pixels)
    first = ensemble.layers[0]
    assert first.normalization
    for tensor in (first.weight, first.bias, *first.normalization.tensors()):
        tensor[..., 3] = tensor[..., 1]
    one = merged(ensemble, data, "1", np.array([[1, 3], [3, 1]]))
    assert not one.setting.batch_norm
    # float32, sums of seven terms
    torch.testing.assert_close(one.logits(pixels), ensemble.logits(pixels), atol=1e-4, rtol=1e-4)
    lost = ablate_sets(one, data, "1", np.array([[[3]], [[1]]]))
    assert not lost.any()


def test_merging_loses_no_more_than_replacing_by_the_mean_in_the_next_layers_inputs(trained):
    # Least squares on t_j includes the constant, of which the mean is the best.
    ensemble, data = trained
    following = ensemble.layers[1]
    outputs = ensemble.outputs(data.train)[..., :7]
    for stays, goes in itertools.permutations(range(7), 2):
        one = merged(ensemble, data, "1", np.array([[stays, goes]] * 2)).layers[1]
        exact = outputs @ following.weight.numpy() + following.bias.numpy()[:, None]
        ours = outputs @ one.weight.numpy() + one.bias.numpy()[:, None]
        constant = outputs.copy()
        constant[..., goes] = outputs[..., goes].mean(axis=1, keepdims=True)
        balanced = constant @ following.weight.numpy() + following.bias.numpy()[:, None]
        # float32 has seven digits, and the sums are up to about 50.
        assert (((ours - exact) ** 2).sum(axis=1) <= ((balanced - exact) ** 2).sum(axis=1) + 1e-4).all()


@pytest.mark.parametrize("pair", [[0, 0], [0, 7], [-1, 2]], ids=str)
def test_merging_refuses_what_is_not_a_pair(trained, pair):
    ensemble, data = trained
    with pytest.raises(ValueError, match="two different neurons from 0 to 6 of layer 1"):
        merged(ensemble, data, "1", np.array([pair] * 2))


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize(("layer", "width"), [("1", 7), ("2", 5)])
def test_removed_neurons_are_as_good_as_ablated_to_zero(layer, width, batch_norm):
    data = tiny_images(train=80)
    setting = Setting(
        dataset="mnist-5k", hidden=(7, 5), dropout=(0.3, 0.4), batch_norm=batch_norm, batch_size=8, epochs=5
    )
    ensemble, _ = train(setting, data, range(2), "cpu")
    kept = np.array([[3, 0], [1, 4]])
    gone = np.array([np.setdiff1d(np.arange(width), some) for some in kept])
    smaller = only(ensemble, layer, kept)
    assert smaller.setting.hidden == ((2, 5) if layer == "1" else (7, 2))
    before, after = (some.accuracy(*samples_on(some.device, data.test)) for some in (ensemble, smaller))
    lost = ablate_sets(ensemble, data, layer, gone[:, None]).sum(["set", "label"]).values / len(data.test.labels)
    np.testing.assert_allclose((before - after).numpy(), lost, atol=0.021)  # rounding may move one of 50 samples


def test_training_goes_on_from_the_networks_given(trained):
    ensemble, data = trained
    start = only(ensemble, "1", np.array([[0, 1, 2], [4, 5, 6]]))
    still = dataclasses.replace(start.setting, learning_rate=1e-12, epochs=1)
    before = [tensor.clone() for tensor in start.parameters()]
    same, _ = train(still, data, [0, 1], "cpu", start)
    longer, _ = train(start.setting, data, [0, 1], "cpu", start)
    alone, _ = train(start.setting, data, [1], "cpu", start.part(slice(1, 2)))
    for given, was, now, one, of_two in zip(
        start.parameters(), before, same.parameters(), alone.parameters(), longer.parameters(), strict=True
    ):
        assert torch.equal(given, was)
        torch.testing.assert_close(now, was)  # steps of 1e-12
        assert torch.equal(one[0], of_two[1])


def test_training_from_other_networks_is_refused(trained):
    ensemble, data = trained
    with pytest.raises(ValueError, match=r"start: networks \[0, 1\], expected \[0, 2\]"):
        train(ensemble.setting, data, [0, 2], "cpu", ensemble)
    with pytest.raises(ValueError, match="start: networks of mnist-5k 2-5 relu"):
        train(ensemble.setting, data, [0, 1], "cpu", only(ensemble, "1", np.array([[0, 1], [0, 1]])))


def test_unknown_layer_is_refused(trained):
    with pytest.raises(ValueError, match="layer = 'whole': expected one of '1', '2'"):
        singles(trained[0], "whole")


def test_network_by_hand_computes_what_its_weights_say():
    network = by_hand([np.array([[1.0, 0.0], [0.0, -2.0]]), np.array([[3.0], [5.0]])], [np.array([0.5, 1]), np.ones(1)])
    # relu(1 + 0.5) * 3 + relu(1 - 2 * 0.25) * 5 + 1, worked out on paper
    assert network.logits(torch.tensor([[1.0, 0.25]])).item() == 8.0


@pytest.mark.parametrize(
    ("weights", "biases", "message"),
    [
        ([np.ones((2, 1))], [np.ones(1)], "1 matrices of weights"),
        ([np.ones((2, 1)), np.ones((1, 2))], [np.ones(1)], "1 rows of biases"),
        ([np.ones((2, 3)), np.ones((2, 2))], [np.ones(3), np.ones(2)], "layer 2"),
        ([np.ones((2, 3)), np.ones((3, 2))], [np.ones(2), np.ones(2)], "layer 1"),
    ],
)
def test_network_by_hand_refuses_what_does_not_fit(weights, biases, message):
    with pytest.raises(ValueError, match=message):
        by_hand(weights, biases)
