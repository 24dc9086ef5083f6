import numpy as np
import pytest

import neuronlib as nl
from neuronlib.information.groups.invariants import shannon_invariants
from neuronlib.information.groups.oinformation import of_groups
from neuronlib.information.groups.sampled import of_sampled_groups
from neuronlib.information.groups.shared_exclusion import representational_complexity
from neuronlib.information.groups.tables import group_counts, random_groups


def code_of(labels, neurons, seed, noise=0.2):
    generator = np.random.default_rng(seed)
    code = generator.random((labels.max() + 1, neurons)) < 0.5
    return code[labels] ^ (generator.random((len(labels), neurons)) < noise)


def test_plug_in_values_are_those_of_the_tables_of_all_samples():
    labels = np.random.default_rng(0).integers(4, size=3000)
    bits = code_of(labels, 9, seed=1)
    parts = of_sampled_groups(bits, labels, 4, sizes=(2, 4, 6), number=5, seed=3)
    assert parts.used == 9
    for size in (2, 4, 6):
        groups = random_groups(9, size, 5, seed=3)
        counts = group_counts(bits, labels, groups, 4)
        own = parts.sel(size=size, estimator="plug-in")
        invariants = shannon_invariants(counts)
        np.testing.assert_array_equal(own.information, invariants.information)
        np.testing.assert_array_equal(own.alone / own.information, invariants.redundancy)
        np.testing.assert_array_equal(own.lost / own.information, invariants.vulnerability)
        if size == 6:
            assert own.synergy_weighted.isnull().all()
        else:
            np.testing.assert_array_equal(own.synergy_weighted / own.information, representational_complexity(counts))
        if size == 2:
            assert own.o_information.isnull().all() and (own.pair_redundancy >= 0).all()
        else:
            assert own.pair_redundancy.isnull().all()
            np.testing.assert_array_equal(own.o_information, of_groups(bits, groups))


def test_the_corrected_estimate_is_nearer_to_the_truth_of_many_samples():
    generator = np.random.default_rng(5)
    many = generator.integers(10, size=200_000)
    bits = code_of(many, 8, seed=2, noise=0.3)
    few = slice(0, 6000)
    truth = of_sampled_groups(bits, many, 10, sizes=(3, 6), number=20).sel(estimator="plug-in").mean("group")
    found = of_sampled_groups(bits[few], many[few], 10, sizes=(3, 6), number=20).mean("group")
    # The mean over groups leaves little chance beside the bias, which is 0.07 bits for 6 neurons, 640 cells.
    for name in ("information", "lost"):
        errors = abs(found[name] - truth[name])
        assert (errors.sel(estimator="corrected") < errors.sel(estimator="plug-in")).all(), name
    assert abs(found.information - truth.information).sel(estimator="plug-in", size=6) > 0.05


def test_sizes_beyond_the_neurons_or_the_samples_are_skipped_and_said_to_be():
    labels = np.arange(200) % 2
    bits = np.random.default_rng(0).random((200, 7)) < 0.5
    bits[:, 0], bits[:, 1] = True, bits[:, 2]
    parts = of_sampled_groups(bits, labels, 2, sizes=(2, 5, 6), number=3)
    assert parts.used == 5  # less a constant neuron and a copy
    # 100 samples, half of 200, are as many as the 64 cells of 5 neurons; and there are no 6.
    assert parts.information.notnull().all(("group", "estimator")).values.tolist() == [True, True, False]
    assert of_sampled_groups(bits[:126], labels[:126], 2, sizes=(5,), number=3).information.isnull().all()


@pytest.mark.parametrize(
    ("sizes", "number", "message"),
    [
        ((0,), 1, "sizes = .0,.: input should be greater than or equal to 1"),
        ((), 1, "sizes = ..: expected at least one, each once"),
        ((2, 2), 1, "sizes = .2, 2.: expected at least one, each once"),
        ((2,), 0, "number = 0: input should be greater than or equal to 1"),
    ],
)
def test_groups_of_no_neurons_and_no_groups_are_refused(sizes, number, message):
    with pytest.raises(ValueError, match=message):
        nl.information.of_sampled_groups(np.ones((100, 3), dtype=bool), np.zeros(100, dtype=int), 2, sizes, number)


def test_random_groups_hold_distinct_neurons_and_all_of_them():
    groups = random_groups(5, 3, 300, seed=0)
    assert (np.diff(groups, axis=1) > 0).all()
    assert len(np.unique(groups, axis=0)) == 10  # of 300 draws of 10 equally likely groups, all occur
    assert random_groups(5, 2, 0, seed=0).shape == (0, 2)
    with pytest.raises(ValueError, match="groups of 6 neurons: expected from 1 to the 5 neurons there are"):
        random_groups(5, 6, 1, seed=0)
