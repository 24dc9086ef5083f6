import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuronlib.information.quantizers import one_bit_thresholds, quantile_thresholds, quantize, uniform_thresholds

finite = arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 40)), elements=st.floats(-1e6, 1e6))


def test_relu_output_of_zero_is_inactive_and_any_positive_output_active():
    smallest = np.nextafter(np.float32(0), np.float32(1))
    outputs = np.array([0.0, smallest, 5.0], dtype=np.float32)
    assert quantize(outputs, one_bit_thresholds("relu")).tolist() == [0, 1, 1]


def test_sigmoid_is_active_above_one_half():
    assert quantize(np.array([0.49, 0.5, 0.51]), one_bit_thresholds("sigmoid")).tolist() == [0, 0, 1]


@given(finite, st.integers(2, 9))
@pytest.mark.parametrize("thresholds_of", [uniform_thresholds, quantile_thresholds])
def test_values_stay_in_range_and_keep_the_order_of_outputs(thresholds_of, outputs, values):
    quantized = quantize(outputs, thresholds_of(outputs, values))
    assert quantized.min() >= 0
    assert quantized.max() <= values - 1
    order = np.argsort(outputs, axis=-1, kind="stable")
    assert (np.diff(np.take_along_axis(quantized, order, axis=-1), axis=-1) >= 0).all()


def test_uniform_bins_have_equal_length():
    assert quantize(np.array([0.0, 0.9, 1.1, 2.1, 3.9, 4.0]), np.array([1.0, 2.0, 3.0])).tolist() == [0, 0, 1, 2, 3, 3]
    assert uniform_thresholds(np.array([0.0, 4.0, 1.0]), 4).tolist() == [1, 2, 3]


@given(st.integers(1, 30), st.integers(2, 40))
@example(each=10, values=18)  # as floats, one part gets 11 and the next 9
def test_quantile_bins_of_distinct_outputs_hold_equally_many(each, values):
    draw = np.random.default_rng(0)
    outputs = np.stack([draw.permutation(each * values), -draw.permutation(each * values)]).astype(float)
    for neuron in quantize(outputs, quantile_thresholds(outputs, values)):
        assert np.bincount(neuron).tolist() == [each] * values


def test_constant_neuron_takes_one_value():
    outputs = np.full((1, 10), 3.7)
    for thresholds_of in (uniform_thresholds, quantile_thresholds):
        assert len(np.unique(quantize(outputs, thresholds_of(outputs, 4)))) == 1


def test_each_neuron_has_thresholds_of_its_own():
    outputs = np.array([[0.0, 1.0], [0.0, 10.0]])
    assert uniform_thresholds(outputs, 2).tolist() == [[0.5], [5.0]]


@pytest.mark.parametrize("thresholds_of", [uniform_thresholds, quantile_thresholds])
@pytest.mark.parametrize(
    ("outputs", "values", "reason"),
    [
        (np.zeros((2, 5)), 1, "greater than or equal to 2"),
        (np.zeros((2, 0)), 2, "no samples"),
        (np.array([[1.0, np.nan]]), 2, "finite"),
        (np.array([[1.0, np.inf]]), 2, "finite"),
    ],
)
def test_impossible_quantizer_is_refused(thresholds_of, outputs, values, reason):
    with pytest.raises(ValueError, match=reason):
        thresholds_of(outputs, values)
