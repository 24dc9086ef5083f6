"""Which neurons of a layer stay, for any number of them, by any criterion."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from neuronlib.ablation.orders import class_balanced, ranked, tie_breakers
from neuronlib.common.checks import did_you_mean
from neuronlib.common.numbers import Seed
from neuronlib.common.scopes import layer_slice, layer_width
from neuronlib.data.images import ImageData
from neuronlib.information.measures import specific_information
from neuronlib.networks.ensemble import Ensemble
from neuronlib.networks.interface import Networks, all_active
from neuronlib.pruning.compensation import Moments
from neuronlib.pruning.determinantal import Diverse
from neuronlib.pruning.joint import JOINT_CRITERIA, JointCriterion, joint_order
from neuronlib.pruning.merging import Ordered, noise_out, srinivas_babu
from neuronlib.pruning.saliency import SCORES, SCORES_OF_CHANNELS, counts_of_layer


@runtime_checkable
class Selection(Protocol):
    """Neurons of a layer to keep, for any number of them.

    Example:
        >>> import numpy as np
        >>> Ordered(np.array([[2, 0, 1]])).kept(2)
        array([[0, 1]])
    """

    def kept(self, count: int) -> Int64[ndarray, "network member"]:
        """Return the places of the ``count`` neurons that stay, increasing."""

    def own_surgery(self, ensemble: Ensemble, layer: str, count: int, known: Moments | None) -> Ensemble | None:
        """Do to the next layer what the criterion's authors do.

        Return networks of the same shape, or None where there is no such surgery or it lacks the moments.
        """


def score_order(
    criterion: str, networks: Networks, data: ImageData | None, layer: str, seed: Seed = 0
) -> Int64[ndarray, "network neuron"]:
    """Order the neurons of a layer by a score, the first to be removed first; a permutation breaks ties.

    Returns:
        The neurons' places in the layer, for each network.

    Raises:
        ValueError: If there is no such score or layer, or it needs data and there are none.
    """
    _check_criterion(criterion, data, tuple(_SCORES))
    scores = _SCORES[criterion].of(networks, data, layer)  # type: ignore[arg-type]
    return ranked(scores, "low", _ties(networks, layer, seed))


def _random(networks: Networks, _data: ImageData | None, layer: str, seed: int) -> Ordered:
    return Ordered(_ties(networks, layer, seed))


def _spectrum(networks: Networks, data: ImageData, layer: str, seed: int) -> Ordered:
    spectra = specific_information(counts_of_layer(networks, data, layer))
    ties = _ties(networks, layer, seed)
    return Ordered(np.array([class_balanced(*of_network) for of_network in zip(spectra, ties, strict=True)]))


def _jointly(criterion: JointCriterion) -> Callable[[Networks, ImageData, str, int], Ordered]:
    def of(networks: Networks, data: ImageData, layer: str, seed: int) -> Ordered:
        bits = all_active(networks, data.validation)[:, :, layer_slice(networks.widths, layer)]
        labels, label_count = data.validation.labels, len(data.label_names)
        ties = _ties(networks, layer, seed)
        orders = [joint_order(criterion, one, labels, label_count, tie) for one, tie in zip(bits, ties, strict=True)]
        return Ordered(np.array(orders))

    return of


def _ties(networks: Networks, layer: str, seed: int) -> Int64[ndarray, "network neuron"]:
    return tie_breakers(seed, "pruning", layer, networks.networks, layer_width(networks.widths, layer))


_SCORES = SCORES | SCORES_OF_CHANNELS
_WITHOUT_DATA = ("random", "Srinivas-Babu", *(name for name, one in _SCORES.items() if not one.needs_data))
_OTHERS: dict[str, Callable[[Networks, ImageData, str, int], Selection]] = {
    "random": _random,
    "spectrum": _spectrum,
    "Srinivas-Babu": lambda networks, _data, layer, _seed: srinivas_babu(networks, layer),
    "NoiseOut": lambda networks, data, layer, _seed: noise_out(networks, data, layer),
    "DivNet": Diverse.of,
}
CRITERIA = ("random", *SCORES, *(name for name in _OTHERS if name != "random"))
"""Names of the criteria that look at one neuron, or one pair of neurons, at a time."""
_OTHERS |= {name: _jointly(name) for name in JOINT_CRITERIA}
_ALL = (*CRITERIA, *JOINT_CRITERIA, *SCORES_OF_CHANNELS)


def select(criterion: str, networks: Networks, data: ImageData | None, layer: str, seed: Seed = 0) -> Selection:
    """Choose which neurons of a layer stay.

    Args:
        criterion: One of `CRITERIA` or `JOINT_CRITERIA`, or, of channels in watched networks, of `SCORES_OF_CHANNELS`.
        networks: The networks; Srinivas-Babu and NoiseOut take an `Ensemble` alone.
        data: Images; None will do for criteria that look at weights alone.
        layer: The layer.
        seed: For criteria that draw at random, and for ties.

    Returns:
        The neurons that stay, for any number of them.

    Raises:
        ValueError: If there is no such criterion or layer, it needs data and there are none, or it reads weights that
            the networks do not show.

    Example:
        >>> import numpy as np
        >>> from neuronlib.networks.initialization import by_hand
        >>> network = by_hand([np.ones((1, 2)), np.array([[1.0, -3.0], [0.5, 0.0]])], [np.zeros(2), np.zeros(2)])
        >>> select("outgoing weights", network, None, "1").kept(1)
        array([[0]])
    """
    _check_criterion(criterion, data, _ALL)
    if criterion in _OTHERS:
        return _OTHERS[criterion](networks, data, layer, seed)  # type: ignore[arg-type]
    return Ordered(score_order(criterion, networks, data, layer, seed))


def _check_criterion(criterion: str, data: ImageData | None, known: Sequence[str]) -> None:
    if criterion not in known:
        near = did_you_mean(criterion, known)
        raise ValueError(f"criterion = {criterion!r}: {near}expected one of {', '.join(known)}")
    if data is None and criterion not in _WITHOUT_DATA:
        raise ValueError(f"criterion = {criterion!r}: needs data; without, there are {', '.join(_WITHOUT_DATA)}")
