"""Panels of the paper's figures: one setting each, or a note that it has not been computed yet."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuronlib.common.choices import Measure, Replacement
from neuronlib.common.scopes import scope_name
from neuronlib.plots.curves import COLOURS, NAMES, plot_curves
from neuronlib.reproduction.analysis.effects import curves_of
from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.protocol import best_epochs
from neuronlib.reproduction.store.results import NotStored

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
    """Draw the distribution of a measure over the neurons of each layer, as in the paper's Fig. 1.

    A violin for each layer holds the neurons of all networks. Bars show minimum and maximum, the solid line the mean,
    the dotted one the median.

    Returns:
        The same axes, in bits.
    """

    def draw(results: xr.DataTree) -> int:
        violins(axes, results, measure)
        return results.attrs["networks"]

    return panel(axes, source, name, title or name, draw)


def violins(axes: Axes, results: xr.DataTree, measure: Measure) -> Axes:
    """Draw a measure of the neurons of all networks, in bits, a violin for each layer; see `distributions`."""
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
        title: Title, to which the number of networks is added.
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
    axes.set_title(f"{title}\n{networks} network{'s' if networks > 1 else ''}", fontsize=9)
    return axes


def say_instead(axes: Axes, text: str) -> None:
    """Write a text in place of a drawing."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color="#404040")
    # Taking the ticks away would take them from every panel that shares an axis with this one.
    axes.set_axis_off()
