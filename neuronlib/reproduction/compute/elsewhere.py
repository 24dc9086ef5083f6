"""The paper's experiment with networks of other widths, or trained otherwise."""

import time
from pathlib import Path

import numpy as np
import xarray as xr

from neuronlib.common.choices import Device
from neuronlib.common.devices import resolve_device
from neuronlib.common.scopes import scopes
from neuronlib.experiment import ablate_layers
from neuronlib.information.measuring import measure
from neuronlib.networks.ensemble import samples_on
from neuronlib.reproduction.compute.compute import images, networks_of, origin
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.studies import Study
from neuronlib.reproduction.store.encoding import encode


def measure_and_ablate(
    study: Study, root: Path | str | None = None, device: Device = "auto", cache: Path | None = None
) -> xr.Dataset:
    """Train, measure and ablate networks as the paper does, to zero: each layer by itself, and the whole network.

    Images come from ``root`` as `load` says, and trained networks from ``cache`` as `networks_of` says.

    Returns:
        What `encode` makes of the results, and ``training_accuracy``: the share of the training samples that each
        trained network classifies correctly.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> setting = paper_setting("mnist-5k", regularizer="none", hidden=(6, 5), epochs=1, l1=1e-5)
        >>> results = measure_and_ablate(Study(kind="elsewhere", setting=setting, networks=1, random_orders=1))
        >>> results.zero_whole.sizes["step_whole"], results.training_accuracy.dims
        (12, ('network',))
    """
    setting, where = study.setting, resolve_device(device)
    started, attributes = time.perf_counter(), origin(study, where.type)
    data = images(setting, root)
    ensemble, history = networks_of(Job(setting=setting, first=0, last=study.networks - 1), data, device, cache)
    measured = measure(ensemble, data.validation)
    steps = {scope: study.steps(scope) for scope in scopes(setting.hidden)}
    curves = ablate_layers(ensemble, data, measured, steps, "zero", study.random_orders, setting.seed)
    encoded = encode(history, measured, {("zero", scope): curve for scope, curve in curves.items()})
    accuracy = ensemble.accuracy(*samples_on(where, data.train)).cpu().numpy()
    encoded["training_accuracy"] = ("network", accuracy.astype(np.float32))
    encoded.attrs |= {"seconds": round(time.perf_counter() - started, 1), **attributes}
    return encoded
