"""Criteria from the literature by which neurons are removed: a score for each, the lowest to be removed first."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy import ndarray

from neuronlib.common.choices import Measure
from neuronlib.common.scopes import layer_slice
from neuronlib.data.images import ImageData
from neuronlib.information.measures import FUNCTIONS, active_share, class_selectivity
from neuronlib.information.measuring import measure
from neuronlib.networks.ensemble import Ensemble, require_ensemble, samples_on
from neuronlib.networks.interface import Networks, all_outputs
from neuronlib.networks.watched import Watched

# Samples whose gradients are in memory at the same time.
_SAMPLES = 2000

Scores = Float64[ndarray, "network neuron"]


def layer_outputs(networks: Networks, data: ImageData, layer: str) -> Float[ndarray, "network sample neuron"]:
    """Return the outputs of a layer's neurons for the validation samples, in double precision."""
    neurons = layer_slice(networks.widths, layer)
    return all_outputs(networks, data.validation)[:, :, neurons].astype(np.float64)


def counts_of_layer(networks: Networks, data: ImageData, layer: str) -> Int64[ndarray, "network neuron value label"]:
    """Count the quantized values of a layer's neurons together with the labels of the validation samples."""
    counts = measure(networks, data.validation).counts.values[..., : len(data.label_names)]
    return counts[:, layer_slice(networks.widths, layer)]


def by_measure(name: Measure) -> Callable[[Networks, ImageData, str], Scores]:
    """Make one of the paper's measures a criterion; a sigmoid's entropy is also that of He et al. 2014."""
    return lambda networks, data, layer: FUNCTIONS[name](counts_of_layer(networks, data, layer))


def selectivity(networks: Networks, data: ImageData, layer: str) -> Scores:
    """Compute class selectivity, from 0 to 1, as Morcos, Barrett, Rabinowitz, Botvinick 2018 do."""
    return class_selectivity(layer_outputs(networks, data, layer), data.validation.labels)


def activity(networks: Networks, data: ImageData, layer: str) -> Scores:
    r"""Return the share of samples for which a neuron is active: one less the average percentage of zeros.

    .. math:: \hat p(T = 1)

    Source: Hu, Peng, Tai, Tang 2016, for ReLU. Deviation: a sigmoid neuron is active beyond 0.5, as in the paper's
    quantizer.
    """
    return active_share(counts_of_layer(networks, data, layer))


def incoming(networks: Networks, _data: ImageData | None, layer: str) -> Scores:
    r"""Return the mean size of the weights that enter each neuron.

    .. math:: \frac{1}{N_{i-1}} \sum_p |w_{p,j}|

    Source: He, Fan, Qian, Tan, Yu 2014, "inorm"; of a convolution's channels, Li, Kadav, Durdanovic, Samet, Graf 2017,
    who take the sum, which is the same order. Batch normalization is taken into the weights first, which is ours.
    """
    if isinstance(networks, Watched):
        return np.abs(networks.incoming_weights(layer)).mean(axis=2)
    weight = require_ensemble(networks, "incoming weights").around(layer)[0].weight.cpu().numpy()
    return np.abs(weight).mean(axis=1, dtype=np.float64)


def outgoing(networks: Networks, _data: ImageData | None, layer: str) -> Scores:
    r"""Return the mean size of the weights that leave each neuron.

    .. math:: \frac{1}{N_{i+1}} \sum_k |w_{j,k}|

    Source: He, Fan, Qian, Tan, Yu 2014, "onorm", which they found best for speech.
    """
    if isinstance(networks, Watched):
        return np.abs(networks.outgoing_weights(layer)).mean(axis=2)
    weight = require_ensemble(networks, "outgoing weights").around(layer)[1].weight.cpu().numpy()
    return np.abs(weight).mean(axis=2, dtype=np.float64)


def taylor(networks: Networks, data: ImageData, layer: str) -> Scores:
    r"""Return how much the loss would change without each neuron's output, to first order, in nats.

    .. math:: \frac{1}{N} \sum_\ell \left| t_j(x_\ell)\, \frac{\partial L_\ell}{\partial t_j} \right|

    Source: Molchanov, Tyree, Karras, Aila, Kautz 2017, Eq. (8), of a fully-connected layer; :math:`L_\ell` is the
    cross-entropy of one validation sample. The outputs of a channel, or of a token's feature, come from many positions,
    and the product is summed over them before its size is taken.
    """
    layer_slice(networks.widths, layer)
    if isinstance(networks, Watched):
        return networks.first_order_effects(data.validation, layer)
    ensemble = require_ensemble(networks, "Taylor")
    folded = ensemble.folded()
    pixels, labels = samples_on(ensemble.device, data.validation)
    total: ndarray | int = 0
    for some, some_labels in zip(pixels.split(_SAMPLES), labels.split(_SAMPLES), strict=True):
        outputs = folded.hidden_outputs(some)
        gradient = folded.layers[-1](outputs[-1]).softmax(dim=2)
        gradient[:, range(len(some)), some_labels] -= 1
        for index in range(len(outputs) - 1, int(layer) - 2, -1):
            gradient = gradient @ folded.layers[index + 1].weight.mT
            if index > int(layer) - 1:
                gradient = gradient * _slope(ensemble, outputs[index])
        total = total + (outputs[int(layer) - 1] * gradient).abs().double().sum(dim=1).cpu().numpy()
    return np.asarray(total) / len(labels)


def normalization_scale(networks: Networks, _data: ImageData | None, layer: str) -> Scores:
    r"""Return the size of each neuron's factor in the batch normalization before the activation function.

    .. math:: |\gamma_j|

    Source: Liu, Li, Shen, Huang, Yan, Zhang 2017 ("network slimming"), who train with a penalty on it.

    Raises:
        ValueError: If the networks are not watched, or have no such normalization.
    """
    return np.abs(_watched(networks, "batch-norm scale").normalization_scales(layer))


def map_rank(networks: Networks, data: ImageData, layer: str) -> Scores:
    r"""Return the rank of each channel's map of outputs, averaged over the validation samples.

    .. math:: \frac{1}{N} \sum_\ell \operatorname{rank} t_j(x_\ell)

    Source: Lin, Ji, Wang, Zhang, Zhang, Tian, Shao 2020 ("HRank"), behind the activation function as in their code.

    Raises:
        ValueError: If the networks are not watched, or the layer's neurons have no rows and columns.
    """
    return _watched(networks, "feature-map rank").map_ranks(data.validation, layer)


def _watched(networks: Networks, criterion: str) -> Watched:
    if not isinstance(networks, Watched):
        raise ValueError(f"criterion = {criterion!r}: of channels; expected networks that nl.watch returns")
    return networks


def _slope(ensemble: Ensemble, outputs):
    # The activation function's derivative where it has these outputs.
    return (outputs > 0).to(outputs.dtype) if ensemble.activation == "relu" else outputs * (1 - outputs)


@dataclass(frozen=True)
class Criterion:
    """A score of a layer's neurons, and whether it looks at images."""

    of: Callable[[Networks, ImageData, str], Scores]
    needs_data: bool = True


SCORES = {
    "entropy": Criterion(by_measure("entropy")),
    "mutual information": Criterion(by_measure("mutual_information")),
    "KL selectivity": Criterion(by_measure("kl_selectivity")),
    "class selectivity": Criterion(selectivity),
    "activity": Criterion(activity),
    "Taylor": Criterion(taylor),
    "incoming weights": Criterion(incoming, needs_data=False),
    "outgoing weights": Criterion(outgoing, needs_data=False),
}
"""Criteria that are a score; the lowest is removed first."""

SCORES_OF_CHANNELS = {
    "batch-norm scale": Criterion(normalization_scale, needs_data=False),
    "feature-map rank": Criterion(map_rank),
}
"""Criteria that are a score, too, of channels in watched networks alone."""
