"""Pruning: networks that are really smaller."""

import dataclasses
from typing import Literal

from torch import nn

from neuronlib.common.numbers import AtLeastZero, Probability, PValue, Seed
from neuronlib.common.scopes import layer_width
from neuronlib.data.images import ImageData, require_data
from neuronlib.networks.adopted import Network, adopt, check_fit
from neuronlib.networks.ensemble import Ensemble
from neuronlib.pruning.compensation import Moments, balanced, moments, only, refitted
from neuronlib.pruning.selection import Selection, select

Surgery = Literal["none", "balance", "refit", "own"]


def prune(
    network: Network,
    criterion: str = "mutual information",
    share: Probability = 0.5,
    layer: str = "1",
    data: ImageData | None = None,
    surgery: Surgery = "balance",
    seed: Seed = 0,
) -> Network:
    """Return a network with fewer neurons in one layer: rows and columns of its weights are gone, not set to zero.

    Args:
        network: A trained network that `adopt` can read; it stays as it is.
        criterion: One of `CRITERIA`, where the lowest scores are removed, or of `JOINT_CRITERIA`.
        share: How much of the layer is removed, at least 0 and below 1.
        layer: The hidden layer, such as "1".
        data: Images, as `load` or `given` returns them. None will do for criteria that look at weights alone, without
            balancing.
        surgery: "balance": the mean output of what is removed goes into the next layer's biases. "refit": what stays
            takes over by least squares. "own": what the criterion's authors do. "none": nothing, as if what is
            removed had put out zero.
        seed: Start of random numbers, for criteria that need them and for ties.

    Returns:
        A new network, in evaluation mode; batch normalization is part of its weights.

    Raises:
        ValueError: If there is no such criterion, layer or surgery, the share is out of range or leaves no neuron, or
            data are needed and there are none.

    Example:
        >>> from torch import nn
        >>> prune(nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 2)), "outgoing weights", surgery="none")
        Sequential(
          (0): Linear(in_features=4, out_features=5, bias=True)
          (1): ReLU()
          (2): Linear(in_features=5, out_features=2, bias=True)
        )
    """
    ensemble = adopt([network]).folded()
    ensemble.setting = dataclasses.replace(ensemble.setting, batch_norm=False)
    width = layer_width(ensemble.setting.hidden, layer)
    if data is not None:
        require_data(data)
        check_fit(data, ensemble)
    count = _kept(width, share, layer)
    if surgery in ("balance", "refit") and data is None:
        raise ValueError(f"surgery = {surgery!r}: needs data for what neurons put out; pass data, or surgery='none'")
    chosen = select(criterion, ensemble, data, layer, seed)
    known = None if data is None or surgery == "none" else moments(ensemble, data, layer)
    operated = _operated(ensemble, layer, chosen, count, surgery, known)
    if operated is None:
        raise ValueError(f"surgery = 'own': {criterion!r} has none; use 'balance' or 'none'")
    smaller = only(operated, layer, chosen.kept(count)).as_module(0)
    return _taking_the_same(network, smaller)


def removed_neurons(width: AtLeastZero, share: PValue) -> int:
    """Return how many neurons of a layer `prune` removes for a share: the nearest number, all of a few where it is so.

    Example:
        >>> [removed_neurons(width, 0.75) for width in (100, 2, 1)]
        [75, 2, 1]
    """
    return round(share * width)


def _kept(width: int, share: float, layer: str) -> int:
    count = width - removed_neurons(width, share)
    if not count:
        raise ValueError(f"share = {share}: leaves none of the {width} neurons of layer {layer}")
    return count


def _taking_the_same(network: Network, smaller: Network) -> Network:
    first = next(part for part in network.modules() if isinstance(part, nn.Flatten | nn.Linear))
    if isinstance(first, nn.Flatten):
        smaller.insert(0, first)
    for part in network.modules():
        if isinstance(part, nn.Softmax | nn.LogSoftmax):
            smaller.append(part)
    return smaller.to(next(network.parameters()).dtype)


def _operated(
    ensemble: Ensemble, layer: str, chosen: Selection, count: int, surgery: Surgery, known: Moments | None
) -> Ensemble | None:
    if surgery == "own":
        return chosen.own_surgery(ensemble, layer, count, known)
    if surgery == "none" or known is None:
        return ensemble
    return (balanced if surgery == "balance" else refitted)(ensemble, layer, chosen.kept(count), known)
