"""Checks of the fourth assignment: a measure of importance that beats KL selectivity on settings it was not made on."""

from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import Activation, Regularizer
from neuronlib.reproduction.course.report import Fact, Report, differs, examine, first

Importance = Callable[[ndarray, ndarray, ndarray], ndarray]

SETTINGS: dict[str, tuple[Activation, Regularizer]] = {
    "relu-dropout": ("relu", "dropout"),
    "relu-none": ("relu", "none"),
    "relu-l2": ("relu", "l2"),
    "sigmoid-l2": ("sigmoid", "l2"),
}
DEVELOPMENT = ("relu-dropout",)
"""Settings for development, to be used as often as one likes."""
HELD_OUT = ("relu-none", "relu-l2", "sigmoid-l2")
"""Settings for the final test, used once."""
LAYERS = ("1", "2")


def check_importance(importance: Importance, seed: int = 0) -> Report:
    """Check that a learner's measure gives each neuron a number that depends only on what it may depend on.

    Args:
        importance: Scores each neuron from a layer's outputs (sample, neuron), the labels (sample) and the weights that
            leave the layer (neuron, next neuron).
        seed: Seed of the arguments.

    Returns:
        Four facts of one point each.

    Example:
        >>> print(check_importance(lambda outputs, labels, outgoing: np.arange(len(outgoing))))
        importance: 3 of 4 points
          ✔ one finite number for each neuron
          ✘ a neuron's importance does not depend on its place: exchanged neurons get other numbers
          ✔ the order of the samples changes nothing
          ✔ what it is given is left as it was
    """
    draw = np.random.default_rng(seed)
    outputs, labels, outgoing = draw.random((60, 7)), draw.integers(0, 3, 60), draw.normal(size=(7, 4))
    outputs[:, 2] = 0  # dead
    outputs[:, 5] = 1  # always on
    neurons, samples = draw.permutation(7), draw.permutation(60)

    def answer(outputs: ndarray, labels: ndarray, outgoing: ndarray) -> ndarray:
        return np.asarray(importance(outputs.copy(), labels.copy(), outgoing.copy()), dtype=np.float64)

    def finite() -> str | None:
        given = answer(outputs, labels, outgoing)
        if given.shape != (7,):
            return f"for seven neurons it gives shape {given.shape}"
        return None if np.isfinite(given).all() else f"it gives {given.round(2).tolist()}"

    def exchanged() -> str | None:
        straight = answer(outputs, labels, outgoing)[neurons]
        same = np.allclose(answer(outputs[:, neurons], labels, outgoing[neurons]), straight)
        return None if same else "exchanged neurons get other numbers"

    def shuffled() -> str | None:
        same = np.allclose(answer(outputs[samples], labels[samples], outgoing), answer(outputs, labels, outgoing))
        return None if same else "shuffled samples give other numbers"

    def changed() -> str | None:
        given = outputs.copy(), labels.copy(), outgoing.copy()
        importance(*given)
        return first(differs(one, other) for one, other in zip(given, (outputs, labels, outgoing), strict=True))

    return examine(
        "importance",
        [
            Fact("one finite number for each neuron", finite),
            Fact("a neuron's importance does not depend on its place", exchanged),
            Fact("the order of the samples changes nothing", shuffled),
            Fact("what it is given is left as it was", changed),
        ],
    )


def check_contest(gains: xr.DataArray) -> Report:
    """Check where a measure beats KL selectivity, over the networks of a setting and both layers.

    Args:
        gains: The result of `contest`.

    Returns:
        Two points for each setting: one for a mean above zero, one for a 95 % bootstrap interval above zero. A network
        counts once, with the mean of its layers.
    """
    facts = []
    for name in gains.setting.values.tolist():
        mean, low, summary = _gained(gains.sel(setting=name))
        facts.append(Fact(f"{name}: better on average", partial(_unless_above_zero, mean, summary)))
        facts.append(Fact(f"{name}: better than chance", partial(_unless_above_zero, low, summary)))
    return examine("against KL selectivity", facts)


def _gained(gains: xr.DataArray) -> tuple[float, float, str]:
    if "fault" in gains.coords and gains.fault.item():
        return np.nan, np.nan, gains.fault.item()
    of_network = gains.mean("layer").values
    mean, (low, high) = float(of_network.mean()), bootstrap_interval(of_network)
    summary = f"{100 * mean:+.1f} points, 95 % interval {100 * low:+.1f} to {100 * high:+.1f}, n = {len(of_network)}"
    return mean, low, summary


def _unless_above_zero(number: float, summary: str) -> str | None:
    return None if number > 0 else summary
