"""Which neurons of a layer stay, for any number of them: by a score, by merging pairs, or by a diverse sample."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from neuronlib.criteria import SCORES, layer_outputs, random_order, score_order, spectrum_order
from neuronlib.data import ImageData
from neuronlib.ensemble import Ensemble
from neuronlib.randomness import stream
from neuronlib.surgery import Merges, Moments, merge, refitted
from neuronlib.types import layer_slice


class Selection(Protocol):
    """Neurons of a layer to keep.

    Example:
        >>> Ordered(np.array([[2, 0, 1]])).kept(2)
        array([[0, 1]])
    """

    def kept(self, count: int) -> Int64[ndarray, "network member"]:
        """The neurons that stay.

        Args:
            count: How many.

        Returns:
            Their places in the layer, increasing.
        """

    def own_surgery(self, ensemble: Ensemble, layer: str, count: int, known: Moments | None) -> Ensemble | None:
        """What the criterion's authors do to the next layer.

        Args:
            ensemble: The networks.
            layer: The layer, such as "1".
            count: How many neurons stay.
            known: What `neuronlib.surgery.moments` returns, for surgery that needs it.

        Returns:
            Networks of the same shape, or None where there is no such surgery.
        """


@dataclass(frozen=True)
class Ordered:
    """Neurons that are removed one after the other.

    Attributes:
        order: For each network, the first to be removed first.
        merges: What becomes of them, if anything.

    Example:
        >>> Ordered(np.array([[2, 0, 1]])).kept(1)
        array([[1]])
    """

    order: Int64[ndarray, "network neuron"]
    merges: Merges | None = None

    def kept(self, count: int) -> Int64[ndarray, "network member"]:
        """The last ones of the order.

        Args:
            count: How many.

        Returns:
            Their places in the layer, increasing.
        """
        return np.sort(self.order[:, self.order.shape[1] - count :], axis=1)

    def own_surgery(self, ensemble: Ensemble, layer: str, count: int, _known: Moments | None) -> Ensemble | None:
        """The merges, one for each neuron that is removed.

        Args:
            ensemble: The networks.
            layer: The layer, such as "1".
            count: How many neurons stay.

        Returns:
            Networks of the same shape, or None where nothing is merged.
        """
        if self.merges is None:
            return None
        return merge(ensemble, layer, self.merges, self.order.shape[1] - count)


def srinivas_babu(ensemble: Ensemble, layer: str) -> Ordered:
    r"""Neurons that are removed because another has nearly the same incoming weights; needs no data.

    .. math:: s_{a,b} = \langle w_{b,k}^2 \rangle_k\, \| v_a - v_b \|^2, \qquad w_{a,k} \leftarrow w_{a,k} + w_{b,k}

    The pair with the smallest :math:`s` is merged, and so on; :math:`v` are incoming weights and bias. For ReLU they
    are brought to length one first, and outgoing weights multiplied by that length, which changes nothing.

    Source: Srinivas, Babu 2015, Eq. (4) and Sec. 3.3, as a public re-implementation quotes them. Deviation: the bias is
    one more incoming weight instead of a term of its own.

    Args:
        ensemble: The networks.
        layer: The layer, such as "1".

    Returns:
        The order, and what is merged into what.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> from neuronlib.ensemble import by_hand
        >>> network = by_hand([np.array([[1.0, 2.0, 0.0]]), np.ones((3, 1))], [np.array([0.0, 0.0, 1.0]), np.zeros(1)])
        >>> merges = srinivas_babu(network, "1").merges
        >>> merges.order[0, 0].item(), merges.into[0, 0].item(), merges.slope[0, 0].item()
        (1, 0, 2.0)
    """
    layer_slice(ensemble.setting.hidden, layer)
    here, following = ensemble.folded().layers[int(layer) - 1 : int(layer) + 1]
    entering = np.concatenate([here.weight.mT.cpu().numpy(), here.bias.cpu().numpy()[:, :, None]], axis=2)
    leaving = following.weight.cpu().numpy()
    found = [
        _merge_alike(v, w, scale_free=ensemble.activation == "relu")
        for v, w in zip(entering.astype(np.float64), leaving.astype(np.float64), strict=True)
    ]
    return _ordered(found)


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


def noise_out(ensemble: Ensemble, data: ImageData, layer: str) -> Ordered:
    r"""Neurons that are removed because another is nearly a linear function of them.

    .. math:: t_u \approx a\, t_v + c, \qquad w_{v,k} \leftarrow w_{v,k} + a\, w_{u,k}, \qquad
              b_k \leftarrow b_k + c\, w_{u,k}

    The pair with the largest correlation in size is merged, and so on; of the pair, the neuron with the smaller
    variance goes. Constant neurons go first, with :math:`a = 0`, which is bias balancing.

    Source: Babaeizadeh, Smaragdis, Campbell 2016 ("NoiseOut"), its criterion; the update is the usual reading of it,
    which we could not check against the text. Deviation: without the additional noise outputs in training, and which of
    a pair goes is ours.

    Args:
        ensemble: The networks.
        data: Their images; correlations are over the validation samples.
        layer: The layer, such as "1".

    Returns:
        The order, and what is merged into what.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> from neuronlib.data import given
        >>> from neuronlib.ensemble import by_hand
        >>> network = by_hand([np.array([[1.0, 2.0]]), np.ones((2, 1))], [np.zeros(2), np.zeros(1)])
        >>> merges = noise_out(network, given(np.array([[1.0], [3.0]], np.float32), np.array([0, 0])), "1").merges
        >>> merges.order.tolist(), merges.slope.tolist()
        ([[0]], [[0.5]])
    """
    return _ordered([_merge_correlated(outputs) for outputs in layer_outputs(ensemble, data, layer)])


def _merge_correlated(outputs: Float64[ndarray, "sample neuron"]) -> tuple[ndarray, ndarray, ndarray, ndarray]:
    mean, centred = outputs.mean(axis=0), outputs - outputs.mean(axis=0)
    covariance = centred.T @ centred / len(outputs)
    variance = np.diag(covariance).copy()
    constant = variance < 1e-12
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


def _ordered(found: list[tuple[ndarray, ndarray, ndarray, ndarray]]) -> Ordered:
    merges = Merges(*(np.array(part) for part in zip(*found, strict=True)))
    everything = np.arange(merges.order.shape[1] + 1)
    last = np.array([np.setdiff1d(everything, order) for order in merges.order])
    return Ordered(np.concatenate([merges.order, last], axis=1), merges)


@dataclass(frozen=True)
class Diverse:
    r"""A sample of neurons whose outputs differ, anew for each number of them.

    .. math:: P(S) \propto \det L_S, \qquad L_{jk} = \exp\left(-\tfrac{10}{N} \|t_j - t_k\|^2\right) + 0.01\,[j = k]

    a determinantal point process of fixed size, over the :math:`N` validation samples.

    Source: Mariet, Sra 2016 ("DivNet"). The factor 10 and the 0.01 agree with two public implementations.

    Attributes:
        kernels: For each network :math:`L`.
        seed: Start of the random numbers.
        keys: The networks' numbers, and the layer.

    Example:
        >>> same, other = np.array([[1.01, 1.0, 0.0], [1.0, 1.01, 0.0], [0.0, 0.0, 1.01]]), ((7,), "1")
        >>> 2 in Diverse(same[None], 0, other).kept(2)[0]
        True
    """

    kernels: Float64[ndarray, "network neuron neuron"]
    seed: int
    keys: tuple[tuple[int, ...], str]

    @classmethod
    def of(cls, ensemble: Ensemble, data: ImageData, layer: str, seed: int) -> "Diverse":
        """The sample's distribution for each network.

        Args:
            ensemble: The networks.
            data: Their images.
            layer: The layer, such as "1".
            seed: Start of the random numbers.

        Returns:
            The kernels.
        """
        kernels = []
        for outputs in layer_outputs(ensemble, data, layer):
            squares = (outputs**2).sum(axis=0)
            apart = np.maximum(squares[:, None] + squares[None] - 2 * outputs.T @ outputs, 0)
            kernels.append(np.exp(-10 / len(outputs) * apart) + 0.01 * np.eye(len(squares)))
        return cls(np.array(kernels), seed, (ensemble.networks, layer))

    def kept(self, count: int) -> Int64[ndarray, "network member"]:
        """A sample.

        Args:
            count: How many neurons.

        Returns:
            Their places in the layer, increasing.
        """
        networks, layer = self.keys
        return np.array(
            [
                sample_determinantal(kernel, count, stream(self.seed, "diverse", layer, count, network))
                for kernel, network in zip(self.kernels, networks, strict=True)
            ]
        )

    def own_surgery(self, ensemble: Ensemble, layer: str, count: int, known: Moments | None) -> Ensemble | None:
        """Outgoing weights of what is kept by least squares.

        Args:
            ensemble: The networks.
            layer: The layer, such as "1".
            count: How many neurons stay.
            known: What `neuronlib.surgery.moments` returns.

        Returns:
            Networks of the same shape.
        """
        return None if known is None else refitted(ensemble, layer, self.kept(count), known)


def sample_determinantal(
    kernel: Float64[ndarray, "item item"], count: int, source: np.random.PCG64
) -> Int64[ndarray, " member"]:
    r"""A set of given size from a determinantal point process.

    .. math:: P(S) = \frac{\det L_S}{\sum_{|S'| = k} \det L_{S'}}, \qquad |S| = k

    Source: Kulesza, Taskar 2012, Algorithms 1 and 8. Deviation: none; the sums of products of eigenvalues are kept in
    proportion, so that they do not overflow.

    Args:
        kernel: Symmetric, positive definite.
        count: Size of the set.
        source: Random numbers.

    Returns:
        The set, increasing.

    Raises:
        ValueError: If there are not as many items.

    Example:
        >>> sample_determinantal(np.diag([1.0, 1e9]), 1, stream(0, "example"))
        array([1])
    """
    items = len(kernel)
    if not 0 <= count <= items:
        raise ValueError(f"count = {count}: expected 0 to {items}")
    values, vectors = np.linalg.eigh(kernel)
    values = np.maximum(values / values.max(), 1e-15)
    # log e[l, n]: the sum over all sets of l of the first n eigenvalues of their products.
    sums = np.full((count + 1, items + 1), -np.inf)
    sums[0] = 0.0
    for n in range(1, items + 1):
        sums[1:, n] = np.logaddexp(sums[1:, n - 1], np.log(values[n - 1]) + sums[:-1, n - 1])
    left, chosen = count, []
    for n in range(items, 0, -1):
        if left and _uniform(source) < np.exp(np.log(values[n - 1]) + sums[left - 1, n - 1] - sums[left, n]):
            chosen.append(n - 1)
            left -= 1
    basis, members = vectors[:, chosen], []
    while basis.shape[1]:
        shares = np.cumsum((basis**2).sum(axis=1))
        item = int(np.searchsorted(shares, _uniform(source) * shares[-1], side="right"))
        members.append(item)
        # What is left of the space is orthogonal to the item.
        pivot = int(np.argmax(np.abs(basis[item])))
        basis = basis - np.outer(basis[:, pivot] / basis[item, pivot], basis[item])
        basis = np.linalg.qr(np.delete(basis, pivot, axis=1))[0]
    return np.sort(np.array(members, dtype=np.int64))


def _uniform(source: np.random.PCG64) -> float:
    return int(source.random_raw()) / 2**64


_WITHOUT_DATA = ("random", "Srinivas-Babu", *(name for name, one in SCORES.items() if not one.needs_data))
_OTHERS: dict[str, Callable[[Ensemble, ImageData, str, int], Selection]] = {
    "random": lambda ensemble, data, layer, seed: Ordered(random_order(ensemble, data, layer, seed)),
    "spectrum": lambda ensemble, data, layer, seed: Ordered(spectrum_order(ensemble, data, layer, seed)),
    "Srinivas-Babu": lambda ensemble, _data, layer, _seed: srinivas_babu(ensemble, layer),
    "NoiseOut": lambda ensemble, data, layer, _seed: noise_out(ensemble, data, layer),
    "DivNet": Diverse.of,
}
CRITERIA = ("random", *SCORES, *(name for name in _OTHERS if name != "random"))
"""Names of all criteria."""


def select(criterion: str, ensemble: Ensemble, data: ImageData | None, layer: str, seed: int = 0) -> Selection:
    """Which neurons of a layer stay, by a criterion.

    Args:
        criterion: One of `CRITERIA`.
        ensemble: The networks.
        data: Their images; None will do for criteria that look at weights alone.
        layer: The layer, such as "1".
        seed: Start of random numbers, for criteria that need them and for ties.

    Returns:
        The neurons, for any number of them.

    Raises:
        ValueError: If there is no such criterion or layer, or it needs data and there are none.

    Example:
        >>> from neuronlib.ensemble import by_hand
        >>> network = by_hand([np.ones((1, 2)), np.array([[1.0, -3.0], [0.5, 0.0]])], [np.zeros(2), np.zeros(2)])
        >>> select("outgoing weights", network, None, "1").kept(1)
        array([[0]])
    """
    if criterion not in CRITERIA:
        raise ValueError(f"criterion = {criterion!r}: expected one of {', '.join(CRITERIA)}")
    if data is None and criterion not in _WITHOUT_DATA:
        raise ValueError(f"criterion = {criterion!r}: needs data; without, there are {', '.join(_WITHOUT_DATA)}")
    if criterion in _OTHERS:
        return _OTHERS[criterion](ensemble, data, layer, seed)  # type: ignore[arg-type]
    return Ordered(score_order(ensemble, data, layer, criterion, seed))  # type: ignore[arg-type]
