"""An experiment from images to results: train, measure, order, ablate."""

import dataclasses
import datetime
import importlib.metadata
import json
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from neuronlib.ablation.cumulative import constants, cumulative_ablation
from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.config import Experiment
from neuronlib.common.devices import resolve_device, threads
from neuronlib.common.types import Cuts, Replacement, scopes
from neuronlib.data.images import ImageData, Samples, load
from neuronlib.information.counts import joint_counts
from neuronlib.information.measures import by_neuron
from neuronlib.information.quantize import THRESHOLDS, one_bit_thresholds
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.training.training import train


def run(
    experiment: Experiment,
    layers: Sequence[str] | None = None,
    root: Path | str | None = None,
) -> xr.DataTree:
    """Trains an experiment's networks, measures their neurons on validation samples, and ablates them on test samples.

    Source: Amjad, Liu, Geiger 2021, Sec. V.

    Args:
        experiment: What to do.
        layers: Layers whose neurons are ablated, such as "1", or "whole"; None for every hidden layer by itself and
            the whole network.
        root: Where the images are; see `load`.

    Returns:
        Three groups. ``history``: loss and accuracies by ``network`` and ``epoch``. ``measures``: joint ``counts``
        and the measures in bits, by ``network`` and ``neuron``, with each neuron's ``layer``. ``curves``: ``correct``
        and ``samples`` by ``layer``, ``network``, ``order``, ``step`` and ``label``; a layer that has fewer neurons
        than another holds NaN beyond its last. Attributes of the root say how, where and when all this was computed,
        and how many seconds loading, training, measuring and ablating took.

    Raises:
        ValueError: If there is no such layer or device.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> setting = paper_setting("mnist-5k", hidden=(6, 5), epochs=1)
        >>> results = run(Experiment(setting=setting, networks=2, random_orders=1), layers=["1", "2"])
        >>> sorted(results.children), dict(results["measures"].sizes)["neuron"]
        (['curves', 'history', 'measures'], 11)
    """
    setting = experiment.setting
    where = resolve_device(experiment.device)
    chosen = _checked_layers(layers, setting.hidden)
    attributes = _attributes(experiment, where.type)
    started = time.perf_counter()
    data = load(setting.dataset, root, setting.split, setting.scaling)
    loaded = time.perf_counter()
    ensemble, history = train(setting, data, range(experiment.networks), experiment.device)
    trained = time.perf_counter()
    measured = measure(ensemble, data.validation, len(data.label_names))
    counted = time.perf_counter()
    curves = ablate(ensemble, data, measured, chosen, experiment)
    ablated = time.perf_counter()
    seconds = np.diff([started, loaded, trained, counted, ablated])
    results = {"history": history, "measures": measured, "curves": curves}
    tree = xr.DataTree.from_dict(results)
    names = ("loading", "training", "measuring", "ablating")
    tree.attrs = attributes | dict(zip(names, seconds.round(3).tolist(), strict=True))
    return tree


def measure(ensemble: Ensemble, samples: Samples, labels: int, values: int = 2, cuts: Cuts = "quantile") -> xr.Dataset:
    """Joint counts and information measures of all hidden neurons.

    Source: Amjad, Liu, Geiger 2021, Eqs. (2) to (5), on the validation samples.

    Args:
        ensemble: Trained networks.
        samples: The samples to count.
        labels: Number of labels.
        values: Values of the quantizer: with 2 it is the paper's, with more it cuts each neuron's outputs, which is
            ours.
        cuts: Where outputs are cut: at their quantiles, or at equal distances ("uniform").

    Returns:
        ``counts`` with axes ``network``, ``neuron``, ``value`` and ``label``; each measure in bits with axes
        ``network`` and ``neuron``. Coordinates ``layer`` ("1", "2", …) and ``index`` (within the layer) of a neuron.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> data = load("mnist-5k")
        >>> networks, _ = train(paper_setting("mnist-5k", hidden=(4, 3), epochs=1), data, [0])
        >>> measured = measure(networks, data.validation, labels=10)
        >>> dict(measured.counts.sizes), measured.layer.values.tolist()
        ({'network': 1, 'neuron': 7, 'value': 2, 'label': 10}, ['1', '1', '1', '1', '2', '2', '2'])
    """
    pixels, targets = samples_on(ensemble.device, samples)
    if values == 2:
        thresholds = one_bit_thresholds(ensemble.setting.activation)
    else:
        outputs = np.moveaxis(ensemble.outputs(samples), 1, 2)
        thresholds = THRESHOLDS[cuts](outputs.astype(np.float64), values)
    counts = joint_counts(ensemble.outputs_in_chunks(pixels, targets), thresholds, labels)
    return by_neuron(counts, ensemble.setting.hidden, ensemble.networks)


def ablate(
    ensemble: Ensemble, data: ImageData, measured: xr.Dataset, layers: Sequence[str], experiment: Experiment
) -> xr.Dataset:
    """Ablation curves on the test samples, layer by layer.

    Args:
        ensemble: Trained networks.
        data: Their images; ablation to the mean takes the means over the training samples.
        measured: What `measure` returns for the same networks.
        layers: Layers such as "1", or "whole".
        experiment: Says how many random orders there are and what an ablated neuron puts out.

    Returns:
        ``correct`` and ``samples`` with the axis ``layer`` in front; see `run`.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> setting, data = paper_setting("mnist-5k", hidden=(4, 3), epochs=1), load("mnist-5k")
        >>> networks, _ = train(setting, data, [0, 1])
        >>> measured = measure(networks, data.validation, labels=10)
        >>> experiment = Experiment(setting=setting, networks=2, random_orders=1)
        >>> dict(ablate(networks, data, measured, ["1", "whole"], experiment).correct.sizes)
        {'layer': 2, 'network': 2, 'order': 7, 'step': 8, 'label': 10}
    """
    orders = experiment.random_orders
    curves = list(
        ablate_scopes(ensemble, data, measured, dict.fromkeys(layers), experiment.replacement, orders).values()
    )
    # Layers differ in width; the shorter ones are padded with NaN.
    correct = xr.concat([curve.correct for curve in curves], dim="layer", join="outer")
    return xr.Dataset({"correct": correct, "samples": curves[0].samples.drop_vars("layer")})


def ablate_scopes(
    ensemble: Ensemble,
    data: ImageData,
    measured: xr.Dataset,
    steps: Mapping[str, Sequence[int] | None],
    replacement: Replacement,
    random_orders: int,
) -> dict[str, xr.Dataset]:
    """Ablation curves on the test samples, one data set for each scope.

    Args:
        ensemble: Trained networks.
        data: Their images; ablation to the mean takes the means over the training samples.
        measured: What `measure` returns for the same networks.
        steps: Layers such as "1", or "whole", each with the numbers of ablated neurons to evaluate, None for all.
        replacement: What an ablated neuron puts out.
        random_orders: Random orders for each network and scope.

    Returns:
        What `cumulative_ablation` returns, by scope.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> setting, data = paper_setting("mnist-5k", hidden=(4, 3), epochs=1), load("mnist-5k")
        >>> networks, _ = train(setting, data, [0, 1])
        >>> measured = measure(networks, data.validation, labels=10)
        >>> ablate_scopes(networks, data, measured, {"1": [0, 4]}, "zero", random_orders=1)["1"].sizes["step"]
        2
    """
    replaced = constants(ensemble, data.train, replacement)
    test = samples_on(ensemble.device, data.test)
    curves = {}
    for scope, some in steps.items():
        orders = ablation_orders(measured, scope, random_orders, ensemble.setting.seed)
        curves[scope] = cumulative_ablation(ensemble, *test, orders, replaced, some)
    return curves


def _checked_layers(layers: Sequence[str] | None, hidden: Sequence[int]) -> list[str]:
    there = scopes(hidden)
    if layers is None:
        return there
    if not layers or any(layer not in there for layer in layers):
        raise ValueError(f"layers = {list(layers)}: expected some of {', '.join(there)}")
    return list(layers)


def provenance(device: str) -> dict[str, str | int]:
    """What computed results, besides the setting.

    Args:
        device: Where they were computed.

    Returns:
        Versions, machine, threads on the CPU, and today's date.

    Example:
        >>> provenance("cpu")["device"]
        'cpu'
    """
    return {
        **{package: importlib.metadata.version(package) for package in ("neuronlib", "torch", "numpy")},
        "device": device,
        "machine": platform.machine(),
        "threads": threads(),
        "date": datetime.date.today().isoformat(),
    }


def _attributes(experiment: Experiment, device: str) -> dict[str, str | int]:
    return {
        "setting": json.dumps(dataclasses.asdict(experiment.setting)),
        "digest": experiment.setting.digest(),
        "networks": experiment.networks,
        "seed": experiment.setting.seed,
        "random_orders": experiment.random_orders,
        "replacement": experiment.replacement,
        **provenance(device),
    }
