"""For each of the paper's claims, the function that answers it from results.

Differences are put so that positive values support the claim. Where a claim names no number of ablated neurons, the
mean over the whole curve is taken; where it names several layers or measures, each is a test of its own.
"""

import contextlib

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib._asking import (
    BETTER_AND_WORSE,
    BOTH,
    MANY,
    SHORT,
    Archive,
    Quantity,
    Question,
    all_of,
    between,
    deeper,
    gap_number,
    gaps,
    informative,
    little_lost,
    lost_beyond,
    mean,
    neuron_count,
    open,
    others,
    over_measures,
    paired,
    points,
    random_difference,
    random_layers,
    remaining,
    share_of_zero_entropy,
    shares,
    small_loss,
    strength,
    width,
)
from neuronlib.effects import (
    DISABLED,
    GUESSING,
    HARMLESS,
    activity,
    beyond_singles,
    disabling,
    gap,
    harmless,
    loss,
    neurons,
    ordered_accuracy,
    random_loss,
)
from neuronlib.pruned import by_layer_less_pooled
from neuronlib.results import NotStored
from neuronlib.settings import SETTINGS
from neuronlib.studies import of_kind
from neuronlib.types import DIRECTIONS, MEASURES, WHOLE, Measure, Replacement
from neuronlib.verdicts import CLOSE, Answer, Evidence, alike, most, positive, some

_INFORMATION: tuple[Measure, ...] = ("mutual_information", "kl_selectivity")
_ENTROPY_AND_MI: tuple[Measure, ...] = ("entropy", "mutual_information")

# Settings by the letters of the figures.
_FIG3A, _FIG3B, _FIG3D = "mnist-relu-dropout", "mnist-relu-dropout-batchnorm", "mnist-sigmoid-dropout"
_FIG3C = "mnist-sigmoid-l2"
_FIG4A, _FIG4B, _FIG4C = "fashion-relu-l2", "small-fashion-relu-l2", "small-fashion-relu-dropout"
_FIG5A, _FIG5B, _FIG5C = "cifar10-relu-l2", "funnel-cifar10-relu-l2", "funnel-cifar10-relu-dropout"


def _named(*parts: str) -> list[str]:
    return [name for name in SETTINGS if all(f"-{part}-" in f"-{name}-" for part in parts)]


_MNIST = _named("mnist")
_LARGE_FASHION = [name for name in _named("fashion") if not name.startswith("small")]
_SMALL_FASHION = _named("small")


def _after(curve: xr.DataArray, steps: Float[ndarray, " network"]) -> Float[ndarray, " network"]:
    # Each network's accuracy after a number of ablated neurons of its own.
    return curve.sel(step=xr.DataArray(steps, dims="network"), method="nearest").values


def _k7(archive: Archive, name: str) -> Answer:
    results = archive(name)
    active = informative("3")(results)
    tests = []
    for measure in _INFORMATION:
        curve = ordered_accuracy(results, "3", measure, "high")
        values = GUESSING + DISABLED - _after(curve, active)
        tests.append(Evidence(values=values, name=f"{SHORT[measure]}, points below 20 %", setting=name))
    return positive(tests)


def _k8(archive: Archive, name: str) -> Answer:
    results = archive(name)
    inactive = width(name, "3") - informative("3")(results)
    tests = []
    for measure in _INFORMATION:
        curve = ordered_accuracy(results, "3", measure, "low")
        values = HARMLESS - (curve.sel(step=0).values - _after(curve, inactive))
        tests.append(Evidence(values=values, name=SHORT[measure], setting=name))
    return positive(tests)


def _k13(archive: Archive) -> Answer:
    shares = []
    for name in (_FIG5A, _FIG5B):
        strip = over_measures(disabling, "4", "high")(archive(name))
        shares.append((strip - remaining(name, "4")(archive(name))) / width(name, "4"))
    values = 100 * paired(*shares)
    return positive([Evidence(values=values, name="share of layer 4", setting=f"{_FIG5A}, {_FIG5B}")])


def _bump(measure: Measure) -> Quantity:
    # Accuracy gained between 500 and 600 ablated neurons of layer 2, the highest first.
    def f(results: xr.DataTree) -> Float[ndarray, " network"]:
        curve = ordered_accuracy(results, "2", measure, "high")
        return (curve.sel(step=600, method="nearest") - curve.sel(step=500, method="nearest")).values

    return f


def _no_bump(measure: Measure) -> Quantity:
    return lambda results: HARMLESS - _bump(measure)(results)


def _harm(measure: Measure, step: int) -> Quantity:
    return lambda results: loss(results, "2", measure, "high", step) - HARMLESS


def _many_silent(layer: str) -> Quantity:
    return lambda results: share_of_zero_entropy(layer)(results) - MANY


def _random_loss(layer: str) -> Quantity:
    return lambda results: random_loss(results, layer)


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


def _q52(archive: Archive) -> Answer:
    # All settings that the figures show and whose single neurons have been ablated: MNIST and Fashion-MNIST.
    tests = []
    for name in (*_MNIST, *_LARGE_FASHION, *_SMALL_FASHION):
        if SETTINGS[name].panel and archive.has(name) and "lost" in archive(name)["measures"]:
            for layer in ("1", "2"):
                values = beyond_singles(archive(name), layer)
                tests.append(Evidence(values=values, name=f"layer {layer}, {name}", setting=name))
    if not tests:
        raise NotStored("single ablations")
    return most(tests)


def _below_all_of_layer_2(results: xr.DataTree) -> Float[ndarray, " network"]:
    first, second = (neurons(results, "mutual_information", layer) for layer in ("1", "2"))
    return (first < second.min(axis=1, keepdims=True)).mean(axis=1) - 0.5


def _q8(archive: Archive) -> Answer:
    coarse, fine = (
        np.subtract(*(mean("kl_selectivity", layer)(archive(_FIG4C, "zero", values)) for layer in ("1", "2")))
        for values in (2, 4)
    )
    values = abs(coarse).mean() / 2 - abs(fine)
    return positive(
        [Evidence(values=values, name="half the one-bit difference less the finer", setting=_FIG4C)], "bits"
    )


def _q9(archive: Archive) -> Answer:
    tests = [
        Evidence(
            values=paired(
                *(mean("mutual_information", layer)(archive(name, "zero", values)) for name in (_FIG4C, _FIG4B))
            ),
            name=f"layer {layer}, {values} values",
            setting=f"{_FIG4C} against {_FIG4B}",
        )
        for values in (2, 4)
        for layer in ("1", "2")
    ]
    return positive(tests, "bits")


def _q10(archive: Archive) -> Answer:
    tests = []
    for name in (_FIG3A, _FIG4B, _FIG4C):
        fine, coarse = archive(name, "zero", 4), archive(name)
        for layer in ("1", "2"):
            for measure in MEASURES:
                for direction in DIRECTIONS:
                    values = paired(gap(fine, layer, measure, direction), gap(coarse, layer, measure, direction))
                    text = f"layer {layer}, {SHORT[measure]} {direction}, {name}"
                    tests.append(Evidence(values=values, name=text, setting=name))
    return alike(tests)


def _q11(archive: Archive) -> Answer:
    tests = [
        Evidence(
            values=random_loss(archive(name), layer) - random_loss(archive(name, "mean"), layer),
            name=f"layer {layer}, {name}",
            setting=name,
        )
        for name in (*_MNIST, *_LARGE_FASHION, *_SMALL_FASHION)
        for layer in ("1", "2")
    ]
    return some(tests)


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
    small = neurons(archive(_FIG4C), "mutual_information", "2").min(axis=1)
    large = np.median(neurons(archive(_FIG4A), "mutual_information", "2"))
    return positive([Evidence(values=small - large, name="", setting=f"{_FIG4C} against {_FIG4A}")], "bits")


def _q38(archive: Archive) -> Answer:
    tests = []
    for name in (_FIG5A, _FIG5B):
        for measure in _INFORMATION:
            for direction in DIRECTIONS:
                curve = ordered_accuracy(archive(name), "1", measure, direction)
                share = curve.step / curve.step[-1]
                line = curve.isel(step=0) + (curve.isel(step=-1) - curve.isel(step=0)) * share
                values = (CLOSE - abs(curve - line).max("step")).values
                tests.append(Evidence(values=values, name=f"{SHORT[measure]} {direction}, {name}", setting=name))
    return positive(tests)


def _always_on(results: xr.DataTree) -> Float[ndarray, " network"]:
    # Of the neurons without entropy in layer 2, the share that is always on, beyond a half.
    rates = activity(results, "2")
    silent = (rates == 0).sum(axis=1)
    on = (rates == 1).sum(axis=1)
    return on / np.maximum(1, silent + on) - 0.5


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


def _q51(archive: Archive) -> Answer:
    tests = []
    for name in SETTINGS:
        try:
            results = archive(name)
        except NotStored:
            continue
        h, mi, kl = (neurons(results, measure, WHOLE) for measure in MEASURES)
        exact = np.minimum((kl - mi).min(axis=1), (h - mi).min(axis=1)) + 1e-9
        same_zeros = ((kl < 1e-12) == (mi < 1e-12)).all(axis=1)
        tests.append(Evidence(values=np.where(same_zeros, exact, -1.0), name=name, setting=name))
    if not tests:
        raise NotStored("all settings: nothing is stored")
    return positive(tests, "bits")


_DROPOUT_OR_SIGMOID = [
    ("mnist-relu-dropout", WHOLE),
    ("fashion-relu-dropout", WHOLE),
    *((name, WHOLE) for name in (*_MNIST, *_LARGE_FASHION) if "sigmoid" in name),
]
_FASHION_L2_OR_NONE = ["fashion-relu-l2", "fashion-relu-none", "small-fashion-relu-l2", "small-fashion-relu-none"]
_DEEPER_LAYERS_OF_CIFAR = [(name, layer) for name in (_FIG5A, _FIG5B, _FIG5C) for layer in ("2", "3", "4")]
_RELU_L2_OR_DROPOUT = [
    (name, str(layer + 1))
    for name in SETTINGS
    if name.endswith(("relu-l2", "relu-dropout"))
    for layer in range(len(SETTINGS[name].hidden))
]


_MI: Measure = "mutual_information"
_KL: Measure = "kl_selectivity"
_H: Measure = "entropy"

QUESTIONS: dict[str, dict[str, Question]] = {
    "N1": {
        "MNIST": gap_number("mnist-relu-l2", WHOLE, _H, "low", 101, -0.19, significant=False),
        "Fashion-MNIST": gap_number("fashion-relu-l2", WHOLE, _H, "low", 101, -0.19, significant=False),
    },
    "N2": {"": gap_number(_FIG3A, WHOLE, _H, "low", 101, -51.2)},
    "N3": {
        "Fashion-MNIST": gap_number("fashion-relu-dropout", WHOLE, _KL, "low", 125, 0.3, significant=False),
        "MNIST": gap_number(_FIG3A, WHOLE, _KL, "low", 125, 0.3, significant=False),
    },
    "N4": {"": random_layers(_FIG3A, 80, -28.9)},
    "N5": {"": gap_number(_FIG3A, "1", _MI, "low", 80, 21.9)},
    "N6": {"": gap_number(_FIG3A, "1", _MI, "high", 80, -47.4)},
    "N7": {"": gap_number(_FIG3C, "1", _MI, "low", 80, 10, replacement="mean")},
    "N8": {"": gap_number(_FIG3C, "1", _MI, "high", 80, -11, replacement="mean")},
    "N9": {"": gap_number(_FIG3D, "1", _H, "low", 80, -42.8)},
    "N10": {
        "against random": gap_number(_FIG3B, "1", _KL, "high", 80, -13),
        "against the whole network": lost_beyond(_FIG3B, "1", _KL, "high", 80, -13),
    },
    "N11": {"": gap_number(_FIG3B, "1", _KL, "low", 80, 0.3, significant=False)},
    "N12": {"": random_layers(_FIG4A, 80, -23.2)},
    "N13": {"": gap_number(_FIG4A, "1", _KL, "low", 80, 15.2)},
    "N14": {"": gap_number(_FIG4A, "1", _KL, "high", 80, -30.7)},
    "K1": {"": neuron_count(_FIG5A, "2", 250, over_measures(harmless, "2", "low"))},
    "K2": {"": points([(_FIG5A, SHORT[m], _harm(m, 50)) for m in MEASURES])},
    "K3": {"": neuron_count(_FIG5B, "2", 200, over_measures(disabling, "2", "high"))},
    "K4": {"": shares([(_FIG5B, "beyond a half", lambda results: share_of_zero_entropy("2")(results) - 0.5)])},
    "K5": {"": points([(_FIG5B, SHORT[m], _bump(m)) for m in _INFORMATION])},
    "K6": {
        "250-500-250-500": neuron_count(_FIG5A, "3", 70, informative("3")),
        "Funnel": neuron_count(_FIG5B, "3", 70, informative("3")),
    },
    "K7": {
        "250-500-250-500": lambda archive: _k7(archive, _FIG5A),
        "Funnel": lambda archive: _k7(archive, _FIG5B),
    },
    "K8": {
        "250-500-250-500": lambda archive: _k8(archive, _FIG5A),
        "Funnel": lambda archive: _k8(archive, _FIG5B),
    },
    "K9": {"": neuron_count(_FIG5A, "4", 250, over_measures(disabling, "4", "high"))},
    "K10": {"": neuron_count(_FIG5B, "4", 70, over_measures(disabling, "4", "high"))},
    "K11": {"": neuron_count(_FIG5A, "4", 100, remaining(_FIG5A, "4"))},
    "K12": {"": neuron_count(_FIG5B, "4", 30, remaining(_FIG5B, "4"))},
    "K13": {"": _k13},
    "K14": {"": neuron_count(_FIG5C, "3", 50, remaining(_FIG5C, "3"))},
    "K15": {"": neuron_count(_FIG5C, "3", 150, over_measures(disabling, "3", "high"))},
    "K16": {"": neuron_count(_FIG5C, "4", 25, informative("4"))},
    "K17": {"": all_of(little_lost(_FIG3A, "2", 50), little_lost(_FIG3C, "2", 50, "mean"))},
    "K18": {"": points([(_FIG3A, SHORT[m], _collapse(m)) for m in MEASURES])},
    "Q1": {
        "": all_of(
            *(deeper([name], MEASURES, "1", "2") for name in (_FIG3A, _FIG4A, _FIG4C)),
            deeper([_FIG5A], MEASURES, "1", "4"),
        )
    },
    "Q2": {"": deeper(_MNIST, MEASURES)},
    "Q3": {
        "large network": deeper(_LARGE_FASHION, _ENTROPY_AND_MI),
        "both networks": deeper([*_LARGE_FASHION, *_SMALL_FASHION], _ENTROPY_AND_MI),
    },
    "Q4": {"": deeper([_FIG5A], MEASURES, "2", "4")},
    "Q5": {"": shares([(_FIG5A, f"layer {layer}, beyond a quarter", _many_silent(layer)) for layer in ("3", "4")])},
    "Q6": {"": deeper([_FIG4B], MEASURES)},
    "Q7": {"": deeper([_FIG4C], [_KL], "2", "1")},
    "Q8": {"": _q8},
    "Q9": {"": _q9},
    "Q10": {"": _q10},
    "Q11": {"": _q11},
    "Q12": {"": open("an exploratory remark; the chapter on sensitivity looks at input scaling alone")},
    "Q13": {"": gaps([("mnist-relu-l2", WHOLE), (_FIG4A, WHOLE)], _ENTROPY_AND_MI, {"low": 1}, alike)},
    "Q14": {
        "ReLU with Dropout": gaps(_DROPOUT_OR_SIGMOID[:2], _ENTROPY_AND_MI, {"low": -1}),
        "and all sigmoid": gaps(_DROPOUT_OR_SIGMOID, _ENTROPY_AND_MI, {"low": -1}),
    },
    "Q15": {
        "ReLU": gaps([(n, WHOLE) for n in (*_MNIST, *_LARGE_FASHION) if "relu" in n], [_KL], {"low": 1}, alike),
        "ReLU and sigmoid": gaps([(n, WHOLE) for n in (*_MNIST, *_LARGE_FASHION)], [_KL], {"low": 1}, alike),
    },
    "Q16": {
        "": shares([(n, f"first 100, beyond a half, {n}", _first_layer_share(_MI, 100)) for n in (_FIG3A, _FIG4A)])
    },
    "Q17": {"": shares([(_FIG3A, "beyond a half", _below_all_of_layer_2)])},
    "Q18": {"": gaps([(n, WHOLE) for n in (*_MNIST, *_LARGE_FASHION)], [_H, _KL], {"low": -1})},
    "Q19": {
        "": all_of(
            deeper([_FIG3A], MEASURES),
            shares([(_FIG3A, "a quarter less the silent share", lambda r: MANY - share_of_zero_entropy("2")(r))]),
        )
    },
    "Q20": {"": gaps([(_FIG3A, "1"), (_FIG3C, "1")], MEASURES, BETTER_AND_WORSE, replacements={_FIG3C: "mean"})},
    "Q21": {
        "the paper's panels": _q21(_FIG3A, _FIG3C, "mean"),
        "Dropout, to zero": _q21(_FIG3A, _FIG3D, "zero"),
        "L2, to zero": _q21("mnist-relu-l2", "mnist-sigmoid-l2", "zero"),
    },
    "Q22": {"": gaps([(_FIG3A, "2"), (_FIG3C, "2")], MEASURES, BOTH, alike, replacements={_FIG3C: "mean"})},
    "Q23": {"": gaps([(n, "1") for n in _MNIST if "sigmoid" in n], MEASURES, BOTH, alike)},
    "Q24": {"": others(_FIG3D, "1", [(_H, "low")])},
    "Q25": {"": gaps([(n, "1") for n in _MNIST if n.endswith("batchnorm")], MEASURES, BOTH, alike)},
    "Q26": {"": open("the paper shows no numbers or figures for it")},
    "Q27": {
        "": all_of(
            points([random_difference(name) for name in (_FIG4A, _FIG4B)]),
            between([(_FIG4A, _FIG4B, "large - small", random_difference(_FIG4A)[2])]),
        )
    },
    "Q28": {
        "layer 1": gaps([(n, "1") for n in _FASHION_L2_OR_NONE], MEASURES, BETTER_AND_WORSE),
        "both layers": gaps([(n, k) for n in _FASHION_L2_OR_NONE for k in ("1", "2")], MEASURES, BETTER_AND_WORSE),
    },
    "Q29": {
        "": points(
            [
                (_FIG4A, "MI - KL", lambda r: strength("1", _MI)(r) - strength("1", _KL)(r)),
                (_FIG4A, "KL - entropy", lambda r: strength("1", _KL)(r) - strength("1", _H)(r)),
            ]
        )
    },
    "Q30": {
        "": all_of(
            gaps([(_FIG4B, "1"), (_FIG4B, "2")], MEASURES, BETTER_AND_WORSE),
            between([(_FIG4A, _FIG4B, f"strength, {SHORT[m]}", strength("1", m)) for m in MEASURES]),
        )
    },
    "Q31": {"": between([(_FIG4B, _FIG4C, f"layer {layer}", _random_loss(layer)) for layer in ("1", "2")])},
    "Q32": {"": gaps([(_FIG4C, "1")], [_KL], {"low": -1, "high": 1})},
    "Q33": {"": gaps([(_FIG4C, "2")], [_MI], {"low": -1})},
    "Q34": {"": _q34},
    "Q35": {"": all_of(others(_FIG4C, "1", [(_KL, "low"), (_KL, "high")]), others(_FIG4C, "2", [(_MI, "low")]))},
    "Q36": {"": gaps(_DEEPER_LAYERS_OF_CIFAR, MEASURES, BETTER_AND_WORSE)},
    "Q37": {"": gaps([(_FIG5A, "1"), (_FIG5B, "1")], _INFORMATION, {"low": -1, "high": -1})},
    "Q38": {"": _q38},
    "Q39": {"": gaps([(_FIG5A, "1"), (_FIG5B, "1")], [_H], BETTER_AND_WORSE)},
    "Q40": {
        "": between(
            [
                (other, _FIG5A, f"{SHORT[m]}, {other} - CIFAR-10", mean(m, "1"))
                for other in ("mnist-relu-l2", _FIG4A)
                for m in _INFORMATION
            ],
            "bits",
        )
    },
    "Q41": {"": gaps([(_FIG5C, "1")], MEASURES, {"low": -1, "high": -1})},
    "Q42": {"": shares([(_FIG5B, "always on, beyond a half", _always_on)])},
    "Q43": {"": points([(_FIG5C, SHORT[m], _no_bump(m)) for m in _INFORMATION])},
    "Q44": {
        "": shares(
            [
                (n, f"layer {layer}, {n}, beyond a quarter", _many_silent(layer))
                for n in (_FIG5A, _FIG5B)
                for layer in ("3", "4")
            ]
        )
    },
    "Q45": {"": points([part for name in SETTINGS if SETTINGS[name].panel for part in small_loss(name)])},
    "Q46": {"": gaps(_RELU_L2_OR_DROPOUT, MEASURES, BETTER_AND_WORSE)},
    "Q47": {"": gaps([(_FIG3C, "1"), (_FIG3B, "1")], MEASURES, BOTH, alike, replacements={_FIG3C: "mean"})},
    "Q48": {"": between([(_FIG5A, _FIG3A, SHORT[m], strength("2", m)) for m in MEASURES])},
    "Q49": {
        "": all_of(gaps([(_FIG3A, WHOLE)], [_MI], {"low": -1}), gaps([(_FIG3A, "1"), (_FIG3A, "2")], [_MI], {"low": 1}))
    },
    "Q50": {"": _q50},
    "Q51": {"": _q51},
    "Q52": {"": _q52},
    "Q53": {"": open("a lower bound on the information of whole layers cannot decide it; see the chapter on groups")},
}
"""The function that answers a claim, by claim and by reading of it. A claim that is clear has one reading, ""."""
