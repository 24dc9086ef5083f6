"""What is asked of Fashion-MNIST, and what the paper concludes, as in its Sec. V-D and VI and Fig. 4."""

import contextlib

import numpy as np

from neuronlib.ablation.significance import Comparison
from neuronlib.common.choices import MEASURES
from neuronlib.reproduction.analysis.neurons import beyond_singles, neurons
from neuronlib.reproduction.analysis.pruning_study import by_layer_less_pooled
from neuronlib.reproduction.analysis.quantities import lost_at_random, strength
from neuronlib.reproduction.claims.evidence import Answer
from neuronlib.reproduction.claims.questions.builders import (
    BETTER_AND_WORSE,
    SHORT,
    Question,
    all_of,
    between,
    gap_number,
    gaps,
    points,
    random_difference,
    random_layers,
    resembling_random,
    small_loss,
)
from neuronlib.reproduction.claims.questions.panels import (
    FIG4A,
    FIG4B,
    FIG4C,
    KL,
    LARGE_FASHION,
    MI,
    MNIST,
    SMALL_FASHION,
    H,
)
from neuronlib.reproduction.claims.verdicts import most, positive
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.store.results import NotStored, of_kind


def _q34(source: Source) -> Answer:
    small = neurons(source(FIG4C), "mutual_information", "2").min(axis=1)
    large = np.median(neurons(source(FIG4A), "mutual_information", "2"))
    return positive([Comparison(values=small - large, name="", setting=f"{FIG4C} against {FIG4A}")], "bits")


def _q50(source: Source) -> Answer:
    # Neurons removed for good, the same number of them, chosen within each layer or over both; no surgery.
    tests = []
    for name in of_kind("pruning"):
        with contextlib.suppress(NotStored):
            study, setting = source.study(name), f"{name.removeprefix('pruning-')}-l2"
            for measure in MEASURES:
                values = by_layer_less_pooled(study, measure)
                tests.append(Comparison(values=values, name=f"{SHORT[measure]}, {setting}", setting=setting))
    if not tests:
        raise NotStored("pruning")
    return positive(tests)


def _q52(source: Source) -> Answer:
    # All settings that the paper shows or names and whose single neurons have been ablated: MNIST and Fashion-MNIST.
    tests = []
    for name in (*MNIST, *LARGE_FASHION, *SMALL_FASHION):
        if SETTINGS[name].panel and source.has(name) and "lost" in source(name)["measures"]:
            for layer in ("1", "2"):
                values = beyond_singles(source(name), layer)
                tests.append(Comparison(values=values, name=f"layer {layer}, {name}", setting=name))
    if not tests:
        raise NotStored("single ablations")
    return most(tests)


_WEAKEST_FOR_ENTROPY = points(
    [
        (FIG4A, "MI - KL", lambda r: strength("1", MI)(r) - strength("1", KL)(r)),
        (FIG4A, "KL - entropy", lambda r: strength("1", KL)(r) - strength("1", H)(r)),
    ]
)
_FASHION_L2_OR_NONE = ["fashion-relu-l2", "fashion-relu-none", "small-fashion-relu-l2", "small-fashion-relu-none"]

FASHION_AND_CONCLUSION: dict[str, dict[str, Question]] = {
    "N12": {"": random_layers(FIG4A, 80, -23.2)},
    "N13": {"": gap_number(FIG4A, "1", KL, "low", 80, 15.2)},
    "N14": {"": gap_number(FIG4A, "1", KL, "high", 80, -30.7)},
    "Q27": {
        "": all_of(
            points([random_difference(name) for name in (FIG4A, FIG4B)]),
            between([(FIG4A, FIG4B, "large - small", random_difference(FIG4A)[2])]),
        )
    },
    "Q28": {
        "layer 1": gaps([(n, "1") for n in _FASHION_L2_OR_NONE], MEASURES, BETTER_AND_WORSE),
        "both layers": gaps([(n, k) for n in _FASHION_L2_OR_NONE for k in ("1", "2")], MEASURES, BETTER_AND_WORSE),
    },
    "Q29": {
        "weaker than the others": _WEAKEST_FOR_ENTROPY,
        "weak by itself": all_of(_WEAKEST_FOR_ENTROPY, resembling_random([(FIG4A, "1")], [H])),
    },
    "Q30": {
        "": all_of(
            gaps([(FIG4B, "1"), (FIG4B, "2")], MEASURES, BETTER_AND_WORSE),
            between([(FIG4A, FIG4B, f"strength, {SHORT[m]}", strength("1", m)) for m in MEASURES]),
            between([(FIG4B, FIG4A, f"random, layer {layer}", lost_at_random(layer)) for layer in ("1", "2")]),
        )
    },
    "Q31": {"": between([(FIG4B, FIG4C, f"layer {layer}", lost_at_random(layer)) for layer in ("1", "2")])},
    "Q32": {"": gaps([(FIG4C, "1")], [KL], {"low": -1, "high": 1})},
    "Q33": {"": gaps([(FIG4C, "2")], [MI], {"low": -1})},
    "Q34": {"": _q34},
    "Q35": {
        "": all_of(
            resembling_random([(FIG4C, "1")], left_out=[(KL, "low"), (KL, "high")]),
            resembling_random([(FIG4C, "2")], left_out=[(MI, "low")]),
        )
    },
    "Q45": {"": points([part for name in SETTINGS if SETTINGS[name].panel for part in small_loss(name)])},
    "Q50": {"": _q50},
    "Q52": {"": _q52},
}
