import numpy as np
import pytest

from neuronlib.data.images import given
from neuronlib.pruning.joint import JOINT_CRITERIA
from neuronlib.pruning.selection import CRITERIA, select


@pytest.mark.parametrize("criterion", [*CRITERIA, *JOINT_CRITERIA])
def test_what_stays_is_a_set_of_the_right_size_and_the_same_each_time(trained, criterion):
    ensemble, data = trained
    one, other = (select(criterion, ensemble, data, "2", seed=3) for _ in range(2))
    for count in (1, 3, ensemble.setting.hidden[1]):
        kept = one.kept(count)
        assert kept.shape == (3, count) and all(len(set(row)) == count for row in kept.tolist())
        np.testing.assert_array_equal(kept, other.kept(count))


def test_a_label_without_samples_makes_no_difference_to_what_stays(trained):
    # Of samples of labels 0 and 2 alone, 1 is a gap; named 0 and 1, they are the same classes.
    ensemble, data = trained[:2]
    few = np.flatnonzero(data.validation.labels != 1)
    pixels, labels = data.validation.pixels[few], data.validation.labels[few]
    dense, gaps = given(pixels, labels // 2), given(pixels, labels)
    for layer in ensemble.widths:
        one, other = (select("spectrum", ensemble, some, layer).kept(3) for some in (dense, gaps))
        np.testing.assert_array_equal(one, other)
