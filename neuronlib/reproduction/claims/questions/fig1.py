"""Claims about the distributions of information, the paper's Sec. V-A and Fig. 1."""

import itertools

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import DIRECTIONS, MEASURES
from neuronlib.common.scopes import WHOLE
from neuronlib.information.measures import information_bias
from neuronlib.reproduction.analysis.effects import gap_curve, mean_less_zero
from neuronlib.reproduction.analysis.neurons import mean_measure, neurons
from neuronlib.reproduction.claims.questions.comparisons import (
    ENTROPY_AND_MI,
    KL,
    MANY,
    MI,
    SHORT,
    Asked,
    area,
    paired,
    readings,
    rises,
    shares_of_each,
)
from neuronlib.reproduction.claims.verdicts import FEWEST, Alike, Differ, Effect, Open
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import FIG3A, FIG4A, FIG4B, FIG4C, FIG5A, SETTINGS, names_of
from neuronlib.reproduction.store.results import NotStored

MNIST = names_of("mnist")
LARGE_FASHION = names_of("fashion")
SMALL_FASHION = names_of("small-fashion")


def q1(source: Source) -> Asked:
    """Deeper layers have larger values in general: in most tests, as the paper's next paragraph names exceptions."""
    two_layers = rises(source, (FIG3A, FIG4A, FIG4C), MEASURES)
    return Differ(quantifier="most", tests=[*two_layers, *rises(source, [FIG5A], MEASURES, "1", "4")], unit="bits")


def q2(source: Source) -> Asked:
    """MNIST: larger values in layer 2."""
    return Differ(tests=rises(source, MNIST, MEASURES), unit="bits")


def q3(source: Source) -> Asked:
    """Fashion-MNIST: entropy and mutual information are larger in layer 2."""
    return readings(
        {
            "large network": lambda: Differ(tests=rises(source, LARGE_FASHION, ENTROPY_AND_MI), unit="bits"),
            "both networks": lambda: Differ(
                tests=rises(source, [*LARGE_FASHION, *SMALL_FASHION], ENTROPY_AND_MI), unit="bits"
            ),
        }
    )


def q4(source: Source) -> Asked:
    """CIFAR-10: larger values in layer 4 than in layer 2."""
    return Differ(tests=rises(source, [FIG5A], MEASURES, "2", "4"), unit="bits")


def q5(source: Source) -> Asked:
    """CIFAR-10: many neurons of layers 3 and 4 have no more information than mere chance shows."""

    def uninformative(results: xr.DataTree, layer: str) -> Float[ndarray, " network"]:
        # Dead and always-on neurons do not have what chance shows, either.
        samples = int(results["measures"].counts.isel(network=0, neuron=0).sum())
        chance = information_bias(np.full((2, 10), samples / 20).astype(int))
        return (neurons(results, "mutual_information", layer) <= chance).mean(axis=1)

    shares = [
        (FIG5A, f"layer {layer}", lambda results, layer=layer: uninformative(results, layer)) for layer in ("3", "4")
    ]
    return Differ(tests=shares_of_each(source, shares, MANY), unit="% of neurons")


def q6(source: Source) -> Asked:
    """Small Fashion-MNIST network, L2: larger values in layer 2."""
    return Differ(tests=rises(source, [FIG4B], MEASURES), unit="bits")


def q7(source: Source) -> Asked:
    """Small Fashion-MNIST network, Dropout: KL selectivity is larger in layer 1."""
    return Differ(tests=rises(source, [FIG4C], [KL], "2", "1"), unit="bits")


def q8(source: Source) -> Asked:
    """With four values, less than half is left of the one-bit difference of Q7, on either side of zero."""
    coarse, fine = (
        np.subtract(*(mean_measure(source(FIG4C, "zero", values), KL, layer) for layer in ("1", "2")))
        for values in (2, 4)
    )
    tests = [
        Effect(values=paired(coarse / 2, sign * fine), name=f"half the one-bit difference {text}", setting=FIG4C)
        for sign, text in ((1, "less the finer"), (-1, "and the finer"))
    ]
    return Differ(tests=tests, unit="bits")


def q9(source: Source) -> Asked:
    """Small Fashion-MNIST networks: more information with Dropout than with L2, with two and with four values."""
    tests = [
        Effect(
            values=paired(*(mean_measure(source(name, "zero", values), MI, layer) for name in (FIG4C, FIG4B))),
            name=f"layer {layer}, {values} values",
            setting=f"{FIG4C} against {FIG4B}",
        )
        for values in (2, 4)
        for layer in ("1", "2")
    ]
    return Differ(tests=tests, unit="bits")


def q10(source: Source) -> Asked:
    """Four values in place of two do not change the ablation curves."""
    tests = []
    for name in (FIG3A, FIG4B, FIG4C):
        fine, coarse = source(name, "zero", 4), source(name)
        for layer, measure, direction in itertools.product(("1", "2"), MEASURES, DIRECTIONS):
            finer, coarser = (gap_curve(results, layer, measure, direction) for results in (fine, coarse))
            text = f"layer {layer}, {SHORT[measure]} {direction}, {name}"
            tests.append(area(finer - coarser, text, name))
    return Alike(tests=tests)


def q11(source: Source) -> Asked:
    """Random ablation to the mean does less harm than to zero, in a few cases."""
    tests = [
        Effect(
            values=mean_less_zero(source(name), source(name, "mean"), layer),
            name=f"layer {layer}, {name}",
            setting=name,
        )
        for name in (*MNIST, *LARGE_FASHION, *SMALL_FASHION)
        for layer in ("1", "2")
    ]
    return Differ(quantifier="a few", tests=tests)


def q12(_source: Source) -> Asked:
    """An exploratory remark on preprocessing."""
    return Open("an exploratory remark; the chapter on sensitivity looks at input scaling and epochs alone")


def q51(source: Source) -> Asked:
    """KL selectivity and entropy are at least the mutual information, and zero where it is."""
    tests = []
    for name in SETTINGS:
        try:
            results = source(name)
        except NotStored:
            continue
        h, mi, kl = (neurons(results, measure, WHOLE) for measure in MEASURES)
        exact = np.minimum((kl - mi).min(axis=1), (h - mi).min(axis=1)) + 1e-9
        same_zeros = ((kl < 1e-12) == (mi < 1e-12)).all(axis=1)
        tests.append(Effect(values=np.where(same_zeros, exact, -1.0), name=f"the least, {name}", setting=name))
    if not tests:
        raise NotStored("all settings: nothing is stored")
    # A setting that has been begun is no reason not to answer for the others.
    return Differ(tests=[test for test in tests if len(test.values) >= FEWEST] or tests, unit="bits")


def q53(_source: Source) -> Asked:
    """The information of whole layers."""
    return Open("a lower bound on the information of whole layers cannot decide it; see the chapter on groups")
