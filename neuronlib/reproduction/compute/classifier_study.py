"""Networks of other architectures, measured and ablated layer by layer, by the paper's measures and published ones."""

import dataclasses
import functools
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch import nn

from neuronlib.ablation.cumulative import Outputs, ablate, mean_outputs
from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.choices import MEASURES, Device
from neuronlib.common.devices import resolve_device
from neuronlib.common.progress import progress
from neuronlib.common.scopes import WHOLE, layer_slice
from neuronlib.data.images import ImageData, Samples
from neuronlib.information.measuring import measure
from neuronlib.networks.watched import Watched, watch
from neuronlib.pruning.saliency import SCORES, SCORES_OF_CHANNELS
from neuronlib.reproduction.compute.classifiers import classifiers
from neuronlib.reproduction.compute.compute import images_of, origin
from neuronlib.reproduction.design.studies import FINE, PUBLISHED, SUMMARIES, ClassifierStudy


def measure_and_ablate_classifiers(
    study: ClassifierStudy, root: Path | str | None = None, device: Device = "auto", cache: Path | None = None
) -> xr.Dataset:
    """Train a study's networks, measure their channels or features, and ablate them layer by layer and all together.

    Images come from ``root`` as `load` says, and trained networks from ``cache`` as `classifiers` says.

    Returns:
        ``counts``, of values and labels, by ``summary``, ``network``, ``neuron``, ``value`` and ``label``, and
        ``fine_counts``, of four values of the mean; ``scores`` by ``criterion``, from as many validation samples as
        test samples are classified, NaN where a layer has none.
        ``correct``: test samples classified correctly by ``replacement`` ("zero" or "mean"), ``scope`` (a layer, or
        "whole"), ``order``, ``network`` and ``share`` ablated; -1 where there is no such order. ``accuracy`` of whole
        networks on all test samples, a fraction. Coordinates ``layer`` and ``index`` of a neuron.

    Example:
        >>> few = ClassifierStudy(
        ...     architecture="transformer",
        ...     dataset="mnist-5k",
        ...     epochs=1,
        ...     networks=1,
        ...     random_orders=1,
        ...     points=2,
        ...     test_samples=50,
        ... )
        >>> results = measure_and_ablate_classifiers(few)
        >>> results.correct.dims, results.scope.values.tolist()[-1]
        (('replacement', 'scope', 'order', 'network', 'share'), 'whole')
    """
    started, where = time.perf_counter(), resolve_device(device)
    attributes = origin(study, where.type)
    data = images_of(study.dataset, "paper", "standard", root)
    models = classifiers(study, data, device, cache)
    trained = time.perf_counter()
    parts = []
    with progress(total=len(models), unit="network", desc=f"{study.architecture} on {study.dataset}") as bar:
        for network, model in enumerate(models):
            parts.append(_of_one(study, model, data).assign_coords(network=[network]))
            bar.update()
    results = xr.concat(parts, dim="network", data_vars="minimal", coords="minimal", compat="override", join="exact")
    results = results.transpose("summary", "criterion", "replacement", "scope", "order", "network", ...)
    results.attrs = {
        "parameters": sum(parameter.numel() for parameter in models[0].parameters()),
        "training": round(trained - started, 1),
        "computing": round(time.perf_counter() - trained, 1),
        **attributes,
    }
    return results


def _of_one(study: ClassifierStudy, model: nn.Module, data: ImageData) -> xr.Dataset:
    example = torch.zeros(1, *data.shape, device=next(model.parameters()).device)
    watched = {name: watch(model, example, summary=name) for name in SUMMARIES}
    networks = watched[SUMMARIES[0]]
    measured = {name: measure(one, data.validation) for name, one in watched.items()}
    fine = measure(networks, data.validation, values=4)
    scores = {name: _scores(name, networks, data, study.test_samples) for name in PUBLISHED}
    ranked = measured[SUMMARIES[0]].assign({name: (("network", "neuron"), scores[name]) for name in PUBLISHED})
    others = {f"mutual_information {name}": one for name, one in [*measured.items(), (FINE, fine)][1:]}
    ranked = ranked.assign({name: one.mutual_information for name, one in others.items()})
    curves = _curves(study, networks, data, ranked, [*others, *PUBLISHED])
    first = ablation_orders(ranked, WHOLE, 0).isel(order=[0])
    intact = int(ablate(networks, data.test, first, steps=[0]).correct.sum()) / len(data.test.labels)
    counts = xr.concat([one.counts for one in measured.values()], dim="summary", coords="minimal", compat="override")
    return xr.Dataset(
        {
            "counts": counts.assign_coords(summary=list(SUMMARIES)).astype(np.int32),
            "fine_counts": fine.counts.rename(value="fine_value").astype(np.int32),
            "scores": (("criterion", "network", "neuron"), np.stack([scores[name] for name in PUBLISHED])),
            "correct": curves,
            "accuracy": ("network", [intact]),
        },
        {"criterion": list(PUBLISHED)},
        {},
    )


def _scores(criterion: str, networks: Watched, data: ImageData, samples: int) -> np.ndarray:
    of = (SCORES | SCORES_OF_CHANNELS)[criterion].of
    first = Samples(data.validation.pixels[:samples], data.validation.labels[:samples])
    data = dataclasses.replace(data, validation=first)
    scores = np.full((1, sum(networks.widths.values())), np.nan)
    for layer in networks.widths:
        # A layer may lack what a criterion is about, as weights of its own behind a sum.
        try:
            scores[:, layer_slice(networks.widths, layer)] = of(networks, data, layer)
        except ValueError:
            continue
    return scores


def _curves(
    study: ClassifierStudy, networks: Watched, data: ImageData, ranked: xr.Dataset, alone: Sequence[str]
) -> xr.DataArray:
    # Of the criteria in `alone`, lowest first and layer by layer; everything else in both directions and everywhere.
    test = Samples(data.test.pixels[: study.test_samples], data.test.labels[: study.test_samples])
    means = mean_outputs(networks, data.validation)
    shares = np.arange(study.points + 1) / study.points
    usual = [*(f"{name} {way}" for name in MEASURES for way in ("low", "high"))]
    usual += [f"random {k}" for k in range(study.random_orders)]
    names = [*usual, *(f"{name} low" for name in alone)]
    scopes = [*networks.widths, WHOLE]
    shape = (2, len(scopes), len(names), 1, len(shares))
    correct = xr.DataArray(
        np.full(shape, -1, np.int16),
        {"replacement": ["zero", "mean"], "scope": scopes, "order": names, "share": shares},
        ("replacement", "scope", "order", "network", "share"),
    )
    orders_of = functools.partial(ablation_orders, random_orders=study.random_orders, seed=study.seed)
    constants: dict[str, Outputs] = {"zero": "zero", "mean": means}
    for scope in scopes:
        neurons = np.arange(ranked.sizes["neuron"]) if scope == WHOLE else np.flatnonzero(ranked.layer == scope)
        steps = [round(share * len(neurons)) for share in shares]
        own = [] if scope == WHOLE else [name for name in alone if np.isfinite(ranked[name].values[:, neurons]).all()]
        orders = orders_of(ranked, scope, measures=[*MEASURES, *own])
        for replacement, constant in constants.items():
            chosen = [*usual, *(f"{name} low" for name in own if replacement == "zero")]
            curve = ablate(networks, test, orders.sel(order=chosen), constant, steps).correct.sum("label")
            correct.loc[{"replacement": replacement, "scope": scope, "order": chosen}] = curve.values.swapaxes(0, 1)
    return correct
