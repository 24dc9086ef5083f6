"""How many claims have each verdict, against the margin below which a difference does not count."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuronlib.plots.curves import subplots
from neuronlib.reproduction.pages.tables.claims import AS_MEANT, ESTABLISHED, FOUND, LEAST, MARKS, MOST, Counts

# From what favours the paper to what contradicts it; open claims are grey.
_COLOURS = {
    "reproduced": "#0072B2",
    "established": "#0072B2",
    "direction only": "#9ecae1",
    "small": "#9ecae1",
    "cannot tell": "#f0e0a0",
    "open": "#c8c8c8",
    "not reproduced": "#D55E00",
    "refuted": "#D55E00",
}
_DARK = ("reproduced", "established", "not reproduced", "refuted")


def score_against_margin(counts: Mapping[float, Counts]) -> Figure:
    """Draw what `counts_by_margin` returns: a bar for each margin and reading, a panel for each kind of verdict.

    Returns:
        Two panels, in numbers of claims, each with its own legend below.
    """
    figure, row = subplots(1, 2, figsize=(9, 3.6), sharey=True)
    bars = {(margin, how): of_reading for margin, some in counts.items() for how, of_reading in some.items()}
    _stacked(row[0], [meant for meant, _ in bars.values()], MARKS, AS_MEANT)
    _stacked(row[1], [found for _, found in bars.values()], FOUND, ESTABLISHED)
    row[0].set_yticks(range(len(bars)), [f"{margin:g} points, {_SHORT[how]}" for margin, how in bars], fontsize=8)
    row[0].set_ylim(len(bars) - 0.5, -0.5)
    return figure


def _stacked(axes: Axes, counts: Sequence[Mapping[Any, int]], signs: Mapping[Any, str], title: str) -> None:
    left = [0] * len(counts)
    for name, sign in signs.items():
        lengths = [of_bar[name] for of_bar in counts]
        drawn = axes.barh(range(len(counts)), lengths, left=left, color=_COLOURS[name], label=f"{sign} {name}")
        ink = "white" if name in _DARK else "black"
        axes.bar_label(drawn, [str(one or "") for one in lengths], label_type="center", fontsize=8, color=ink)
        left = [sum(pair) for pair in zip(left, lengths, strict=True)]
    axes.set(title=title, xlabel="claims")
    axes.grid(visible=False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, fontsize=8, frameon=False)


_SHORT = {MOST: "most in favour", LEAST: "least in favour"}
