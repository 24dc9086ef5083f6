import numpy as np
import pytest
from reference import tiny_images

from neuronlib.common.config import Setting
from neuronlib.information.groups.layers import QUANTILES, active_by_layer, information_of_layer, of_layers
from neuronlib.information.groups.oinformation import distinct_varying_neurons, of_triplets
from neuronlib.information.groups.pairs import each_pair, joint_information, pair_counts
from neuronlib.information.groups.pid import broja, williams_beer
from neuronlib.training.training import train

CHANCE = 0.05  # bits; half of 4000 samples are asked, and a logistic regression of a few inputs has few parameters


def labels_of(samples=4000, label_count=4):
    return np.arange(samples) % label_count


def test_copies_of_the_label_hold_its_entropy():
    labels = labels_of()
    one_hot = labels[:, None] == np.arange(4)
    assert information_of_layer(one_hot, labels, 4) == pytest.approx(2, abs=CHANCE)


def test_noise_holds_nothing():
    noise = np.random.default_rng(0).random((4000, 6)) < 0.5
    assert information_of_layer(noise, labels_of(), 4) <= CHANCE


def test_a_bound_is_not_above_the_truth():
    # One bit that is right for three quarters of the samples: 1 - H(1/4) bits.
    generator = np.random.default_rng(1)
    labels = generator.integers(2, size=20000)
    bit = (labels == 1) ^ (generator.random(20000) < 0.25)
    truth = 1 + 0.25 * np.log2(0.25) + 0.75 * np.log2(0.75)
    assert truth - 0.02 <= information_of_layer(bit[:, None], labels, 2) <= truth + 0.02  # two standard errors


def test_exclusive_or_is_beyond_a_linear_decoder():
    # The bound is a bound: two bits that have one bit together show none of it here.
    bits = np.array([[s, t] for s in (0, 1) for t in (0, 1)] * 500, dtype=bool)
    assert information_of_layer(bits, (bits[:, 0] ^ bits[:, 1]).astype(int), 2) <= CHANCE


def test_label_that_one_half_never_saw_is_no_error():
    labels = np.zeros(100, dtype=int)
    labels[:40] = np.arange(40) % 2
    labels[41] = 2
    assert 0 <= information_of_layer(labels[:, None] == [0, 1], labels, 3) <= 2


def test_no_neurons_hold_nothing_and_too_few_samples_are_refused():
    assert information_of_layer(np.zeros((10, 0), dtype=bool), np.arange(10) % 2, 2) == 0
    with pytest.raises(ValueError, match="3 samples"):
        information_of_layer(np.zeros((3, 1), dtype=bool), np.arange(3) % 2, 2)


def test_of_layers_sums_up_what_pairs_and_triplets_say():
    data = tiny_images(train=80)
    setting = Setting(dataset="mnist-5k", hidden=(7, 5), dropout=(), batch_size=8, epochs=20)
    ensemble, _ = train(setting, data, [3, 1], "cpu")
    found = of_layers(ensemble, data)
    assert dict(found.sizes) == {"network": 2, "layer": 2, "part": 4, "quantile": 5}
    assert found.network.values.tolist() == [3, 1]
    # A pair's parts add up to what it says, so their means do.
    active = (ensemble.outputs(data.validation) > 0)[0, :, :7]
    bits = active[:, distinct_varying_neurons(active)]
    assert found.used.values[0, 0] == bits.shape[1] >= 2
    counts = pair_counts(bits, data.validation.labels, 3)[np.triu_indices(bits.shape[1], k=1)]
    parts = found.pairs.isel(network=0, layer=0)
    total = parts.sel(part=["redundancy", "synergy"]).sum() + 2 * parts.sel(part="unique")
    assert total.item() == pytest.approx(joint_information(counts).mean())


def test_a_layer_with_too_few_neurons_that_vary_has_no_pairs():
    data = tiny_images()
    setting = Setting(dataset="mnist-5k", hidden=(1, 2), dropout=(), batch_size=8, epochs=1)
    found = of_layers(train(setting, data, [0], "cpu")[0], data)
    assert found.pairs.isel(layer=0).isnull().all()
    assert found.triplets.isnull().all()
    assert found.used.values.max() <= 2


def test_a_decoder_that_learns_noise_by_heart_finds_no_information():
    noise = np.random.default_rng(0).random((400, 60)) < 0.5
    assert information_of_layer(noise, np.arange(400) % 4, 4) == 0


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_groups_of_a_layer_are_those_of_its_active_neurons(activation):
    data = tiny_images(train=80)
    setting = Setting(dataset="mnist-5k", hidden=(8, 6), activation=activation, dropout=(), batch_size=8, epochs=20)
    ensemble, _ = train(setting, data, range(2), "cpu")
    found = of_layers(ensemble, data)
    active = active_by_layer(ensemble, data.validation)
    outputs = np.split(ensemble.outputs(data.validation), [8], axis=2)
    for layer, here, put_out in zip(("1", "2"), active, outputs, strict=True):
        np.testing.assert_array_equal(here, put_out > (0 if activation == "relu" else 0.5))
        for network, neurons in enumerate(here):
            bits = neurons[:, distinct_varying_neurons(neurons)]
            assert bits.shape[1] >= 3
            counts = each_pair(bits, data.validation.labels, 3)
            parts = broja(counts)
            expected = [parts.redundancy.mean(), np.mean(parts.unique), parts.synergy.mean()]
            stored = found.isel(network=network).sel(layer=layer)
            np.testing.assert_array_equal(stored.pairs.values, [*expected, williams_beer(counts).redundancy.mean()])
            np.testing.assert_array_equal(stored.triplets.values, np.quantile(of_triplets(bits), QUANTILES))
