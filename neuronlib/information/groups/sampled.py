"""Shannon invariants, complexity, O-information and redundancy of groups drawn from a layer of one-bit neurons."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import xarray as xr
from jaxtyping import Int64
from numpy import ndarray

from neuronlib.common.checks import check_labels
from neuronlib.common.entries import EACH_ONCE, Bits, LabelCount, Labels
from neuronlib.common.numbers import Count, Seed
from neuronlib.common.randomness import permutation, stream
from neuronlib.information.groups.invariants import shannon_invariants
from neuronlib.information.groups.lattice import MOST_SOURCES
from neuronlib.information.groups.oinformation import distinct_varying_neurons, of_groups
from neuronlib.information.groups.pid import broja
from neuronlib.information.groups.shared_exclusion import synergy_weighted_information
from neuronlib.information.groups.tables import enough_samples, group_counts, random_groups

PARTS = ("information", "alone", "lost", "synergy_weighted")
"""What is summed over groups, in bits."""
ESTIMATORS = ("plug-in", "corrected")


def of_sampled_groups(
    active: Bits,
    labels: Labels,
    label_count: LabelCount,
    sizes: Annotated[Sequence[Count], EACH_ONCE] = (2, 3, 4, 8),
    number: Count = 100,
    seed: Seed = 0,
) -> xr.Dataset:
    r"""Draw groups of a layer's neurons, and decompose the information of each.

    .. math:: \hat I_\text{corrected} = 2\, \hat I_N - \tfrac12 \bigl(\hat I_{N/2} + \hat I'_{N/2}\bigr)

    The plug-in estimate of anything here is off by about a constant over :math:`N`. So it is estimated from all samples
    and from two halves, and extrapolated; the difference between the two estimators is the bias shown.

    Constant neurons and copies are in no group. A size is skipped, with NaN in its place, if fewer neurons are left, or
    if half of the samples are fewer than the cells of a table. Groups of more than five neurons have no complexity.

    Source: Ehrlich and others 2023 subsample groups, too. Strong and others 1998 extrapolate in the number of samples.

    Args:
        active: Which neurons are active for which samples.
        labels: The label of each sample, from 0.
        label_count: Number of labels.
        sizes: Neurons of a group, each once.
        number: Groups of each size.
        seed: Start of the random numbers.

    Returns:
        By ``size``, ``group`` and ``estimator`` ("plug-in", "corrected"), in bits: ``information``, ``alone``, ``lost``
        (see `ShannonInvariants`) and ``synergy_weighted``, which divided by ``information`` is
        `representational_complexity`. Ratios are left to the reader: that of sums is steadier than the mean of ratios.
        By ``size`` and ``group``, plug-in estimates in bits: ``o_information`` of three or more neurons, and
        ``pair_redundancy`` (BROJA) of two. ``used``: neurons that groups are drawn from.

    Raises:
        ValueError: If a size or the number of groups is less than 1, or a label is not below their number.

    Example:
        >>> bits = np.array([[s, t] for s in (0, 1) for t in (0, 1)] * 50, dtype=bool)
        >>> labels = (bits[:, 0] ^ bits[:, 1]).astype(int)
        >>> parts = of_sampled_groups(bits, labels, 2, sizes=(2, 3), number=1).isel(group=0, estimator=0)
        >>> (parts.lost / parts.information).values
        array([ 2., nan])
    """
    check_labels(labels, label_count)
    kept = distinct_varying_neurons(active)
    bits = active[:, kept]
    halves = permutation(stream(0, "halves of groups"), len(labels)) % 2
    parts = np.full((len(sizes), number, len(ESTIMATORS), len(PARTS)), np.nan)
    o_information, redundancy = np.full((2, len(sizes), number), np.nan)
    for row, size in enumerate(sizes):
        if size > len(kept) or not enough_samples(size, label_count, len(labels) // 2):
            continue
        groups = random_groups(len(kept), size, number, seed)
        of_halves = [group_counts(bits[halves == half], labels[halves == half], groups, label_count) for half in (0, 1)]
        counts = of_halves[0] + of_halves[1]
        parts[row, :, 0] = _parts(counts)
        parts[row, :, 1] = 2 * parts[row, :, 0] - np.mean([_parts(half) for half in of_halves], axis=0)
        if size >= 3:
            o_information[row] = of_groups(bits, groups)
        if size == 2:
            redundancy[row] = broja(counts.reshape(number, 2, 2, label_count)).redundancy
    dimensions, bit = ("size", "group", "estimator"), {"units": "bit"}
    return xr.Dataset(
        {
            **{name: (dimensions, parts[..., place], bit) for place, name in enumerate(PARTS)},
            "o_information": (("size", "group"), o_information, bit),
            "pair_redundancy": (("size", "group"), redundancy, bit),
            "used": len(kept),
        },
        {"size": list(sizes), "estimator": list(ESTIMATORS)},
    )


def _parts(counts: Int64[ndarray, "group state label"]) -> ndarray:
    invariants = shannon_invariants(counts)
    small = counts.shape[-2] <= 2**MOST_SOURCES
    weighted = synergy_weighted_information(counts) if small else np.full(len(counts), np.nan)
    return np.stack([invariants.information, invariants.alone, invariants.lost, weighted], axis=-1)
