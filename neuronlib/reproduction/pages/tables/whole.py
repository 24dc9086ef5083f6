"""Tables and sentences on one order over the whole network: which layer it empties, and what that explains."""

from collections.abc import Mapping, Sequence

import numpy as np
from IPython.display import Markdown
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import DIRECTIONS, Direction, Measure
from neuronlib.plots.curves import NAMES
from neuronlib.reproduction.analysis.composition import Emptied, emptied, layer_shares
from neuronlib.reproduction.analysis.effects import gap, random_change
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.tables.numbers import NO_BREAK, rounded, with_interval
from neuronlib.reproduction.pages.tables.tables import table

ABLATED: dict[Measure, int] = {"entropy": 101, "mutual_information": 101, "kl_selectivity": 125}
"""After how many neurons of the whole network the claims N1 to N3 compare an order with random ablation."""

Orders = Mapping[tuple[str, Measure, Direction], Emptied]
"""What `whole_in_parts` returns."""

_INFORMATION: tuple[Measure, ...] = ("entropy", "mutual_information")
_L2 = ("mnist-relu-l2", "fashion-relu-l2")
_DROPOUT = ("mnist-relu-dropout", "fashion-relu-dropout")


def whole_in_parts(source: Source, names: Sequence[str]) -> Orders:
    """Divide the gap of each order over the whole network into parts, as `emptied` does, after `ABLATED` neurons.

    Returns:
        By setting, measure and direction; settings without results are skipped.
    """
    return {
        (name, measure, direction): emptied(source(name), measure, direction, step)
        for name in names
        if source.has(name)
        for measure, step in ABLATED.items()
        for direction in DIRECTIONS
    }


def both_orders_table(parts: Orders) -> Markdown:
    """Tabulate the gap of both orders of each setting and measure, with the share of the emptier layer that is gone."""
    rows = []
    for name, measure, _ in dict.fromkeys((name, measure, "") for name, measure, _ in parts):
        both = [parts[name, measure, direction] for direction in DIRECTIONS]
        shown = [text for one in both for text in (with_interval(one.gap), _gone_of(one))]
        rows.append([f"{name}, {_n(both[0])}", NAMES[measure], ABLATED[measure], *shown])
    heads = [head for way in DIRECTIONS for head in (f"{way}est first: gap", "gone")]
    return table(["setting, networks", "measure", "ablated", *heads], rows)


def parts_table(parts: Orders, measures: Sequence[Measure]) -> Markdown:
    """Tabulate the gap of each order by some measures, and the parts that it is made of."""
    rows = [
        [
            f"{name}, {_n(one)}<br>{NAMES[measure]}, {direction}est first",
            _gone_of(one),
            *(with_interval(values) for values in (one.gap, one.at_random, one.chosen, one.elsewhere)),
        ]
        for (name, measure, direction), one in parts.items()
        if measure in measures
    ]
    heads = ["gap", "emptied at random", "which of its neurons", "the other layer"]
    return table(["setting, networks, order", "gone", *heads], rows)


def emptying_told(parts: Orders) -> Markdown:
    """Say in sentences how often both orders are worse than random, and how often emptying a layer explains it."""
    pairs = {(name, measure) for name, measure, _ in parts}
    high = [parts[*pair, "high"].gap for pair in pairs if _worse(parts[*pair, "low"].gap)]
    better, both_worse = sum(map(_better, high)), sum(map(_worse, high))
    marked = "So both readings have cases of their own."
    if both_worse > 2 * better:
        marked = "So low values do not mark the neurons that matter, nor do high ones."
    worse = {key: one for key, one in parts.items() if _worse(one.gap)}
    informed = [one for (name, measure, _), one in worse.items() if name in _DROPOUT and measure in _INFORMATION]
    chosen = {way: [one.chosen for (*_, direction), one in parts.items() if direction == way] for way in DIRECTIONS}
    low_chosen, high_chosen = chosen["low"], chosen["high"]
    return Markdown(
        f"Lowest first is worse than random ablation (95 % interval below zero) in {len(high)} of {len(pairs)} pairs "
        f"of a setting and a measure. If low values marked the neurons that matter, highest first would be better than "
        f"random there. It is better in {better} of these {len(high)}, and worse in {both_worse}. "
        f"{marked if high else ''}\n\n"
        f"Counting both directions, {len(worse)} orders are worse than random. Emptying one layer at random makes up "
        f"at least half of the gap in {sum(map(_explains, worse.values()))} of them. By entropy or mutual information "
        f"in ReLU networks with Dropout, it does so in {sum(map(_explains, informed))} of {len(informed)}.\n\n"
        f"It also matters which neurons of the emptier layer go. Compared with as many random neurons of that layer, "
        f"taking the lowest is better in {sum(map(_better, low_chosen))} of {len(low_chosen)} orders and worse in "
        f"{sum(map(_worse, low_chosen))}. Taking the highest is better in {sum(map(_better, high_chosen))} of "
        f"{len(high_chosen)} and worse in {sum(map(_worse, high_chosen))}."
    )


def what_it_means(source: Source, parts: Orders) -> Markdown:
    """Say what the composition of the orders means for the claims about the whole network."""
    lines = [_of_l2(parts), _of_dropout(parts), _of_selectivity(parts), _of_first_layer(source)]
    if source.has(_DROPOUT[0]):
        lines += [_of_second_layer(source, parts), _of_paradox(source, parts)]
    return Markdown("\n".join(f"- {line}" for line in lines if line))


def _lowest_first(parts: Orders, names: Sequence[str]) -> list[Emptied]:
    keys = [(name, measure, DIRECTIONS[0]) for name in names for measure in _INFORMATION]
    return [parts[key] for key in keys if key in parts]


def _of_l2(parts: Orders) -> str:
    some = _lowest_first(parts, _L2)
    if not some:
        return ""
    opposite = sum(_worse(one.at_random) and _better(one.chosen) for one in some)
    effects = "two effects that oppose each other" if 2 * opposite > len(some) else "seldom two opposite effects"
    return (
        f"**N1, Q13** (ReLU with L2: lowest entropy or mutual information first is similar to random). What may look "
        f"like no effect is {effects}. Emptying one layer at random costs accuracy, and its lowest neurons cost less "
        f"than its random ones. Both hold beyond their intervals in {opposite} of {len(some)} orders."
    )


def _of_dropout(parts: Orders) -> str:
    relu = _lowest_first(parts, _DROPOUT)
    if not relu:
        return ""
    some = [one for one in relu if _worse(one.gap)]
    names = dict.fromkeys(name for name, *_ in parts if "sigmoid" in name)
    sigmoid = [one for one in _lowest_first(parts, list(names)) if _worse(one.gap)]
    explained = sum(map(_explains, sigmoid))
    told = (
        f"**N2, Q14, Q18** (with Dropout or sigmoid, lowest first is worse than random). We look at the orders by "
        f"entropy or mutual information that are worse than random. Emptying one layer at random makes up at least "
        f"half of their gap in {sum(map(_explains, some))} of {len(some)} orders of ReLU networks with Dropout, and in "
        f"{explained} of {len(sigmoid)} orders of sigmoid networks."
    )
    if explained < len(sigmoid):
        told += " In the other orders it matters which neurons go, or what is gone elsewhere."
    if ("mnist-relu-dropout", "entropy", "low") in parts:
        n2 = parts["mnist-relu-dropout", "entropy", "low"]
        told += (
            f" For N2, the gap is {with_interval(n2.gap)} points. Emptying layer {n2.layer} at random gives "
            f"{with_interval(n2.at_random)} of them, and taking its lowest neurons {with_interval(n2.chosen)} "
            f"(n = {len(n2.gap)})."
        )
    return told


def _of_selectivity(parts: Orders) -> str:
    low, high = (
        [parts[key].gap for key in parts if "relu" in key[0] and key[1:] == ("kl_selectivity", way)]
        for way in DIRECTIONS
    )
    if not high:
        return ""
    worse = sum(map(_worse, high))
    conclusion = (
        "So the two orders differ, as they would if the most selective neurons mattered more."
        if worse > sum(map(_worse, low))
        else "So neither order speaks for a relation."
    )
    return (
        f"**N3, Q15** (KL selectivity is largely uncorrelated with importance). Without {ABLATED['kl_selectivity']} "
        f"neurons, lowest first is worse than random in {sum(map(_worse, low))} and better in "
        f"{sum(map(_better, low))} of {len(low)} ReLU settings. Highest first is worse in {worse}. {conclusion}"
    )


def _of_first_layer(source: Source) -> str:
    order = {"order": "mutual_information low", "step": 100, "layer": "1"}
    shown = [
        f"{with_interval(100 * layer_shares(source(name)).sel(order).values, plus=False)} % in {name} "
        f"(n = {source(name).attrs['networks']})"
        for name in (*_DROPOUT, *_L2)
        if source.has(name)
    ]
    if not shown:
        return ""
    return (
        f"**Q16, Q17** (the neurons of lowest mutual information are in layer 1). Layer 1 holds this share of the 100 "
        f"lowest: {', '.join(shown)}. Layer 2 holds the same share of the 100 highest, so either direction spares one "
        "layer and empties the other."
    )


def _of_second_layer(source: Source, parts: Orders) -> str:
    name = _DROPOUT[0]
    second = parts[name, "mutual_information", "high"]
    lost = -random_change(source(name), "2", 80)
    return (
        f"**Q19** (layer 2 is redundant rather than inactive). This holds up to a point. Without 80 random neurons of "
        f"layer 2, a network of {name} loses {with_interval(lost, plus=False)} points. Highest mutual information "
        f"first, over the whole network, takes {_gone(second)}. As many random neurons of that layer give a gap of "
        f"{with_interval(second.at_random)} points to {ABLATED['mutual_information']} random neurons of both layers "
        f"(n = {len(lost)})."
    )


def _of_paradox(source: Source, parts: Orders) -> str:
    name, measure = _DROPOUT[0], _INFORMATION[1]
    low, high = (parts[name, measure, way].gap for way in DIRECTIONS)
    better, worse = (
        sum(is_so(gap(source(name), layer, measure, way)) for layer in ("1", "2"))
        for way, is_so in zip(DIRECTIONS, (_better, _worse), strict=True)
    )
    pooled = (
        "Highest first is better, so the relation is reversed indeed."
        if _better(high)
        else "Highest first is not better: pooling reverses one curve, not the relation."
    )
    return (
        f"**Q49** (Simpson's paradox: over the whole network, importance falls with mutual information). In {name}, "
        f"within a layer and over the curve, lowest first is better than random in {better} of 2 layers, and highest "
        f"first is worse in {worse} of 2. Over the whole network, without {ABLATED[measure]} neurons, the gap is "
        f"{with_interval(low)} points lowest first and {with_interval(high)} points highest first (n = {len(low)}). "
        f"If importance fell with mutual information there, highest first would be better than random. {pooled}"
    )


def _gone(one: Emptied) -> str:
    return f"{rounded(100 * float(one.gone.mean()), '.0f')} % of layer {one.layer}"


def _n(one: Emptied) -> str:
    return f"n = {len(one.gap)}".replace(" ", NO_BREAK)


def _gone_of(one: Emptied) -> str:
    return f"{rounded(100 * float(one.gone.mean()), '.0f')} %<br>layer{NO_BREAK}{one.layer}"


def _worse(values: Float[ndarray, " network"]) -> bool:
    return bootstrap_interval(values)[1] < 0


def _better(values: Float[ndarray, " network"]) -> bool:
    return bootstrap_interval(values)[0] > 0


def _explains(one: Emptied) -> bool:
    # At least half of a gap that is negative.
    return bool(np.mean(one.at_random) <= np.mean(one.gap) / 2 < 0)
