r"""Decomposition of the information of two to five one-bit neurons by shared exclusions, and how complex it is.

.. math:: i_\cap^{sx}(s, y : \alpha) = \log_2 \frac{P(y \mid W)}{P(y)}, \qquad
          W = \bigcup_{a \in \alpha} \bigcap_{j \in a} \{T_j = s_j\}

What an antichain's groups share about a sample is what follows from knowing that at least one of them is as it is.
Atoms follow by Möbius inversion over the lattice; they can be negative, where a sample misinforms.
"""

from typing import Annotated

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from scipy.sparse import csr_array
from scipy.special import xlogy

from neuronlib.common.kinds import Holds
from neuronlib.information.groups.invariants import share, sources_of
from neuronlib.information.groups.lattice import MOST_SOURCES, lattice
from neuronlib.information.groups.tables import GroupCounts
from neuronlib.information.measures import BITS_PER_NAT, mutual_information

SmallGroupCounts = Annotated[
    GroupCounts,
    Holds(
        lambda counts: counts.shape[-2] <= 2**MOST_SOURCES,
        f"expected at most {2**MOST_SOURCES} states, for groups of {MOST_SOURCES} one-bit neurons",
    ),
]
"""Joint counts of groups of one-bit neurons and the label, of which all atoms can be computed."""

# Logarithms that are held at once.
_TERMS = 2**21


def shared_exclusion_atoms(counts: SmallGroupCounts) -> Float64[ndarray, "*group antichain"]:
    r"""Compute the atoms of the decomposition by shared exclusions, in bits.

    .. math:: \Pi(\alpha) = I_\cap^{sx}(\alpha) - \sum_{\beta \prec \alpha} \Pi(\beta), \qquad
              I_\cap^{sx}(\alpha) = \sum_{s, y} \hat p(s, y)\, i_\cap^{sx}(s, y : \alpha)

    Source: Makkeh, Gutknecht, Wibral 2021. No deviation; probabilities are the plug-in estimates.

    Args:
        counts: Joint counts of `group_counts`, of at most five neurons.

    Returns:
        In the order of ``lattice(n).antichains``; they add up to the information of the group.

    Raises:
        ValueError: If there are more than five neurons, the number of states is no power of two, or a table is empty
            or has a negative entry.

    Example:
        >>> copies = np.array([[5, 0], [0, 0], [0, 0], [0, 5]])
        >>> shared_exclusion_atoms(copies)  # all of it is in either
        array([1., 0., 0., 0.])
    """
    of = lattice(sources_of(counts))
    redundancies = _redundancies(counts, of.above)
    atoms = (of.inversion @ redundancies.reshape(-1, len(of.above)).T).T
    # Sums of some hundred logarithms leave rounding where nothing is.
    return np.where(np.abs(atoms) < 1e-13, 0.0, atoms).reshape(redundancies.shape)


def synergy_weighted_information(counts: SmallGroupCounts) -> Float64[ndarray, "*group"]:
    r"""Sum a group's atoms, each times the size of the smallest group of neurons that has it, in bits.

    .. math:: \sum_\alpha m(\alpha)\, \Pi(\alpha), \qquad m(\alpha) = \min_{a \in \alpha} |a|

    It is a weighted sum of the redundancies of few antichains, so no atom is computed.

    Args:
        counts: As for `shared_exclusion_atoms`.

    Returns:
        The numerator of `representational_complexity`.
    """
    of = lattice(sources_of(counts))
    weights = of.inversion.T @ of.synergy
    used = np.flatnonzero(weights)
    return np.asarray(_redundancies(counts, of.above[used]) @ weights[used])


def representational_complexity(counts: SmallGroupCounts) -> Float64[ndarray, "*group"]:
    r"""Compute how many neurons have to be known at once, on average over the bits of a group.

    .. math:: C = \frac{1}{I(T;Y)} \sum_\alpha m(\alpha)\, \Pi(\alpha), \qquad m(\alpha) = \min_{a \in \alpha} |a|

    Source: Ehrlich, Schneider, Priesemann, Wibral, Makkeh 2023, representational complexity. No deviation.

    Args:
        counts: Joint counts of `group_counts`, of at most five neurons.

    Returns:
        From 1, where each bit is in a neuron by itself, to the number of neurons, where all have to be known, unless
        atoms are negative. NaN where the group says nothing. That of exclusive or is below 2, since one bit excludes
        half of the cases.

    Raises:
        ValueError: As `shared_exclusion_atoms`.

    Example:
        >>> copies, exclusive_or = [[5, 0], [0, 0], [0, 0], [0, 5]], [[1, 0], [0, 1], [0, 1], [1, 0]]
        >>> representational_complexity(np.array([copies, exclusive_or])).round(3)
        array([1.   , 1.415])
    """
    return share(synergy_weighted_information(counts), mutual_information(counts))


def _redundancies(
    counts: Int64[ndarray, "*group state label"], above: Float64[ndarray, "antichain set"]
) -> Float64[ndarray, "*group antichain"]:
    *batch, states, labels = counts.shape
    tables = counts.reshape(-1, states, labels)
    at_once = max(1, _TERMS // (states * (labels + 1) * len(above)))
    parts = [_of_tables(tables[start : start + at_once], above) for start in range(0, len(tables), at_once)]
    return np.concatenate(parts or [np.empty((0, len(above)))]).reshape(*batch, len(above))


def _of_tables(
    tables: Int64[ndarray, "group state label"], above: Float64[ndarray, "antichain set"]
) -> Float64[ndarray, "group antichain"]:
    # N i(s, y) = n(s, y) [log n(y, W) - log n(W)] - n(y) log n(y) + N log N; the label behind the last is any label.
    any_label = tables.sum(axis=2, keepdims=True)
    counted = np.concatenate([tables, any_label], axis=2)
    weights = np.concatenate([tables, -any_label], axis=2)
    groups, states, labels = np.nonzero(weights)
    # Two states agree in a set of neurons exactly if they differ in the others.
    every = tables.shape[1] - 1
    agreeing = states[:, None] ^ (every ^ np.arange(every + 1))
    unions = counted[groups[:, None], agreeing, labels[:, None]].astype(np.float64) @ above.T
    np.log2(unions, out=unions)
    pointers = np.append(0, np.cumsum(np.bincount(groups, minlength=len(tables))))
    shape = (len(tables), len(groups))
    sums = csr_array((weights[groups, states, labels].astype(np.float64), np.arange(len(groups)), pointers), shape)
    of_label = tables.sum(axis=1)
    total = of_label.sum(axis=1)
    constants = (xlogy(total, total) - xlogy(of_label, of_label).sum(axis=1)) * BITS_PER_NAT
    return (sums @ unions + constants[:, None]) / total[:, None]
