"""What ablating the neurons without entropy costs, and how much of it the always-on ones among them do."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float, Int64
from numpy import ndarray

from neuronlib.reproduction.analysis.composition import orders_of
from neuronlib.reproduction.analysis.effects import curves_of, random_curve
from neuronlib.reproduction.analysis.neurons import activity


@dataclass(frozen=True, kw_only=True)
class WithoutEntropy:
    """What a layer loses with its neurons without entropy, one number for each network.

    Attributes:
        always_on: Number of neurons that are active for every validation sample.
        constant: Number of neurons without entropy: dead, or always on.
        ablated: Number of ablated neurons: the last that was evaluated at which all of them have no entropy.
        lost: Accuracy that this costs, in percentage points.
        lost_with_always_on: Part of it: what is lost in those steps of the curve in which an always-on neuron goes.
        lost_at_random: Accuracy that as many random neurons cost, in percentage points.

    Example:
        >>> import numpy as np
        >>> counts, points = np.array([1]), np.array([0.5])
        >>> lost = dict(lost=points, lost_with_always_on=points, lost_at_random=points)
        >>> WithoutEntropy(always_on=counts, constant=counts, ablated=counts, **lost).lost.item()
        0.5
    """

    always_on: Int64[ndarray, " network"]
    constant: Int64[ndarray, " network"]
    ablated: Int64[ndarray, " network"]
    lost: Float[ndarray, " network"]
    lost_with_always_on: Float[ndarray, " network"]
    lost_at_random: Float[ndarray, " network"]


def without_entropy(results: xr.DataTree, layer: str, seed: int = 0) -> WithoutEntropy:
    """Compute what ablating a layer's neurons without entropy costs, lowest entropy first.

    Source: ours, for Amjad, Liu, Geiger 2021, Sec. V-E, where ablating the lowest-ranked neurons of the funnel's second
    layer hurts, "so the zero-entropy units are always on". Each network has its own number of ablated neurons: a step
    beyond its neurons without entropy would take others, too.

    Args:
        results: Results with the groups ``measures`` and ``curves``.
        layer: The layer, such as "2".
        seed: The setting's seed; see `orders_of`.

    Returns:
        The numbers of neurons, and the accuracies lost.
    """
    rates = activity(results, layer)
    on, constant = rates == 1, ((rates == 0) | (rates == 1)).sum(axis=1)
    order = orders_of(results, layer, seed).sel(order="entropy low").transpose("network", "step").values
    curve = 100 * curves_of(results, layer).sel(order="entropy low").transpose("network", "step")
    at_random = 100 * random_curve(results, layer).transpose("network", "step").values
    steps = curve.step.values
    last = np.searchsorted(steps, constant, side="right") - 1
    # Orders hold places among the neurons of all layers.
    went_on = np.take_along_axis(on, order - order.min(axis=1, keepdims=True), axis=1)
    before = np.pad(went_on.cumsum(axis=1), [(0, 0), (1, 0)])[:, steps]
    takes_one = np.diff(before, axis=1) > 0
    lost = -np.diff(curve.values, axis=1)
    until = np.arange(1, len(steps)) <= last[:, None]
    return WithoutEntropy(
        always_on=on.sum(axis=1),
        constant=constant,
        ablated=steps[last],
        lost=(lost * until).sum(axis=1),
        lost_with_always_on=(lost * (until & takes_one)).sum(axis=1),
        lost_at_random=at_random[:, 0] - np.take_along_axis(at_random, last[:, None], axis=1)[:, 0],
    )
