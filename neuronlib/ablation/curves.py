"""Comparing ablation curves: accuracies, and mean gaps with the paper's tests and intervals over networks."""

import numpy as np
import xarray as xr

from neuronlib.ablation.significance import Comparison, wilcoxon_p
from neuronlib.common.checks import check
from neuronlib.common.choices import Direction
from neuronlib.common.labelled import Accuracies, AccuraciesBySteps, Curves
from neuronlib.common.numbers import AtLeastZero, Count

EVERY_STEP = 200
"""Curves of at most this many neurons are evaluated after each; longer ones at equal steps."""


def accuracy(curves: Curves, by_label: bool = False) -> xr.DataArray:
    """Return the accuracy after each number of ablated neurons, as a fraction.

    Args:
        curves: What `ablate` returns, or its sums over labels.
        by_label: Whether to give the accuracy for the samples of each label instead of all samples.

    Returns:
        The axes of ``correct``, without ``label`` unless asked for. For a label without samples it is NaN.

    Example:
        >>> curves = xr.Dataset({"correct": (("step", "label"), [[9, 5], [0, 10]]), "samples": ("label", [10, 10])})
        >>> accuracy(curves).values
        array([0.7, 0.5])
    """
    if by_label:
        return (curves.correct / curves.samples.where(curves.samples > 0)).rename("accuracy")
    summed = curves.sum("label") if "label" in curves.dims else curves
    return (summed.correct / summed.samples).rename("accuracy")


def random_curves(accuracies: Accuracies) -> xr.DataArray:
    """Return those of some accuracies, or of means of them, that are of random orders; ValueError if none is."""
    chosen = accuracies.isel(order=np.flatnonzero(accuracies.measure == "random"))
    if chosen.sizes["order"] == 0:
        raise ValueError("there is no random order to compare with: ablate with random_orders = 1 or more")
    return chosen


def random_accuracy(accuracies: Accuracies) -> xr.DataArray:
    """Return each network's accuracy under random ablation: the mean over its random orders; ValueError if it has none.

    Example:
        >>> curve = xr.DataArray([0.9, 0.5, 0.7], dims="order")
        >>> random_accuracy(curve.assign_coords(measure=("order", ["entropy", "random", "random"]))).item()
        0.6
    """
    return random_curves(accuracies).mean("order")


def gap_to_random(accuracies: Accuracies, measure: str, direction: Direction) -> xr.DataArray:
    """Return how much accuracy ordered ablation leaves beyond random ablation of the same network, as a fraction.

    Raises:
        ValueError: If there is no random order, or none by this measure and direction.

    Example:
        >>> curve = xr.DataArray([0.9, 0.75], dims="order", coords={"order": ["entropy low", "random 0"]})
        >>> gap = gap_to_random(curve.assign_coords(measure=("order", ["entropy", "random"])), "entropy", "low")
        >>> round(gap.item(), 3)
        0.15
    """
    order = f"{measure} {direction}"
    if order not in accuracies.order:
        names = sorted({str(name) for name in accuracies.measure.values} - {"random"})
        raise ValueError(f"measure = {measure!r}: no such order; neurons were ordered by {', '.join(names)}")
    return accuracies.sel(order=order) - random_accuracy(accuracies)


def compare_with_random(
    accuracies: AccuraciesBySteps, measure: str, direction: Direction, step: AtLeastZero, exact: bool = False
) -> Comparison:
    r"""Mean gap between ordered and random ablation of the same networks, as a fraction.

    .. math:: \mathrm{MG@}n = \frac{1}{K} \sum_k \left(a_k^\mathrm{ordered}(n) - a_k^\mathrm{random}(n)\right)

    Source: Amjad, Liu, Geiger 2021, Sec. V; positive where ordered ablation leaves more accuracy. The p-value is the
    Wilcoxon signed-rank test's. A network's random accuracy is the mean over its random orders, of which the paper
    does not say how many there are.

    Args:
        accuracies: Accuracies of one layer; axes ``network``, ``order`` and ``step``.
        measure: The measure that orders the neurons.
        direction: Whether its lowest or its highest values are ablated first.
        step: The number of ablated neurons, :math:`n`.
        exact: Whether the p-value is of the exact distribution, as one would have it for few networks, and not of the
            paper's normal approximation.

    Returns:
        The gap, its bootstrap interval over networks, and the p-value.

    Raises:
        ValueError: If there is no random order, none by this measure and direction, or the number of ablated neurons
            was not evaluated.

    Example:
        >>> curves = xr.DataArray(
        ...     [[[0.9, 0.8], [0.9, 0.6]], [[0.9, 0.7], [0.9, 0.6]], [[0.9, 0.9], [0.9, 0.6]]],
        ...     dims=("network", "order", "step"),
        ...     coords={"order": ["entropy low", "random 0"], "step": [0, 80]},
        ... ).assign_coords(measure=("order", ["entropy", "random"]))
        >>> round(compare_with_random(curves, "entropy", "low", step=80).mean, 3)
        0.2
    """
    gaps = gap_to_random(_at_step(accuracies, step), measure, direction).values
    name = f"accuracy without {step} neurons, {measure} {direction} minus random"
    return Comparison(values=gaps, name=name, p=wilcoxon_p(gaps, exact=True) if exact else None)


def _at_step(accuracies: xr.DataArray, step: int) -> xr.DataArray:
    # A layer that has fewer neurons than another has no values beyond its last.
    evaluated = accuracies.dropna("step", how="all").step.values.tolist()
    if not evaluated:
        raise ValueError("accuracies hold NaN alone: expected curves of at least one step")
    if step not in evaluated:
        raise ValueError(f"step = {step}: not evaluated; the curves hold {evaluated[0]} to {evaluated[-1]}")
    return accuracies.sel(step=step)


def steps_through(neurons: AtLeastZero, points: Count = 50, each_up_to: AtLeastZero = EVERY_STEP) -> list[int]:
    """Choose after how many ablated neurons accuracy is evaluated: after each, or, of many, at equal steps.

    Returns:
        Numbers from 0 to all ``neurons``; more than ``each_up_to`` are divided into ``points`` steps.

    Example:
        >>> steps_through(3), steps_through(600, points=3)
        ([0, 1, 2, 3], [0, 200, 400, 600])
    """
    check("neurons", neurons, AtLeastZero)
    check("points", points, Count)
    stride = 1 if neurons <= each_up_to else max(1, neurons // points)
    return sorted({*range(0, neurons, stride), neurons})
