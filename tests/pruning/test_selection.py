import numpy as np
import pytest

from neuronlib.pruning.selection import CRITERIA, select


@pytest.mark.parametrize("criterion", CRITERIA)
def test_what_stays_is_a_set_of_the_right_size_and_the_same_each_time(trained, criterion):
    ensemble, data = trained
    one, other = (select(criterion, ensemble, data, "2", seed=3) for _ in range(2))
    for count in (1, 3, ensemble.setting.hidden[1]):
        kept = one.kept(count)
        assert kept.shape == (3, count) and all(len(set(row)) == count for row in kept.tolist())
        np.testing.assert_array_equal(kept, other.kept(count))
