"""The figure of the chapter on other widths, regularizers, optimizers and architectures."""

from collections.abc import Mapping

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuronlib.ablation.significance import student_interval
from neuronlib.common.choices import DIRECTIONS
from neuronlib.plots.curves import subplots
from neuronlib.reproduction.analysis.elsewhere import EFFECTS, VARIANTS

_WAYS = {"low": ("#0072B2", "o"), "high": ("#D55E00", "s")}


def effects_elsewhere(studies: Mapping[str, xr.DataTree]) -> Figure:
    """Draw both effects of mutual information, a row for each kind of network and a panel for each effect.

    Args:
        studies: What `elsewhere_studies` returns.

    Returns:
        Means over networks in percentage points, with Student's 95 % intervals; filled for MNIST, hollow for others.
    """
    keys = [(one.attrs["activation"] == "sigmoid", one.attrs["variant"]) for one in studies.values()]
    rows = sorted(dict.fromkeys(keys), key=lambda key: (key[0], list(VARIANTS).index(key[1])))
    figure, panels = subplots(1, len(EFFECTS), figsize=(9, 0.36 * len(rows) + 1.6), sharey=True)
    for axes, (name, effect) in zip(panels, EFFECTS.items(), strict=True):
        for results, key in zip(studies.values(), keys, strict=True):
            first = results.attrs["images"].startswith(("MNIST", "mnist"))
            height = rows.index(key) + (-0.17 if first else 0.17)
            for way in DIRECTIONS:
                values = effect(results, "mutual_information", way)
                colour, marker = _WAYS[way]
                axes.plot(student_interval(values), [height] * 2, color=colour, lw=1.3)
                axes.plot(values.mean(), height, marker, color=colour, ms=4.5, mfc=colour if first else "white")
        axes.axvline(0, color="#404040", lw=0.8)
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("ordered less random (points)", fontsize=9)
        _separate_groups(axes, rows)
    labels = [f"{VARIANTS[variant][1]}{', sigmoid' if sigmoid else ''}" for sigmoid, variant in rows]
    panels[0].set_yticks(range(len(rows)), labels, fontsize=8)
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    for way in DIRECTIONS:
        colour, marker = _WAYS[way]
        panels[0].plot([], [], marker, color=colour, label=f"{way}est first")
    panels[0].plot([], [], "o", color="#404040", label="MNIST")
    panels[0].plot([], [], "o", color="#404040", mfc="white", label="Fashion-MNIST or CIFAR-10")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
    return figure


def _separate_groups(axes: Axes, rows: list[tuple[bool, str]]) -> None:
    groups = [(sigmoid, VARIANTS[variant][0]) for sigmoid, variant in rows]
    for place in range(1, len(rows)):
        if groups[place] != groups[place - 1]:
            axes.axhline(place - 0.5, color="#b0b0b0", lw=0.6)
