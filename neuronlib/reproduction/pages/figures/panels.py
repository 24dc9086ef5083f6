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
    """Ablation curves of one layer, or of the whole network, as in the paper's Fig. 2 to 5.

    Args:
        axes: Where to draw.
        source: Where results come from.
        name: The setting.
        scope: A layer, such as "1", or "whole".
        replacement: What ablated neurons put out.
        title: What to write above; the setting and the layer unless given.
        points: Through how many of its points a curve is drawn, its first and last among them; all unless given.

    Returns:
        The same axes, in percent.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredResults
        >>> axes = curves(plt.figure().gca(), StoredResults(Path("nowhere")), "mnist-relu-l2", "1")
        >>> axes.texts[0].get_text()
        'not computed yet'
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
    """How a measure is distributed over the neurons of each layer, as in the paper's Fig. 1.

    A violin for each layer holds the neurons of all networks; bars show minimum and maximum, the solid line the mean,
    the dotted one the median.

    Args:
        axes: Where to draw.
        source: Where results come from.
        name: The setting.
        measure: The measure.
        title: What to write above; the setting unless given.

    Returns:
        The same axes, in bits.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredResults
        >>> axes = distributions(plt.figure().gca(), StoredResults(Path("nowhere")), "mnist-relu-l2", "entropy")
        >>> axes.texts[0].get_text()
        'not computed yet'
    """

    def draw(results: xr.DataTree) -> int:
        violins(axes, results, measure)
        return results.attrs["networks"]

    return panel(axes, source, name, title or name, draw)


def violins(axes: Axes, results: xr.DataTree, measure: Measure) -> Axes:
    """A measure of the neurons of all networks, a violin for each layer; see `distributions`.

    Args:
        axes: Where to draw.
        results: Results with the group ``measures``.
        measure: The measure.

    Returns:
        The same axes, in bits.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> entropies = (("network", "neuron"), [[0.2, 0.5, 0.9, 1.0]])
        >>> measures = xr.Dataset({"entropy": entropies}, {"layer": ("neuron", ["1", "1", "2", "2"])})
        >>> axes = violins(plt.figure().gca(), xr.DataTree.from_dict({"measures": measures}), "entropy")
        >>> axes.get_ylabel()
        'entropy (bits)'
    """
    layers = np.unique(results["measures"].layer).tolist()
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
    """One legend for all panels of ablation curves, below them.

    Args:
        figure: The figure; without curves it gets no legend.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> figure, axes = plt.subplots()
        >>> lines = axes.plot([0, 1], label="random")
        >>> legend_below(figure)
        >>> figure.legends[0].get_texts()[0].get_text()
        'random'
    """
    drawn = next((axes for axes in figure.axes if axes.lines), None)
    if drawn is not None:
        figure.legend(*drawn.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)


def pilot_accuracy(axes: Axes, histories: Mapping[str, xr.Dataset], architecture: str) -> Axes:
    """Mean validation accuracy of pilot networks after each epoch, with the chosen number of epochs marked.

    Args:
        axes: Where to draw.
        histories: Pilots' histories by setting.
        architecture: The first part of the settings' names; others are left out.

    Returns:
        The same axes, in percent: a colour for each regularizer, solid lines for ReLU, dashed ones for sigmoid.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> accuracy = (("network", "epoch"), np.linspace(0.8, 0.9, 60).reshape(2, 30))
        >>> history = xr.Dataset({"validation_accuracy": accuracy}, {"epoch": range(1, 31)})
        >>> pilot_accuracy(plt.figure().gca(), {"mnist-relu-l2": history}, "mnist").get_xlabel()
        'epoch'
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
        axes: Where to draw.
        source: Where results come from.
        name: The setting.
        title: What to write above, with the number of networks.
        draw: Draws the results, and returns of how many networks it found what it draws.
        replacement: What ablated neurons put out.

    Returns:
        The same axes.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredResults
        >>> axes = panel(plt.figure().gca(), StoredResults(Path("nowhere")), "mnist-relu-l2", "A title", lambda _: 0)
        >>> axes.get_title(), axes.texts[0].get_text()
        ('A title', 'not computed yet')
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
    """Words in place of a drawing.

    Args:
        axes: Where they go.
        text: The words.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> axes = plt.figure().gca()
        >>> say_instead(axes, "nothing here")
        >>> axes.texts[0].get_text()
        'nothing here'
    """
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color="#404040")
    # Taking the ticks away would take them from every panel that shares an axis with this one.
    axes.set_axis_off()
