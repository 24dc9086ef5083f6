"""Figures of the chapter on other architectures: measures by layer, gaps by layer, criteria beside each other."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from neuronlib.ablation.significance import student_interval
from neuronlib.common.choices import DIRECTIONS, Measure
from neuronlib.common.scopes import WHOLE
from neuronlib.plots.curves import LAYER_STYLES, NAMES, plot_curves, subplots
from neuronlib.reproduction.analysis.classifier_study import as_paper_results, gap_by_layer
from neuronlib.reproduction.analysis.effects import curves_of, gap
from neuronlib.reproduction.design.studies import FINE
from neuronlib.reproduction.pages.figures.panels import legend_below, violins

_WAYS = {"low": ("#0072B2", "o"), "high": ("#D55E00", "s")}


def measures_by_layer(studies: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the distribution of each measure over channels or features, as the paper's Fig. 1 does.

    Of four values cut at quartiles, entropy is the same for all channels, and is not drawn.

    Args:
        studies: By title, what `measure_and_ablate_classifiers` returns: the rows. The measures are the columns.

    Returns:
        Violins, one for each layer, of all networks.
    """
    columns: list[tuple[Measure, str]] = [("entropy", "mean"), ("mutual_information", "mean")]
    columns += [("mutual_information", FINE), ("kl_selectivity", FINE)]
    figure, grid = subplots(len(studies), len(columns), figsize=(9, 1.8 * len(studies) + 0.6), squeeze=False)
    for row, (name, study) in zip(grid, studies.items(), strict=True):
        for axes, (measure, summary) in zip(row, columns, strict=True):
            violins(axes, as_paper_results(study, summary=summary), measure)
            axes.set(xlabel="", ylabel="")
            axes.tick_params(labelsize=7)
            values = "two values" if summary == "mean" else FINE
            axes.set_title(f"{NAMES[measure]},\n{values}" if axes in grid[0] else "", fontsize=9)
        row[0].set_ylabel("\n".join([*_parts(name), "(bits)"]), fontsize=7)
    for axes in grid[-1]:
        axes.set_xlabel("layer", fontsize=8)
    return figure


def gaps_of_layers(studies: Mapping[str, xr.Dataset], measure: Measure) -> Figure:
    """Draw for each layer, and the whole network, how far ordered ablation is from random ablation.

    Args:
        studies: By title, what `measure_and_ablate_classifiers` returns: the panels.
        measure: The measure that orders channels.

    Returns:
        Means over networks, in percentage points, with intervals of Student's distribution.
    """
    columns = 2 if len(studies) > 1 else 1
    rows = -(-len(studies) // columns)
    figure, grid = subplots(rows, columns, figsize=(9, 2.6 * rows + 0.4), squeeze=False, sharex=True)
    for axes, (name, study) in zip(_panels(grid, len(studies)), studies.items(), strict=True):
        results = as_paper_results(study)
        layers = [scope for scope in results["curves"] if scope != WHOLE]
        for way in DIRECTIONS:
            of_layers = gap_by_layer(results, measure, way)
            values = [*of_layers, gap(results, WHOLE, measure, way)]
            _marks(axes, values, f"{way}est first", *_WAYS[way], 0.15 if way == "high" else -0.15)
        axes.set_yticks(range(len(layers) + 1), [*(f"layer {layer}" for layer in layers), "whole"], fontsize=8)
        axes.invert_yaxis()
        axes.axvline(0, color="#404040", lw=0.8)
        axes.set_title(f"{name}: {study.sizes['network']} networks", fontsize=9)
    for axes in figure.axes[-columns:]:
        axes.set_xlabel("accuracy less random ablation's (points)", fontsize=8)
    legend_below(figure)
    return figure


def whole_curves(studies: Mapping[str, xr.Dataset], measure: Measure) -> Figure:
    """Draw accuracy when one order takes channels from all layers, by a measure and at random; a panel for a study."""
    columns = min(3, len(studies))
    rows = -(-len(studies) // columns)
    figure, grid = subplots(rows, columns, figsize=(9, 2.5 * rows + 0.5), squeeze=False, sharey=True)
    for axes, (name, study) in zip(_panels(grid, len(studies)), studies.items(), strict=True):
        curves = curves_of(as_paper_results(study), WHOLE)
        plot_curves(curves.isel(order=np.flatnonzero(curves.measure.isin([measure, "random"]))), axes)
        axes.set_title(name.replace(", ", ",\n"), fontsize=9)
        axes.set(xlabel="ablated channels or features", ylabel="test accuracy (%)" if axes in grid[:, 0] else "")
    legend_below(figure)
    return figure


def beside_each_other(
    rows: Mapping[str, Mapping[str, Float[ndarray, " network"]]], label: str, reference: float = 0.0
) -> Figure:
    """Draw means over networks, a row for each choice and a mark for each study.

    Args:
        rows: By choice and by study, one value for each network.
        label: What the values are.
        reference: Where a line is drawn.

    Returns:
        A figure with one panel and a legend below it.
    """
    studies = list(dict.fromkeys(name for row in rows.values() for name in row))
    architectures, datasets = (list(dict.fromkeys(part)) for part in zip(*map(_parts, studies), strict=True))
    figure, axes = subplots(figsize=(8.6, 0.55 * len(rows) + 1.7))
    for place, name in enumerate(studies):
        architecture, dataset = _parts(name)
        values = [row.get(name, np.array([np.nan])) for row in rows.values()]
        shift = 0.7 * ((place + 0.5) / len(studies) - 0.5)
        colour, marker = LAYER_STYLES[architectures.index(architecture)]
        _marks(axes, values, name, colour, marker, shift, filled=dataset == datasets[0])
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.axvline(reference, color="#404040", lw=0.8)
    axes.set_xlabel(label)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
    return figure


def _panels(grid: np.ndarray, number: int) -> list[Axes]:
    for unused in grid.flat[number:]:
        unused.remove()
    return list(grid.flat[:number])


def _parts(name: str) -> tuple[str, str]:
    architecture, _, dataset = name.rpartition(", ")
    return architecture, dataset


def _marks(
    axes: Axes,
    rows: Sequence[Float[ndarray, " network"]],
    name: str,
    colour: str,
    marker: str,
    shift: float,
    filled: bool = True,
) -> None:
    look: dict[str, Any] = {"color": colour, "marker": marker, "ms": 4.5, "mfc": colour if filled else "white"}
    for place, values in enumerate(rows):
        if not np.isnan(values).any():
            axes.plot(student_interval(values), [place + shift] * 2, color=colour, lw=1.3)
            axes.plot(values.mean(), place + shift, lw=0, **look)
    axes.plot([], [], lw=1.3, label=name, **look)
