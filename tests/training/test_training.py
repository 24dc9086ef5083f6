import dataclasses
from typing import Any, get_args

import numpy as np
import pytest
import torch
import xarray as xr
from reference import dropout_masks, normal_numbers, tiny_images, train_with_torch
from torch import nn

from neuronlib.common.choices import ONE_BIT_THRESHOLD, Optimizer
from neuronlib.common.config import Setting
from neuronlib.common.randomness import stream
from neuronlib.data.images import load
from neuronlib.training import training
from neuronlib.training.dropout import masks
from neuronlib.training.noise import input_noise
from neuronlib.training.training import DivergenceError, train, train_with_snapshots

TINY: dict[str, Any] = {"dataset": "mnist-5k", "hidden": (7, 5), "batch_size": 8, "epochs": 3, "seed": 5}
REGULARIZERS: dict[str, dict[str, Any]] = {
    "none": {"dropout": ()},
    "l2": {"dropout": (), "weight_decay": 1e-2},
    "dropout": {"dropout": (0.3, 0.4)},
    "dropout and batch normalization": {"dropout": (0.3, 0.4), "batch_norm": True},
    "l1 and label smoothing": {"dropout": (), "l1": 1e-2, "label_smoothing": 0.2},
    "noise": {"dropout": (), "input_noise": 0.5},
}


def linear_parts(module):
    return [part for part in module if isinstance(part, nn.Linear)]


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize("optimizer", get_args(Optimizer))
@pytest.mark.parametrize("samples", [40, 43], ids=["full batches", "smaller last batch"])
def test_one_network_follows_torch_nn_and_torch_optim(regularizer, activation, optimizer, samples):
    setting = Setting(**TINY, activation=activation, optimizer=optimizer, momentum=0.1, **REGULARIZERS[regularizer])
    data = tiny_images(train=samples)
    ensemble, history = train(setting, data, [2], "cpu")
    module, losses = train_with_torch(setting, data, network=2)
    # RMSProp and Adam divide by the root of a squared gradient, which magnifies float32 rounding where it is tiny;
    # a wrong update rule, order or mask is off by the learning rate times the 18 steps, 0.018.
    atol = 2e-4
    pixels, labels = torch.from_numpy(data.test.pixels), torch.from_numpy(data.test.labels)
    for ours, theirs in zip(linear_parts(ensemble.as_module(0)), linear_parts(module), strict=True):
        torch.testing.assert_close(ours.weight, theirs.weight, rtol=0, atol=atol)
        if not setting.batch_norm or theirs.out_features == 3:
            torch.testing.assert_close(ours.bias, theirs.bias, rtol=0, atol=atol)
    # A bias before batch normalization has no effect and no gradient but rounding, which both optimizers blow up to
    # full steps. While the running means trail behind it, logits differ by as much.
    logits_atol = 0.05 if setting.batch_norm else 2e-3
    torch.testing.assert_close(ensemble.logits(pixels)[0], module(pixels), rtol=0, atol=logits_atol)
    np.testing.assert_allclose(history.training_loss.sel(network=2), losses, atol=1e-4)
    accuracy = (module(pixels).argmax(dim=1) == labels).to(torch.float64).mean().item()
    # A near-tie may fall to the other side for one of 50 samples.
    assert history.test_accuracy.values[0, -1] == pytest.approx(accuracy, abs=0.021)


@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_a_network_is_the_same_to_the_bit_whichever_others_are_trained(regularizer):
    setting, data = Setting(**TINY, **REGULARIZERS[regularizer]), tiny_images()
    many, long_history = train(setting, data, range(23), "cpu")
    for networks in ([3], [3, 17], [17, 3, 4]):
        few, history = train(setting, data, networks, "cpu")
        assert few.networks == tuple(networks)
        for ours, theirs in zip(few.parameters(), many.parameters(), strict=True):
            for position, network in enumerate(networks):
                assert torch.equal(ours[position], theirs[network])
        assert history.training_loss.sel(network=3).equals(long_history.training_loss.sel(network=3))


@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_networks_in_several_slices_are_those_in_one(regularizer, monkeypatch):
    setting, data = Setting(**TINY, **REGULARIZERS[regularizer]), tiny_images()
    whole, history = train(setting, data, range(7), "cpu")
    monkeypatch.setattr(training, "_CACHE", 1)
    slices = training.slices_in_cache(whole)
    assert len(slices) == 3 and min(part.stop - part.start for part in slices) >= 2
    parts, of_parts = train(setting, data, range(7), "cpu")
    assert all(torch.equal(one, other) for one, other in zip(whole.parameters(), parts.parameters(), strict=True))
    xr.testing.assert_equal(history, of_parts)


def test_training_learns():
    setting = Setting(**{**TINY, "epochs": 40, "dropout": ()})
    _, history = train(setting, tiny_images(train=200), range(3), "cpu")
    # Far beyond what guessing one of three classes gives, a loss of ln 3 that stays and a third of the samples.
    assert (history.training_loss.isel(epoch=-1) < 0.5 * history.training_loss.isel(epoch=0)).all()
    assert (history.test_accuracy.isel(epoch=-1) > 0.8).all()


def test_history_is_labelled():
    _, history = train(Setting(**TINY), tiny_images(), [4, 2], "cpu")
    assert history.training_loss.dims == ("network", "epoch")
    assert history.network.values.tolist() == [4, 2]
    assert history.epoch.values.tolist() == [1, 2, 3]


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_history_counts_neurons_that_are_never_or_always_active(activation):
    data = tiny_images()
    ensemble, history = train(Setting(**TINY, activation=activation), data, range(4), "cpu")
    active = ensemble.outputs(data.validation) > ONE_BIT_THRESHOLD[activation]
    for layer, neurons in {"1": slice(0, 7), "2": slice(7, 12)}.items():
        last, some = history.isel(epoch=-1).sel(layer=layer), active[:, :, neurons]
        assert last.dead.values.tolist() == (~some).all(axis=1).sum(axis=1).tolist()
        assert last.always_on.values.tolist() == some.all(axis=1).sum(axis=1).tolist()
    # With this few samples there are some of both.
    assert history.dead.sum() > 0
    assert history.always_on.sum() > 0


def test_dropout_drops_the_share_it_should():
    setting = Setting(hidden=(100, 50), dropout=(0.3, 0.4))
    drawn = np.array(list(masks(setting, [stream(setting.seed, "dropout", 0)], 40)))
    for probability, width, layer in ((0.3, 100, drawn[..., :100]), (0.4, 50, drawn[..., 100:])):
        dropped = 1 - layer.mean()
        draws = 40 * 32 * width
        # Four standard deviations of a share of that many draws.
        assert dropped == pytest.approx(probability, abs=4 * (probability * (1 - probability) / draws) ** 0.5)


def test_masks_of_more_steps_than_are_drawn_at_once_are_those_drawn_one_by_one():
    setting = Setting(hidden=(7, 6), dropout=(0.3, 0.4), batch_size=5)  # 65 outputs, no multiple of the 4 in a word
    ours = [mask for mask in masks(setting, [stream(setting.seed, "dropout", 2)], 120) if mask is not None]
    theirs = dropout_masks(setting, 2, 120)
    assert len(ours) == 120
    for step, mask in enumerate(ours):
        np.testing.assert_array_equal(mask[0], torch.cat(theirs[2 * step : 2 * step + 2], dim=1))


def test_noise_is_that_of_a_normal_distribution_from_a_network_s_own_stream():
    setting = Setting(input_noise=0.3, batch_size=5)
    sources = [stream(setting.seed, "noise", k) for k in (0, 4)]
    drawn = np.array(list(input_noise(setting, sources, features=7, steps=3)))
    for place, network in enumerate((0, 4)):
        source = stream(setting.seed, "noise", network)
        for step in drawn[:, place]:
            # Quantile functions of scipy and torch, rounded to float32.
            np.testing.assert_allclose(step.ravel(), 0.3 * normal_numbers(source, 35), rtol=1e-6)


def early_stopped(setting, data, networks):
    # What early stopping gives, from the same networks trained on to the end.
    longest = setting.replace(patience=0)
    after, history = train_with_snapshots(longest, data, networks, range(1, setting.epochs + 1), "cpu")
    best = []
    for accuracies in history.validation_accuracy.values:
        epoch = 0
        while epoch + 1 < setting.epochs and epoch - accuracies[: epoch + 1].argmax() < setting.patience:
            epoch += 1
        best.append(int(accuracies[: epoch + 1].argmax()) + 1)
    return best, after, history


@pytest.mark.parametrize("patience", [1, 2, 4])
def test_each_network_stops_by_itself_with_the_weights_of_its_best_epoch(patience):
    setting = Setting(**TINY | {"epochs": 12, "dropout": (0.3, 0.4), "patience": patience})
    data = tiny_images()
    best, after, whole = early_stopped(setting, data, range(9))
    assert len(set(best)) > 2
    ensemble, history = train(setting, data, range(9), "cpu")
    for network, epoch in enumerate(best):
        for ours, theirs in zip(ensemble.parameters(), after[epoch].parameters(), strict=True):
            assert torch.equal(ours[network], theirs[network])
        # Until there is a better epoch, the history repeats the best.
        for name in ("training_loss", "validation_accuracy", "test_accuracy", "dead", "always_on"):
            assert (history[name][network, epoch - 1 :] == whole[name][network, epoch - 1]).all()
    assert (history.validation_accuracy.diff("epoch") >= 0).all()
    alone, _ = train(setting, data, [4], "cpu")
    assert all(
        torch.equal(one[0], many[4]) for one, many in zip(alone.parameters(), ensemble.parameters(), strict=True)
    )


def test_a_snapshot_with_early_stopping_is_what_training_for_so_many_epochs_gives():
    setting, data = Setting(**TINY | {"epochs": 12, "dropout": (), "patience": 2}), tiny_images()
    after, history = train_with_snapshots(setting, data, range(5), [3, 9], "cpu")
    for epochs, ensemble in after.items():
        alone, of_alone = train(setting.replace(epochs=epochs), data, range(5), "cpu")
        assert all(torch.equal(a, b) for a, b in zip(ensemble.parameters(), alone.parameters(), strict=True))
        xr.testing.assert_equal(history.sel(epoch=slice(None, epochs)), of_alone)


def test_a_network_that_has_stopped_may_diverge(monkeypatch):
    setting, data = Setting(**TINY | {"epochs": 5, "dropout": (), "patience": 1}), tiny_images()
    usual = training._epochs

    def diverging(ensemble, *of_training):
        for epoch, loss in enumerate(usual(ensemble, *of_training)):
            yield np.where([epoch > 3, False], np.nan, loss)

    best, _, _ = early_stopped(setting, data, range(2))
    assert best[0] + 1 < 4
    monkeypatch.setattr(training, "_epochs", diverging)
    _, history = train(setting, data, range(2), "cpu")
    assert np.isfinite(history.training_loss).all()


def test_the_network_and_the_epoch_that_diverge_are_named(monkeypatch):
    setting, data = Setting(**{**TINY, "dropout": ()}), tiny_images()
    start, _ = train(setting, data, [4, 6, 9], "cpu")
    start.layers[0].weight[1, 0, 0] = np.inf
    with pytest.raises(DivergenceError, match="network 6 has training loss nan in epoch 1"):
        train(setting, data, [4, 6, 9], "cpu", start)
    losses = np.array([[0.5, 0.5], [0.5, np.nan]])
    monkeypatch.setattr(training, "_epochs", lambda *_: iter(losses))
    with pytest.raises(DivergenceError, match="network 7 has training loss nan in epoch 2"):
        train(setting, data, [3, 7], "cpu")


def test_divergence_names_setting_network_and_epoch():
    data = tiny_images()
    data.train.pixels[7] = np.inf
    with pytest.raises(DivergenceError, match=r"mnist-5k 7-5 relu.*network 6 has training loss nan in epoch 1"):
        train(Setting(**TINY), data, [6, 1], "cpu")


@pytest.mark.parametrize("networks", [[], [1, 1], [-1, 0]])
def test_impossible_networks_are_refused(networks):
    with pytest.raises(ValueError, match="at least one, each once and at least 0"):
        train(Setting(**TINY), tiny_images(), networks, "cpu")


def test_images_of_another_data_set_are_refused():
    with pytest.raises(ValueError, match="images are of mnist-5k, but the setting asks for mnist"):
        train(Setting(**{**TINY, "dataset": "mnist"}), tiny_images(), [0], "cpu")


def test_last_mini_batch_of_one_sample_is_refused_with_batch_normalization():
    with pytest.raises(ValueError, match="one sample out of 41"):
        train(Setting(**TINY, batch_norm=True), tiny_images(train=41), [0], "cpu")


def test_mini_batches_of_one_sample_are_refused_with_batch_normalization():
    with pytest.raises(ValueError, match="batch_size = 1: gives a mini-batch of one sample"):
        train(Setting(**{**TINY, "batch_size": 1}, batch_norm=True), tiny_images(), [0], "cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_trains_what_the_cpu_trains():
    setting, data = Setting(**TINY), tiny_images()
    ours, _ = train(setting, data, [0, 1], "cuda")
    theirs, _ = train(setting, data, [0, 1], "cpu")
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        # As against torch.nn above: float32 rounding, magnified by small squared gradients.
        torch.testing.assert_close(one.cpu(), other, rtol=0, atol=2e-4)


def test_snapshots_are_the_networks_that_training_for_so_many_epochs_gives():
    data = load("mnist-5k")
    setting = Setting(dataset="mnist-5k", hidden=(8, 6), dropout=(0.3, 0.4), batch_norm=True, epochs=3)
    after, history = train_with_snapshots(setting, data, [0, 2], epochs=[1, 2])
    assert list(after) == [1, 2, 3]
    for epochs, ensemble in after.items():
        alone, its_history = train(dataclasses.replace(setting, epochs=epochs), data, [0, 2])
        assert ensemble.setting == alone.setting
        for layer, other in zip(ensemble.layers, alone.layers, strict=True):
            assert all(map(torch.equal, layer.tensors(), other.tensors()))
        xr.testing.assert_identical(history.sel(epoch=slice(None, epochs)), its_history)


@pytest.mark.parametrize("epochs", [[0], [4]])
def test_snapshots_after_more_epochs_than_there_are_are_refused(epochs):
    setting = Setting(dataset="mnist-5k", hidden=(4,), dropout=(), epochs=3)
    with pytest.raises(ValueError, match="expected numbers from 1 to the setting's 3"):
        train_with_snapshots(setting, load("mnist-5k"), 2, epochs)
