"""Single neurons: what they tell, and what ablating each by itself costs, for each network."""

import numpy as np
import xarray as xr
from jaxtyping import Float, Int64
from numpy import ndarray

from neuronlib.ablation.significance import spearman
from neuronlib.common.choices import Measure
from neuronlib.common.scopes import WHOLE
from neuronlib.information.measures import active_share
from neuronlib.reproduction.analysis.effects import largest_harmless_ablation, over_measures, random_change
from neuronlib.reproduction.analysis.groups import share_of_redundancy
from neuronlib.reproduction.store.results import NotStored


def excess_over_single_ablations(results: xr.DataTree, layer: str) -> Float[ndarray, " network"]:
    r"""Accuracy that a random half of a layer costs beyond the sum of its single ablations, in percentage points.

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
        >>> correct = (("network", "order", "step"), [[[9, 6, 1]]])
        >>> orders = {"order": ["random 0"], "measure": ("order", ["random"])}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"step": [0, 1, 2], **orders})
        >>> measures = xr.Dataset({"lost": (("network", "neuron"), [[1.0, 2.0]])}, {"layer": ("neuron", ["1", "1"])})
        >>> results = xr.DataTree.from_dict({"curves/1": curves, "measures": measures})
        >>> excess_over_single_ablations(results, "1").round(6)
        array([15.])
    """
    lost = lost_alone(results, layer)
    half = lost.shape[1] // 2
    alone = 100 * lost.mean(axis=1) / int(results["curves"][layer].samples)
    return (-random_change(results, layer, half) - half * alone)[~np.isnan(alone)]


def redundant_share(results: xr.DataTree, layer: str) -> Float[ndarray, " network"]:
    """Compute the share of a pair's information that is redundant, as `share_of_redundancy` does, from stored results.

    Returns:
        From 0 to 1, for each network whose pairs have been measured.

    Raises:
        NotStored: If they have been in none.
    """
    if "groups" not in results.children:
        raise NotStored(f"{results.attrs.get('name', 'setting')}: pairs have not been measured")
    return share_of_redundancy(results["groups"].pairs.sel(layer=layer))


def rank_correlation(results: xr.DataTree, measure: Measure, scope: str) -> Float[ndarray, " network"]:
    """Spearman's correlation between a measure and the cost of ablating each neuron by itself.

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
            spearman(values, cost) if np.ptp(values) and np.ptp(cost) else np.nan
            for values, cost in zip(neurons(results, measure, scope)[known], lost[known], strict=True)
        ]
    )


def lost_alone(results: xr.DataTree, scope: str) -> Float[ndarray, "network neuron"]:
    """Test samples lost when each neuron is ablated to zero by itself.

    Args:
        results: Results with the group ``measures``.
        scope: A layer, such as "1", or "whole".

    Returns:
        One row for each network; NaN for those whose single neurons have not been ablated.

    Raises:
        ValueError: If that is so for all.
    """
    measures = results["measures"].to_dataset()
    if "lost" not in measures or measures.lost.isnull().any("neuron").all():
        raise ValueError("lost: single neurons have not been ablated in these results")
    return measures.lost.isel(neuron=_chosen(measures, scope)).values.astype(np.float64)


def neurons(results: xr.DataTree, measure: Measure, layer: str) -> Float[ndarray, "network neuron"]:
    """A measure of all neurons of a layer, or of the whole network, in bits."""
    measures = results["measures"].to_dataset()
    return measures[measure].isel(neuron=_chosen(measures, layer)).values


def _chosen(measures: xr.Dataset, scope: str) -> slice | Int64[ndarray, " neuron"]:
    return slice(None) if scope == WHOLE else np.flatnonzero(measures.layer == scope)


def activity(results: xr.DataTree, layer: str) -> Float[ndarray, "network neuron"]:
    """Share of validation samples for which each neuron of a layer is active: 0 if dead, 1 if always on."""
    measures = results["measures"].to_dataset()
    return active_share(measures.counts.isel(neuron=_chosen(measures, layer)).values)


def as_results(measured: xr.Dataset) -> xr.DataTree:
    """Make results of measures alone, for what asks about the neurons of a setting."""
    return xr.DataTree.from_dict({"measures": measured})


def share_without_entropy(results: xr.DataTree, layer: str) -> Float[ndarray, " network"]:
    """Share of a layer's neurons that have no entropy: dead or always on."""
    return (neurons(results, "entropy", layer) == 0).mean(axis=1)


def informative_neurons(results: xr.DataTree, layer: str) -> Float[ndarray, " network"]:
    """Number of a layer's neurons with mutual information."""
    return (neurons(results, "mutual_information", layer) > 0).sum(axis=1).astype(np.float64)


def mean_measure(results: xr.DataTree, measure: Measure, layer: str) -> Float[ndarray, " network"]:
    """Mean of a measure over a layer's neurons, in bits."""
    return neurons(results, measure, layer).mean(axis=1)


def sufficient_neurons(results: xr.DataTree, layer: str) -> Float[ndarray, " network"]:
    """Number of a layer's neurons that suffice: all but those whose ablation, lowest first, is harmless."""
    gone = over_measures(largest_harmless_ablation, results, layer, "low")
    return neurons(results, "entropy", layer).shape[1] - gone
