r"""Partial information decomposition of pairs of one-bit neurons: what two neurons say of the label, in four parts.

.. math::
    I(T_1 T_2; Y) &= R + U_1 + U_2 + S \\
    I(T_j; Y) &= R + U_j

Redundancy :math:`R` is said by either, unique information :math:`U_j` by one alone, synergy :math:`S` by both together
only. One of the four determines the others; definitions differ in which they take, and in its value.
"""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from scipy.special import entr

from neuronlib.common.door import methods_checked
from neuronlib.common.entries import FINITE
from neuronlib.information.groups.pairs import PairCounts, joint_information, single_information
from neuronlib.information.measures import BITS_PER_NAT, specific_information

# The barrier that keeps probabilities positive starts at the first weight and ends at the last, in nats.
_WEIGHTS = 10.0 ** np.arange(-2, -13, -2)
_NEWTON_STEPS = 6
# Steps more at the last weight, for pairs whose gap in nats is not small after those.
_MORE_STEPS = 60
_SMALL_GAP = 5e-10
# How far a step may go towards the nearest bound.
_TO_THE_BOUND = 0.95
_PAIRS_AT_ONCE = 4096


@methods_checked()
@dataclass(frozen=True)
class Decomposition:
    """Four parts of the information that pairs have, in bits.

    Attributes:
        redundancy: What either neuron says.
        unique: What the first alone says, and what the second alone says.
        synergy: What only both together say.
        gap: By how much the parts may be off, at most.

    Example:
        >>> exclusive_or = np.array([[[5, 0], [0, 5]], [[0, 5], [5, 0]]])
        >>> williams_beer(exclusive_or).synergy
        array(1.)
    """

    redundancy: Annotated[Float64[ndarray, "*pair"], FINITE]
    unique: tuple[Annotated[Float64[ndarray, "*pair"], FINITE], Annotated[Float64[ndarray, "*pair"], FINITE]]
    synergy: Annotated[Float64[ndarray, "*pair"], FINITE]
    gap: Annotated[Float64[ndarray, "*pair"], FINITE]


def williams_beer(counts: PairCounts) -> Decomposition:
    r"""Decompose information as Williams and Beer do.

    .. math:: R = \sum_y \hat p(y) \min_j D(\hat P_{T_j|Y=y} \,\|\, \hat P_{T_j})

    Redundancy is the least specific information of each label, the quantity whose largest value over labels is KL
    selectivity. It counts as redundant whatever two neurons say of the same label, even where they say different
    things.

    Source: Williams, Beer 2010, Eq. (2). No deviation.

    Args:
        counts: Joint counts of `pair_counts`.

    Returns:
        Exact parts, each at least 0.

    Raises:
        ValueError: If a table is empty or has a negative entry.

    Example:
        >>> copies = np.array([[[5, 0], [0, 0]], [[0, 0], [0, 5]]])
        >>> williams_beer(copies).redundancy
        array(1.)
    """
    spectra = [specific_information(counts.sum(axis=axis)) for axis in (-2, -3)]
    shares = counts.sum(axis=(-3, -2)) / counts.sum(axis=(-3, -2, -1))[..., None]
    redundancy = np.where(shares > 0, shares * np.minimum(*spectra), 0.0).sum(axis=-1)
    return _completed(counts, *single_information(counts), redundancy, np.zeros(counts.shape[:-3]))


def broja(counts: PairCounts) -> Decomposition:
    r"""Decompose information as Bertschinger, Rauh, Olbrich, Jost and Ay do (BROJA).

    What does not depend on how the two neurons vary together is not synergy: of all distributions in which each neuron
    has the same relation to the label, the one in which both together say least has none.

    .. math:: S = I_P(T_1 T_2; Y) - \min_{Q \in \Delta_P} I_Q(T_1 T_2; Y), \qquad
              \Delta_P = \{Q : Q_{T_j Y} = P_{T_j Y},\ j = 1, 2\}

    For two one-bit neurons, :math:`Q` has one free number for each label, the probability that both are active. The
    minimum is found for many pairs at once by Newton's method with a barrier, whose Hessian is a diagonal less a
    multiple of the matrix of ones, so a step costs no more than a gradient.

    Source: Bertschinger, Rauh, Olbrich, Jost, Ay 2014, Definition 1. No deviation.

    Args:
        counts: Joint counts of `pair_counts`.

    Returns:
        Parts of at least 0, to rounding; ``gap`` bounds how far the minimum may lie below what was found.

    Raises:
        ValueError: If a table is empty or has a negative entry.

    Example:
        >>> both_active = np.array([[[1, 0], [1, 0]], [[1, 0], [0, 1]]])  # the label is the logical and
        >>> parts = broja(both_active)
        >>> f"{parts.synergy:.4f} {parts.redundancy:.4f}"
        '0.5000 0.3113'
    """
    first, second = single_information(counts)
    tables = counts.reshape(math.prod(counts.shape[:-3]), *counts.shape[-3:])
    p = tables / tables.sum(axis=(1, 2, 3), keepdims=True)
    chunks = [p[a : a + _PAIRS_AT_ONCE] for a in range(0, max(1, len(p)), _PAIRS_AT_ONCE)]
    solved = [_least_information(chunk) for chunk in chunks]
    least, gap = (np.concatenate(part).reshape(counts.shape[:-3]) for part in zip(*solved, strict=True))
    return _completed(counts, first, second, first + second - least, gap)


def _completed(
    counts: Int64[ndarray, "*pair 2 2 label"],
    first: Float64[ndarray, "*pair"],
    second: Float64[ndarray, "*pair"],
    redundancy: Float64[ndarray, "*pair"] | np.float64,
    gap: Float64[ndarray, "*pair"],
) -> Decomposition:
    synergy = joint_information(counts) - first - second + redundancy
    unique = (np.asarray(first - redundancy), np.asarray(second - redundancy))
    return Decomposition(np.asarray(redundancy), unique, np.asarray(synergy), np.asarray(gap))


def _least_information(p: Float64[ndarray, "pair 2 2 label"]) -> tuple[ndarray, ndarray]:
    # The least information in bits over all q with the same pairs of margins, and a bound on the error.
    of_label = p.sum(axis=(1, 2))
    first, second = p[:, 1].sum(axis=1), p[:, :, 1].sum(axis=1)
    low, high = np.maximum(first + second - of_label, 0), np.minimum(first, second)
    # Where one of the neurons has the same value for all samples of a label, there is nothing to choose.
    free = high - low > 1e-12
    both = np.where(free, (low + high) / 2, low)
    for weight in _WEIGHTS:
        for _ in range(_NEWTON_STEPS):
            both = _newton_step(both, first, second, of_label, free, weight)
    gap, information = _gap_and_information(both, first, second, of_label, free, low, high)
    # A minimum close to a bound needs more steps. Only pairs that need them take them, so that others keep their bits.
    for _ in range(_MORE_STEPS):
        far = gap > _SMALL_GAP
        if not far.any():
            break
        bounds = (first[far], second[far], of_label[far], free[far])
        both[far] = _newton_step(both[far], *bounds, _WEIGHTS[-1])
        gap[far], information[far] = _gap_and_information(both[far], *bounds, low[far], high[far])
    return information * BITS_PER_NAT, gap * BITS_PER_NAT


def _gap_and_information(
    both: ndarray, first: ndarray, second: ndarray, of_label: ndarray, free: ndarray, low: ndarray, high: ndarray
) -> tuple[ndarray, ndarray]:
    q = _joint(both, first, second, of_label)
    slope = np.where(free, _slope(q, free), 0.0)
    # f is convex, so nowhere is it lower than its tangent plane.
    gap = np.maximum(slope * (both - low), slope * (both - high)).sum(axis=1)
    information = entr(q.sum(axis=3)).sum(axis=(1, 2)) + entr(of_label).sum(axis=1) - entr(q).sum(axis=(1, 2, 3))
    return gap, information


def _joint(both: ndarray, first: ndarray, second: ndarray, of_label: ndarray) -> Float64[ndarray, "pair 2 2 label"]:
    cells = [of_label - first - second + both, second - both, first - both, both]
    # Differences of equal numbers may come out a rounding below zero.
    return np.maximum(np.stack(cells, axis=1), 0.0).reshape(len(both), 2, 2, both.shape[1])


_SIGN = np.array([[1.0, -1.0], [-1.0, 1.0]])[None, :, :, None]


def _slope(q: ndarray, free: ndarray) -> Float64[ndarray, "pair label"]:
    # How the information changes with the probability that both are active; q is positive where that is free.
    totals = q.sum(axis=3, keepdims=True)
    inside = np.broadcast_to(free[:, None, None], q.shape)
    ratio = np.divide(q, totals, out=np.ones_like(q), where=inside)
    return (_SIGN * np.log(ratio)).sum(axis=(1, 2))


def _newton_step(
    both: ndarray, first: ndarray, second: ndarray, of_label: ndarray, free: ndarray, weight: float
) -> Float64[ndarray, "pair label"]:
    q = _joint(both, first, second, of_label)
    inside = np.broadcast_to(free[:, None, None], q.shape)
    inverse = np.divide(1.0, q, out=np.zeros_like(q), where=inside)
    totals = q.sum(axis=3)
    gradient = np.where(free, _slope(q, free) - weight * (_SIGN * inverse).sum(axis=(1, 2)), 0.0)
    diagonal = np.where(free, (inverse + weight * inverse**2).sum(axis=(1, 2)), 1.0)
    ones = np.divide(1.0, totals, out=np.zeros_like(totals), where=totals > 0).sum(axis=(1, 2))
    # Sherman and Morrison: the inverse of a diagonal less a multiple of the matrix of ones.
    scaled, weights = gradient / diagonal, np.where(free, 1 / diagonal, 0.0)
    rest = np.maximum(1 - ones * weights.sum(axis=1), 1e-12)
    direction = -(scaled + weights * (ones * scaled.sum(axis=1) / rest)[:, None])
    # Each cell must stay positive.
    change = _SIGN * direction[:, None, None]
    limits = np.divide(-q, change, out=np.full_like(q, np.inf), where=inside & (change < 0))
    length = np.minimum(1.0, _TO_THE_BOUND * limits.min(axis=(1, 2, 3)))
    return both + length[:, None] * direction
