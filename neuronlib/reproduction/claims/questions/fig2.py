"""Claims about the neurons of all layers together, the paper's Sec. V-B and Fig. 2."""

import functools

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import MEASURES, Direction, Measure
from neuronlib.common.scopes import WHOLE
from neuronlib.reproduction.analysis.effects import GUESSING, ordered_accuracy
from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.claims.questions.comparisons import (
    BETTER_AND_WORSE,
    ENTROPY_AND_MI,
    KL,
    MI,
    SHORT,
    Asked,
    H,
    all_of,
    distances,
    gaps,
    of_each,
    readings,
    shares_of_each,
)
from neuronlib.reproduction.claims.verdicts import Alike, Differ, Question
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import FIG3A, FIG4A, names_of

_RELU = [(f"{name}-relu-{regularizer}", WHOLE) for regularizer in ("l2", "dropout") for name in ("mnist", "fashion")]
_RELU_DROPOUT = _RELU[2:]
_OPPOSITE: dict[Direction, int] = {direction: -side for direction, side in BETTER_AND_WORSE.items()}
"""What a negative correlation of a measure with importance says of both orders, not of the lowest first alone."""
_SIGMOID = [(name, WHOLE) for name in (*names_of("mnist"), *names_of("fashion")) if "sigmoid" in name]


def k18(source: Source) -> Asked:
    """Between 50 and 120 ablated neurons, more than half of all that can be lost is lost."""

    def collapse(results: xr.DataTree, measure: Measure) -> Float[ndarray, " network"]:
        curve = ordered_accuracy(results, WHOLE, measure, "low")
        return (curve.sel(step=50) - curve.sel(step=120) - (curve.sel(step=0) - GUESSING) / 2).values

    return Differ(
        tests=of_each(
            source,
            [(FIG3A, f"loss beyond half of all, {SHORT[m]}", functools.partial(collapse, measure=m)) for m in MEASURES],
        )
    )


def q13(source: Source) -> Asked:
    """ReLU, L2: entropy and mutual information, lowest first, are similar to random ablation."""
    return Alike(tests=distances(source, [("mnist-relu-l2", WHOLE), (FIG4A, WHOLE)], ENTROPY_AND_MI, ["low"]))


def q14(source: Source) -> Asked:
    """ReLU with Dropout, and sigmoid: entropy and mutual information, lowest first, are worse than random."""
    return readings(
        {
            "ReLU with Dropout": lambda: Differ(tests=gaps(source, _RELU_DROPOUT, ENTROPY_AND_MI, {"low": -1})),
            "and all sigmoid": lambda: Differ(
                tests=gaps(source, [*_RELU_DROPOUT, *_SIGMOID], ENTROPY_AND_MI, {"low": -1})
            ),
            "ReLU, and highest first better": lambda: Differ(
                tests=gaps(source, _RELU_DROPOUT, ENTROPY_AND_MI, _OPPOSITE)
            ),
        }
    )


def q15(source: Source) -> Asked:
    """KL selectivity, lowest first, is similar to random ablation, or, being uncorrelated, highest first as well."""
    return readings(
        {
            "ReLU": lambda: Alike(tests=distances(source, _RELU, [KL], ["low"])),
            "ReLU and sigmoid": lambda: Alike(tests=distances(source, [*_RELU, *_SIGMOID], [KL], ["low"])),
            "ReLU, and highest first": lambda: Alike(tests=distances(source, _RELU, [KL])),
        }
    )


def q16(source: Source) -> Asked:
    """More than half of the 100 neurons with the least mutual information are in layer 1."""

    def in_first_layer(results: xr.DataTree) -> Float[ndarray, " network"]:
        values = neurons(results, MI, WHOLE)
        first = neurons(results, MI, "1").shape[1]
        lowest = np.argsort(values, axis=1, kind="stable")[:, :100]
        return (lowest < first).mean(axis=1)

    shares = [(name, f"first 100, {name}", in_first_layer) for name in (FIG3A, FIG4A)]
    return Differ(tests=shares_of_each(source, shares, 0.5), unit="% of neurons")


def q17(source: Source) -> Asked:
    """More than half of layer 1 has less mutual information than any neuron of layer 2."""

    def below_all_of_layer_2(results: xr.DataTree) -> Float[ndarray, " network"]:
        first, second = (neurons(results, MI, layer) for layer in ("1", "2"))
        return (first < second.min(axis=1, keepdims=True)).mean(axis=1)

    shares = [(FIG3A, "below all of layer 2", below_all_of_layer_2)]
    return Differ(tests=shares_of_each(source, shares, 0.5), unit="% of neurons")


def q18(source: Source) -> Asked:
    """Entropy and KL selectivity, lowest first, are mostly worse than random ablation."""
    scopes = [(name, WHOLE) for name in (*names_of("mnist"), *names_of("fashion"))]
    return readings(
        {
            "lowest first": lambda: Differ(quantifier="most", tests=gaps(source, scopes, [H, KL], {"low": -1})),
            "and highest first better": lambda: Differ(
                quantifier="most", tests=gaps(source, scopes, [H, KL], _OPPOSITE)
            ),
        }
    )


def q49(source: Source) -> Asked:
    """Simpson's paradox: mutual information, lowest first, is worse in the whole network and better in each layer."""

    def opposed(whole: dict[Direction, int], layers: dict[Direction, int]) -> Question:
        return all_of(
            lambda: Differ(tests=gaps(source, [(FIG3A, WHOLE)], [MI], whole)),
            lambda: Differ(tests=gaps(source, [(FIG3A, "1"), (FIG3A, "2")], [MI], layers)),
        )

    return readings(
        {
            "lowest first": lambda: opposed({"low": -1}, {"low": 1}),
            "and highest first": lambda: opposed(_OPPOSITE, BETTER_AND_WORSE),
        }
    )
