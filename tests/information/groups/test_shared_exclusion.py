import itertools

import dit
import numpy as np
import pytest
from dit.pid import PID_SX
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from state_tables import function_of, states

import neuronlib as nl
from neuronlib import plain
from neuronlib.information.groups.lattice import lattice
from neuronlib.information.groups.shared_exclusion import (
    representational_complexity,
    shared_exclusion_atoms,
    synergy_weighted_information,
)
from neuronlib.information.measures import mutual_information

ROUNDING = 1e-10  # bits; sums of some thousand terms in float64


def tables(*sizes):
    return st.sampled_from(sizes).flatmap(
        lambda size: arrays(np.int64, (2**size, 3), elements=st.integers(0, 9)).filter(lambda counts: counts.sum() > 0)
    )


def named(counts):
    return dict(zip(lattice(len(counts).bit_length() - 1).antichains, shared_exclusion_atoms(counts), strict=True))


def test_exclusive_or_by_hand():
    # Of four cases, knowing that one bit or the other is as it is leaves three, of which one has the label.
    shared = np.log2((1 / 3) / (1 / 2))
    atoms = named(function_of(states(2), states(2).sum(axis=1) % 2))
    expected = {((0,), (1,)): shared, ((0,),): -shared, ((1,),): -shared, ((0, 1),): 1 + shared}
    assert atoms == pytest.approx(expected, abs=ROUNDING)


def test_and_by_hand():
    p = {0: 3 / 4, 1: 1 / 4}
    # Samples 00, 01, 10 and 11: what is left once a bit or the other is as it is, and how much of it has the label.
    left = [(3, 3), (3, 2), (3, 2), (3, 1)]
    labels = [0, 0, 0, 1]
    shared = np.mean([np.log2(right / number / p[label]) for (number, right), label in zip(left, labels, strict=True)])
    counts = function_of(states(2), np.array(labels))
    alone = mutual_information(counts.reshape(2, 2, 2).sum(axis=1))
    atoms = named(counts)
    assert atoms[(0,), (1,)] == pytest.approx(shared, abs=ROUNDING)
    assert atoms[((0,),)] == pytest.approx(alone - shared, abs=ROUNDING)
    assert atoms[((0, 1),)] == pytest.approx(mutual_information(counts) - 2 * alone + shared, abs=ROUNDING)


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_copies_are_one_atom_and_have_complexity_1(size):
    copies = np.zeros((2**size, 2), dtype=np.int64)
    copies[0, 0] = copies[-1, 1] = 5
    atoms = shared_exclusion_atoms(copies)
    assert atoms[0] == pytest.approx(1)
    np.testing.assert_allclose(atoms[1:], 0, atol=ROUNDING)
    assert representational_complexity(copies) == pytest.approx(1)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_what_a_neuron_says_alone_is_in_the_atoms_that_it_is_a_group_of(size):
    # The first of some bits is the label; the others say nothing.
    atoms = named(function_of(states(size), states(size)[:, 0]))
    of_each = [sum(atom for groups, atom in atoms.items() if (j,) in groups) for j in range(size)]
    np.testing.assert_allclose(of_each, [1] + [0] * (size - 1), atol=ROUNDING)


def test_complexity_of_parity_rises_with_the_number_of_neurons():
    of_size = [representational_complexity(function_of(states(n), states(n).sum(axis=1) % 2)) for n in (1, 2, 3, 4, 5)]
    assert of_size[0] == pytest.approx(1)
    assert of_size[1] == pytest.approx(2 + np.log2(2 / 3))
    assert (np.diff(of_size) > 0).all()


@settings(deadline=None, max_examples=25)  # the plain twin takes a tenth of a second for four neurons
@given(tables(1, 2, 3, 4))
def test_atoms_are_those_of_the_plain_twin(counts):
    expected = plain.shared_exclusion_atoms(counts)
    assert named(counts) == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize(("size", "labels"), [(2, 4), (3, 2)])
def test_atoms_are_those_of_dit(size, labels):
    counts = np.random.default_rng(size).integers(1, 20, (2**size, labels))
    cells = itertools.product(*[(0, 1)] * size, range(labels))
    shares = (counts / counts.sum()).ravel()
    distribution = dit.Distribution({"".join(map(str, cell)): p for cell, p in zip(cells, shares, strict=True)})
    theirs = PID_SX(distribution, [[j] for j in range(size)], [size])
    for groups, atom in named(counts).items():
        assert atom == pytest.approx(theirs.get_pi(groups), abs=1e-8)  # bits; dit's logarithms of sums of logarithms


@settings(deadline=None)  # the lattice of five neurons is made once
@given(tables(1, 2, 3, 4, 5))
def test_atoms_sum_to_the_information_of_each_group_of_neurons(counts):
    size = len(counts).bit_length() - 1
    of, atoms = lattice(size), shared_exclusion_atoms(counts)
    assert atoms.sum() == pytest.approx(mutual_information(counts), abs=ROUNDING)
    for member in range(size):
        without = counts.reshape(2**member, 2, -1, counts.shape[1]).sum(axis=1).reshape(-1, counts.shape[1])
        rest = [any(member not in group for group in groups) for groups in of.antichains]
        expected = mutual_information(without) if size > 1 else 0.0
        assert atoms[rest].sum() == pytest.approx(expected, abs=ROUNDING)


@settings(deadline=None)
@given(tables(2, 3, 4, 5))
def test_complexity_is_the_mean_degree_of_synergy(counts):
    of = lattice(len(counts).bit_length() - 1)
    weighted = shared_exclusion_atoms(counts) @ of.synergy
    # Rounding of 7579 atoms of up to a bit.
    assert synergy_weighted_information(counts) == pytest.approx(weighted, abs=1e-9)


@given(tables(2, 3, 4), st.randoms(use_true_random=False))
def test_exchanging_neurons_exchanges_their_atoms(counts, random):
    size = len(counts).bit_length() - 1
    order = list(range(size))
    random.shuffle(order)
    other = counts.reshape(*[2] * size, -1).transpose(*order, size).reshape(counts.shape)
    before, after = named(counts), named(other)
    for groups, atom in after.items():
        origin = sorted((tuple(sorted(order[j] for j in group)) for group in groups), key=lambda g: (len(g), g))
        assert atom == pytest.approx(before[tuple(origin)], abs=ROUNDING)


@given(tables(2, 3, 4))
def test_names_of_labels_and_values_do_not_matter(counts):
    expected = shared_exclusion_atoms(counts)
    for other in (counts[:, ::-1], counts[::-1]):
        np.testing.assert_allclose(shared_exclusion_atoms(other), expected, atol=ROUNDING)


def test_many_tables_at_once_are_those_one_by_one(monkeypatch):
    counts = np.random.default_rng(0).integers(0, 30, (2, 5, 8, 4))
    together = shared_exclusion_atoms(counts)
    assert together.shape == (2, 5, 18)
    for place in np.ndindex(2, 5):
        np.testing.assert_allclose(shared_exclusion_atoms(counts[place]), together[place], atol=ROUNDING)
    monkeypatch.setattr("neuronlib.information.groups.shared_exclusion._TERMS", 3 * 8 * 5 * 18)
    np.testing.assert_allclose(shared_exclusion_atoms(counts), together, atol=ROUNDING)


def test_no_tables_have_no_atoms_and_bad_ones_are_refused():
    assert shared_exclusion_atoms(np.ones((0, 4, 3), np.int64)).shape == (0, 4)
    for bad in (
        np.zeros((4, 3), np.int64),
        np.array([[[1, 1], [1, 1]], [[0, 0], [0, 0]]]),
        np.array([[2, -1], [1, 1]]),
    ):
        with pytest.raises(ValueError, match="negative entry or an empty table"):
            nl.information.shared_exclusion_atoms(bad)


def test_more_than_five_neurons_are_refused():
    with pytest.raises(ValueError, match="counts: expected at most 32 states, for groups of 5 one-bit neurons"):
        nl.information.representational_complexity(np.ones((64, 2), np.int64))


def test_a_group_that_says_nothing_has_no_complexity():
    assert np.isnan(representational_complexity(np.array([[1, 1], [1, 1], [1, 1], [1, 1]])))
