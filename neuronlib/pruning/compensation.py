"""What is done to the next layer when neurons are removed, so that it misses them less."""

import dataclasses
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from neuronlib.common.checks import check_members
from neuronlib.common.door import methods_checked
from neuronlib.common.entries import DISTINCT, FINITE, NOT_NEGATIVE
from neuronlib.common.numbers import AtLeastZero
from neuronlib.common.scopes import layer_slice, layer_width
from neuronlib.data.images import ImageData
from neuronlib.networks.ensemble import Ensemble, require_ensemble
from neuronlib.networks.interface import Networks

NO_VARIANCE = 1e-12
"""A neuron whose outputs vary less than this is constant but for rounding."""


@methods_checked()
@dataclass(frozen=True)
class Merges:
    r"""One neuron after the other, :math:`u`, is removed, and another, :math:`v`, takes over what it did.

    .. math:: w_{v,k} \leftarrow w_{v,k} + a\, w_{u,k}, \qquad b_k \leftarrow b_k + c\, w_{u,k}

    Attributes:
        order: The neurons :math:`u`, the first to go first.
        into: For each the neuron :math:`v`; of no account where :math:`a = 0`.
        slope: For each :math:`a`.
        offset: For each :math:`c`.
    """

    order: Annotated[Int64[ndarray, "network step"], DISTINCT]
    into: Annotated[Int64[ndarray, "network step"], NOT_NEGATIVE]
    slope: Annotated[Float64[ndarray, "network step"], FINITE]
    offset: Annotated[Float64[ndarray, "network step"], FINITE]


def merge(ensemble: Ensemble, layer: str, merges: Merges, steps: AtLeastZero) -> Ensemble:
    """Return networks after the first ``steps`` merges, of the same shape and without batch normalization.

    Neurons that go still have outputs, which nothing takes any more.

    Raises:
        ValueError: If there is no such layer, or the merges are fewer or of other networks or neurons.

    Example:
        >>> from neuronlib.networks.initialization import by_hand
        >>> twins = by_hand([np.ones((1, 2)), np.array([[1.0], [2.0]])], [np.zeros(2), np.zeros(1)])
        >>> one = np.array([[1]])
        >>> done = merge(twins, "1", Merges(one, one - 1, np.ones((1, 1)), np.zeros((1, 1))), 1)
        >>> done.layers[1].weight.flatten().tolist()
        [3.0, 0.0]
    """
    weight, bias = _following(ensemble, layer)
    for name, places in (("order", merges.order), ("into", merges.into)):
        if places.shape[1] < steps or len(places) != len(weight) or places.max(initial=0) >= weight.shape[1]:
            raise ValueError(
                f"merges: {name} of shape {places.shape}, to {places.max(initial=0)}: expected {steps} steps"
            )
    rows = np.arange(len(weight))
    for step in range(steps):
        goes, stays = merges.order[:, step], merges.into[:, step]
        gone = weight[rows, goes].copy()
        weight[rows, goes] = 0
        weight[rows, stays] += merges.slope[:, step, None] * gone
        bias += merges.offset[:, step, None] * gone
    return _with_following(ensemble, layer, weight, bias)


@methods_checked()
@dataclass(frozen=True)
class Moments:
    """Mean output of each neuron of a layer, and covariance of each pair, over the training samples."""

    mean: Annotated[Float64[ndarray, "network neuron"], FINITE]
    covariance: Annotated[Float64[ndarray, "network neuron neuron"], FINITE]


def moments(networks: Networks, data: ImageData, layer: str) -> Moments:
    """Compute means and covariances of a layer's outputs over the training samples, in double precision.

    Returns:
        Both, as ablation to the mean takes the means.

    Example:
        >>> from neuronlib.data.images import given
        >>> from neuronlib.networks.initialization import by_hand
        >>> network = by_hand([np.ones((1, 2)), np.array([[1.0], [2.0]])], [np.zeros(2), np.zeros(1)])
        >>> moments(network, given(np.array([[1.0], [3.0]], np.float32), np.array([0, 0])), "1").mean
        array([[2., 2.]])
    """
    neurons, width = layer_slice(networks.widths, layer), layer_width(networks.widths, layer)
    total = np.zeros((len(networks.networks), width))
    product = np.zeros((len(networks.networks), width, width))
    for outputs, _ in networks.output_chunks(data.train):
        chosen = outputs[:, :, neurons].double()
        total += chosen.sum(dim=1).cpu().numpy()
        product += (chosen.mT @ chosen).cpu().numpy()
    mean = total / len(data.train.labels)
    return Moments(mean, product / len(data.train.labels) - mean[:, :, None] * mean[:, None, :])


def balanced(ensemble: Ensemble, layer: str, kept: Int64[ndarray, "network member"], known: Moments) -> Ensemble:
    r"""Put the mean output of what is removed into the next layer's biases: bias balancing.

    .. math:: b_k \leftarrow b_k + \sum_{j \text{ removed}} w_{j,k}\, \bar t_j

    Once they are removed, the networks are the same functions as those whose neurons are ablated to the mean.

    Source: the first version of Amjad, Liu, Geiger (2018), as Mirzaei 2022 quotes it.

    Args:
        ensemble: The networks.
        layer: The layer.
        kept: The neurons that stay, by their places in the layer.
        known: What `moments` returns.

    Returns:
        Networks of the same shape, without batch normalization; what is removed has no effect any more.

    Example:
        >>> from neuronlib.networks.initialization import by_hand
        >>> network = by_hand([np.ones((1, 2)), np.array([[1.0], [2.0]])], [np.zeros(2), np.zeros(1)])
        >>> known = Moments(np.array([[2.0, 2.0]]), np.zeros((1, 2, 2)))
        >>> balanced(network, "1", np.array([[0]]), known).layers[1].bias.tolist()
        [[4.0]]
    """
    _check_kept(ensemble, layer, kept)
    weight, bias = _following(ensemble, layer)
    gone = np.ones(known.mean.shape, bool)
    np.put_along_axis(gone, kept, False, axis=1)
    bias += np.einsum("nj,njk->nk", known.mean * gone, weight)
    return _with_following(ensemble, layer, weight * ~gone[:, :, None], bias)


def refitted(ensemble: Ensemble, layer: str, kept: Int64[ndarray, "network member"], known: Moments) -> Ensemble:
    r"""Let what is kept take over what is removed as well as it can: outgoing weights by least squares.

    .. math:: \min_{\tilde w, \tilde b} \sum_\ell \Big\| \sum_{j \text{ kept}} \tilde w_j t_j(x_\ell) + \tilde b
              - \sum_j w_j t_j(x_\ell) - b \Big\|^2

    Source: Mariet, Sra 2016, Sec. 3.2 ("fusing"). Deviation: with an intercept, as in a public implementation,
    which makes it contain bias balancing; over the training samples.

    Arguments and result are those of `balanced`.

    Returns:
        Networks of the same shape, without batch normalization.

    Example:
        >>> from neuronlib.networks.initialization import by_hand
        >>> twins = by_hand([np.ones((1, 2)), np.array([[1.0], [2.0]])], [np.zeros(2), np.zeros(1)])
        >>> known = Moments(np.array([[2.0, 2.0]]), np.ones((1, 2, 2)))
        >>> refitted(twins, "1", np.array([[0]]), known).layers[1].weight.flatten().round().tolist()
        [3.0, 0.0]
    """
    _check_kept(ensemble, layer, kept)
    weight, bias = _following(ensemble, layer)
    new = np.zeros_like(weight)
    for k, stay in enumerate(kept):
        covariance = known.covariance[k]
        new[k, stay] = np.linalg.lstsq(covariance[np.ix_(stay, stay)], covariance[stay] @ weight[k], rcond=1e-10)[0]
        bias[k] += known.mean[k] @ (weight[k] - new[k])
    return _with_following(ensemble, layer, new, bias)


def _check_kept(ensemble: Ensemble, layer: str, kept: Int64[ndarray, "network member"]) -> None:
    width = layer_width(require_ensemble(ensemble, "surgery").widths, layer)
    check_members("kept", kept, width, where=f" of layer {layer}", networks=len(ensemble.networks))


def _following(ensemble: Ensemble, layer: str) -> tuple[ndarray, ndarray]:
    _, following = require_ensemble(ensemble, "surgery").around(layer)
    return following.weight.double().cpu().numpy(), following.bias.double().cpu().numpy()


def _with_following(ensemble: Ensemble, layer: str, weight: ndarray, bias: ndarray) -> Ensemble:
    folded, index = ensemble.folded(), int(layer)
    old = folded.layers[index]
    new = dataclasses.replace(old, weight=old.weight.new_tensor(weight), bias=old.bias.new_tensor(bias))
    setting = dataclasses.replace(folded.setting, batch_norm=False)
    return Ensemble(setting, folded.networks, [*folded.layers[:index], new, *folded.layers[index + 1 :]])


def merged(ensemble: Ensemble, data: ImageData, layer: str, pairs: Int64[ndarray, "network 2"]) -> Ensemble:
    r"""Merge one neuron of each network into another, which takes over what it did.

    .. math:: w_{jm} \leftarrow w_{jm} + a\, w_{km}, \qquad b_m \leftarrow b_m + c\, w_{km}, \qquad w_{km} \leftarrow 0

    with :math:`t_k \approx a\, t_j + c` by least squares over the training samples.

    Source: Amjad, Liu, Geiger 2021, Example 3, where the outputs are equal, so :math:`a = 1, c = 0` and nothing is
    lost. For outputs that are not, as in NoiseOut: Babaeizadeh, Smaragdis, Campbell 2016.

    Args:
        ensemble: Trained networks.
        data: Their images.
        layer: The layer.
        pairs: For each network the neuron that stays and the one that is merged into it, by their places in the layer.

    Returns:
        Networks of the same shape, without batch normalization; the merged neuron has no effect any more.

    Raises:
        ValueError: If there is no such layer or neuron, or a neuron is to be merged with itself.

    Example:
        >>> import neuronlib as nl
        >>> twins = nl.by_hand([np.ones((1, 2)), np.array([[1.0], [2.0]])], [np.zeros(2), np.zeros(1)])
        >>> numbers = nl.given(np.array([[1.0], [3.0]], np.float32), np.array([0, 0]))
        >>> merged(twins, numbers, "1", np.array([[0, 1]])).layers[1].weight.flatten().tolist()
        [3.0, 0.0]
    """
    width = layer_width(ensemble.setting.hidden, layer)
    check_members("pairs", pairs, width, "two different neurons", f" of layer {layer}", len(ensemble.networks))
    known = moments(ensemble, data, layer)
    rows, (stays, goes) = np.arange(len(pairs)), pairs.T
    covariance, variance = (known.covariance[rows, stays, other] for other in (goes, stays))
    varies = variance > NO_VARIANCE
    slope = np.where(varies, covariance, 0) / np.where(varies, variance, 1)
    offset = known.mean[rows, goes] - slope * known.mean[rows, stays]
    return merge(ensemble, layer, Merges(*(part[:, None] for part in (goes, stays, slope, offset))), 1)


def only(ensemble: Ensemble, layer: str, kept: Int64[ndarray, "network member"]) -> Ensemble:
    """Remove all other neurons of a layer for good: their weights, biases and outgoing weights.

    Source: for re-training sub-networks as Clauw, Stramaglia, Marinazzo 2022 report it, whose later code keeps the
    removed neurons' biases; here nothing of them is left.

    Args:
        ensemble: The networks.
        layer: The layer.
        kept: Which neurons each network keeps, by their places in the layer.

    Returns:
        Smaller networks; layers that stay whole are shared with the networks they come from.

    Raises:
        ValueError: If there is no such layer or neuron, or a neuron is named twice.

    Example:
        >>> import neuronlib as nl
        >>> networks = nl.initialize(nl.Setting(hidden=(4, 3)), inputs=2, labels=10, networks=[0])
        >>> only(networks, "1", np.array([[2, 0]])).setting.hidden
        (2, 3)
    """
    _check_kept(ensemble, layer, kept)
    index = int(layer) - 1
    rows = np.arange(len(kept))[:, None]
    layer_itself, following = ensemble.layers[index : index + 2]
    smaller = layer_itself.columns(kept)
    layers = [*ensemble.layers[:index], smaller, dataclasses.replace(following, weight=following.weight[rows, kept])]
    hidden = tuple(kept.shape[1] if i == index else n for i, n in enumerate(ensemble.setting.hidden))
    setting = dataclasses.replace(ensemble.setting, hidden=hidden)
    return Ensemble(setting, ensemble.networks, [*layers, *ensemble.layers[index + 2 :]])
