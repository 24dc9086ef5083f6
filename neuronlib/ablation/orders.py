"""Orders in which neurons are ablated: by a measure, ascending or descending, or at random."""

import itertools
from collections.abc import Sequence
from typing import Annotated

import numpy as np
import xarray as xr
from jaxtyping import Float, Int64
from numpy import ndarray

from neuronlib.common.choices import DIRECTIONS, MEASURES, Direction
from neuronlib.common.entries import EACH_ONCE, NOT_INFINITE, NOT_NAN, PERMUTATION
from neuronlib.common.labelled import Counted, Measured, Orders
from neuronlib.common.numbers import AtLeastZero, Seed
from neuronlib.common.randomness import permutation, stream
from neuronlib.common.scopes import WHOLE
from neuronlib.information.measures import specific_information


def ranked(
    values: Annotated[Float[ndarray, "*network neuron"], NOT_NAN],
    direction: Direction,
    ties: Annotated[Int64[ndarray, "*network neuron"], PERMUTATION],
) -> Int64[ndarray, "*network neuron"]:
    """Return each neuron's index once, the first to be ablated first, by a measure ("low" puts the lowest value first).

    ``ties`` is a permutation: of neurons with the same value, the one with the smaller entry comes first.

    Raises:
        ValueError: If a value is NaN, or the direction is neither "low" nor "high".

    Example:
        >>> ranked(np.array([0.3, 0.1, 0.3]), "high", ties=np.array([2, 0, 1]))
        array([2, 0, 1])
    """
    if np.isnan(values).any():
        raise ValueError("values hold NaN: neurons without a value cannot be ranked")
    return np.lexsort((ties, values if direction == "low" else -values), axis=-1)


def tie_breakers(
    seed: int, purpose: str, layer: str, networks: Sequence[int], neurons: int
) -> Int64[ndarray, "network neuron"]:
    """Draw a permutation of a layer's neurons for each network, whichever others there are; see `ranked`."""
    return np.array([permutation(stream(seed, purpose, layer, k), neurons) for k in networks], dtype=np.int64)


def class_balanced(
    spectra: Annotated[Float[ndarray, "neuron label"], NOT_INFINITE],
    ties: Annotated[Int64[ndarray, " neuron"], PERMUTATION],
) -> Int64[ndarray, " neuron"]:
    r"""Return each neuron's index once, so that the last ones, which are kept longest, represent each class.

    Classes take turns, and each takes, of the neurons left, the one with the most information about it:

    .. math:: \pi(N - m) = \arg\max_{j \text{ left}} D(P_{T_j|Y=y} \,\|\, P_{T_j}), \qquad y = m \bmod C

    Of neurons with the same information, the one with the smaller entry in ``ties``, a permutation, is ablated first.
    A label that no sample has, NaN for every neuron, takes no turn.

    Source: Amjad, Liu, Geiger 2021, Sec. VI, where the spectra "allow selecting a subset of neurons such that each
    class in C is represented". How to select is not said; taking turns is ours.

    Raises:
        ValueError: If a value is NaN, or no label has samples.

    Example:
        >>> both = np.array([[0.9, 0.0], [0.8, 0.0], [0.0, 0.1]])
        >>> class_balanced(both, ties=np.array([0, 1, 2]))  # by the maximum, neuron 2 would go first
        array([1, 2, 0])
    """
    spectra = spectra[:, ~np.isnan(spectra).all(axis=0)]
    if np.isnan(spectra).any() or not spectra.shape[1]:
        raise ValueError("spectra hold NaN: neurons without a value cannot be ranked")
    queues = [iter(np.lexsort((-ties, -of_label)).tolist()) for of_label in spectra.T]
    kept: dict[int, None] = {}
    while len(kept) < len(spectra):
        queue = queues[len(kept) % len(queues)]
        kept[next(neuron for neuron in queue if neuron not in kept)] = None
    return np.array(list(kept), dtype=np.int64)[::-1]


def ablation_orders(
    measured: Measured,
    layer: str,
    random_orders: AtLeastZero = 10,
    seed: Seed = 0,
    measures: Annotated[Sequence[str], EACH_ONCE] = MEASURES,
) -> xr.DataArray:
    """Order the neurons of a layer, or of the whole network, by each measure, lowest and highest first, and at random.

    A random order is nested: its first 20 neurons are among its first 21.

    Source: Amjad, Liu, Geiger 2021, Sec. V. The paper states neither how ties are broken, which decides the order of
    all dead neurons, nor how many random orders a network has. Here a random permutation breaks ties. It is drawn
    for each network and layer, and is the same for all measures and both directions.

    Args:
        measured: What `measure` returns: a variable for each measure with axes ``network`` and ``neuron``, and the
            coordinate ``layer`` of each neuron.
        layer: The layer, such as "1", or "whole" for the whole network.
        random_orders: Random orders for each network, at least 0.
        seed: Start of the random orders and permutations; network 7's do not depend on which others there are.
        measures: The measures to order by.

    Returns:
        Places on the ``neuron`` axis; axes ``network``, ``order`` and ``step``. Coordinates of an order: ``measure``
        ("random" for random ones) and ``direction`` ("low", "high", or "random"); the scalar coordinate ``layer``.

    Raises:
        ValueError: If there is no such layer or measure, a measure is NaN, or the number of random orders is negative.

    Example:
        >>> values = (("network", "neuron"), [[0.2, 0.1, 0.4]])
        >>> one_layer = xr.Dataset(dict.fromkeys(MEASURES, values), {"network": [0], "layer": ("neuron", ["1"] * 3)})
        >>> orders = ablation_orders(one_layer, "1", random_orders=2)
        >>> orders.sel(network=0, order="entropy low").values
        array([1, 0, 2])
        >>> orders.order.values[-1].item()
        'random 1'
    """
    scope = _scope(measured, layer)
    listed = [str(name) for name in measured if measured[name].dims == ("network", "neuron")]
    if isinstance(measures, str) or any(name not in listed for name in measures):
        raise ValueError(f"measures = {measures!r}: expected a list of some of {', '.join(listed)}")
    networks = measured.network.values.tolist()
    ties = tie_breakers(seed, "ties", layer, networks, len(scope))
    kinds = list(itertools.product(measures, DIRECTIONS))
    values = {name: measured[name].values[:, scope] for name in measures}
    orders = [ranked(values[measure], direction, ties) for measure, direction in kinds]
    sources = [stream(seed, "random orders", layer, network) for network in networks]
    orders += [np.array([permutation(source, len(scope)) for source in sources]) for _ in range(random_orders)]
    return _labelled(scope[np.stack(orders, axis=1)], networks, layer, kinds, random_orders)


def class_balanced_orders(measured: Counted, layer: str, seed: Seed = 0) -> xr.DataArray:
    """Return the single order "spectrum low" of `class_balanced`, to be set beside those of `ablation_orders`.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> counts = np.array([[[[5, 4], [0, 1]], [[5, 0], [0, 5]], [[0, 4], [5, 1]]]])
        >>> measured = xr.Dataset(
        ...     {"counts": (("network", "neuron", "value", "label"), counts)},
        ...     {"network": [0], "layer": ("neuron", ["1"] * 3)},
        ... )
        >>> class_balanced_orders(measured, "1").values
        array([[[0, 2, 1]]])
    """
    scope = _scope(measured, layer)
    networks = measured.network.values.tolist()
    ties = tie_breakers(seed, "ties", layer, networks, len(scope))
    spectra = specific_information(measured.counts.values[:, scope])
    orders = np.array([class_balanced(*of_network) for of_network in zip(spectra, ties, strict=True)])
    return _labelled(scope[orders][:, None], networks, layer, [("spectrum", "low")], 0)


def joined_orders(*orders: Orders) -> xr.DataArray:
    """Set orders of the same networks and layer side by side."""
    if not orders:
        raise ValueError("no orders: expected at least one")
    for some in orders[1:]:
        same = some.layer.equals(orders[0].layer) and some.network.equals(orders[0].network)
        if not same or {*some.coords} != {*orders[0].coords} or some.sizes["step"] != orders[0].sizes["step"]:
            raise ValueError("orders: expected those of the same networks and layer, with the same coordinates")
    return xr.concat(orders, dim="order", coords="different", compat="equals")


def _scope(measured: xr.Dataset, layer: str) -> Int64[ndarray, " neuron"]:
    listed = [WHOLE, *np.unique(measured.layer).tolist()]
    if layer not in listed:
        raise ValueError(f"layer = {layer!r}: expected one of {', '.join(listed)}")
    return np.arange(measured.sizes["neuron"]) if layer == WHOLE else np.flatnonzero(measured.layer == layer)


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
