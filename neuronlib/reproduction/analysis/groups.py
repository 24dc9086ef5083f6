"""Groups of one-bit neurons: a code for the classes, shuffling within classes, and searches for extreme groups."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int64
from numpy import ndarray

from neuronlib.common.choices import DIRECTIONS
from neuronlib.information.groups.oinformation import distinct_varying_neurons, of_groups_gaussian
from neuronlib.information.groups.pairs import each_pair
from neuronlib.information.groups.pid import broja, williams_beer
from neuronlib.information.groups.search import anneal, beyond_chance, greedy, shuffled

SIZE = 6
"""Neurons of the largest groups that are searched for."""
DRAWN = 1000
"""Triplets drawn of each layer for the Gaussian model."""

Bits = Bool[ndarray, "sample neuron"]


def share_of_redundancy(pairs: xr.DataArray) -> Float[ndarray, "*network"]:
    r"""Compute the share of a pair's information that either of its neurons tells, from the means over pairs.

    .. math:: \frac{R}{R + U_1 + U_2 + S}

    Source: Bertschinger et al. 2014 for redundancy, unique and synergistic information; see `of_layers`.

    Args:
        pairs: ``pairs`` of `of_layers`, of one layer.

    Returns:
        From 0 to 1, for each network.

    Example:
        >>> parts = ["redundancy", "unique", "synergy"]
        >>> share_of_redundancy(xr.DataArray([[0.1, 0.2, 0.5]], {"part": parts}, ("network", "part")))
        array([0.1])
    """
    redundancy, unique, synergy = (pairs.sel(part=part).values for part in ("redundancy", "unique", "synergy"))
    return redundancy / (redundancy + 2 * unique + synergy)


def class_code(neurons: int, labels: Int64[ndarray, " sample"], seed: int) -> Bits:
    """Make bits that depend on the class and on nothing else: for each class, a fair bit of each neuron.

    Returns:
        The bits, equal for all samples of a class.

    Example:
        >>> code = class_code(3, np.array([0, 1, 0]), seed=0)
        >>> bool((code[0] == code[2]).all())
        True
    """
    return (np.random.default_rng(seed).random((labels.max() + 1, neurons)) < 0.5)[labels]


def shuffled_within_classes(active: Bits, labels: Int64[ndarray, " sample"], seed: int) -> Bits:
    """Shuffle each neuron's samples among those of the same class.

    Returns:
        Bits that have the same relation with the class, neuron by neuron, and no other dependence.

    Example:
        >>> bits = np.array([[0, 0], [0, 1], [1, 1], [1, 1]], dtype=bool)
        >>> shuffled_within_classes(bits, np.array([0, 0, 1, 1]), seed=0)[2:].all()
        np.True_
    """
    mixed = active.copy()
    for label in np.unique(labels):
        mixed[labels == label] = shuffled(active[labels == label], seed)
    return mixed


def pairs_and_triplets(
    of_networks: Sequence[Bits], labels: Int64[ndarray, " sample"], label_count: int, seed: int
) -> xr.Dataset:
    """Summarise pairs and triplets of one layer, for each network.

    Args:
        of_networks: One-bit outputs of the layer in each network.
        labels: The label of each sample, from 0.
        label_count: Number of labels.
        seed: Seed of the shuffled neurons that chance is judged by.

    Returns:
        By ``network``: mean ``redundancy``, ``synergy`` and ``williams_beer`` of a pair, in bits; shares of triplets
        that are more ``redundant_triplets`` and ``synergistic_triplets`` than chance, as `beyond_chance` says.

    Example:
        >>> labels = np.arange(400) % 10
        >>> code = pairs_and_triplets([class_code(8, labels, seed=0)], labels, 10, seed=0)
        >>> bool(code.synergy.item() < 1e-9)  # bits that depend on nothing but the class
        True
    """
    rows = []
    for active in of_networks:
        bits = active[:, distinct_varying_neurons(active)]
        counts = each_pair(bits, labels, label_count)
        parts = broja(counts)
        means = [parts.redundancy.mean(), parts.synergy.mean(), williams_beer(counts).redundancy.mean()]
        rows.append([*means, *beyond_chance(bits, seed)])
    names = ("redundancy", "synergy", "williams_beer", "redundant_triplets", "synergistic_triplets")
    return xr.Dataset({name: ("network", values) for name, values in zip(names, np.array(rows).T, strict=True)})


def extreme_groups(active: Bits, seed: int) -> list[tuple[str, float, float, float]]:
    """Search the six neurons of lowest and of highest O-information, by two searches and among shuffled neurons.

    Returns:
        For synergy and for redundancy: what is searched for, and in bits what greedy search finds, what simulated
        annealing finds, and what greedy search finds among shuffled neurons.
    """
    bits = active[:, distinct_varying_neurons(active)]
    rows = []
    for direction, name in zip(DIRECTIONS, ("synergy", "redundancy"), strict=True):
        grown, by_chance = (greedy(some, SIZE, direction)[1][-1] for some in (bits, shuffled(bits, seed)))
        rows.append((name, float(grown), float(anneal(bits, SIZE, direction, seed)[1]), float(by_chance)))
    return rows


def gaussian_triplets(values: Float[ndarray, "sample neuron"], draw: np.random.Generator) -> Float[ndarray, " triplet"]:
    """Compute O-information of random triplets of real-valued neurons by a Gaussian copula, in bits."""
    triplets = np.array([draw.choice(values.shape[1], 3, replace=False) for _ in range(DRAWN)])
    return of_groups_gaussian(values.astype(np.float64), triplets)
