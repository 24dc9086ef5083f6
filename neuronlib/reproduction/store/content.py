"""What a stored piece should hold, by its configuration, and whether it does."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from neuronlib.common.choices import DIRECTIONS, MEASURES
from neuronlib.common.config import Setting
from neuronlib.common.scopes import WHOLE, layer_names, scopes
from neuronlib.data.images import training_samples
from neuronlib.reproduction.design import axes
from neuronlib.reproduction.design.digest import CORE_VERSION, digest
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.studies import (
    FINE,
    PUBLISHED,
    SUMMARIES,
    AnyStudy,
    ClassifierStudy,
    LayerStudy,
    LeNetStudy,
    RewardStudy,
    SelectionStudy,
    Study,
)

# Images of the designated training set and of the official test set. All have ten labels.
_IMAGES = {
    "mnist": (60_000, 10_000),
    "fashion-mnist": (60_000, 10_000),
    "cifar10": (50_000, 10_000),
    "mnist-5k": (4_000, 1_000),
}
_LABELS = 10
_KINDS: dict[str | None, Any] = {
    None: Job,
    "classifier": ClassifierStudy,
    "layers": LayerStudy,
    "rewarded": RewardStudy,
    "selection": SelectionStudy,
    "lenet": LeNetStudy,
}
# What rounding to 32 bits may add to a bound.
_ROUNDING = 1e-3
_LARGEST = float(np.finfo(np.float64).max)
_ORIGIN = ("date", "device", "torch", "numpy", "neuronlib", "machine")


@dataclass(frozen=True)
class _Array:
    # An array: its axes, the kind of its numbers ("i" for whole ones, "f" for fractions), and their bounds.
    dims: tuple[str, ...]
    kind: str
    low: float
    high: float
    may_lack: bool = False
    may_be_nan: bool = False


@dataclass(frozen=True)
class _Expected:
    # What a piece holds: sizes of axes, coordinates with their axis and values, arrays, attributes that are numbers.
    sizes: dict[str, int]
    labels: dict[str, tuple[str, list]]
    arrays: dict[str, _Array]
    seconds: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


def check_content(variables: Mapping[str, xr.Variable], attributes: Mapping[str, Any]) -> None:
    """Raise ValueError unless a piece holds what its configuration asks for, and this version of the core computed it.

    Checked are the names, axes, types and bounds of all arrays; that counts add up to the samples, and that each curve
    lies between none and all of them; the networks' numbers and all other coordinates; and the digest.

    Raises:
        ValueError: Says what is otherwise.
    """
    core = attributes.get("core")
    if core != CORE_VERSION:
        kind = "stale" if is_stale(attributes) else "foreign"
        raise ValueError(f"{kind}: of version {core} of the core, and this is {CORE_VERSION}")
    work = _work(attributes)
    if isinstance(work, ClassifierStudy):
        _check(_of_classifiers(work, variables), variables, attributes)
        _check_classifiers(work, variables)
    elif isinstance(work, LayerStudy):
        _check(_of_layers(work), variables, attributes)
        _check_brackets(variables)
    elif isinstance(work, RewardStudy):
        _check(_of_rewards(work), variables, attributes)
        _check_rewards(variables)
    elif isinstance(work, SelectionStudy):
        _check(_of_selection(work), variables, attributes)
        _check_pruned(variables, axes.SELECTED_AFTERWARDS, 2, axes.CHOSEN_SHARES, axes.RETRAINED_CRITERIA)
    elif isinstance(work, LeNetStudy):
        _check(_of_lenet(work), variables, attributes)
        _check_lenet(variables)
    elif isinstance(work, Job) or work.kind in ("replication", "elsewhere"):
        _check(_of_networks(work, variables), variables, attributes)
        _check_counts_and_curves(work, variables)
    elif work.kind == "pruning":
        _check(_of_pruning(work), variables, attributes)
        _check_pruned(variables, axes.AFTERWARDS, 3, axes.RETRAINED_SHARES, axes.COMPARED_CRITERIA)
    else:
        _check(_of_images(work), variables, attributes)


def is_stale(attributes: Mapping[str, Any]) -> bool:
    """Return whether another version of the core computed a piece, by its attributes."""
    core = attributes.get("core")
    return isinstance(core, int | np.integer) and int(core) != CORE_VERSION


def _work(attributes: Mapping[str, Any]) -> Job | AnyStudy:
    try:
        configuration = json.loads(attributes["configuration"])
        made_of = configuration | (
            {"setting": Setting(**configuration["setting"])} if "setting" in configuration else {}
        )
        work = _KINDS.get(configuration.get("kind"), Study)(**made_of)
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):
        raise ValueError("its configuration is of no job or study") from None
    if digest(configuration) != attributes.get("digest"):
        raise ValueError(f"its configuration does not have the digest {attributes.get('digest')}")
    return work


def _check(expected: _Expected, variables: Mapping[str, xr.Variable], attributes: Mapping[str, Any]) -> None:
    for name in _ORIGIN:
        if not isinstance(attributes.get(name), str):
            raise ValueError(f"attribute {name}: expected a text")
    for name in expected.seconds:
        value = attributes.get(name)
        if not isinstance(value, int | float | np.number) or not 0 <= float(value) <= _LARGEST:
            raise ValueError(f"attribute {name}: expected a number from 0")
    for name, number in expected.counts.items():
        if attributes.get(name) != number:
            raise ValueError(f"attribute {name}: expected {number}")
    for name in variables:
        if name not in expected.arrays and name not in expected.labels:
            raise ValueError(f"{name}: not part of such results")
    for name, (dim, values) in expected.labels.items():
        one = variables.get(name)
        if one is None or one.dims != (dim,) or one.values.tolist() != values:
            raise ValueError(f"{name}: expected {_shortened(values)}")
    for name, array in expected.arrays.items():
        if name in variables:
            _check_array(name, array, variables[name], expected.sizes)
        elif not array.may_lack:
            raise ValueError(f"{name}: missing")


def _check_array(name: str, array: _Array, one: xr.Variable, sizes: Mapping[str, int]) -> None:
    shape = tuple(sizes[dim] for dim in array.dims)
    if one.dims != array.dims or one.shape != shape:
        raise ValueError(f"{name}: axes {_axes(one.dims, one.shape)}; expected {_axes(array.dims, shape)}")
    values = one.values
    if values.dtype.kind not in {"i": "iu", "f": "f"}[array.kind]:
        raise ValueError(f"{name}: {values.dtype}; expected {'whole numbers' if array.kind == 'i' else 'fractions'}")
    if array.may_be_nan:
        values = values[~np.isnan(values)]
    # Comparisons with NaN are false, and 32 bits would take the largest bound for infinity.
    if values.size and not (array.low <= float(values.min()) and float(values.max()) <= array.high):
        raise ValueError(f"{name}: expected numbers from {array.low:g} to {array.high:g}")


def _of_networks(work: Job | Study, variables: Mapping[str, xr.Variable]) -> _Expected:
    setting, numbers = work.setting, _networks(work)
    hidden, layers = setting.hidden, layer_names(setting.hidden)
    training, test = _IMAGES[setting.dataset]
    values = work.values if isinstance(work, Job) else 2
    replicated = isinstance(work, Study) and work.kind == "replication"
    replacements = work.replacements if isinstance(work, Job) else axes.REPLICATED if replicated else ("zero",)
    per_epoch, of_layers = ("network", "epoch"), ("network", "layer")
    arrays = {
        "training_loss": _Array(per_epoch, "f", 0, _LARGEST),
        "validation_accuracy": _Array(per_epoch, "f", 0, 1),
        "test_accuracy": _Array(per_epoch, "f", 0, 1),
        # Jobs that were computed before these were thought of lack them.
        "dead": _Array((*per_epoch, "layer"), "i", 0, max(hidden), may_lack=True),
        "always_on": _Array((*per_epoch, "layer"), "i", 0, max(hidden), may_lack=True),
        "samples": _Array(("label",), "i", 0, training),
        "counts": _Array(("network", "neuron", "value", "label"), "i", 0, training),
        "lost": _Array(("network", "neuron"), "i", -test, test, may_lack=True),
        "used": _Array(of_layers, "f", 0, max(hidden), may_lack=True),
        "information": _Array(of_layers, "f", 0, math.log2(_LABELS) + _ROUNDING, may_lack=True),
        # In bits, of one-bit neurons.
        "pairs": _Array((*of_layers, "part"), "f", -_ROUNDING, 1 + _ROUNDING, may_lack=True, may_be_nan=True),
        "triplets": _Array(
            (*of_layers, "quantile"), "f", -1 - _ROUNDING, 1 + _ROUNDING, may_lack=True, may_be_nan=True
        ),
    }
    labels: dict[str, tuple[str, list]] = {
        "network": ("network", numbers),
        "epoch": ("epoch", list(range(1, setting.epochs + 1))),
    }
    sizes = {
        **{"network": len(numbers), "epoch": setting.epochs, "neuron": sum(hidden), "value": values - 1},
        **{"label": _LABELS, "layer": len(layers), "part": 4, "quantile": 5},
    }
    if {"dead", "always_on", "information"} & variables.keys():
        labels["layer"] = ("layer", layers)
    if isinstance(work, Study) and work.kind == "elsewhere":
        arrays["training_accuracy"] = _Array(("network",), "f", 0, 1)
    if "pairs" in variables:
        parts = ["redundancy", "unique", "synergy", "redundancy (Williams, Beer)"]
        labels |= {"part": ("part", parts), "quantile": ("quantile", [0.0, 0.05, 0.5, 0.95, 1.0])}
    seconds = ("loading", "training", "measuring", "ablating") if isinstance(work, Job) else ("seconds",)
    if not replacements:
        return _Expected(sizes, labels, arrays, seconds)
    measures = (*MEASURES, *axes.FAULTY) if replicated else MEASURES
    orders: list[tuple[str, str]] = [(measure, direction) for measure in measures for direction in DIRECTIONS]
    names = [f"{measure} {direction}" for measure, direction in orders]
    names += [f"random {k}" for k in range(work.random_orders)]
    orders += [("random", "random")] * work.random_orders
    if replicated:
        names, orders = [*names, f"{axes.FRESH} 0"], [*orders, (axes.FRESH, "random")]
    labels |= {
        "order": ("order", names),
        "measure": ("order", [measure for measure, _ in orders]),
        "direction": ("order", [direction for _, direction in orders]),
    }
    sizes["order"] = len(names)
    for scope in scopes(hidden):
        step = f"step_{scope}"
        labels[step] = (step, work.steps(scope))
        sizes[step] = len(labels[step][1])
        for replacement in replacements:
            arrays[f"{replacement}_{scope}"] = _Array(("network", "order", step), "i", -test, test)
    return _Expected(sizes, labels, arrays, seconds, {"test_samples": test})


def _check_counts_and_curves(work: Job | Study, variables: Mapping[str, xr.Variable]) -> None:
    training, test = _IMAGES[work.setting.dataset]
    validation = training - training_samples(training, work.setting.split)
    of_labels = variables["samples"].values
    if of_labels.sum() != validation:
        raise ValueError(f"samples: {of_labels.sum()} of all labels; expected {validation}")
    # Counts of the lowest value are what the others leave.
    if (variables["counts"].values.sum(axis=2, dtype=np.int64) > of_labels).any():
        raise ValueError("counts: more than there are samples")
    intact = variables["test_accuracy"].values[:, -1, None] * test
    for name in variables:
        if name.partition("_")[0] in axes.REPLICATED:
            lost = variables[name].values
            correct = test - lost.cumsum(axis=2, dtype=np.int32)
            if correct.min() < 0 or correct.max() > test:
                raise ValueError(f"{name}: a curve leaves 0 to {test} test samples")
            # Both count the same answers.
            if abs(correct[:, :, 0] - intact).max() >= 0.5:
                raise ValueError(f"{name}: a curve starts from another accuracy than that after training")


def _of_images(work: Study) -> _Expected:
    test, numbers = _IMAGES[work.setting.dataset][1], _networks(work)
    ablations, shares = [" ".join(key) for key in axes.BY_IMAGE_ORDERS], list(axes.BY_IMAGE_SHARES)
    sizes = {
        **{"network": len(numbers), "ablation": len(ablations), "scope": len(shares)},
        **{"image": test, "byte": -(-test // 8)},
    }
    labels: dict[str, list] = {"network": numbers, "ablation": ablations, "scope": shares}
    arrays = {
        "intact": _Array(("network", "byte"), "i", 0, 255),
        "ordered": _Array(("ablation", "network", "byte"), "i", 0, 255),
        "random": _Array(("scope", "network", "image"), "i", 0, work.random_orders),
    }
    counts = {"test_samples": test, "random_orders": work.random_orders}
    return _Expected(sizes, _each(labels), arrays, ("computing",), counts)


def _of_pruning(work: Study) -> _Expected:
    test = _IMAGES[work.setting.dataset][1]
    labels: dict[str, list] = {
        "criterion": list(axes.COMPARED_CRITERIA),
        "layer": layer_names(work.setting.hidden),
        "share": list(axes.PRUNED_SHARES),
        "afterwards": list(axes.AFTERWARDS),
        "network": _networks(work),
        "how": list(axes.POOLING),
        "operated": list(axes.AFTERWARDS[:2]),
        "measure": list(MEASURES),
    }
    arrays = {
        "correct": _Array(("criterion", "layer", "share", "afterwards", "network"), "i", -1, test),
        "trained_on": _Array(("network",), "f", 0, test),
        "whole": _Array(("how", "operated", "network", "measure", "share"), "i", 0, test),
        "seconds": _Array(("criterion", "layer"), "f", 0, _LARGEST),
    }
    sizes = {name: len(values) for name, values in labels.items()}
    return _Expected(sizes, _each(labels), arrays, ("computing",), {"test_samples": test})


def _of_selection(work: SelectionStudy) -> _Expected:
    test = _IMAGES[work.setting.dataset][1]
    names = list(axes.SELECTED_CRITERIA)
    labels: dict[str, list] = {
        "criterion": names,
        "first": names,
        "second": names,
        "layer": layer_names(work.setting.hidden),
        "share": list(axes.PRUNED_SHARES),
        "chosen_share": list(axes.CHOSEN_SHARES),
        "afterwards": list(axes.SELECTED_AFTERWARDS),
        "operated": list(axes.SELECTED_AFTERWARDS[:2]),
        "network": _networks(work),
    }
    arrays = {
        "correct": _Array(("criterion", "layer", "share", "afterwards", "network"), "i", -1, test),
        "both": _Array(("first", "second", "chosen_share", "operated", "network"), "i", 0, test),
        "trained_on": _Array(("network",), "i", 0, test),
        "seconds": _Array(("criterion", "layer"), "f", 0, _LARGEST),
    }
    sizes = {name: len(values) for name, values in labels.items()}
    return _Expected(sizes, _each(labels), arrays, ("computing",), {"test_samples": test})


def _check_pruned(
    variables: Mapping[str, xr.Variable],
    ways: Sequence[str],
    everywhere: int,
    shares: Sequence[float],
    criteria: Sequence[str],
) -> None:
    # The first ways were tried for every criterion and share, and re-training for some of them.
    correct = variables["correct"].values
    for way in range(everywhere):
        if correct[:, :, :, way].min() < 0:
            raise ValueError(f"correct: missing after {ways[way]}")
    rows = np.isin(variables["criterion"].values, criteria)
    again = np.isin(axes.PRUNED_SHARES, shares)
    if correct[rows][:, :, again, ways.index("re-training")].min() < 0:
        raise ValueError("correct: missing after re-training")


def _of_lenet(work: LeNetStudy) -> _Expected:
    test = _IMAGES[work.dataset][1]
    drawn = [f"random {k}" for k in range(work.random_orders)]
    labels: dict[str, list] = {
        "criterion": [*axes.FILTER_CRITERIA, *drawn, axes.NEW_WEIGHTS],
        "filters": [f"{first}-{second}" for first, second in axes.FILTERS],
        "afterwards": ["nothing", "re-training"],
        "network": _networks(work),
    }
    arrays = {
        "correct": _Array(("criterion", "filters", "afterwards", "network"), "i", -1, test),
        "intact": _Array(("network",), "i", 0, test),
        "seconds": _Array(("criterion", "filters"), "f", 0, _LARGEST, may_be_nan=True),
    }
    sizes = {name: len(values) for name, values in labels.items()}
    return _Expected(sizes, _each(labels), arrays, ("computing",), {"test_samples": test})


def _check_lenet(variables: Mapping[str, xr.Variable]) -> None:
    correct = variables["correct"].values
    if correct[:-1, :, 0].min() < 0 or correct[:, : len(axes.RETRAINED_FILTERS), 1].min() < 0:
        raise ValueError("correct: missing for a criterion that every network has")


def _of_classifiers(work: ClassifierStudy, variables: Mapping[str, xr.Variable]) -> _Expected:
    training, test = _IMAGES[work.dataset]
    numbers = _networks(work)
    of_neurons = _texts(variables, "layer")
    layers = list(dict.fromkeys(of_neurons))
    if of_neurons != [layer for layer in layers for _ in range(of_neurons.count(layer))]:
        raise ValueError("layer: expected the neurons of each layer together")
    others = [f"mutual_information {name}" for name in (*SUMMARIES[1:], FINE)]
    labels: dict[str, list] = {
        "network": numbers,
        "replacement": ["zero", "mean"],
        "scope": [*layers, WHOLE],
        "order": [*_usual(work), *(f"{name} low" for name in (*others, *PUBLISHED))],
        "share": (np.arange(work.points + 1) / work.points).tolist(),
        "summary": list(SUMMARIES),
        "criterion": list(PUBLISHED),
    }
    index = [place for layer in layers for place in range(of_neurons.count(layer))]
    known = _each(labels) | {"layer": ("neuron", of_neurons), "index": ("neuron", index)}
    sizes = {name: len(values) for name, values in labels.items()}
    sizes |= {"neuron": len(of_neurons), "value": 2, "fine_value": 4, "label": _LABELS}
    arrays = {
        "counts": _Array(("summary", "network", "neuron", "value", "label"), "i", 0, _LARGEST),
        "fine_counts": _Array(("network", "neuron", "fine_value", "label"), "i", 0, training),
        "scores": _Array(("criterion", "network", "neuron"), "f", -_LARGEST, _LARGEST, may_be_nan=True),
        "correct": _Array(("replacement", "scope", "order", "network", "share"), "i", -1, min(work.test_samples, test)),
        "accuracy": _Array(("network",), "f", 0, 1),
    }
    return _Expected(sizes, known, arrays, ("computing", "training", "parameters"))


def _check_classifiers(work: ClassifierStudy, variables: Mapping[str, xr.Variable]) -> None:
    training = _IMAGES[work.dataset][0]
    of_labels = variables["counts"].values.sum(axis=3, dtype=np.int64)
    fine = variables["fine_counts"].values.sum(axis=2, dtype=np.int64)
    positions = SUMMARIES.index("positions")
    if (of_labels != of_labels[:, :1, :1]).any() or (fine != of_labels[0]).any():
        raise ValueError("counts: not of the same samples for all neurons")
    validation = training - training_samples(training, "paper")
    if (of_labels[0].sum(axis=2) != validation).any():
        raise ValueError(f"counts: expected those of {validation} samples")
    # Each sample counts once for each position.
    once, often = of_labels[0], of_labels[positions]
    if (of_labels[:positions] != once).any() or (often * once.sum() != once * often.sum()).any():
        raise ValueError("counts: not of the same samples for all summaries")
    if variables["correct"].values[:, :, : len(_usual(work))].min() < 0:
        raise ValueError("correct: missing for an order that every layer has")


def _of_layers(work: LayerStudy) -> _Expected:
    setting, width = work.setting, max(work.setting.hidden)
    training = _IMAGES[setting.dataset][0]
    labels: dict[str, list] = {
        "network": _networks(work),
        "layer": layer_names(setting.hidden),
        "end": ["low", "high"],
        "statistic": list(axes.STATISTICS),
        "size": list(work.sizes),
        "estimator": ["plug-in", "corrected"],
    }
    of_layers = ("network", "layer")
    of_groups = (*of_layers, "statistic", "size")
    label_bits = math.log2(_LABELS) + _ROUNDING
    arrays = {
        "information": _Array((*of_layers, "end"), "f", 0, label_bits),
        "outputs": _Array((*of_layers, "end"), "f", 0, label_bits),
        "redundancy": _Array((*of_layers, "end"), "f", 0, _LARGEST, may_be_nan=True),
        "vulnerability": _Array((*of_layers, "end"), "f", 0, _LARGEST, may_be_nan=True),
        "alone": _Array(of_layers, "f", 0, width * label_bits),
        "constant": _Array(of_layers, "i", 0, width),
        "copies": _Array(of_layers, "i", 0, width),
        "group_used": _Array(of_layers, "i", 0, width),
    }
    # Corrected for bias, such numbers may lie beyond what plug-in estimates can be; groups of a size may be left out.
    arrays |= {
        f"group_{name}": _Array((*of_groups, "estimator"), "f", -_LARGEST, _LARGEST, may_be_nan=True)
        for name in ("information", "alone", "lost", "synergy_weighted")
    }
    arrays |= {
        f"group_{name}": _Array(of_groups, "f", -_LARGEST, _LARGEST, may_be_nan=True)
        for name in ("o_information", "pair_redundancy")
    }
    sizes = {name: len(values) for name, values in labels.items()}
    validation = training - training_samples(training, setting.split)
    return _Expected(sizes, _each(labels), arrays, ("computing", "training"), {"validation_samples": validation})


def _check_brackets(variables: Mapping[str, xr.Variable]) -> None:
    for name in ("information", "outputs", "redundancy", "vulnerability"):
        low, high = variables[name].values[..., 0], variables[name].values[..., 1]
        if (low > high).any():
            raise ValueError(f"{name}: a low end above its high end")


def _of_rewards(work: RewardStudy) -> _Expected:
    setting = work.setting
    training, test = _IMAGES[setting.dataset]
    labels: dict[str, list] = {
        "strength": list(work.strengths),
        "network": _networks(work),
        "layer": layer_names(setting.hidden),
        "order": work.orders,
        "share": work.shares,
        "measure": list(axes.REWARDED_MEASURES),
        "part": ["redundancy", "unique", "synergy", "redundancy (Williams, Beer)"],
        "quantile": [0.0, 0.05, 0.5, 0.95, 1.0],
    }
    each = ("strength", "network")
    # A class in a mini-batch may be as rare as one sample; no measure of a neuron is larger than that is worth.
    rarest = math.log2(training) + _ROUNDING
    arrays = {
        "correct": _Array((*each, "layer", "order", "share"), "i", 0, test),
        "log_loss": _Array(each, "f", 0, _LARGEST),
        "calibration_error": _Array(each, "f", 0, 1),
        "training_loss": _Array(each, "f", 0, _LARGEST),
        "term": _Array(each, "f", -_ROUNDING, rarest),
        "measures": _Array((*each, "neuron", "measure"), "f", 0, rarest),
        "used": _Array(each, "i", 0, setting.hidden[-1]),
        "information": _Array(each, "f", 0, math.log2(_LABELS) + _ROUNDING),
        "pairs": _Array((*each, "part"), "f", -_ROUNDING, 1 + _ROUNDING, may_be_nan=True),
        "triplets": _Array((*each, "quantile"), "f", -1 - _ROUNDING, 1 + _ROUNDING, may_be_nan=True),
    }
    sizes = {name: len(values) for name, values in labels.items()} | {"neuron": sum(setting.hidden)}
    counts = {"test_samples": test, "validation_samples": training - training_samples(training, setting.split)}
    return _Expected(sizes, _each(labels), arrays, ("computing", "training"), counts)


def _check_rewards(variables: Mapping[str, xr.Variable]) -> None:
    intact = variables["correct"].values[..., 0]
    if (intact != intact[..., :1, :1]).any():
        raise ValueError("correct: curves of a network start from different accuracies")


def _usual(work: ClassifierStudy) -> list[str]:
    measured = [f"{measure} {direction}" for measure in MEASURES for direction in DIRECTIONS]
    return [*measured, *(f"random {k}" for k in range(work.random_orders))]


def _networks(work: Job | AnyStudy) -> list[int]:
    return list(work.networks if isinstance(work, Job) else range(work.networks))


def _each(labels: Mapping[str, list]) -> dict[str, tuple[str, list]]:
    return {name: (name, values) for name, values in labels.items()}


def _texts(variables: Mapping[str, xr.Variable], name: str) -> list[str]:
    if name not in variables or variables[name].values.dtype.kind != "U" or not variables[name].size:
        raise ValueError(f"{name}: expected names")
    return variables[name].values.tolist()


def _axes(dims: Iterable[object], shape: Iterable[int]) -> str:
    return ", ".join(f"{dim} {size}" for dim, size in zip(dims, shape, strict=True)) or "none"


def _shortened(values: list) -> str:
    shown = [*map(str, values[:3]), "…", str(values[-1])] if len(values) > 4 else [*map(str, values)]
    return ", ".join(shown)
