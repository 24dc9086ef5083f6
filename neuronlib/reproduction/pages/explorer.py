"""JSON of the explorer page: curves, gaps to random, layers and distributions of each stored setting."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.curves import random_accuracy
from neuronlib.ablation.significance import bootstrap_intervals, wilcoxon_p_values
from neuronlib.common.choices import DIRECTIONS, MEASURES, Measure, Replacement
from neuronlib.common.scopes import WHOLE, layer_names, scopes
from neuronlib.plots.curves import COLOURS, LAYER_STYLES, NAMES
from neuronlib.reproduction.analysis.composition import layer_shares
from neuronlib.reproduction.analysis.effects import curves_of
from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.store.atomic import write_bytes
from neuronlib.reproduction.store.results import NotStored

BINS = 20


def explorable(source: Source, name: str) -> dict[str, Any]:
    """Collect what the page shows of a setting, ready for JSON.

    Returns:
        The origin of the results, and

        - for each replacement and layer: the ``steps``; mean and standard deviation of random ablation and of each
          order (percent), with the gap to random and its 95 % interval (percentage points) and the p-value of
          Wilcoxon's test;
        - for each order over the whole network: the mean share of each layer (percent) among the first neurons that it
          ablates;
        - for each measure and layer: a histogram over the neurons of all networks, with the same bins for all layers.

    Raises:
        NotStored: If there are no results.
    """
    results, hidden = source(name), SETTINGS[name].hidden
    accuracy = 100 * results["history"].test_accuracy.isel(epoch=-1)
    return {
        "name": name,
        "panel": SETTINGS[name].panel,
        "hidden": list(hidden),
        "accuracy": round(float(accuracy.mean()), 1),
        **{key: _plain(results.attrs[key]) for key in ("networks", "epochs", "random_orders", "device", "date")},
        "ablations": dict(_ablations(source, name)),
        "composition": _composition(results),
        "neurons": {measure: _histograms(results, measure, layer_names(hidden)) for measure in MEASURES},
    }


def _ablations(source: Source, name: str) -> Iterator[tuple[str, Any]]:
    for replacement in get_args(Replacement):
        try:
            results = source(name, replacement)
        except NotStored:
            continue
        yield replacement, {scope: _curves(curves_of(results, scope)) for scope in scopes(SETTINGS[name].hidden)}


def _curves(accuracies: xr.DataArray) -> dict[str, Any]:
    random = random_accuracy(accuracies)
    return {
        "steps": accuracies.step.values.astype(int).tolist(),
        "random": _band(random),
        "orders": {
            f"{measure} {direction}": _band(curve) | _beside(curve - random)
            for measure in MEASURES
            for direction in DIRECTIONS
            for curve in [accuracies.sel(order=f"{measure} {direction}")]
        },
    }


def _band(curve: xr.DataArray) -> dict[str, list[float]]:
    mean, deviation = 100 * curve.mean("network"), 100 * curve.std("network")
    return {"mean": mean.values.round(2).tolist(), "sd": deviation.values.round(2).tolist()}


def _beside(gaps: xr.DataArray) -> dict[str, list[float | None]]:
    values = gaps.transpose("step", "network").values
    # JSON has no NaN.
    p = [None if np.isnan(value) else float(f"{value:.2g}") for value in wilcoxon_p_values(values)]
    low, high = (_without_nan(100 * ends) for ends in bootstrap_intervals(values).T)
    return {"gap": (100 * values.mean(axis=1)).round(2).tolist(), "low": low, "high": high, "p": p}


def _without_nan(values: Float[ndarray, " step"]) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 2) for value in values]


def _composition(results: xr.DataTree) -> dict[str, Any]:
    steps = results["curves"][WHOLE].step.values
    steps = steps[steps > 0].astype(int)
    shares = 100 * layer_shares(results).sel(step=steps).mean("network").transpose("order", "layer", "step")
    orders = [f"{measure} {direction}" for measure in MEASURES for direction in DIRECTIONS]
    return {
        "steps": steps.tolist(),
        "orders": {order: shares.sel(order=order).values.round(1).tolist() for order in orders},
    }


def _histograms(results: xr.DataTree, measure: Measure, layers: Sequence[str]) -> dict[str, Any]:
    values = {layer: neurons(results, measure, layer) for layer in layers}
    edges = np.linspace(0, max(1e-9, *(float(some.max()) for some in values.values())), BINS + 1)
    counts = {layer: np.histogram(some, bins=edges)[0].tolist() for layer, some in values.items()}
    return {"edges": edges.round(5).tolist(), "counts": counts}


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def write_explorer(source: Source, folder: Path) -> list[str]:
    """Write a script for each stored setting, and one that lists them, with all layers, names and colours.

    Browsers do not let a page from disk read JSON beside it, but do let it load scripts. So each file calls
    ``neuronlibExplorer.receive`` with its JSON.

    Returns:
        The settings that are stored.

    Raises:
        StoreError: If a file cannot be written.
    """
    there = [name for name in SETTINGS if source.has(name)]
    for name in there:
        content = json.dumps(explorable(source, name), separators=(",", ":"), allow_nan=False)
        write_bytes(f"neuronlibExplorer.receive({content});\n".encode(), folder / f"{name}.js")
    known = {
        "settings": there,
        "hidden": {name: list(setting.hidden) for name, setting in SETTINGS.items()},
        "names": NAMES,
        "colours": COLOURS,
        "layerColours": [colour for colour, _ in LAYER_STYLES],
    }
    write_bytes(f"Object.assign(neuronlibExplorer, {json.dumps(known)});\n".encode(), folder / "settings.js")
    return there
