"""Information of the neurons of a layer together: pairs, triplets and the whole layer, for each network."""

import warnings
from typing import Annotated

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float
from numpy import ndarray
from scipy.special import entr
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from neuronlib.common.entries import FINITE, LabelCount, Labels
from neuronlib.common.randomness import permutation, stream
from neuronlib.data.images import ImageData, Samples
from neuronlib.information.groups.oinformation import distinct_varying_neurons, of_triplets
from neuronlib.information.groups.pairs import each_pair
from neuronlib.information.groups.pid import broja, williams_beer
from neuronlib.information.measures import BITS_PER_NAT
from neuronlib.networks.interface import Networks, all_active

QUANTILES = (0.0, 0.05, 0.5, 0.95, 1.0)
"""Quantiles of triplets' O-information that are kept."""


def active_by_layer(networks: Networks, samples: Samples) -> list[Bool[ndarray, "network sample neuron"]]:
    """Quantize the outputs of each hidden layer to one bit: whether a neuron is active for a sample."""
    return np.split(all_active(networks, samples), np.cumsum(list(networks.widths.values()))[:-1], axis=2)


def of_layers(networks: Networks, data: ImageData) -> xr.Dataset:
    """Summarise pairs, triplets and whole layers of one-bit neurons, on the validation samples.

    Neurons that are constant, or copy another exactly, take part in no pair and no triplet, and are counted.

    Args:
        networks: Trained networks.
        data: Their images.

    Returns:
        By ``network`` and ``layer``. ``used``: neurons that take part. ``pairs``: means over pairs, in bits, with an
        axis ``part``: BROJA's "redundancy", "unique" (of one neuron) and "synergy", and "redundancy (Williams, Beer)".
        ``triplets``: quantiles of O-information in bits, with an axis ``quantile``. ``information``: what
        `information_of_layer` finds. NaN where too few neurons take part.

    Example:
        >>> from neuronlib.data.images import load
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> from neuronlib.training.training import train
        >>> data = load("mnist-5k")
        >>> networks, _ = train(paper_setting("mnist-5k", hidden=(6, 5), epochs=2), data, [0])
        >>> summary = of_layers(networks, data)
        >>> dict(summary.pairs.sizes), bool((summary.information > 0).all())
        ({'network': 1, 'layer': 2, 'part': 4}, True)
    """
    active = active_by_layer(networks, data.validation)
    labels, label_count = data.validation.labels, len(data.label_names)
    by_layer = [
        xr.concat([of_one_layer(bits, labels, label_count) for bits in of_networks], dim="network")
        for of_networks in active
    ]
    names = {"network": list(networks.networks), "layer": list(networks.widths)}
    summary = xr.concat(by_layer, dim="layer").assign_coords(names)
    return summary.transpose("network", "layer", ...)


def of_one_layer(active: Bool[ndarray, "sample neuron"], labels: Labels, label_count: LabelCount) -> xr.Dataset:
    """Summarise one layer of one network as `of_layers` does."""
    bits = active[:, distinct_varying_neurons(active)]
    used = bits.shape[1]
    parts, quantiles = np.full(4, np.nan), np.full(len(QUANTILES), np.nan)
    if used >= 2:
        counts = each_pair(bits, labels, label_count)
        parts_of_pairs = broja(counts)
        unique = np.mean(parts_of_pairs.unique)
        parts = np.array(
            [
                parts_of_pairs.redundancy.mean(),
                unique,
                parts_of_pairs.synergy.mean(),
                williams_beer(counts).redundancy.mean(),
            ]
        )
    if used >= 3:
        quantiles = np.quantile(of_triplets(bits), QUANTILES)
    return xr.Dataset(
        {
            "used": used,
            "pairs": ("part", parts, {"units": "bit"}),
            "triplets": ("quantile", quantiles, {"units": "bit"}),
            "information": ((), information_of_layer(bits, labels, label_count), {"units": "bit"}),
        },
        coords={
            "part": ["redundancy", "unique", "synergy", "redundancy (Williams, Beer)"],
            "quantile": list(QUANTILES),
        },
    )


def information_of_layer(
    values: Bool[ndarray, "sample neuron"] | Annotated[Float[ndarray, "sample neuron"], FINITE],
    labels: Labels,
    label_count: LabelCount,
) -> float:
    r"""A lower bound on what all neurons of a layer together say of the label, in bits.

    .. math:: I(T; Y) \ge H(Y) + \frac{1}{N} \sum_\ell \log_2 q(y_\ell \,|\, t_\ell)

    for any :math:`q`, here a logistic regression that has seen one half of the samples and is asked about the other,
    both ways. A table of a layer's values has :math:`2^n` cells for each label, so no plug-in estimate exists; the
    bound is too low by the divergence of :math:`q` from the truth, and not too high but for chance.

    Source: Barber, Agakov 2003. Amjad, Liu, Geiger 2021, Sec. V-A, name this quantity and do not estimate it.

    Args:
        values: Each neuron's value for each sample.
        labels: The label of each sample, from 0.
        label_count: Number of labels.

    Returns:
        At most the entropy of the labels; 0 where nothing is found, or no neuron is given.

    Raises:
        ValueError: If there are fewer than four samples.

    Example:
        >>> labels = np.arange(4000) % 2
        >>> copies = np.repeat(labels[:, None] == 1, 3, axis=1)
        >>> round(information_of_layer(copies, labels, label_count=2), 1)
        1.0
    """
    samples, neurons = values.shape
    if samples < 4:
        raise ValueError(f"{samples} samples: expected at least 4, one half to learn from and one to ask about")
    if not neurons:
        return 0.0
    inputs = values.astype(np.float64)
    # Drawn, since samples may be sorted or take turns; always the same, since it is part of the estimator.
    halves = permutation(stream(0, "halves"), samples) % 2
    spent = 0.0
    for half in (0, 1):
        learned, asked = halves != half, halves == half
        learned_labels = np.unique(labels[learned])
        if len(learned_labels) < 2:
            return 0.0
        with warnings.catch_warnings():
            # A decoder that stops early is another decoder, and its bound holds too.
            warnings.simplefilter("ignore", ConvergenceWarning)
            decoder = LogisticRegression(max_iter=200).fit(inputs[learned], labels[learned])
        # A label that was never seen has no place among the decoder's; a thousandth of the rest is kept for such.
        likelihood = np.full((asked.sum(), label_count), 1e-3 / label_count)
        likelihood[:, learned_labels] += (1 - 1e-3) * decoder.predict_proba(inputs[asked])
        spent -= np.log(likelihood[np.arange(asked.sum()), labels[asked]]).sum()
    shares = np.bincount(labels, minlength=label_count) / samples
    return float(max(0.0, entr(shares).sum() - spent / samples) * BITS_PER_NAT)
