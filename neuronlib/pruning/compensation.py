"""What is done to the next layer when neurons are removed, so that it misses them less."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from neuronlib.common.types import layer_slice, layer_width
from neuronlib.data.images import ImageData
from neuronlib.networks.ensemble import Ensemble, samples_on

NO_VARIANCE = 1e-12
"""A neuron whose outputs vary less than this is constant but for rounding."""


@dataclass(frozen=True)
class Merges:
    r"""One neuron after the other is removed, and another takes over what it did.

    .. math:: w_{v,k} \leftarrow w_{v,k} + a\, w_{u,k}, \qquad b_k \leftarrow b_k + c\, w_{u,k}

    Attributes:
        order: For each network the neurons :math:`u` that go, the first first.
        into: For each the neuron :math:`v` that takes over; of no account where :math:`a = 0`.
        slope: For each :math:`a`.
        offset: For each :math:`c`.

    Example:
        >>> one = np.array([[0]])
        >>> Merges(order=one, into=one + 1, slope=one * 1.0, offset=one * 0.0).order.shape
        (1, 1)
    """

    order: Int64[ndarray, "network step"]
    into: Int64[ndarray, "network step"]
    slope: Float64[ndarray, "network step"]
    offset: Float64[ndarray, "network step"]


def merge(ensemble: Ensemble, layer: str, merges: Merges, steps: int) -> Ensemble:
    """Networks after some merges; the neurons that go put out what they did, but nothing comes of it.

    Args:
        ensemble: The networks.
        layer: The layer, such as "1".
        merges: What goes into what.
        steps: How many of them.

    Returns:
        Networks of the same shape, without batch normalization.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> from neuronlib.networks.initialization import by_hand
        >>> twins = by_hand([np.ones((1, 2)), np.array([[1.0], [2.0]])], [np.zeros(2), np.zeros(1)])
        >>> one = np.array([[1]])
        >>> done = merge(twins, "1", Merges(one, one - 1, np.ones((1, 1)), np.zeros((1, 1))), 1)
        >>> done.layers[1].weight.flatten().tolist()
        [3.0, 0.0]
    """
    weight, bias = _following(ensemble, layer)
    rows = np.arange(len(weight))
    for step in range(steps):
        goes, stays = merges.order[:, step], merges.into[:, step]
        gone = weight[rows, goes].copy()
        weight[rows, goes] = 0
        weight[rows, stays] += merges.slope[:, step, None] * gone
        bias += merges.offset[:, step, None] * gone
    return _with_following(ensemble, layer, weight, bias)


@dataclass(frozen=True)
class Moments:
    """How the neurons of a layer put out over the training samples.

    Attributes:
        mean: Of each neuron.
        covariance: Of each pair.

    Example:
        >>> Moments(mean=np.zeros((1, 3)), covariance=np.zeros((1, 3, 3))).mean.shape
        (1, 3)
    """

    mean: Float64[ndarray, "network neuron"]
    covariance: Float64[ndarray, "network neuron neuron"]


def moments(ensemble: Ensemble, data: ImageData, layer: str) -> Moments:
    """Means and covariances of a layer's outputs over the training samples, as in ablation to the mean.

    Args:
        ensemble: The networks.
        data: Their images.
        layer: The layer, such as "1".

    Returns:
        At double precision.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> from neuronlib.data.images import given
        >>> from neuronlib.networks.initialization import by_hand
        >>> network = by_hand([np.ones((1, 2)), np.array([[1.0], [2.0]])], [np.zeros(2), np.zeros(1)])
        >>> moments(network, given(np.array([[1.0], [3.0]], np.float32), np.array([0, 0])), "1").mean
        array([[2., 2.]])
    """
    here, width = layer_slice(ensemble.setting.hidden, layer), layer_width(ensemble.setting.hidden, layer)
    total = np.zeros((len(ensemble.networks), width))
    product = np.zeros((len(ensemble.networks), width, width))
    for outputs, _ in ensemble.outputs_in_chunks(*samples_on(ensemble.device, data.train)):
        chosen = outputs[:, :, here].double()
        total += chosen.sum(dim=1).cpu().numpy()
        product += (chosen.mT @ chosen).cpu().numpy()
    mean = total / len(data.train.labels)
    return Moments(mean, product / len(data.train.labels) - mean[:, :, None] * mean[:, None, :])


def balanced(ensemble: Ensemble, layer: str, kept: Int64[ndarray, "network member"], known: Moments) -> Ensemble:
    r"""Bias balancing: the mean output of what is removed goes into the next layer's biases.

    .. math:: b_k \leftarrow b_k + \sum_{j \text{ removed}} w_{j,k}\, \bar t_j

    Once they are removed, the networks are the same functions as those whose neurons are ablated to the mean.

    Source: the first version of Amjad, Liu, Geiger (2018), as Mirzaei 2022 quotes it.

    Args:
        ensemble: The networks.
        layer: The layer, such as "1".
        kept: The neurons that stay, by their places in the layer.
        known: What `moments` returns.

    Returns:
        Networks of the same shape, without batch normalization; what is removed has no effect any more.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> from neuronlib.networks.initialization import by_hand
        >>> network = by_hand([np.ones((1, 2)), np.array([[1.0], [2.0]])], [np.zeros(2), np.zeros(1)])
        >>> known = Moments(np.array([[2.0, 2.0]]), np.zeros((1, 2, 2)))
        >>> balanced(network, "1", np.array([[0]]), known).layers[1].bias.tolist()
        [[4.0]]
    """
    weight, bias = _following(ensemble, layer)
    gone = np.ones(known.mean.shape, bool)
    np.put_along_axis(gone, kept, False, axis=1)
    bias += np.einsum("nj,njk->nk", known.mean * gone, weight)
    return _with_following(ensemble, layer, weight * ~gone[:, :, None], bias)


def refitted(ensemble: Ensemble, layer: str, kept: Int64[ndarray, "network member"], known: Moments) -> Ensemble:
    r"""What is kept takes over what is removed as well as it can: outgoing weights by least squares.

    .. math:: \min_{\tilde w, \tilde b} \sum_\ell \Big\| \sum_{j \text{ kept}} \tilde w_j t_j(x_\ell) + \tilde b
              - \sum_j w_j t_j(x_\ell) - b \Big\|^2

    Source: Mariet, Sra 2016, Sec. 3.2 ("fusing"). Deviation: with an intercept, as in a public implementation,
    which makes it contain bias balancing; over the training samples.

    Args:
        ensemble: The networks.
        layer: The layer, such as "1".
        kept: The neurons that stay, by their places in the layer.
        known: What `moments` returns.

    Returns:
        Networks of the same shape, without batch normalization; what is removed has no effect any more.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> from neuronlib.networks.initialization import by_hand
        >>> twins = by_hand([np.ones((1, 2)), np.array([[1.0], [2.0]])], [np.zeros(2), np.zeros(1)])
        >>> known = Moments(np.array([[2.0, 2.0]]), np.ones((1, 2, 2)))
        >>> refitted(twins, "1", np.array([[0]]), known).layers[1].weight.flatten().round().tolist()
        [3.0, 0.0]
    """
    weight, bias = _following(ensemble, layer)
    new = np.zeros_like(weight)
    for k, stay in enumerate(kept):
        covariance = known.covariance[k]
        new[k, stay] = np.linalg.lstsq(covariance[np.ix_(stay, stay)], covariance[stay] @ weight[k], rcond=1e-10)[0]
        bias[k] += known.mean[k] @ (weight[k] - new[k])
    return _with_following(ensemble, layer, new, bias)


def _following(ensemble: Ensemble, layer: str) -> tuple[ndarray, ndarray]:
    _, following = ensemble.around(layer)
    return following.weight.double().cpu().numpy(), following.bias.double().cpu().numpy()


def _with_following(ensemble: Ensemble, layer: str, weight: ndarray, bias: ndarray) -> Ensemble:
    folded, index = ensemble.folded(), int(layer)
    old = folded.layers[index]
    new = dataclasses.replace(old, weight=old.weight.new_tensor(weight), bias=old.bias.new_tensor(bias))
    setting = dataclasses.replace(folded.setting, batch_norm=False)
    return Ensemble(setting, folded.networks, [*folded.layers[:index], new, *folded.layers[index + 1 :]])
