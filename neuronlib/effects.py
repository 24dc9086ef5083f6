"""What the paper's claims are about, as one number for each network."""

import numpy as np
import xarray as xr
from jaxtyping import Float, Int64
from numpy import ndarray
from scipy.stats import spearmanr

from neuronlib.measures import active_share
from neuronlib.statistics import accuracy, gap_to_random, random_accuracy
from neuronlib.types import WHOLE, Direction, Measure

HARMLESS = 2.0
"""Losing at most so many percentage points is no harm."""
DISABLED = 10.0
"""At most so many percentage points above guessing, a network is disabled."""
GUESSING = 10.0
"""The accuracy of guessing one of ten classes, in percent."""


def curves_of(results: xr.DataTree, scope: str) -> xr.DataArray:
    """Accuracies of one layer, or of the whole network, at the steps at which it was evaluated.

    Args:
        results: Results with the group ``curves``.
        scope: A layer, such as "1", or "whole".

    Returns:
        Fractions by ``network``, ``order`` and ``step``.

    Raises:
        ValueError: If that was not ablated.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, np.nan, 5.0]]]])
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1, 2]})
        >>> curves_of(xr.DataTree.from_dict({"curves": curves}), "1").step.values
        array([0, 2])
    """
    curves = results["curves"].to_dataset()
    if scope not in curves.layer.values:
        raise ValueError(f"layer = {scope!r}: ablated were {', '.join(curves.layer.values)}")
    return accuracy(curves.sel(layer=scope)).dropna("step", how="all")


def gap(
    results: xr.DataTree, scope: str, measure: Measure, direction: Direction, step: int | None = None
) -> Float[ndarray, " network"]:
    r"""How much accuracy ordered ablation leaves beyond random ablation, in percentage points.

    Source: Amjad, Liu, Geiger 2021, Sec. V, of whose MG@n this is one network's part. Where the paper names no number
    of ablated neurons, ours is the mean over the whole curve.

    Args:
        results: Results with the group ``curves``.
        scope: A layer, such as "1", or "whole".
        measure: The measure that orders the neurons.
        direction: Whether its lowest or its highest values are ablated first.
        step: The number of ablated neurons, or the nearest to it that was evaluated; None for the whole curve.

    Returns:
        Positive where ordered ablation is better.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, 8.0, 1.0], [9.0, 6.0, 1.0]]]])
        >>> orders = {"order": ["entropy low", "random 0"], "measure": ("order", ["entropy", "random"])}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1, 2], **orders})
        >>> gap(xr.DataTree.from_dict({"curves": curves}), "1", "entropy", "low", step=1).round(6)
        array([20.])
    """
    return _at(100 * gap_to_random(curves_of(results, scope), measure, direction), step)


def random_loss(results: xr.DataTree, scope: str, step: int | None = None) -> Float[ndarray, " network"]:
    """How much accuracy random ablation costs, in percentage points.

    Args:
        results: Results with the group ``curves``.
        scope: A layer, such as "1", or "whole".
        step: The number of ablated neurons; None for the mean over the whole curve.

    Returns:
        Positive where accuracy is lost.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, 6.0, 1.0]]]])
        >>> orders = {"order": ["random 0"], "measure": ("order", ["random"])}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1, 2], **orders})
        >>> random_loss(xr.DataTree.from_dict({"curves": curves}), "1", step=1).round(6)
        array([30.])
    """
    curves = random_accuracy(curves_of(results, scope))
    return _at(100 * (curves.sel(step=0) - curves), step)


def mean_less_zero(zero: xr.DataTree, mean: xr.DataTree, scope: str) -> Float[ndarray, " network"]:
    """How much more accuracy random ablation leaves to the mean than to zero, in percentage points.

    Args:
        zero: Results of ablation to zero.
        mean: Results of ablation to the mean, of the same networks.
        scope: A layer, such as "1", or "whole".

    Returns:
        The mean over the whole curve; positive where the mean does less harm.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, 6.0]]]])
        >>> orders = {"order": ["random 0"], "measure": ("order", ["random"])}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1], **orders})
        >>> zero = xr.DataTree.from_dict({"curves": curves})
        >>> mean = xr.DataTree.from_dict({"curves": curves.assign(correct=curves.correct + 1)})
        >>> mean_less_zero(zero, mean, "1").round(6)
        array([10.])
    """
    without, with_mean = (random_accuracy(curves_of(tree, scope)).mean("step") for tree in (zero, mean))
    return 100 * (with_mean - without).values


def loss(
    results: xr.DataTree, scope: str, measure: Measure, direction: Direction, step: int
) -> Float[ndarray, " network"]:
    """How much accuracy ordered ablation costs, in percentage points.

    Args:
        results: Results with the group ``curves``.
        scope: A layer, such as "1", or "whole".
        measure: The measure that orders the neurons.
        direction: Whether its lowest or its highest values are ablated first.
        step: The number of ablated neurons, or the nearest to it that was evaluated.

    Returns:
        Positive where accuracy is lost.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, 6.0, 1.0]]]])
        >>> curves = xr.Dataset(
        ...     {"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1, 2], "order": ["entropy low"]}
        ... )
        >>> loss(xr.DataTree.from_dict({"curves": curves}), "1", "entropy", "low", step=2).round(6)
        array([80.])
    """
    curve = curves_of(results, scope).sel(order=f"{measure} {direction}")
    return _at(100 * (curve.sel(step=0) - curve), step)


def beyond_singles(results: xr.DataTree, layer: str) -> Float[ndarray, " network"]:
    r"""How much more accuracy a random half of a layer costs together than its neurons cost one by one, in points.

    .. math:: \bar A(0) - \bar A(n) - n\, \bar d, \qquad n = \lfloor N / 2 \rfloor

    :math:`\bar A` is the mean accuracy of the random orders, :math:`\bar d` the mean accuracy lost when one neuron is
    ablated by itself, so that :math:`n \bar d` is what the singles of a random half add up to on average.

    Source: ours, for the remark of Amjad, Liu, Geiger 2021, Sec. II and V, on Meyes et al. 2019, who look at pairs.

    Args:
        results: Results with the groups ``curves`` and ``measures``.
        layer: The layer, such as "1".

    Returns:
        One number for each network whose single neurons have been ablated; positive where the whole costs more.

    Raises:
        ValueError: If single neurons have not been ablated in any of the networks.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, 6.0, 1.0]]]])
        >>> orders = {"order": ["random 0"], "measure": ("order", ["random"])}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1, 2], **orders})
        >>> measures = xr.Dataset({"lost": (("network", "neuron"), [[1.0, 2.0]])}, {"layer": ("neuron", ["1", "1"])})
        >>> beyond_singles(xr.DataTree.from_dict({"curves": curves, "measures": measures}), "1").round(6)
        array([15.])
    """
    lost = lost_alone(results, layer)
    half = lost.shape[1] // 2
    alone = 100 * lost.mean(axis=1) / int(results["curves"].samples)
    return (random_loss(results, layer, half) - half * alone)[~np.isnan(alone)]


def rank_correlation(results: xr.DataTree, measure: Measure, scope: str) -> Float[ndarray, " network"]:
    """Spearman's correlation between a measure and what ablating each neuron by itself costs.

    Source: ours, for Simpson's paradox in Amjad, Liu, Geiger 2021, Sec. VI, which names no statistic.

    Args:
        results: Results with the group ``measures``.
        measure: Which.
        scope: A layer, such as "1", or "whole" for the neurons of all layers pooled.

    Returns:
        From -1 to 1 for each network whose single neurons have been ablated; NaN where all values are equal.

    Raises:
        ValueError: If single neurons have not been ablated in any of the networks.

    Example:
        >>> axes = ("network", "neuron")
        >>> values = {"entropy": (axes, [[0.1, 0.2, 0.3]]), "lost": (axes, [[1, 5, 9]])}
        >>> measures = xr.Dataset(values, {"layer": ("neuron", ["1", "1", "2"])})
        >>> rank_correlation(xr.DataTree.from_dict({"measures": measures}), "entropy", WHOLE)
        array([1.])
    """
    lost = lost_alone(results, scope)
    known = ~np.isnan(lost).any(axis=1)
    return np.array(
        [
            spearmanr(values, cost).statistic if np.ptp(values) and np.ptp(cost) else np.nan
            for values, cost in zip(neurons(results, measure, scope)[known], lost[known], strict=True)
        ]
    )


def lost_alone(results: xr.DataTree, scope: str) -> Float[ndarray, "network neuron"]:
    """How many fewer test samples are classified correctly when a neuron is ablated to zero by itself.

    Args:
        results: Results with the group ``measures``.
        scope: A layer, such as "1", or "whole".

    Returns:
        One row for each network; NaN for those whose single neurons have not been ablated.

    Raises:
        ValueError: If that is so for all.

    Example:
        >>> measures = xr.Dataset({"lost": (("network", "neuron"), [[1.0, 5.0]])}, {"layer": ("neuron", ["1", "2"])})
        >>> lost_alone(xr.DataTree.from_dict({"measures": measures}), "2")
        array([[5.]])
    """
    measures = results["measures"].to_dataset()
    if "lost" not in measures or measures.lost.isnull().any("neuron").all():
        raise ValueError("lost: single neurons have not been ablated in these results")
    return measures.lost.isel(neuron=_chosen(measures, scope)).values


def neurons(results: xr.DataTree, measure: Measure, layer: str) -> Float[ndarray, "network neuron"]:
    """A measure of all neurons of a layer, in bits.

    Args:
        results: Results with the group ``measures``.
        measure: Which.
        layer: The layer, such as "1", or "whole".

    Returns:
        One row for each network.

    Example:
        >>> measures = xr.Dataset({"entropy": (("network", "neuron"), [[0.5, 1.0]])}, {"layer": ("neuron", ["1", "2"])})
        >>> neurons(xr.DataTree.from_dict({"measures": measures}), "entropy", "2")
        array([[1.]])
    """
    measures = results["measures"].to_dataset()
    return measures[measure].isel(neuron=_chosen(measures, layer)).values


def _chosen(measures: xr.Dataset, scope: str) -> slice | Int64[ndarray, " neuron"]:
    return slice(None) if scope == WHOLE else np.flatnonzero(measures.layer == scope)


def activity(results: xr.DataTree, layer: str) -> Float[ndarray, "network neuron"]:
    """Share of validation samples for which each neuron of a layer is active, that is, above the lowest threshold.

    Args:
        results: Results with the group ``measures``.
        layer: The layer, such as "1".

    Returns:
        From 0, a dead neuron, to 1, one that is always on.

    Example:
        >>> counts = (("network", "neuron", "value", "label"), [[[[3, 2], [4, 1]]]])
        >>> measures = xr.Dataset({"counts": counts}, {"layer": ("neuron", ["1"])})
        >>> activity(xr.DataTree.from_dict({"measures": measures}), "1")
        array([[0.5]])
    """
    measures = results["measures"].to_dataset()
    return active_share(measures.counts.isel(neuron=_chosen(measures, layer)).values)


def ordered_accuracy(results: xr.DataTree, scope: str, measure: Measure, direction: Direction) -> xr.DataArray:
    """The curve of one order, in percent.

    Args:
        results: Results with the group ``curves``.
        scope: A layer, such as "1", or "whole".
        measure: The measure that orders the neurons.
        direction: Whether its lowest or its highest values are ablated first.

    Returns:
        Accuracies by ``network`` and ``step``.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, 6.0]]]])
        >>> curves = xr.Dataset(
        ...     {"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1], "order": ["entropy low"]}
        ... )
        >>> ordered_accuracy(xr.DataTree.from_dict({"curves": curves}), "1", "entropy", "low").values
        array([[90., 60.]])
    """
    return 100 * curves_of(results, scope).sel(order=f"{measure} {direction}")


def harmless(results: xr.DataTree, layer: str, measure: Measure, direction: Direction) -> Float[ndarray, " network"]:
    """How many neurons can be ablated before more than 2 points of accuracy are lost.

    Args:
        results: Results with the group ``curves``.
        layer: The layer.
        measure: The measure that orders its neurons.
        direction: Whether the lowest or the highest values are ablated first.

    Returns:
        The last evaluated number of neurons up to which no more than that is lost.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[90.0, 89.0, 50.0]]]])
        >>> curves = xr.Dataset(
        ...     {"correct": correct, "samples": 100}, {"layer": ["1"], "step": [0, 5, 10], "order": ["entropy low"]}
        ... )
        >>> harmless(xr.DataTree.from_dict({"curves": curves}), "1", "entropy", "low")
        array([5.])
    """
    curve = ordered_accuracy(results, layer, measure, direction)
    harmed = curve < curve.sel(step=0) - HARMLESS
    steps = harmed.step.values
    before = np.concatenate([[0], steps[:-1]])
    index = np.searchsorted(steps, _first(harmed))
    return np.where(harmed.any("step"), before[index], steps[-1]).astype(np.float64)


def disabling(results: xr.DataTree, layer: str, measure: Measure, direction: Direction) -> Float[ndarray, " network"]:
    """How many neurons have to be ablated until the accuracy is within 10 points of guessing.

    Args:
        results: Results with the group ``curves``.
        layer: The layer.
        measure: The measure that orders its neurons.
        direction: Whether the lowest or the highest values are ablated first.

    Returns:
        The first evaluated number of neurons with which it is.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[90.0, 50.0, 15.0]]]])
        >>> curves = xr.Dataset(
        ...     {"correct": correct, "samples": 100}, {"layer": ["1"], "step": [0, 5, 10], "order": ["entropy low"]}
        ... )
        >>> disabling(xr.DataTree.from_dict({"curves": curves}), "1", "entropy", "low")
        array([10.])
    """
    return _first(ordered_accuracy(results, layer, measure, direction) <= GUESSING + DISABLED)


def _first(holds: xr.DataArray) -> Float[ndarray, " network"]:
    # The first evaluated step at which something holds; the last step where it never does.
    index = xr.where(holds.any("step"), holds.argmax("step"), holds.sizes["step"] - 1)
    return holds.step.values[index.values].astype(np.float64)


def _at(values: xr.DataArray, step: int | None) -> Float[ndarray, " network"]:
    # At both ends of a curve every order gives the same, so they are not part of a mean over the curve.
    here = values.isel(step=slice(1, -1)).mean("step") if step is None else values.sel(step=step, method="nearest")
    return here.values
