"""Claims about Fashion-MNIST and the paper's conclusions, its Sec. V-D and VI and Fig. 4."""

import contextlib
import functools

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import MEASURES, Measure
from neuronlib.reproduction.analysis.effects import random_change, strength
from neuronlib.reproduction.analysis.neurons import excess_over_single_ablations, neurons
from neuronlib.reproduction.analysis.pruning_study import by_layer_less_pooled
from neuronlib.reproduction.claims.questions.comparisons import (
    BETTER_AND_WORSE,
    KL,
    MI,
    SHORT,
    Asked,
    H,
    all_of,
    between,
    distances,
    gaps,
    of_each,
    random_difference,
    readings,
    small_changes,
)
from neuronlib.reproduction.claims.verdicts import Alike, Differ, Effect, Question
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import FIG4A, FIG4B, FIG4C, SETTINGS, names_of
from neuronlib.reproduction.store.results import NotStored, of_kind

_L2_OR_NONE = ["fashion-relu-l2", "fashion-relu-none", "small-fashion-relu-l2", "small-fashion-relu-none"]


def q27(source: Source) -> Asked:
    """Random ablation costs more in layer 1 than in layer 2, and more so in the large network."""
    names = (FIG4A, FIG4B)
    return all_of(
        lambda: Differ(
            tests=of_each(source, [(name, f"layer 1 - layer 2, {name}", random_difference) for name in names], side=-1)
        ),
        lambda: Differ(tests=between(source, [(FIG4A, FIG4B, "large - small", random_difference)], side=-1)),
    )


def q28(source: Source) -> Asked:
    """With L2 or without regularizer: lowest first is better, highest first worse than random ablation."""
    return readings(
        {
            "layer 1": lambda: Differ(
                tests=gaps(source, [(name, "1") for name in _L2_OR_NONE], MEASURES, BETTER_AND_WORSE)
            ),
            "both layers": lambda: Differ(
                tests=gaps(source, [(name, k) for name in _L2_OR_NONE for k in ("1", "2")], MEASURES, BETTER_AND_WORSE)
            ),
        }
    )


def q29(source: Source) -> Asked:
    """Fig. 4(a): the effect is weakest for entropy."""

    def weakest() -> Question:
        def beyond(results: xr.DataTree, one: Measure, other: Measure) -> Float[ndarray, " network"]:
            return strength(results, "1", one) - strength(results, "1", other)

        return Differ(
            tests=of_each(
                source,
                [
                    (FIG4A, "MI - KL", lambda results: beyond(results, MI, KL)),
                    (FIG4A, "KL - entropy", lambda results: beyond(results, KL, H)),
                ],
            )
        )

    return readings(
        {
            "weaker than the others": weakest,
            "weak by itself": lambda: all_of(weakest, lambda: Alike(tests=distances(source, [(FIG4A, "1")], [H]))),
        }
    )


def q30(source: Source) -> Asked:
    """The small network shows the effect in both layers, less strongly, and random ablation costs it more."""
    return all_of(
        lambda: Differ(tests=gaps(source, [(FIG4B, "1"), (FIG4B, "2")], MEASURES, BETTER_AND_WORSE)),
        lambda: Differ(
            tests=between(
                source,
                [
                    (FIG4A, FIG4B, f"strength, {SHORT[m]}", functools.partial(strength, scope="1", measure=m))
                    for m in MEASURES
                ],
            )
        ),
        lambda: Differ(
            tests=between(
                source,
                [
                    (FIG4B, FIG4A, f"random, layer {layer}", functools.partial(random_change, scope=layer))
                    for layer in ("1", "2")
                ],
                side=-1,
            )
        ),
    )


def q31(source: Source) -> Asked:
    """Small network: random ablation costs more with L2 than with Dropout."""
    changes = [(FIG4B, FIG4C, f"layer {layer}", functools.partial(random_change, scope=layer)) for layer in ("1", "2")]
    return Differ(tests=between(source, changes, side=-1))


def q32(source: Source) -> Asked:
    """Small network with Dropout, layer 1: KL selectivity has the opposite effect."""
    return Differ(tests=gaps(source, [(FIG4C, "1")], [KL], {"low": -1, "high": 1}))


def q33(source: Source) -> Asked:
    """Small network with Dropout, layer 2: the lowest mutual information first is worse than random ablation."""
    return Differ(tests=gaps(source, [(FIG4C, "2")], [MI], {"low": -1}))


def q34(source: Source) -> Asked:
    """The least informative neuron of layer 2, small with Dropout, tells more than the large network's median."""
    small = neurons(source(FIG4C), MI, "2").min(axis=1)
    large = np.median(neurons(source(FIG4A), MI, "2"))
    return Differ(tests=[Effect(values=small - large, setting=f"{FIG4C} against {FIG4A}")], unit="bits")


def q35(source: Source) -> Asked:
    """Small network with Dropout: all other curves almost overlap with random ablation."""
    return all_of(
        lambda: Alike(tests=distances(source, [(FIG4C, "1")], left_out=[(KL, "low"), (KL, "high")])),
        lambda: Alike(tests=distances(source, [(FIG4C, "2")], left_out=[(MI, "low")])),
    )


def q45(source: Source) -> Asked:
    """Half of the last hidden layer can be ablated at little loss."""
    shown = [name for name in SETTINGS if SETTINGS[name].panel]
    return Alike(tests=[test for name in shown for test in small_changes(source, name)])


def q50(source: Source) -> Asked:
    """Pruning within each layer is better than over both, with the same number of neurons removed and no surgery."""
    tests = []
    for name in of_kind("pruning"):
        with contextlib.suppress(NotStored):
            study, setting = source.study(name), f"{name.removeprefix('pruning-')}-l2"
            for measure in MEASURES:
                values = by_layer_less_pooled(study, measure)
                tests.append(Effect(values=values, name=f"{SHORT[measure]}, {setting}", setting=setting))
    if not tests:
        raise NotStored("pruning")
    return Differ(tests=tests)


def q52(source: Source) -> Asked:
    """Neurons cost more together than one by one, in most settings whose single neurons have been ablated."""
    tests = []
    for name in (*names_of("mnist"), *names_of("fashion"), *names_of("small-fashion")):
        if SETTINGS[name].panel and source.has(name) and "lost" in source(name)["measures"]:
            for layer in ("1", "2"):
                values = excess_over_single_ablations(source(name), layer)
                tests.append(Effect(values=values, name=f"layer {layer}, {name}", setting=name))
    if not tests:
        raise NotStored("single ablations")
    return Differ(quantifier="most", tests=tests)
