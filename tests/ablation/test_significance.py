"""Intervals and tests against scipy's own."""

import itertools

import numpy as np
import pytest
from scipy import stats

import neuronlib
from neuronlib.ablation.significance import (
    bootstrap_interval,
    bootstrap_intervals,
    pigeonhole_interval,
    sign_flip_p_values,
)


@pytest.mark.parametrize("networks", [2, 5, 10, 35, 50])
@pytest.mark.parametrize("seed", [0, 7])
def test_bootstrap_interval_is_scipys_to_the_last_bit(networks, seed):
    draw = np.random.default_rng(networks)
    for _ in range(3):
        values = draw.normal(size=networks)
        expected = stats.bootstrap((values,), np.mean, rng=np.random.default_rng(seed)).confidence_interval
        assert bootstrap_interval(values, seed) == (expected.low, expected.high)


@pytest.mark.parametrize("networks", [10, 35, 50])
def test_many_intervals_at_once_are_those_of_each_row(networks):
    draw = np.random.default_rng(networks)
    rows = draw.normal(size=(70, networks))
    rows[1] = 0.25
    rows[2, 0] = np.nan
    rows[3:6] = rows[3:6] ** 3  # skewed
    expected = [bootstrap_interval(row) for row in rows]
    # Scipy takes means that differ by rounding alone for different. Of 9999 resamples of ten networks four have each of
    # them once, which moves an end by less than a hundredth of its distance from the mean.
    assert bootstrap_intervals(rows) == pytest.approx(np.array(expected), abs=0.01, nan_ok=True)
    assert bootstrap_intervals(rows[1:3]).tolist()[0] == [0.25, 0.25]


def test_intervals_at_once_take_two_networks():
    assert np.isnan(bootstrap_intervals(np.ones((3, 1)))).all()


def width(interval: tuple[float, float]) -> float:
    return interval[1] - interval[0]


def test_where_all_images_are_alike_resampling_them_changes_nothing():
    values = np.repeat(np.random.default_rng(0).normal(size=(10, 1)), 40, axis=1)
    alone, both = (pigeonhole_interval(values, images_vary) for images_vary in (False, True))
    # The same draws of networks; sums of 400 terms in float64.
    assert both == pytest.approx(alone, abs=1e-12)
    means = (values[:, 0],)
    expected = stats.bootstrap(means, np.mean, method="percentile", rng=np.random.default_rng(1)).confidence_interval
    # A quantile of 2000 draws has a standard error of about 0.008 of an interval's width here, in each of the two.
    assert both == pytest.approx((expected.low, expected.high), abs=0.05 * width(both))


def test_where_images_differ_the_interval_is_wider_than_over_networks_alone():
    draw = np.random.default_rng(0)
    values = draw.normal(size=(10, 1)) + 5 * draw.normal(size=50)
    alone, both = (pigeonhole_interval(values, images_vary) for images_vary in (False, True))
    assert width(both) > 1.5 * width(alone)
    # Of effects that add up, the variances of both means add up, too; 2000 draws give a width to within 5 %.
    apart = np.hypot(width(alone), width(pigeonhole_interval(values.T, images_vary=False)))
    assert width(both) == pytest.approx(apart, rel=0.1)


def test_an_interval_over_networks_and_images_takes_two_of_each_and_no_missing_value():
    for values in (np.ones((1, 9)), np.ones((9, 1)), np.array([[0.0, np.nan], [1.0, 1.0]])):
        assert np.isnan(pigeonhole_interval(values)).all()
    with pytest.raises(ValueError, match="draws = 0"):
        neuronlib.ablation.pigeonhole_interval(np.ones((2, 2)), draws=0)


def test_values_that_differ_by_rounding_have_an_interval_of_no_width():
    low, high = bootstrap_interval(np.array([0.5, 0.5 + 1e-16, 0.1 + 0.4, 0.3 + 0.2]))
    assert low == high == 0.5


def plain_sign_flips(differences):
    # Step down through the tests, one flip after the other.
    def statistics(signs):
        values = differences * signs
        return abs(values.mean(axis=1)) / (values.std(axis=1, ddof=1) / np.sqrt(differences.shape[1]))

    flips = [np.array(signs) for signs in itertools.product((1, -1), repeat=differences.shape[1])]
    given = statistics(np.ones(differences.shape[1]))
    order = sorted(range(len(given)), key=lambda test: -given[test])
    p_values, so_far = np.empty(len(given)), 0.0
    for place, test in enumerate(order):
        share = np.mean([statistics(signs)[order[place:]].max() >= given[test] * (1 - 1e-9) for signs in flips])
        so_far = max(so_far, share)
        p_values[test] = so_far
    return p_values


def test_sign_flips_step_down_through_all_flips():
    draw = np.random.default_rng(2)
    differences = draw.normal(size=(7, 6)) + np.array([[3.0], [0], [0], [1], [-4], [0.2], [0]])
    np.testing.assert_allclose(sign_flip_p_values(differences), plain_sign_flips(differences))


def test_sign_flips_are_not_smaller_than_one_test_alone_and_not_larger_for_copies():
    draw = np.random.default_rng(4)
    one = draw.normal(1.0, 1.0, (1, 8))
    alone = sign_flip_p_values(one)
    together = sign_flip_p_values(np.concatenate([one, draw.normal(size=(20, 8))]))
    assert together[0] >= alone[0]
    np.testing.assert_array_equal(sign_flip_p_values(np.repeat(one, 50, axis=0)), np.repeat(alone, 50))


def test_sign_flips_of_many_networks_are_drawn_and_keep_the_identity():
    clear = np.random.default_rng(1).normal(5.0, 1.0, (2, 20))
    np.testing.assert_allclose(sign_flip_p_values(clear, draws=999), 1 / 1000)


def test_sign_flips_know_nothing_of_one_network_or_of_what_is_missing():
    assert np.isnan(sign_flip_p_values(np.ones((2, 1)))).all()
    p_values = sign_flip_p_values(np.array([[1.0, 1.0, 1.0], [np.nan, 1.0, 1.0], [0.0, 0.0, 0.0]]))
    assert p_values[0] == 0.25 and np.isnan(p_values[1]) and p_values[2] == 1.0


def test_sign_flips_rarely_reject_where_nothing_differs():
    draw = np.random.default_rng(0)
    smallest = [sign_flip_p_values(draw.normal(size=(30, 8))).min() for _ in range(400)]
    # 5 % are expected; four standard deviations of 400 trials above that.
    assert np.mean(np.array(smallest) < 0.05) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)
