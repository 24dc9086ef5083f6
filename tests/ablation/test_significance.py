"""Intervals and tests against scipy's own."""

import numpy as np
import pytest
from scipy import stats

from neuronlib.ablation.significance import bootstrap_interval, pigeonhole_interval


@pytest.mark.parametrize("networks", [2, 5, 10, 35, 50])
@pytest.mark.parametrize("seed", [0, 7])
def test_bootstrap_interval_is_scipys_to_the_last_bit(networks, seed):
    draw = np.random.default_rng(networks)
    for _ in range(3):
        values = draw.normal(size=networks)
        expected = stats.bootstrap((values,), np.mean, rng=np.random.default_rng(seed)).confidence_interval
        assert bootstrap_interval(values, seed) == (expected.low, expected.high)


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
        pigeonhole_interval(np.ones((2, 2)), draws=0)
