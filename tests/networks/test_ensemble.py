import numpy as np
import pytest
import torch
from reference import module_for, tiny_images
from torch import nn

from neuronlib.ablation.cumulative import mean_outputs
from neuronlib.common.config import Setting
from neuronlib.common.randomness import torch_seed
from neuronlib.networks.ensemble import samples_on
from neuronlib.networks.initialization import initialize
from neuronlib.pruning.compensation import moments
from neuronlib.training.training import train


def test_initial_weights_are_those_that_torch_draws():
    setting = Setting(hidden=(7, 5), seed=3)
    ensemble = initialize(setting, inputs=6, labels=3, networks=[4, 9])
    for position, network in enumerate((4, 9)):
        torch.manual_seed(torch_seed(3, "weights", network))
        for layer, (a, b) in zip(ensemble.layers, [(6, 7), (7, 5), (5, 3)], strict=True):
            linear = nn.Linear(a, b)
            assert torch.equal(layer.weight[position].T, linear.weight)
            assert torch.equal(layer.bias[position], linear.bias)


def test_networks_and_seeds_start_differently():
    one = initialize(Setting(seed=0), 6, 3, [0, 1]).layers[0].weight
    other = initialize(Setting(seed=1), 6, 3, [0, 1]).layers[0].weight
    assert not torch.equal(one[0], one[1])
    assert not torch.equal(one[0], other[0])
    assert not torch.equal(one[1], other[0])


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_ensemble_computes_what_its_modules_compute(activation, batch_norm):
    setting = Setting(
        dataset="mnist-5k", hidden=(7, 5), activation=activation, batch_norm=batch_norm, epochs=2, batch_size=8
    )
    data = tiny_images()
    ensemble, _ = train(setting, data, [0, 1, 2], "cpu")
    pixels = torch.from_numpy(data.test.pixels)
    logits, hidden = ensemble.logits(pixels), ensemble.hidden_outputs(pixels)
    for position in range(3):
        module = ensemble.as_module(position)
        # Float32 sums of at most 7 terms in another order.
        torch.testing.assert_close(module(pixels), logits[position], rtol=1e-5, atol=1e-5)
        activations = [index for index, part in enumerate(module) if isinstance(part, nn.ReLU | nn.Sigmoid)]
        for outputs, index in zip(hidden, activations, strict=True):
            torch.testing.assert_close(module[: index + 1](pixels), outputs[position], rtol=1e-5, atol=1e-5)


def test_chunks_of_samples_add_up_to_the_same_accuracies_means_and_moments(monkeypatch):
    # 83 and 50 are no multiples of a chunk, so that a mean of chunks' means would be another number.
    data = tiny_images(train=83)
    setting = Setting(dataset="mnist-5k", hidden=(8, 6), dropout=(), batch_size=8, epochs=6)
    ensemble, _ = train(setting, data, range(3), "cpu")
    test = samples_on(ensemble.device, data.test)

    def found():
        return ensemble.accuracy(*test), mean_outputs(ensemble, data.train), moments(ensemble, data, "2")

    accuracy, means, known = found()
    monkeypatch.setattr("neuronlib.networks.ensemble._IN_CACHE", 3 * 8 * 20)  # 20 samples at a time
    in_chunks = found()
    assert torch.equal(accuracy, in_chunks[0])
    torch.testing.assert_close(means, in_chunks[1])
    # Outputs are float32, and products round by the number of rows.
    np.testing.assert_allclose(known.mean, in_chunks[2].mean, atol=1e-6)
    np.testing.assert_allclose(known.covariance, in_chunks[2].covariance, atol=1e-6)


def test_module_has_the_layers_of_the_reference_network():
    setting = Setting(hidden=(7, 5), batch_norm=True)
    ours = initialize(setting, 6, 3, [0]).as_module(0)
    theirs = module_for(setting, 6, 3, 0, [])
    names = [type(part).__name__.replace("GivenDropout", "Dropout") for part in theirs]
    assert [type(part).__name__ for part in ours] == names
    assert [part.p for part in ours if isinstance(part, torch.nn.Dropout)] == list(setting.dropout)
    assert not ours.training


def test_a_part_shares_memory_with_the_whole():
    ensemble = initialize(Setting(hidden=(4,), dropout=(), batch_norm=True), 6, 3, range(4))
    part = ensemble.part(slice(1, 3))
    part.layers[0].weight[0, 0, 0] = 42.0
    assert part.networks == (1, 2)
    assert ensemble.layers[0].weight[1, 0, 0] == 42.0


def test_outputs_in_chunks_are_all_layers_outputs_in_order(monkeypatch):
    monkeypatch.setattr("neuronlib.networks.ensemble._IN_CACHE", 8000)
    ensemble = initialize(Setting(hidden=(4, 3)), 6, 3, [0, 1])
    pixels, labels = torch.randn(5001, 6, generator=torch.Generator().manual_seed(0)), torch.arange(5001)
    chunks = list(ensemble.outputs_in_chunks(pixels, labels))
    assert len(chunks) > 1
    outputs = torch.cat([outputs for outputs, _ in chunks], dim=1)
    assert torch.equal(torch.cat([some for _, some in chunks]), labels)
    # A matrix product's rounding may depend on how many rows it has.
    torch.testing.assert_close(outputs, torch.cat(ensemble.hidden_outputs(pixels), dim=2), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_outputs_are_the_activation_of_pre_activations(batch_norm):
    data = tiny_images()
    setting = Setting(
        hidden=(7, 5), dropout=(0.3, 0.4), batch_norm=batch_norm, batch_size=8, epochs=2, dataset="mnist-5k"
    )
    ensemble, _ = train(setting, data, range(2), "cpu")
    before = torch.from_numpy(ensemble.pre_activations(data.test))
    assert (before < 0).any()
    # float32, the same operations in batches of another size
    torch.testing.assert_close(before.relu(), torch.from_numpy(ensemble.outputs(data.test)))
