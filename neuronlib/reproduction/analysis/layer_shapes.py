"""Whether the shape of a layer's ablation curves tells how redundant or synergistic the layer is: one point a layer."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float64, Int64
from numpy import ndarray
from scipy.stats import rankdata

from neuronlib.ablation.significance import spearman
from neuronlib.common.checks import check
from neuronlib.common.config import Count, Seed
from neuronlib.common.scopes import layer_names
from neuronlib.reproduction.analysis.effects import HARMLESS, gap, random_curve
from neuronlib.reproduction.design.settings import architecture_of, named

SHAPES = ("area", "onset", "bend", "low gap", "high gap")
"""What is read off a layer's curves."""
QUANTITIES = (
    "redundancy, low end",
    "redundancy, high end",
    "redundancy of groups",
    "vulnerability of groups",
    "complexity",
    "O-information",
    "pair redundancy",
)
"""What is said of a layer's neurons."""
_FEWEST_POINTS = 3


class Reading(NamedTuple):
    """What is read in a curve's shape: that a quantity rises (1) or falls (-1) with it, and for which claims."""

    shape: str
    quantity: str
    sign: Literal[-1, 1]
    claims: str


READINGS = (
    Reading("area", "redundancy of groups", 1, "Q19, Q45"),
    Reading("area", "pair redundancy", 1, "Q19, Q45"),
    Reading("onset", "redundancy of groups", 1, "Q19, Q45"),
    Reading("bend", "redundancy of groups", 1, "Q19, Q45"),
    Reading("high gap", "redundancy of groups", 1, "Q36"),
    Reading("low gap", "complexity", -1, "Q26, Q39"),
    Reading("low gap", "vulnerability of groups", -1, "Q26, Q39"),
    Reading("low gap", "O-information", 1, "Q26, Q39"),
    Reading("high gap", "complexity", 1, "Q43"),
)
"""Readings of curves: redundant layers keep their accuracy for long, whichever neurons go; in synergistic ones, neurons
that say little by themselves matter, and those that say much matter less."""


def shape_of_curves(results: xr.DataTree, layer: str) -> dict[str, float]:
    r"""Read off a layer's curves what is said to reveal redundancy and synergy.

    .. math:: k(n) = \frac{\bar A(n) - \bar A(N)}{\bar A(0) - \bar A(N)}

    is the share of the accuracy that is left after random ablation of :math:`n` of :math:`N` neurons.

    Args:
        results: Results with the group ``curves``.
        layer: The layer, such as "1".

    Returns:
        Means over networks. ``area``: under :math:`k`, from 0 to 1. ``onset``: share of the neurons that can be ablated
        at random before more than 2 points are lost. ``bend``: largest distance of :math:`k` from a line. ``low gap``
        and ``high gap``: accuracy with lowest, or highest, mutual information first less that of random ablation, in
        percentage points.

    Example:
        >>> correct = (("network", "order", "step"), [[[9, 8, 1], [9, 2, 1], [9, 5, 1]]])
        >>> kinds = {"measure": ("order", ["mutual_information"] * 2 + ["random"])}
        >>> orders = {"order": ["mutual_information low", "mutual_information high", "random 0"], **kinds}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"step": [0, 1, 2], **orders})
        >>> shape = shape_of_curves(xr.DataTree.from_dict({"curves/1": curves}), "1")
        >>> {name: round(value, 6) for name, value in shape.items()}
        {'area': 0.5, 'onset': 0.0, 'bend': 0.0, 'low gap': 30.0, 'high gap': -30.0}
    """
    curve = 100 * random_curve(results, layer).transpose("network", "step").values
    steps = np.asarray(results["curves"][layer].step, dtype=np.float64)
    share = steps / steps[-1]
    kept = (curve - curve[:, -1:]) / (curve[:, :1] - curve[:, -1:])
    harmed = np.column_stack([curve[:, :1] - curve > HARMLESS, np.ones(len(curve), dtype=bool)])
    before = np.concatenate([[0.0], share])
    return {
        "area": float(np.trapezoid(kept, share, axis=1).mean()),
        "onset": float(before[harmed.argmax(axis=1)].mean()),
        "bend": float(abs(kept - (1 - share)).max(axis=1).mean()),
        **{f"{way} gap": float(gap(results, layer, "mutual_information", way).mean()) for way in ("low", "high")},
    }


def quantities_of_layer(study: xr.Dataset, layer: str) -> dict[str, Float64[ndarray, " network"]]:
    """Take from a study of layers what is said of a layer of each network.

    Of groups, sums over groups are divided, with the corrected estimator: by `QUANTITIES`, redundancy and vulnerability
    of groups of the largest size, complexity of those of four neurons, O-information in bits of those of three, and the
    share of a pair's information that is redundant.

    Args:
        study: What `measure_layers` returns.
        layer: The layer, such as "1".

    Returns:
        By the names of `QUANTITIES`; NaN where too few neurons vary.
    """
    own = study.sel(layer=layer)
    groups = own.sel(statistic="mean")
    corrected, largest = groups.sel(estimator="corrected"), int(study.size.max())

    def ratio(part: str, size: int) -> xr.DataArray:
        of_size = corrected.sel(size=size)
        return of_size[f"group_{part}"] / of_size.group_information

    pairs = groups.sel(size=2)
    redundant = pairs.group_pair_redundancy / pairs.group_information.sel(estimator="plug-in")
    values = [
        *(own.redundancy.sel(end=end) for end in ("low", "high")),
        ratio("alone", largest),
        ratio("lost", largest),
        ratio("synergy_weighted", 4),
        groups.group_o_information.sel(size=3),
        redundant,
    ]
    return {name: of_networks.values.astype(np.float64) for name, of_networks in zip(QUANTITIES, values, strict=True)}


def points_of_layers(results: Mapping[str, xr.DataTree], studies: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Set the shape of each layer's curves beside what is said of its neurons.

    Args:
        results: Stored results by the name of the setting, with the group ``curves``.
        studies: Studies of layers by the name of the setting.

    Returns:
        ``shapes`` by ``point`` and ``shape``, ``quantities`` by ``point`` and ``quantity``; each point has a
        ``setting``, an ``architecture`` and a ``layer``. Quantities are means over networks.

    Raises:
        ValueError: If a study's setting has no results.
    """
    if missing := [name for name in studies if name not in results]:
        raise ValueError(f"{missing[0]}: a study of layers without curves; expected results of the same setting")
    rows = [(name, layer) for name in studies for layer in layer_names(named(name).hidden)]
    shapes = [list(shape_of_curves(results[name], layer).values()) for name, layer in rows]
    by_network = [np.array(list(quantities_of_layer(studies[name], layer).values())) for name, layer in rows]
    # A network of which too few neurons vary adds nothing to the mean.
    quantities = [xr.DataArray(values).mean("dim_1").values for values in by_network]
    return xr.Dataset(
        {
            "shapes": (("point", "shape"), np.array(shapes).reshape(-1, len(SHAPES))),
            "quantities": (("point", "quantity"), np.array(quantities).reshape(-1, len(QUANTITIES))),
        },
        {
            "shape": list(SHAPES),
            "quantity": list(QUANTITIES),
            "setting": ("point", [name for name, _ in rows]),
            "architecture": ("point", [architecture_of(name) for name, _ in rows]),
            "layer": ("point", [layer for _, layer in rows]),
        },
    )


def shape_correlations(
    points: xr.Dataset, resamples: int = 2000, seed: int = 0, within_architectures: bool = False
) -> xr.Dataset:
    """Correlate the ranks of shapes and quantities over layers, with intervals that resample settings.

    Layers of one setting are of the same networks, so settings are drawn, each with all its layers.

    Args:
        points: What `points_of_layers` returns.
        resamples: How often settings are drawn.
        seed: Start of the random numbers.
        within_architectures: Whether layers are ranked among those of their architecture alone, so that differences
            between data sets and widths do not count; ranks less their mean are then pooled.

    Returns:
        By ``shape`` and ``quantity``: Spearman's ``correlation`` over the points where the quantity is known, and the
        ends ``low`` and ``high`` of a 95 % percentile interval. ``layers``: the number of points by ``quantity``. NaN
        for fewer than three points.

    Raises:
        ValueError: If the number of resamples is less than 1, or the seed is negative.
    """
    check("resamples", resamples, Count)
    check("seed", seed, Seed)
    draw = np.random.default_rng(seed)
    settings = points.setting.values
    names, setting = np.unique(settings, return_inverse=True)
    members = [np.flatnonzero(setting == number) for number in range(len(names))]
    of_settings = draw.integers(len(names), size=(resamples, len(names))) if len(names) else np.empty((0, 0), int)
    drawn = [np.concatenate([members[number] for number in row]) for row in of_settings]
    shape = (points.sizes["shape"], points.sizes["quantity"])
    values, ends = np.full(shape, np.nan), np.full((2, *shape), np.nan)
    known = points.quantities.notnull().values
    # Quantities that are known of the same layers are ranked at once.
    patterns, pattern = np.unique(known, axis=1, return_inverse=True)
    for number, of_layers in enumerate(patterns.T):
        rows, columns = np.flatnonzero(of_layers), np.flatnonzero(pattern == number)
        if len(rows) < _FEWEST_POINTS:
            continue
        values[:, columns] = _rank_correlations(points, rows, columns, within_architectures)
        again = np.array(
            [_rank_correlations(points, row[of_layers[row]], columns, within_architectures) for row in drawn]
        )
        # Where all layers are equal, no draw has a correlation.
        some = np.isfinite(again).any(axis=0)
        of_pattern = np.full((2, *some.shape), np.nan)
        of_pattern[:, some] = np.nanpercentile(again[:, some], [2.5, 97.5], axis=0)
        ends[:, :, columns] = of_pattern
    axes = ("shape", "quantity")
    return xr.Dataset(
        {
            "correlation": (axes, values),
            "low": (axes, ends[0]),
            "high": (axes, ends[1]),
            "layers": ("quantity", known.sum(axis=0)),
        },
        {"shape": points["shape"], "quantity": points["quantity"]},
    )


def predicted_elsewhere(points: xr.Dataset) -> xr.DataArray:
    """Predict each quantity from all shapes, for the layers of an architecture that the prediction has not seen.

    Ranks within the other architectures' layers are predicted by least squares from ranks of shapes.

    Args:
        points: What `points_of_layers` returns.

    Returns:
        By ``architecture`` and ``quantity``: Spearman's correlation of predicted and actual values in the layers of
        that architecture; NaN for fewer than three of them, or where there is no more than one other point a shape.
    """
    architectures = list(dict.fromkeys(points.architecture.values.tolist()))
    found = np.full((len(architectures), points.sizes["quantity"]), np.nan)
    shapes, quantities = points.shapes.values, points.quantities.values
    for row, architecture in enumerate(architectures):
        inside = points.architecture.values == architecture
        for column in range(found.shape[1]):
            known = np.isfinite(quantities[:, column])
            learned, asked = known & ~inside, known & inside
            if asked.sum() < _FEWEST_POINTS or learned.sum() <= shapes.shape[1] + 1:
                continue
            standing = _standing(shapes[learned], shapes)
            inputs = np.column_stack([np.ones(len(shapes)), standing])
            target = _standing(quantities[learned, column : column + 1], quantities[learned, column : column + 1])
            weights, *_ = np.linalg.lstsq(inputs[learned], target[:, 0], rcond=None)
            predicted, actual = inputs[asked] @ weights, quantities[asked, column]
            if np.ptp(predicted) and np.ptp(actual):
                found[row, column] = spearman(predicted, actual)
    coordinates = {"architecture": architectures, "quantity": points["quantity"].values}
    return xr.DataArray(found, coordinates, ("architecture", "quantity"))


def _rank_correlations(
    points: xr.Dataset, rows: Int64[ndarray, " row"], columns: Int64[ndarray, " column"], within_architectures: bool
) -> Float64[ndarray, "shape column"]:
    values = np.column_stack([points.shapes.values[rows], points.quantities.values[rows][:, columns]])
    ranks = np.empty_like(values)
    of_rows = points.architecture.values[rows] if within_architectures else np.zeros(len(rows))
    for architecture in np.unique(of_rows):
        members = of_rows == architecture
        ranks[members] = rankdata(values[members], axis=0) - (members.sum() + 1) / 2
    shapes, quantities = np.split(ranks, [values.shape[1] - len(columns)], axis=1)
    scale = np.sqrt((shapes**2).sum(axis=0)[:, None] * (quantities**2).sum(axis=0))
    return np.divide(shapes.T @ quantities, scale, out=np.full(scale.shape, np.nan), where=scale > 0)


def _standing(reference: ndarray, values: ndarray) -> Float64[ndarray, "row column"]:
    # Share of the reference below each value, with half of what is equal.
    below = (reference[None] < values[:, None]).mean(axis=1)
    return below + (reference[None] == values[:, None]).mean(axis=1) / 2
