r"""Shannon invariants of groups of one-bit neurons: how many neurons hold a bit, and how many it is lost with.

They are averages over the atoms of a partial information decomposition, and equal whichever decomposition is chosen:

.. math::
    \bar r &= \sum_\alpha r(\alpha) \frac{\Pi(\alpha)}{I(T;Y)} = \frac{\sum_j I(T_j; Y)}{I(T; Y)} \\
    \bar v &= \sum_\alpha v(\alpha) \frac{\Pi(\alpha)}{I(T;Y)} = \frac{\sum_j I(T_j; Y \mid T_{-j})}{I(T; Y)}

:math:`r(\alpha)` is the number of neurons that have the information of an atom by themselves; :math:`v(\alpha)` is the
number of neurons without any of which it is lost.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from neuronlib.common.door import methods_checked
from neuronlib.common.entries import FINITE, NOT_NEGATIVE
from neuronlib.information.groups.tables import GroupCounts
from neuronlib.information.measures import mutual_information

Information = Annotated[Float64[ndarray, "*group"], FINITE, NOT_NEGATIVE]
"""Information of each group, in bits."""


@methods_checked()
@dataclass(frozen=True, kw_only=True)
class ShannonInvariants:
    """Information of groups, in bits, and the two invariants, which are numbers of neurons.

    Attributes:
        information: Of all neurons of the group together, about the label.
        alone: Sum over neurons of what each says by itself.
        lost: Sum over neurons of what is lost without it, that is, without it alone.

    Example:
        >>> parts = ShannonInvariants(information=np.array(2.0), alone=np.array(3.0), lost=np.array(1.0))
        >>> parts.redundancy, parts.vulnerability
        (array(1.5), array(0.5))
    """

    information: Information
    alone: Information
    lost: Information

    @property
    def redundancy(self) -> Float64[ndarray, "*group"]:
        """Average degree of redundancy, from 0 to the number of neurons; NaN where the group says nothing."""
        return share(self.alone, self.information)

    @property
    def vulnerability(self) -> Float64[ndarray, "*group"]:
        """Average degree of vulnerability, from 0 to the number of neurons; NaN where the group says nothing."""
        return share(self.lost, self.information)


def shannon_invariants(counts: GroupCounts) -> ShannonInvariants:
    r"""Compute the average degrees of redundancy and of vulnerability of groups of one-bit neurons.

    .. math:: I(T_j; Y \mid T_{-j}) = I(T; Y) - I(T_{-j}; Y)

    Source: Gutknecht and others 2025. No deviation. All information is the plug-in estimate, which is biased upward;
    `information_bias` gives its first order, and `of_sampled_groups` sets a corrected value beside each.

    Args:
        counts: Joint counts of `group_counts`.

    Returns:
        Sums of information and the invariants, for each group.

    Raises:
        ValueError: If the number of states is no power of two, or a table is empty or has a negative entry.

    Example:
        >>> both = shannon_invariants(np.array([[1, 0], [0, 1], [0, 1], [1, 0]]))  # exclusive or
        >>> both.redundancy, both.vulnerability
        (array(0.), array(2.))
    """
    *batch, states, labels = counts.shape
    size = sources_of(counts)
    information = mutual_information(counts)
    alone, lost = np.zeros_like(information), np.zeros_like(information)
    for member in range(size):
        # States before, of and behind the bit of this neuron.
        split = counts.reshape(*batch, 2**member, 2, states >> (member + 1), labels)
        without = split.sum(axis=-3).reshape(*batch, states // 2, labels)
        alone += mutual_information(split.sum(axis=(-4, -2)))
        # What falls below zero is rounding.
        lost += np.maximum(information - mutual_information(without), 0.0)
    return ShannonInvariants(information=information, alone=alone, lost=lost)


def sources_of(counts: GroupCounts) -> int:
    """Return how many one-bit neurons the states are of."""
    return counts.shape[-2].bit_length() - 1


def share(part: ndarray, whole: ndarray) -> Float64[ndarray, "*group"]:
    """Divide, with NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)
