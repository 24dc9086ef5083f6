"""Figures of the chapter on what neurons say together: gains over random removal, and LeNet-5 on few filters."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from neuronlib.ablation.significance import student_interval
from neuronlib.common.scopes import scope_name
from neuronlib.plots.curves import LAYER_STYLES, intervals, subplots
from neuronlib.reproduction.analysis.lenet_study import filters_accuracy
from neuronlib.reproduction.analysis.pruning_study import gained
from neuronlib.reproduction.analysis.selection_study import chosen_accuracy
from neuronlib.reproduction.design.axes import CHOSEN_SHARES
from neuronlib.reproduction.pages.figures.panels import not_computed_yet

_WAYS = {"nothing": "nothing done", "re-training": "re-trained for one epoch"}

Studies = Mapping[str, xr.Dataset]
"""What `selection_studies` or `lenet_studies` returns."""


def gains_of_selection(studies: Studies) -> Figure:
    """Draw what each criterion gains over random removal, with nothing done and after re-training.

    Returns:
        A column for each layer, a row for each treatment, a mark for each kind of network. Without studies, a figure
        that says so.
    """
    if not studies:
        return not_computed_yet()
    first = next(iter(studies.values()))
    layers = first.layer.values.tolist()
    tried = {way: chosen_accuracy(first, way).criterion.values.tolist() for way in _WAYS}
    heights = [len(tried[way]) for way in _WAYS]
    figure, grid = subplots(
        len(_WAYS), len(layers), figsize=(8.6, 9.0), sharey="row", squeeze=False, height_ratios=heights
    )
    for row, (way, name) in zip(grid, _WAYS.items(), strict=True):
        for axes, layer in zip(row, layers, strict=True):
            gains = {
                criterion: {
                    kind: gained(study, criterion, layer, way, CHOSEN_SHARES) for kind, study in studies.items()
                }
                for criterion in tried[way]
                if criterion != "random"
            }
            intervals(axes, gains, "points over random removal")
            axes.set_title(f"{scope_name(layer)}, {name}", fontsize=9)
    for axes in grid[0]:
        axes.set_xlabel("")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    return figure


def accuracy_of_filters(studies: Studies) -> Figure:
    """Draw LeNet-5's accuracy on few filters by criterion: with nothing done, and after re-training.

    Returns:
        A column for each treatment, a mark for each number of filters kept, with Student's intervals; a row of panels
        for each data set. Without studies, a figure that says so.
    """
    if not studies:
        return not_computed_yet()
    figure, grid = subplots(len(studies), 2, figsize=(8.6, 3.8 * len(studies)), sharey="row", squeeze=False)
    for row, study in zip(grid, studies.values(), strict=True):
        for axes, (way, title) in zip(
            row, {"nothing": "nothing done", "re-training": "re-trained"}.items(), strict=True
        ):
            accuracy = filters_accuracy(study, way)
            names = accuracy.criterion.values.tolist()
            filters = accuracy.filters.values.tolist()
            for k, (kept, (colour, marker)) in enumerate(zip(filters, LAYER_STYLES, strict=False)):
                label = f"{' and '.join(kept.split('-'))} filters kept"
                axes.plot([], [], color=colour, marker=marker, ms=5, lw=1.5, label=label)
                for place, name in enumerate(names):
                    values = accuracy.sel(filters=kept, criterion=name).values
                    if np.isnan(values).any():
                        continue
                    height = place + 0.2 * (k - 1)
                    axes.plot(np.clip(student_interval(values), 0, 100), [height] * 2, color=colour, lw=1.5)
                    axes.plot(values.mean(), height, color=colour, marker=marker, ms=5, lw=0)
            axes.set_yticks(range(len(names)), names)
            axes.set(xlabel="test accuracy (%)", ylim=(len(names) - 0.5, -0.5))
            axes.set_title(f"{title}, {study.sizes['network']} networks", fontsize=9)
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
    return figure
