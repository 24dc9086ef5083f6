"""Orders in which neurons are ablated: by a measure, ascending or descending, or at random."""

import itertools
from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float, Int64
from numpy import ndarray

from neuronlib.common.randomness import permutation, stream
from neuronlib.common.types import DIRECTIONS, MEASURES, WHOLE, Direction
from neuronlib.information.measures import specific_information


def ranked(
    values: Float[ndarray, " neuron"], direction: Direction, ties: Int64[ndarray, " neuron"]
) -> Int64[ndarray, " neuron"]:
    """Neurons ordered by a measure.

    Args:
        values: The measure of each neuron.
        direction: "low" puts the lowest value first, "high" the highest.
        ties: A permutation; of neurons with the same value, the one that has the smaller entry comes first.

    Returns:
        Each neuron's index once, the first to be ablated first.

    Raises:
        ValueError: If a value is NaN.

    Example:
        >>> ranked(np.array([0.3, 0.1, 0.3]), "high", ties=np.array([2, 0, 1]))
        array([2, 0, 1])
    """
    if np.isnan(values).any():
        raise ValueError("values hold NaN: neurons without a value cannot be ranked")
    return np.lexsort((ties, values if direction == "low" else -values))


def class_balanced(
    spectra: Float[ndarray, "neuron label"], ties: Int64[ndarray, " neuron"]
) -> Int64[ndarray, " neuron"]:
    r"""Neurons ordered so that the last ones, which are kept longest, represent each class.

    Classes take turns, and each takes of the neurons that are left the one that says most of it:

    .. math:: \pi(N - m) = \arg\max_{j \text{ left}} D(P_{T_j|Y=y} \,\|\, P_{T_j}), \qquad y = m \bmod C

    Source: Amjad, Liu, Geiger 2021, Sec. VI, where the spectra "allow selecting a subset of neurons such that each
    class in C is represented". How to select is not said; taking turns is ours.

    Args:
        spectra: Specific information in bits, as `specific_information` returns it.
        ties: A permutation; of neurons that say the same, the one that has the smaller entry is ablated first.

    Returns:
        Each neuron's index once, the first to be ablated first.

    Raises:
        ValueError: If a value is NaN.

    Example:
        >>> both = np.array([[0.9, 0.0], [0.8, 0.0], [0.0, 0.1]])
        >>> class_balanced(both, ties=np.array([0, 1, 2]))  # by the maximum, neuron 2 would go first
        array([1, 2, 0])
    """
    if np.isnan(spectra).any():
        raise ValueError("spectra hold NaN: neurons without a value, or of a label without samples, cannot be ranked")
    queues = [iter(np.lexsort((-ties, -of_label)).tolist()) for of_label in spectra.T]
    kept: dict[int, None] = {}
    while len(kept) < len(spectra):
        queue = queues[len(kept) % len(queues)]
        kept[next(neuron for neuron in queue if neuron not in kept)] = None
    return np.array(list(kept), dtype=np.int64)[::-1]


def ablation_orders(
    measures: xr.Dataset, layer: str, random_orders: int, seed: int, names: Sequence[str] = MEASURES
) -> xr.DataArray:
    """All orders in which the neurons of a layer, or of the whole network, are ablated.

    By each measure, lowest and highest first, then in random orders. A random order is nested: its first 20 neurons
    are among its first 21.

    Source: Amjad, Liu, Geiger 2021, Sec. V. The paper states neither how ties are broken, which decides the order of
    all dead neurons, nor how many random orders a network has. Here ties are broken by a random permutation, drawn
    for each network and layer, and the same for all measures and both directions.

    Args:
        measures: One variable for each measure with axes ``network`` and ``neuron``, and the coordinate ``layer``
            of each neuron.
        layer: The layer, such as "1", or "whole" for the whole network.
        random_orders: Random orders for each network, at least 0.
        seed: Start of the random orders and permutations; network 7's do not depend on which others there are.
        names: The measures to order by.

    Returns:
        Places on the ``neuron`` axis; axes ``network``, ``order`` and ``step``. Coordinates of an order: ``measure``
        ("random" for random ones) and ``direction`` ("low", "high", or "random"); the scalar coordinate ``layer``.

    Raises:
        ValueError: If there is no such layer, or a measure is NaN.

    Example:
        >>> values = (("network", "neuron"), [[0.2, 0.1, 0.4]])
        >>> one_layer = xr.Dataset(dict.fromkeys(MEASURES, values), {"network": [0], "layer": ("neuron", ["1"] * 3)})
        >>> orders = ablation_orders(one_layer, "1", random_orders=2, seed=0)
        >>> orders.sel(network=0, order="entropy low").values
        array([1, 0, 2])
        >>> orders.order.values[-1].item()
        'random 1'
    """
    scope = _scope(measures, layer)
    kinds = list(itertools.product(names, DIRECTIONS))
    orders = []
    for network in measures.network.values.tolist():
        ties = permutation(stream(seed, "ties", layer, network), len(scope))
        values = measures.sel(network=network).isel(neuron=scope)
        ordered = [ranked(values[measure].values, direction, ties) for measure, direction in kinds]
        source = stream(seed, "random orders", layer, network)
        ordered += [permutation(source, len(scope)) for _ in range(random_orders)]
        orders.append(scope[np.array(ordered)])
    return _labelled(np.array(orders), measures.network.values.tolist(), layer, kinds, random_orders)


def class_balanced_orders(measures: xr.Dataset, layer: str, seed: int) -> xr.DataArray:
    """The order of `class_balanced` for each network, to be set beside those of `ablation_orders`.

    Args:
        measures: ``counts`` with axes ``network``, ``neuron``, ``value`` and ``label``, and the coordinate ``layer`` of
            each neuron.
        layer: The layer, such as "1".
        seed: Start of the permutations that break ties.

    Returns:
        Places on the ``neuron`` axis; axes ``network``, ``order`` (one, "spectrum low") and ``step``.

    Raises:
        ValueError: If there is no such layer, or a label has no sample.

    Example:
        >>> from neuronlib.information.measures import by_neuron
        >>> counts = np.array([[[[5, 5], [0, 0]], [[5, 0], [0, 5]]]])
        >>> class_balanced_orders(by_neuron(counts, [2], [0]), "1", seed=0).values
        array([[[0, 1]]])
    """
    scope = _scope(measures, layer)
    orders = []
    for network in measures.network.values.tolist():
        ties = permutation(stream(seed, "ties", layer, network), len(scope))
        counts = measures.counts.sel(network=network).isel(neuron=scope).values
        orders.append(scope[class_balanced(specific_information(counts), ties)])
    return _labelled(np.array(orders)[:, None], measures.network.values.tolist(), layer, [("spectrum", "low")], 0)


def _scope(measures: xr.Dataset, layer: str) -> Int64[ndarray, " neuron"]:
    there = [WHOLE, *np.unique(measures.layer).tolist()]
    if layer not in there:
        raise ValueError(f"layer = {layer!r}: expected one of {', '.join(there)}")
    return np.arange(measures.sizes["neuron"]) if layer == WHOLE else np.flatnonzero(measures.layer == layer)


def _labelled(
    orders: Int64[ndarray, "network order step"],
    networks: Sequence[int],
    layer: str,
    kinds: Sequence[tuple[str, str]],
    random_orders: int,
) -> xr.DataArray:
    names = [f"{measure} {direction}" for measure, direction in kinds] + [f"random {i}" for i in range(random_orders)]
    kinds = [*kinds, *[("random", "random")] * random_orders]
    coordinates = {
        "network": list(networks),
        "order": names,
        "measure": ("order", [measure for measure, _ in kinds]),
        "direction": ("order", [direction for _, direction in kinds]),
        "layer": layer,
    }
    return xr.DataArray(orders, dims=("network", "order", "step"), coords=coordinates, name="orders")
