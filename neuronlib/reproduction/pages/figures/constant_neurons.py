"""Neurons that are never active, or always, under several choices side by side."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from IPython.display import Markdown
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuronlib.common.types import scope_name
from neuronlib.plots.curves import LAYER_STYLES
from neuronlib.reproduction.analysis.neurons import activity
from neuronlib.reproduction.compute.sources import Archive
from neuronlib.reproduction.pages.figures.grids import small_panels, trim
from neuronlib.reproduction.pages.figures.panels import legend_below, panel
from neuronlib.reproduction.pages.tables.tables import table


def constant_neurons(archives: Mapping[str, Archive], names: Sequence[str]) -> Figure:
    """Dead and always-on neurons of each layer after each epoch of training, under each choice.

    Args:
        archives: Results under each choice: the columns.
        names: Settings: the rows.

    Returns:
        Panels of percentages of a layer's neurons, means over those networks of which this has been counted; settings
        of which it has not under any choice are left out.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredArchive
        >>> figure = constant_neurons({"unit": StoredArchive(Path("nowhere"))}, ["mnist-relu-l2"])
        >>> figure.axes[0].texts[0].get_text()
        'none of them is computed yet'
    """
    counted = [name for name in names if any(_counts(archive, name) for archive in archives.values())]
    figure, grid = small_panels(len(counted), len(archives), 1.9 * len(counted) + 0.6)
    for row, name in zip(grid, counted, strict=True):
        for axes, (choice, archive) in zip(row, archives.items(), strict=True):
            panel(axes, archive, name, f"{name}, {choice}", functools.partial(_draw_constant, axes))
            trim(axes, axes is row[0], "neurons (%)")
            axes.set_ylim(-4, 104)
    legend_below(figure)
    return figure


def _counts(archive: Archive, name: str) -> bool:
    return archive.has(name) and "dead" in archive(name)["history"]


def _draw_constant(axes: Axes, results: xr.DataTree) -> int:
    # Networks stored before this was counted have none of it.
    history, layers = results["history"], results["measures"].layer
    if "dead" not in history:
        return 0
    counted = history.to_dataset()[["dead", "always_on"]].dropna("network")
    for (colour, _), layer in zip(LAYER_STYLES, counted.layer.values, strict=False):
        width = int((layers == layer).sum())
        for what, dash in (("dead", "solid"), ("always_on", "dashed")):
            share = 100 * counted[what].sel(layer=layer).mean("network") / width
            label = f"{what.replace('_', ' ')}, {scope_name(layer)}"
            axes.plot(share.epoch, share, color=colour, linestyle=dash, lw=1.4, label=label)
    return counted.sizes["network"]


def constant_shares(archives: Mapping[str, Archive], names: Sequence[str]) -> Markdown:
    """Dead and always-on neurons once training is over.

    Args:
        archives: Results under each choice.
        names: Settings.

    Returns:
        A table with percentages of each layer's neurons, means over networks; settings without results are left out.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredArchive
        >>> print(constant_shares({"unit": StoredArchive(Path("nowhere"))}, ["mnist-relu-l2"]).data.splitlines()[0])
        | setting | layer | unit: dead, always on (%) |
    """
    rows = []
    for name in names:
        there = {choice: archive(name) for choice, archive in archives.items() if archive.has(name)}
        layers = np.unique(next(iter(there.values()))["measures"].layer).tolist() if there else []
        for layer in layers:
            rows.append([name, layer, *(_shares(there[one], layer) if one in there else "" for one in archives)])
    return table(["setting", "layer", *(f"{choice}: dead, always on (%)" for choice in archives)], rows)


def _shares(results: xr.DataTree, layer: str) -> str:
    active = activity(results, layer)
    return f"{100 * float((active == 0).mean()):.1f}, {100 * float((active == 1).mean()):.1f}"
