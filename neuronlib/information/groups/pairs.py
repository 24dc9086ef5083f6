"""Pairs of one-bit neurons and the label: joint counts of all pairs of a layer, and their information."""

from typing import Annotated

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy import ndarray

from neuronlib.common.checks import check_labels, check_samples
from neuronlib.common.entries import FINITE, PAIR_TABLES, SOME, Bits, LabelCount, Labels
from neuronlib.information.measures import mutual_information

PairCounts = Annotated[Int64[ndarray, "*pair 2 2 label"], PAIR_TABLES]
"""Joint counts of pairs of one-bit neurons and the label."""


def pair_counts(active: Bits, labels: Labels, label_count: LabelCount) -> Int64[ndarray, "neuron neuron 2 2 label"]:
    r"""Count how often each pair of neurons has each pair of values together with each label.

    .. math:: n_{jk}(s, t, y) = |\{\ell : T_j(x_\ell) = s,\ T_k(x_\ell) = t,\ y_\ell = y\}|

    Source: Amjad, Liu, Geiger 2021, Eq. (2), for two neurons.

    Args:
        active: Which neurons are active for which samples.
        labels: The label of each sample, from 0.
        label_count: Number of labels.

    Returns:
        Exact counts; ``[j, k, s, t]`` are those of ``[k, j, t, s]``.

    Raises:
        ValueError: If there are no samples, or a label is not below their number.

    Example:
        >>> active = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool)
        >>> pair_counts(active, np.array([0, 1, 1, 0]), label_count=2)[0, 1].tolist()  # exclusive or
        [[[1, 0], [0, 1]], [[0, 1], [1, 0]]]
    """
    check_samples(len(labels))
    check_labels(labels, label_count)
    neurons = active.shape[1]
    counts = np.empty((neurons, neurons, 2, 2, label_count), dtype=np.int64)
    for label in range(label_count):
        # Whole numbers up to 2**24 are exact in float32.
        bits = active[labels == label].astype(np.float32)
        both = (bits.T @ bits).astype(np.int64)
        each = bits.sum(axis=0, dtype=np.float64).astype(np.int64)
        counts[..., 1, 1, label] = both
        counts[..., 1, 0, label] = each[:, None] - both
        counts[..., 0, 1, label] = each[None, :] - both
        counts[..., 0, 0, label] = len(bits) - each[:, None] - each[None, :] + both
    return counts


def each_pair(active: Bits, labels: Labels, label_count: LabelCount) -> Int64[ndarray, "pair 2 2 label"]:
    """Count as `pair_counts` does, each pair of different neurons once, in the order of `numpy.triu_indices`."""
    return pair_counts(active, labels, label_count)[np.triu_indices(active.shape[1], k=1)]


def joint_information(counts: PairCounts) -> Float64[ndarray, "*pair"]:
    """Information of two neurons together about the label, in bits.

    .. math:: I(T_j T_k; Y)

    Source: Amjad, Liu, Geiger 2021, Example 4.

    Args:
        counts: Joint counts of `pair_counts`.

    Returns:
        At least the information of either neuron, at most the entropy of the label.

    Example:
        >>> joint_information(np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]]]))  # exclusive or
        array(1.)
    """
    return mutual_information(counts.reshape(*counts.shape[:-3], 4, counts.shape[-1]))


def single_information(
    counts: PairCounts,
) -> tuple[Float64[ndarray, "*pair"], Float64[ndarray, "*pair"]]:
    """Information of the first and of the second neuron about the label, in bits."""
    return mutual_information(counts.sum(axis=-2)), mutual_information(counts.sum(axis=-3))


def interaction_information(counts: PairCounts) -> Float64[ndarray, "*pair"]:
    r"""Information of two neurons together beyond the sum of what each has alone, in bits.

    .. math:: I(T_j T_k; Y) - I(T_j; Y) - I(T_k; Y)

    The difference between synergy and redundancy of any partial information decomposition, and the negative of the
    co-information.

    Source: Williams, Beer 2010.

    Args:
        counts: Joint counts of `pair_counts`.

    Returns:
        Positive where synergy prevails, negative where redundancy does.

    Example:
        >>> interaction_information(np.array([[[5, 0], [0, 0]], [[0, 0], [0, 5]]]))  # two copies of the label
        array(-1.)
    """
    first, second = single_information(counts)
    return np.asarray(joint_information(counts) - first - second)


def interaction_of_varying_pairs(active: Bits, labels: Labels, label_count: LabelCount) -> Float64[ndarray, " pair"]:
    """Compute `interaction_information` once for every pair of neurons that are neither dead nor always on, in bits."""
    varying = active[:, active.any(axis=0) & ~active.all(axis=0)]
    return interaction_information(each_pair(varying, labels, label_count))


def most_correlated(
    outputs: Annotated[Float[ndarray, "sample neuron"], FINITE, SOME],
) -> tuple[Int64[ndarray, " 2"], float]:
    """Find the two neurons with the most correlated outputs; constant neurons are skipped.

    Returns:
        The two neurons, and their correlation.

    Raises:
        ValueError: If fewer than two neurons vary.

    Example:
        >>> pair, correlation = most_correlated(np.array([[1.0, 0.0, 3.0], [2.0, 0.0, 5.0], [4.0, 0.0, 9.0]]))
        >>> pair.tolist(), round(correlation, 6)
        ([0, 2], 1.0)
    """
    varying = np.flatnonzero(np.ptp(outputs, axis=0))
    if len(varying) < 2:
        raise ValueError(f"{len(varying)} neuron(s) with outputs that vary: expected at least 2")
    correlations = np.corrcoef(outputs[:, varying].T)
    correlations[np.tril_indices(len(varying))] = -np.inf
    pair = np.array(np.unravel_index(correlations.argmax(), correlations.shape))
    return varying[pair], float(correlations.max())
