"""Criteria for pruning compared on the same networks."""

import dataclasses
import itertools
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from jaxtyping import Float, Int16, Int64
from scipy.stats import rankdata
from torch import Tensor

from neuronlib.ablation.cumulative import Outputs, ablate, mean_outputs
from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.choices import MEASURES, Device
from neuronlib.common.devices import resolve_device
from neuronlib.common.progress import progress
from neuronlib.common.scopes import WHOLE, layer_names
from neuronlib.data.images import ImageData
from neuronlib.information.measuring import measure
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.pruning.compensation import Moments, balanced, moments, only, refitted
from neuronlib.pruning.pruning import removed_neurons
from neuronlib.pruning.selection import CRITERIA, Selection, select
from neuronlib.reproduction.compute.compute import images, networks_of, origin
from neuronlib.reproduction.design.axes import AFTERWARDS, POOLING, PRUNED_SHARES, RETRAINED_SHARES
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.studies import Study
from neuronlib.training.training import train


def compare_criteria(
    study: Study, root: Path | str | None = None, device: Device = "auto", cache: Path | None = None
) -> xr.Dataset:
    """Prune the same networks by every criterion, layer by layer, with and without surgery, and with re-training.

    Images come from ``root`` as `load` says, and trained networks from ``cache`` as `networks_of` says.

    Returns:
        ``correct``: test samples classified correctly, by ``criterion``, ``layer``, ``share`` removed, what is done
        ``afterwards``, and ``network``; -1 where there is no such thing. ``trained_on``: the same of whole networks
        after as much further training. ``whole``: the same when a share of all hidden neurons is removed, ``how``
        being "pooled", ranked over all layers, or "by layer", by ``operated`` (nothing, balancing), ``measure``,
        ``share`` and ``network``. ``seconds`` of each ``criterion`` and ``layer`` for one network.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> study = Study(kind="pruning", setting=paper_setting("mnist-5k", hidden=(6, 5), epochs=1), networks=1)
        >>> compare_criteria(study).correct.dims
        ('criterion', 'layer', 'share', 'afterwards', 'network')
    """
    started, where = time.perf_counter(), resolve_device(device)
    attributes = origin(study, where.type)
    data = images(study.setting, root)
    ensemble, _ = networks_of(Job(setting=study.setting, first=0, last=study.networks - 1), data, device, cache)
    test = samples_on(where, data.test)
    layers = layer_names(study.setting.hidden)
    shape = (len(CRITERIA), len(layers), len(PRUNED_SHARES), len(AFTERWARDS), study.networks)
    correct, seconds = np.full(shape, -1, np.int16), np.zeros(shape[:2], np.float32)
    known = {layer: moments(ensemble, data, layer) for layer in layers}
    with progress(total=len(CRITERIA) * len(layers), unit="criterion", desc="pruning") as bar:
        for (i, criterion), (j, layer) in itertools.product(enumerate(CRITERIA), enumerate(layers)):
            start = time.perf_counter()
            chosen = select(criterion, ensemble, data, layer, study.setting.seed)
            seconds[i, j] = (time.perf_counter() - start) / study.networks
            for at, smaller in _pruned(ensemble, data, layer, chosen, known[layer], study, device):
                correct[i, j, *at] = correct_answers(smaller, test)
            bar.update()
    results = xr.Dataset(
        {
            "correct": (("criterion", "layer", "share", "afterwards", "network"), correct),
            "trained_on": (
                "network",
                correct_answers(trained_further(ensemble, data, study.epochs_after, device), test).astype(np.float64),
            ),
            "whole": _all_layers(ensemble, data, study.setting.seed),
            "seconds": (("criterion", "layer"), seconds, {"units": "s"}),
        },
        {
            "criterion": list(CRITERIA),
            "layer": layers,
            "share": list(PRUNED_SHARES),
            "afterwards": list(AFTERWARDS),
            "network": list(ensemble.networks),
        },
    )
    results.attrs = {
        "test_samples": len(data.test.labels),
        "computing": round(time.perf_counter() - started, 1),
        **attributes,
    }
    return results


def _pruned(
    ensemble: Ensemble,
    data: ImageData,
    layer: str,
    chosen: Selection,
    known: Moments,
    study: Study,
    device: Device,
) -> Iterator[tuple[tuple[int, int], Ensemble]]:
    # Smaller networks with their place among shares and what is done afterwards.
    for place, share in enumerate(PRUNED_SHARES):
        count = neurons_left(ensemble, layer, share)
        kept = chosen.kept(count)
        plain = only(ensemble, layer, kept)
        yield (place, 0), plain
        yield (place, 1), only(balanced(ensemble, layer, kept, known), layer, kept)
        yield (place, 2), only(refitted(ensemble, layer, kept, known), layer, kept)
        own = chosen.own_surgery(ensemble, layer, count, known)
        if own is not None:
            yield (place, 3), only(own, layer, kept)
        if share in RETRAINED_SHARES:
            yield (place, 4), trained_further(plain, data, study.epochs_after, device)


def neurons_left(ensemble: Ensemble, layer: str, share: float) -> int:
    """Return how many neurons of a layer stay when a share is removed, at least one."""
    width = ensemble.widths[layer]
    return max(1, width - removed_neurons(width, share))


def correct_answers(
    ensemble: Ensemble, test: tuple[Float[Tensor, "sample feature"], Int64[Tensor, " sample"]]
) -> Int16[np.ndarray, " network"]:
    """Count the test samples that each network classifies correctly."""
    return (ensemble.accuracy(*test) * len(test[1])).round().cpu().numpy().astype(np.int16)


def trained_further(ensemble: Ensemble, data: ImageData, epochs: int, device: Device) -> Ensemble:
    """Train copies of networks for some epochs more, with a new optimizer."""
    further = dataclasses.replace(ensemble.setting, epochs=epochs)
    return train(further, data, ensemble.networks, device, start=ensemble)[0]


def _all_layers(ensemble: Ensemble, data: ImageData, seed: int) -> xr.DataArray:
    measured = measure(ensemble, data.validation)
    neurons = measured.sizes["neuron"]
    by_how = dict(zip(POOLING, (measured, _by_standing(measured, ensemble.setting.hidden)), strict=True))
    steps = [round(share * neurons) for share in PRUNED_SHARES]
    outputs: dict[str, Outputs] = {
        "nothing": "zero",
        "balancing": mean_outputs(ensemble, data.train),
    }
    curves = {}
    for how, values in by_how.items():
        orders = ablation_orders(values, WHOLE, 0, seed)
        orders = orders.sel(order=[f"{name} low" for name in MEASURES])
        for afterwards, replaced in outputs.items():
            curve = ablate(ensemble, data.test, orders, replaced, sorted(set(steps))).correct.sum("label")
            curves[how, afterwards] = curve.sel(step=steps).drop_vars(["layer", "measure", "direction"])
    joined = [
        xr.concat([curves[how, afterwards] for afterwards in ("nothing", "balancing")], dim="operated").assign_coords(
            operated=["nothing", "balancing"]
        )
        for how in by_how
    ]
    whole = xr.concat(joined, dim="how").assign_coords(how=list(by_how))
    return whole.assign_coords(order=list(MEASURES), step=list(PRUNED_SHARES)).rename(order="measure", step="share")


def _by_standing(measured: xr.Dataset, hidden: Sequence[int]) -> xr.Dataset:
    # Where each neuron stands in its own layer, from 0 to 1: ordered by that, all layers lose neurons at the same pace,
    # but for neurons of equal value, which share their middle place and go together.
    standing = {}
    for name in MEASURES:
        parts = np.split(measured[name].values, np.cumsum(hidden)[:-1], axis=1)
        ranks = [rankdata(part, axis=1) / part.shape[1] for part in parts]
        standing[name] = (("network", "neuron"), np.concatenate(ranks, axis=1))
    return measured.assign(standing)
