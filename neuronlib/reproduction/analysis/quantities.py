"""What questions about claims are made of: from results, one number for each network."""

from collections.abc import Callable

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import MEASURES, Direction, Measure
from neuronlib.common.scopes import WHOLE, scope_width
from neuronlib.reproduction.analysis.effects import gap, loss, random_loss
from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.analysis.thresholds import harmless, ordered_accuracy
from neuronlib.reproduction.design.settings import SETTINGS

Quantity = Callable[[xr.DataTree], Float[ndarray, " network"]]
"""One number for each network."""

MANY = 0.25
"""Share of a layer that counts as many."""


def width(name: str, layer: str) -> int:
    return scope_width(SETTINGS[name].hidden, layer)


def in_percent(share: Quantity) -> Quantity:
    return lambda results: 100 * share(results)


def share_of_zero_entropy(layer: str) -> Quantity:
    return lambda results: (neurons(results, "entropy", layer) == 0).mean(axis=1)


def many_silent(layer: str) -> Quantity:
    return lambda results: share_of_zero_entropy(layer)(results) - MANY


def over_measures(
    what: Callable[[xr.DataTree, str, Measure, Direction], Float[ndarray, " network"]],
    layer: str,
    direction: Direction,
    together: Callable[..., Float[ndarray, " network"]] = np.mean,
) -> Quantity:
    return lambda results: together([what(results, layer, measure, direction) for measure in MEASURES], axis=0)


def remaining(name: str, layer: str) -> Quantity:
    # Neurons that suffice: all but those whose ablation, lowest first, is harmless.
    gone = over_measures(harmless, layer, "low")
    return lambda results: width(name, layer) - gone(results)


def informative(layer: str) -> Quantity:
    return lambda results: (neurons(results, "mutual_information", layer) > 0).sum(axis=1).astype(np.float64)


def mean(measure: Measure, layer: str) -> Quantity:
    return lambda results: neurons(results, measure, layer).mean(axis=1)


def strength(layer: str, measure: Measure) -> Quantity:
    # How far apart lowest first and highest first are, which a useful measure puts far.
    return lambda results: gap(results, layer, measure, "low") - gap(results, layer, measure, "high")


def spared(layer: str, measure: Measure, step: int, allowed: float) -> Quantity:
    # How far the loss, lowest first, stays below what is allowed.
    return lambda results: allowed - loss(results, layer, measure, "low", step)


def lost_at_random(layer: str) -> Quantity:
    return lambda results: random_loss(results, layer)


def whole_accuracy(results: xr.DataTree) -> Float[ndarray, " network"]:
    return ordered_accuracy(results, WHOLE, "entropy", "low").sel(step=0).values
