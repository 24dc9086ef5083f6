import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import mutual_info_score

from neuronlib import plain
from neuronlib.information.measures import (
    active_share,
    class_selectivity,
    entropy,
    information_bias,
    kl_selectivity,
    most_specific_label,
    mutual_information,
    specific_information,
)

# A sum of a few dozen terms of size up to log2(10) in float64.
ROUNDING = 1e-12

tables = arrays(np.int64, st.tuples(st.integers(2, 5), st.integers(2, 10)), elements=st.integers(0, 5000)).filter(
    lambda table: table.sum() > 0
)


def label_entropy(table):
    return plain.entropy(table.T)


def test_copy_of_the_label_has_full_information():
    assert mutual_information(np.eye(10, dtype=int) * 7) == pytest.approx(np.log2(10), abs=ROUNDING)


def test_copy_of_one_class_has_little_information_but_full_selectivity():
    table = np.array([[0] + [100] * 9, [100] + [0] * 9])
    binary = plain.entropy(np.array([[1], [9]]))
    assert entropy(table) == pytest.approx(binary, abs=ROUNDING)
    assert mutual_information(table) == pytest.approx(binary, abs=ROUNDING)
    assert kl_selectivity(table) == pytest.approx(np.log2(10), abs=ROUNDING)


@pytest.mark.parametrize("value", [0, 1], ids=["dead", "always on"])
@given(of_label=arrays(np.int64, 10, elements=st.integers(1, 5000)))
def test_constant_neuron_measures_exactly_zero(value, of_label):
    # Shares of labels seldom add up to exactly one, and neurons are asked whether their entropy is zero.
    table = np.zeros((2, 10), dtype=int)
    table[value] = of_label
    assert entropy(table) == mutual_information(table) == kl_selectivity(table) == 0


@given(arrays(np.int64, (2, 10), elements=st.integers(0, 5000)), st.randoms(use_true_random=False))
def test_neurons_as_often_active_or_silent_have_exactly_the_same_entropy(table, random):
    # With rounding, the same one of them would always be ablated first, where chance is to decide.
    table[0, 0] += 1
    others = table[:, random.sample(range(10), 10)]
    assert entropy(table) == entropy(others) == entropy(others[::-1])


def test_fair_coin_has_one_bit_of_entropy_and_says_nothing_of_the_label():
    table = np.full((2, 10), 50)
    assert entropy(table) == 1
    assert mutual_information(table) == kl_selectivity(table) == 0


def test_each_input_of_exclusive_or_says_nothing_and_the_pair_everything():
    assert mutual_information(np.array([[5, 5], [5, 5]])) == 0
    assert mutual_information(np.array([[5, 0], [0, 5], [0, 5], [5, 0]])) == pytest.approx(1, abs=ROUNDING)


def test_uniform_values_have_the_logarithm_of_their_number():
    assert entropy(np.full((8, 3), 4)) == pytest.approx(3, abs=ROUNDING)


@given(tables)
def test_measures_equal_their_definitions(table):
    assert entropy(table) == pytest.approx(plain.entropy(table), abs=ROUNDING)
    assert mutual_information(table) == pytest.approx(plain.mutual_information(table), abs=ROUNDING)
    assert kl_selectivity(table) == pytest.approx(plain.kl_selectivity(table), abs=ROUNDING)


@given(tables)
def test_mutual_information_equals_scikit_learns(table):
    nats = mutual_info_score(None, None, contingency=table)
    assert mutual_information(table) == pytest.approx(nats / np.log(2), abs=ROUNDING)


@given(tables)
def test_information_lies_between_zero_and_selectivity_and_both_entropies(table):
    information = mutual_information(table)
    assert 0 <= information <= kl_selectivity(table) + ROUNDING
    assert information <= min(entropy(table), label_entropy(table)) + ROUNDING
    assert entropy(table) <= np.log2(len(table)) + ROUNDING


@given(tables)
def test_selectivity_vanishes_exactly_when_information_does(table):
    # Below: information of at least the smallest share of a label times the selectivity (paper, ref. 19, App. F.6).
    shares = table.sum(axis=0) / table.sum()
    smallest = shares[shares > 0].min()
    assert mutual_information(table) >= smallest * kl_selectivity(table) - ROUNDING


@given(tables)
def test_information_is_the_mean_of_specific_information(table):
    shares = table.sum(axis=0) / table.sum()
    spectrum = np.nan_to_num(specific_information(table))
    assert mutual_information(table) == pytest.approx(float(shares @ spectrum), abs=ROUNDING)


@given(tables, st.randoms(use_true_random=False))
def test_names_of_values_and_labels_do_not_matter(table, random):
    rows, columns = (random.sample(range(size), size) for size in table.shape)
    shuffled = table[rows][:, columns]
    for measure in (entropy, mutual_information, kl_selectivity):
        assert measure(shuffled) == pytest.approx(measure(table), abs=ROUNDING)


@given(tables)
def test_coarser_values_hold_no_more_information(table):
    merged = np.concatenate([table[:1] + table[1:2], table[2:], np.zeros_like(table[:1])])
    assert mutual_information(merged) <= mutual_information(table) + ROUNDING
    assert kl_selectivity(merged) <= kl_selectivity(table) + ROUNDING


@given(tables, st.integers(2, 9))
def test_measures_depend_on_shares_alone(table, factor):
    for measure in (entropy, mutual_information, kl_selectivity):
        assert measure(table * factor) == pytest.approx(measure(table), abs=ROUNDING)


def test_batched_equals_one_by_one():
    counts = np.random.default_rng(0).integers(0, 50, size=(3, 4, 2, 10))
    for measure in (entropy, mutual_information, kl_selectivity, specific_information):
        looped = [[measure(table) for table in network] for network in counts]
        np.testing.assert_array_equal(measure(counts), np.array(looped))


def test_absent_label_has_no_specific_information_and_does_not_count():
    with_absent, without = np.array([[3, 0, 1], [1, 0, 5]]), np.array([[3, 1], [1, 5]])
    assert np.isnan(specific_information(with_absent)[1])
    assert kl_selectivity(with_absent) == kl_selectivity(without)


@pytest.mark.parametrize(
    "measure",
    [active_share, entropy, information_bias, mutual_information, kl_selectivity, specific_information],
)
@pytest.mark.parametrize("table", [np.zeros((2, 3), int), np.array([[5, -1], [1, 1]])], ids=["empty", "negative"])
def test_impossible_table_is_refused(measure, table):
    with pytest.raises(ValueError, match="negative entry or an empty table"):
        measure(table)


def test_class_selectivity_by_hand():
    outputs = np.array([[4.0, 0.0, 1.0], [2.0, 0.0, 1.0], [1.0, 0.0, 1.0], [1.0, 0.0, 1.0]])
    # Class means of the first neuron are 3 and 1.
    np.testing.assert_array_equal(class_selectivity(outputs, np.array([0, 0, 1, 1])), [0.5, 0.0, 0.0])


def test_class_selectivity_weighs_other_classes_alike():
    outputs = np.array([[6.0], [0.0], [0.0], [0.0], [3.0]])
    # Class means 6, 0 and 3, so the others' mean is 1.5, whatever their sizes.
    assert class_selectivity(outputs, np.array([0, 1, 1, 1, 2]))[0] == pytest.approx(4.5 / 7.5, abs=ROUNDING)


@given(arrays(np.float64, (12, 3), elements=st.floats(0, 1e6)))
def test_class_selectivity_lies_between_zero_and_one(outputs):
    selectivity = class_selectivity(outputs, np.arange(12) % 4)
    assert ((selectivity >= 0) & (selectivity <= 1 + ROUNDING)).all()


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_class_selectivity_refuses_outputs_it_is_not_defined_for(bad):
    with pytest.raises(ValueError, match="at least 0"):
        class_selectivity(np.array([[bad], [1.0]]), np.array([0, 1]))


def test_class_selectivity_refuses_a_single_class():
    with pytest.raises(ValueError, match="at least 2"):
        class_selectivity(np.ones((2, 1)), np.array([3, 3]))


def test_information_bias_is_what_independent_neurons_seem_to_have():
    generator = np.random.default_rng(0)
    for values, samples in ((2, 500), (8, 4000)):
        tables = generator.multinomial(samples, np.full(values * 10, 1 / (values * 10)), size=2000)
        tables = tables.reshape(-1, values, 10)
        seen, expected = mutual_information(tables), information_bias(tables)
        # Three standard errors; terms of second order are smaller still.
        assert abs(seen.mean() - expected.mean()) < 3 * seen.std() / np.sqrt(2000) + 0.02 * expected.mean()


def test_information_bias_counts_only_cells_that_occur():
    counts = np.array([[5, 0, 0], [0, 5, 0]])
    assert information_bias(counts) == pytest.approx(-1 / (2 * 10 * np.log(2)))
    assert information_bias(np.array([[5, 5, 0], [0, 0, 0]])) == 0  # a dead neuron, and a label without samples


@given(tables, st.integers(0, 9))
def test_no_neuron_says_most_of_a_label_without_samples(table, gap):
    with_gap = np.insert(table, min(gap, table.shape[1]), 0, axis=1)
    label = most_specific_label(with_gap)
    assert with_gap[:, label].sum() > 0
    assert specific_information(with_gap)[label] == kl_selectivity(with_gap)
