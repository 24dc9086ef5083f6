"""What two public replications report, computed as they did, corrected, and with each of their faults alone."""

import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from jaxtyping import Float
from torch import Tensor

from neuronlib.ablation.cumulative import Outputs, ablate, mean_outputs
from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.choices import MEASURES, Device
from neuronlib.common.devices import resolve_device
from neuronlib.common.scopes import scopes
from neuronlib.information.measuring import measure
from neuronlib.reproduction.compute.compute import images, networks_of, origin
from neuronlib.reproduction.compute.faults import active_share, fresh_subset, with_faulty_measures
from neuronlib.reproduction.design.axes import FAULTY, FRESH, REPLICATED
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.studies import Study
from neuronlib.reproduction.store.encoding import encode


def replicate(
    study: Study, root: Path | str | None = None, device: Device = "auto", cache: Path | None = None
) -> xr.Dataset:
    """Train and measure the networks of a replication, and ablate them in every order and way.

    Images come from ``root`` as `load` says, and trained networks from ``cache`` as `networks_of` says.

    Returns:
        What `encode` makes of the results: histories, counts, and curves with ablation to ``zero``, to
        the ``mean``, and ``shrunk`` as `active_share` says, by the paper's measures and the faulty
        ones, in random orders, and in random subsets that are drawn anew for each number of neurons ("fresh").

    Example:
        >>> import dataclasses
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> from neuronlib.reproduction.design.studies import STUDIES
        >>> setting = paper_setting("mnist-5k", "sigmoid", hidden=(6, 5), epochs=1)
        >>> few = dataclasses.replace(STUDIES["early-version"], setting=setting, networks=1, random_orders=1)
        >>> replicate(few).shrunk_whole.sizes["order"]
        16
    """
    setting, where = study.setting, resolve_device(device)
    started, attributes = time.perf_counter(), origin(study, where.type)
    data = images(setting, root)
    ensemble, history = networks_of(Job(setting=setting, first=0, last=study.networks - 1), data, device, cache)
    measured = with_faulty_measures(measure(ensemble, data.validation))
    means = mean_outputs(ensemble, data.train)
    shares = means.new_tensor(active_share(measured))
    ablations: dict[str, tuple[Outputs, Float[Tensor, "network neuron"] | None]] = dict(
        zip(REPLICATED, (("zero", None), (means, None), ("zero", shares)), strict=True)
    )
    curves = {}
    for scope in scopes(setting.hidden):
        orders = ablation_orders(measured, scope, study.random_orders, setting.seed, (*MEASURES, *FAULTY))
        for ablation, (constant, remains) in ablations.items():
            ablated = functools.partial(
                ablate, ensemble, data.test, replacement=constant, remains=remains, steps=study.steps(scope)
            )
            ordered = ablated(orders=orders)
            fresh = _in_fresh_subsets(ablated, orders, study.steps(scope), setting.seed)
            correct = xr.concat([ordered.correct, fresh], dim="order")
            curves[ablation, scope] = xr.Dataset({"correct": correct, "samples": ordered.samples})
    encoded = encode(history, measured.drop_vars(FAULTY), curves)
    encoded.attrs |= {
        "seconds": round(time.perf_counter() - started, 1),
        **attributes,
    }
    return encoded


def _in_fresh_subsets(
    ablated: Callable[..., xr.Dataset], orders: xr.DataArray, steps: Sequence[int], seed: int
) -> xr.DataArray:
    points = []
    layer, networks = str(orders.layer.values), orders.network.values.tolist()
    for step in steps:
        subsets = [fresh_subset(np.sort(orders.values[k, 0]), step, seed, layer, n) for k, n in enumerate(networks)]
        drawn = xr.DataArray(
            np.array(subsets)[:, None],
            dims=("network", "order", "step"),
            coords={"network": networks, "order": [f"{FRESH} 0"], "layer": layer},
        ).assign_coords(measure=("order", [FRESH]), direction=("order", ["random"]))
        points.append(ablated(orders=drawn, steps=[step]).correct)
    return xr.concat(points, dim="step")
