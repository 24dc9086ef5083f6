"""What the chapter on groups computes with trained networks: losses of pairs, and sub-networks trained further."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from jaxtyping import Bool, Int64
from numpy import ndarray

from neuronlib.ablation.significance import spearman
from neuronlib.ablation.subsets import ablate_sets, singles
from neuronlib.common.choices import Device
from neuronlib.common.scopes import layer_width
from neuronlib.data.images import ImageData
from neuronlib.information.groups.layers import active_by_layer
from neuronlib.information.groups.oinformation import distinct_varying_neurons
from neuronlib.information.groups.pairs import each_pair
from neuronlib.information.groups.pid import broja
from neuronlib.information.groups.search import greedy
from neuronlib.information.measuring import measure
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.networks.initialization import initialize
from neuronlib.pruning.compensation import only
from neuronlib.training.training import train

SIZE = 6
"""Neurons that a sub-network keeps of a layer."""


def correlation_with_excess(network: Ensemble, data: ImageData, layer: str) -> tuple[dict[str, float], int]:
    """Correlate the parts of each pair's information with the loss of the pair beyond the losses of its two neurons.

    Source: Meyes et al. 2019 ablate pairs; the correlation with information is ours.

    Args:
        network: One trained network.
        data: Its images: parts are of the validation samples, losses of the test samples.
        layer: The layer, such as "2".

    Returns:
        Spearman's correlation over all pairs by part, and the number of pairs.
    """
    bits = active_by_layer(network, data.validation)[int(layer) - 1][0]
    kept = distinct_varying_neurons(bits)
    pairs = np.column_stack(np.triu_indices(len(kept), k=1))
    alone = ablate_sets(network, data, layer, singles(network, layer)).sum("label").values[0]
    both = ablate_sets(network, data, layer, kept[pairs][None]).sum("label").values[0]
    excess = both - alone[kept[pairs]].sum(axis=1)
    parts = broja(each_pair(bits[:, kept], data.validation.labels, len(data.label_names)))
    unique = parts.unique[0] + parts.unique[1]
    named = {"redundancy": parts.redundancy, "synergy": parts.synergy, "unique information": unique}
    return {name: float(spearman(part, excess)) for name, part in named.items()}, len(excess)


def sub_networks(networks: Ensemble, data: ImageData, layer: str, seed: int) -> dict[str, Int64[ndarray, "network 6"]]:
    """Choose six neurons of a layer by several rules, and two larger groups to compare with.

    Returns:
        For each rule the neurons that each network keeps, by their places in the layer.
    """
    active = active_by_layer(networks, data.validation)[int(layer) - 1]
    width = layer_width(networks.widths, layer)
    measured = measure(networks, data.validation)
    information = measured.mutual_information.values[:, np.flatnonzero(measured.layer == layer)]
    draw = np.random.default_rng(seed)
    of_networks = [_choices(bits, values, width, draw) for bits, values in zip(active, information, strict=True)]
    return {rule: np.array([choices[rule] for choices in of_networks]) for rule in of_networks[0]}


def _choices(
    bits: Bool[ndarray, "sample neuron"], information: ndarray, width: int, draw: np.random.Generator
) -> dict[str, Int64[ndarray, " member"]]:
    places = distinct_varying_neurons(bits)
    synergistic, redundant = (places[greedy(bits[:, places], SIZE, way)[0]] for way in ("low", "high"))
    return {
        "most synergistic": synergistic,
        "most redundant": redundant,
        "most information": np.argsort(-information)[:SIZE],
        "random": draw.choice(places, SIZE, replace=False),
        "all but the most synergistic": np.setdiff1d(np.arange(width), synergistic),
        "the whole layer": np.arange(width),
    }


def retrained(
    networks: Ensemble, data: ImageData, layer: str, groups: Mapping[str, ndarray], device: Device = "auto"
) -> xr.DataArray:
    """Train sub-networks for half as many epochs as the whole networks, without Dropout.

    Args:
        networks: The whole networks.
        data: Their images.
        layer: The layer of which only a group is kept.
        groups: What `sub_networks` returns.
        device: Where to compute.

    Returns:
        Test accuracy, a fraction, by ``rule``, ``network`` and ``start``: "not re-trained"; "trained weights", from
        which training goes on; "initial weights", from which it starts anew.
    """
    untrained = initialize(networks.setting, data.train.pixels.shape[1], len(data.label_names), networks.networks)
    test = samples_on(networks.device, data.test)
    rules = []
    for kept in groups.values():
        small, fresh = only(networks, layer, kept), only(untrained, layer, kept)
        setting = small.setting.replace(dropout=(), epochs=max(1, networks.setting.epochs // 2))
        trained = [train(setting, data, networks.networks, device, start)[1] for start in (small, fresh)]
        further = [history.test_accuracy.isel(epoch=-1).values for history in trained]
        rules.append([small.accuracy(*test).cpu().numpy(), *further])
    places = {"rule": list(groups), "start": ["not re-trained", "trained weights", "initial weights"]}
    return xr.DataArray(np.array(rules), places | {"network": list(networks.networks)}, ("rule", "start", "network"))
