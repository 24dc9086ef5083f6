import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuronlib.measures import mutual_information
from neuronlib.pairs import joint_information, pair_counts, together

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
    np.testing.assert_allclose(together(counts), both - first - second, atol=ROUNDING)


def test_exclusive_or_is_said_together_and_copies_are_said_twice():
    gates = {"exclusive or": lambda s, t: s ^ t, "copy of the first": lambda s, t: s, "pair": lambda s, t: 2 * s + t}
    said = {}
    for name, gate in gates.items():
        counts = np.zeros((2, 2, 4), dtype=np.int64)
        for s, t in np.ndindex(2, 2):
            counts[s, t, gate(s, t)] += 1
        said[name] = together(counts).item()
    # An independent second neuron adds nothing to a copy, and two bits of a label are simply added up.
    assert said == {"exclusive or": 1.0, "copy of the first": 0.0, "pair": 0.0}
