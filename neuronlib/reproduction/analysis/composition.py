"""From which layers one order over the whole network takes its neurons, and what emptying one layer costs."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float, Int64
from numpy import ndarray

from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.choices import Direction, Measure
from neuronlib.common.scopes import WHOLE
from neuronlib.reproduction.analysis.effects import curves_of, gap_curve, random_curve


def orders_of(results: xr.DataTree, scope: str = WHOLE, seed: int = 0) -> xr.DataArray:
    """Return the orders in which neurons were ablated, drawn again from the stored measures.

    Orders are not stored. `ablation_orders` gives the same ones again from the same measures and seed: ties and random
    orders, too.

    Args:
        results: Results with the groups ``measures`` and ``curves``.
        scope: A layer, such as "1", or "whole".
        seed: The setting's seed, which is 0 for all of the paper's settings.

    Returns:
        What `ablation_orders` returns.
    """
    random_orders = int((results["curves"][scope].measure == "random").sum())
    return ablation_orders(results["measures"].to_dataset(), scope, random_orders, seed)


def ablated_by_layer(results: xr.DataTree, orders: xr.DataArray) -> xr.DataArray:
    """Count the neurons of each layer among the first that an order ablates.

    Args:
        results: Results with the group ``measures``.
        orders: Orders over the whole network, as `orders_of` returns.

    Returns:
        Whole numbers by ``network``, ``order``, ``step`` (number of ablated neurons, from 0 to all) and ``layer``; for
        each step they sum to it.

    Example:
        >>> measures = xr.Dataset(coords={"layer": ("neuron", ["1", "1", "2"])})
        >>> orders = xr.DataArray([[[2, 0, 1]]], dims=("network", "order", "step"))
        >>> counts = ablated_by_layer(xr.DataTree.from_dict({"measures": measures}), orders)
        >>> counts.sel(layer="1").values, counts.sel(layer="2").values
        (array([[[0, 0, 1, 2]]]), array([[[0, 1, 1, 1]]]))
    """
    of_neuron = results["measures"].layer.values
    layers = np.unique(of_neuron)
    taken = of_neuron[orders.values][..., None] == layers
    counts = np.pad(taken.cumsum(axis=2), [(0, 0), (0, 0), (1, 0), (0, 0)])
    coordinates = {name: orders.coords[name] for name in orders.coords if name not in ("step", "layer")}
    steps = np.arange(counts.shape[2])
    return xr.DataArray(
        counts, dims=("network", "order", "step", "layer"), coords={**coordinates, "step": steps, "layer": layers}
    )


def layer_shares(results: xr.DataTree, seed: int = 0) -> xr.DataArray:
    r"""Share of each layer among the first :math:`n` neurons that one order over the whole network ablates.

    .. math:: s_l(n) = \frac{1}{n} \#\{m \le n : \pi(m) \text{ is in layer } l\}

    Source: ours, for "mostly in the first layer" in Amjad, Liu, Geiger 2021, Sec. V-B.

    Args:
        results: Results with the groups ``measures`` and ``curves``.
        seed: The setting's seed; see `orders_of`.

    Returns:
        Fractions by ``network``, ``order``, ``step`` (from 1) and ``layer``, which sum to 1 over layers.
    """
    counts = ablated_by_layer(results, orders_of(results, WHOLE, seed)).sel(step=slice(1, None))
    return counts / counts.step


@dataclass(frozen=True, kw_only=True)
class Emptied:
    """What one order over the whole network costs against random ablation, in three parts that sum to the gap.

    All are one number for each network; all but ``gone`` in percentage points.

    Attributes:
        layer: The layer of which the larger share is gone, on average over networks.
        gone: The share of that layer that is gone, as a fraction.
        gap: Accuracy of ordered less that of random ablation of as many neurons of the whole network.
        at_random: Part of the gap: as many neurons of that layer alone, drawn at random, instead of neurons of all
            layers.
        chosen: Part of the gap: those neurons of that layer that the order takes, instead of random ones.
        elsewhere: Part of the gap: the order's neurons in the other layers, gone in addition.

    Example:
        >>> parts = dict(gone=np.array([0.9]), at_random=np.array([-5.0]), chosen=np.array([2.0]))
        >>> Emptied(layer="1", gap=np.array([-4.0]), elsewhere=np.array([-1.0]), **parts).layer
        '1'
    """

    layer: str
    gone: Float[ndarray, " network"]
    gap: Float[ndarray, " network"]
    at_random: Float[ndarray, " network"]
    chosen: Float[ndarray, " network"]
    elsewhere: Float[ndarray, " network"]


def emptied(results: xr.DataTree, measure: Measure, direction: Direction, step: int, seed: int = 0) -> Emptied:
    r"""Divide the gap of one order over the whole network into emptying a layer, and which of its neurons go.

    Among the first :math:`n` neurons of the order, :math:`k` are in the layer of which the larger share is gone. With
    accuracies :math:`A` after ordered and :math:`\bar A` after random ablation, in the whole network and in that layer
    :math:`l` alone,

    .. math:: A(n) - \bar A(n) = \underbrace{\bar A_l(k) - \bar A(n)}_\text{at random}
        + \underbrace{A_l(k) - \bar A_l(k)}_\text{chosen} + \underbrace{A(n) - A_l(k)}_\text{elsewhere}

    Source: ours. The :math:`k` neurons are the first that the same measure takes in that layer alone, but for neurons
    of equal value, whose order is drawn for each layer anew. What neurons of two layers cost together is not the sum of
    what they cost apart; the last part holds whatever that adds.

    Args:
        results: Results with the groups ``measures`` and ``curves``.
        measure: The measure that orders the neurons.
        direction: Whether its lowest or its highest values are ablated first.
        step: The number of ablated neurons, :math:`n`.
        seed: The setting's seed; see `orders_of`.

    Returns:
        The gap and its parts.

    Raises:
        ValueError: If the accuracy after so many neurons was not evaluated, of the whole network or of the layer.
    """
    order = f"{measure} {direction}"
    counts = ablated_by_layer(results, orders_of(results, WHOLE, seed).sel(order=[order])).isel(order=0)
    _check_evaluated(results, WHOLE, np.array([step]))
    at_step = counts.sel(step=step)
    shares = at_step / counts.isel(step=-1)
    layer = str(shares.layer.values[int(shares.mean("network").values.argmax())])
    k = at_step.sel(layer=layer).values
    _check_evaluated(results, layer, k)
    ordered = _after(curves_of(results, layer).sel(order=order), k)
    at_random = _after(random_curve(results, layer), k)
    whole, whole_at_random = (
        100 * curve.sel(step=step).values
        for curve in (curves_of(results, WHOLE).sel(order=order), random_curve(results, WHOLE))
    )
    return Emptied(
        layer=layer,
        gone=shares.sel(layer=layer).values,
        gap=gap_curve(results, WHOLE, measure, direction).sel(step=step).values,
        at_random=at_random - whole_at_random,
        chosen=ordered - at_random,
        elsewhere=whole - ordered,
    )


def _after(curve: xr.DataArray, steps: Int64[ndarray, " network"]) -> Float[ndarray, " network"]:
    # Each network's accuracy after its own number of ablated neurons.
    return 100 * curve.sel(step=xr.DataArray(steps, dims="network")).values


def _check_evaluated(results: xr.DataTree, scope: str, steps: Int64[ndarray, " any"]) -> None:
    missing = np.setdiff1d(steps, results["curves"][scope].step)
    if len(missing):
        raise ValueError(f"step = {missing[0]}: not evaluated in {scope!r}; expected a layer evaluated at every step")
