import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuronlib import plain
from neuronlib.information.groups.oinformation import (
    distinct_varying_neurons,
    of_groups,
    of_groups_gaussian,
    of_triplets,
    plug_in_bias,
    triplets,
)

ROUNDING = 1e-10  # bits; sums of some thousand terms in float64
BITS = arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(3, 6)))


@given(BITS)
def test_triplets_have_total_less_dual_total_correlation(active):
    groups = list(itertools.combinations(range(active.shape[1]), 3))
    assert triplets(active.shape[1]).tolist() == [list(group) for group in groups]
    expected = [plain.o_information(active[:, group]) for group in groups]
    np.testing.assert_allclose(of_triplets(active), expected, atol=ROUNDING)
    np.testing.assert_allclose(of_groups(active, np.array(groups)), expected, atol=ROUNDING)


@given(BITS)
def test_larger_groups_have_total_less_dual_total_correlation(active):
    everything = np.arange(active.shape[1])[None]
    np.testing.assert_allclose(of_groups(active, everything), [plain.o_information(active)], atol=ROUNDING)


@pytest.mark.parametrize("size", [3, 4, 6])
def test_parity_is_synergy_and_copies_are_redundancy(size):
    codes = np.arange(2 ** (size - 1))[:, None]
    free = (codes >> np.arange(size - 1)) & 1
    parity = np.column_stack([free, free.sum(axis=1) % 2]).astype(bool)
    copies = np.array([[False] * size, [True] * size])
    group = np.arange(size)[None]
    # One bit of parity is shared by all and by no fewer; Omega of n copies of a bit is (n - 2) bits, too.
    np.testing.assert_allclose(of_groups(parity, group), -(size - 2), atol=ROUNDING)
    np.testing.assert_allclose(of_groups(copies, group), size - 2, atol=ROUNDING)


def test_independent_neurons_have_the_bias_that_is_stated():
    generator = np.random.default_rng(0)
    for size, samples in ((3, 1000), (5, 4000)):
        values = [of_groups(generator.random((samples, size)) < 0.5, np.arange(size)[None]).item() for _ in range(2000)]
        # Three standard errors of the mean of 2000.
        assert abs(np.mean(values) - plug_in_bias(size, samples)) < 3 * np.std(values) / np.sqrt(2000)


def test_groups_in_batches_are_those_all_at_once(monkeypatch):
    active = np.random.default_rng(1).random((30, 7)) < 0.5
    groups = np.array(list(itertools.combinations(range(7), 4)))
    all_at_once = of_groups(active, groups)
    monkeypatch.setattr("neuronlib.information.groups.oinformation._CELLS", 100)
    np.testing.assert_array_equal(of_groups(active, groups), all_at_once)


def test_constant_neurons_and_copies_are_left_out():
    generator = np.random.default_rng(2)
    bits = generator.random((40, 3)) < 0.5
    dead, on = np.zeros((40, 1), dtype=bool), np.ones((40, 1), dtype=bool)
    assert distinct_varying_neurons(np.hstack([dead, bits, on, bits[:, 1:2]])).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda bits: of_triplets(bits[:, :2]), "2 neuron"),
        (lambda bits: triplets(2), "2 neuron"),
        (lambda bits: plug_in_bias(2, 10), "2 neuron"),
        (lambda bits: plug_in_bias(3, 0), "no samples"),
        (lambda bits: of_triplets(bits[:0]), "no samples"),
        (lambda bits: of_groups(bits[:0], np.array([[0, 1, 2]])), "no samples"),
        (lambda bits: of_groups(bits, np.array([[0, 1]])), "groups of 2 neurons"),
        (lambda bits: of_groups(bits, np.array([[0, 1, 1]])), "different neurons from 0 to 3"),
        (lambda bits: of_groups(bits, np.array([[0, 1, 4]])), "different neurons from 0 to 3"),
    ],
)
def test_impossible_groups_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.ones((5, 4), dtype=bool))


@pytest.mark.filterwarnings("ignore")  # its own, when it is compiled and run
def test_groups_have_the_o_information_that_hoi_finds():
    from hoi.metrics import Oinfo

    generator = np.random.default_rng(4)
    active = generator.random((300, 5)) < 0.4
    active[:, 4] = active[:, 0] ^ active[:, 1]
    theirs = Oinfo(active.astype(int), verbose=False).fit(minsize=3, maxsize=3, method="binning").ravel()
    np.testing.assert_allclose(of_triplets(active), theirs, atol=1e-5)  # float32 there


def gaussian(correlation, samples=200_000):
    factor = np.linalg.cholesky(np.array(correlation))
    return np.random.default_rng(5).normal(size=(samples, len(correlation))) @ factor.T


def test_gaussian_groups_have_the_closed_form_whatever_is_done_to_each_value():
    correlation = np.array([[1, 0.6, 0.3], [0.6, 1, -0.2], [0.3, -0.2, 1]])
    pairs = [1 - correlation[j, k] ** 2 for j, k in ((0, 1), (0, 2), (1, 2))]
    expected = (np.log2(np.linalg.det(correlation)) - np.log2(pairs).sum()) / 2
    values = gaussian(correlation)
    group = np.array([[0, 1, 2]])
    # 200 000 samples: correlations are right to 0.002.
    assert of_groups_gaussian(values, group).item() == pytest.approx(expected, abs=0.01)
    bent = np.column_stack([np.exp(values[:, 0]), values[:, 1] ** 3, -values[:, 2]])
    assert of_groups_gaussian(bent, group).item() == pytest.approx(of_groups_gaussian(values, group).item())


def test_gaussian_model_is_blind_to_exclusive_or():
    bits = np.random.default_rng(6).random((20_000, 2)) < 0.5
    parity = np.column_stack([bits, bits[:, 0] ^ bits[:, 1]])
    group = np.array([[0, 1, 2]])
    # Of 20 000 samples, shares are off by 0.004; entropies near their maximum, and squared correlations, by less than
    # 0.0001.
    assert of_groups(parity, group).item() == pytest.approx(-1, abs=0.001)
    assert abs(of_groups_gaussian(parity.astype(float), group).item()) < 0.001


def test_independent_gaussian_neurons_have_none_in_groups_of_any_size():
    values = gaussian(np.eye(5))
    for size in (3, 4, 5):
        groups = np.array(list(itertools.combinations(range(5), size)))
        # Correlations of 20 000 samples are off by 0.007 or so, and enter squared.
        assert np.abs(of_groups_gaussian(values, groups)).max() < 0.001


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: np.column_stack([v[:, :2], np.ones(len(v))]), r"neurons \[2\] are constant"),
        (lambda v: np.column_stack([v[:, :2], 2 * v[:, 0]]), "determine each other"),
        (lambda v: np.column_stack([v[:, :2], np.full(len(v), np.nan)]), "NaN"),
        (lambda v: v[:0], "no samples"),
        (lambda v: v[:, :2], "groups of 3 neurons"),
    ],
)
def test_gaussian_model_refuses_what_it_cannot_describe(change, message):
    with pytest.raises(ValueError, match=message):
        of_groups_gaussian(change(gaussian(np.eye(3), samples=50)), np.array([[0, 1, 2]]))
