"""Figures of the chapter on pruning: accuracy against the share kept, gains over random removal, and repair."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from neuronlib.common.scopes import scope_name
from neuronlib.plots.curves import compared_curves, intervals, subplots
from neuronlib.reproduction.analysis.pruning_study import (
    after,
    gained,
    gained_by_repair,
    pruned_curves,
    retrained_shares,
)

SHOWN = ("random", "mutual information", "Taylor", "outgoing weights")
"""Criteria with a line of their own; all others are grey."""
_GREY = "#b0b0b0"

Studies = Mapping[str, xr.Dataset]
"""What `pruning_studies` returns."""


def accuracy_by_share_kept(studies: Studies) -> Figure:
    """Draw accuracy against the share of a layer that is kept, a row for each kind of network, a column for each layer.

    Lines are criteria, with nothing done afterwards. Bars at the top span all criteria after re-training.

    Returns:
        The figure, with one legend below.
    """
    figure, grid = subplots(len(studies), 2, figsize=(7.6, 2.1 * len(studies) + 0.7), sharey=True, squeeze=False)
    for row, (name, study) in zip(grid, studies.items(), strict=True):
        for axes, layer in zip(row, study.layer.values.tolist(), strict=True):
            _one_layer(axes, study, layer)
            axes.set_title(f"{name}, {scope_name(layer)}, {study.sizes['network']} networks", fontsize=9)
        row[1].set_ylabel("")
    for axes in grid[:-1].flat:
        axes.set_xlabel("")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=9)
    return figure


def _one_layer(axes: Axes, study: xr.Dataset, layer: str) -> None:
    others = [criterion for criterion in study.criterion.values.tolist() if criterion not in SHOWN]
    for k, curve in enumerate(_kept(study, others, layer, "nothing").values()):
        label = None if k else "other criteria"
        axes.plot(curve.step, 100 * curve.mean("network"), color=_GREY, lw=0.7, label=label)
    compared_curves(axes, _kept(study, SHOWN, layer, "nothing"))
    trained = 100 * after(study, "re-training").sel(layer=layer).mean("network").dropna("share")
    kept, low, high = 100 * (1 - trained.share), trained.min("criterion"), trained.max("criterion")
    axes.vlines(kept, low - 1, high + 1, color="#CC79A7", lw=4, label="all criteria, re-trained")
    axes.set(xlabel="neurons kept (%)", xticks=(0, 25, 50, 75, 100), xlim=(102, 0))


def _kept(study: xr.Dataset, criteria: Sequence[str], layer: str, afterwards: str) -> dict[str, xr.DataArray]:
    curves = pruned_curves(study, criteria, layer, afterwards)
    return {criterion: curve.assign_coords(step=100 - curve.step) for criterion, curve in curves.items()}


def gains_over_random(studies: Studies) -> Figure:
    """Draw the gain of each criterion over random removal, sorted, at the shares after which networks were re-trained.

    Returns:
        A column for each layer; above with nothing done afterwards, below after re-training; a mark for each kind of
        network.
    """
    first = next(iter(studies.values()))
    layers, criteria = first.layer.values.tolist(), first.criterion.values.tolist()
    shares = retrained_shares(first)
    gains = {
        (afterwards, layer): {
            criterion: {name: gained(study, criterion, layer, afterwards, shares) for name, study in studies.items()}
            for criterion in criteria
            if criterion != "random"
        }
        for afterwards in ("nothing", "re-training")
        for layer in layers
    }
    ranked = sorted(gains["nothing", layers[0]], key=lambda criterion: -_mean_of(gains, criterion))
    figure, grid = subplots(2, len(layers), figsize=(8.6, 8.4), sharey=True, sharex=True)
    for row, afterwards in zip(grid, ("nothing", "re-training"), strict=True):
        for axes, layer in zip(row, layers, strict=True):
            found = gains[afterwards, layer]
            intervals(axes, {criterion: found[criterion] for criterion in ranked}, "points over random removal")
            way = "nothing done afterwards" if afterwards == "nothing" else "re-trained for one epoch"
            axes.set_title(f"{scope_name(layer)}, {way}", fontsize=9)
    for axes in grid[0]:
        axes.set_xlabel("")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    return figure


def _mean_of(
    gains: Mapping[tuple[str, str], Mapping[str, Mapping[str, Float[ndarray, " network"]]]], criterion: str
) -> float:
    of_nothing = [found[criterion] for (afterwards, _), found in gains.items() if afterwards == "nothing"]
    return float(np.mean([values.mean() for found in of_nothing for values in found.values()]))


def gains_of_repair(studies: Studies) -> Figure:
    """Draw what balancing and least squares gain over removal alone, by criterion, layer and activation.

    Returns:
        A column for each activation, a row of panels for each layer. Networks of all data sets with the same
        activation count together.
    """
    activations = list(dict.fromkeys(name.rpartition("-")[2] for name in studies))
    first = next(iter(studies.values()))
    layers, criteria = first.layer.values.tolist(), first.criterion.values.tolist()
    shares = first.share.values[1:].tolist()
    figure, grid = subplots(len(layers), len(activations), figsize=(8.6, 8.4), sharey=True, sharex=True, squeeze=False)
    for row, layer in zip(grid, layers, strict=True):
        for axes, activation in zip(row, activations, strict=True):
            these = [study for name, study in studies.items() if name.endswith(activation)]
            found = {
                criterion: {
                    repair: np.concatenate(
                        [gained_by_repair(study, criterion, layer, repair, shares) for study in these]
                    )
                    for repair in ("balancing", "least squares")
                }
                for criterion in criteria
            }
            intervals(axes, found, "points over no repair")
            networks = sum(study.sizes["network"] for study in these)
            axes.set_title(f"{activation}, {scope_name(layer)}, {networks} networks", fontsize=9)
    for axes in grid[0]:
        axes.set_xlabel("")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
    return figure
