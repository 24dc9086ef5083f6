"""From which layer the neurons come that one order over the whole network ablates."""

import functools
from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuronlib.common.choices import DIRECTIONS, MEASURES, Measure
from neuronlib.plots.curves import COLOURS, DASHES, NAMES
from neuronlib.reproduction.analysis.composition import layer_shares
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.figures.grids import small_panels, trim
from neuronlib.reproduction.pages.figures.panels import panel, say_networks

_SHARES: tuple[str, ...] = (*DIRECTIONS, "random")


def composition(source: Source, names: Sequence[str]) -> Figure:
    """Draw the share of the first layer among the first neurons that one order over the whole network ablates.

    Args:
        source: Origin of the results.
        names: Settings: the columns.

    Returns:
        Small panels, a row for each measure: means over networks, bands one standard deviation.
    """
    figure, grid = small_panels(len(MEASURES), len(names), 5.6)
    for row, measure in zip(grid, MEASURES, strict=True):
        for axes, name in zip(row, names, strict=True):
            first, _, regularizer = name.rpartition("-")
            title = f"{first}\n{regularizer}"
            panel(axes, source, name, title, functools.partial(_draw_shares, axes, measure=measure))
            trim(axes, axes is row[0], f"{NAMES[measure]}:\nin layer 1 (%)")
            axes.set_ylim(-4, 104)
    for axes in grid[1:].flat:
        axes.set_title("")  # as that of the panel above
    for axes in grid[-1]:
        axes.set_xlabel("ablated neurons", fontsize=8)
    say_networks(figure, [source(name).attrs["networks"] for name in names if source.has(name)])
    lines = [line for axes in grid[:, :1].flat for line in axes.lines]
    legend = {str(line.get_label()): line for line in lines}
    figure.legend(legend.values(), legend, loc="outside lower center", ncols=3, fontsize=8)
    return figure


def _draw_shares(axes: Axes, results: xr.DataTree, measure: Measure) -> int:
    first = 100 * layer_shares(results).isel(layer=0)
    for way in _SHARES:
        chosen = (first.direction == way) & ((first.measure == measure) | (way == "random"))
        of_network = first.isel(order=np.flatnonzero(chosen)).mean("order")
        mean, deviation = of_network.mean("network"), of_network.std("network")
        colour = COLOURS["random" if way == "random" else measure]
        label = way if way == "random" else f"{NAMES[measure]}, {way}est first"
        axes.plot(mean.step, mean, color=colour, linestyle=DASHES[way], lw=1.4, label=label)
        axes.fill_between(mean.step, mean - deviation, mean + deviation, color=colour, alpha=0.15, lw=0)
    axes.set_xlim(0, int(first.step[-1]))
    return results.attrs["networks"]
