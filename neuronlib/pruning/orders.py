"""The orders in which neurons are removed: by a criterion's scores, by a layer's spectrum, or at random."""

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from neuronlib.ablation.orders import class_balanced, ranked
from neuronlib.common.randomness import permutation, stream
from neuronlib.common.types import layer_width
from neuronlib.data.images import ImageData
from neuronlib.information.measures import specific_information
from neuronlib.networks.ensemble import Ensemble
from neuronlib.pruning.saliency import SCORES, counts_of_layer


def score_order(
    ensemble: Ensemble, data: ImageData | None, layer: str, criterion: str, seed: int = 0
) -> Int64[ndarray, "network neuron"]:
    """Neurons of a layer in the order of a score, ties broken by a random permutation.

    Args:
        ensemble: The networks.
        data: Their images; None will do for criteria that look at weights alone.
        layer: The layer, such as "1".
        criterion: One of `SCORES`.
        seed: Start of the permutations.

    Returns:
        Places within the layer, the first to be removed first.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> from neuronlib.networks.initialization import by_hand
        >>> network = by_hand([np.ones((1, 2)), np.array([[1.0, -3.0], [0.5, 0.0]])], [np.zeros(2), np.zeros(2)])
        >>> score_order(network, None, "1", "outgoing weights")
        array([[1, 0]])
    """
    scores = SCORES[criterion].of(ensemble, data, layer)  # type: ignore[arg-type]
    orders = [ranked(scores[k], "low", _ties(ensemble, layer, k, seed)) for k in range(len(scores))]
    return np.array(orders, dtype=np.int64)


def spectrum_order(ensemble: Ensemble, data: ImageData, layer: str, seed: int = 0) -> Int64[ndarray, "network neuron"]:
    """Neurons of a layer in the order of `class_balanced`.

    Args:
        ensemble: The networks.
        data: Their images.
        layer: The layer, such as "1".
        seed: Start of the permutations that break ties.

    Returns:
        Places within the layer, the first to be removed first.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> from neuronlib.data.images import load
        >>> from neuronlib.networks.initialization import initialize
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> networks = initialize(paper_setting("mnist-5k", hidden=(4, 3)), 784, 10, [0])
        >>> sorted(spectrum_order(networks, load("mnist-5k"), "2")[0].tolist())
        [0, 1, 2]
    """
    spectra = specific_information(counts_of_layer(ensemble, data, layer))
    orders = [class_balanced(spectra[k], _ties(ensemble, layer, k, seed)) for k in range(len(spectra))]
    return np.array(orders, dtype=np.int64)


def random_order(ensemble: Ensemble, layer: str, seed: int = 0) -> Int64[ndarray, "network neuron"]:
    """Neurons of a layer at random.

    Args:
        ensemble: The networks.
        layer: The layer, such as "1".
        seed: Start of the random numbers.

    Returns:
        Places within the layer, the first to be removed first.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> from neuronlib.common.config import Setting
        >>> from neuronlib.networks.initialization import initialize
        >>> networks = initialize(Setting(hidden=(4, 3)), inputs=2, labels=10, networks=[0])
        >>> sorted(random_order(networks, "2")[0].tolist())
        [0, 1, 2]
    """
    return np.array([_ties(ensemble, layer, k, seed) for k in range(len(ensemble.networks))], dtype=np.int64)


def _ties(ensemble: Ensemble, layer: str, position: int, seed: int) -> Int64[ndarray, " neuron"]:
    width = layer_width(ensemble.setting.hidden, layer)
    return permutation(stream(seed, "pruning", layer, ensemble.networks[position]), width)
