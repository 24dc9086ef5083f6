"""Tables of the chapter on whole layers: correlations, predictions, and what studies cost."""

import math
from collections.abc import Mapping

import numpy as np
import xarray as xr
from IPython.display import Markdown

from neuronlib.information.groups.invariants import ShannonInvariants
from neuronlib.reproduction.analysis.layer_shapes import READINGS
from neuronlib.reproduction.analysis.whole_layers import change_with_depth
from neuronlib.reproduction.pages.tables.numbers import signed, with_interval
from neuronlib.reproduction.pages.tables.tables import table


def invariants_table(groups: Mapping[str, ShannonInvariants], complexity: Mapping[str, float]) -> Markdown:
    """Tabulate the information of small groups, their invariants and their complexity."""
    header = ["group", "information (bits)", "redundancy", "vulnerability", "complexity"]
    rows = [
        (name, *(f"{float(value):.2f}" for value in (of.information, of.redundancy, of.vulnerability)), f"{known:.2f}")
        for (name, of), known in zip(groups.items(), complexity.values(), strict=True)
    ]
    return table(header, rows)


def correlations_table(correlations: xr.Dataset) -> Markdown:
    """Tabulate rank correlations of shapes and quantities with their 95 % intervals, bold where zero is outside.

    Args:
        correlations: What `shape_correlations` returns.

    Returns:
        A row for each quantity, with the number of layers; a column for each shape.
    """
    rows = [
        [
            str(quantity),
            int(correlations.layers.sel(quantity=quantity)),
            *(_entry(correlations.sel(quantity=quantity, shape=shape)) for shape in correlations["shape"].values),
        ]
        for quantity in correlations["quantity"].values
    ]
    return table(["quantity", "layers", *correlations["shape"].values.tolist()], rows)


def readings_table(everywhere: xr.Dataset, within: xr.Dataset) -> Markdown:
    """Tabulate the paper's readings of curves: what should go together, and whether it does.

    Args:
        everywhere: What `shape_correlations` returns.
        within: The same within architectures.

    Returns:
        A row for each of `READINGS`, with the claims whose sections read curves so.
    """
    rows = []
    for reading in READINGS:
        both = [of.sel(shape=reading.shape, quantity=reading.quantity) for of in (everywhere, within)]
        expected = "rises" if reading.sign > 0 else "falls"
        rows.append([reading.shape, f"{reading.quantity} {expected}", reading.claims, *map(_entry, both)])
    return table(["as it rises …", "expected", "claims", "over all layers", "within architectures"], rows)


def predictions_table(predicted: xr.DataArray) -> Markdown:
    """Tabulate how well shapes of curves predict quantities in an architecture that the prediction has not seen.

    Args:
        predicted: What `predicted_elsewhere` returns.

    Returns:
        A row for each quantity, a column for each architecture.
    """
    rows = [
        [str(quantity), *(signed(float(value), 2) for value in predicted.sel(quantity=quantity).values)]
        for quantity in predicted["quantity"].values
    ]
    return table(["quantity", *predicted.architecture.values.tolist()], rows)


def depth_table(points: xr.Dataset) -> Markdown:
    """Tabulate how quantities change from a setting's first layer to its last: means over settings with intervals.

    Args:
        points: What `points_of_layers` returns.

    Returns:
        A row for each quantity, with the number of settings, and in how many it rises.
    """
    changes = change_with_depth(points)
    rows = []
    for quantity in changes["quantity"].values:
        values = changes.sel(quantity=quantity).values
        known = values[np.isfinite(values)]
        if len(known):
            rows.append([str(quantity), len(known), int((known > 0).sum()), with_interval(known, 3)])
    return table(["last layer less first", "settings", "rises in", "mean change"], rows)


def layers_table(studies: Mapping[str, xr.Dataset]) -> Markdown:
    """Tabulate the studies: networks, neurons that say nothing, bias of groups, and seconds for a network.

    Args:
        studies: What `measure_layers` returns, by name of the setting.

    Returns:
        A row for each setting. Constant neurons and copies are means over networks, in all layers. The bias shown is
        that of the information of the largest groups: the plug-in estimate less the corrected one, in percent.
    """
    rows = []
    for name, study in studies.items():
        largest = study.group_information.sel(statistic="mean", size=study["size"].max())
        bias = largest.sel(estimator="plug-in") / largest.sel(estimator="corrected") - 1
        seconds = study.attrs["computing"] / study.sizes["network"]
        rows.append(
            [
                name,
                study.sizes["network"],
                f"{float(study.constant.sum('layer').mean()):.1f}",
                f"{float(study.copies.sum('layer').mean()):.1f}",
                signed(100 * float(bias.mean()), 2),
                f"{seconds:.0f}",
            ]
        )
    return table(["setting", "networks", "constant", "copies", "bias (%)", "seconds"], rows)


def _entry(one: xr.Dataset) -> str:
    value, low, high = (float(one[name]) for name in ("correlation", "low", "high"))
    if math.isnan(value):
        return "–"
    shown = f"{signed(value, 2)} [{signed(low, 2)}, {signed(high, 2)}]"
    return f"**{shown}**" if np.sign(low) == np.sign(high) else shown
