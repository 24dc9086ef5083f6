"""The paper's numbers beside ours: as a forest plot, and under each choice that the paper leaves open."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from neuronlib.reproduction.claims.claims import answers
from neuronlib.reproduction.claims.multiverse import EPOCHS, OURS, Compared
from neuronlib.reproduction.claims.table import Claim, all_claims
from neuronlib.reproduction.claims.verdicts import Answer
from neuronlib.reproduction.claims.words import number_in_short
from neuronlib.reproduction.compute.sources import Source

_PAPER, _INSIDE, _OUTSIDE = "#404040", "#0072B2", "#D55E00"
_OF_SCALING = {"standard": "#0072B2", "symmetric": "#E69F00", "unit": "#009E73"}
_OF_EPOCHS = dict(zip(EPOCHS, ("v", "o", "^"), strict=True))


def numbers_of() -> list[str]:
    """List the claims that are numbers."""
    return [claim.id for claim in all_claims() if claim.kind == "number"]


def forest(source: Source) -> Figure:
    """Draw the paper's numbers, where a replication would find them, and what ours are, a row for each reading.

    Grey is the paper's number with the 95 % prediction interval of a replication; a coloured point is ours with its
    95 % interval: blue inside the prediction interval, orange outside.

    Returns:
        The figure.
    """
    import matplotlib.pyplot as plt

    rows = list(answers(source, numbers_of()))
    figure, axes = plt.subplots(figsize=(7.2, 0.42 * len(rows) + 1.1))
    for place, (claim, _, answer) in enumerate(rows):
        _row(axes, place, claim, answer)
    axes.axvline(0, color="#b0b0b0", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [_label(claim, reading, answer) for claim, reading, answer in rows], fontsize=7)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel("difference of test accuracy in points; negative is worse")
    for label, style in {
        "paper, and where a replication falls in 95 % of cases": {"color": _PAPER, "marker": "|"},
        "ours, inside that interval": {"color": _INSIDE, "marker": "o"},
        "ours, outside": {"color": _OUTSIDE, "marker": "s"},
    }.items():
        axes.plot([], [], label=label, **style)  # type: ignore[arg-type]
    figure.legend(loc="outside lower center", ncols=1, fontsize=9)
    return figure


def _row(axes: Axes, place: int, claim: Claim, answer: Answer) -> None:
    paper = float(claim.paper)
    axes.plot(answer.predicted, (place - 0.16,) * 2, color=_PAPER, linewidth=5, alpha=0.35, solid_capstyle="butt")
    axes.plot(paper, place - 0.16, "|", color=_PAPER, markersize=9, markeredgewidth=2)
    if np.isnan(answer.ours):
        return
    inside = answer.predicted[0] <= answer.ours <= answer.predicted[1]
    colour, marker = (_INSIDE, "o") if inside else (_OUTSIDE, "s")
    axes.plot((answer.low, answer.high), (place + 0.16,) * 2, color=colour, linewidth=1.6)
    axes.plot(answer.ours, place + 0.16, marker, color=colour, markersize=5)


def _label(claim: Claim, reading: str, answer: Answer) -> str:
    # Other readings differ by their settings, which are named.
    against = f"\n{reading}" if reading.startswith("against") else ""
    return f"{claim.id}: {answer.setting or 'not computed yet'}\n{number_in_short(claim)}{against}"


def specification_curve(compared: Sequence[Compared]) -> Figure:
    """Draw each number under every choice that the paper leaves open, a panel for each number and reading.

    Returns:
        The figure: the grey line is the paper's number, the band the prediction interval of a replication with as many
        networks as the book's own choice has there; points have 95 % intervals, and a ring marks the book's own choice.
    """
    import matplotlib.pyplot as plt

    shown = [one for one in compared if one.claim.kind == "number"]
    columns = 3
    figure, grid = plt.subplots(
        -(-len(shown) // columns), columns, figsize=(8.6, 1.9 * -(-len(shown) // columns)), squeeze=False
    )
    for axes, one in zip(grid.flat, shown, strict=False):
        _specified(axes, one)
    for axes in grid[:, 0]:
        axes.set_ylabel("points", fontsize=9)
    for axes in grid.flat[len(shown) :]:
        axes.axis("off")
    handles = [Line2D([], [], color=colour, label=scaling) for scaling, colour in _OF_SCALING.items()]
    handles += [
        Line2D([], [], color="#404040", marker=marker, linestyle="none", label=epochs)
        for epochs, marker in _OF_EPOCHS.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9)
    return figure


def _specified(axes: Axes, one: Compared) -> None:
    axes.axhline(float(one.claim.paper), color=_PAPER, linewidth=1)
    ours = one.answers.get(OURS)
    if ours is not None and not np.isnan(ours.predicted[0]):
        axes.axhspan(*ours.predicted, color=_PAPER, alpha=0.15, linewidth=0)
    for place, (choice, answer) in enumerate(one.answers.items()):
        scaling, _, epochs = choice.partition(", ")
        colour = _OF_SCALING[scaling]
        if not np.isnan(answer.ours):
            axes.plot((place, place), (answer.low, answer.high), color=colour, linewidth=1.4)
            axes.plot(place, answer.ours, _OF_EPOCHS[epochs], color=colour, markersize=5)
            if choice == OURS:
                axes.plot(place, answer.ours, "o", color="black", markersize=9, fillstyle="none")
    axes.set_xlim(-0.6, len(one.answers) - 0.4)
    axes.set_xticks([])
    axes.set_title(_label(one.claim, one.reading, ours or Answer(verdict="open", finding="open")), fontsize=6.5)
