"""Networks that were rewarded while they were trained: how well they do, and what their neurons say of the class."""

import time
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float, Int64
from numpy import ndarray
from torch import Tensor

from neuronlib.ablation.cumulative import ablate
from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.choices import MEASURES, Device
from neuronlib.common.devices import resolve_device
from neuronlib.common.numbers import Count
from neuronlib.common.progress import progress
from neuronlib.data.images import ImageData
from neuronlib.information.groups.layers import active_by_layer, of_one_layer
from neuronlib.information.measures import class_selectivity
from neuronlib.information.measuring import measure
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.reproduction.compute.compute import images, origin
from neuronlib.reproduction.design.axes import REWARDED_MEASURES
from neuronlib.reproduction.design.studies import RewardStudy
from neuronlib.training.rewarded import train_at_strengths


def reward_networks(
    study: RewardStudy, root: Path | str | None = None, device: Device = "auto", _cache: Path | None = None
) -> xr.Dataset:
    """Train the same networks with rewards and penalties of several strengths, measure them, and ablate each layer.

    Images come from ``root`` as `load` says. Networks are always trained.

    Returns:
        By ``strength`` and ``network``, of the test samples: ``correct`` answers when a ``share`` of a ``layer`` is
        ablated to zero in an ``order``; ``log_loss`` in nats; ``calibration_error``. Of the validation samples:
        ``measures`` of each ``neuron`` of the hidden layers, one after the other; and what `of_one_layer` says of the
        last hidden layer. ``training_loss`` and ``term`` are means over the last epoch.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> setting = paper_setting("mnist-5k", regularizer="none", hidden=(6, 5), epochs=1, batch_size=128)
        >>> study = RewardStudy(setting=setting, term="mutual_information", strengths=(0.0, 1.0), networks=1)
        >>> reward_networks(study).correct.dims
        ('strength', 'network', 'layer', 'order', 'share')
    """
    started, where = time.perf_counter(), resolve_device(device)
    attributes = origin(study, where.type)
    data = images(study.setting, root)
    trained, history = train_at_strengths(
        study.setting, data, study.networks, study.term, study.strengths, study.temperature, device
    )
    begun = time.perf_counter()
    parts = []
    with progress(total=len(study.strengths), unit="strength", desc="measuring and ablating") as bar:
        for ensemble in trained.values():
            parts.append(_of_strength(study, ensemble, data))
            bar.update()
    last = history.isel(epoch=-1, drop=True).transpose("strength", "network")
    results = xr.concat(parts, dim="strength").assign(training_loss=last.training_loss, term=last.term)
    results = results.assign_coords(strength=list(study.strengths)).transpose("strength", "network", ...)
    results.attrs = {
        "test_samples": len(data.test.labels),
        "validation_samples": len(data.validation.labels),
        "training": round(begun - started, 1),
        "computing": round(time.perf_counter() - begun, 1),
        **attributes,
    }
    return results


def _of_strength(study: RewardStudy, ensemble: Ensemble, data: ImageData) -> xr.Dataset:
    measured = measure(ensemble, data.validation)
    labels, label_count = data.validation.labels, len(data.label_names)
    selectivity = [class_selectivity(outputs, labels) for outputs in ensemble.outputs(data.validation)]
    measures = np.stack([*(measured[name].values for name in MEASURES), np.stack(selectivity)], axis=-1)
    log_loss, calibration = _confidence(ensemble, data)
    groups = [of_one_layer(bits, labels, label_count) for bits in active_by_layer(ensemble, data.validation)[-1]]
    each = xr.Dataset(
        {
            "correct": _curves(study, ensemble, data, measured),
            "log_loss": ("network", log_loss, {"units": "nat"}),
            "calibration_error": ("network", calibration),
            "measures": (("network", "neuron", "measure"), measures.astype(np.float32)),
        },
        {"measure": list(REWARDED_MEASURES)},
    )
    together = xr.concat(groups, dim="network").assign_coords(network=list(ensemble.networks))
    return each.merge(together)


def _curves(study: RewardStudy, ensemble: Ensemble, data: ImageData, measured: xr.Dataset) -> xr.DataArray:
    curves = []
    for layer, width in ensemble.widths.items():
        # The random orders of a network are the same at all strengths.
        orders = ablation_orders(measured, layer, study.random_orders, study.setting.seed, ["mutual_information"])
        steps = [round(share * width) for share in study.shares]
        curve = ablate(ensemble, data.test, orders.sel(order=study.orders), steps=sorted(set(steps)))
        correct = curve.correct.sum("label").sel(step=steps).rename(step="share").assign_coords(share=study.shares)
        curves.append(correct.drop_vars(["layer", "measure", "direction"]))
    joined = xr.concat(curves, dim="layer").assign_coords(layer=list(ensemble.widths))
    return joined.transpose("network", "layer", "order", "share").astype(np.int32)


@torch.no_grad()
def _confidence(ensemble: Ensemble, data: ImageData) -> tuple[Float[ndarray, " network"], Float[ndarray, " network"]]:
    # Mean negative log-likelihood of the test samples in nats, and calibration error.
    pixels, labels = samples_on(ensemble.device, data.test)
    log_probabilities = ensemble.logits(pixels).to(torch.float64).log_softmax(dim=2)
    losses = -log_probabilities[:, torch.arange(len(labels)), labels].mean(dim=1)
    errors = [calibration_error(one, labels) for one in log_probabilities.exp()]
    return losses.cpu().numpy(), np.array(errors)


def calibration_error(
    probabilities: Float[Tensor, "sample label"], labels: Int64[Tensor, " sample"], bins: Count = 15
) -> float:
    r"""Return the expected calibration error: how far confidence is from accuracy, on average over samples.

    .. math:: \sum_b \frac{n_b}{N} \left| \mathrm{accuracy}(b) - \mathrm{confidence}(b) \right|

    Confidence is the largest probability; bins :math:`b` divide it into equal parts.

    Source: Guo, Pleiss, Sun, Weinberger 2017, with their 15 bins.

    Returns:
        From 0, where of samples with confidence 0.8 eight in ten are classified correctly, to 1.

    Example:
        >>> probabilities = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
        >>> round(calibration_error(probabilities, torch.tensor([0, 0, 1, 0])), 6)
        0.1
    """
    confidence, predicted = probabilities.max(dim=1)
    gaps = (predicted == labels).to(confidence.dtype) - confidence
    place = (confidence * bins).ceil().long().clamp(1, bins) - 1
    return float(torch.zeros(bins, dtype=gaps.dtype).index_add(0, place.cpu(), gaps.cpu()).abs().sum() / len(labels))
