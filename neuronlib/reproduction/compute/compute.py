"""Computing a job: from images to what is stored."""

import contextlib
import functools
import json
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from neuronlib.ablation.subsets import each_alone
from neuronlib.common.choices import DatasetName, Device, Scaling, Split
from neuronlib.common.config import Setting
from neuronlib.common.devices import resolve_device
from neuronlib.data.images import ImageData, load
from neuronlib.experiment import ablate_layers, provenance
from neuronlib.information.groups.layers import of_layers
from neuronlib.information.measuring import measure
from neuronlib.networks.ensemble import Ensemble
from neuronlib.reproduction.design.digest import CORE_VERSION, Configured, digest
from neuronlib.reproduction.design.jobs import STAGES, Job
from neuronlib.reproduction.store.atomic import StoreError
from neuronlib.reproduction.store.encoding import encode
from neuronlib.reproduction.store.weights import load_networks, save_networks
from neuronlib.training.training import train, train_with_snapshots


def compute(
    job: Job,
    root: Path | str | None = None,
    device: Device = "auto",
    cache: Path | None = None,
    groups: bool = True,
) -> xr.Dataset:
    """Train, measure and ablate the networks of a job.

    Source: Amjad, Liu, Geiger 2021, Sec. V.

    Images come from ``root`` as `load` says, and trained networks from ``cache`` as `networks_of` says.

    Returns:
        What `encode` makes of the results. Except for CIFAR-10 and pilots, this includes ``lost``: how many fewer test
        samples are classified correctly once a neuron is ablated to zero by itself; and, with ``groups``, if pixels are
        scaled as in the book, what `of_layers` finds. Attributes say how, where and when the networks were trained, and
        how many seconds each of `STAGES` took.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> setting = paper_setting("mnist-5k", hidden=(6, 5), epochs=1)
        >>> results = compute(Job(setting=setting, first=0, last=1, random_orders=1))
        >>> results.sizes["network"], results.zero_whole.sizes["step_whole"]
        (2, 12)
    """
    setting = job.setting
    where = resolve_device(device)
    attributes = origin(job, where.type)
    clock = [time.perf_counter()]
    data = images(setting, root)
    clock.append(time.perf_counter())
    ensemble, history = networks_of(job, data, device, cache)
    clock.append(time.perf_counter())
    measured = measure(ensemble, data.validation, job.values)
    clock.append(time.perf_counter())
    steps = {scope: job.steps(scope) for scope in job.scopes}
    curves: dict[tuple[str, str], xr.Dataset] = {
        (replacement, scope): curve
        for replacement in job.replacements
        for scope, curve in ablate_layers(
            ensemble, data, measured, steps, replacement, job.random_orders, setting.seed
        ).items()
    }
    clock.append(time.perf_counter())
    together = None
    # For the wide layers of CIFAR-10 this would take as long as training.
    if job.replacements and setting.dataset != "cifar10":
        measured["lost"] = each_alone(ensemble, data)
        # Other scalings are there to ask the claims again, and no claim is about groups.
        if groups and setting.scaling == "standard":
            together = of_layers(ensemble, data)
    clock.append(time.perf_counter())
    encoded = encode(history, measured, curves, together)
    encoded.attrs |= dict(zip(STAGES, np.diff(clock).round(3).tolist(), strict=True))
    # Of networks from the cache, what trained them may be another machine, and not what measured them.
    encoded.attrs |= attributes | history.attrs
    return encoded


def origin(work: Configured, device: str) -> dict[str, str | int]:
    """Return what was computed (configuration, digest, version of the core), and where and when (`provenance`)."""
    return {
        "configuration": json.dumps(work.configuration()),
        "digest": work.digest(),
        "core": CORE_VERSION,
        **provenance(device),
    }


def images(setting: Setting, root: Path | str | None = None) -> ImageData:
    """Load a setting's images."""
    return images_of(setting.dataset, setting.split, setting.scaling, root)


@functools.lru_cache(maxsize=1)
def images_of(dataset: DatasetName, split: Split, scaling: Scaling, root: Path | str | None = None) -> ImageData:
    """Load images; the last ones are kept, as loading takes seconds and jobs follow each other."""
    return load(dataset, root, split, scaling)


def networks_of(
    job: Job, data: ImageData, device: Device = "auto", cache: Path | None = None
) -> tuple[Ensemble, xr.Dataset]:
    """Load the trained networks of a job from a cache, or train them and add them to it.

    If they cannot be written to it, a warning says so. Without a cache they are always trained.

    Returns:
        The networks and their history; its attributes are the seconds that ``training`` took, and `provenance` of that
        day.
    """
    if cache is None:
        return _trained(job, data, device)
    path = cached_networks(cache, job.setting, job.first, job.last)
    with contextlib.suppress(FileNotFoundError, StoreError):
        return load_networks(path, job.setting, job.networks, resolve_device(device))
    ensemble, history = _trained(job, data, device)
    try:
        save_networks(ensemble, history, path)
    except StoreError as error:
        # What may have taken an hour to train is measured all the same.
        warnings.warn(f"{error}; these networks are measured, and not kept", stacklevel=2)
    return ensemble, history


def _trained(job: Job, data: ImageData, device: Device) -> tuple[Ensemble, xr.Dataset]:
    start = time.perf_counter()
    ensemble, history = train(job.setting, data, job.networks, device)
    seconds = round(time.perf_counter() - start, 3)
    return ensemble, history.assign_attrs(training=seconds, **provenance(resolve_device(device).type))


def train_into(cache: Path, jobs: Sequence[Job], root: Path | str | None = None, device: Device = "auto") -> None:
    """Train the networks of jobs that differ in the number of epochs alone at once, unless all are in a cache.

    What cannot be written to it is trained again by `compute`, as `networks_of` says.
    """
    longest = max(jobs, key=lambda job: job.setting.epochs)
    paths = {job.setting.epochs: cached_networks(cache, job.setting, job.first, job.last) for job in jobs}
    if len(paths) < 2 or all(path.exists() for path in paths.values()):
        return
    data = images(longest.setting, root)
    start = time.perf_counter()
    after, history = train_with_snapshots(longest.setting, data, longest.networks, list(paths), device)
    # What a snapshot alone would have taken.
    per_epoch = (time.perf_counter() - start) / longest.setting.epochs
    for epochs, ensemble in after.items():
        until = history.sel(epoch=slice(None, epochs)).assign_attrs(
            training=round(epochs * per_epoch, 3), **provenance(resolve_device(device).type)
        )
        with contextlib.suppress(StoreError):
            save_networks(ensemble, until, paths[epochs])


def cached_networks(cache: Path, setting: Setting, first: int, last: int) -> Path:
    """Return the file in a cache that holds networks ``first`` to ``last`` of a setting."""
    name = digest({"setting": setting.digest(), "networks": [first, last]})
    return cache / f"{setting.dataset}-{name}.pt"
