"""Figures of the chapter on whole layers: brackets, groups by depth, and one point a layer."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from neuronlib.ablation.significance import student_interval
from neuronlib.plots.curves import LAYER_STYLES, subplots
from neuronlib.reproduction.analysis.layer_shapes import READINGS, quantities_of_layer
from neuronlib.reproduction.design.settings import ARCHITECTURES, TITLES, architecture_of, named
from neuronlib.reproduction.pages.figures.grids import small_panels

_REGULARIZERS = dict(zip(("none", "l2", "dropout", "dropout-batchnorm"), LAYER_STYLES, strict=True))
_ARCHITECTURES = dict(
    zip(
        ARCHITECTURES,
        (("#0072B2", "o"), ("#E69F00", "s"), ("#009E73", "^"), ("#CC79A7", "D"), ("#D55E00", "v")),
        strict=True,
    )
)
_UNITS = {
    "area": "area under the random curve",
    "onset": "share ablated before harm",
    "bend": "distance from a line",
    "low gap": "lowest first less random (points)",
    "high gap": "highest first less random (points)",
    "redundancy of groups": "redundancy of groups (neurons)",
    "pair redundancy": "redundant share of pairs",
    "complexity": "complexity (neurons)",
    "vulnerability of groups": "vulnerability of groups (neurons)",
    "O-information": "O-information (bits)",
}


def brackets_by_layer(studies: Mapping[str, xr.Dataset]) -> Figure:
    """Draw between which ends a layer's information and its average degree of redundancy lie.

    Args:
        studies: What `measure_layers` returns, by name of the setting.

    Returns:
        A column for each architecture; a bar from the mean low end to the mean high end for each setting and layer.
    """
    architectures = _architectures(studies)
    if not studies:
        return small_panels(0, 0, 0)[0]
    figure, grid = subplots(2, len(architectures), figsize=(8.6, 5.4), sharey="row", squeeze=False)
    quantities = (("information", "information (bits)"), ("redundancy", "redundancy (neurons)"))
    for row, (quantity, label) in zip(grid, quantities, strict=True):
        for axes, architecture in zip(row, architectures, strict=True):
            for place, name in _side_by_side(studies, architecture):
                colour, marker, filled = _look(name)
                ends = studies[name][quantity].mean("network")
                for depth, layer in enumerate(ends.layer.values, 1):
                    low, high = ends.sel(layer=layer).values
                    axes.plot([depth + place] * 2, [low, high], color=colour, lw=1.2)
                    for end in (low, high):
                        axes.plot(depth + place, end, marker=marker, ms=3, color=colour, mfc=filled, lw=0)
            _layers(axes, architecture, _title(architecture) if axes in grid[0] else "")
        if quantity == "redundancy":
            row[0].set_yscale("log")
            for axis in (row[0].yaxis.set_major_formatter, row[0].yaxis.set_minor_formatter):
                axis(FuncFormatter(lambda value, _: f"{value:g}" if f"{value:.0e}"[0] in "125" else ""))
        row[0].set_ylabel(label, fontsize=8)
    _finish(figure, grid)
    return figure


def groups_by_layer(studies: Mapping[str, xr.Dataset]) -> Figure:
    """Draw what small groups of neurons say by depth: redundancy, vulnerability and complexity.

    Args:
        studies: What `measure_layers` returns, by name of the setting.

    Returns:
        A column for each architecture; means over networks with intervals of Student's distribution, a line for each
        setting.
    """
    architectures = _architectures(studies)
    if not studies:
        return small_panels(0, 0, 0)[0]
    rows = ("redundancy of groups", "vulnerability of groups", "complexity")
    figure, grid = subplots(len(rows), len(architectures), figsize=(8.6, 7.2), sharey="row", squeeze=False)
    for row, quantity in zip(grid, rows, strict=True):
        for axes, architecture in zip(row, architectures, strict=True):
            for place, name in _side_by_side(studies, architecture):
                colour, marker, filled = _look(name)
                layers = studies[name].layer.values.tolist()
                values = [quantities_of_layer(studies[name], layer)[quantity] for layer in layers]
                depth = np.arange(1, len(layers) + 1) + place
                means = [float(of_layer.mean()) for of_layer in values]
                dash = "solid" if "-relu-" in name else "dashed"
                axes.plot(depth, means, color=colour, marker=marker, ms=3, mfc=filled, lw=0.8, ls=dash)
                for at, of_layer in zip(depth, values, strict=True):
                    axes.plot([at, at], student_interval(of_layer), color=colour, lw=1.2)
            _layers(axes, architecture, _title(architecture) if axes in grid[0] else "")
        row[0].set_ylabel(_UNITS[quantity].replace(" (", "\n("), fontsize=8)
    _finish(figure, grid)
    return figure


def one_point_a_layer(points: xr.Dataset, correlations: xr.Dataset) -> Figure:
    """Draw each of the paper's readings of a curve: the curve's shape against what it is said to reveal.

    Args:
        points: What `points_of_layers` returns.
        correlations: What `shape_correlations` returns of them, within architectures.

    Returns:
        A panel for each of `READINGS`, and a point for each layer. The title has the correlation with its interval.
    """
    if not points.sizes["point"]:
        return small_panels(0, 1, 0)[0]
    figure, grid = subplots(3, 3, figsize=(8.6, 8.2))
    filled = np.array(["-relu-" in name for name in points.setting.values])
    for axes, reading in zip(grid.flat, READINGS, strict=True):
        across, along = points.shapes.sel(shape=reading.shape), points.quantities.sel(quantity=reading.quantity)
        for architecture, (colour, marker) in _ARCHITECTURES.items():
            own = points.architecture.values == architecture
            for chosen, face in ((own & filled, colour), (own & ~filled, "white")):
                axes.plot(across[chosen], along[chosen], marker=marker, color=colour, mfc=face, ms=4, lw=0)
        one = correlations.sel(shape=reading.shape, quantity=reading.quantity)
        numbers = [f"{float(one[name]):+.2f}".replace("-", "−") for name in ("correlation", "low", "high")]
        expected = "rising" if reading.sign > 0 else "falling"
        shown = "too few layers" if np.isnan(one.correlation) else f"{numbers[0]} [{numbers[1]}, {numbers[2]}]"
        axes.set_title(f"{shown}, expected {expected}", fontsize=8)
        axes.set_xlabel(_UNITS[reading.shape], fontsize=8)
        axes.set_ylabel(_UNITS[reading.quantity], fontsize=8)
        axes.tick_params(labelsize=7)
    there = set(points.architecture.values.tolist())
    handles = [
        Line2D([], [], color=colour, marker=marker, lw=0, label=TITLES[name])
        for name, (colour, marker) in _ARCHITECTURES.items()
        if name in there
    ]
    handles += _fills()
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8)
    return figure


def _architectures(studies: Mapping[str, xr.Dataset]) -> list[str]:
    there = {architecture_of(name) for name in studies}
    return [name for name in ARCHITECTURES if name in there]


def _title(architecture: str) -> str:
    return TITLES[architecture].replace(", ", "\n")


def _side_by_side(studies: Mapping[str, xr.Dataset], architecture: str) -> Sequence[tuple[float, str]]:
    names = [name for name in studies if architecture_of(name) == architecture]
    return [(0.09 * (k - (len(names) - 1) / 2), name) for k, name in enumerate(names)]


def _look(name: str) -> tuple[str, str, str]:
    colour, marker = _REGULARIZERS[named(name).regularizer]
    return colour, marker, colour if named(name).activation == "relu" else "white"


def _layers(axes: Axes, architecture: str, title: str) -> None:
    depth = len(ARCHITECTURES[architecture][1])
    axes.set_xticks(range(1, depth + 1))
    axes.set_xlim(0.5, depth + 0.5)
    axes.tick_params(labelsize=7)
    axes.set_title(title, fontsize=8)


def _fills() -> list[Line2D]:
    looks = {"ReLU (filled)": "#404040", "sigmoid (hollow)": "white"}
    return [Line2D([], [], color="#404040", marker="o", mfc=face, lw=0, label=name) for name, face in looks.items()]


def _finish(figure: Figure, grid: np.ndarray) -> None:
    for axes in grid[-1:].flat:
        axes.set_xlabel("layer", fontsize=8)
    handles = [
        Line2D([], [], color=colour, marker=marker, lw=0, label=name)
        for name, (colour, marker) in _REGULARIZERS.items()
    ]
    figure.legend(handles=[*handles, *_fills()], loc="outside lower center", ncols=3, fontsize=8)
