"""What ablation does to accuracy, as one number for each network."""

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.curves import accuracy, gap_to_random, random_accuracy
from neuronlib.common.choices import Direction, Measure

# How often signs are drawn in a test of sign flips.
_FLIPS = 999


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
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, float("nan"), 5.0]]]])
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1, 2]})
        >>> curves_of(xr.DataTree.from_dict({"curves": curves}), "1").step.values
        array([0, 2])
    """
    curves = results["curves"]
    if scope not in curves:
        raise ValueError(f"layer = {scope!r}: ablated were {', '.join(curves)}")
    return accuracy(curves[scope].to_dataset())


def gap(
    results: xr.DataTree, scope: str, measure: Measure, direction: Direction, step: int | None = None
) -> Float[ndarray, " network"]:
    r"""How much accuracy ordered ablation leaves beyond random ablation, in percentage points.

    Source: Amjad, Liu, Geiger 2021, Sec. V, of whose MG@n this is one network's part. Where the paper names no number
    of ablated neurons, ours is the mean over the curve.

    Args:
        results: Results with the group ``curves``.
        scope: A layer, such as "1", or "whole".
        measure: The measure that orders the neurons.
        direction: Whether its lowest or its highest values are ablated first.
        step: The number of ablated neurons, or the nearest to it that was evaluated; None for the mean over the curve
            but for its ends.

    Returns:
        Positive where ordered ablation is better.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, 8.0, 1.0], [9.0, 6.0, 1.0]]]])
        >>> orders = {"order": ["entropy low", "random 0"], "measure": ("order", ["entropy", "random"])}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1, 2], **orders})
        >>> gap(xr.DataTree.from_dict({"curves": curves}), "1", "entropy", "low", step=1).round(6)
        array([20.])
    """
    return _at(gap_curve(results, scope, measure, direction), step)


def gap_curve(results: xr.DataTree, scope: str, measure: Measure, direction: Direction) -> xr.DataArray:
    """How much accuracy ordered ablation leaves beyond random ablation, in percentage points, along the curve.

    Args:
        results: Results with the group ``curves``.
        scope: A layer, such as "1", or "whole".
        measure: The measure that orders the neurons.
        direction: Whether its lowest or its highest values are ablated first.

    Returns:
        By ``network`` and ``step``; `gap` is its mean, or its value at a step.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, 8.0, 1.0], [9.0, 6.0, 1.0]]]])
        >>> orders = {"order": ["entropy low", "random 0"], "measure": ("order", ["entropy", "random"])}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1, 2], **orders})
        >>> gap_curve(xr.DataTree.from_dict({"curves": curves}), "1", "entropy", "low").values.round(6)
        array([[ 0., 20.,  0.]])
    """
    return 100 * gap_to_random(curves_of(results, scope), measure, direction)


def departure(differences: xr.DataArray) -> Float[ndarray, " network"]:
    r"""How far one curve is from another on average, on whichever side: differences on both sides do not cancel.

    .. math:: \frac{1}{|n|} \sum_n \sigma\, \sigma_n\, \Delta_k(n), \qquad
        \sigma_n = \operatorname{sign} \sum_k \Delta_k(n), \quad \sigma = \operatorname{sign} \sum_{k, n} \Delta_k(n)

    The mean over networks is the area between the two mean curves, with the sign of the side on which more of it lies;
    where it is all on one side, that is the mean difference. As the side is chosen by looking, an area is hardly ever
    zero, and its interval does not say whether it is chance: `departure_p` does.

    Args:
        differences: By ``network`` and ``step``, as `gap_curve` returns.

    Returns:
        In the unit of the differences. Both ends of a curve, where every order gives the same, are left out.

    Example:
        >>> departure(xr.DataArray([[0.0, 3.0, -1.0, 0.0]], dims=("network", "step")))
        array([2.])
    """
    inner = differences.isel(step=slice(1, -1))
    here, overall = (np.where(sums < 0, -1, 1) for sums in (inner.sum("network"), inner.sum()))
    return (inner.transpose("network", "step").values * here * overall).mean(axis=1)


def departure_p(differences: xr.DataArray) -> float:
    r"""Whether the area between two mean curves may be chance, by a test of sign flips.

    .. math:: p = \frac{1 + \#\{f : A_f \ge A\}}{1 + F}, \qquad
        A_f = \frac{1}{|n|} \sum_n \Big| \frac{1}{K} \sum_k s_{f,k}\, \Delta_k(n) \Big|

    Without a difference, each network's curve of differences is as likely as its negative; so the area :math:`A` is
    compared with those where the signs :math:`s_{f,k}` of whole curves are drawn.

    Source: ours; Fisher 1935 for one number a unit.

    Args:
        differences: By ``network`` and ``step``, as `gap_curve` returns.

    Returns:
        At least 0.001, as signs are drawn :math:`F = 999` times, the same ones in every test.

    Example:
        >>> curves = np.array([[0.0, 3.0, -1.0, 0.0]] * 9)
        >>> departure_p(xr.DataArray(curves, dims=("network", "step"))) < 0.05
        True
    """
    inner = differences.isel(step=slice(1, -1)).transpose("network", "step").values
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(_FLIPS, len(inner)))
    areas = abs(signs @ inner / len(inner)).mean(axis=1)
    area = abs(inner.mean(axis=0)).mean()
    # Drawn areas that are equal but for rounding are as large.
    return float((1 + (areas >= area * (1 - 1e-12)).sum()) / (1 + _FLIPS))


def random_loss(results: xr.DataTree, scope: str, step: int | None = None) -> Float[ndarray, " network"]:
    """How much accuracy random ablation costs, in percentage points.

    Args:
        results: Results with the group ``curves``.
        scope: A layer, such as "1", or "whole".
        step: The number of ablated neurons, or the nearest to it that was evaluated; None for the mean over the curve
            but for its ends.

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
        The mean over the curve but for its ends; positive where the mean does less harm.

    Example:
        >>> orders = {"order": ["random 0"], "measure": ("order", ["random"]), "layer": ["1"], "step": [0, 1, 2]}
        >>> zero, mean = (
        ...     xr.Dataset({"correct": (("layer", "network", "order", "step"), [[[curve]]]), "samples": 10}, orders)
        ...     for curve in ([9.0, 6.0, 1.0], [9.0, 7.0, 1.0])
        ... )
        >>> mean_less_zero(*(xr.DataTree.from_dict({"curves": curves}) for curves in (zero, mean)), "1").round(6)
        array([10.])
    """
    return random_loss(zero, scope) - random_loss(mean, scope)


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


def _at(values: xr.DataArray, step: int | None) -> Float[ndarray, " network"]:
    if step is None:
        # At both ends of a curve every order gives the same, so they are not part of a mean over the curve.
        return values.isel(step=slice(1, -1)).mean("step").values
    last = int(values.step[-1])
    if not 0 <= step <= last:
        raise ValueError(f"step = {step}: not evaluated; the curves hold 0 to {last}")
    return values.sel(step=step, method="nearest").values
