"""An experiment in one call: load, train, measure, order, ablate."""

import datetime
import importlib.metadata
import json
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import xarray as xr

from neuronlib.ablation.cumulative import ablate, outputs_once_ablated
from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.choices import Device, Replacement
from neuronlib.common.config import Setting
from neuronlib.common.devices import resolve_device, threads
from neuronlib.common.entries import EACH_ONCE, Steps
from neuronlib.common.labelled import Measured
from neuronlib.common.numbers import AtLeastZero, Count, Seed
from neuronlib.common.scopes import WHOLE
from neuronlib.data.images import ImageData, load
from neuronlib.information.measuring import measure
from neuronlib.networks.interface import Networks
from neuronlib.training.training import train


def run(
    setting: Setting,
    networks: Count = 10,
    layers: Annotated[Sequence[str], EACH_ONCE] | None = None,
    replacement: Replacement = "zero",
    random_orders: AtLeastZero = 10,
    device: Device = "auto",
    root: Path | str | None = None,
) -> xr.DataTree:
    """Train networks, measure their neurons on validation samples, and ablate them on test samples.

    Source: Amjad, Liu, Geiger 2021, Sec. V.

    Args:
        setting: What the networks are.
        networks: How many are trained; the paper has 50 (35 for CIFAR-10).
        layers: Layers whose neurons are ablated, such as "1", or "whole"; None for every hidden layer by itself and
            the whole network.
        replacement: The output of an ablated neuron: "zero", or its "mean" over the training samples.
        random_orders: Random ablation orders for each network and layer; open in the paper.
        device: Where to compute; "auto" is CUDA where there is a device, else the CPU.
        root: Where the images are; see `load`.

    Returns:
        ``history``: loss and accuracies by ``network`` and ``epoch``. ``measures``: what `measure` returns.
        ``curves``: for each layer what `ablate` returns, as ``results["curves"]["1"]``. Attributes of the root say how,
        where and when all this was computed, and how many seconds loading, training, measuring and ablating took.

    Raises:
        ValueError: If there is no such layer or device.

    Example:
        >>> setting = Setting(dataset="mnist-5k", hidden=(6, 5), dropout=(), epochs=1)
        >>> results = run(setting, networks=2, random_orders=1)
        >>> list(results["curves"]), results["curves"]["1"].sizes["step"]
        (['1', '2', 'whole'], 7)
    """
    where = resolve_device(device)
    scopes = [*setting.widths, WHOLE]
    if layers is not None and any(layer not in scopes for layer in layers):
        raise ValueError(f"layers = {layers!r}: expected a list of some of {', '.join(scopes)}")
    clock = [time.perf_counter()]
    data = load(setting.dataset, root, setting.split, setting.scaling)
    clock.append(time.perf_counter())
    ensemble, history = train(setting, data, networks, device)
    clock.append(time.perf_counter())
    measured = measure(ensemble, data.validation)
    clock.append(time.perf_counter())
    steps = dict.fromkeys(scopes if layers is None else layers)
    curves = ablate_layers(ensemble, data, measured, steps, replacement, random_orders, setting.seed)
    clock.append(time.perf_counter())
    groups = {f"curves/{layer}": curve for layer, curve in curves.items()}
    tree = xr.DataTree.from_dict({"history": history, "measures": measured, **groups})
    tree.attrs = {
        "setting": json.dumps(setting.configuration()),
        "networks": networks,
        "replacement": replacement,
        "random_orders": random_orders,
        **provenance(where.type),
        **dict(zip(("loading", "training", "measuring", "ablating"), np.diff(clock).round(3).tolist(), strict=True)),
    }
    return tree


def ablate_layers(
    networks: Networks,
    data: ImageData,
    measured: Measured,
    steps: Mapping[str, Steps | None],
    replacement: Replacement,
    random_orders: AtLeastZero,
    seed: Seed,
) -> dict[str, xr.Dataset]:
    """Ablate each layer by itself, and the whole network, on the test samples.

    Args:
        networks: Trained networks.
        data: Their images; ablation to the mean takes the means over the training samples.
        measured: What `measure` returns for the same networks.
        steps: Layers such as "1", or "whole", each with the numbers of ablated neurons to evaluate, None for all.
        replacement: The output of an ablated neuron.
        random_orders: Random orders for each network and layer.
        seed: Start of the random numbers.

    Returns:
        What `ablate` returns, by layer.

    Example:
        >>> import neuronlib as nl
        >>> data = nl.load("mnist-5k")
        >>> networks, _ = train(Setting(dataset="mnist-5k", hidden=(4, 3), dropout=(), epochs=1), data, [0, 1])
        >>> measured = measure(networks, data.validation)
        >>> ablate_layers(networks, data, measured, {"1": [0, 4]}, "zero", random_orders=1, seed=0)["1"].sizes["step"]
        2
    """
    outputs = outputs_once_ablated(networks, data, replacement)
    return {
        layer: ablate(networks, data.test, ablation_orders(measured, layer, random_orders, seed), outputs, grid)
        for layer, grid in steps.items()
    }


def provenance(device: str) -> dict[str, str | int]:
    """Describe what computes results: versions, machine, threads on the CPU, and today's date."""
    return {
        **{package: importlib.metadata.version(package) for package in ("neuronlib", "torch", "numpy")},
        "device": device,
        "machine": platform.machine(),
        "threads": threads(),
        "date": datetime.date.today().isoformat(),
    }
