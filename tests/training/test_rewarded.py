import dataclasses

import numpy as np
import pytest
import torch
from reference import tiny_images

from neuronlib import plain
from neuronlib.common.choices import TERMS
from neuronlib.common.config import Setting
from neuronlib.information import measures
from neuronlib.information.counts import joint_counts
from neuronlib.training.rewarded import rewarded_term, train_at_strengths, train_rewarding
from neuronlib.training.training import DivergenceError, train

SETTING = Setting(dataset="mnist-5k", hidden=(8, 4), dropout=(), batch_size=16, epochs=2, seed=5)


def mini_batch(activation="relu", label_count=4):
    draw = torch.Generator().manual_seed(3)
    labels = torch.randint(0, label_count, (2, 40), generator=draw)
    z = torch.randn(2, 40, 5, generator=draw, dtype=torch.float64) + 0.8 * (labels == 1).unsqueeze(2)
    return z, z.relu() if activation == "relu" else z.sigmoid(), labels


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_batched_terms_are_those_of_one_neuron_after_the_other(term, activation):
    z, outputs, labels = mini_batch(activation)
    batched = rewarded_term(term, z, outputs, labels, 6, 0.3).numpy()
    for network in range(2):
        for neuron in range(5):
            one = plain.rewarded_term(
                term,
                z[network, :, neuron].numpy(),
                outputs[network, :, neuron].numpy(),
                labels[network].numpy(),
                6,
                0.3,
            )
            assert batched[network, neuron] == pytest.approx(one, abs=1e-9)


@pytest.mark.parametrize("term", ["mutual_information", "kl_selectivity"])
@pytest.mark.parametrize(("activation", "threshold"), [("relu", 0.0), ("sigmoid", 0.5)])
def test_hard_limit_is_the_measure_from_counts_of_the_same_mini_batch(term, activation, threshold):
    z, outputs, labels = mini_batch(activation)
    hard = rewarded_term(term, z, outputs, labels, 6, 1e-6).numpy()
    for network in range(2):
        counts = joint_counts([(outputs[[network]], labels[network])], np.array([threshold]), 6)
        np.testing.assert_allclose(hard[network], getattr(measures, term)(counts)[0], atol=1e-9)


def test_class_selectivity_is_the_index_of_outputs_but_for_its_small_constant():
    z, outputs, labels = mini_batch()
    ours = rewarded_term("class_selectivity", z, outputs, labels, 6).numpy()
    for network in range(2):
        expected = measures.class_selectivity(outputs[network].numpy(), labels[network].numpy())
        np.testing.assert_allclose(ours[network], expected, atol=1e-6)


@pytest.mark.parametrize("term", TERMS)
def test_gradient_is_that_of_finite_differences(term):
    z, _, labels = mini_batch("sigmoid")
    z.requires_grad_()
    assert torch.autograd.gradcheck(lambda z: rewarded_term(term, z, z.sigmoid(), labels, 6, 0.3), (z,))


@pytest.mark.parametrize("term", TERMS)
def test_constant_neurons_and_absent_classes_say_nothing_and_have_a_finite_gradient(term):
    z = torch.tensor([[[-1.0, 0.0, 2.0, 1.0]] * 3 + [[-1.0, 0.0, 2.0, -1.0]]], requires_grad=True)
    labels = torch.tensor([[0, 0, 0, 7]])
    values = rewarded_term(term, z, z.relu(), labels, 10)
    # Single precision rounds a probability to about 1e-7.
    np.testing.assert_allclose(values[0, :3].detach(), 0, atol=1e-5)
    assert values[0, 3] > 0.5
    (gradient,) = torch.autograd.grad(values.sum(), z)
    assert gradient.isfinite().all()
    one_class = rewarded_term(term, z, z.relu(), torch.zeros_like(labels), 10)
    np.testing.assert_allclose(one_class.detach(), 0, atol=1e-5)


def test_larger_weights_alone_earn_nothing():
    z, outputs, labels = mini_batch()
    for term in TERMS:
        torch.testing.assert_close(
            rewarded_term(term, z, outputs, labels, 6), rewarded_term(term, 7 * z, 7 * outputs, labels, 6)
        )


def test_strength_zero_trains_as_without_a_reward():
    data = tiny_images(train=43)
    plain_networks, history = train(SETTING, data, [2, 0], "cpu")
    ours, of_ours = train_rewarding(SETTING, data, [2, 0], "kl_selectivity", 0.0, device="cpu")
    assert ours.networks == plain_networks.networks
    # Backpropagation by hand and by autograd round differently, which RMSProp magnifies where gradients are tiny; a
    # wrong order of samples or other weights are off by the learning rate times 6 steps, 0.006.
    for one, other in zip(ours.parameters(), plain_networks.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=2e-4)
    assert of_ours.training_loss.shape == history.training_loss.shape


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_a_network_is_the_same_to_the_bit_whichever_others_are_trained(optimizer):
    data, setting = tiny_images(), dataclasses.replace(SETTING, optimizer=optimizer)
    many, history = train_at_strengths(setting, data, range(5), "mutual_information", (-1.0, 0.0, 0.5), device="cpu")
    for networks in ([3], [4, 3]):
        few, its_history = train_rewarding(setting, data, networks, "mutual_information", 0.5, device="cpu")
        assert few.networks == tuple(networks)
        for one, other in zip(few.parameters(), many[0.5].parameters(), strict=True):
            for place, network in enumerate(networks):
                assert torch.equal(one[place], other[network])
        # Sums for the history may be rounded otherwise; a wrong network differs in the second digit.
        np.testing.assert_allclose(
            its_history.term.sel(network=3), history.term.sel(network=3, strength=0.5), rtol=1e-5
        )


@pytest.mark.parametrize("term", TERMS)
def test_rewards_raise_the_term_and_penalties_lower_it(term):
    setting = dataclasses.replace(SETTING, hidden=(20, 12), epochs=20)
    _, history = train_at_strengths(setting, tiny_images(train=300), 3, term, (-3.0, 0.0, 0.3), device="cpu")
    last = history.term.isel(epoch=-1)
    assert (last.sel(strength=-3.0) < last.sel(strength=0.0)).all()
    assert (last.sel(strength=0.3) > last.sel(strength=0.0)).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"term": "mutual_info"}, "term = 'mutual_info': .*mutual_information.*"),
        ({"strengths": (0.0, float("nan"))}, "strength = nan: .*finite.*"),
        ({"strengths": ()}, r"strengths = \[\]: expected at least one, each once"),
        ({"strengths": (0.1, 0.1)}, "strengths = .*: expected at least one, each once"),
        ({"temperature": 0.0}, "temperature = 0.0: .*greater than 0.*"),
        ({"networks": 0}, "networks = 0: .*"),
        ({"setting": dataclasses.replace(SETTING, batch_norm=True)}, ".*without Dropout and batch normalization"),
        ({"setting": dataclasses.replace(SETTING, dropout=(0.1, 0.1))}, ".*without Dropout and batch normalization"),
    ],
)
def test_impossible_training_is_refused_in_one_line(changes, message):
    given = {"setting": SETTING, "data": tiny_images(), "networks": [0], "term": "kl_selectivity", "strengths": (0.1,)}
    with pytest.raises(ValueError, match=rf"\A{message}\Z"):
        train_at_strengths(**{**given, **changes}, device="cpu")


def test_unknown_terms_and_labels_out_of_range_are_refused():
    z, outputs, labels = mini_batch()
    with pytest.raises(ValueError, match="did you mean kl_selectivity"):
        rewarded_term("kl_selectivty", z, outputs, labels, 6)
    with pytest.raises(ValueError, match="labels hold 0 to 3: expected 0 to 2"):
        rewarded_term("kl_selectivity", z, outputs, labels, 3)


def test_divergence_names_network_strength_and_epoch():
    data = tiny_images()
    data.train.pixels[7] = np.inf
    with pytest.raises(DivergenceError, match=r"network 6 at strength 0\.1 has a loss that is not finite in epoch 1"):
        train_rewarding(SETTING, data, [6, 1], device="cpu")
