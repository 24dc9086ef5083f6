"""Claims about networks with four hidden layers, the paper's Sec. V-E and Fig. 5."""

import functools
from collections.abc import Callable
from typing import Literal

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import DIRECTIONS, MEASURES, Direction, Measure
from neuronlib.reproduction.analysis.effects import (
    GUESSING,
    NOTHING_LEFT,
    change,
    ordered_accuracy,
    over_measures,
    smallest_disabling_ablation,
    strength,
)
from neuronlib.reproduction.analysis.neurons import (
    activity,
    informative_neurons,
    mean_measure,
    share_without_entropy,
    sufficient_neurons,
)
from neuronlib.reproduction.claims.questions.comparisons import (
    BETTER_AND_WORSE,
    INFORMATION,
    MANY,
    SHORT,
    Asked,
    H,
    Quantity,
    all_of,
    between,
    count_of,
    gaps,
    of_each,
    paired,
    readings,
    shares_of_each,
    strengths,
    width,
)
from neuronlib.reproduction.claims.verdicts import Alike, Count, Differ, DoNotDiffer, Effect, Question
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import FIG3A, FIG3B, FIG4A, FIG5A, FIG5B, FIG5C, SETTINGS

_DEEPER_LAYERS = [(name, layer) for name in (FIG5A, FIG5B, FIG5C) for layer in ("2", "3", "4")]
_RELU_L2_OR_DROPOUT = [
    (name, str(layer + 1))
    for name in SETTINGS
    if name.endswith(("relu-l2", "relu-dropout"))
    for layer in range(len(SETTINGS[name].hidden))
]


def k1(source: Source) -> Asked:
    """250-500-250-500, layer 2: about 250 neurons hold all available information."""
    return _count(source, FIG5A, "2", 250, lambda results: sufficient_neurons(results, "2"))


def k2(source: Source) -> Asked:
    """250-500-250-500, layer 2: the 50 highest do harm."""
    return Differ(tests=_harms(source, FIG5A, "high", 50, ""))


def k3(source: Source) -> Asked:
    """Funnel, layer 2: without the 200 highest the network is almost disabled."""

    def above_guessing(results: xr.DataTree, measure: Measure) -> Float[ndarray, " network"]:
        return ordered_accuracy(results, "2", measure, "high").sel(step=200, method="pad").values - GUESSING

    return readings(
        {
            "200 do": lambda: Alike(
                tests=of_each(
                    source,
                    [
                        (FIG5B, f"accuracy above guessing, {SHORT[m]}", functools.partial(above_guessing, measure=m))
                        for m in MEASURES
                    ],
                )
            ),
            "it takes 200": lambda: _count(
                source, FIG5B, "2", 200, lambda r: over_measures(smallest_disabling_ablation, r, "2", "high")
            ),
        }
    )


def k4(source: Source) -> Asked:
    """Funnel, layer 2: more than half of the neurons have no entropy."""
    shares = [(FIG5B, "layer 2", lambda results: share_without_entropy(results, "2"))]
    return Differ(tests=shares_of_each(source, shares, 0.5), unit="% of neurons")


def k5(source: Source) -> Asked:
    """Funnel, layer 2: accuracy rises between 500 and 600 ablated neurons, the highest first."""
    bumps = [(FIG5B, SHORT[m], lambda results, m=m: _bump(results, m)) for m in INFORMATION]
    return Differ(tests=of_each(source, bumps))


def k6(source: Source) -> Asked:
    """Layer 3: about 70 neurons have mutual information."""
    return _both(lambda name: _count(source, name, "3", 70, lambda results: informative_neurons(results, "3")))


def k7(source: Source) -> Asked:
    """Layer 3: nothing is left without the neurons that have mutual information."""

    def nothing_left(name: str) -> Question:
        results = source(name)
        active = informative_neurons(results, "3")
        tests = []
        for measure in INFORMATION:
            curve = ordered_accuracy(results, "3", measure, "high")
            values = _after(curve, active, "backfill") - GUESSING
            tests.append(Effect(values=values, name=f"accuracy above guessing, {SHORT[measure]}", setting=name))
        return Alike(tests=tests)

    return _both(nothing_left)


def k8(source: Source) -> Asked:
    """Layer 3: the neurons without mutual information can be ablated without harm."""

    def harmless(name: str) -> Question:
        results = source(name)
        inactive = width(name, "3") - informative_neurons(results, "3")
        tests = []
        for measure in INFORMATION:
            curve = ordered_accuracy(results, "3", measure, "low")
            values = _after(curve, inactive, "pad") - curve.sel(step=0).values
            tests.append(Effect(values=values, name=f"change of accuracy, {SHORT[measure]}", setting=name))
        return Alike(tests=tests)

    return _both(harmless)


def k9(source: Source) -> Asked:
    """250-500-250-500, layer 4: nothing is left without the 250 highest."""
    return _count(source, FIG5A, "4", 250, lambda results: _stripping(results, "4"))


def k10(source: Source) -> Asked:
    """Funnel, layer 4: nothing is left without the 70 highest."""
    return _count(source, FIG5B, "4", 70, lambda results: _stripping(results, "4"))


def k11(source: Source) -> Asked:
    """250-500-250-500, layer 4: 100 neurons suffice."""
    return _count(source, FIG5A, "4", 100, lambda results: sufficient_neurons(results, "4"))


def k12(source: Source) -> Asked:
    """Funnel, layer 4: 30 neurons suffice."""
    return _count(source, FIG5B, "4", 30, lambda results: sufficient_neurons(results, "4"))


def k13(source: Source) -> Asked:
    """The share of layer 4 between what suffices and what strips a network is smaller in the funnel."""
    shares = [
        (_stripping(source(name), "4") - sufficient_neurons(source(name), "4")) / width(name, "4")
        for name in (FIG5A, FIG5B)
    ]
    values = 100 * paired(*shares)
    test = Effect(values=values, name="share of layer 4", setting=f"{FIG5A} against {FIG5B}")
    return Differ(tests=[test], unit="% of neurons")


def k14(source: Source) -> Asked:
    """Funnel with Dropout, layer 3: 50 neurons suffice."""
    return _count(source, FIG5C, "3", 50, lambda results: sufficient_neurons(results, "3"))


def k15(source: Source) -> Asked:
    """Funnel with Dropout, layer 3: nothing is left without the 150 highest, by whichever measure takes most."""
    return _count(source, FIG5C, "3", 150, lambda results: _stripping(results, "3", np.max))


def k16(source: Source) -> Asked:
    """Funnel with Dropout, layer 4: 25 neurons hold all information."""
    return readings(
        {
            "by the curve": lambda: _count(source, FIG5C, "4", 25, lambda r: sufficient_neurons(r, "4")),
            "with information": lambda: _count(source, FIG5C, "4", 25, lambda r: informative_neurons(r, "4")),
        }
    )


def q36(source: Source) -> Asked:
    """Layers 2 to 4: lowest first is better, highest first worse than random ablation."""
    return Differ(tests=gaps(source, _DEEPER_LAYERS, MEASURES, BETTER_AND_WORSE))


def q37(source: Source) -> Asked:
    """Layer 1: random ablation is better than ordered ablation, and lowest first is not better than highest first."""

    def random_is_better(signs: dict[Direction, int]) -> Question:
        return all_of(
            lambda: Differ(tests=gaps(source, [(FIG5A, "1"), (FIG5B, "1")], INFORMATION, signs)),
            lambda: DoNotDiffer(tests=strengths(source, [FIG5A, FIG5B], INFORMATION)),
        )

    return readings(
        {
            "random better than low first": lambda: random_is_better({"low": -1}),
            "random better than both": lambda: random_is_better({"low": -1, "high": -1}),
        }
    )


def q38(source: Source) -> Asked:
    """Layer 1: ordered curves fall linearly."""
    tests = []
    for name in (FIG5A, FIG5B):
        for measure in INFORMATION:
            for direction in DIRECTIONS:
                curve = ordered_accuracy(source(name), "1", measure, direction)
                share = curve.step / curve.step[-1]
                line = curve.isel(step=0) + (curve.isel(step=-1) - curve.isel(step=0)) * share
                values = abs(curve - line).max("step").values
                text = f"largest distance from a line, {SHORT[measure]} {direction}, {name}"
                tests.append(Effect(values=values, name=text, setting=name))
    return Alike(tests=tests)


def q39(source: Source) -> Asked:
    """Layer 1: entropy lowest first is better, highest first worse than random ablation."""
    return Differ(tests=gaps(source, [(FIG5A, "1"), (FIG5B, "1")], [H], BETTER_AND_WORSE))


def q40(source: Source) -> Asked:
    """Layer 1 tells much less of CIFAR-10 than of MNIST and Fashion-MNIST: at most half."""
    tests = []
    for cifar in (FIG5A, FIG5B):
        for other in ("mnist-relu-l2", FIG4A):
            for measure in INFORMATION:
                ours, theirs = (mean_measure(source(name), measure, "1") for name in (other, cifar))
                text = f"{SHORT[measure]}, {other} - twice {cifar}"
                tests.append(Effect(values=paired(ours, 2 * theirs), name=text, setting=f"{other} against {cifar}"))
    return Differ(tests=tests, unit="bits")


def q41(source: Source) -> Asked:
    """Funnel with Dropout, layer 1: random ablation is better than every order."""
    return Differ(tests=gaps(source, [(FIG5C, "1")], MEASURES, {"low": -1, "high": -1}))


def q42(source: Source) -> Asked:
    """Funnel, layer 2: most neurons without entropy are always on, and ablating half the layer does harm."""

    def always_on(results: xr.DataTree) -> Float[ndarray, " network"]:
        # Of the neurons without entropy, the share that is always on.
        rates = activity(results, "2")
        dead, on = (rates == 0).sum(axis=1), (rates == 1).sum(axis=1)
        return on / np.maximum(1, dead + on)

    return all_of(
        lambda: Differ(
            tests=shares_of_each(source, [(FIG5B, "always on, of those without entropy", always_on)], 0.5),
            unit="% of neurons",
        ),
        lambda: Differ(tests=_harms(source, FIG5B, "low", width(FIG5B, "2") // 2, " low")),
    )


def q43(source: Source) -> Asked:
    """Funnel with Dropout, layer 2: accuracy does not rise as in K5."""
    gains = [(FIG5C, f"gain, {SHORT[m]}", lambda results, m=m: _bump(results, m)) for m in INFORMATION]
    return DoNotDiffer(tests=of_each(source, gains))


def q44(source: Source) -> Asked:
    """Many neurons of layers 3 and 4 have no entropy."""
    shares = [
        (
            name,
            f"layer {layer}, {name}",
            lambda results, layer=layer: share_without_entropy(results, layer),
        )
        for name in (FIG5A, FIG5B)
        for layer in ("3", "4")
    ]
    return Differ(tests=shares_of_each(source, shares, MANY), unit="% of neurons")


def q46(source: Source) -> Asked:
    """ReLU with L2 or Dropout, every layer: lowest first is better, highest first worse than random ablation."""
    return Differ(tests=gaps(source, _RELU_L2_OR_DROPOUT, MEASURES, BETTER_AND_WORSE))


def q48(source: Source) -> Asked:
    """The effect is stronger in wide layers, and weaker in deep ones."""

    def wide_and_deep(*names: str) -> Question:
        stronger = [(FIG5A, FIG3A, SHORT[m], lambda results, m=m: strength(results, "2", m)) for m in MEASURES]
        weaker = [
            (
                name,
                f"layer 1 - layer 2, {SHORT[m]}, {name}",
                lambda results, m=m: strength(results, "1", m) - strength(results, "2", m),
            )
            for name in names
            for m in MEASURES
        ]
        return all_of(lambda: Differ(tests=between(source, stronger)), lambda: Differ(tests=of_each(source, weaker)))

    return readings(
        {
            "Fig. 3(a)": lambda: wide_and_deep(FIG3A),
            "Fig. 3(a) and (b)": lambda: wide_and_deep(FIG3A, FIG3B),
        }
    )


def _both(question: Callable[[str], Question]) -> dict[str, Question]:
    return readings({"250-500-250-500": lambda: question(FIG5A), "Funnel": lambda: question(FIG5B)})


def _count(source: Source, name: str, layer: str, paper: float, quantity: Quantity) -> Question:
    return Count(tests=[count_of(source, name, layer, quantity)], paper=paper, width=width(name, layer))


def _stripping(
    results: xr.DataTree, layer: str, combine: Callable[..., Float[ndarray, " network"]] = np.mean
) -> Float[ndarray, " network"]:
    # Neurons without which, highest first, a network has nothing left to classify with.
    effect = functools.partial(smallest_disabling_ablation, above=NOTHING_LEFT)
    return over_measures(effect, results, layer, "high", combine)


def _harms(source: Source, name: str, direction: Direction, step: int, text: str) -> list[Effect]:
    harms = [
        (
            name,
            f"change of accuracy, {SHORT[m]}{text}",
            lambda results, m=m: change(results, "2", m, direction, step),
        )
        for m in MEASURES
    ]
    return of_each(source, harms, side=-1)


def _bump(results: xr.DataTree, measure: Measure) -> Float[ndarray, " network"]:
    # Accuracy gained between 500 and 600 ablated neurons of layer 2, the highest first.
    curve = ordered_accuracy(results, "2", measure, "high")
    return (curve.sel(step=600, method="nearest") - curve.sel(step=500, method="nearest")).values


def _after(
    curve: xr.DataArray, steps: Float[ndarray, " network"], if_between: Literal["pad", "backfill"]
) -> Float[ndarray, " network"]:
    # Each network's accuracy after its own number of ablated neurons, or the next that was evaluated: fewer or more.
    return curve.sel(step=xr.DataArray(steps, dims="network"), method=if_between).values
