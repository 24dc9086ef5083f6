"""What was concluded from the replications, as numbers that are positive where a conclusion holds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.curves import random_accuracy
from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import Measure
from neuronlib.common.scopes import WHOLE
from neuronlib.reproduction.analysis.effects import curves_of
from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.store.encoding import decode


@dataclass(frozen=True)
class Variant:
    """Which of the computed curves stand for the measures, for random ablation, and for balancing.

    Attributes:
        information: What is ordered by in place of mutual information.
        entropy: What is ordered by in place of entropy.
        random: "random" for nested orders, "fresh" for a new subset at each number of neurons.
        balancing: "mean" or "shrunk"; see `replicate`.

    Example:
        >>> VARIANTS["corrected"].balancing
        'mean'
    """

    information: str = "mutual_information"
    entropy: str = "entropy"
    random: str = "random"
    balancing: str = "mean"


VARIANTS = {
    "as published": Variant("published_information", "undefined_entropy", "fresh", "shrunk"),
    "corrected": Variant(),
    "wrong sign alone": Variant(information="wrong_sign"),
    "empty cells alone": Variant(information="undefined_information", entropy="undefined_entropy"),
    "shrinking alone": Variant(balancing="shrunk"),
    "fresh subsets alone": Variant(random="fresh"),
}
"""The three kinds of variants, with all faults, with none, and with one."""


def seen_by(study: xr.Dataset, variant: Variant, balanced: bool = True) -> xr.DataTree:
    """Rename a replication's curves to what a variant takes them for.

    Args:
        study: What `replicate` returns.
        variant: Which curves stand for the measures, for random ablation, and for balancing.
        balanced: Whether ablated neurons are balanced; otherwise their output is zero.

    Returns:
        What `decode` returns, with curves of the three measures and of random ablation.
    """
    tree = decode(study, variant.balancing if balanced else "zero")
    stands_for = {
        variant.entropy: "entropy",
        variant.information: "mutual_information",
        "kl_selectivity": "kl_selectivity",
        variant.random: "random",
    }
    for layer, node in tree["curves"].children.items():
        curves = node.to_dataset()
        curves = curves.isel(order=np.flatnonzero(np.isin(curves.measure, list(stands_for))))
        measures = [stands_for[measure] for measure in curves.measure.values.tolist()]
        directions = curves.direction.values.tolist()
        names = [
            f"{measure} {direction if measure != 'random' else i}"
            for i, (measure, direction) in enumerate(zip(measures, directions, strict=True))
        ]
        tree[f"curves/{layer}"] = xr.DataTree(curves.assign_coords(order=names, measure=("order", measures)))
    return tree


TO_ZERO = "corrected, to zero"
"""The corrected variant without balancing, so that ablated neurons have output zero."""


def variants_of(study: xr.Dataset) -> dict[str, xr.DataTree]:
    """Return a replication's curves under each variant: those of `VARIANTS`, and `TO_ZERO`."""
    trees = {name: seen_by(study, variant) for name, variant in VARIANTS.items()}
    return trees | {TO_ZERO: seen_by(study, VARIANTS["corrected"], balanced=False)}


SHOWN = 0.4
"""The reports show the first 80 of a layer's 200 neurons; means over a curve are over that share of it."""


def high_over_low(results: xr.DataTree, measure: Measure, scope: str) -> Float[ndarray, " network"]:
    """Accuracy of the highest values first less that of the lowest first, over the shown curve, in points."""
    curves = curves_of(results, scope)
    return _shown(curves.sel(order=f"{measure} high") - curves.sel(order=f"{measure} low"))


def random_loss_shown(results: xr.DataTree, scope: str) -> Float[ndarray, " network"]:
    """Accuracy that random ablation costs, over the shown part of the curve, in points."""
    curve = random_accuracy(curves_of(results, scope))
    return _shown(curve.sel(step=0) - curve)


def beside_random(results: xr.DataTree, measure: Measure, scope: str) -> Float[ndarray, " network"]:
    """Distance of random ablation inside the better and the worse order of a measure, in points."""
    curves = curves_of(results, scope)
    low, high = (_shown(curves.sel(order=f"{measure} {way}")) for way in ("low", "high"))
    random = _shown(random_accuracy(curves))
    return np.minimum(np.maximum(low, high) - random, random - np.minimum(low, high))


def low_first_below_random(results: xr.DataTree, measure: Measure, scope: str) -> Float[ndarray, " network"]:
    """Accuracy of random ablation less that of the lowest values first, over the shown curve, in points."""
    curves = curves_of(results, scope)
    return _shown(random_accuracy(curves) - curves.sel(order=f"{measure} low"))


def _shown(curve: xr.DataArray) -> Float[ndarray, " network"]:
    return 100 * curve.sel(step=slice(0, int(SHOWN * int(curve.step[-1])))).mean("step").values


def distance(
    results: xr.DataTree, others: xr.DataTree, measure: str, direction: str, scope: str
) -> Float[ndarray, " network"]:
    """Mean distance of two variants' curves of one order, in points."""
    both = (curves_of(tree, scope) for tree in (results, others))
    one, other = (
        random_accuracy(curves) if measure == "random" else curves.sel(order=f"{measure} {direction}")
        for curves in both
    )
    return _shown(abs(one - other))


def deeper_is_more(results: xr.DataTree, measure: Measure) -> Float[ndarray, " network"]:
    """Mean of a measure over the last hidden layer less that over the first, in bits."""
    last, first = (neurons(results, measure, layer).mean(axis=1) for layer in (last_layer(results), "1"))
    return last - first


def last_layer(results: xr.DataTree) -> str:
    """Return the name of the last hidden layer."""
    return str(max(np.unique(results["measures"].layer)))


@dataclass(frozen=True)
class Conclusion:
    """Something that the reports conclude.

    Attributes:
        short: What, in a few words for a figure.
        text: What.
        value: From what `seen_by` returns, one number for each network, positive where it is so.
        unit: The number's.

    Example:
        >>> CONCLUSIONS[0].unit
        'points'
    """

    short: str
    text: str
    value: Callable[[xr.DataTree], Float[ndarray, " network"]]
    unit: str = "points"


CONCLUSIONS = [
    Conclusion(
        "first layer: MI low over high",
        "First layer: low mutual information first is better than high",
        lambda results: -high_over_low(results, "mutual_information", "1"),
    ),
    Conclusion(
        "first layer: KL low over high",
        "First layer: low KL selectivity first is better than high",
        lambda results: -high_over_low(results, "kl_selectivity", "1"),
    ),
    Conclusion(
        "last layer: MI high over low",
        "Last layer: high mutual information first is better than low (“counterintuitive”)",
        lambda results: high_over_low(results, "mutual_information", last_layer(results)),
    ),
    Conclusion(
        "last layer: KL high over low",
        "Last layer: high KL selectivity first is better than low (“counterintuitive”)",
        lambda results: high_over_low(results, "kl_selectivity", last_layer(results)),
    ),
    Conclusion(
        "first layer: random between",
        "First layer: random is between low and high mutual information first (“moderate”)",
        lambda results: beside_random(results, "mutual_information", "1"),
    ),
    Conclusion(
        "last layer matters less",
        "The last layer matters less than the first",
        lambda results: random_loss_shown(results, "1") - random_loss_shown(results, last_layer(results)),
    ),
    Conclusion(
        "whole: MI low below random",
        "Whole network: low mutual information first falls below random",
        lambda results: low_first_below_random(results, "mutual_information", WHOLE),
    ),
    Conclusion(
        "whole: entropy low below random",
        "Whole network: low entropy first falls below random",
        lambda results: low_first_below_random(results, "entropy", WHOLE),
    ),
]
"""What the reports conclude from curves. Means over the curve are ours; the reports show it and say what they see."""


def holds(values: Float[ndarray, " network"]) -> str:
    """Say whether something is so, from the interval over networks: "yes", "no" or "unclear"."""
    low, high = bootstrap_interval(values)
    return "yes" if low > 0 else "no" if high < 0 else "unclear"
