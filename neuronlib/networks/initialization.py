"""Networks before training: drawn at random, or with weights written by hand."""

from collections.abc import Sequence
from typing import Annotated

import torch
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import Activation
from neuronlib.common.config import Setting
from neuronlib.common.devices import device_named
from neuronlib.common.entries import FINITE, SOME, LabelCount, NetworkNumbers
from neuronlib.common.numbers import Count
from neuronlib.common.randomness import torch_seed
from neuronlib.networks.ensemble import Ensemble
from neuronlib.networks.layers import Layer, initial_layer
from neuronlib.networks.parameters import check_parameters


def initialize(
    setting: Setting, inputs: Count, labels: LabelCount, networks: NetworkNumbers, device: torch.device | str = "cpu"
) -> Ensemble:
    r"""Return networks before training, with PyTorch's default initialization.

    .. math:: w, b \sim \mathcal{U}\left(-1/\sqrt{n},\ 1/\sqrt{n}\right), \qquad n = \text{inputs of the layer}

    ``inputs`` is the number of a sample's features, ``labels`` that of labels, ``networks`` are the networks' numbers.

    Source: `torch.nn.Linear`; the paper does not state its initialization. A network's weights are those that
    `torch.nn.Linear` draws, layer by layer, from a generator seeded with the setting's seed and the network's number.
    So a network does not depend on which others are asked for.

    Raises:
        ValueError: If inputs, labels or networks are not as many as there can be, or there is no such device.

    Example:
        >>> one, two = (initialize(Setting(), 784, 10, n).layers[0].weight[-1] for n in ([7], [3, 7]))
        >>> torch.equal(one, two)
        True
    """
    device = device_named(device)
    widths = (inputs, *setting.hidden, labels)
    generators = [torch.Generator().manual_seed(torch_seed(setting.seed, "weights", k)) for k in networks]
    layers = [
        initial_layer(fan_in, fan_out, generators, setting.batch_norm and index < len(setting.hidden)).to(device)
        for index, (fan_in, fan_out) in enumerate(zip(widths[:-1], widths[1:], strict=True))
    ]
    return Ensemble(setting, tuple(networks), layers)


def by_hand(
    weights: Sequence[Annotated[Float[ndarray, "_ _"], FINITE, SOME]],
    biases: Sequence[Annotated[Float[ndarray, " _"], FINITE, SOME]],
    activation: Activation = "relu",
) -> Ensemble:
    """Return a single network with given weights, as network 0 of a setting that has never been trained.

    Each layer has a matrix of weights and a row of biases, the output layer last; a column holds the weights that enter
    a neuron.

    Raises:
        ValueError: If there is no hidden layer, a layer does not fit the one before it or its biases, or
            `check_parameters` refuses its numbers.

    Example:
        >>> import numpy as np
        >>> network = by_hand([np.ones((2, 1)), np.array([[1.0, -1.0]])], [np.array([-1.0]), np.zeros(2)])
        >>> network.logits(torch.tensor([[1.0, 1.0], [0.0, 1.0]])).tolist()
        [[[1.0, -1.0], [0.0, 0.0]]]
    """
    if len(weights) < 2 or len(biases) != len(weights):
        raise ValueError(f"{len(weights)} matrices of weights, {len(biases)} rows of biases: expected as many, and 2")
    for index, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        inputs = weight.shape[0] if index == 0 else weights[index - 1].shape[1]
        if weight.shape != (inputs, len(bias)):
            raise ValueError(f"layer {index + 1}: weights of shape {weight.shape}, expected {(inputs, len(bias))}")
    layers = []
    for index, (weight, bias) in enumerate(zip(weights, biases, strict=True), start=1):
        typed = [torch.as_tensor(some) for some in (weight, bias)]
        # Whole numbers will do.
        first, second = (some if some.is_complex() else some.to(torch.float64) for some in typed)
        check_parameters({"weights": first, "biases": second}, f"layer {index}", torch.float32)
        layers.append(Layer(first.to(torch.float32)[None], second.to(torch.float32)[None]))
    hidden = tuple(len(bias) for bias in biases[:-1])
    return Ensemble(Setting(hidden=hidden, activation=activation, dropout=()), (0,), layers)
