"""Figures of the chapter on groups: parts of a pair's information against depth, and O-information of triplets."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.plots.curves import LAYER_STYLES, subplots
from neuronlib.reproduction.pages.figures.grids import small_panels

PARTS = {
    "redundancy": "R, redundant (BROJA)",
    "redundancy (Williams, Beer)": "R, redundant (Williams, Beer)",
    "unique": "U, unique of one neuron",
    "synergy": "S, synergistic",
}
"""Parts of a pair's information, and their titles."""
REGULARIZERS = {"none": "no regularizer", "l2": "L2", "dropout": "Dropout"}
"""Regularizers in words."""
_LOOKS = {"mnist": ("#0072B2", "o"), "fashion": ("#E69F00", "s"), "small-fashion": ("#009E73", "^")}
_DASHES = {"relu": "solid", "sigmoid": "dashed"}


def parts_by_depth(stored: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the parts of a pair's information against depth, a line for each setting.

    Args:
        stored: What `of_layers` returns, by name of the setting.

    Returns:
        A panel for each part, in bits: means over networks with 95 % intervals.
    """
    if not stored:
        return small_panels(0, 0, 0)[0]
    figure, grid = subplots(2, 2, figsize=(7.6, 6.4), sharex=True)
    for axes, (part, title) in zip(grid.flat, PARTS.items(), strict=True):
        for name, groups in stored.items():
            data, activation, _ = _parsed(name)
            colour, marker = _LOOKS[data]
            values = groups.pairs.sel(part=part).transpose("layer", "network").values
            depth = np.arange(1, len(values) + 1)
            axes.plot(depth, values.mean(axis=1), color=colour, marker=marker, ms=4, lw=1, ls=_DASHES[activation])
            for place, of_layer in zip(depth, values, strict=True):
                axes.plot([place, place], bootstrap_interval(of_layer), color=colour, lw=2)
        axes.set_title(title, fontsize=9)
        axes.set(ylim=(0, None), xlim=(0.8, 2.2), xticks=(1, 2), ylabel="bits")
    for axes in grid[1]:
        axes.set_xlabel("layer")
    handles = [Line2D([], [], color=colour, marker=marker, label=data) for data, (colour, marker) in _LOOKS.items()]
    handles += [Line2D([], [], color="#404040", ls=dash, label=activation) for activation, dash in _DASHES.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=5, fontsize=9)
    return figure


def _parsed(name: str) -> tuple[str, str, str]:
    for activation in _DASHES:
        data, found, regularizer = name.partition(f"-{activation}-")
        if found:
            return data, activation, regularizer
    raise ValueError(f"{name}: expected the name of a setting with relu or sigmoid neurons")


def triplet_histograms(triplets: Mapping[tuple[str, str], Float[ndarray, " triplet"]]) -> Figure:
    """Draw histograms of the triplets' O-information, a panel for each regularizer and an outline for each layer.

    Args:
        triplets: O-information in bits, by regularizer and layer.

    Returns:
        The figure, with a logarithmic scale of shares in percent.
    """
    names = list(dict.fromkeys(name for name, _ in triplets))
    figure, grid = subplots(1, len(names), figsize=(8.6, 3), sharey=True, sharex=True)
    edges = np.histogram_bin_edges(np.concatenate(list(triplets.values())), 80)
    for axes, name in zip(grid, names, strict=True):
        for layer, (colour, _), dash in zip("12", LAYER_STYLES, ("solid", "dashed"), strict=False):
            of_layer = triplets[name, layer]
            shares = 100 * np.histogram(of_layer, edges)[0] / len(of_layer)
            axes.stairs(shares, edges, color=colour, linestyle=dash, lw=1.4, label=f"layer {layer}")
        axes.axvline(0, color="#404040", lw=0.8)
        axes.set(title=REGULARIZERS.get(name, name), xlabel="O-information (bits)", yscale="log")
    grid[0].set_ylabel("triplets (%)")
    grid[0].legend()
    return figure
