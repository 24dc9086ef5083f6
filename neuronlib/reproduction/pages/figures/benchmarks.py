"""Figures of the performance chapter."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_STACKED = (*_COLOURS, "#E69F00", "#999999")
_HATCHES = ("", "//", "", "\\\\", "", "")
_MARKERS = ("o", "s", "^", "D")


def contest(axes: Axes, seconds: Mapping[str, Sequence[float]], limit: float | None = None) -> Axes:
    """Draw contestants' times in ms, one row each, median and range; fill names that start with "core"."""
    for row, (name, times) in enumerate(seconds.items()):
        low, middle, high = 1e3 * np.quantile(times, [0, 0.5, 1])
        ours = name.startswith("core")
        axes.plot([low, high], [row, row], color=_COLOURS[0 if ours else 1], lw=2)
        axes.plot(
            middle,
            row,
            marker=_MARKERS[0 if ours else 1],
            color=_COLOURS[0 if ours else 1],
            markerfacecolor=None if ours else "white",
        )
    if limit is not None:
        axes.axvline(1e3 * limit, color="#404040", linestyle="dotted", label="roofline")
        axes.legend(loc="best")
    axes.set(xscale="log", xlabel="milliseconds", yticks=range(len(seconds)), yticklabels=list(seconds))
    # Axes that share their rows would turn each other back if each inverted them.
    axes.yaxis.set_inverted(True)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    return axes


def growth(axes: Axes, sizes: Sequence[float], amounts: Mapping[str, Sequence[float]]) -> Axes:
    """Draw amounts against a size on logarithmic scales, each with a dotted line of proportional growth."""
    for (name, values), colour, marker in zip(amounts.items(), _COLOURS, _MARKERS, strict=False):
        axes.plot(sizes, values, color=colour, marker=marker, markersize=4, lw=1.2, label=name)
        proportional = values[-1] * np.array(sizes) / sizes[-1]
        axes.plot(sizes, proportional, color=colour, lw=0.8, linestyle="dotted")
    axes.plot([], [], color="#404040", lw=0.8, linestyle="dotted", label="in proportion")
    axes.set(xscale="log", yscale="log")
    axes.legend()
    return axes


def stacked_parts(axes: Axes, parts: Mapping[str, Mapping[str, float]]) -> Axes:
    """Draw one bar of milliseconds for each name, made of its parts; a part below zero has no length."""
    names = list(parts)
    left = np.zeros(len(names))
    for part, colour, hatch in zip(parts[names[0]], _STACKED, _HATCHES, strict=False):
        widths = np.array([max(0.0, 1e3 * parts[name][part]) for name in names])
        axes.barh(names, widths, left=left, color=colour, hatch=hatch, edgecolor="white", lw=0.5, label=part)
        left += widths
    axes.set(xlabel="milliseconds")
    axes.set_axisbelow(True)
    axes.yaxis.set_inverted(True)
    return axes
