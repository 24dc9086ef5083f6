"""Neurons of a layer that go one after the other, and are merged into others as they go."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from neuronlib.common.door import methods_checked
from neuronlib.common.entries import PERMUTATION, SOME
from neuronlib.common.numbers import AtLeastZero
from neuronlib.data.images import ImageData
from neuronlib.networks.ensemble import Ensemble, require_ensemble
from neuronlib.networks.interface import Networks
from neuronlib.pruning.compensation import NO_VARIANCE, Merges, Moments, merge
from neuronlib.pruning.saliency import layer_outputs


@methods_checked()
@dataclass(frozen=True)
class Ordered:
    """Neurons that are removed one after the other, in this order, and what they are merged into, if anything.

    Example:
        >>> Ordered(np.array([[2, 0, 1]])).kept(1)
        array([[1]])
    """

    order: Annotated[Int64[ndarray, "network neuron"], SOME, PERMUTATION]
    merges: Merges | None = None

    def kept(self, count: AtLeastZero) -> Int64[ndarray, "network member"]:
        """Return the places of the last ``count`` neurons of the order, increasing."""
        return np.sort(self.order[:, self._removed(count) :], axis=1)

    def _removed(self, count: int) -> int:
        if count > self.order.shape[1]:
            raise ValueError(f"count = {count}: expected at most the {self.order.shape[1]} neurons there are")
        return self.order.shape[1] - count

    def own_surgery(
        self, ensemble: Ensemble, layer: str, count: AtLeastZero, _known: Moments | None
    ) -> Ensemble | None:
        """Merge each neuron that is removed into another; None where nothing is merged."""
        if self.merges is None:
            return None
        return merge(ensemble, layer, self.merges, self._removed(count))


def srinivas_babu(networks: Networks, layer: str) -> Ordered:
    r"""Remove neurons whose incoming weights are nearly those of another; this needs no data.

    .. math:: s_{a,b} = \langle w_{b,k}^2 \rangle_k\, \| v_a - v_b \|^2, \qquad w_{a,k} \leftarrow w_{a,k} + w_{b,k}

    The pair with the smallest :math:`s` is merged, and so on; :math:`v` are incoming weights and bias. For ReLU they
    are brought to length one first, and outgoing weights multiplied by that length, which changes nothing.

    Source: Srinivas, Babu 2015, Eq. (4) and Sec. 3.3, as a public re-implementation quotes them. Deviation: the bias is
    one more incoming weight instead of a term of its own.

    Returns:
        The order, and what is merged into what.

    Example:
        >>> from neuronlib.networks.initialization import by_hand
        >>> network = by_hand([np.array([[1.0, 2.0, 0.0]]), np.ones((3, 1))], [np.array([0.0, 0.0, 1.0]), np.zeros(1)])
        >>> merges = srinivas_babu(network, "1").merges
        >>> merges.order[0, 0].item(), merges.into[0, 0].item(), merges.slope[0, 0].item()
        (1, 0, 2.0)
    """
    ensemble = require_ensemble(networks, "Srinivas-Babu")
    layer_itself, following = ensemble.around(layer)
    entering = np.concatenate(
        [layer_itself.weight.mT.cpu().numpy(), layer_itself.bias.cpu().numpy()[:, :, None]], axis=2
    )
    leaving = following.weight.cpu().numpy()
    merges = [
        _merge_alike(v, w, scale_free=ensemble.activation == "relu")
        for v, w in zip(entering.astype(np.float64), leaving.astype(np.float64), strict=True)
    ]
    return _ordered(merges)


def _merge_alike(entering: ndarray, leaving: ndarray, scale_free: bool) -> tuple[ndarray, ndarray, ndarray, ndarray]:
    length = np.linalg.norm(entering, axis=1) if scale_free else np.ones(len(entering))
    length = np.where(length > 0, length, 1.0)
    unit, leaving = entering / length[:, None], leaving * length[:, None]
    apart = ((unit[:, None] - unit[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    order, into = [], []
    for _ in range(len(entering) - 1):
        # An infinite distance times an outgoing weight of zero would not be a number.
        saliency = np.where(np.isinf(apart), np.inf, (leaving**2).mean(axis=1)) * np.where(np.isinf(apart), 1.0, apart)
        a, b = np.unravel_index(np.argmin(saliency), saliency.shape)
        leaving[a] += leaving[b]
        apart[b], apart[:, b] = np.inf, np.inf
        order.append(b)
        into.append(a)
    goes, stays = np.array(order, dtype=np.int64), np.array(into, dtype=np.int64)
    return goes, stays, length[goes] / length[stays], np.zeros(len(goes))


def noise_out(networks: Networks, data: ImageData, layer: str) -> Ordered:
    r"""Remove neurons of which another is nearly a linear function.

    .. math:: t_u \approx a\, t_v + c, \qquad w_{v,k} \leftarrow w_{v,k} + a\, w_{u,k}, \qquad
              b_k \leftarrow b_k + c\, w_{u,k}

    The pair with the largest correlation in size over the validation samples is merged, and so on; of the pair, the
    neuron with the smaller variance goes. Constant neurons go first, with :math:`a = 0`, which is bias balancing.

    Source: Babaeizadeh, Smaragdis, Campbell 2016 ("NoiseOut"), its criterion; the update is the usual reading of it,
    which we could not check against the text. Deviation: without the additional noise outputs in training, and which of
    a pair goes is ours.

    Returns:
        The order, and what is merged into what.

    Example:
        >>> from neuronlib.data.images import given
        >>> from neuronlib.networks.initialization import by_hand
        >>> network = by_hand([np.array([[1.0, 2.0]]), np.ones((2, 1))], [np.zeros(2), np.zeros(1)])
        >>> merges = noise_out(network, given(np.array([[1.0], [3.0]], np.float32), np.array([0, 0])), "1").merges
        >>> merges.order.tolist(), merges.slope.tolist()
        ([[0]], [[0.5]])
    """
    return _ordered([_merge_correlated(outputs) for outputs in layer_outputs(networks, data, layer)])


def _merge_correlated(outputs: Float64[ndarray, "sample neuron"]) -> tuple[ndarray, ndarray, ndarray, ndarray]:
    mean, centred = outputs.mean(axis=0), outputs - outputs.mean(axis=0)
    covariance = centred.T @ centred / len(outputs)
    variance = np.diag(covariance).copy()
    constant = variance < NO_VARIANCE
    deviation = np.sqrt(np.where(constant, 1.0, variance))
    alike = np.abs(covariance / np.outer(deviation, deviation))
    np.fill_diagonal(alike, -1)
    alike[constant], alike[:, constant] = -1, -1
    order = list(np.flatnonzero(constant)[: len(variance) - 1])
    into, slope = [(goes + 1) % len(variance) for goes in order], [0.0] * len(order)
    for _ in range(len(variance) - 1 - len(order)):
        pair = np.unravel_index(np.argmax(alike), alike.shape)
        u, v = sorted(pair, key=lambda neuron: variance[neuron])
        order.append(u)
        into.append(v)
        slope.append(covariance[u, v] / variance[v])
        alike[u], alike[:, u] = -1, -1
    goes, stays = np.array(order, dtype=np.int64), np.array(into, dtype=np.int64)
    return goes, stays, np.array(slope), mean[goes] - np.array(slope) * mean[stays]


def _ordered(of_networks: list[tuple[ndarray, ndarray, ndarray, ndarray]]) -> Ordered:
    merges = Merges(*(np.array(part) for part in zip(*of_networks, strict=True)))
    everything = np.arange(merges.order.shape[1] + 1)
    last = np.array([np.setdiff1d(everything, order) for order in merges.order])
    return Ordered(np.concatenate([merges.order, last], axis=1), merges)
