"""How many claims have each verdict, against the margin below which a difference does not count."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuronlib.plots.curves import subplots
from neuronlib.reproduction.claims.verdicts import Finding, Verdict
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
    bars = [(margin, how) for margin in counts for how in (MOST, LEAST)]
    panels: list[tuple[Axes, int, dict[str, str]]] = [(row[0], 0, {**MARKS}), (row[1], 1, {**FOUND})]
    for axes, kind, signs in panels:
        left = [0] * len(bars)
        for name, sign in signs.items():
            lengths = [_plain(counts[margin][how])[kind][name] for margin, how in bars]
            drawn = axes.barh(range(len(bars)), lengths, left=left, color=_COLOURS[name], label=f"{sign} {name}")
            ink = "white" if name in _DARK else "black"
            told = [str(length or "") for length in lengths]
            axes.bar_label(drawn, told, label_type="center", fontsize=8, color=ink)
            left = [sum(pair) for pair in zip(left, lengths, strict=True)]
        axes.set_yticks(range(len(bars)), [f"{margin:g} points, {_SHORT[how]}" for margin, how in bars], fontsize=8)
        axes.set(title=(AS_MEANT, ESTABLISHED)[kind], xlabel="claims", ylim=(len(bars) - 0.5, -0.5))
        axes.grid(visible=False)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, fontsize=8, frameon=False)
    return figure


_SHORT = {MOST: "most in favour", LEAST: "least in favour"}


def _plain(both: tuple[dict[Verdict, int], dict[Finding, int]]) -> tuple[dict[str, int], dict[str, int]]:
    return {**both[0]}, {**both[1]}
