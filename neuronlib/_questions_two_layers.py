"""What is asked of networks with two hidden layers, as in the paper's Sec. V-B to V-D and Fig. 2 to 4."""

import contextlib

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib._asking import (
    BETTER_AND_WORSE,
    SHORT,
    Question,
    all_of,
    between,
    deeper,
    gap_number,
    gaps,
    little_lost,
    lost_beyond,
    open,
    paired,
    points,
    random_difference,
    random_layers,
    resembling_random,
    shares,
    small_loss,
    strengths,
)
from neuronlib._figures import (
    ENTROPY_AND_MI,
    FIG3A,
    FIG3B,
    FIG3C,
    FIG3D,
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
from neuronlib._quantities import MANY, Quantity, lost_at_random, share_of_zero_entropy, strength, whole_accuracy
from neuronlib.archives import Archive
from neuronlib.effects import gap
from neuronlib.evidence import Answer, Evidence
from neuronlib.pruned import by_layer_less_pooled
from neuronlib.results import NotStored
from neuronlib.settings import SETTINGS
from neuronlib.single_neurons import beyond_singles, neurons
from neuronlib.studies import of_kind
from neuronlib.thresholds import GUESSING, HARMLESS, ordered_accuracy
from neuronlib.types import MEASURES, WHOLE, Measure, Replacement
from neuronlib.verdicts import inconsistent, most, mostly_alike, positive


def _collapse(measure: Measure) -> Quantity:
    # More than half of all that can be lost is lost between 50 and 120 ablated neurons.
    def f(results: xr.DataTree) -> Float[ndarray, " network"]:
        curve = ordered_accuracy(results, WHOLE, measure, "low")
        return (curve.sel(step=50) - curve.sel(step=120) - (curve.sel(step=0) - GUESSING) / 2).values

    return f


def _first_layer_share(measure: Measure, lowest: int) -> Quantity:
    # Of the neurons with the lowest values in the whole network, the share that is in layer 1, beyond a half.
    def f(results: xr.DataTree) -> Float[ndarray, " network"]:
        values = neurons(results, measure, WHOLE)
        first = neurons(results, measure, "1").shape[1]
        chosen = np.argsort(values, axis=1, kind="stable")[:, :lowest]
        return (chosen < first).mean(axis=1) - 0.5

    return f


def _below_all_of_layer_2(results: xr.DataTree) -> Float[ndarray, " network"]:
    first, second = (neurons(results, "mutual_information", layer) for layer in ("1", "2"))
    return (first < second.min(axis=1, keepdims=True)).mean(axis=1) - 0.5


def _q21(relu: str, sigmoid: str, replacement: Replacement) -> Question:
    def question(archive: Archive) -> Answer:
        tests = []
        pairs: list[tuple[str, Replacement]] = [(relu, "zero"), (sigmoid, replacement)]
        for direction, sign in BETTER_AND_WORSE.items():
            ours, theirs = (sign * gap(archive(name, how), "1", "mutual_information", direction) for name, how in pairs)
            tests.append(Evidence(values=paired(ours, theirs), name=f"MI {direction}", setting=f"{relu}, {sigmoid}"))
        return positive(tests)

    return question


def _q34(archive: Archive) -> Answer:
    small = neurons(archive(FIG4C), "mutual_information", "2").min(axis=1)
    large = np.median(neurons(archive(FIG4A), "mutual_information", "2"))
    return positive([Evidence(values=small - large, name="", setting=f"{FIG4C} against {FIG4A}")], "bits")


def _q50(archive: Archive) -> Answer:
    # Neurons removed for good, the same number of them, chosen within each layer or over both; no surgery.
    tests = []
    for name in of_kind("pruning"):
        with contextlib.suppress(NotStored):
            study, setting = archive.study(name), f"{name.removeprefix('pruning-')}-l2"
            for measure in MEASURES:
                values = by_layer_less_pooled(study, measure)
                tests.append(Evidence(values=values, name=f"{SHORT[measure]}, {setting}", setting=setting))
    if not tests:
        raise NotStored("pruning")
    return positive(tests)


def _q52(archive: Archive) -> Answer:
    # All settings that the figures show and whose single neurons have been ablated: MNIST and Fashion-MNIST.
    tests = []
    for name in (*MNIST, *LARGE_FASHION, *SMALL_FASHION):
        if SETTINGS[name].panel and archive.has(name) and "lost" in archive(name)["measures"]:
            for layer in ("1", "2"):
                values = beyond_singles(archive(name), layer)
                tests.append(Evidence(values=values, name=f"layer {layer}, {name}", setting=name))
    if not tests:
        raise NotStored("single ablations")
    return most(tests)


def _competes(archive: Archive) -> Answer:
    # With batch normalization, accuracy is at most harmlessly below that of networks trained differently.
    tests = []
    for one in (name for name in MNIST if name.endswith("batchnorm")):
        activation = one.split("-")[1]
        for other in (name for name in MNIST if activation in name and name != one):
            values = HARMLESS + paired(whole_accuracy(archive(one)), whole_accuracy(archive(other)))
            tests.append(Evidence(values=values, name=f"accuracy, against {other}", setting=f"{one} against {other}"))
    return positive(tests)


_DROPOUT_OR_SIGMOID = [
    ("mnist-relu-dropout", WHOLE),
    ("fashion-relu-dropout", WHOLE),
    *((name, WHOLE) for name in (*MNIST, *LARGE_FASHION) if "sigmoid" in name),
]
_FASHION_L2_OR_NONE = ["fashion-relu-l2", "fashion-relu-none", "small-fashion-relu-l2", "small-fashion-relu-none"]

TWO_LAYERS: dict[str, dict[str, Question]] = {
    "N1": {
        "MNIST": gap_number("mnist-relu-l2", WHOLE, H, "low", 101, -0.19, significant=False),
        "Fashion-MNIST": gap_number("fashion-relu-l2", WHOLE, H, "low", 101, -0.19, significant=False),
    },
    "N2": {"": gap_number(FIG3A, WHOLE, H, "low", 101, -51.2)},
    "N3": {
        "Fashion-MNIST": gap_number("fashion-relu-dropout", WHOLE, KL, "low", 125, 0.3, significant=False),
        "MNIST": gap_number(FIG3A, WHOLE, KL, "low", 125, 0.3, significant=False),
    },
    "N4": {"": random_layers(FIG3A, 80, -28.9)},
    "N5": {"": gap_number(FIG3A, "1", MI, "low", 80, 21.9)},
    "N6": {"": gap_number(FIG3A, "1", MI, "high", 80, -47.4)},
    "N7": {"": gap_number(FIG3C, "1", MI, "low", 80, 10, replacement="mean")},
    "N8": {"": gap_number(FIG3C, "1", MI, "high", 80, -11, replacement="mean")},
    "N9": {"": gap_number(FIG3D, "1", H, "low", 80, -42.8)},
    "N10": {
        "against random": gap_number(FIG3B, "1", KL, "high", 80, -13),
        "against the whole network": lost_beyond(FIG3B, "1", KL, "high", 80, -13),
    },
    "N11": {"": gap_number(FIG3B, "1", KL, "low", 80, 0.3, significant=False)},
    "N12": {"": random_layers(FIG4A, 80, -23.2)},
    "N13": {"": gap_number(FIG4A, "1", KL, "low", 80, 15.2)},
    "N14": {"": gap_number(FIG4A, "1", KL, "high", 80, -30.7)},
    "K17": {"": all_of(little_lost(FIG3A, "2", 50), little_lost(FIG3C, "2", 50, "mean"))},
    "K18": {"": points([(FIG3A, SHORT[m], _collapse(m)) for m in MEASURES])},
    "Q13": {"": resembling_random([("mnist-relu-l2", WHOLE), (FIG4A, WHOLE)], ENTROPY_AND_MI, ["low"])},
    "Q14": {
        "ReLU with Dropout": gaps(_DROPOUT_OR_SIGMOID[:2], ENTROPY_AND_MI, {"low": -1}),
        "and all sigmoid": gaps(_DROPOUT_OR_SIGMOID, ENTROPY_AND_MI, {"low": -1}),
    },
    "Q15": {
        "ReLU": resembling_random([(n, WHOLE) for n in (*MNIST, *LARGE_FASHION) if "relu" in n], [KL], ["low"]),
        "ReLU and sigmoid": resembling_random([(n, WHOLE) for n in (*MNIST, *LARGE_FASHION)], [KL], ["low"]),
    },
    "Q16": {"": shares([(n, f"first 100, beyond a half, {n}", _first_layer_share(MI, 100)) for n in (FIG3A, FIG4A)])},
    "Q17": {"": shares([(FIG3A, "beyond a half", _below_all_of_layer_2)])},
    "Q18": {"": gaps([(n, WHOLE) for n in (*MNIST, *LARGE_FASHION)], [H, KL], {"low": -1}, most)},
    "Q19": {
        "": all_of(
            deeper([FIG3A], MEASURES),
            shares([(FIG3A, "a quarter less the silent share", lambda r: MANY - share_of_zero_entropy("2")(r))]),
        )
    },
    "Q20": {"": gaps([(FIG3A, "1"), (FIG3C, "1")], MEASURES, BETTER_AND_WORSE, replacements={FIG3C: "mean"})},
    "Q21": {
        "the paper's panels": _q21(FIG3A, FIG3C, "mean"),
        "Dropout, to zero": _q21(FIG3A, FIG3D, "zero"),
        "L2, to zero": _q21("mnist-relu-l2", "mnist-sigmoid-l2", "zero"),
    },
    "Q22": {"": resembling_random([(FIG3A, "2"), (FIG3C, "2")], replacements={FIG3C: "mean"})},
    "Q23": {
        "": all_of(
            resembling_random([(n, "1") for n in MNIST if "sigmoid" in n], rule=mostly_alike),
            strengths([n for n in MNIST if "sigmoid" in n], MEASURES, inconsistent),
        )
    },
    "Q24": {"": resembling_random([(FIG3D, "1")], left_out=[(H, "low")])},
    "Q25": {"": all_of(resembling_random([(n, "1") for n in MNIST if n.endswith("batchnorm")]), _competes)},
    "Q26": {"": open("the paper shows no numbers or figures for it")},
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
        "": points(
            [
                (FIG4A, "MI - KL", lambda r: strength("1", MI)(r) - strength("1", KL)(r)),
                (FIG4A, "KL - entropy", lambda r: strength("1", KL)(r) - strength("1", H)(r)),
            ]
        )
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
    "Q47": {"": resembling_random([(FIG3C, "1"), (FIG3B, "1")], replacements={FIG3C: "mean"})},
    "Q49": {
        "": all_of(gaps([(FIG3A, WHOLE)], [MI], {"low": -1}), gaps([(FIG3A, "1"), (FIG3A, "2")], [MI], {"low": 1}))
    },
    "Q50": {"": _q50},
    "Q52": {"": _q52},
}
