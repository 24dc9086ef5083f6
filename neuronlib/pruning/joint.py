"""Criteria of what neurons say together: an order of a layer of one-bit neurons, grown or shrunk one by one."""

from collections.abc import Callable
from typing import Annotated, Literal, get_args

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from neuronlib.common.checks import check_labels
from neuronlib.common.entries import PERMUTATION, Bits, LabelCount, Labels
from neuronlib.information.groups.pairs import joint_information, pair_counts
from neuronlib.information.groups.tables import enough_samples, group_counts
from neuronlib.information.measures import mutual_information, specific_information

JointCriterion = Literal["mRMR", "CMIM", "JMI", "coverage", "blanket"]

JOINT_CRITERIA: tuple[JointCriterion, ...] = get_args(JointCriterion)
"""Names of the criteria that compare what neurons say together."""

MOST_ALIKE = 3
"""Neurons that stand for all others in "blanket"."""

PLACES = 9
"""Decimals of a bit to which scores are rounded; what differs by less is a tie."""

# Neurons whose values are counted together with the label, at least.
_GROUP = {"mRMR": 2, "CMIM": 2, "JMI": 2, "coverage": 1, "blanket": 1}


def joint_order(
    criterion: JointCriterion,
    active: Bits,
    labels: Labels,
    label_count: LabelCount,
    ties: Annotated[Int64[ndarray, " neuron"], PERMUTATION] | None = None,
) -> Int64[ndarray, " neuron"]:
    r"""Order a layer's neurons by what they say of the label together, the first to be removed first.

    All criteria but "blanket" select: with :math:`S` the neurons selected so far, the next one has the largest score.
    The order is the reverse, so the neurons kept are nested.

    - "mRMR": :math:`I(T_j; Y) - \frac{1}{|S|} \sum_{k \in S} I(T_j; T_k)`
    - "CMIM": :math:`\min_{k \in S} I(T_j; Y \mid T_k)`
    - "JMI": :math:`\sum_{k \in S} I(T_j T_k; Y)`
    - "coverage": :math:`\sum_y \max_{k \in S \cup \{j\}} D(P_{T_k|Y=y} \,\|\, P_{T_k})`. Once no neuron raises this
      sum, it starts anew without those selected before.
    - "blanket" removes: of the neurons that are left, the one with the smallest :math:`I(T_j; Y \mid T_{M_j})`. The
      blanket :math:`M_j` holds the three that are left with the largest :math:`I(T_j; T_k)`; fewer where samples are
      fewer than the cells of a table of four neurons and the label.

    The first neuron selected has the largest :math:`I(T_j; Y)`, but for "coverage". Constant neurons are removed first.

    Source: Peng, Long, Ding 2005 (mRMR, their difference form); Fleuret 2004 (CMIM); Yang, Moody 1999 (JMI); Amjad,
    Liu, Geiger 2021, Sec. VI, for the idea of coverage, whose form is ours; Koller, Sahami 1996 (blanket). Deviation: a
    blanket stands in for all other neurons, since a table of a whole layer has too many cells for any sample. All
    estimates are plug-in. Scores are rounded to nine decimals, so that rounding breaks no ties.

    Args:
        criterion: One of `JOINT_CRITERIA`.
        active: Which neurons are active for which samples.
        labels: The label of each sample, from 0.
        label_count: Number of labels.
        ties: A permutation: of neurons with equal scores, the one with the smaller entry is removed first. The order
            of the neurons unless given.

    Returns:
        The neurons' places in the layer.

    Raises:
        ValueError: If the samples are fewer than the cells of a table of labels and two neurons (one for "coverage"
            and "blanket"), a label is not below their number, or the ties are of another number of neurons.

    Example:
        >>> labels = np.arange(400) % 4
        >>> high, low = labels >= 2, labels % 2 == 1
        >>> noisy = low ^ (np.arange(400) < 80)
        >>> active = np.stack([high, high, noisy], axis=1)  # a neuron, its copy, and a weaker one
        >>> joint_order("CMIM", active, labels, label_count=4)  # two are kept: a copy and the weaker one
        array([0, 2, 1])
    """
    samples, neurons = active.shape
    check_labels(labels, label_count)
    ties = np.arange(neurons) if ties is None else ties
    if len(ties) != neurons or len(labels) != samples:
        raise ValueError(f"{samples} samples, {neurons} neurons: expected as many labels ({len(labels)}) and ties")
    varying = np.flatnonzero(active.any(axis=0) & ~active.all(axis=0))
    constant = np.setdiff1d(np.arange(neurons), varying)
    size = min(_GROUP[criterion], max(1, len(varying)))
    if not enough_samples(size, label_count, samples):
        raise ValueError(
            f"{samples} samples: fewer than the {2**size * label_count} cells of {size} neurons and {label_count} "
            f"labels that {criterion!r} counts; take more samples"
        )
    bits, own = active[:, varying], ties[varying]
    order = varying[_ORDERS[criterion](bits, labels, label_count, own)] if len(varying) else varying
    return np.concatenate([constant[np.argsort(ties[constant])], order])


def _by_redundancy(bits: Bits, labels: Labels, label_count: int, ties: ndarray) -> Int64[ndarray, " neuron"]:
    counts = pair_counts(bits, labels, label_count)
    shared = mutual_information(counts.sum(axis=-1))
    relevance = _alone(bits, labels, label_count)
    total = np.zeros(len(ties))

    def after(chosen: int, number: int) -> ndarray:
        total[:] += shared[:, chosen]
        return relevance - total / number

    return _selected(relevance, after, ties)


def _by_least_conditional(bits: Bits, labels: Labels, label_count: int, ties: ndarray) -> Int64[ndarray, " neuron"]:
    relevance = _alone(bits, labels, label_count)
    conditional = joint_information(pair_counts(bits, labels, label_count)) - relevance
    least = np.full(len(ties), np.inf)

    def after(chosen: int, _number: int) -> ndarray:
        least[:] = np.minimum(least, conditional[:, chosen])
        return least

    return _selected(relevance, after, ties)


def _by_joint(bits: Bits, labels: Labels, label_count: int, ties: ndarray) -> Int64[ndarray, " neuron"]:
    joint = joint_information(pair_counts(bits, labels, label_count))
    total = np.zeros(len(ties))

    def after(chosen: int, _number: int) -> ndarray:
        total[:] += joint[:, chosen]
        return total

    return _selected(_alone(bits, labels, label_count), after, ties)


def _by_coverage(bits: Bits, labels: Labels, label_count: int, ties: ndarray) -> Int64[ndarray, " neuron"]:
    spectra = specific_information(group_counts(bits, labels, np.arange(len(ties))[:, None], label_count))
    spectra = spectra[:, ~np.isnan(spectra).all(axis=0)]
    left, kept, covered = np.full(len(ties), True), [], np.zeros(spectra.shape[1])
    while left.any():
        gains = np.maximum(spectra - covered, 0).sum(axis=1).round(PLACES)
        if not gains[left].any():
            covered = np.zeros(spectra.shape[1])
            gains = spectra.sum(axis=1).round(PLACES)
        kept.append(_last(gains, left, ties))
        left[kept[-1]] = False
        covered = np.maximum(covered, spectra[kept[-1]])
    return np.array(kept[::-1], dtype=np.int64)


def _by_blanket(bits: Bits, labels: Labels, label_count: int, ties: ndarray) -> Int64[ndarray, " neuron"]:
    shared = mutual_information(pair_counts(bits, labels, label_count).sum(axis=-1)).round(PLACES)
    most = max(size for size in range(MOST_ALIKE + 1) if enough_samples(size + 1, label_count, len(labels)))
    left = list(range(len(ties)))
    blankets: dict[int, tuple[int, ...]] = {}
    lost = np.zeros(len(ties))
    removed = []
    while left:
        changed: dict[int, list[int]] = {}
        for j in left:
            others = [k for k in left if k != j]
            blanket = tuple(sorted(others, key=lambda k: (-shared[j, k], -ties[k]))[:most])
            if blankets.get(j) != blanket:
                blankets[j] = blanket
                changed.setdefault(len(blanket), []).append(j)
        for size, members in changed.items():
            lost[members] = _conditional(bits, labels, label_count, members, [blankets[j] for j in members], size)
        removed.append(min(left, key=lambda j: (lost[j], ties[j])))
        left.remove(removed[-1])
    return np.array(removed, dtype=np.int64)


def _conditional(
    bits: Bits, labels: Labels, label_count: int, members: list[int], blankets: list[tuple[int, ...]], size: int
) -> Float64[ndarray, " member"]:
    # The neuron's bit is the first of its group's state, so a sum over it leaves the blanket's counts.
    groups = np.column_stack([members, np.array(blankets, dtype=np.int64).reshape(len(members), size)])
    counts = group_counts(bits, labels, groups, label_count)
    without = counts.reshape(len(members), 2, 2**size, label_count).sum(axis=1)
    return (mutual_information(counts) - mutual_information(without)).round(PLACES)


def _alone(bits: Bits, labels: Labels, label_count: int) -> Float64[ndarray, " neuron"]:
    return mutual_information(group_counts(bits, labels, np.arange(bits.shape[1])[:, None], label_count))


def _selected(first: ndarray, after: Callable[[int, int], ndarray], ties: ndarray) -> Int64[ndarray, " neuron"]:
    left, kept, scores = np.full(len(ties), True), list[int](), first
    while left.any():
        kept.append(_last(scores.round(PLACES), left, ties))
        left[kept[-1]] = False
        scores = after(kept[-1], len(kept))
    return np.array(kept[::-1], dtype=np.int64)


def _last(scores: ndarray, left: ndarray, ties: ndarray) -> int:
    # Of the neurons left, the one with the largest score; of equals, the one that would be removed last.
    return int(max(np.flatnonzero(left), key=lambda j: (scores[j], ties[j])))


_ORDERS: dict[str, Callable[[Bits, Labels, int, ndarray], Int64[ndarray, " neuron"]]] = {
    "mRMR": _by_redundancy,
    "CMIM": _by_least_conditional,
    "JMI": _by_joint,
    "coverage": _by_coverage,
    "blanket": _by_blanket,
}
