import itertools
from collections.abc import Callable

import numpy as np
import pytest

from neuronlib import information
from neuronlib.common.choices import Direction
from neuronlib.information.groups.oinformation import of_groups, of_triplets, plug_in_bias
from neuronlib.information.groups.search import anneal, beyond_chance, greedy, shuffled

ROUNDING = 1e-10  # bits; sums of some hundred terms in float64


@pytest.fixture(scope="module")
def planted():
    """Ten random bits; the last is the parity of three others, and two more are noisy copies."""
    generator = np.random.default_rng(0)
    bits = generator.random((400, 10)) < 0.5
    bits[:, 9] = bits[:, 1] ^ bits[:, 4] ^ bits[:, 6]
    bits[:, 2] = bits[:, 0] ^ (generator.random(400) < 0.1)
    bits[:, 3] = bits[:, 0] ^ (generator.random(400) < 0.1)
    return bits


@pytest.mark.parametrize("direction", ["low", "high"])
@pytest.mark.parametrize("size", [3, 4, 5])
def test_annealing_finds_the_extreme_group_among_all(planted, direction, size):
    groups = np.array(list(itertools.combinations(range(10), size)))
    values = of_groups(planted, groups)
    best = values.argmin() if direction == "low" else values.argmax()
    group, value = anneal(planted, size, direction, seed=0)
    assert group.tolist() == groups[best].tolist()
    assert value == pytest.approx(values[best], abs=ROUNDING)


def test_greedy_search_ends_with_the_value_of_its_group_and_starts_at_the_extreme_triplet(planted):
    cases: dict[Direction, Callable] = {"low": np.min, "high": np.max}
    for direction, extreme in cases.items():
        group, path = greedy(planted, 6, direction)
        assert len(set(group.tolist())) == 6
        assert path[0] == pytest.approx(extreme(of_triplets(planted)), abs=ROUNDING)
        for size, value in enumerate(path, 3):
            assert of_groups(planted, group[None, :size]).item() == pytest.approx(value, abs=ROUNDING)


def test_greedy_search_misses_a_parity_of_four_that_annealing_finds(planted):
    # No three of the four show anything, so there is nothing to grow from.
    assert greedy(planted, 4, "low")[1][-1] > anneal(planted, 4, "low", seed=1)[1]


def test_annealing_is_the_same_for_the_same_seed(planted):
    first, again = ([anneal(planted, 4, "high", seed, steps=20) for seed in range(5)] for _ in range(2))
    assert [(group.tolist(), value) for group, value in first] == [(group.tolist(), value) for group, value in again]
    assert len({tuple(group) for group, _ in first}) > 1


def test_group_of_all_neurons_is_all_neurons(planted):
    assert anneal(planted[:, :4], 4, "low", seed=0)[0].tolist() == [0, 1, 2, 3]


def test_shuffled_neurons_keep_their_shares_and_lose_each_other(planted):
    surrogate = shuffled(planted, seed=0)
    assert surrogate.sum(axis=0).tolist() == planted.sum(axis=0).tolist()
    # The plug-in estimate's bias and spread at 400 samples.
    assert np.abs(of_triplets(surrogate) - plug_in_bias(3, 400)).max() < 0.05


@pytest.mark.parametrize("size", [2, 11, 21])
def test_impossible_sizes_are_refused(planted, size):
    for search in (lambda: greedy(planted, size, "low"), lambda: anneal(planted, size, "low", seed=0)):
        with pytest.raises(ValueError, match=f"size = {size}: expected from 3"):
            search()


def test_nothing_cannot_be_shuffled():
    with pytest.raises(ValueError, match="no samples"):
        information.shuffled(np.zeros((0, 3), dtype=bool), seed=0)


def test_independent_neurons_are_seldom_beyond_chance_and_planted_ones_are(planted):
    noise = np.random.default_rng(7).random((400, 20)) < 0.5
    redundant, synergistic = beyond_chance(noise, seed=0)
    # Half a percent of the triplets is expected; they share neurons, so that it may be several times as many.
    assert max(redundant, synergistic) < 0.05
    redundant, synergistic = beyond_chance(np.hstack([planted, planted[:, :1], np.ones((400, 1), dtype=bool)]), seed=0)
    assert redundant > 0.05
    assert np.isnan(beyond_chance(np.ones((5, 4), dtype=bool), seed=0)).all()
