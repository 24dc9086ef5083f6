"""What whole layers and groups of their neurons say of the label, for a setting's networks."""

import time
from pathlib import Path

import numpy as np
import xarray as xr
from jaxtyping import Float64, Int64
from numpy import ndarray

from neuronlib.common.choices import Device
from neuronlib.common.devices import resolve_device
from neuronlib.common.progress import progress
from neuronlib.information.groups.brackets import layer_bracket
from neuronlib.information.groups.layers import active_by_layer
from neuronlib.information.groups.sampled import of_sampled_groups
from neuronlib.information.measures import entropy
from neuronlib.reproduction.compute.compute import images, networks_of, origin
from neuronlib.reproduction.design.axes import STATISTICS
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.studies import LayerStudy


def measure_layers(
    study: LayerStudy, root: Path | str | None = None, device: Device = "auto", cache: Path | None = None
) -> xr.Dataset:
    r"""Bracket each layer's information and Shannon invariants, and decompose groups drawn from it.

    Neurons have one bit, and samples are the validation samples. The data processing inequality is one of real-valued
    outputs: a layer's bits do not determine the next layer's. So what the bits of this and of later layers say bounds
    from below what a layer's outputs say, and not what its bits say.

    Images come from ``root`` as `load` says, and trained networks from ``cache`` as `networks_of` says.

    Returns:
        By ``network`` and ``layer``: what `layer_bracket` returns; ``outputs``, the bracket of the real-valued outputs'
        information in bits, by ``end``; and what `of_sampled_groups` returns, its names behind ``group_``, by ``size``
        and ``statistic``: mean and standard deviation over groups.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> setting = paper_setting("mnist-5k", hidden=(6, 5), epochs=1)
        >>> results = measure_layers(LayerStudy(setting=setting, networks=1, sizes=(2, 3), groups=4))
        >>> results.redundancy.dims, results.group_information.dims
        (('network', 'layer', 'end'), ('network', 'layer', 'statistic', 'size', 'estimator'))
    """
    started, where = time.perf_counter(), resolve_device(device)
    attributes = origin(study, where.type)
    data = images(study.setting, root)
    ensemble, _ = networks_of(Job(setting=study.setting, first=0, last=study.networks - 1), data, device, cache)
    trained = time.perf_counter()
    labels, label_count = data.validation.labels, len(data.label_names)
    rows = []
    with progress(total=study.networks * len(ensemble.widths), unit="layer", desc="decomposing") as bar:
        for of_networks in active_by_layer(ensemble, data.validation):
            columns = []
            for bits in of_networks:
                groups = of_sampled_groups(bits, labels, label_count, study.sizes, study.groups, study.seed)
                columns.append(xr.merge([layer_bracket(bits, labels, label_count), _summary(groups)]))
                bar.update()
            rows.append(xr.concat(columns, dim="network"))
    names = {"network": list(ensemble.networks), "layer": list(ensemble.widths)}
    results = xr.concat(rows, dim="layer").assign_coords(names).transpose("network", "layer", "statistic", ...)
    results["outputs"] = (
        ("network", "layer", "end"),
        _of_outputs(results.information.values, labels),
        {"units": "bit"},
    )
    results.attrs = {
        "validation_samples": len(labels),
        "training": round(trained - started, 1),
        "computing": round(time.perf_counter() - trained, 1),
        **attributes,
    }
    return results


def _summary(groups: xr.Dataset) -> xr.Dataset:
    used = groups.used
    parts = groups.drop_vars("used")
    statistics = [parts.mean("group"), parts.std("group")]
    summary = xr.concat(statistics, dim="statistic").assign_coords(statistic=list(STATISTICS)).assign(used=used)
    return summary.rename({name: f"group_{name}" for name in summary.data_vars})


def _of_outputs(
    information: Float64[ndarray, "network layer 2"], labels: Int64[ndarray, " sample"]
) -> Float64[ndarray, "network layer 2"]:
    # Each low end is at least that of any later layer. Real numbers have no entropy that could bound them.
    low = np.maximum.accumulate(information[:, ::-1, 0], axis=1)[:, ::-1]
    return np.stack([low, np.full_like(low, entropy(np.bincount(labels)[:, None]))], axis=2)
