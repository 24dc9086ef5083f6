"""Effects of ablation on accuracy, as one number a network, in percentage points.

Claims are about percentage points, and so are these numbers: times 100 before any mean, so that digits stay as stored.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.curves import accuracy, gap_to_random, random_accuracy
from neuronlib.common.choices import MEASURES, Direction, Measure

HARMLESS = 2.0
"""Losing at most so many percentage points is no harm."""
DISABLED = 10.0
"""At most so many percentage points above guessing, a network is disabled."""
NOTHING_LEFT = 2.0
"""At most so many percentage points above guessing, a network has nothing left to classify with."""
GUESSING = 10.0
"""Accuracy of guessing one of ten classes, in percent."""
_ROUNDING = 1e-9  # a loss of exactly 2 points comes out a little above or below
# How often signs are drawn in a test of sign flips.
_FLIPS = 999
# Curves derived from the same stored numbers are computed once. The numbers themselves are the key.
_REMEMBERED: dict[int, tuple[ndarray, dict[tuple, xr.DataArray]]] = {}
_MOST_REMEMBERED = 1000


def _remembered(results: xr.DataTree, scope: str, key: tuple, compute: Callable[[], xr.DataArray]) -> xr.DataArray:
    correct = results["curves"][scope].variables["correct"].values
    array, curves = _REMEMBERED.get(id(correct), (None, {}))
    if array is not correct:
        if len(_REMEMBERED) >= _MOST_REMEMBERED:
            _REMEMBERED.clear()
        curves = {}
        _REMEMBERED[id(correct)] = (correct, curves)
    if key not in curves:
        curves[key] = compute()
    return curves[key]


def curves_of(results: xr.DataTree, scope: str) -> xr.DataArray:
    """Accuracies of one layer, or of the whole network, as fractions by ``network``, ``order`` and ``step``.

    Args:
        results: Results with the group ``curves``.
        scope: A layer, such as "1", or "whole".

    Returns:
        The curves.

    Raises:
        ValueError: If that was not ablated.
    """
    curves = results["curves"]
    if scope not in curves:
        raise ValueError(f"layer = {scope!r}: ablated were {', '.join(curves)}")
    return _remembered(results, scope, ("accuracy",), lambda: accuracy(curves[scope].to_dataset()))


def random_curve(results: xr.DataTree, scope: str) -> xr.DataArray:
    """Accuracy under random ablation, the mean over each network's random orders, as a fraction."""
    return _remembered(results, scope, ("random",), lambda: random_accuracy(curves_of(results, scope)))


def ordered_accuracy(results: xr.DataTree, scope: str, measure: Measure, direction: Direction) -> xr.DataArray:
    """Accuracy under ordered ablation, in percent, by ``network`` and ``step``."""
    key = ("ordered", measure, direction)
    return _remembered(results, scope, key, lambda: 100 * curves_of(results, scope).sel(order=f"{measure} {direction}"))


def gap_curve(results: xr.DataTree, scope: str, measure: Measure, direction: Direction) -> xr.DataArray:
    """Accuracy of ordered less that of random ablation, in percentage points, by ``network`` and ``step``."""
    key = ("gap", measure, direction)
    return _remembered(results, scope, key, lambda: 100 * gap_to_random(curves_of(results, scope), measure, direction))


def gap(
    results: xr.DataTree, scope: str, measure: Measure, direction: Direction, step: int | None = None
) -> Float[ndarray, " network"]:
    r"""Accuracy of ordered less that of random ablation, in percentage points.

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
        >>> correct = (("network", "order", "step"), [[[9, 8, 1], [9, 6, 1]]])
        >>> orders = {"order": ["entropy low", "random 0"], "measure": ("order", ["entropy", "random"])}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"step": [0, 1, 2], **orders})
        >>> gap(xr.DataTree.from_dict({"curves/1": curves}), "1", "entropy", "low", step=1).round(6)
        array([20.])
    """
    return _at(gap_curve(results, scope, measure, direction), step)


def strength(results: xr.DataTree, scope: str, measure: Measure) -> Float[ndarray, " network"]:
    """Gap of the lowest values first less that of the highest first; a useful measure puts them far apart."""
    return gap(results, scope, measure, "low") - gap(results, scope, measure, "high")


def change(
    results: xr.DataTree, scope: str, measure: Measure, direction: Direction, step: int
) -> Float[ndarray, " network"]:
    """Accuracy after ordered ablation of so many neurons less that of the intact network, in percentage points."""
    curve = curves_of(results, scope).sel(order=f"{measure} {direction}")
    return _at(100 * (curve - curve.sel(step=0)), step)


def random_change(results: xr.DataTree, scope: str, step: int | None = None) -> Float[ndarray, " network"]:
    """Accuracy under random ablation less that of the intact network: after a step, or the mean over the curve."""
    curve = random_curve(results, scope)
    return _at(100 * (curve - curve.sel(step=0)), step)


def mean_less_zero(zero: xr.DataTree, mean: xr.DataTree, scope: str) -> Float[ndarray, " network"]:
    """Accuracy under random ablation to the mean less that to zero, over the curve, in percentage points."""
    return random_change(mean, scope) - random_change(zero, scope)


def whole_accuracy(results: xr.DataTree) -> Float[ndarray, " network"]:
    """Test accuracy of the intact network, in percent."""
    return ordered_accuracy(results, "whole", "entropy", "low").sel(step=0).values


def area_between(differences: xr.DataArray) -> Float[ndarray, " network"]:
    r"""Mean distance of one curve from another, on whichever side: differences on both sides do not cancel.

    .. math:: \frac{1}{|n|} \sum_n \sigma\, \sigma_n\, \Delta_k(n), \qquad
        \sigma_n = \operatorname{sign} \sum_k \Delta_k(n), \quad \sigma = \operatorname{sign} \sum_{k, n} \Delta_k(n)

    The mean over networks is the area between the two mean curves, with the sign of the side on which more of it lies.
    Where it is all on one side, that is the mean difference. The side is chosen by looking, so an area is hardly ever
    zero, and its interval cannot test for zero: use `area_p`.

    Args:
        differences: By ``network`` and ``step``, as `gap_curve` returns.

    Returns:
        In the unit of the differences. Both ends of a curve, where every order gives the same, are skipped.

    Example:
        >>> area_between(xr.DataArray([[0.0, 3.0, -1.0, 0.0]], dims=("network", "step")))
        array([2.])
    """
    inner = differences.isel(step=slice(1, -1))
    at_step, overall = (np.where(sums < 0, -1, 1) for sums in (inner.sum("network"), inner.sum()))
    return (inner.transpose("network", "step").values * at_step * overall).mean(axis=1)


def area_p(differences: xr.DataArray) -> float:
    r"""P-value of the area between two mean curves, by a test of sign flips.

    .. math:: p = \frac{1 + \#\{f : A_f \ge A\}}{1 + F}, \qquad
        A_f = \frac{1}{|n|} \sum_n \Big| \frac{1}{K} \sum_k s_{f,k}\, \Delta_k(n) \Big|

    Without a difference, each network's curve of differences is as likely as its negative. So the area :math:`A` is
    compared with those where the signs :math:`s_{f,k}` of whole curves are drawn.

    Source: ours; Fisher 1935 for one number a unit.

    Args:
        differences: By ``network`` and ``step``, as `gap_curve` returns.

    Returns:
        At least 0.001, as signs are drawn :math:`F = 999` times, the same ones in every test.

    Example:
        >>> curves = np.array([[0.0, 3.0, -1.0, 0.0]] * 9)
        >>> area_p(xr.DataArray(curves, dims=("network", "step"))) < 0.05
        True
    """
    inner = differences.isel(step=slice(1, -1)).transpose("network", "step").values
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(_FLIPS, len(inner)))
    areas = abs(signs @ inner / len(inner)).mean(axis=1)
    area = abs(inner.mean(axis=0)).mean()
    # Drawn areas that are equal but for rounding are as large.
    return float((1 + (areas >= area * (1 - 1e-12)).sum()) / (1 + _FLIPS))


def largest_harmless_ablation(
    results: xr.DataTree, layer: str, measure: Measure, direction: Direction
) -> Float[ndarray, " network"]:
    """Number of neurons that can be ablated before more than 2 points are lost: the last such step, or all."""
    curve = ordered_accuracy(results, layer, measure, direction)
    harmed = curve.sel(step=0) - curve > HARMLESS + _ROUNDING
    steps = harmed.step.values
    before = np.concatenate([[0], steps[:-1]])
    index = np.searchsorted(steps, _first(harmed))
    return np.where(harmed.any("step"), before[index], steps[-1]).astype(np.float64)


def smallest_disabling_ablation(
    results: xr.DataTree, layer: str, measure: Measure, direction: Direction, above: float = DISABLED
) -> Float[ndarray, " network"]:
    """Number of neurons whose ablation leaves at most ``above`` points over guessing: the first step, or all."""
    return _first(ordered_accuracy(results, layer, measure, direction) <= GUESSING + above)


def over_measures(
    effect: Callable[[xr.DataTree, str, Measure, Direction], Float[ndarray, " network"]],
    results: xr.DataTree,
    layer: str,
    direction: Direction,
    combine: Callable[..., Float[ndarray, " network"]] = np.mean,
) -> Float[ndarray, " network"]:
    """Combine an effect over the three measures, by default as their mean."""
    return combine([effect(results, layer, measure, direction) for measure in MEASURES], axis=0)


def _at(values: xr.DataArray, step: int | None) -> Float[ndarray, " network"]:
    if step is None:
        # At both ends of a curve every order gives the same, so they are not part of a mean over the curve.
        return values.isel(step=slice(1, -1)).mean("step").values
    last = int(values.step[-1])
    if not 0 <= step <= last:
        raise ValueError(f"step = {step}: not evaluated; the curves hold 0 to {last}")
    return values.sel(step=step, method="nearest").values


def _first(holds: xr.DataArray) -> Float[ndarray, " network"]:
    # The first evaluated step at which something holds; the last step where it never does.
    index = xr.where(holds.any("step"), holds.argmax("step"), holds.sizes["step"] - 1)
    return holds.step.values[index.values].astype(np.float64)
