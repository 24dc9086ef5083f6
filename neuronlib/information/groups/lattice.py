r"""The lattice of antichains, in whose places the information of several sources is divided into atoms.

An atom belongs to an antichain: a set of groups of sources of which none contains another. Its information can be had
from each of these groups, and from no group that contains none of them. So an antichain is a monotone Boolean function
of the sources known: true as soon as one of its groups is known.
"""

import functools
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field
from scipy.sparse import csr_array

MOST_SOURCES = 5
"""Sources of the largest lattice: 7579 antichains, where six sources have 7.8 million."""

Sources = Annotated[int, Field(strict=True, ge=1, le=MOST_SOURCES)]
"""Number of sources of a lattice."""

Antichain = tuple[tuple[int, ...], ...]
"""Groups of sources, such as ``((0,), (1, 2))``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Lattice:
    """All antichains of some sources, the most redundant first, the most synergistic last.

    Sets of sources are numbers: source ``j`` of ``n`` is the bit of value ``2**(n - 1 - j)``.

    Attributes:
        sources: Number of sources.
        antichains: The groups of each antichain.
        above: Whether a set of sources contains a group of the antichain.
        inversion: Möbius inversion: an atom is the row's sum over redundancies.
        synergy: Size of the smallest group, the degree of synergy.
        redundancy: Number of single sources among the groups, the degree of redundancy.
        vulnerability: Number of sources that are in every group, the degree of vulnerability.
    """

    sources: int
    antichains: tuple[Antichain, ...]
    above: Float64[ndarray, "antichain set"]
    inversion: csr_array
    synergy: Int64[ndarray, " antichain"]
    redundancy: Int64[ndarray, " antichain"]
    vulnerability: Int64[ndarray, " antichain"]


@functools.cache
def lattice(sources: Sources) -> Lattice:
    r"""Make the lattice of some sources.

    .. math:: \alpha \preceq \beta \iff \forall b \in \beta\ \exists a \in \alpha : a \subseteq b, \qquad
              \Pi(\alpha) = \sum_{B \subseteq \alpha^-} (-1)^{|B|}\, I_\cap\bigl(\textstyle\bigwedge B \bigr)

    :math:`\alpha^-` are the antichains just below :math:`\alpha`; the meet of none of them is :math:`\alpha` itself.

    Source: Williams, Beer 2010, for the lattice, with the closed form of its Möbius inversion. The degrees are those of
    Ehrlich and others 2023 (synergy) and of Gutknecht and others 2025 (redundancy, vulnerability).

    Args:
        sources: From 1 to 5.

    Returns:
        The lattice, made once.

    Raises:
        ValueError: If there are fewer or more sources.

    Example:
        >>> two = lattice(2)
        >>> two.antichains
        (((0,), (1,)), ((0,),), ((1,),), ((0, 1),))
        >>> two.synergy.tolist(), two.redundancy.tolist(), two.vulnerability.tolist()
        ([1, 1, 1, 2], [2, 1, 1, 0], [0, 1, 1, 2])
    """
    number = 2**sources
    # Neither the function that is never true, nor the one that is true when nothing is known.
    functions = [one for one in _monotone(sources) if one and not one & 1]
    functions.sort(key=lambda one: (-one.bit_count(), -one))
    place = {one: row for row, one in enumerate(functions)}
    antichains, entries = [], []
    for row, one in enumerate(functions):
        known = [u for u in range(number) if one >> u & 1]
        least = [u for u in known if not any(v != u and v & u == v for v in known)]
        groups = [tuple(j for j in range(sources) if u >> (sources - 1 - j) & 1) for u in least]
        antichains.append(tuple(sorted(groups, key=lambda group: (len(group), group))))
        # Sets that could be added: all that contain them are there.
        free = [u for u in range(1, number) if not one >> u & 1]
        addable = [u for u in free if not any(v != u and u & v == u for v in free)]
        signed = [(one, 1)]
        for u in addable:
            signed += [(other | 1 << u, -sign) for other, sign in signed]
        entries += [(row, place[other], sign) for other, sign in signed]
    rows, columns, signs = np.array(entries).T
    above = [[one >> u & 1 for u in range(number)] for one in functions]
    return Lattice(
        sources=sources,
        antichains=tuple(antichains),
        above=np.array(above, dtype=np.float64),
        inversion=csr_array((signs.astype(np.float64), (rows, columns)), shape=(len(functions), len(functions))),
        synergy=np.array([min(map(len, groups)) for groups in antichains]),
        redundancy=np.array([sum(len(group) == 1 for group in groups) for groups in antichains]),
        vulnerability=np.array([len(set.intersection(*map(set, groups))) for groups in antichains]),
    )


def _monotone(sources: int) -> list[int]:
    # Each monotone function as a number whose bit u says whether it is true for the set u. With the highest source
    # known, a function is true wherever it is true without.
    if sources == 0:
        return [0, 1]
    smaller = _monotone(sources - 1)
    shift = 2 ** (sources - 1)
    return [low | high << shift for low in smaller for high in smaller if low & high == low]
