"""Claims about the neurons of all layers together, the paper's Sec. V-B and Fig. 2."""

import functools

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import MEASURES, Measure
from neuronlib.common.scopes import WHOLE
from neuronlib.reproduction.analysis.effects import GUESSING, ordered_accuracy
from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.claims.questions.comparisons import (
    ENTROPY_AND_MI,
    KL,
    MI,
    SHORT,
    Answers,
    H,
    all_of,
    distances,
    gaps,
    of_each,
    readings,
    shares_of_each,
)
from neuronlib.reproduction.claims.verdicts import are_alike, are_mostly_positive, are_positive
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import FIG3A, FIG4A, names_of

_RELU = [(f"{name}-relu-{regularizer}", WHOLE) for regularizer in ("l2", "dropout") for name in ("mnist", "fashion")]
_RELU_DROPOUT = _RELU[2:]
_SIGMOID = [(name, WHOLE) for name in (*names_of("mnist"), *names_of("fashion")) if "sigmoid" in name]


def k18(source: Source) -> Answers:
    """Between 50 and 120 ablated neurons, more than half of all that can be lost is lost."""

    def collapse(results: xr.DataTree, measure: Measure) -> Float[ndarray, " network"]:
        curve = ordered_accuracy(results, WHOLE, measure, "low")
        return (curve.sel(step=50) - curve.sel(step=120) - (curve.sel(step=0) - GUESSING) / 2).values

    return are_positive(
        of_each(
            source,
            [(FIG3A, f"loss beyond half of all, {SHORT[m]}", functools.partial(collapse, measure=m)) for m in MEASURES],
        )
    )


def q13(source: Source) -> Answers:
    """ReLU, L2: entropy and mutual information, lowest first, are similar to random ablation."""
    return are_alike(distances(source, [("mnist-relu-l2", WHOLE), (FIG4A, WHOLE)], ENTROPY_AND_MI, ["low"]))


def q14(source: Source) -> Answers:
    """ReLU with Dropout, and sigmoid: entropy and mutual information, lowest first, are worse than random."""
    return readings(
        {
            "ReLU with Dropout": lambda: are_positive(gaps(source, _RELU_DROPOUT, ENTROPY_AND_MI, {"low": -1})),
            "and all sigmoid": lambda: are_positive(
                gaps(source, [*_RELU_DROPOUT, *_SIGMOID], ENTROPY_AND_MI, {"low": -1})
            ),
        }
    )


def q15(source: Source) -> Answers:
    """KL selectivity, lowest first, is similar to random ablation."""
    return readings(
        {
            "ReLU": lambda: are_alike(distances(source, _RELU, [KL], ["low"])),
            "ReLU and sigmoid": lambda: are_alike(distances(source, [*_RELU, *_SIGMOID], [KL], ["low"])),
        }
    )


def q16(source: Source) -> Answers:
    """More than half of the 100 neurons with the least mutual information are in layer 1."""

    def in_first_layer(results: xr.DataTree) -> Float[ndarray, " network"]:
        values = neurons(results, MI, WHOLE)
        first = neurons(results, MI, "1").shape[1]
        lowest = np.argsort(values, axis=1, kind="stable")[:, :100]
        return (lowest < first).mean(axis=1) - 0.5

    shares = [(name, f"first 100, beyond a half, {name}", in_first_layer) for name in (FIG3A, FIG4A)]
    return are_positive(shares_of_each(source, shares))


def q17(source: Source) -> Answers:
    """More than half of layer 1 has less mutual information than any neuron of layer 2."""

    def below_all_of_layer_2(results: xr.DataTree) -> Float[ndarray, " network"]:
        first, second = (neurons(results, MI, layer) for layer in ("1", "2"))
        return (first < second.min(axis=1, keepdims=True)).mean(axis=1) - 0.5

    return are_positive(shares_of_each(source, [(FIG3A, "beyond a half", below_all_of_layer_2)]))


def q18(source: Source) -> Answers:
    """Entropy and KL selectivity, lowest first, are mostly worse than random ablation."""
    scopes = [(name, WHOLE) for name in (*names_of("mnist"), *names_of("fashion"))]
    return are_mostly_positive(gaps(source, scopes, [H, KL], {"low": -1}))


def q49(source: Source) -> Answers:
    """Simpson's paradox: mutual information, lowest first, is worse in the whole network and better in each layer."""
    return all_of(
        lambda: are_positive(gaps(source, [(FIG3A, WHOLE)], [MI], {"low": -1})),
        lambda: are_positive(gaps(source, [(FIG3A, "1"), (FIG3A, "2")], [MI], {"low": 1})),
    )
