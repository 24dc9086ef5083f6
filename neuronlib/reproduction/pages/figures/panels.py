"""Panels of the paper's figures: one setting each, or a note that it has not been computed yet."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neuronlib.common.choices import Measure, Replacement
from neuronlib.common.scopes import scope_name
from neuronlib.plots.curves import COLOURS, LAYER_STYLES, NAMES, plot_curves, subplots
from neuronlib.reproduction.analysis.effects import curves_of
from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.protocol import best_epochs
from neuronlib.reproduction.store.results import NotStored

_DASHES = ("solid", "dashed", "dashdot", "dotted")
"""Line of each hidden layer."""
_SHARES = np.linspace(0, 1, 201)
_REGULARIZERS = {
    "none": ("#404040", "x"),
    "l2": ("#0072B2", "o"),
    "dropout": ("#D55E00", "s"),
    "dropout-batchnorm": ("#009E73", "^"),
}


def curves(
    axes: Axes,
    source: Source,
    name: str,
    scope: str,
    replacement: Replacement = "zero",
    title: str = "",
    points: int | None = None,
) -> Axes:
    """Draw ablation curves of one layer, or of the whole network, as in the paper's Fig. 2 to 5.

    Args:
        axes: Axes to draw on.
        source: Origin of the results.
        name: The setting.
        scope: A layer, such as "1", or "whole".
        replacement: Output of ablated neurons.
        title: Title; the setting and the layer by default.
        points: Number of a curve's points to draw, first and last included; all by default.

    Returns:
        The same axes, in percent.
    """

    def draw(results: xr.DataTree) -> int:
        accuracies = curves_of(results, scope)
        steps = accuracies.sizes["step"]
        if points is not None and points < steps:
            accuracies = accuracies.isel(step=np.linspace(0, steps - 1, points).round().astype(int))
        plot_curves(accuracies, axes)
        return results.attrs["networks"]

    return panel(axes, source, name, title or f"{name}, {scope_name(scope)}", draw, replacement)


def distributions(axes: Axes, source: Source, name: str, measure: Measure, title: str = "") -> Axes:
    """Draw the cumulative distribution of a measure over the neurons of each layer, for the paper's Fig. 1.

    A line for each layer says which share of the neurons of all networks has at most a value. It shows the neurons
    without information as a jump at zero, where a violin would collapse to a spike.

    Returns:
        The same axes, in bits and percent.
    """

    def draw(results: xr.DataTree) -> int:
        for (colour, _), dash, layer in zip(LAYER_STYLES, _DASHES, np.unique(results["measures"].layer), strict=False):
            values = np.quantile(neurons(results, measure, layer), _SHARES)
            axes.plot(
                [0, *values], [0, *(100 * _SHARES)], color=colour, linestyle=dash, lw=1.4, label=scope_name(layer)
            )
        axes.set(xlabel=f"{NAMES[measure]} (bits)", ylabel="neurons (%)", ylim=(0, 102))
        axes.set_xlim(left=0)
        return results.attrs["networks"]

    return panel(axes, source, name, title or name, draw)


def violins(axes: Axes, results: xr.DataTree, measure: Measure) -> Axes:
    """Draw a measure of the neurons of all networks, in bits, a violin for each layer.

    Bars show minimum and maximum, the solid line the mean, the dotted one the median.

    Returns:
        The same axes.
    """
    layers = list(dict.fromkeys(results["measures"].layer.values.tolist()))
    values = [neurons(results, measure, layer).ravel() for layer in layers]
    places = range(1, len(layers) + 1)
    parts: dict[str, Any] = axes.violinplot(values, places, showmeans=True, showmedians=True, widths=0.8)
    for body in parts["bodies"]:
        body.set(facecolor=COLOURS[measure], alpha=0.35)
    for part in ("cbars", "cmins", "cmaxes", "cmeans", "cmedians"):
        parts[part].set(color=COLOURS[measure], linewidth=1.2)
    parts["cmedians"].set(linestyle="dotted", color="#202020")
    axes.set_xticks(places, layers)
    axes.set(xlabel="layer", ylabel=f"{NAMES[measure]} (bits)", ylim=(0, None))
    return axes


def legend_below(figure: Figure) -> None:
    """Put one legend below all panels of ablation curves; a figure without curves gets none."""
    drawn = next((axes for axes in figure.axes if axes.lines), None)
    if drawn is not None:
        figure.legend(*drawn.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)


def finish_curves(figure: Figure, source: Source, names: Iterable[str]) -> None:
    """Finish panels of ablation curves as `fit_curves` does, and say the number of networks once."""
    fit_curves(figure)
    say_networks(figure, [source(name).attrs["networks"] for name in names if source.has(name)])


def fit_curves(figure: Figure) -> None:
    """Give panels of ablation curves one legend, one vertical scale that fits the highest, and whole neurons."""
    legend_below(figure)
    drawn = [axes for axes in figure.axes if axes.lines]
    highest = max((float(np.max(line.get_ydata())) for axes in drawn for line in axes.lines), default=100.0)
    for axes in drawn:
        axes.set_ylim(0, min(100, 10 * np.ceil(highest / 10)))
        grid = axes.get_gridspec()
        narrow = grid is not None and grid.ncols > 3
        axes.xaxis.set_major_locator(MaxNLocator(nbins=3 if narrow else 5, integer=True))
        axes.tick_params("x", labelsize=7 if narrow else 9)


def finish_distributions(figure: Figure, source: Source, names: Iterable[str]) -> None:
    """Finish panels of distributions: one legend, that of the deepest network, and the number of networks once."""
    most = max(figure.axes, key=lambda axes: len(axes.lines))
    figure.legend(*most.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    say_networks(figure, [source(name).attrs["networks"] for name in names if source.has(name)])


def say_networks(figure: Figure, counts: Sequence[int]) -> None:
    """Say once above all panels how many networks each of them shows."""
    few, many = min(counts, default=0), max(counts, default=0)
    if many:
        shown = f"{many}" if few == many else f"{few} to {many}"
        figure.suptitle(f"{shown} network{'s' if many > 1 else ''} in each panel", fontsize=9, color="#404040")


def pilot_accuracy(axes: Axes, histories: Mapping[str, xr.Dataset], architecture: str) -> Axes:
    """Draw the mean validation accuracy of pilot networks after each epoch, with the chosen number of epochs marked.

    Args:
        axes: Axes to draw on.
        histories: Pilots' histories by setting.
        architecture: First part of the settings' names; other settings are skipped.

    Returns:
        The same axes, in percent: a colour for each regularizer, solid lines for ReLU, dashed ones for sigmoid.
    """
    styles = itertools.product((("relu", "solid"), ("sigmoid", "dashed")), _REGULARIZERS.items())
    for (activation, dash), (regularizer, (colour, marker)) in styles:
        history = histories.get(f"{architecture}-{activation}-{regularizer}")
        if history is not None:
            mean = 100 * history.validation_accuracy.mean("network")
            axes.plot(mean.epoch, mean, color=colour, linestyle=dash, lw=1.2, label=f"{activation}, {regularizer}")
            epochs = best_epochs(history)
            axes.plot(epochs, mean.sel(epoch=epochs), marker=marker, color=colour, markersize=6)
    if not axes.lines:
        say_instead(axes, "not computed yet")
    axes.set(xlabel="epoch", ylabel="validation accuracy (%)")
    axes.set_title(architecture, fontsize=9)
    return axes


def panel(
    axes: Axes,
    source: Source,
    name: str,
    title: str,
    draw: Callable[[xr.DataTree], int],
    replacement: Replacement = "zero",
) -> Axes:
    """Draw results of one setting, or say that they have not been computed yet.

    Args:
        axes: Axes to draw on.
        source: Origin of the results.
        name: The setting.
        title: Title.
        draw: Draws the results, and returns the number of networks drawn.
        replacement: Output of ablated neurons.

    Returns:
        The same axes.
    """
    try:
        networks = draw(source(name, replacement))
    except NotStored:
        networks = 0
    if not networks:
        say_instead(axes, "not computed yet")
    axes.set_title(title, fontsize=9)
    return axes


def not_computed_yet() -> Figure:
    """Make a small figure that says so."""
    figure, axes = subplots(figsize=(4.0, 0.5))
    say_instead(axes, "not computed yet")
    return figure


def say_instead(axes: Axes, text: str) -> None:
    """Write a text in place of a drawing."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color="#404040")
    # Taking the ticks away would take them from every panel that shares an axis with this one.
    axes.set_axis_off()
