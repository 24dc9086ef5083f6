"""What the chapter on other architectures says: its table of networks, and its sentences with numbers."""

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from IPython.display import Markdown
from jaxtyping import Bool, Float
from numpy import ndarray

from neuronlib.ablation.significance import student_interval
from neuronlib.common.choices import DIRECTIONS, MEASURES, Direction, Measure
from neuronlib.common.scopes import WHOLE
from neuronlib.information.measures import active_share
from neuronlib.plots.curves import NAMES
from neuronlib.reproduction.analysis.classifier_study import (
    agreement,
    as_paper_results,
    depth_trend,
    gap_by_layer,
    layers_of,
)
from neuronlib.reproduction.analysis.effects import curves_of, gap
from neuronlib.reproduction.analysis.performance import ratios
from neuronlib.reproduction.design.studies import FINE, PUBLISHED, SUMMARIES
from neuronlib.reproduction.pages.tables.numbers import mean_and_range, signed, spread, with_student
from neuronlib.reproduction.pages.tables.tables import markdown, table

Studies = Mapping[str, xr.Dataset]
"""What `measure_and_ablate_classifiers` returns, by title."""

_LITTLE = 0.1
"""Bits below which the entropy of one bit is called little."""
_SUMMARY_NAMES = {
    "mean": "mean over positions",
    "max": "maximum over positions",
    "active": "share of active positions",
    "positions": "each position a sample",
    FINE: "mean, four values",
}


def networks_table(studies: Studies) -> Markdown:
    """Tabulate the networks: how many, their size, accuracy, and what they were trained with."""
    rows = []
    for name, study in studies.items():
        made = json.loads(study.attrs["configuration"])
        widths = [int((study.layer == layer).sum()) for layer in layers_of(study)]
        rows.append(
            [
                name,
                study.sizes["network"],
                f"{study.attrs['parameters']:,}".replace(",", " "),
                "-".join(map(str, widths)),
                made["epochs"],
                mean_and_range(study.accuracy),
            ]
        )
    header = ["architecture, images", "networks", "parameters", "channels or features by layer", "epochs"]
    return table([*header, "test accuracy"], rows)


def layer_names_table(studies: Studies) -> Markdown:
    """Tabulate what each architecture's layers are called in its modules."""
    firsts = {name.rpartition(", ")[0]: study for name, study in studies.items()}
    rows = [
        [architecture, ", ".join(f"{k}: `{layer}`" for k, layer in enumerate(layers_of(study), start=1))]
        for architecture, study in firsts.items()
    ]
    return table(["architecture", "layers, the first computed first"], rows)


def summary_gaps(studies: Studies) -> dict[str, dict[str, Float[ndarray, " network"]]]:
    """Compute the gap of lowest mutual information first, mean over layers, by what a channel's value is.

    Returns:
        Percentage points for each network, by choice and study.
    """
    everything = {name: as_paper_results(study) for name, study in studies.items()}
    rows: dict[str, dict[str, Float[ndarray, " network"]]] = {}
    for choice in (*SUMMARIES, FINE):
        criterion = "mutual_information" if choice == "mean" else f"mutual_information {choice}"
        rows[_SUMMARY_NAMES[choice]] = {
            name: gap_by_layer(results, criterion).mean(axis=0) for name, results in everything.items()
        }
    return rows


def criterion_gaps(studies: Studies) -> dict[str, dict[str, Float[ndarray, " network"]]]:
    """Compute the gap of the lowest first by each criterion, mean over the layers that every criterion orders.

    Returns:
        Percentage points for each network, by criterion and study; a study without such layers, as one without batch
        normalization or maps, is compared on all layers by those criteria that order all.
    """
    names: dict[str, str] = {**{measure: NAMES[measure] for measure in MEASURES}}
    names |= {f"mutual_information {FINE}": f"{NAMES['mutual_information']}, {FINE}"}
    names |= {name: name for name in PUBLISHED}
    rows: dict[str, dict[str, Float[ndarray, " network"]]] = {name: {} for name in names.values()}
    for title, study in studies.items():
        results = as_paper_results(study)
        gaps = {name: gap_by_layer(results, name) for name in names}
        usable = {name: values for name, values in gaps.items() if np.isfinite(values).all(axis=1).any()}
        common = np.all([np.isfinite(values).all(axis=1) for values in usable.values()], axis=0)
        for name, values in usable.items():
            rows[names[name]][title] = values[common].mean(axis=0)
    return rows


def trend_table(studies: Studies) -> Markdown:
    """Tabulate how each measure's mean over a layer goes with depth: Spearman's correlation by network."""
    rows = []
    for choice, (name, study) in itertools.product(("mean", FINE), studies.items()):
        results = as_paper_results(study, summary=choice)
        values = "two" if choice == "mean" else "four"
        # Of four values cut at quartiles, entropy is the same for all channels.
        trends = ["–" if choice == FINE and m == "entropy" else _correlation(depth_trend(results, m)) for m in MEASURES]
        rows.append([name, values, len(layers_of(study)), *trends])
    return table(["architecture, images", "values", "layers", *(NAMES[measure] for measure in MEASURES)], rows)


def criteria_agreement_table(studies: Studies) -> Markdown:
    """Tabulate how entropy and mutual information of channels go with published criteria: Spearman's correlation."""
    rows = []
    for measure, criterion in itertools.product(("entropy", "mutual_information"), PUBLISHED):
        entries = []
        for study in studies.values():
            of_layers = agreement(study, measure, criterion)
            known = of_layers[np.isfinite(of_layers).all(axis=1)]
            entries.append(_correlation(known.mean(axis=0)) if len(known) else "–")
        rows.append([f"{NAMES[measure]} and {criterion}", *entries])
    return table(["rank correlation, mean over layers", *studies], rows)


def watching_table(benchmark: Mapping[str, Any]) -> Markdown:
    """Tabulate how much longer a loop over hooks and Captum take than the library for one ablated state, by layer."""
    seconds, rows = benchmark["seconds"], []
    for place, (layer, width) in enumerate(benchmark["widths"].items(), start=1):
        ours, alone = seconds[f"core, layer {layer}"], seconds[f"core, each alone, layer {layer}"]
        loop = ratios(ours, seconds[f"hook loop, layer {layer}"])
        captum = ratios(alone, seconds[f"Captum, each alone, layer {layer}"])
        rows.append([f"layer {place}", width, f"{1000 * float(np.median(ours)):.1f}", spread(loop), spread(captum)])
    header = ["", "channels", "library (ms a state)", "loop over hooks (ratio)", "Captum (ratio)"]
    return table(header, rows)


def constant_table(studies: Studies) -> Markdown:
    """Tabulate the share of channels or features whose value is the same for all samples, by what their value is."""
    rows = []
    for name, study in studies.items():
        entries = []
        for choice in (*SUMMARIES, FINE):
            entropy = as_paper_results(study, summary=choice)["measures"].entropy.values
            entries.append(f"{100 * (entropy == 0).mean():.1f}")
        rows.append([name, *entries])
    return table(["constant (%)", *(_SUMMARY_NAMES[choice] for choice in (*SUMMARIES, FINE))], rows)


def layers_told(studies: Studies) -> str:
    """Say in a sentence each for how many layers an order does less, or more, harm than random ablation."""
    everything = [as_paper_results(study) for study in studies.values()]
    orders: tuple[tuple[Measure, Direction], ...]
    orders = ("mutual_information", "low"), ("mutual_information", "high"), ("entropy", "low")
    return "\n".join(f"- {_layers_sentence(everything, measure, way)}" for measure, way in orders)


def _layers_sentence(everything: Iterable[xr.DataTree], measure: Measure, way: Direction) -> str:
    signs = [_sign(row) for results in everything for row in gap_by_layer(results, measure, way)]
    return (
        f"Removing the {way}est {NAMES[measure]} first does less harm than random removal in {signs.count(1)} of "
        f"{len(signs)} layers and more harm in {signs.count(-1)}; in the other {signs.count(0)} the interval holds "
        "zero."
    )


def whole_told(studies: Studies) -> str:
    """Say for each study how far one order over the whole network is from random ablation, and what empties first."""
    lines = []
    for name, study in studies.items():
        results = as_paper_results(study)
        low, high = (gap(results, WHOLE, "mutual_information", way) for way in DIRECTIONS)
        least, neediest, costs = _least_and_neediest(results)
        lines.append(
            f"- {name}: lowest first {with_student(low)} points, highest first {with_student(high)}. Layer {least} "
            f"has the lowest mean mutual information; without it the network loses {_mean(costs[least])} points. Layer "
            f"{neediest} is needed most: {_mean(costs[neediest])} points."
        )
    return "\n".join(lines)


def classifier_conclusions(studies: Studies) -> Markdown:
    """Answer the chapter's questions in sentences, from the results."""
    everything = {name: as_paper_results(study) for name, study in studies.items()}
    networks = sum(study.sizes["network"] for study in studies.values())
    rising = [_rising(studies, choice) for choice in ("mean", FINE)]
    signs = [_sign(gap(one, WHOLE, "mutual_information", "low")) for one in everything.values()]
    choices = summary_gaps(studies)
    naive, usual = (choices[_SUMMARY_NAMES[one]] for one in ("positions", "mean"))
    differences = np.concatenate([naive[name] - usual[name] for name in studies])
    fine = np.concatenate([choices[_SUMMARY_NAMES[FINE]][name] - usual[name] for name in studies])
    little, active = (np.concatenate(parts) for parts in zip(*map(_little_entropy, everything.values()), strict=True))
    same = sum(len({*_least_and_neediest(one)[:2]}) == 1 for one in everything.values())
    best = _best_criteria(studies)
    lines = [
        f"**Depth.** The mean mutual information of a layer goes up with depth (positive rank correlation) in "
        f"{rising[0]} of {networks} networks by one bit, and in {rising[1]} by four values.",
        f"**Single layers.** {_layers_sentence(everything.values(), 'mutual_information', 'low')}",
        f"**The whole network.** One order over all layers by lowest mutual information does more harm than random "
        f"removal in {signs.count(-1)} of {len(studies)} kinds of network, and less harm in {signs.count(1)}. In "
        f"{same} kinds the layer of the lowest mean mutual information is also the one that the network needs most.",
        f"**One bit of the mean.** {100 * little.mean():.0f} % of all channels and features have less than "
        f"{_LITTLE} bits of entropy; of these, {100 * active[little].mean():.0f} % are active for most images. Four "
        f"values in place of two move the order's gap to random removal by {with_student(fine)} points, the mean over "
        f"{networks} networks.",
        f"**The naive way.** With each position a sample, the gap moves by {with_student(differences)} points, "
        "compared with a channel's mean.",
        f"**Published criteria.** The best criterion, mean over layers, is, out of {len(studies)} kinds of network, "
        f"{best}.",
    ]
    return markdown("\n".join(f"- {line}" for line in lines))


def _rising(studies: Studies, choice: str) -> int:
    results = (as_paper_results(study, summary=choice) for study in studies.values())
    return sum(int((depth_trend(one, "mutual_information") > 0).sum()) for one in results)


def _best_criteria(studies: Studies) -> str:
    gaps, best = criterion_gaps(studies), Counter[str]()
    for name in studies:
        means = {criterion: row[name].mean() for criterion, row in gaps.items() if name in row}
        best[max(means, key=lambda criterion: means[criterion])] += 1
    return ", ".join(f"{criterion} in {number}" for criterion, number in best.most_common())


def _least_and_neediest(results: xr.DataTree) -> tuple[str, str, dict[str, Float[ndarray, " network"]]]:
    # The layer of the lowest mean mutual information, the one without which most is lost, and what is lost by layer.
    costs = _cost_of_emptying(results)
    means = results["measures"].to_dataset().mutual_information.groupby("layer").mean(("neuron", "network"))
    least = str(means.layer.values[int(means.values.argmin())])
    return least, max(costs, key=lambda layer: costs[layer].mean()), costs


def _cost_of_emptying(results: xr.DataTree) -> dict[str, Float[ndarray, " network"]]:
    costs = {}
    for scope in results["curves"]:
        if scope != WHOLE:
            curve = 100 * curves_of(results, scope).isel(order=0)
            costs[scope] = (curve.isel(step=0) - curve.isel(step=-1)).values
    return costs


def _little_entropy(results: xr.DataTree) -> tuple[Bool[ndarray, " any"], Bool[ndarray, " any"]]:
    # Which neurons have little entropy, and which are active for most samples.
    measures = results["measures"].to_dataset()
    return (measures.entropy.values < _LITTLE).ravel(), (active_share(measures.counts.values) > 0.5).ravel()


def _sign(values: Float[ndarray, " network"]) -> int:
    low, high = student_interval(values)
    return 1 if low > 0 else -1 if high < 0 else 0


def _mean(values: Float[ndarray, " network"]) -> str:
    return f"{values.mean():.1f}"


def _correlation(values: Float[ndarray, " network"]) -> str:
    # Student's interval knows nothing of the limits of a correlation.
    low, high = np.clip(student_interval(values), -1, 1)
    return f"{signed(float(values.mean()), 2)} [{signed(low, 2)}, {signed(high, 2)}]"
