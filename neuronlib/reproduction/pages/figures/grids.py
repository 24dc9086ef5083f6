"""Many small panels in one figure: variants of a study side by side, and the atlas of all settings."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuronlib.common.choices import DIRECTIONS, Activation, Measure
from neuronlib.common.scopes import scope_name, scopes
from neuronlib.plots.curves import intervals, plot_curves
from neuronlib.reproduction.analysis.effects import curves_of, gap
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import ARCHITECTURES, SETTINGS, names_of
from neuronlib.reproduction.pages.figures.panels import (
    curves,
    finish_curves,
    fit_curves,
    legend_below,
    say_instead,
    say_networks,
)

POINTS = 20
"""Points of a curve in a small panel: all that it can show, at a third of the bytes."""


def side_by_side(name: str, results: Mapping[str, xr.DataTree], scopes: Sequence[str]) -> Figure:
    """Draw ablation curves of several trees of results, a column for each tree and a row for each layer.

    Args:
        name: Name of the networks.
        results: Results with the group ``curves``, by title of the column.
        scopes: Layers such as "1", or "whole".

    Returns:
        The figure, with one legend below.
    """
    import matplotlib.pyplot as plt

    size = (8.6, 2.9 * len(scopes) + 0.8)
    figure, grid = plt.subplots(len(scopes), len(results), figsize=size, sharey=True, squeeze=False)
    for row, scope in zip(grid, scopes, strict=True):
        for axes, (way, tree) in zip(row, results.items(), strict=True):
            plot_curves(curves_of(tree, scope), axes)
            axes.set_title(f"{name}, {scope_name(scope)}, {way}", fontsize=9)
    legend_below(figure)
    return figure


def atlas(source: Source, architecture: str, activation: Activation) -> Figure:
    """Draw ablation curves of an architecture, a row for each regularizer that has results.

    Args:
        source: Origin of the results.
        architecture: First part of the settings' names, such as "small-fashion".
        activation: Activation function of the hidden layers.

    Returns:
        Small panels: the layers, and the whole network.

    Raises:
        ValueError: If there is no such architecture or activation function.
    """
    names = [name for name in names_of(architecture, activation) if source.has(name)]
    columns = scopes(ARCHITECTURES[architecture][1])
    figure, grid = small_panels(len(names), len(columns), 2.3 * len(names))
    for row, name in zip(grid, names, strict=True):
        for axes, scope in zip(row, columns, strict=True):
            title = f"{SETTINGS[name].regularizer}\n{scope_name(scope)}"
            curves(axes, source, name, scope, title=title, points=POINTS)
            trim(axes, axes is row[0], "accuracy (%)")
    label_bottom(grid, "ablated neurons")
    finish_curves(figure, source, names)
    return figure


def gaps_by_layer(
    source: Source, names: Iterable[str], measure: Measure
) -> dict[str, dict[str, dict[str, Float[np.ndarray, " network"]]]]:
    """Compute the gaps between ordered and random ablation, in every layer of many settings.

    Returns:
        By layer (or "whole") and setting, the mean `gap` over the curve, lowest and highest values first. Settings
        without results are skipped; a setting without the layer has an empty entry.
    """
    stored = {name: scopes(SETTINGS[name].hidden) for name in names if source.has(name)}
    return {
        scope: {
            name: {f"{way}est first": gap(source(name), scope, measure, way) for way in DIRECTIONS if scope in there}
            for name, there in stored.items()
        }
        for scope in max(stored.values(), key=len, default=[])
    }


def gaps_at_a_glance(found: Mapping[str, Mapping[str, Mapping[str, Float[np.ndarray, " network"]]]]) -> Figure:
    """Draw the gaps of `gaps_by_layer`, a panel for each layer and a row for each setting.

    Returns:
        Means over networks with 95 % intervals, in percentage points.
    """
    rows = max(map(len, found.values()), default=0)
    figure, grid = small_panels(min(1, len(found)), len(found), 0.26 * rows + 1.2)
    for axes, (scope, of_settings) in zip(grid.ravel(), found.items(), strict=True):
        if axes is not grid[0, 0]:
            axes.sharex(grid[0, 0])
        intervals(axes, of_settings, "gap (points)")
        axes.set_title(scope_name(scope), fontsize=9)
    legend_below(figure)
    return figure


def small_panels(rows: int, columns: int, height: float) -> tuple[Figure, np.ndarray]:
    """Make a figure of small panels with one vertical scale; without rows, one that says so. Height in inches."""
    import matplotlib.pyplot as plt

    if not rows:
        figure, axes = plt.subplots(figsize=(8.6, 0.5))
        say_instead(axes, "none of them is computed yet")
        return figure, np.empty((0, columns))
    return plt.subplots(rows, columns, figsize=(8.6, height), sharey=True, squeeze=False)


def trim(axes: Axes, leftmost: bool, label: str) -> None:
    """Save room in a small panel: name the vertical axis only in the leftmost; `label_bottom` names the other."""
    axes.set(xlabel="", ylabel=label if leftmost else "")
    axes.title.set_fontsize(7)


def label_bottom(grid: np.ndarray, label: str) -> None:
    """Name the horizontal axis below the lowest row of small panels."""
    for axes in grid[-1:].flat:
        axes.set_xlabel(label, fontsize=8)


def curves_beside(sources: Mapping[str, Source], names: Sequence[str]) -> Figure:
    """Draw ablation curves of settings under each choice.

    Args:
        sources: Results under each choice: the columns.
        names: Settings. Settings without results under any choice are skipped.

    Returns:
        Small panels with one legend, a row for each layer of each setting and for its whole network.
    """
    there = [name for name in names if any(source.has(name) for source in sources.values())]
    rows = [(name, scope) for name in there for scope in scopes(SETTINGS[name].hidden)]
    figure, grid = small_panels(len(rows), len(sources), 1.9 * len(rows) + 0.6)
    for row, (name, scope) in zip(grid, rows, strict=True):
        for axes, (choice, source) in zip(row, sources.items(), strict=True):
            curves(axes, source, name, scope, title=f"{name}\n{scope_name(scope)}, {choice}", points=POINTS)
            trim(axes, axes is row[0], "accuracy (%)")
    label_bottom(grid, "ablated neurons")
    fit_curves(figure)
    say_networks(figure, [one(name).attrs["networks"] for one in sources.values() for name in there if one.has(name)])
    return figure
