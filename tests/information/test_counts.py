import numpy as np
import pytest
import torch

import neuronlib
from neuronlib import plain
from neuronlib.information.counts import joint_counts
from neuronlib.information.quantizers import quantile_thresholds, quantize


def drawn(networks=2, samples=60, neurons=5, labels=4):
    random = np.random.default_rng(1)
    outputs = np.maximum(random.normal(size=(networks, samples, neurons)), 0).astype(np.float32)
    return torch.from_numpy(outputs), torch.from_numpy(random.integers(labels, size=samples))


@pytest.mark.parametrize("thresholds", [[0.0], [0.5], [0.0, 0.3, 1.0]], ids=str)
def test_counts_equal_counting_one_by_one(thresholds):
    outputs, labels = drawn()
    counted = joint_counts([(outputs, labels)], np.array(thresholds), labels=4)
    for network, neuron in np.ndindex(2, 5):
        one_by_one = plain.joint_counts(outputs[network, :, neuron].numpy(), labels.numpy(), thresholds, 4)
        np.testing.assert_array_equal(counted[network, neuron], one_by_one)


def test_chunks_add_up():
    outputs, labels = drawn()
    chunks = zip(outputs.split(7, dim=1), labels.split(7), strict=True)
    np.testing.assert_array_equal(
        joint_counts(chunks, np.array([0.0]), labels=4),
        joint_counts([(outputs, labels)], np.array([0.0]), labels=4),
    )


def test_every_neuron_counts_every_sample_once():
    outputs, labels = drawn()
    counted = joint_counts([(outputs, labels)], np.array([0.0, 1.0]), labels=6)
    expected = np.bincount(labels.numpy(), minlength=6)
    assert (counted.sum(axis=2) == expected).all()
    assert counted.dtype == np.int64


def test_thresholds_may_differ_from_neuron_to_neuron():
    outputs, labels = drawn()
    by_neuron = outputs.numpy().swapaxes(1, 2)
    # float32, so that both sides cut at the very same numbers
    thresholds = quantile_thresholds(by_neuron, 3).astype(np.float32)
    counted = joint_counts([(outputs, labels)], thresholds, labels=4)
    values = quantize(by_neuron, thresholds)
    for k, neuron in np.ndindex(2, 5):
        for value, label in np.ndindex(3, 4):
            expected = ((values[k, neuron] == value) & (labels.numpy() == label)).sum()
            assert counted[k, neuron, value, label] == expected


def test_output_that_is_not_a_number_is_refused():
    outputs, labels = drawn()
    outputs[1, 3, 2] = float("nan")
    with pytest.raises(ValueError, match="NaN"):
        joint_counts([(outputs, labels)], np.array([0.0]), labels=4)
    chunks = zip(outputs.split(7, dim=1), labels.split(7), strict=True)  # it stands in the first of nine
    with pytest.raises(ValueError, match="NaN"):
        joint_counts(chunks, np.array([0.0]), labels=4)


@pytest.mark.parametrize("wrong", [-1, 4])
def test_a_label_that_there_is_not_is_refused(wrong):
    outputs, labels = drawn()
    labels[5] = wrong
    with pytest.raises(ValueError, match=f"^labels hold .*{wrong}.*: expected 0 to 3$"):
        joint_counts([(outputs, labels)], np.array([0.0]), labels=4)


def test_chunk_that_is_too_large_to_be_counted_exactly_is_refused(monkeypatch):
    monkeypatch.setattr("neuronlib.information.counts._LARGEST_CHUNK", 59)
    with pytest.raises(ValueError, match="a chunk of 60 samples: at most 59"):
        joint_counts([drawn()], np.array([0.0]), labels=4)


def test_no_samples_and_unsorted_thresholds_are_refused():
    with pytest.raises(ValueError, match="at least one chunk"):
        joint_counts([], np.array([0.0]), labels=4)
    with pytest.raises(ValueError, match="an increasing row"):
        neuronlib.joint_counts([drawn()], np.array([1.0, 0.0]), labels=4)
