"""Joint counts of groups of one-bit neurons and the label."""

from typing import Annotated

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from neuronlib.common.checks import check_labels, check_members
from neuronlib.common.entries import STATES, TABLES, Bits, LabelCount, Labels
from neuronlib.common.kinds import Holds
from neuronlib.common.numbers import AtLeastZero, Count, Seed
from neuronlib.common.randomness import permutation, stream

GroupCounts = Annotated[Int64[ndarray, "*group state label"], STATES, TABLES]
"""Joint counts of groups of one-bit neurons and the label."""

Groups = Annotated[
    Int64[ndarray, "group member"], Holds(lambda groups: groups.shape[1] > 0, "expected groups of at least one neuron")
]
"""Places of the neurons of each group."""

_CELLS = 2**24


def random_groups(neurons: Count, size: Count, number: AtLeastZero, seed: Seed) -> Int64[ndarray, "group member"]:
    """Draw groups of distinct neurons, each independently of the others.

    Args:
        neurons: Neurons to draw from, 0 to ``neurons - 1``.
        size: Neurons of a group.
        number: Number of groups.
        seed: Start of the random numbers.

    Returns:
        Each group ascending. Groups may be drawn more than once.

    Raises:
        ValueError: If there are fewer neurons than a group has.

    Example:
        >>> random_groups(3, 3, 2, seed=0).tolist()
        [[0, 1, 2], [0, 1, 2]]
    """
    if size > neurons:
        raise ValueError(f"groups of {size} neurons: expected from 1 to the {neurons} neurons there are")
    draw = stream(seed, "groups", size)
    drawn = [permutation(draw, neurons)[:size] for _ in range(number)]
    return np.sort(np.array(drawn, dtype=np.int64).reshape(number, size), axis=1)


def enough_samples(size: int, label_count: int, samples: int) -> bool:
    """Tell whether there are at least as many samples as cells in the table of a group and the label."""
    return 2**size * label_count <= samples


def group_counts(
    active: Bits,
    labels: Labels,
    groups: Groups,
    label_count: LabelCount,
) -> Int64[ndarray, "group state label"]:
    r"""Count how often each group of neurons is in each of its states together with each label.

    The state of :math:`n` neurons is :math:`\sum_j t_j 2^{n-1-j}`, so ``counts.reshape(-1, 2, …, 2, labels)`` has an
    axis for each neuron, as `pair_counts` has for two.

    Args:
        active: Which neurons are active for which samples.
        labels: The label of each sample, from 0.
        groups: Groups of equal size.
        label_count: Number of labels.

    Returns:
        Exact counts.

    Raises:
        ValueError: If a group holds a neuron twice or one that does not exist, a label is not below their number, or
            the samples are fewer than the cells of a table, so that information would be mostly bias.

    Example:
        >>> active = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 2, dtype=bool)
        >>> exclusive_or = active[:, 0] ^ active[:, 1]
        >>> group_counts(active, exclusive_or.astype(int), np.array([[0, 1]]), label_count=2).tolist()
        [[[2, 0], [0, 2], [0, 2], [2, 0]]]
    """
    (samples, neurons), size = active.shape, groups.shape[1]
    check_members("groups", groups, neurons)
    check_labels(labels, label_count)
    if not enough_samples(size, label_count, samples):
        raise ValueError(
            f"{samples} samples: fewer than the {2**size * label_count} cells of {size} neurons and {label_count} "
            "labels; take smaller groups or more samples"
        )
    cells = 2**size * label_count
    weights = label_count << np.arange(size)[::-1]
    at_once = max(1, _CELLS // (samples * size))
    counts = np.empty((len(groups), cells), dtype=np.int64)
    for start in range(0, len(groups), at_once):
        batch = groups[start : start + at_once]
        codes = active[:, batch] @ weights + labels[:, None] + cells * np.arange(len(batch))
        counts[start : start + at_once] = np.bincount(codes.ravel(), minlength=cells * len(batch)).reshape(-1, cells)
    return counts.reshape(len(groups), 2**size, label_count)
