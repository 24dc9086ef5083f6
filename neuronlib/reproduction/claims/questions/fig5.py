"""What is asked of networks with four hidden layers, as in the paper's Sec. V-E and Fig. 5."""

import functools
from typing import Literal

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import Comparison
from neuronlib.common.choices import DIRECTIONS, MEASURES, Direction, Measure
from neuronlib.reproduction.analysis.effects import loss
from neuronlib.reproduction.analysis.neurons import activity
from neuronlib.reproduction.analysis.quantities import (
    Quantity,
    informative,
    many_silent,
    mean,
    over_measures,
    remaining,
    share_of_zero_entropy,
    strength,
    width,
)
from neuronlib.reproduction.analysis.thresholds import (
    DISABLED,
    GUESSING,
    HARMLESS,
    NOTHING_LEFT,
    disabling,
    ordered_accuracy,
)
from neuronlib.reproduction.claims.evidence import Answer
from neuronlib.reproduction.claims.questions.builders import (
    BETTER_AND_WORSE,
    SHORT,
    Question,
    all_of,
    between,
    gaps,
    neuron_count,
    paired,
    points,
    shares,
    strengths,
)
from neuronlib.reproduction.claims.questions.panels import FIG3A, FIG3B, FIG4A, FIG5A, FIG5B, FIG5C, INFORMATION, H
from neuronlib.reproduction.claims.verdicts import CLOSE, none_positive, positive
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import SETTINGS


def _after(
    curve: xr.DataArray, steps: Float[ndarray, " network"], if_between: Literal["pad", "backfill"]
) -> Float[ndarray, " network"]:
    # Each network's accuracy after its own number of ablated neurons, or the next that was evaluated: fewer or more.
    return curve.sel(step=xr.DataArray(steps, dims="network"), method=if_between).values


_stripping = functools.partial(disabling, above=NOTHING_LEFT)


def _almost_disabled(layer: str, measure: Measure, step: int) -> Quantity:
    def f(results: xr.DataTree) -> Float[ndarray, " network"]:
        return (
            GUESSING + DISABLED - ordered_accuracy(results, layer, measure, "high").sel(step=step, method="pad").values
        )

    return f


def _k7(source: Source, name: str) -> Answer:
    results = source(name)
    active = informative("3")(results)
    tests = []
    for measure in INFORMATION:
        curve = ordered_accuracy(results, "3", measure, "high")
        values = GUESSING + NOTHING_LEFT - _after(curve, active, "backfill")
        tests.append(Comparison(values=values, name=f"12 % less the accuracy, {SHORT[measure]}", setting=name))
    return positive(tests)


def _k8(source: Source, name: str) -> Answer:
    results = source(name)
    inactive = width(name, "3") - informative("3")(results)
    tests = []
    for measure in INFORMATION:
        curve = ordered_accuracy(results, "3", measure, "low")
        values = HARMLESS - (curve.sel(step=0).values - _after(curve, inactive, "pad"))
        tests.append(Comparison(values=values, name=f"{HARMLESS:g} less the loss, {SHORT[measure]}", setting=name))
    return positive(tests)


def _k13(source: Source) -> Answer:
    shares = []
    for name in (FIG5A, FIG5B):
        strip = over_measures(_stripping, "4", "high")(source(name))
        shares.append((strip - remaining(name, "4")(source(name))) / width(name, "4"))
    values = 100 * paired(*shares)
    return positive([Comparison(values=values, name="share of layer 4", setting=f"{FIG5A}, {FIG5B}")])


def _bump(measure: Measure) -> Quantity:
    # Accuracy gained between 500 and 600 ablated neurons of layer 2, the highest first.
    def f(results: xr.DataTree) -> Float[ndarray, " network"]:
        curve = ordered_accuracy(results, "2", measure, "high")
        return (curve.sel(step=600, method="nearest") - curve.sel(step=500, method="nearest")).values

    return f


def _no_bump(measure: Measure) -> Quantity:
    return lambda results: HARMLESS - _bump(measure)(results)


def _harm(measure: Measure, direction: Direction, step: int) -> Quantity:
    return lambda results: loss(results, "2", measure, direction, step) - HARMLESS


def _q37(worse_than_random: dict[Direction, int]) -> Question:
    return all_of(
        gaps([(FIG5A, "1"), (FIG5B, "1")], INFORMATION, worse_than_random),
        strengths([FIG5A, FIG5B], INFORMATION, none_positive),
    )


def _q38(source: Source) -> Answer:
    tests = []
    for name in (FIG5A, FIG5B):
        for measure in INFORMATION:
            for direction in DIRECTIONS:
                curve = ordered_accuracy(source(name), "1", measure, direction)
                share = curve.step / curve.step[-1]
                line = curve.isel(step=0) + (curve.isel(step=-1) - curve.isel(step=0)) * share
                values = (CLOSE - abs(curve - line).max("step")).values
                text = f"{CLOSE:g} less the distance from a line, {SHORT[measure]} {direction}, {name}"
                tests.append(Comparison(values=values, name=text, setting=name))
    return positive(tests)


def _q40(source: Source) -> Answer:
    # Much smaller: at most half.
    tests = []
    for cifar in (FIG5A, FIG5B):
        for other in ("mnist-relu-l2", FIG4A):
            for measure in INFORMATION:
                ours, theirs = (mean(measure, "1")(source(name)) for name in (other, cifar))
                text = f"{SHORT[measure]}, {other} - twice {cifar}"
                tests.append(Comparison(values=paired(ours, 2 * theirs), name=text, setting=f"{other} against {cifar}"))
    return positive(tests, "bits")


def _always_on(results: xr.DataTree) -> Float[ndarray, " network"]:
    # Of the neurons without entropy in layer 2, the share that is always on, beyond a half.
    rates = activity(results, "2")
    silent = (rates == 0).sum(axis=1)
    on = (rates == 1).sum(axis=1)
    return on / np.maximum(1, silent + on) - 0.5


_DEEPER_LAYERS_OF_CIFAR = [(name, layer) for name in (FIG5A, FIG5B, FIG5C) for layer in ("2", "3", "4")]
_RELU_L2_OR_DROPOUT = [
    (name, str(layer + 1))
    for name in SETTINGS
    if name.endswith(("relu-l2", "relu-dropout"))
    for layer in range(len(SETTINGS[name].hidden))
]


def _weaker(measure: Measure) -> Quantity:
    return lambda results: strength("1", measure)(results) - strength("2", measure)(results)


def _wide_and_deep(*names: str) -> Question:
    # A measure says more of a wide layer than of one less wide, and less of a deeper one.
    return all_of(
        between([(FIG5A, FIG3A, SHORT[m], strength("2", m)) for m in MEASURES]),
        points([(n, f"layer 1 - layer 2, {SHORT[m]}, {n}", _weaker(m)) for n in names for m in MEASURES]),
    )


FOUR_LAYERS: dict[str, dict[str, Question]] = {
    "K1": {"": neuron_count(FIG5A, "2", 250, remaining(FIG5A, "2"))},
    "K2": {"": points([(FIG5A, f"loss beyond {HARMLESS:g}, {SHORT[m]}", _harm(m, "high", 50)) for m in MEASURES])},
    "K3": {
        "200 do": points(
            [(FIG5B, f"20 % less the accuracy, {SHORT[m]}", _almost_disabled("2", m, 200)) for m in MEASURES]
        ),
        "it takes 200": neuron_count(FIG5B, "2", 200, over_measures(disabling, "2", "high")),
    },
    "K4": {"": shares([(FIG5B, "beyond a half", lambda results: share_of_zero_entropy("2")(results) - 0.5)])},
    "K5": {"": points([(FIG5B, SHORT[m], _bump(m)) for m in INFORMATION])},
    "K6": {
        "250-500-250-500": neuron_count(FIG5A, "3", 70, informative("3")),
        "Funnel": neuron_count(FIG5B, "3", 70, informative("3")),
    },
    "K7": {
        "250-500-250-500": lambda source: _k7(source, FIG5A),
        "Funnel": lambda source: _k7(source, FIG5B),
    },
    "K8": {
        "250-500-250-500": lambda source: _k8(source, FIG5A),
        "Funnel": lambda source: _k8(source, FIG5B),
    },
    "K9": {"": neuron_count(FIG5A, "4", 250, over_measures(_stripping, "4", "high"))},
    "K10": {"": neuron_count(FIG5B, "4", 70, over_measures(_stripping, "4", "high"))},
    "K11": {"": neuron_count(FIG5A, "4", 100, remaining(FIG5A, "4"))},
    "K12": {"": neuron_count(FIG5B, "4", 30, remaining(FIG5B, "4"))},
    "K13": {"": _k13},
    "K14": {"": neuron_count(FIG5C, "3", 50, remaining(FIG5C, "3"))},
    "K15": {"": neuron_count(FIG5C, "3", 150, over_measures(_stripping, "3", "high", np.max))},
    "K16": {
        "by the curve": neuron_count(FIG5C, "4", 25, remaining(FIG5C, "4")),
        "with information": neuron_count(FIG5C, "4", 25, informative("4")),
    },
    "Q36": {"": gaps(_DEEPER_LAYERS_OF_CIFAR, MEASURES, BETTER_AND_WORSE)},
    "Q37": {
        "random better than low first": _q37({"low": -1}),
        "random better than both": _q37({"low": -1, "high": -1}),
    },
    "Q38": {"": _q38},
    "Q39": {"": gaps([(FIG5A, "1"), (FIG5B, "1")], [H], BETTER_AND_WORSE)},
    "Q40": {"": _q40},
    "Q41": {"": gaps([(FIG5C, "1")], MEASURES, {"low": -1, "high": -1})},
    "Q42": {
        "": all_of(
            shares([(FIG5B, "always on, beyond a half", _always_on)]),
            # half of the layer ablated, the lowest first
            points(
                [
                    (FIG5B, f"loss beyond {HARMLESS:g}, {SHORT[m]} low", _harm(m, "low", width(FIG5B, "2") // 2))
                    for m in MEASURES
                ]
            ),
        )
    },
    "Q43": {"": points([(FIG5C, f"{HARMLESS:g} less the gain, {SHORT[m]}", _no_bump(m)) for m in INFORMATION])},
    "Q44": {
        "": shares(
            [
                (n, f"layer {layer}, {n}, beyond a quarter", many_silent(layer))
                for n in (FIG5A, FIG5B)
                for layer in ("3", "4")
            ]
        )
    },
    "Q46": {"": gaps(_RELU_L2_OR_DROPOUT, MEASURES, BETTER_AND_WORSE)},
    "Q48": {"Fig. 3(a)": _wide_and_deep(FIG3A), "Fig. 3(a) and (b)": _wide_and_deep(FIG3A, FIG3B)},
}
