import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from state_tables import function_of, states

import neuronlib as nl
from neuronlib.information.groups.invariants import shannon_invariants
from neuronlib.information.groups.lattice import lattice
from neuronlib.information.groups.shared_exclusion import shared_exclusion_atoms
from neuronlib.information.groups.tables import group_counts
from neuronlib.information.measures import entropy, mutual_information

ROUNDING = 1e-10  # bits, or neurons; sums of some hundred terms in float64, divided by at least 0.01 bits

TABLES = st.integers(1, 4).flatmap(
    lambda size: arrays(np.int64, (2**size, 3), elements=st.integers(0, 9)).filter(
        lambda counts: counts.sum() > 0 and mutual_information(counts) > 0.01
    )
)


def copies(size):
    counts = np.zeros((2**size, 2), dtype=np.int64)
    counts[0, 0] = counts[-1, 1] = 5
    return counts


def sizes_of(counts):
    return len(counts).bit_length() - 1


def permuted(counts, order):
    size = len(order)
    return counts.reshape(*[2] * size, -1).transpose(*order, size).reshape(counts.shape)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_parity_is_in_no_neuron_and_lost_with_any(size):
    parity = shannon_invariants(function_of(states(size), states(size).sum(axis=1) % 2))
    assert parity.redundancy == pytest.approx(1 if size == 1 else 0, abs=ROUNDING)
    assert parity.vulnerability == pytest.approx(size, abs=ROUNDING)


@pytest.mark.parametrize("size", [2, 3, 6])
def test_copies_are_in_every_neuron_and_lost_with_none(size):
    same = shannon_invariants(copies(size))
    assert same.redundancy == pytest.approx(size, abs=ROUNDING)
    assert same.vulnerability == pytest.approx(0, abs=ROUNDING)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_label_that_names_the_state_is_in_one_neuron_each_and_lost_with_it(size):
    named = shannon_invariants(function_of(states(size), np.arange(2**size)))
    assert named.information == pytest.approx(size)
    assert named.redundancy == pytest.approx(1, abs=ROUNDING)
    assert named.vulnerability == pytest.approx(1, abs=ROUNDING)


def test_and_by_hand():
    # H(1/4) bits together. A neuron alone: H(1/4) - 1/2. Without the other: the same again.
    quarter = 0.25 * 2 + 0.75 * np.log2(4 / 3)
    both = shannon_invariants(function_of(states(2), states(2).prod(axis=1)))
    assert both.information == pytest.approx(quarter)
    assert both.redundancy == pytest.approx(2 * (quarter - 0.5) / quarter)
    assert both.vulnerability == pytest.approx(2 * 0.5 / quarter)


def test_majority_of_three_by_hand():
    # One bit together. A neuron is right for three of four cases. Without it, the others agree in half of the cases.
    majority = shannon_invariants(function_of(states(3), (states(3).sum(axis=1) > 1).astype(int)))
    alone = 1 - (0.25 * 2 + 0.75 * np.log2(4 / 3))
    assert majority.redundancy == pytest.approx(3 * alone)
    assert majority.vulnerability == pytest.approx(3 * 0.5)


@given(TABLES)
def test_invariants_are_mean_degrees_of_the_atoms_of_any_decomposition(counts):
    """That is the theorem; here for shared exclusions, whose atoms may be negative, and for one drawn at random."""
    of, invariants = lattice(sizes_of(counts)), shannon_invariants(counts)
    atoms = shared_exclusion_atoms(counts)
    weights = {"redundancy": of.redundancy, "vulnerability": of.vulnerability}
    for name, degrees in weights.items():
        mean = atoms @ degrees / invariants.information
        assert mean == pytest.approx(getattr(invariants, name), abs=ROUNDING)


@given(TABLES)
def test_invariants_are_mean_degrees_of_the_least_redundant_decomposition_of_williams_and_beers_kind(counts):
    # Redundancy of groups as the least of what they say; another decomposition than shared exclusions.
    size = sizes_of(counts)
    of, invariants = lattice(size), shannon_invariants(counts)
    tables = counts.reshape(*[2] * size, -1)

    def says(group):
        others = tuple(j for j in range(size) if j not in group)
        return mutual_information(tables.sum(axis=others).reshape(-1, counts.shape[1]))

    least = np.array([min(says(group) for group in groups) for groups in of.antichains])
    atoms = of.inversion @ least
    assert atoms @ of.redundancy / invariants.information == pytest.approx(invariants.redundancy, abs=ROUNDING)
    assert atoms @ of.vulnerability / invariants.information == pytest.approx(invariants.vulnerability, abs=ROUNDING)


@given(TABLES, st.randoms(use_true_random=False))
def test_names_of_neurons_labels_and_values_do_not_matter(counts, random):
    size, expected = sizes_of(counts), shannon_invariants(counts)
    order, labels = list(range(size)), list(range(counts.shape[1]))
    random.shuffle(order)
    random.shuffle(labels)
    # Exchanging active and inactive turns the states around.
    for other in (permuted(counts, order), counts[:, labels], counts[::-1]):
        same = shannon_invariants(other)
        for name in ("information", "redundancy", "vulnerability"):
            assert getattr(same, name) == pytest.approx(getattr(expected, name), abs=ROUNDING)


@given(TABLES)
def test_both_are_between_0_and_the_number_of_neurons(counts):
    invariants, size = shannon_invariants(counts), sizes_of(counts)
    for value in (invariants.redundancy, invariants.vulnerability):
        assert -ROUNDING <= value <= size + ROUNDING


@given(TABLES)
def test_a_copy_adds_what_its_neuron_says_and_makes_the_neuron_dispensable(counts):
    size = sizes_of(counts)
    before = shannon_invariants(counts)
    doubled = np.zeros((2 * len(counts), counts.shape[1]), dtype=np.int64)
    doubled[2 * np.arange(len(counts)) + np.arange(len(counts)) % 2] = counts  # the last neuron once more
    after = shannon_invariants(doubled)
    last = counts.reshape(-1, 2, counts.shape[1])
    alone, without = mutual_information(last.sum(axis=0)), mutual_information(last.sum(axis=1))
    assert after.information == pytest.approx(before.information)
    assert after.alone == pytest.approx(before.alone + alone)
    assert after.lost == pytest.approx(before.lost - (before.information - without), abs=ROUNDING)
    assert after.redundancy >= before.redundancy - ROUNDING
    assert sizes_of(doubled) == size + 1


def test_many_tables_at_once_are_those_one_by_one():
    counts = np.random.default_rng(0).integers(0, 30, (2, 3, 8, 4))
    together = shannon_invariants(counts)
    for place in np.ndindex(2, 3):
        one = shannon_invariants(counts[place])
        assert (one.alone, one.lost) == (together.alone[place], together.lost[place])


def test_groups_that_say_nothing_have_no_invariants():
    constant = shannon_invariants(np.array([[5, 5], [0, 0], [0, 0], [0, 0]]))
    assert constant.information == 0
    assert np.isnan(constant.redundancy) and np.isnan(constant.vulnerability)


def test_states_that_are_no_power_of_two_and_empty_tables_are_refused():
    for number in (0, 1, 3):
        with pytest.raises(ValueError, match=rf"counts: expected 2, 4, 8, … states, .* shape \({number}, 2\)"):
            nl.information.shannon_invariants(np.ones((number, 2), dtype=np.int64))
    with pytest.raises(ValueError, match="empty table"):
        nl.information.shannon_invariants(np.zeros((4, 2), dtype=np.int64))


def test_tables_of_groups_are_counted_sample_by_sample(monkeypatch):
    generator = np.random.default_rng(0)
    active, labels = generator.random((200, 6)) < 0.4, generator.integers(3, size=200)
    groups = np.array(list(itertools.permutations(range(6), 3)))
    expected = np.zeros((len(groups), 8, 3), dtype=np.int64)
    for bits, label in zip(active.astype(int), labels, strict=True):
        for table, (i, j, k) in zip(expected, groups, strict=True):
            table[4 * bits[i] + 2 * bits[j] + bits[k], label] += 1
    np.testing.assert_array_equal(group_counts(active, labels, groups, 3), expected)
    monkeypatch.setattr("neuronlib.information.groups.tables._CELLS", 7 * 200 * 3)
    np.testing.assert_array_equal(group_counts(active, labels, groups, 3), expected)


def test_fewer_samples_than_cells_are_refused():
    active, labels = np.zeros((2559, 8), dtype=bool), np.zeros(2559, dtype=int)
    with pytest.raises(ValueError, match="2559 samples: fewer than the 2560 cells of 8 neurons and 10 labels; take"):
        group_counts(active, labels, np.arange(8)[None], 10)


@pytest.mark.parametrize("group", [[0, 0], [0, 3], [-1, 0]])
def test_groups_of_other_neurons_than_there_are_are_refused(group):
    with pytest.raises(ValueError, match="groups: expected different neurons from 0 to 2 in each"):
        group_counts(np.zeros((100, 3), dtype=bool), np.zeros(100, dtype=int), np.array([group]), 2)


def test_labels_beyond_their_number_are_refused():
    with pytest.raises(ValueError, match="labels to 2: expected labels from 0, below label_count = 2"):
        group_counts(np.zeros((100, 3), dtype=bool), np.arange(100) % 3, np.array([[0, 1]]), 2)


def test_information_of_a_group_is_at_most_the_labels_entropy():
    counts = np.random.default_rng(1).integers(0, 9, (50, 16, 5))
    assert (shannon_invariants(counts).information <= entropy(counts.swapaxes(1, 2)) + ROUNDING).all()
