"""Figures of the chapter on scale: time against cores, and an hour of work."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from neuronlib.reproduction.analysis.scale import Cost, hours

_COLOURS = ("#0072B2", "#D55E00", "#009E73")
_LINES = ("-", "--", "-.")


def hours_by_cores(axes: Axes, costs: dict[str, Cost], times: Sequence[float], rate: float) -> Axes:
    """Draw how long some multiples of the paper take against the number of cores, and where a scheduler would brake."""
    cores = np.geomspace(1, 1e6, 200)
    for factor, colour, style in zip(times, _COLOURS, _LINES, strict=True):
        label = "the paper" if factor == 1 else f"{factor:g} × the paper"
        axes.plot(cores, hours(costs, factor, cores, rate), color=colour, linestyle=style, label=label)
    # The curves end above an hour.
    for height, words, side in ((1, "an hour", "top"), (24, "a day", "bottom"), (24 * 7, "a week", "bottom")):
        axes.axhline(height, color="#808080", lw=0.6, linestyle="dotted")
        axes.annotate(words, (1e6, height), ha="right", va=side, fontsize="small", color="#404040")
    axes.set(xscale="log", yscale="log", xlabel="cores", ylabel="hours")
    axes.set_ylim(bottom=0.3)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.legend(loc="upper right")
    return axes


def over_an_hour(axes: Sequence[Axes], notes: Mapping[str, Any]) -> None:
    """Draw memory, open files and leftover files against time, in one panel each, from zero."""
    panels = (("megabytes", "memory (MB)"), ("files", "open files"), ("left", "temporary files"))
    for axis, (name, label), colour in zip(axes, panels, _COLOURS, strict=True):
        axis.plot(notes["minute"], notes[name], color=colour)
        axis.set(xlabel="minutes", ylabel=label, ylim=(0, max(3.0, 1.15 * max(notes[name]))))
        axis.yaxis.set_major_locator(MaxNLocator(integer=True))
