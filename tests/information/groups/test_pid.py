import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference import least_information_of

from neuronlib.information.groups.pairs import joint_information
from neuronlib.information.groups.pid import broja, williams_beer

EXACT = 1e-9  # bits; the barrier ends at 1e-12 nats a cell
GATES = {
    "and": lambda s, t: s & t,
    "exclusive or": lambda s, t: s ^ t,
    "copy of the first": lambda s, t: s,
    "both bits": lambda s, t: 2 * s + t,
}
COUNTS = arrays(np.int64, (2, 2, 3), elements=st.integers(0, 12)).filter(lambda counts: counts.sum() > 0)


def gate(name, distribution=((1, 1), (1, 1))):
    counts = np.zeros((2, 2, 4), dtype=np.int64)
    for s, t in np.ndindex(2, 2):
        counts[s, t, GATES[name](s, t)] += distribution[s][t]
    return counts


def parts(decomposition):
    return np.array([decomposition.redundancy, *decomposition.unique, decomposition.synergy])


# Bertschinger et al. 2014, Table 1, and Williams and Beer 2010; redundancy, both unique parts, synergy.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("and", [0.311278, 0, 0, 0.5]),
        ("exclusive or", [0, 0, 0, 1]),
        ("copy of the first", [0, 1, 0, 0]),
        ("both bits", [0, 1, 1, 0]),
    ],
)
def test_gates_have_the_parts_that_the_literature_gives(name, expected):
    np.testing.assert_allclose(parts(broja(gate(name))), expected, atol=1e-6)  # as many digits as printed


def test_copies_are_redundant_in_both_decompositions():
    copies = gate("copy of the first", ((1, 0), (0, 1)))
    for decomposition in (broja(copies), williams_beer(copies)):
        np.testing.assert_allclose(parts(decomposition), [1, 0, 0, 0], atol=EXACT)


def test_williams_and_beer_call_two_independent_bits_redundant():
    # The well-known objection: each bit says one bit of every label, though not the same one.
    np.testing.assert_allclose(parts(williams_beer(gate("both bits"))), [1, 0, 0, 1], atol=EXACT)


@settings(deadline=None, max_examples=40)  # the general solver takes a tenth of a second
@given(COUNTS)
def test_minimum_is_that_of_a_general_solver(counts):
    ours = joint_information(counts) - broja(counts).synergy
    # The general solver stops at a flat place, a little above the minimum; ours is within 1e-6 of it.
    assert -1e-6 <= least_information_of(counts) - ours <= 1e-4


@given(COUNTS)
def test_parts_are_not_negative_and_the_bound_on_their_error_is_small(counts):
    for decomposition in (broja(counts), williams_beer(counts)):
        assert (parts(decomposition) >= -EXACT).all()
        assert 0 <= decomposition.gap <= EXACT


@pytest.mark.parametrize(
    "counts",
    [
        [[[0, 7, 7], [4, 2, 3]], [[7, 7, 7], [0, 3, 2]]],
        [[[4, 4, 7], [1, 2, 1]], [[4, 2, 3], [0, 1, 2]]],
    ],
)
def test_a_minimum_close_to_a_bound_is_reached(counts):
    # The usual number of Newton steps left gaps of a millionth and of an eighth of a bit.
    assert 0 <= broja(np.array(counts)).gap <= EXACT


def test_gaps_of_many_tables_are_small():
    # One in a thousand needs more than the usual steps.
    counts = np.random.default_rng(0).integers(0, 8, (20_000, 2, 2, 3))
    counts = counts[counts.sum(axis=(1, 2, 3)) > 0]
    assert broja(counts).gap.max() <= EXACT


@given(COUNTS)
def test_exchanging_the_neurons_exchanges_their_unique_parts(counts):
    one, other = broja(counts), broja(counts.swapaxes(0, 1))
    np.testing.assert_allclose(parts(one), parts(other)[[0, 2, 1, 3]], atol=EXACT)


@given(COUNTS)
def test_williams_and_beer_find_at_least_as_much_redundancy(counts):
    assert williams_beer(counts).redundancy >= broja(counts).redundancy - EXACT


def test_more_pairs_than_are_solved_at_once_are_those_of_one_go(monkeypatch):
    counts = np.random.default_rng(1).integers(0, 30, (13, 2, 2, 4))
    together = parts(broja(counts))
    monkeypatch.setattr("neuronlib.information.groups.pid._PAIRS_AT_ONCE", 5)
    np.testing.assert_allclose(parts(broja(counts)), together, atol=EXACT)


def test_many_pairs_at_once_are_those_one_by_one():
    counts = np.random.default_rng(0).integers(0, 30, (3, 4, 2, 2, 10))
    together = broja(counts)
    assert together.synergy.shape == (3, 4)
    for place in np.ndindex(3, 4):
        np.testing.assert_allclose(parts(broja(counts[place])), parts(together)[(slice(None), *place)], atol=EXACT)


def test_no_pairs_have_no_parts():
    assert broja(np.ones((0, 2, 2, 3), np.int64)).synergy.shape == (0,)


def test_an_empty_table_is_refused():
    with pytest.raises(ValueError, match="empty table"):
        broja(np.zeros((2, 2, 3), dtype=np.int64))


def test_parts_are_those_that_dit_finds_by_cone_programming():
    # dit's default solver stops short of the minimum on tables of this size; its cone solver does not.
    import dit
    from dit.pid import PID_BROJA

    counts = np.random.default_rng(3).integers(1, 30, (4, 2, 2, 10))
    ours = broja(counts)
    for place, table in enumerate(counts):
        outcomes = [f"{s}{t}{y}" for s, t, y in np.ndindex(table.shape)]
        distribution = dit.Distribution(outcomes, (table / table.sum()).ravel().tolist())
        theirs = PID_BROJA(distribution, [[0], [1]], [2], method="cone")
        expected = [theirs.get_pi(node) for node in (((0,), (1,)), ((0,),), ((1,),), ((0, 1),))]
        np.testing.assert_allclose(parts(ours)[:, place], expected, atol=1e-5)  # ECOS stops at about 1e-8 nats a cell
