import itertools

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from neuronlib.information.groups.brackets import _decoders, layer_bracket
from neuronlib.information.groups.invariants import shannon_invariants
from neuronlib.information.groups.tables import group_counts

WIDTH = 0.15  # bits; what decoders of 2000 samples lose where a few bits say all there is to know

ROUNDING = 1e-9  # bits, or neurons; where an end is exact


def inside(bracket, **expected):
    for name, value in expected.items():
        low, high = bracket[name].values
        assert low - ROUNDING <= value <= high + ROUNDING, name


def states(size, samples):
    return np.array(list(itertools.product((False, True), repeat=size)) * (samples // 2**size))


def test_copies_of_the_label_are_bracketed_tightly():
    labels = np.arange(4000) % 4
    one_hot = labels[:, None] == np.arange(4)
    bracket = layer_bracket(one_hot, labels, 4)
    inside(bracket, information=2, redundancy=4 * (0.25 * 2 + 0.75 * np.log2(4 / 3)) / 2)
    assert np.ptp(bracket.information.values) < WIDTH
    assert (bracket.constant, bracket.copies) == (0, 0)


def test_exclusive_or_is_found_in_the_table_of_states():
    bits = states(2, 4000)
    bracket = layer_bracket(bits, (bits[:, 0] ^ bits[:, 1]).astype(int), 2)
    inside(bracket, information=1, redundancy=0, vulnerability=2)
    assert np.ptp(bracket.information.values) < WIDTH
    assert bracket.redundancy.values[1] < 0.05  # chance, in neurons, of two informations of about 1 / 4000 bit


def test_parity_of_more_neurons_than_a_table_holds_leaves_a_wide_bracket_that_holds_the_truth():
    bits = states(10, 4096)
    bracket = layer_bracket(bits, bits.sum(axis=1) % 2, 2)
    inside(bracket, information=1, vulnerability=10)


# The known distribution is a noisy code: exact values come from a table of as many samples as one likes.
@pytest.mark.parametrize("seed", range(4))
def test_the_truth_of_a_known_distribution_is_in_the_bracket(seed):
    generator = np.random.default_rng(seed)
    code = generator.random((5, 7)) < 0.5

    def drawn(samples):
        labels = generator.integers(5, size=samples)
        return code[labels] ^ (generator.random((samples, 7)) < 0.15), labels

    (many, of_many), (few, of_few) = drawn(400_000), drawn(3000)
    truth = shannon_invariants(group_counts(many, of_many, np.arange(7)[None], 5))
    bracket = layer_bracket(few, of_few, 5)
    inside(
        bracket,
        information=truth.information[0],
        redundancy=truth.redundancy[0],
        vulnerability=truth.vulnerability[0],
    )
    assert bracket.vulnerability.values[0] == 0
    assert bracket.alone == pytest.approx(truth.alone[0], abs=0.1)  # bits; three standard errors of 3000 samples


def test_noise_says_little_and_its_low_end_is_not_negative():
    noise = np.random.default_rng(0).random((2000, 30)) < 0.5
    bracket = layer_bracket(noise, np.arange(2000) % 4, 4)
    assert bracket.information.values.tolist() == [0, 2]
    assert bracket.redundancy.values[1] == 30  # nothing but the number of neurons bounds it
    assert bracket.vulnerability.values[1] <= 30


def test_a_layer_of_one_neuron_is_bracketed():
    labels = np.arange(2000) % 2
    bracket = layer_bracket(labels[:, None] == 1, labels, 2)
    inside(bracket, information=1, redundancy=1, vulnerability=1)


def test_constant_neurons_change_nothing_and_are_counted():
    labels = np.arange(2000) % 2
    bits = np.column_stack([labels == 1, np.zeros(2000, bool), np.ones(2000, bool)])
    bracket = layer_bracket(bits, labels, 2)
    alone = layer_bracket(bits[:, :1], labels, 2)
    assert bracket.constant == 2
    for name in ("information", "redundancy", "vulnerability", "alone"):
        np.testing.assert_array_equal(bracket[name], alone[name])


def test_copies_are_redundant_and_none_of_them_is_missed():
    labels = np.arange(2000) % 2
    bits = np.repeat(labels[:, None] == 1, 3, axis=1)
    bracket = layer_bracket(bits, labels, 2)
    inside(bracket, redundancy=3)
    assert bracket.copies == 2
    assert bracket.vulnerability.values.tolist() == [0, 0]


@pytest.mark.parametrize("neurons", [0, 3])
def test_a_layer_of_constant_neurons_says_nothing_and_has_no_invariants(neurons):
    bracket = layer_bracket(np.ones((100, neurons), dtype=bool), np.arange(100) % 2, 2)
    assert bracket.information.values.tolist() == [0, 0]
    assert bracket.redundancy.isnull().all() and bracket.vulnerability.isnull().all()
    assert bracket.constant == neurons


def test_samples_of_one_label_have_nothing_to_be_said_of():
    bits = np.random.default_rng(0).random((100, 12)) < 0.5
    bracket = layer_bracket(bits, np.zeros(100, dtype=int), 3)
    assert bracket.information.values.tolist() == [0, 0]
    assert bracket.redundancy.isnull().all()


def test_a_label_that_decoders_never_saw_is_no_error():
    labels = np.arange(80) % 2
    labels[7] = 2
    bits = np.random.default_rng(0).random((80, 12)) < 0.5
    low, high = layer_bracket(bits, labels, 4).information.values
    assert 0 <= low <= high


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match="39 samples: expected at least 40 to learn, to choose and to ask"):
        layer_bracket(np.zeros((39, 2), dtype=bool), np.zeros(39, dtype=int), 2)


def test_a_bracket_is_the_same_every_time():
    generator = np.random.default_rng(0)
    bits, labels = generator.random((200, 12)) < 0.5, generator.integers(3, size=200)
    assert layer_bracket(bits, labels, 3).identical(layer_bracket(bits, labels, 3))


@pytest.mark.parametrize("label_count", [2, 4])
def test_a_decoder_with_a_neuron_exchanged_says_what_it_says_of_exchanged_bits(label_count):
    generator = np.random.default_rng(0)
    bits, labels = generator.random((300, 5)) < 0.5, generator.integers(label_count, size=300)
    decoders = _decoders(bits, labels, label_count)
    assert len(decoders) == 5  # a table, three strengths of a penalty, and a network
    for decoder in decoders:
        np.testing.assert_allclose(decoder(bits).sum(axis=1), 1)
        for j, flipped in enumerate(decoder.flipped(bits)):
            exchanged = bits.copy()
            exchanged[:, j] ^= True
            np.testing.assert_allclose(flipped, decoder(exchanged), atol=1e-12)  # sums in another order


def test_decoders_are_those_of_scikit_learn():
    generator = np.random.default_rng(0)
    labels = generator.integers(3, size=400)
    bits = (labels[:, None] == np.arange(9) % 3) ^ (generator.random((400, 9)) < 0.2)
    *linear, network = _decoders(bits, labels, 3)
    for penalty, decoder in zip((0.03, 0.3, 1.0), linear, strict=True):
        theirs = LogisticRegression(C=penalty, max_iter=200).fit(bits.astype(float), labels)
        np.testing.assert_allclose(decoder(bits), theirs.predict_proba(bits.astype(float)), atol=1e-12)
    assert (network(bits).argmax(axis=1) == labels).mean() > 0.9
