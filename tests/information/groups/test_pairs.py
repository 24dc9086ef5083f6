import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuronlib.information.groups.pairs import (
    interaction_information,
    interaction_of_varying_pairs,
    joint_information,
    most_correlated,
    pair_counts,
)
from neuronlib.information.measures import mutual_information

ROUNDING = 1e-12  # bits; sums of a few terms in float64


def test_counts_equal_counting_one_by_one():
    generator = np.random.default_rng(0)
    active, labels = generator.random((60, 5)) < 0.4, generator.integers(3, size=60)
    plain = np.zeros((5, 5, 2, 2, 3), dtype=int)
    for sample, label in enumerate(labels):
        for j, k in np.ndindex(5, 5):
            plain[j, k, int(active[sample, j]), int(active[sample, k]), label] += 1
    np.testing.assert_array_equal(pair_counts(active, labels, 3), plain)


def test_label_that_no_sample_has_is_counted_as_zero():
    counts = pair_counts(np.ones((2, 2), dtype=bool), np.array([0, 0]), 3)
    assert counts.sum(axis=(2, 3))[0, 1].tolist() == [2, 0, 0]


def test_no_samples_are_refused():
    with pytest.raises(ValueError, match="no samples"):
        pair_counts(np.ones((0, 2), dtype=bool), np.zeros(0, dtype=int), 2)


@given(arrays(np.int64, (2, 2, 3), elements=st.integers(0, 20)).filter(lambda counts: counts.sum() > 0))
def test_a_pair_knows_at_least_what_each_of_it_knows(counts):
    both = joint_information(counts)
    first, second = mutual_information(counts.sum(axis=1)), mutual_information(counts.sum(axis=0))
    assert both >= max(first, second) - ROUNDING
    np.testing.assert_allclose(interaction_information(counts), both - first - second, atol=ROUNDING)


def test_exclusive_or_is_said_together_and_copies_are_said_twice():
    gates = {"exclusive or": lambda s, t: s ^ t, "copy of the first": lambda s, t: s, "pair": lambda s, t: 2 * s + t}
    said = {}
    for name, gate in gates.items():
        counts = np.zeros((2, 2, 4), dtype=np.int64)
        for s, t in np.ndindex(2, 2):
            counts[s, t, gate(s, t)] += 1
        said[name] = interaction_information(counts).item()
    # An independent second neuron adds nothing to a copy, and two bits of a label are simply added up.
    assert said == {"exclusive or": 1.0, "copy of the first": 0.0, "pair": 0.0}


def test_constant_neurons_are_left_out_of_all_pairs():
    generator = np.random.default_rng(1)
    active, labels = generator.random((50, 4)) < 0.5, generator.integers(2, size=50)
    constant = np.column_stack([active, np.zeros(50, dtype=bool), np.ones(50, dtype=bool)])
    np.testing.assert_array_equal(
        interaction_of_varying_pairs(constant, labels, 2), interaction_of_varying_pairs(active, labels, 2)
    )
    assert interaction_of_varying_pairs(active, labels, 2).shape == (6,)


def test_most_correlated_pair_is_found_among_all():
    outputs = np.random.default_rng(2).normal(size=(40, 6))
    outputs[:, 4] = 0.1 * outputs[:, 1] + 3
    outputs[:, 2] = 7
    pair, correlation = most_correlated(outputs)
    assert pair.tolist() == [1, 4]
    assert correlation == pytest.approx(1)  # rounding


def test_a_constant_neuron_does_not_vary_though_its_deviation_is_rounded():
    outputs = np.random.default_rng(2).normal(size=(12_000, 4)).astype(np.float32)
    outputs[:, [1, 3]] = np.float32(0.1), np.float32(0.7)
    assert outputs[:, 1].std() > 0
    assert most_correlated(outputs)[0].tolist() == [0, 2]


def test_most_correlated_needs_two_neurons_that_vary():
    with pytest.raises(ValueError, match="1 neuron"):
        most_correlated(np.array([[1.0, 0.0], [2.0, 0.0]]))
