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

SHOWN = 0.4
"""The reports show the first 80 of a layer's 200 neurons; means over a curve are over that share of it."""


def high_over_low(results: xr.DataTree, measure: Measure, scope: str) -> Float[ndarray, " network"]:
    r"""How much more accuracy ablating the highest values first leaves than ablating the lowest first, in points.

    .. math:: \frac{1}{|\mathcal{N}|} \sum_{n \in \mathcal{N}} \left(A_\mathrm{high}(n) - A_\mathrm{low}(n)\right)

    Args:
        results: What `seen_by` returns.
        measure: The measure.
        scope: A layer, such as "1", or "whole".

    Returns:
        The mean over the part of the curve that the reports show; positive where high values first is better.

    Example:
        >>> from neuronlib.reproduction.analysis.variants import ARMS, seen_by
        >>> from neuronlib.reproduction.design.studies import stored_study
        >>> high_over_low(seen_by(stored_study("early-version"), ARMS["corrected"]), "mutual_information", "1").shape
        (10,)
    """
    curves = curves_of(results, scope)
    return _shown(curves.sel(order=f"{measure} high") - curves.sel(order=f"{measure} low"))


def random_loss_shown(results: xr.DataTree, scope: str) -> Float[ndarray, " network"]:
    """How much accuracy random ablation costs, in points.

    Args:
        results: What `seen_by` returns.
        scope: A layer, such as "1", or "whole".

    Returns:
        The mean over the part of the curve that the reports show.

    Example:
        >>> from neuronlib.reproduction.analysis.variants import ARMS, seen_by
        >>> from neuronlib.reproduction.design.studies import stored_study
        >>> random_loss_shown(seen_by(stored_study("early-version"), ARMS["corrected"]), "1").shape
        (10,)
    """
    curve = random_accuracy(curves_of(results, scope))
    return _shown(curve.sel(step=0) - curve)


def beside_random(results: xr.DataTree, measure: Measure, scope: str) -> Float[ndarray, " network"]:
    """By how much random ablation keeps away from the better and the worse order of a measure, in points.

    Args:
        results: What `seen_by` returns.
        measure: The measure.
        scope: A layer, such as "1", or "whole".

    Returns:
        The smaller of its two distances from them; negative where it lies beyond either.

    Example:
        >>> from neuronlib.reproduction.analysis.variants import ARMS, seen_by
        >>> from neuronlib.reproduction.design.studies import stored_study
        >>> beside_random(seen_by(stored_study("early-version"), ARMS["corrected"]), "entropy", "1").shape
        (10,)
    """
    curves = curves_of(results, scope)
    low, high = (_shown(curves.sel(order=f"{measure} {way}")) for way in ("low", "high"))
    random = _shown(random_accuracy(curves))
    return np.minimum(np.maximum(low, high) - random, random - np.minimum(low, high))


def low_first_below_random(results: xr.DataTree, measure: Measure, scope: str) -> Float[ndarray, " network"]:
    """How much more accuracy random ablation leaves than ablating the lowest values first, in points.

    Args:
        results: What `seen_by` returns.
        measure: The measure.
        scope: A layer, such as "1", or "whole".

    Returns:
        The mean over the part of the curve that the reports show.

    Example:
        >>> from neuronlib.reproduction.analysis.variants import ARMS, seen_by
        >>> from neuronlib.reproduction.design.studies import stored_study
        >>> study = seen_by(stored_study("early-version"), ARMS["corrected"])
        >>> low_first_below_random(study, "entropy", "whole").shape
        (10,)
    """
    curves = curves_of(results, scope)
    return _shown(random_accuracy(curves) - curves.sel(order=f"{measure} low"))


def _shown(curve: xr.DataArray) -> Float[ndarray, " network"]:
    return 100 * curve.sel(step=slice(0, int(SHOWN * int(curve.step[-1])))).mean("step").values


def distance(
    results: xr.DataTree, others: xr.DataTree, measure: str, direction: str, scope: str
) -> Float[ndarray, " network"]:
    """How far two arms' curves of one order are apart, in points.

    Args:
        results: What `seen_by` returns.
        others: The same of another arm.
        measure: The measure, or "random".
        direction: "low" or "high"; of no account for random ablation.
        scope: A layer, such as "1", or "whole".

    Returns:
        The mean distance over the part of the curve that the reports show, at least 0.

    Example:
        >>> from neuronlib.reproduction.analysis.variants import ARMS, seen_by
        >>> from neuronlib.reproduction.design.studies import stored_study
        >>> study = seen_by(stored_study("early-version"), ARMS["corrected"])
        >>> float(distance(study, study, "entropy", "low", "1").max())
        0.0
    """
    both = (curves_of(tree, scope) for tree in (results, others))
    one, other = (
        random_accuracy(curves) if measure == "random" else curves.sel(order=f"{measure} {direction}")
        for curves in both
    )
    return _shown(abs(one - other))


def deeper_is_more(results: xr.DataTree, measure: Measure) -> Float[ndarray, " network"]:
    """How much larger a measure is on average in the last hidden layer than in the first, in bits.

    Args:
        results: What `seen_by` returns.
        measure: The measure, as it should be computed.

    Returns:
        One number for each network.

    Example:
        >>> from neuronlib.reproduction.analysis.variants import ARMS, seen_by
        >>> from neuronlib.reproduction.design.studies import stored_study
        >>> deeper_is_more(seen_by(stored_study("early-version"), ARMS["corrected"]), "entropy").shape
        (10,)
    """
    last, first = (neurons(results, measure, layer).mean(axis=1) for layer in (_last(results), "1"))
    return last - first


def _last(results: xr.DataTree) -> str:
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
        lambda results: high_over_low(results, "mutual_information", _last(results)),
    ),
    Conclusion(
        "last layer: KL high over low",
        "Last layer: high KL selectivity first is better than low (“counterintuitive”)",
        lambda results: high_over_low(results, "kl_selectivity", _last(results)),
    ),
    Conclusion(
        "first layer: random between",
        "First layer: random is between low and high mutual information first (“moderate”)",
        lambda results: beside_random(results, "mutual_information", "1"),
    ),
    Conclusion(
        "last layer matters less",
        "The last layer matters less than the first",
        lambda results: random_loss_shown(results, "1") - random_loss_shown(results, _last(results)),
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
    """Whether something is so, from one number for each network.

    Args:
        values: Positive where it is so.

    Returns:
        "yes" or "no" where the 95 % interval of the mean is on one side of zero, else "unclear".

    Example:
        >>> holds(np.array([1.0, 2.0, 3.0])), holds(np.array([-1.0, 1.0, 0.5, -0.5]))
        ('yes', 'unclear')
    """
    low, high = bootstrap_interval(values)
    return "yes" if low > 0 else "no" if high < 0 else "unclear"
