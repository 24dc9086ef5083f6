"""Neurons of a layer that stay because their outputs differ: samples of a determinantal point process."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from neuronlib.common.door import methods_checked
from neuronlib.common.entries import FINITE, SOME, SYMMETRIC
from neuronlib.common.numbers import AtLeastZero, Seed
from neuronlib.common.randomness import stream
from neuronlib.data.images import ImageData
from neuronlib.networks.ensemble import Ensemble
from neuronlib.networks.interface import Networks
from neuronlib.pruning.compensation import Moments, refitted
from neuronlib.pruning.saliency import layer_outputs


@methods_checked()
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

    kernels: Annotated[Float64[ndarray, "network neuron neuron"], FINITE, SOME, SYMMETRIC]
    seed: Seed
    keys: tuple[tuple[AtLeastZero, ...], str]

    def __post_init__(self) -> None:
        if len(self.keys[0]) != len(self.kernels):
            raise ValueError(f"{len(self.kernels)} kernels of {len(self.keys[0])} networks: expected one for each")

    @classmethod
    def of(cls, networks: Networks, data: ImageData, layer: str, seed: Seed) -> "Diverse":
        """Compute the sample's distribution for each network."""
        kernels = []
        for outputs in layer_outputs(networks, data, layer):
            squares = (outputs**2).sum(axis=0)
            apart = np.maximum(squares[:, None] + squares[None] - 2 * outputs.T @ outputs, 0)
            kernels.append(np.exp(-10 / len(outputs) * apart) + 0.01 * np.eye(len(squares)))
        return cls(np.array(kernels), seed, (networks.networks, layer))

    def kept(self, count: AtLeastZero) -> Int64[ndarray, "network member"]:
        """Draw ``count`` neurons, and return their places in the layer, increasing."""
        networks, layer = self.keys
        return np.array(
            [
                sample_determinantal(kernel, count, stream(self.seed, "diverse", layer, count, network))
                for kernel, network in zip(self.kernels, networks, strict=True)
            ]
        )

    def own_surgery(self, ensemble: Ensemble, layer: str, count: AtLeastZero, known: Moments | None) -> Ensemble | None:
        """Let what is kept take over by least squares, as `refitted` does; None where moments are not known."""
        return None if known is None else refitted(ensemble, layer, self.kept(count), known)


def sample_determinantal(
    kernel: Annotated[Float64[ndarray, "item item"], FINITE, SOME, SYMMETRIC],
    count: AtLeastZero,
    source: np.random.PCG64,
) -> Int64[ndarray, " member"]:
    r"""Draw a set of ``count`` items from a determinantal point process; the kernel is symmetric, positive definite.

    .. math:: P(S) = \frac{\det L_S}{\sum_{|S'| = k} \det L_{S'}}, \qquad |S| = k

    Source: Kulesza, Taskar 2012, Algorithms 1 and 8. Deviation: none; the sums of products of eigenvalues are kept in
    proportion, so that they do not overflow.

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
