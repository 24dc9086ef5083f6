"""Tables and sentences on always-on neurons: few as they are, some layers cannot do without them."""

from collections.abc import Sequence

import numpy as np
from IPython.display import Markdown
from jaxtyping import Bool, Float
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.reproduction.analysis.always_on import WithoutEntropy, without_entropy
from neuronlib.reproduction.analysis.effects import HARMLESS
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.tables.numbers import rounded, signed, with_interval
from neuronlib.reproduction.pages.tables.tables import table

ENOUGH = 5
"""Of fewer networks than these, no interval is given."""
_MANY = 3


def always_on_table(source: Source, names: Sequence[str], layer: str) -> Markdown:
    """Tabulate what the neurons without entropy cost, by how many of a network's are always on.

    Returns:
        A row for each setting and number of always-on neurons, in percentage points: means over networks, from five
        networks on with 95 % intervals.
    """
    rows = []
    for name in names:
        if not source.has(name):
            continue
        found = without_entropy(source(name), layer)
        for count in range(_MANY + 1):
            these = found.always_on == count if count < _MANY else found.always_on >= count
            if these.any():
                rows.append([name, f"{count}{' or more' * (count == _MANY)}", *_row(found, these)])
    heads = ["without entropy (ablated)", "lost", "lost with an always-on neuron", "lost at random"]
    return table(["setting", "always-on neurons", "networks", *heads], rows)


def _row(found: WithoutEntropy, these: Bool[ndarray, " network"]) -> list[object]:
    constant, ablated = (rounded(float(of[these].mean()), ".1f") for of in (found.constant, found.ablated))
    points = (found.lost, found.lost_with_always_on, found.lost_at_random)
    return [int(these.sum()), f"{constant} ({ablated})", *(_mean(of[these]) for of in points)]


def _mean(values: Float[ndarray, " network"]) -> str:
    return with_interval(values, plus=False) if len(values) >= ENOUGH else signed(float(values.mean()), plus=False)


def always_on_told(source: Source, name: str, layer: str) -> Markdown:
    """Say what of the paper's conclusion on always-on neurons holds in a layer of a setting."""
    if not source.has(name):
        return Markdown(f"{name} is not computed yet.")
    found = without_entropy(source(name), layer)
    with_one = found.always_on > 0
    share = 100 * found.always_on.sum() / max(1, found.constant.sum())
    lost, at_step = found.lost[with_one], found.lost_with_always_on[with_one]
    told = (
        f"In layer {layer} of {name}, {rounded(float(share), '.2f')} % of the neurons without entropy are always on; "
        f"all others are dead (n = {len(with_one)} networks)."
    )
    if share < 50:
        told += " So the zero-entropy neurons are dead, not always on: as it is stated, Q42 does not hold."
    if not with_one.any():
        return Markdown(f"{told} No network has an always-on neuron there.")
    told += (
        f"\n\n{with_one.sum()} networks have at least one that is always on, at most {found.always_on.max()}. With "
        f"their neurons without entropy gone, they lose {_mean(lost)} points, {_mean(at_step)} of these in the steps "
        f"of the curve in which an always-on neuron goes."
    )
    if not with_one.all():
        others = found.lost[~with_one]
        few = f", too few for an interval (n = {len(others)})" if len(others) < ENOUGH else f" (n = {len(others)})"
        told += f" The networks without one lose {_mean(others)} points{few}."
    carried = np.mean(at_step) > np.mean(lost) / 2 and bootstrap_interval(lost)[0] > HARMLESS
    told += (
        " So the mechanism that the paper names is there all the same, and it takes no layer full of such neurons: one "
        "whose bit never varies is enough."
        if carried and share < 50
        else ""
    )
    return Markdown(told)
