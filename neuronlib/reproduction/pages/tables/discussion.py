"""Sentences of the discussion: Simpson's paradox among rank correlations, and ablation to the mean or to zero."""

from collections.abc import Mapping, Sequence

from IPython.display import Markdown
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.reproduction.claims.verdicts import FEWEST, MARGIN
from neuronlib.reproduction.pages.tables.numbers import with_interval
from neuronlib.reproduction.pages.tables.tables import in_rows, table

PARADOX = "◆"
"""Marks a setting with Simpson's paradox, in the figure and in the table."""

Rows = Mapping[str, Mapping[str, Float[ndarray, " network"]]]
"""By setting, one number for each network of each layer and, last, of both layers pooled."""


def with_paradox(correlations: Rows) -> list[str]:
    """List the settings whose correlation is positive within every layer and negative pooled: Simpson's paradox.

    Returns:
        Their names. A sign counts if the 95 % interval over at least five networks leaves out zero.
    """
    paradox = []
    for name, row in correlations.items():
        *layers, pooled = row.values()
        enough = min(map(len, row.values())) >= FEWEST
        if enough and _sure_sign(pooled) < 0 < min(map(_sure_sign, layers)):
            paradox.append(name)
    return paradox


def mark_paradox(correlations: Rows) -> Rows:
    """Put `PARADOX` before the name of each setting with Simpson's paradox."""
    paradox = with_paradox(correlations)
    return {f"{PARADOX} {name}" if name in paradox else name: row for name, row in correlations.items()}


def simpsons_paradox(correlations: Rows) -> Markdown:
    """Say in how many settings there is Simpson's paradox, and in how many layers a correlation is negative.

    Args:
        correlations: By setting: of each layer and, last, of all neurons pooled.

    Returns:
        Sentences that name the settings with the paradox.

    Example:
        >>> import numpy as np
        >>> row = {"layer 1": np.full(5, 0.4), "layer 2": np.full(5, 0.2), "pooled": np.full(5, -0.1)}
        >>> print(simpsons_paradox({"a setting": row}).data.partition(". ")[0])
        The correlation is positive within every layer and negative pooled in 1 of 1 settings: a setting
    """
    known = {name: row for name, row in correlations.items() if min(map(len, row.values())) >= FEWEST}
    layers = {(name, layer): values for name, row in known.items() for layer, values in list(row.items())[:-1]}
    negative = [name for (name, _), values in layers.items() if _sure_sign(values) < 0]
    paradox = with_paradox(correlations)
    return Markdown(
        f"The correlation is positive within every layer and negative pooled in {len(paradox)} of {len(known)} "
        f"settings{_listed(paradox)}. Within a layer it is negative in {len(negative)} of {len(layers)} cases, "
        f"{sum('relu' in name.lower() for name in negative)} of them with ReLU."
    )


def correlation_table(correlations: Rows) -> Markdown:
    """Tabulate rank correlations with their intervals, a row for each setting."""
    scopes = next(iter(correlations.values()), {})
    return table(["setting (networks)", *scopes], in_rows(correlations, digits=2))


def mean_or_zero(differences: Rows) -> Markdown:
    """Say where ablation to the mean is less harmful than to zero, where more, and by how much at most.

    Args:
        differences: By setting and layer, the accuracy to the mean less that to zero, in percentage points.

    Returns:
        Sentences; a sign counts if the 95 % interval leaves out zero.
    """
    places = _places(differences)
    if not places:
        return Markdown("Not computed yet.")
    signs = [_sure_sign(values) for values in places.values()]
    least, most = (find(places, key=lambda place: float(places[place].mean())) for find in (min, max))
    slight = all(abs(float(places[place].mean())) < MARGIN for place in (least, most))
    conclusion = "fits these numbers" if slight else f"does not fit, if slight means below {MARGIN:g} points"
    return Markdown(
        f"Ablation to the mean is less harmful than to zero in {signs.count(1)} of {len(signs)} cases, and more "
        f"harmful in {signs.count(-1)} (95 % interval on one side of zero). The largest gain is {_at(places, most)}. "
        f"The largest loss is {_at(places, least)}. So the paper's word “slightly” (Q11) {conclusion}."
    )


def mean_with_dropout(differences: Rows) -> str:
    """Say how often, and by how much at most, the mean is more harmful with Dropout and without normalization."""
    places = {
        place: values
        for place, values in _places(differences).items()
        if place[0].partition(" ")[0].endswith("-dropout")
    }
    if not places:
        return "No networks with Dropout are computed yet."
    worst = min(places, key=lambda place: float(places[place].mean()))
    worse = sum(_sure_sign(values) < 0 for values in places.values())
    return (
        f"With Dropout and without batch normalization, ablation to the mean is more harmful than to zero in {worse} "
        f"of {len(places)} cases. The most extreme difference is {_at(places, worst)}."
    )


def _places(differences: Rows) -> dict[tuple[str, str], Float[ndarray, " network"]]:
    return {(name, scope): values for name, row in differences.items() for scope, values in row.items()}


def _at(places: Mapping[tuple[str, str], Float[ndarray, " network"]], place: tuple[str, str]) -> str:
    name, scope = place
    where = "both layers" if scope == "pooled" else scope
    return f"{with_interval(places[place])} points, in {where} of {name.partition(' ')[0]} (n = {len(places[place])})"


def _listed(names: Sequence[str]) -> str:
    return f": {'; '.join(names)}" if names else ""


def _sure_sign(values: Float[ndarray, " network"]) -> int:
    low, high = bootstrap_interval(values)
    return int(low > 0) - int(high < 0)
