"""Tables and sentences of the chapter on the two replications."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from IPython.display import Markdown
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import spearman
from neuronlib.common.choices import MEASURES
from neuronlib.common.scopes import WHOLE
from neuronlib.plots.curves import NAMES
from neuronlib.reproduction.analysis.replications import (
    CONCLUSIONS,
    TO_ZERO,
    VARIANTS,
    deeper_is_more,
    distance,
    high_over_low,
    holds,
    last_layer,
    random_loss_shown,
)
from neuronlib.reproduction.compute.faults import with_faulty_measures
from neuronlib.reproduction.pages.figures.replications import (
    CORRECTED,
    FAULTS,
    ORDERS,
    PUBLISHED,
    SHRUNK,
    Replications,
    answered,
    layers_of,
)
from neuronlib.reproduction.pages.tables.numbers import mean_and_range, rounded, with_interval
from neuronlib.reproduction.pages.tables.tables import table


def replicated_networks_table(studies: Mapping[str, xr.Dataset], hidden: Mapping[str, tuple[int, ...]]) -> Markdown:
    """Tabulate the networks of each kind, their widths and their test accuracy."""
    rows = [
        [
            name,
            "-".join(map(str, hidden[name])),
            study.sizes["network"],
            mean_and_range(study.test_accuracy.isel(epoch=-1)),
            f"{study.attrs['device']}, {study.attrs['date']}",
        ]
        for name, study in studies.items()
    ]
    return table(["networks", "hidden layers", "n", "test accuracy", "computed on"], rows)


def deeper_table(replications: Replications) -> Markdown:
    """Tabulate the mean of each measure in the last layer minus that in the first, in bits."""
    rows = []
    for name, trees in replications.items():
        for measure in MEASURES:
            more = deeper_is_more(trees[CORRECTED], measure)
            rows.append([f"{name} ({len(more)})", NAMES[measure], with_interval(more, 3), holds(more)])
    return table(["networks (n)", "measure", "last minus first layer (bits)", "deeper is more"], rows)


def empty_cells_table(replications: Replications) -> Markdown:
    """Tabulate neurons with an empty cell, and the rank correlation of the wrong value with mutual information."""
    rows = []
    for name, trees in replications.items():
        measured = with_faulty_measures(trees[CORRECTED]["measures"].to_dataset())
        for layer in layers_of(trees[CORRECTED]):
            of_layer = measured.isel(neuron=np.flatnonzero(measured.layer == layer))
            share = rounded(100 * float(np.isinf(of_layer.undefined_information).mean()), ".1f")
            rows.append([f"{name} ({of_layer.sizes['network']})", layer, share, with_interval(_rank(of_layer), 2)])
    heads = ["neurons with an empty cell (%)", "rank correlation, wrong sign with right sign"]
    return table(["networks (n)", "layer", *heads], rows)


def _rank(measured: xr.Dataset) -> Float[ndarray, " network"]:
    each = (measured[name].values for name in ("mutual_information", "wrong_sign", "entropy"))
    return np.array([spearman(right[bits > 0], wrong[bits > 0]) for right, wrong, bits in zip(*each, strict=True)])


def balancing_table(replications: Replications) -> Markdown:
    """Tabulate what random ablation costs without balancing, and what shrinking and the mean gain, in points."""
    rows = [
        [f"{name} ({len(lost)})", layer, *map(with_interval, (-lost, shrunk, mean))]
        for name, trees in replications.items()
        for layer in (*layers_of(trees[CORRECTED]), WHOLE)
        for lost, shrunk, mean in [_balanced(trees, layer)]
    ]
    heads = ["to zero (points)", "gained by shrinking", "gained by the mean"]
    return table(["networks (n)", "layer", *heads], rows)


def _balanced(trees: Mapping[str, xr.DataTree], layer: str) -> tuple[Float[ndarray, " network"], ...]:
    zero, shrunk, mean = (random_loss_shown(trees[variant], layer) for variant in (TO_ZERO, SHRUNK, CORRECTED))
    return zero, zero - shrunk, zero - mean


def moved_table(replications: Replications) -> Markdown:
    """Tabulate the mean distance of each variant's curves from the corrected ones, in points."""
    rows = [
        [name, variant, *(with_interval(points, plus=False) for points in _moved(trees, variant))]
        for name, trees in replications.items()
        for variant in FAULTS
    ]
    heads = [f"{layer}: {order}" for layer in ("first layer", "last layer") for order in ORDERS]
    return table(["networks", "variant", *heads], rows)


def _moved(trees: Mapping[str, xr.DataTree], variant: str) -> list[Float[ndarray, " network"]]:
    layers = ("1", last_layer(trees[CORRECTED]))
    return [
        distance(trees[CORRECTED], trees[variant], measure, way, layer)
        for layer in layers
        for measure, way in ORDERS.values()
    ]


def conclusions_table(replications: Replications) -> Markdown:
    """Tabulate each conclusion as published and corrected, and for how many single networks it comes out as yes."""
    rows = []
    for name, trees in replications.items():
        for conclusion, both in zip(CONCLUSIONS, answered(trees).values(), strict=True):
            was, corrected = both.values()
            verdicts = [f"{holds(values)}: {with_interval(values)}" for values in (was, corrected)]
            single = f"{(was > 0).sum()} and {(corrected > 0).sum()} of {corrected.size}"
            rows.append([name, conclusion.text, *verdicts, single])
    return table(["networks", "conclusion", PUBLISHED, CORRECTED, "single networks"], rows)


def last_layer_table(replications: Replications) -> Markdown:
    """Tabulate the advantage of highest first over lowest first in the last layer, in points, by variant."""
    rows = [
        [name, variant, *(with_interval(high_over_low(tree, measure, last_layer(tree))) for measure in MEASURES)]
        for name, trees in replications.items()
        for variant, tree in trees.items()
    ]
    return table(["networks", "variant", *(NAMES[measure] for measure in MEASURES)], rows)


def replications_told(replications: Replications) -> Markdown:
    """Sum up the chapter, a paragraph for each finding."""
    findings = (_same, _first_layer, _last_layer, _largest_fault, _shrinking, _deeper)
    return Markdown("\n".join(f"- {say(replications)}" for say in findings))


def _same(replications: Replications) -> str:
    same = {
        name: sum(len(set(map(holds, both.values()))) == 1 for both in answered(trees).values())
        for name, trees in replications.items()
    }
    told = ", ".join(f"{count} of {len(CONCLUSIONS)} in {name}" for name, count in same.items())
    changes = "Some conclusions change" if min(same.values()) < len(CONCLUSIONS) else "No conclusion changes"
    return f"**{changes} once the faults are gone.** These come out the same: {told} (n = {_n(replications)} each)."


def _n(replications: Replications) -> str:
    return " or ".join(sorted({str(trees[CORRECTED]["measures"].sizes["network"]) for trees in replications.values()}))


def _first(replications: Replications) -> tuple[str, Mapping[str, xr.DataTree]]:
    return next(iter(replications.items()))


def _first_layer(replications: Replications) -> str:
    name, trees = _first(replications)
    was, corrected = (-high_over_low(trees[variant], "mutual_information", "1") for variant in (PUBLISHED, CORRECTED))
    reverses = "reverses" if holds(was) == "no" and holds(corrected) == "yes" else "does not reverse"
    return (
        f"**First layer: the advantage of low mutual information first {reverses}.** It is {with_interval(was)} points "
        f"as published and {with_interval(corrected)} points corrected ({name}, n = {len(was)})."
    )


def _last_layer(replications: Replications) -> str:
    advantage = {
        name: high_over_low(trees[CORRECTED], "mutual_information", last_layer(trees[CORRECTED]))
        for name, trees in replications.items()
    }
    verdicts = [holds(values) for values in advantage.values()]
    confirmed = "is confirmed" if verdicts.count("yes") > len(verdicts) / 2 else "is not confirmed"
    told = ", ".join(f"{with_interval(values)} in {name}" for name, values in advantage.items())
    return (
        f"**The “counterintuitive” last layer {confirmed}.** The corrected advantage of high mutual information first "
        f"is, in points: {told} (n = {_n(replications)} each)."
    )


def _largest_fault(replications: Replications) -> str:
    name, trees = _first(replications)
    alone = [variant for variant in VARIANTS if variant not in (PUBLISHED, CORRECTED)]
    moved = {variant: _moved(trees, variant)[0] for variant in alone}
    largest = max(moved, key=lambda variant: moved[variant].mean())
    short = {variant: variant.removesuffix(" alone") for variant in alone}
    others = ", ".join(f"{short[one]} {rounded(float(moved[one].mean()), '.1f')}" for one in alone if one != largest)
    return (
        f"**One fault moves layer 1 most: {short[largest]}.** By itself it moves the curve of lowest mutual "
        f"information first by {with_interval(moved[largest], plus=False)} points ({name}, n = {len(moved[largest])}). "
        f"The others move it by less: {others}."
    )


def _shrinking(replications: Replications) -> str:
    name, trees = _first(replications)
    lost, shrunk, mean = _balanced(trees, "1")
    close = "nearly as much as" if shrunk.mean() > mean.mean() / 2 else "much less than"
    return (
        f"**Shrinking gains {close} the mean** over the first 40 % of the curve. Random ablation of layer 1 to zero "
        f"changes accuracy by {with_interval(-lost)} points there. Shrinking gives back {with_interval(shrunk)} points "
        f"and the mean {with_interval(mean)} ({name}, n = {len(lost)})."
    )


def _deeper(replications: Replications) -> str:
    verdicts = [
        holds(deeper_is_more(trees[CORRECTED], measure)) for trees in replications.values() for measure in MEASURES
    ]
    more = "have larger values" if verdicts.count("yes") > len(verdicts) / 2 else "do not in general have larger values"
    return (
        f"**Deeper layers {more}**, as Cen says: in {verdicts.count('yes')} of {len(verdicts)} combinations of measure "
        f"and networks (n = {_n(replications)} each)."
    )
