r"""O-information of groups of one-bit neurons, in bits: whether redundancy or synergy prevails among them.

.. math::
    \Omega(X_1, \dots, X_n) = (n - 2)\, H(X_1, \dots, X_n) + \sum_j \bigl[ H(X_j) - H(X_{-j}) \bigr]

It is total correlation less dual total correlation; positive where redundancy prevails, negative where synergy does.
All entropies are plug-in estimates from counts. The class does not enter.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64
from numpy import ndarray
from scipy.stats import norm, rankdata

from neuronlib.common.checks import check_groups, check_samples
from neuronlib.common.entries import Bits
from neuronlib.common.numbers import AtLeastThree, Count, GroupSize

# A determinant below e to this means a correlation of 1, to rounding.
_SINGULAR = -30.0


# Cells of joint tables that are counted at once.
_CELLS = 2**24


def distinct_varying_neurons(active: Bits) -> Int64[ndarray, " kept"]:
    """Places of the neurons that groups are made of: neither constant nor an exact copy of one before them.

    A constant neuron changes no group's O-information in a way that means anything. Copies make every group that holds
    them look redundant. Both are skipped, for callers to report, rather than disturbed by noise.

    Returns:
        Ascending places.

    Example:
        >>> distinct_varying_neurons(np.array([[0, 1, 0, 1], [0, 0, 0, 0], [0, 1, 1, 1]], dtype=bool)).tolist()
        [1, 2]
    """
    return with_copies(active)[0]


def with_copies(active: Bits) -> tuple[Int64[ndarray, " kept"], Bool[ndarray, " kept"]]:
    """Return `distinct_varying_neurons`, and of which of them there is an exact copy."""
    _, first, times = np.unique(active, axis=1, return_index=True, return_counts=True)
    shares = active.mean(axis=0)
    ascending = np.argsort(first)
    ascending = ascending[(shares[first[ascending]] > 0) & (shares[first[ascending]] < 1)]
    return first[ascending], times[ascending] > 1


def triplets(neurons: AtLeastThree) -> Int64[ndarray, "triplet 3"]:
    """List all groups of three neurons, in the order of `of_triplets`."""
    _check_size(neurons)
    pairs = [np.column_stack(np.triu_indices(neurons - first - 1, k=1)) + first + 1 for first in range(neurons - 2)]
    return np.concatenate([np.insert(pair, 0, first, axis=1) for first, pair in enumerate(pairs)])


def of_triplets(active: Bits) -> Float64[ndarray, " triplet"]:
    r"""O-information of all groups of three neurons, in bits.

    .. math:: \Omega = H(X_1 X_2 X_3) + \sum_j H(X_j) - \sum_{j<k} H(X_j X_k)

    All eight cells of a group's table follow from how often its neurons are active by themselves, in pairs and all
    together, and the last is one matrix product for each neuron.

    Source: Rosas, Mediano, Gastpar, Jensen 2019, for three variables. No deviation.

    Args:
        active: Which neurons are active for which samples; at most 2**24 samples.

    Returns:
        In the order of `triplets`, from -1 (exclusive or) to 1 (copies). For independent neurons the plug-in estimate
        is too low by about ``1 / (2 N ln 2)`` bits for ``N`` samples; see `plug_in_bias`.

    Raises:
        ValueError: If there are fewer than three neurons, or no samples.

    Example:
        >>> bits = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]], dtype=bool)
        >>> of_triplets(bits)  # exclusive or
        array([-1.])
    """
    samples, neurons = active.shape
    _check_size(neurons)
    check_samples(samples)
    bits = active.astype(np.float32)
    # c log c for every count there can be
    table = _count_times_log(samples)
    ones = bits.sum(axis=0, dtype=np.float64).astype(np.int64)
    pairs = (bits.T @ bits).astype(np.int64)
    single = table[ones] + table[samples - ones]
    double = (
        table[pairs]
        + table[ones[:, None] - pairs]
        + table[ones[None, :] - pairs]
        + table[samples - ones[:, None] - ones[None, :] + pairs]
    )
    by_first_neuron = []
    for i in range(neurons - 2):
        later = slice(i + 1, None)
        rows = bits[active[:, i], later]
        j, k = np.triu_indices(neurons - i - 1, k=1)
        all_three = (rows.T @ rows)[j, k].astype(np.int64)
        j, k = j + i + 1, k + i + 1
        both, first, second = pairs[j, k] - all_three, pairs[i, j] - all_three, pairs[i, k] - all_three
        triple = table[all_three] + table[both] + table[first] + table[second]
        for one, other, third in ((i, first, second), (j, first, both), (k, second, both)):
            triple += table[ones[one] - all_three - other - third]
        triple += table[samples - ones[i] - ones[j] - ones[k] + 2 * all_three + both + first + second]
        # N H = N log N - sum of c log c, and the terms N log N cancel but for one
        sums = triple + single[i] + single[j] + single[k] - double[i, j] - double[i, k] - double[j, k]
        by_first_neuron.append(np.log2(samples) - sums / samples)
    return np.concatenate(by_first_neuron)


def of_groups(active: Bits, groups: Int64[ndarray, "group member"]) -> Float64[ndarray, " group"]:
    """O-information of given groups of neurons, in bits.

    Source: Rosas, Mediano, Gastpar, Jensen 2019, Eq. (4). No deviation.

    Args:
        active: Which neurons are active for which samples.
        groups: Groups of equal size, at least 3 and at most 20.

    Returns:
        One number for each group.

    Raises:
        ValueError: If groups are too small or too large, hold a neuron twice, or there are no samples.

    Example:
        >>> bits = np.array([[0, 0, 0, 0], [1, 1, 1, 1]], dtype=bool)
        >>> of_groups(bits, np.array([[0, 1, 2], [1, 2, 3]])).tolist()  # copies
        [1.0, 1.0]
    """
    samples, neurons = active.shape
    check_samples(samples)
    check_groups(groups, neurons, most=20)
    size = groups.shape[1]
    weights = 1 << np.arange(size)
    results = []
    for batch in _batches(groups, max(samples * size, 2**size)):
        codes = active[:, batch] @ weights + 2**size * np.arange(len(batch))
        counts = np.bincount(codes.ravel(), minlength=2**size * len(batch)).reshape(len(batch), *[2] * size)
        value = (size - 2) * _entropies(counts)
        for member in range(1, size + 1):
            others = tuple(axis for axis in range(1, size + 1) if axis != member)
            value += _entropies(counts.sum(axis=others)) - _entropies(counts.sum(axis=member))
        results.append(value)
    return np.concatenate(results) if results else np.zeros(0)


def plug_in_bias(size: GroupSize, samples: Count) -> float:
    r"""Bias of the plug-in estimate for independent neurons that all take both values often, in bits.

    .. math:: \frac{-(n - 2)(2^n - 1) - n + n (2^{n-1} - 1)}{2 N \ln 2}

    Each entropy of a table with ``m`` cells is too low by about ``(m - 1) / (2 N ln 2)`` (Miller and Madow 1955). The
    larger the group, the more negative the sum: few samples look like synergy.

    Args:
        size: Neurons of a group.
        samples: Number of samples.

    Returns:
        What to subtract from the estimate.

    Raises:
        ValueError: If there are fewer than three neurons or no samples.

    Example:
        >>> round(plug_in_bias(3, 1000), 6), round(plug_in_bias(8, 1000), 3)
        (-0.000721, -0.377)
    """
    _check_size(size)
    check_samples(samples)
    cells = (size - 2) * (2**size - 1) + size - size * (2 ** (size - 1) - 1)
    return float(-cells / (2 * samples * np.log(2)))


def _count_times_log(samples: int) -> Float64[ndarray, " count"]:
    counts = np.arange(samples + 1, dtype=np.float64)
    return counts * np.log2(np.maximum(counts, 1))


def _entropies(counts: Int64[ndarray, "group ..."]) -> Float64[ndarray, " group"]:
    cells = counts.reshape(len(counts), -1)
    samples = cells.sum(axis=1)
    return np.log2(samples) - (cells * np.log2(np.maximum(cells, 1))).sum(axis=1) / samples


def _batches(groups: Int64[ndarray, "group member"], cells: int) -> Iterator[Int64[ndarray, "group member"]]:
    at_once = max(1, _CELLS // cells)
    return (groups[a : a + at_once] for a in range(0, len(groups), at_once))


def _check_size(neurons: int) -> None:
    if neurons < 3:
        raise ValueError(f"{neurons} neuron(s): O-information is of at least 3")


def of_groups_gaussian(
    values: Float[ndarray, "sample neuron"], groups: Int64[ndarray, "group member"]
) -> Float64[ndarray, " group"]:
    r"""O-information of given groups by a Gaussian copula, in bits.

    .. math:: \Omega = \frac{n - 2}{2} \log_2 \det R - \frac{1}{2} \sum_j \log_2 \det R_{-j}

    :math:`R` is the correlation matrix of normal scores, the values by their ranks moved to a normal distribution. It
    sees only how neurons vary two by two: exclusive or of bits is invisible to it.

    Source: Rosas, Mediano, Gastpar, Jensen 2019 for Gaussian variables; Ince and others 2017 for the copula.

    Args:
        values: Real values of each neuron, such as pre-activations; those of a ReLU's outputs tie at 0, which moves the
            result.
        groups: Groups of equal size, at least 3.

    Returns:
        One number for each group.

    Raises:
        ValueError: If groups are too small, hold a neuron twice, or hold neurons of which one is constant or determined
            by the others; or if a value is not finite.

    Example:
        >>> draw = np.random.default_rng(0).normal(size=(4000, 4))
        >>> shared = draw[:, :3] + draw[:, 3:]  # what all three have in common is redundant
        >>> of_groups_gaussian(shared, np.array([[0, 1, 2]])).round(2)
        array([0.13])
    """
    samples, neurons = values.shape
    check_samples(samples)
    check_groups(groups, neurons, most=neurons)
    if not np.isfinite(values).all():
        raise ValueError("values hold NaN or infinity: expected finite numbers")
    used = np.unique(groups)
    constant = used[np.ptp(values[:, used], axis=0) == 0]
    if constant.size:
        raise ValueError(f"neurons {constant.tolist()} are constant: leave them out")
    correlations = np.eye(neurons)
    scores = norm.ppf(rankdata(values[:, used], axis=0) / (samples + 1))
    correlations[np.ix_(used, used)] = np.corrcoef(scores.T)
    size = groups.shape[1]
    result = (size - 2) / 2 * _log_determinants(correlations, groups)
    for member in range(size):
        result -= _log_determinants(correlations, np.delete(groups, member, axis=1)) / 2
    return result


def _log_determinants(
    correlations: Float64[ndarray, "neuron neuron"], groups: Int64[ndarray, "group member"]
) -> Float64[ndarray, " group"]:
    signs, logs = np.linalg.slogdet(correlations[groups[:, :, None], groups[:, None, :]])
    singular = groups[(signs <= 0) | (logs < _SINGULAR)]
    if singular.size:
        raise ValueError(f"neurons {singular[0].tolist()} determine each other: leave copies out")
    return logs / np.log(2)
