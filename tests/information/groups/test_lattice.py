import itertools

import numpy as np
import pytest

import neuronlib as nl
from neuronlib import plain
from neuronlib.information.groups.lattice import lattice


# Numbers of monotone Boolean functions (Dedekind) less the two constant ones.
@pytest.mark.parametrize(("sources", "antichains"), [(1, 1), (2, 4), (3, 18), (4, 166), (5, 7579)])
def test_antichains_are_as_many_as_there_are_monotone_functions(sources, antichains):
    of = lattice(sources)
    assert len(of.antichains) == len(set(of.antichains)) == antichains
    assert of.antichains[0] == tuple((j,) for j in range(sources))
    assert of.antichains[-1] == (tuple(range(sources)),)


@pytest.mark.parametrize("sources", [1, 2, 3, 4])
def test_antichains_are_those_found_by_trying_all_sets_of_groups(sources):
    assert set(lattice(sources).antichains) == set(plain.antichains(sources))


@pytest.mark.parametrize("sources", [2, 3, 4])
def test_redundancies_are_sums_of_the_atoms_below_and_at_each_antichain(sources):
    of = lattice(sources)
    # Below is what is above in no more sets.
    below = (of.above[None] >= of.above[:, None]).all(axis=2)
    np.testing.assert_array_equal(of.inversion.toarray() @ below, np.eye(len(of.antichains)))


def test_inversion_of_five_sources_takes_back_sums_over_the_atoms_below():
    of = lattice(5)
    atoms = np.random.default_rng(0).integers(-5, 6, len(of.antichains)).astype(np.float64)
    sums = np.array([atoms[(of.above >= row).all(axis=1)].sum() for row in of.above])
    np.testing.assert_array_equal(of.inversion @ sums, atoms)  # whole numbers


@pytest.mark.parametrize("sources", [3, 4])
def test_degrees_count_what_their_names_say(sources):
    of = lattice(sources)
    everyone = set(range(sources))
    places = zip(of.antichains, of.synergy, of.redundancy, of.vulnerability, strict=True)
    for groups, synergy, redundancy, vulnerability in places:

        def knows(known, groups=groups):
            return any(set(group) <= known for group in groups)

        sizes = [
            size for size in range(1, sources + 1) for some in itertools.combinations(everyone, size) if knows({*some})
        ]
        assert synergy == min(sizes)
        assert redundancy == sum(knows({j}) for j in everyone)
        assert vulnerability == sum(not knows(everyone - {j}) for j in everyone)


@pytest.mark.parametrize("sources", [0, 6])
def test_lattices_too_small_or_too_large_are_refused(sources):
    with pytest.raises(ValueError, match=f"sources = {sources}: input should be .* than or equal to [15]"):
        nl.information.lattice(sources)
