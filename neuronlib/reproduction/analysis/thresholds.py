"""How many neurons can be ablated without harm, and how many disable a network."""

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import Direction, Measure
from neuronlib.reproduction.analysis.effects import curves_of

HARMLESS = 2.0
"""Losing at most so many percentage points is no harm."""

DISABLED = 10.0
"""At most so many percentage points above guessing, a network is disabled."""

NOTHING_LEFT = 2.0
"""At most so many percentage points above guessing, a network has nothing left to classify with."""

_ROUNDING = 1e-9  # a loss of exactly 2 points comes out a little above or below

GUESSING = 10.0
"""The accuracy of guessing one of ten classes, in percent."""


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
    harmed = curve.sel(step=0) - curve > HARMLESS + _ROUNDING
    steps = harmed.step.values
    before = np.concatenate([[0], steps[:-1]])
    index = np.searchsorted(steps, _first(harmed))
    return np.where(harmed.any("step"), before[index], steps[-1]).astype(np.float64)


def disabling(
    results: xr.DataTree, layer: str, measure: Measure, direction: Direction, above: float = DISABLED
) -> Float[ndarray, " network"]:
    """How many neurons have to be ablated until the accuracy is near that of guessing.

    Args:
        results: Results with the group ``curves``.
        layer: The layer.
        measure: The measure that orders its neurons.
        direction: Whether the lowest or the highest values are ablated first.
        above: How many percentage points above guessing it may be.

    Returns:
        The first evaluated number of neurons with which it is; all of them where it never is.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[90.0, 50.0, 15.0]]]])
        >>> curves = xr.Dataset(
        ...     {"correct": correct, "samples": 100}, {"layer": ["1"], "step": [0, 5, 10], "order": ["entropy low"]}
        ... )
        >>> disabling(xr.DataTree.from_dict({"curves": curves}), "1", "entropy", "low")
        array([10.])
    """
    return _first(ordered_accuracy(results, layer, measure, direction) <= GUESSING + above)


def _first(holds: xr.DataArray) -> Float[ndarray, " network"]:
    # The first evaluated step at which something holds; the last step where it never does.
    index = xr.where(holds.any("step"), holds.argmax("step"), holds.sizes["step"] - 1)
    return holds.step.values[index.values].astype(np.float64)
