"""Tables and sentences of the chapter on pairs and groups."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from IPython.display import Markdown
from jaxtyping import Float, Int64
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.information.groups.oinformation import plug_in_bias
from neuronlib.information.groups.pid import broja, williams_beer
from neuronlib.reproduction.analysis.groups import share_of_redundancy
from neuronlib.reproduction.pages.figures.groups import REGULARIZERS
from neuronlib.reproduction.pages.tables.numbers import rounded, with_interval
from neuronlib.reproduction.pages.tables.tables import table

_PARTS = ("redundancy", "unique", "synergy", "redundancy (Williams, Beer)")

Summaries = Mapping[str, xr.Dataset]
"""What `of_layers` returns, by regularizer or by setting."""
Beyond = Mapping[tuple[str, str], Float[ndarray, "network 2"]]
"""Shares of redundant and of synergistic triplets by regularizer and layer, as `beyond_chance` returns them."""


def gates_table(tables: Mapping[str, Int64[ndarray, "2 2 label"]]) -> Markdown:
    """Tabulate the parts of the information of two bits about a class, by two definitions of redundancy."""
    rows = []
    for name, counts in tables.items():
        parts, other = broja(counts), williams_beer(counts)
        values = (parts.redundancy, *parts.unique, parts.synergy, other.redundancy, other.synergy)
        rows.append([name, *map(float, values)])
    return table(["class", "R", "U₁", "U₂", "S", "R (Williams, Beer)", "S (Williams, Beer)"], rows)


def pairs_table(summaries: Summaries) -> Markdown:
    """Tabulate the mean parts of a pair's information, in bits with 95 % intervals, by regularizer and layer."""
    rows = [
        [
            f"{REGULARIZERS.get(name, name)} ({summary.sizes['network']})",
            layer,
            rounded(float(summary.used.sel(layer=layer).mean()), ".1f"),
            *(_bits(summary.pairs.sel(part=part, layer=layer).values) for part in _PARTS),
        ]
        for name, summary in summaries.items()
        for layer in summary.layer.values.tolist()
    ]
    heads = ["neurons in pairs", "R", "U of one", "S", "R (Williams, Beer)"]
    return table(["networks (n)", "layer", *heads], rows or [["none stored", *[""] * 6]])


def _bits(values: Float[ndarray, " network"]) -> str:
    return with_interval(values, 3, plus=False)


def bias_told(samples: int, classes: int) -> Markdown:
    """Say by how much counts of so many samples overestimate the synergy of a pair."""
    bias = (classes - 1) / (2 * samples * np.log(2))
    return Markdown(
        f"With {samples} samples and {classes} classes, this bias is {rounded(bias, '.3f')} bits. Synergy below it "
        "cannot be detected with these samples."
    )


def group_bias_told(samples: int, sizes: Sequence[int]) -> Markdown:
    """Say by how much counts of so many samples lower the O-information of groups of independent fair bits."""
    told = ", ".join(f"{rounded(plug_in_bias(size, samples), '.3f')} for {size}" for size in sizes)
    return Markdown(
        f"With {samples} samples and fair independent bits, the bias in bits is, by the number of neurons: {told}. "
        "An O-information as small as its bias says nothing."
    )


def dropout_table(summaries: Summaries) -> Markdown:
    """Tabulate redundancy of pairs with Dropout minus redundancy with another regularizer, in bits and as a share."""
    rows = []
    for other in (name for name in summaries if name != "dropout"):
        for layer in summaries[other].layer.values.tolist():
            for unit, digits in (("bits", 3), ("points", 2)):
                less = _dropout_less(summaries, other, layer, unit)
                kind = "R" if unit == "bits" else "share of R"
                rows.append([REGULARIZERS[other], layer, f"{kind} ({unit})", with_interval(less, digits), less.size])
    return table(["Dropout minus", "layer", "difference in", "mean [95 % interval]", "networks"], rows)


def _dropout_less(summaries: Summaries, other: str, layer: str, unit: str) -> Float[ndarray, " network"]:
    pairs, others = (summaries[name].pairs.sel(layer=layer) for name in ("dropout", other))
    if unit == "points":
        return 100 * (share_of_redundancy(pairs) - share_of_redundancy(others))
    return pairs.sel(part="redundancy").values - others.sel(part="redundancy").values


def excess_told(correlations: Mapping[str, float], pairs: int) -> Markdown:
    """Say how the parts of a pair's information rank-correlate with its excess loss."""
    told = ", ".join(f"{rounded(value, '+.2f')} for {name}" for name, value in correlations.items())
    strongest = max(abs(value) for value in correlations.values())
    opening = "No part predicts the excess loss" if strongest < 0.1 else "Some part goes with the excess loss"
    return Markdown(f"**{opening}.** The rank correlation is {told} (one network, n = {pairs} pairs).")


def triplets_table(beyond: Beyond) -> Markdown:
    """Tabulate the shares of triplets in which redundancy or synergy prevails beyond chance, in percent."""
    rows = [
        [
            f"{REGULARIZERS.get(name, name)} ({len(shares)})",
            layer,
            *(rounded(100 * float(share), ".1f") for share in shares.mean(axis=0)),
            with_interval(100 * (shares[:, 0] - shares[:, 1])),
        ]
        for (name, layer), shares in beyond.items()
    ]
    heads = ["redundant (%)", "synergistic (%)", "redundant minus synergistic (points)"]
    return table(["networks (n)", "layer", *heads], rows)


def views_table(views: Mapping[str, xr.Dataset]) -> Markdown:
    """Tabulate pairs and triplets of the same bits side by side, from what `pairs_and_triplets` returns."""
    rows = [
        [
            f"{name} ({view.sizes['network']})",
            *(_bits(view[part].values) for part in ("redundancy", "synergy", "williams_beer")),
            *(
                with_interval(100 * view[part].values, plus=False)
                for part in ("redundant_triplets", "synergistic_triplets")
            ),
        ]
        for name, view in views.items()
    ]
    heads = ["R", "S", "R (Williams, Beer)", "redundant triplets (%)", "synergistic triplets (%)"]
    return table(["bits (n)", *heads], rows)


def extreme_groups_table(searches: Mapping[str, Sequence[tuple[str, float, float, float]]]) -> Markdown:
    """Tabulate what `extreme_groups` returns, by layer."""
    rows = [[layer, *found] for layer, searched in searches.items() for found in searched]
    heads = ["greedy (bits)", "annealing (bits)", "greedy, shuffled neurons (bits)"]
    return table(["layer", "search for", *heads], rows)


def gaussian_table(triplets: Mapping[tuple[str, str], Float[ndarray, " triplet"]]) -> Markdown:
    """Tabulate the O-information that a Gaussian model finds in triplets, by regularizer and layer."""
    rows = [
        [REGULARIZERS.get(name, name), layer, f"{100 * (found < 0).mean():.0f}", float(found.mean()), len(found)]
        for (name, layer), found in triplets.items()
    ]
    return table(["networks", "layer", "below zero (%)", "mean (bits)", "triplets"], rows)


def retrained_table(accuracy: xr.DataArray, kept: Mapping[str, ndarray]) -> Markdown:
    """Tabulate the test accuracy of sub-networks in percent, from what `retrained` returns."""
    rows = [
        [
            rule,
            kept[rule].shape[1],
            *(with_interval(100 * of_start.values, plus=False) for of_start in accuracy.sel(rule=rule)),
        ]
        for rule in kept
    ]
    heads = ["not re-trained (%)", "from trained weights (%)", "from initial weights (%)"]
    return table([f"neurons kept (n = {accuracy.sizes['network']})", "number", *heads], rows)


def synergistic_less(accuracy: xr.DataArray, rule: str, start: str) -> Float[ndarray, " network"]:
    """Compute accuracy of the most synergistic sub-network minus that of another, in points."""
    chosen = accuracy.sel(start=start)
    return 100 * (chosen.sel(rule="most synergistic") - chosen.sel(rule=rule)).values


def statements_table(beyond: Beyond, accuracy: xr.DataArray) -> Markdown:
    """Tabulate the statements of Clauw et al. and what these networks say."""
    names = list(dict.fromkeys(name for name, _ in beyond))
    layers = {layer: {name: beyond[name, layer] for name in names} for layer in ("1", "2")}
    redundant = [REGULARIZERS[name] for name, shares in layers["1"].items() if _difference(shares)[0] > 0]
    synergistic = [REGULARIZERS[name] for name, shares in layers["2"].items() if _difference(shares)[1] < 0]
    cost = -synergistic_less(accuracy, "the whole layer", "trained weights")
    low, high = bootstrap_interval(synergistic_less(accuracy, "random", "trained weights"))
    cause = "six random neurons reach less" if low > 0 else "six random neurons reach more"
    rows = [
        ["The first layer is dominated by redundancy.", f"holds for: {', '.join(redundant) or 'none'}"],
        ["The last layer is dominated by synergy.", f"holds for: {', '.join(synergistic) or 'none'}"],
        ["Re-training a synergistic sub-network costs little.", f"costs {with_interval(cost, plus=False)} points"],
        ["Its synergy is the reason.", cause if low > 0 or high < 0 else "undecided: six random neurons reach as much"],
    ]
    return table(["statement", "these networks"], rows)


def _difference(shares: Float[ndarray, "network 2"]) -> tuple[float, float]:
    return bootstrap_interval(shares[:, 0] - shares[:, 1])


def layer_information_table(summaries: Summaries, sums: Mapping[str, xr.DataArray]) -> Markdown:
    """Tabulate the information of a whole layer beside the sum over its neurons, in bits."""
    rows = [
        [
            f"{REGULARIZERS.get(name, name)} ({summary.sizes['network']})",
            layer,
            *(_bits(values.sel(layer=layer).values) for values in (sums[name], summary.information)),
        ]
        for name, summary in summaries.items()
        for layer in summary.layer.values.tolist()
    ]
    return table(["networks (n)", "layer", "sum over neurons", "whole layer, at least"], rows)


def groups_told(
    summaries: Summaries,
    stored: Summaries,
    beyond: Beyond,
    views: Mapping[str, xr.Dataset],
    accuracy: xr.DataArray,
) -> Markdown:
    """Sum up the chapter, a paragraph for each finding."""
    lines = [
        _depth(summaries["dropout"], stored),
        _definitions(summaries["dropout"]),
        _triplets(beyond["dropout", "2"]),
        _code(views),
        _dropout(summaries),
        _re_training(accuracy),
    ]
    return Markdown("\n".join(f"- {line}" for line in lines))


def _depth(summary: xr.Dataset, stored: Summaries) -> str:
    first, second = (summary.pairs.sel(layer=layer, part="redundancy").values for layer in ("1", "2"))
    shares = [100 * share_of_redundancy(summary.pairs.sel(layer=layer)) for layer in ("1", "2")]
    grows = "grows with depth" if bootstrap_interval(second - first)[0] > 0 else "does not surely grow with depth"
    change = with_interval(shares[1] - shares[0])
    told = (
        f"**Pairs: redundancy {grows}.** With Dropout, R is {_bits(first)} bits in layer 1 and {_bits(second)} in "
        f"layer 2 (n = {len(first)}). Its share of what a pair tells changes by {change} points."
    )
    if not stored:
        return told
    changes = [
        summary.pairs.sel(layer="2", part="redundancy").values - summary.pairs.sel(layer="1", part="redundancy").values
        for summary in stored.values()
    ]
    larger = sum(bootstrap_interval(change)[0] > 0 for change in changes)
    networks = " or ".join(sorted({str(len(change)) for change in changes}))
    return f"{told} R is larger in layer 2 in {larger} of {len(stored)} stored settings (n = {networks} each)."


def _definitions(summary: xr.Dataset) -> str:
    pairs = summary.pairs.sel(layer="2")
    broja_bits, other = (pairs.sel(part=part).values for part in ("redundancy", "redundancy (Williams, Beer)"))
    return (
        f"**The definition decides how much is redundant.** For the same pairs of layer 2 with Dropout, R is "
        f"{_bits(broja_bits)} bits by BROJA and {_bits(other)} bits by Williams and Beer (n = {len(other)})."
    )


def _triplets(shares: Float[ndarray, "network 2"]) -> str:
    redundant, synergistic = (with_interval(100 * share, plus=False) for share in shares.T)
    low, high = _difference(shares)
    prevails = "synergy prevails" if high < 0 else "redundancy prevails" if low > 0 else "neither prevails"
    return (
        f"**Triplets: {prevails} in layer 2 with Dropout.** Beyond chance, {synergistic} % of triplets are synergistic "
        f"and {redundant} % redundant (n = {len(shares)})."
    )


def _code(views: Mapping[str, xr.Dataset]) -> str:
    code, *_, whole, mixed = (100 * view.synergistic_triplets.values for view in views.values())
    of_code, left = (with_interval(shares, plus=False) for shares in (code, mixed))
    most = "Most" if mixed.mean() > whole.mean() / 2 else "The smaller part"
    return (
        f"**{most} of this synergy is a code for the classes.** A random code has {of_code} % synergistic triplets, "
        f"though none of its pairs has synergy. With samples shuffled within each class, {left} % of the triplets of "
        f"layer 2 are still synergistic (n = {len(mixed)})."
    )


def _dropout(summaries: Summaries) -> str:
    bits, points = (_dropout_less(summaries, "l2", "2", unit) for unit in ("bits", "points"))
    raises = "raises" if bootstrap_interval(bits)[0] > 0 else "does not surely raise"
    return (
        f"**Dropout {raises} redundancy in bits** (Sec. V-E). In layer 2, R is {with_interval(bits, 3)} bits above R "
        f"with L2, and its share differs by {with_interval(points, 2)} points (n = {len(bits)})."
    )


def _re_training(accuracy: xr.DataArray) -> str:
    less = synergistic_less(accuracy, "random", "trained weights")
    low, high = bootstrap_interval(less)
    matters = "is the reason" if low > 0 else "is not shown to be the reason" if high >= 0 else "is no advantage"
    return (
        f"**Synergy {matters} why a small sub-network re-trains well.** After re-training, the six most synergistic "
        f"neurons reach {with_interval(less)} points more than six random ones (n = {len(less)})."
    )
