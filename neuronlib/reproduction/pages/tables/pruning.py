"""Tables and sentences of the chapter on pruning: what criteria, repair and re-training leave of accuracy."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr
from IPython.display import Markdown
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import MEASURES
from neuronlib.plots.curves import NAMES
from neuronlib.reproduction.analysis.pruning_study import (
    after,
    by_layer_less_pooled,
    gained,
    gained_by_repair,
    in_place_of_training,
    limit,
    retrained_shares,
)
from neuronlib.reproduction.pages.tables.numbers import mean_and_range, rounded, with_interval
from neuronlib.reproduction.pages.tables.tables import table

SHARE = 0.9
"""Share of a layer removed at which sentences and tables compare accuracies."""
KEPT = f"{100 - 100 * SHARE:.0f} %"
"""The share kept, in words."""
REPAIRS = ("balancing", "least squares")
"""Repairs of the next layer that any criterion can be followed by."""
_WAYS = ("nothing", *REPAIRS, "re-training")

Studies = Mapping[str, xr.Dataset]
"""What `pruning_studies` returns."""


class Tally(NamedTuple):
    """Numbers of comparisons whose 95 % interval lies below zero and above zero, and of all."""

    worse: int
    better: int
    of: int


def tally(comparisons: Iterable[Float[ndarray, " network"]]) -> Tally:
    """Count the comparisons whose interval over networks lies on one side of zero.

    Returns:
        The counts; an interval that holds zero counts on neither side.

    Example:
        >>> tally([np.array([1.0, 2.0]), np.array([-1.0, 1.0])])
        Tally(worse=0, better=1, of=2)
    """
    found = [bootstrap_interval(values) for values in comparisons]
    return Tally(sum(high < 0 for _, high in found), sum(low > 0 for low, _ in found), len(found))


def pruned_networks_table(studies: Studies) -> Markdown:
    """Tabulate the whole networks' accuracy, before and after as much further training as the pruned ones get."""
    rows = [
        [
            name,
            study.sizes["network"],
            mean_and_range(after(study, "nothing").isel(criterion=0, layer=0, share=0)),
            mean_and_range(study.trained_on / study.attrs["test_samples"]),
            f"{study.attrs['device']}, {study.attrs['date']}",
        ]
        for name, study in studies.items()
    ]
    return table(["networks", "n", "test accuracy", "after one more epoch", "computed on"], rows)


def pruned_accuracy_table(studies: Studies, layer: str) -> Markdown:
    """Tabulate the accuracy with a tenth of a layer kept, by criterion and by what is done after removal."""
    ways = next(iter(studies.values())).afterwards.values.tolist()
    rows = []
    for name, study in studies.items():
        for criterion in study.criterion.values.tolist():
            at = {"criterion": criterion, "layer": layer, "share": SHARE}
            accuracies = [100 * after(study, way).sel(at).values for way in ways]
            rows.append([f"{name} ({study.sizes['network']})", criterion, *map(_or_empty, accuracies)])
    return table(["networks (n)", "removed by", *ways], rows)


def _or_empty(percent: Float[ndarray, " network"]) -> str:
    return "" if np.isnan(percent).any() else with_interval(percent, plus=False)


def repair_against_training_table(studies: Studies) -> Markdown:
    """Tabulate accuracy with a repair minus accuracy with re-training, neurons chosen by mutual information."""
    rows = []
    for name, study in studies.items():
        for layer in study.layer.values.tolist():
            for repair in REPAIRS:
                less = in_place_of_training(study, "mutual information", layer, repair)
                rows.append([f"{name} ({study.sizes['network']})", layer, repair, *map(with_interval, less.values())])
    shares = [f"{100 * share:.0f} % removed" for share in retrained_shares(next(iter(studies.values())))]
    return table(["networks (n)", "layer", "repair", *shares], rows)


def limits_table(studies: Studies) -> Markdown:
    """Tabulate the largest share of a layer that can be removed for one point of accuracy."""
    rows = [
        [name, layer, criterion, *(limit(study, criterion, layer, way) for way in _WAYS)]
        for name, study in studies.items()
        for layer in study.layer.values.tolist()
        for criterion in ("random", "mutual information", "outgoing weights")
    ]
    return table(["networks", "layer", "removed by", *_WAYS], rows)


def layer_by_layer_table(studies: Studies) -> Markdown:
    """Tabulate accuracy of pruning layer by layer minus that of one ranking over all layers."""
    rows = [
        [
            f"{name} ({study.sizes['network']})",
            NAMES[measure],
            *(with_interval(by_layer_less_pooled(study, measure, way)) for way in ("nothing", "balancing")),
        ]
        for name, study in studies.items()
        for measure in MEASURES
    ]
    return table(["networks (n)", "measure", "nothing done", "balanced"], rows)


def ranking_time_table(studies: Studies) -> Markdown:
    """Tabulate the milliseconds that a criterion takes to rank one layer of one network, the fastest first."""
    seconds = xr.concat([study.seconds.mean("layer") for study in studies.values()], "study", coords="minimal")
    ranked = seconds.isel(criterion=np.argsort(seconds.mean("study").values, kind="stable"))
    rows = [
        [str(one.criterion.item()), *(rounded(1000 * float(time), ".2f") for time in one.values)]
        for one in ranked.transpose("criterion", "study")
    ]
    return table(["criterion", *studies], rows)


def pruning_told(studies: Studies) -> Markdown:
    """Sum up the comparison, a paragraph for each finding."""
    found = (_choice_alone, _choice_and_training, _balancing, _least_squares, _layer_by_layer)
    return Markdown("\n".join(f"- {say(studies)}" for say in found))


def _layers(studies: Studies) -> list[tuple[str, xr.Dataset, str]]:
    return [(name, study, layer) for name, study in studies.items() for layer in study.layer.values.tolist()]


def _best(study: xr.Dataset, layer: str, afterwards: str) -> str:
    accuracy = after(study, afterwards).sel(layer=layer, share=SHARE).mean("network").drop_sel(criterion="random")
    return str(accuracy.criterion.values[accuracy.values.argmax()])


def _percent(study: xr.Dataset, criterion: str, layer: str, afterwards: str) -> str:
    accuracy = 100 * after(study, afterwards).sel(criterion=criterion, layer=layer, share=SHARE).values
    return f"{with_interval(accuracy, plus=False)} %"


def _choice_alone(studies: Studies) -> str:
    layers = _layers(studies)
    criteria = [name for name in next(iter(studies.values())).criterion.values.tolist() if name != "random"]
    shares = retrained_shares(next(iter(studies.values())))
    counts = {
        criterion: tally(gained(study, criterion, layer, "nothing", shares) for _, study, layer in layers)
        for criterion in criteria
    }
    best = max(counts, key=lambda criterion: (counts[criterion].better, -counts[criterion].worse))
    below = [criterion for criterion, count in counts.items() if count.worse > count.better]
    name, study, layer = layers[0]
    told = (
        f"**Without re-training, the choice of neurons matters.** {best} beats random removal in {counts[best].better} "
        f"of {len(layers)} layers, with the 95 % interval above zero. With {KEPT} of layer {layer} kept in {name}, it "
        f"leaves {_percent(study, best, layer, 'nothing')} accuracy and random removal "
        f"{_percent(study, 'random', layer, 'nothing')} (n = {study.sizes['network']})."
    )
    if below:
        told += f" Criteria that are worse than random removal more often than better: {', '.join(below)}."
    return told


def _choice_and_training(studies: Studies) -> str:
    name, study, layer = _layers(studies)[0]
    best = _best(study, layer, "re-training")
    lead = {
        (other, place): float((_at(one, _best(one, place, "re-training"), place) - _at(one, "random", place)).mean())
        for other, one, place in _layers(studies)
    }
    largest = max(lead.values())
    opening = (
        "**After one epoch of re-training, random removal is almost as good.**"
        if largest < 2
        else "**After one epoch of re-training, the choice still matters.**"
    )
    return (
        f"{opening} With {KEPT} of layer {layer} kept in {name}, random removal reaches "
        f"{_percent(study, 'random', layer, 're-training')} and the best criterion, {best}, "
        f"{_percent(study, best, layer, 're-training')} (n = {study.sizes['network']}). Over all {len(lead)} layers, "
        f"the best criterion leads by {rounded(largest, '.1f')} points at most."
    )


def _at(study: xr.Dataset, criterion: str, layer: str) -> Float[ndarray, " network"]:
    return 100 * after(study, "re-training").sel(criterion=criterion, layer=layer, share=SHARE).values


def _by_activation(studies: Studies) -> dict[str, Studies]:
    activations = dict.fromkeys(name.rpartition("-")[2] for name in studies)
    return {way: {name: one for name, one in studies.items() if name.endswith(way)} for way in activations}


def _repaired(studies: Studies, repair: str) -> Tally:
    return tally(
        gained_by_repair(study, criterion, layer, repair, study.share.values[1:])
        for _, study, layer in _layers(studies)
        for criterion in study.criterion.values.tolist()
    )


def _networks(studies: Studies) -> str:
    return " or ".join(sorted({str(study.sizes["network"]) for study in studies.values()}))


def _balancing(studies: Studies) -> str:
    told = []
    for activation, some in _by_activation(studies).items():
        count = _repaired(some, "balancing")
        effect = "does little in"
        if max(count.worse, count.better) > count.of / 4:
            effect = "often hurts" if count.worse > count.better else "mostly helps"
        name = {"relu": "ReLU"}.get(activation, activation)
        told.append(
            f"**Balancing {effect} {name} networks.** It lowers accuracy in {count.worse} of {count.of} combinations "
            f"of criterion, layer and data set, and raises it in {count.better} (n = {_networks(some)} in each)."
        )
    return " ".join(told)


def _least_squares(studies: Studies) -> str:
    repaired = _repaired(studies, "least squares")
    balancing, squares = (
        tally(
            less
            for _, study, layer in _layers(studies)
            for less in in_place_of_training(study, "mutual information", layer, repair).values()
        )
        for repair in REPAIRS
    )
    replaces = "No repair replaces" if min(balancing.worse, squares.worse) > squares.of / 2 else "Repair may replace"
    return (
        f"**{replaces} one epoch of re-training.** Least squares raises accuracy in {repaired.better} of {repaired.of} "
        f"combinations of criterion, layer and networks. It stays below re-training in {squares.worse} of {squares.of} "
        f"combinations of networks, layer and share removed (n = {_networks(studies)} in each). Balancing stays below "
        f"it in {balancing.worse} of {balancing.of}."
    )


def _layer_by_layer(studies: Studies) -> str:
    gains = [by_layer_less_pooled(study, measure, "nothing") for study in studies.values() for measure in MEASURES]
    count = tally(gains)
    means = [float(values.mean()) for values in gains]
    low, high = (rounded(number, "+.1f") for number in (min(means), max(means)))
    opening = "Prune layer by layer." if count.better > count.of / 2 else "Layer by layer is not surely better."
    return (
        f"**{opening}** Ranking within each layer leaves more accuracy than one ranking over both layers in "
        f"{count.better} of {count.of} combinations of measure and networks, and less in {count.worse} "
        f"(n = {_networks(studies)} in each). The mean differences lie between {low} and {high} points."
    )
