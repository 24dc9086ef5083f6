"""Dead and always-on neurons under several choices side by side."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuronlib.common.scopes import scope_name
from neuronlib.plots.curves import LAYER_STYLES
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.figures.grids import label_bottom, small_panels, trim
from neuronlib.reproduction.pages.figures.panels import legend_below, panel


def constant_neurons(sources: Mapping[str, Source], names: Sequence[str]) -> Figure:
    """Draw dead and always-on neurons of each layer after each epoch of training, under each choice.

    Args:
        sources: Results under each choice: the columns.
        names: Settings: the rows. Settings without these counts, or with all of them zero, under any choice are
            skipped.

    Returns:
        Panels in percent of a layer's neurons, means over the networks that have these counts.
    """
    counted = [name for name in names if any(_constant(source, name) for source in sources.values())]
    figure, grid = small_panels(len(counted), len(sources), 1.9 * len(counted) + 0.6)
    for row, name in zip(grid, counted, strict=True):
        for axes, (choice, source) in zip(row, sources.items(), strict=True):
            panel(axes, source, name, f"{name}, {choice}", functools.partial(_draw_constant, axes))
            trim(axes, axes is row[0], "neurons (%)")
            axes.set_ylim(-4, 104)
    label_bottom(grid, "epoch")
    legend_below(figure)
    return figure


def _constant(source: Source, name: str) -> bool:
    # Less than a hundredth of a layer would be a line at zero.
    if not source.has(name) or "dead" not in source(name)["history"]:
        return False
    history, widths = source(name)["history"], np.unique(source(name)["measures"].layer, return_counts=True)[1]
    return any(bool((history[what].mean("network") >= widths.min() / 100).any()) for what in ("dead", "always_on"))


def _draw_constant(axes: Axes, results: xr.DataTree) -> int:
    # Networks stored before these counts existed lack them.
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
