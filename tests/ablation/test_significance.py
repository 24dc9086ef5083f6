"""Intervals and tests against scipy's own."""

import numpy as np
import pytest
from scipy import stats

from neuronlib.ablation.significance import bootstrap_interval


@pytest.mark.parametrize("networks", [2, 5, 10, 35, 50])
@pytest.mark.parametrize("seed", [0, 7])
def test_bootstrap_interval_is_scipys_to_the_last_bit(networks, seed):
    draw = np.random.default_rng(networks)
    for _ in range(3):
        values = draw.normal(size=networks)
        expected = stats.bootstrap((values,), np.mean, rng=np.random.default_rng(seed)).confidence_interval
        assert bootstrap_interval(values, seed) == (expected.low, expected.high)
