"""Which test images ablated networks classify correctly, where the stored curves hold their number alone."""

import dataclasses
import time
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from jaxtyping import Bool, Int64
from numpy import ndarray

from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.choices import Device
from neuronlib.common.devices import resolve_device
from neuronlib.common.progress import progress
from neuronlib.common.scopes import scope_width
from neuronlib.data.images import Samples
from neuronlib.information.measuring import measure
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.reproduction.compute.compute import images, networks_of, origin
from neuronlib.reproduction.design.axes import BY_IMAGE_ORDERS, BY_IMAGE_SHARES
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.studies import Study
from neuronlib.reproduction.store.encoding import packed_images


def ablate_by_image(
    study: Study, root: Path | str | None = None, device: Device = "auto", cache: Path | None = None
) -> xr.Dataset:
    """Ablate networks at the one step that each number of the front page is about, and keep the answer to each image.

    Images come from ``root`` as `load` says, and trained networks from ``cache`` as `networks_of` says.

    Returns:
        By ``network``, and by ``scope`` or ``ablation`` ("1 entropy low"): ``intact`` and ``ordered``, whether each
        test image is classified correctly, eight images a byte as `numpy.packbits` packs them; ``random``, in how many
        of the random orders. `decode_images` unpacks it.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> setting = paper_setting("mnist-5k", hidden=(6, 5), epochs=1)
        >>> ablate_by_image(Study(kind="images", setting=setting, networks=2, random_orders=3)).random.dims
        ('scope', 'network', 'image')
    """
    started, where = time.perf_counter(), resolve_device(device)
    attributes = origin(study, where.type)
    setting = study.setting
    data = images(setting, root)
    ensemble, _ = networks_of(Job(setting=setting, first=0, last=study.networks - 1), data, device, cache)
    measured = measure(ensemble, data.validation)
    nothing = np.zeros((study.networks, sum(setting.hidden)), dtype=bool)
    ordered, random = {}, {}
    with progress(total=len(BY_IMAGE_SHARES) * study.random_orders, unit="order", desc="ablating by image") as bar:
        for scope, share in BY_IMAGE_SHARES.items():
            count = round(share * scope_width(setting.hidden, scope))
            first = ablation_orders(measured, scope, study.random_orders, setting.seed).isel(step=slice(count))
            for of_scope, order in BY_IMAGE_ORDERS:
                if of_scope == scope:
                    gone = _gone(first.sel(order=order).values, nothing)
                    ordered[scope, order] = correct_by_image(ensemble, data.test, gone)
            random[scope] = np.zeros((study.networks, len(data.test.labels)), dtype=np.uint8)
            for k in range(study.random_orders):
                gone = _gone(first.sel(order=f"random {k}").values, nothing)
                random[scope] += correct_by_image(ensemble, data.test, gone)
                bar.update()
    bits = packed_images(np.stack([ordered[key] for key in BY_IMAGE_ORDERS]))
    return xr.Dataset(
        {
            "intact": (("network", "byte"), packed_images(correct_by_image(ensemble, data.test, nothing))),
            "ordered": (("ablation", "network", "byte"), bits),
            "random": (("scope", "network", "image"), np.stack(list(random.values()))),
        },
        {
            "network": list(ensemble.networks),
            "ablation": [f"{scope} {order}" for scope, order in BY_IMAGE_ORDERS],
            "scope": list(random),
        },
        {
            "test_samples": len(data.test.labels),
            "random_orders": study.random_orders,
            "computing": round(time.perf_counter() - started, 1),
            **attributes,
        },
    )


def correct_by_image(
    ensemble: Ensemble, samples: Samples, gone: Bool[ndarray, "network neuron"]
) -> Bool[ndarray, "network sample"]:
    """Tell which samples each network classifies correctly while some of its hidden neurons put out zero.

    Returns:
        One row for each network.

    Example:
        >>> import neuronlib as nl
        >>> xor = nl.given([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
        >>> hidden, output = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[0.0, 1.0], [0.0, -2.0]])
        >>> networks = nl.by_hand([hidden, output], [np.array([0.0, -1.0]), np.array([0.5, 0.0])])
        >>> correct_by_image(networks, xor.test, np.array([[False, True]]))
        array([[ True,  True,  True, False]])
    """
    # A neuron that puts out zero adds what one without outgoing weights does.
    kept = torch.from_numpy(~gone).to(ensemble.device, torch.float32)
    before, *after = ensemble.layers
    thinned = [
        dataclasses.replace(layer, weight=layer.weight * here.unsqueeze(2))
        for layer, here in zip(after, kept.split(list(ensemble.setting.hidden), dim=1), strict=True)
    ]
    without = dataclasses.replace(ensemble, layers=[before, *thinned])
    pixels, labels = samples_on(ensemble.device, samples)
    chunks = zip(pixels.split(1000), labels.split(1000), strict=True)
    return torch.cat([without.logits(some).argmax(dim=2) == of for some, of in chunks], dim=1).cpu().numpy()


def _gone(
    first: Int64[ndarray, "network place"], nothing: Bool[ndarray, "network neuron"]
) -> Bool[ndarray, "network neuron"]:
    gone = nothing.copy()
    np.put_along_axis(gone, first, True, axis=1)
    return gone
