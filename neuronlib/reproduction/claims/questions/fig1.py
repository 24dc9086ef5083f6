"""What is asked of the distributions of information, as in the paper's Sec. V-A and Fig. 1."""

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import Comparison
from neuronlib.common.choices import DIRECTIONS, MEASURES
from neuronlib.common.scopes import WHOLE
from neuronlib.information.measures import information_bias
from neuronlib.reproduction.analysis.effects import gap_curve, mean_less_zero
from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.analysis.quantities import MANY, Quantity, mean
from neuronlib.reproduction.claims.evidence import Answer
from neuronlib.reproduction.claims.questions.builders import SHORT, Question, apart, deeper, open, paired, rises, shares
from neuronlib.reproduction.claims.questions.panels import (
    ENTROPY_AND_MI,
    FIG3A,
    FIG4A,
    FIG4B,
    FIG4C,
    FIG5A,
    KL,
    LARGE_FASHION,
    MNIST,
    SMALL_FASHION,
)
from neuronlib.reproduction.claims.verdicts import FEWEST, alike, most, positive, some
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.store.results import NotStored


def _q1(source: Source) -> Answer:
    # In general, so in most tests: the paper's next paragraph names exceptions.
    two_layers = rises(source, (FIG3A, FIG4A, FIG4C), MEASURES, "1", "2")
    return most([*two_layers, *rises(source, [FIG5A], MEASURES, "1", "4")], "bits")


def _q5(layer: str) -> Quantity:
    # No more information than what mere chance shows, which dead and always-on neurons do not have either.
    def f(results: xr.DataTree) -> Float[ndarray, " network"]:
        samples = int(results["measures"].counts.isel(network=0, neuron=0).sum())
        chance = information_bias(np.full((2, 10), samples / 20).astype(int))
        return (neurons(results, "mutual_information", layer) <= chance).mean(axis=1) - MANY

    return f


def _q8(source: Source) -> Answer:
    # Less than half is left of the one-bit difference, on either side of zero.
    coarse, fine = (
        np.subtract(*(mean("kl_selectivity", layer)(source(FIG4C, "zero", values)) for layer in ("1", "2")))
        for values in (2, 4)
    )
    tests = [
        Comparison(values=paired(coarse / 2, sign * fine), name=f"half the one-bit difference {text}", setting=FIG4C)
        for sign, text in ((1, "less the finer"), (-1, "and the finer"))
    ]
    return positive(tests, "bits")


def _q9(source: Source) -> Answer:
    tests = [
        Comparison(
            values=paired(
                *(mean("mutual_information", layer)(source(name, "zero", values)) for name in (FIG4C, FIG4B))
            ),
            name=f"layer {layer}, {values} values",
            setting=f"{FIG4C} against {FIG4B}",
        )
        for values in (2, 4)
        for layer in ("1", "2")
    ]
    return positive(tests, "bits")


def _q10(source: Source) -> Answer:
    tests = []
    for name in (FIG3A, FIG4B, FIG4C):
        fine, coarse = source(name, "zero", 4), source(name)
        for layer in ("1", "2"):
            for measure in MEASURES:
                for direction in DIRECTIONS:
                    finer, coarser = (gap_curve(results, layer, measure, direction) for results in (fine, coarse))
                    text = f"layer {layer}, {SHORT[measure]} {direction}, {name}"
                    tests.append(apart(finer - coarser, text, name))
    return alike(tests)


def _q11(source: Source) -> Answer:
    tests = [
        Comparison(
            values=mean_less_zero(source(name), source(name, "mean"), layer),
            name=f"layer {layer}, {name}",
            setting=name,
        )
        for name in (*MNIST, *LARGE_FASHION, *SMALL_FASHION)
        for layer in ("1", "2")
    ]
    return some(tests)


def _q51(source: Source) -> Answer:
    tests = []
    for name in SETTINGS:
        try:
            results = source(name)
        except NotStored:
            continue
        h, mi, kl = (neurons(results, measure, WHOLE) for measure in MEASURES)
        exact = np.minimum((kl - mi).min(axis=1), (h - mi).min(axis=1)) + 1e-9
        same_zeros = ((kl < 1e-12) == (mi < 1e-12)).all(axis=1)
        tests.append(Comparison(values=np.where(same_zeros, exact, -1.0), name=f"the least, {name}", setting=name))
    if not tests:
        raise NotStored("all settings: nothing is stored")
    # A setting that has been begun is no reason not to answer for the others.
    return positive([test for test in tests if len(test.values) >= FEWEST] or tests, "bits")


DISTRIBUTIONS: dict[str, dict[str, Question]] = {
    "Q1": {"": _q1},
    "Q2": {"": deeper(MNIST, MEASURES)},
    "Q3": {
        "large network": deeper(LARGE_FASHION, ENTROPY_AND_MI),
        "both networks": deeper([*LARGE_FASHION, *SMALL_FASHION], ENTROPY_AND_MI),
    },
    "Q4": {"": deeper([FIG5A], MEASURES, "2", "4")},
    "Q5": {"": shares([(FIG5A, f"layer {layer}, beyond a quarter", _q5(layer)) for layer in ("3", "4")])},
    "Q6": {"": deeper([FIG4B], MEASURES)},
    "Q7": {"": deeper([FIG4C], [KL], "2", "1")},
    "Q8": {"": _q8},
    "Q9": {"": _q9},
    "Q10": {"": _q10},
    "Q11": {"": _q11},
    "Q12": {"": open("an exploratory remark; the chapter on sensitivity looks at input scaling alone")},
    "Q51": {"": _q51},
    "Q53": {"": open("a lower bound on the information of whole layers cannot decide it; see the chapter on groups")},
}
