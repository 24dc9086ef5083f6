"""Figures of the chapter on the two replications: what the faults do to values, curves and conclusions."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from neuronlib.ablation.curves import random_accuracy
from neuronlib.common.choices import MEASURES
from neuronlib.common.scopes import scope_name
from neuronlib.plots.curves import COLOURS, LAYER_STYLES, NAMES, compared_curves, intervals, subplots
from neuronlib.reproduction.analysis.effects import curves_of
from neuronlib.reproduction.analysis.replications import (
    CONCLUSIONS,
    TO_ZERO,
    VARIANTS,
    distance,
    high_over_low,
    last_layer,
)
from neuronlib.reproduction.compute.faults import with_faulty_measures
from neuronlib.reproduction.pages.figures.panels import legend_below, violins

Replications = Mapping[str, Mapping[str, xr.DataTree]]
"""By name of the networks, what `variants_of` returns."""

PUBLISHED, CORRECTED = "as published", "corrected"
SHRUNK = "shrinking alone"
FAULTS = tuple(name for name in VARIANTS if name != CORRECTED)
"""Variants with at least one fault."""
ORDERS = {"MI, lowest first": ("mutual_information", "low"), "MI, highest first": ("mutual_information", "high")} | {
    "random": ("random", "")
}
"""Orders whose curves the faults move."""


def layers_of(tree: xr.DataTree) -> list[str]:
    """List the names of the hidden layers, the first to the last."""
    return sorted(np.unique(tree["measures"].layer).tolist())


def training_runs(studies: Mapping[str, xr.Dataset]) -> Figure:
    """Draw training loss and test accuracy after each epoch: means and one standard deviation, a line for each kind."""
    figure, panels = subplots(1, 2, figsize=(8.6, 3))
    looks = zip(studies.items(), COLOURS.values(), "os^", strict=False)
    for (name, study), colour, marker in looks:
        for axes, quantity, factor in zip(panels, ("training_loss", "test_accuracy"), (1, 100), strict=True):
            mean, spread = factor * study[quantity].mean("network"), factor * study[quantity].std("network")
            axes.plot(mean.epoch, mean, color=colour, marker=marker, label=name)
            axes.fill_between(mean.epoch, mean - spread, mean + spread, color=colour, alpha=0.15, lw=0)
    panels[0].set(xlabel="epoch", ylabel="training loss (nats)", ylim=(0, None))
    panels[1].set(xlabel="epoch", ylabel="test accuracy (%)")
    legend_below(figure)
    return figure


def violins_by_layer(replications: Replications) -> Figure:
    """Draw the three measures by layer, corrected, a row for each kind of network."""
    figure, grid = subplots(len(replications), 3, figsize=(8.6, 2.3 * len(replications) + 0.1), squeeze=False)
    for row, (name, trees) in zip(grid, replications.items(), strict=True):
        for axes, measure in zip(row, MEASURES, strict=True):
            violins(axes, trees[CORRECTED], measure).set_title(name, fontsize=9)
    return figure


def wrong_sign_against_information(replications: Replications) -> Figure:
    """Draw the value with the wrong sign against mutual information, for the first network of each kind."""
    figure, panels = subplots(1, len(replications), figsize=(8.6, 3.2), sharex=True, sharey=True, squeeze=False)
    for axes, (name, trees) in zip(panels[0], replications.items(), strict=True):
        network = with_faulty_measures(trees[CORRECTED]["measures"].to_dataset().isel(network=[0]))
        empty = np.isinf(network.published_information.values)[0]
        for layer, (colour, _) in zip(layers_of(trees[CORRECTED]), LAYER_STYLES, strict=False):
            of_layer = (network.layer == layer).values
            for chosen, marker in ((of_layer & ~empty, "o"), (of_layer & empty, "x")):
                places = network.mutual_information.values[0, chosen], network.wrong_sign.values[0, chosen]
                label = f"layer {layer}" if marker == "o" else None
                axes.scatter(*places, s=14, color=colour, marker=marker, label=label)
        axes.set(title=name, xlabel="mutual information (bits)")
    panels[0, 0].set(ylabel="H(T) + H(T|Y) (bits)")
    most = max(panels[0], key=lambda axes: len(axes.get_legend_handles_labels()[1]))
    figure.legend(*most.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    return figure


def balanced_curves(replications: Replications) -> Figure:
    """Draw random ablation of each layer to zero, shrunk as in the replications, and to the mean."""
    places = [(name, layer) for name, trees in replications.items() for layer in layers_of(trees[CORRECTED])]
    figure, grid = subplots(-(-len(places) // 3), 3, figsize=(8.6, 2.4 * -(-len(places) // 3) + 0.4), sharey=True)
    for axes in grid.flat[len(places) :]:
        axes.set_axis_off()
    for axes, (name, layer) in zip(grid.flat, places, strict=False):
        ways = {"to zero": TO_ZERO, "shrunk": SHRUNK, "to the mean": CORRECTED}
        curves = {way: curves_of(replications[name][variant], layer) for way, variant in ways.items()}
        compared_curves(axes, {way: random_accuracy(curve) for way, curve in curves.items()})
        axes.set_title(f"{name}, {scope_name(layer)}", fontsize=9)
        axes.set_xticks(range(0, int(curves["shrunk"].step[-1]) + 1, 50))
        axes.set_ylabel("test accuracy (%)" if axes in grid[:, 0] else "")
    legend_below(figure)
    return figure


def moved_by_faults(replications: Replications) -> Figure:
    """Draw how far each fault moves the curves from the corrected ones, in the first and in the last layer."""
    figure, grid = subplots(2, len(replications), figsize=(8.6, 5.6), sharey=True, sharex=True, squeeze=False)
    for column, (name, trees) in zip(grid.T, replications.items(), strict=True):
        for axes, layer in zip(column, ("1", last_layer(trees[CORRECTED])), strict=True):
            moved = {
                variant: {
                    order: distance(trees[CORRECTED], trees[variant], measure, way, layer)
                    for order, (measure, way) in ORDERS.items()
                }
                for variant in FAULTS
            }
            intervals(axes, moved, "points").set_title(f"{name}, {scope_name(layer)}", fontsize=9)
    for axes in grid[0]:
        axes.set_xlabel("")
    _legend_of(figure, grid[0, 0])
    return figure


def answered(trees: Mapping[str, xr.DataTree]) -> dict[str, dict[str, Float[ndarray, " network"]]]:
    """Compute each conclusion of the reports as published and corrected, by its short name."""
    return {
        conclusion.short: {variant: conclusion.value(trees[variant]) for variant in (PUBLISHED, CORRECTED)}
        for conclusion in CONCLUSIONS
    }


def conclusions_beside(replications: Replications) -> Figure:
    """Draw each conclusion of the reports, as published and corrected, a panel for each kind of network."""
    figure, panels = subplots(1, len(replications), figsize=(8.6, 4), sharey=True, squeeze=False)
    for axes, (name, trees) in zip(panels[0], replications.items(), strict=True):
        intervals(axes, answered(trees), "points").set_title(name, fontsize=9)
    _legend_of(figure, panels[0, 0])
    return figure


def last_layer_by_variant(replications: Replications) -> Figure:
    """Draw the advantage of highest first over lowest first in the last layer, a row for each variant."""
    figure, panels = subplots(1, len(replications), figsize=(8.6, 4), sharey=True, squeeze=False)
    for axes, (name, trees) in zip(panels[0], replications.items(), strict=True):
        layer = last_layer(trees[CORRECTED])
        advantage = {
            variant: {NAMES[measure]: high_over_low(tree, measure, layer) for measure in MEASURES}
            for variant, tree in trees.items()
        }
        intervals(axes, advantage, "points").set_title(f"{name}, {scope_name(layer)}", fontsize=9)
    _legend_of(figure, panels[0, 0])
    return figure


def _legend_of(figure: Figure, axes: Axes) -> None:
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
