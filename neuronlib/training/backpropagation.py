"""Loss and gradients of networks side by side, with backpropagation written out for their few kinds of layer.

Plain functions of tensors, which `torch.compile` turns into one program together with the update of the weights.
"""

from collections.abc import Sequence
from typing import Annotated

import torch
from jaxtyping import Bool, Float, Float32, Int64
from torch import Tensor
from torch.nn.functional import one_hot

from neuronlib.common.choices import Activation
from neuronlib.common.entries import FINITE, LABELS
from neuronlib.common.numbers import Probability
from neuronlib.networks.layers import Layer


def loss_and_gradients(
    layers: Sequence[Layer],
    activation: Activation,
    dropout: tuple[Probability, ...],
    inputs: Annotated[Float32[Tensor, "network sample feature"], FINITE],
    labels: Annotated[Int64[Tensor, "network sample"], LABELS],
    kept: Bool[Tensor, "network sample neuron"] | None,
    label_smoothing: Probability = 0.0,
) -> tuple[Float[Tensor, "network sample"], list[Tensor]]:
    r"""Return each sample's softmax cross-entropy in nats, and the gradients of its mean over a network's mini-batch.

    .. math:: \delta_L = (\operatorname{softmax}(z_L) - e_y) / N, \qquad
              \delta_{i} = (W_{i+1} \delta_{i+1}) \odot t_i', \qquad
              \nabla W_i = t_{i-1} \delta_i^\top, \quad \nabla b_i = \delta_i

    The order within a hidden layer is linear map, batch normalization, activation function, Dropout. The gradients are
    in the order of `Ensemble.parameters`; running means and variances are updated.

    Label smoothing of :math:`\epsilon` puts :math:`q = (1 - \epsilon)\, e_y + \epsilon / |\mathcal{C}|` in place of the
    label's one :math:`e_y`, in the loss as well.

    Dropout keeps the outputs in ``kept``, over the neurons of all hidden layers one after the other, and divides them
    by the probability of being kept; None for networks without Dropout.

    Example:
        >>> layer = Layer(weight=torch.zeros(1, 2, 4), bias=torch.zeros(1, 4))
        >>> losses, (weight, bias) = loss_and_gradients(
        ...     [layer], "relu", (), torch.ones(1, 1, 2), torch.tensor([[3]]), None
        ... )
        >>> losses.exp().tolist(), bias.tolist()
        ([[4.0]], [[0.25, 0.25, 0.25, -0.75]])
    """
    _check_shapes(layers, dropout, inputs, kept)
    hidden = len(layers) - 1
    masks = _factors(kept, dropout, [layer.bias.shape[1] for layer in layers[:-1]])
    received, activated, details = [inputs], [], []
    for position, layer in enumerate(layers[:-1]):
        z = layer.affine(received[-1])
        if layer.normalization is not None:
            z, *of_normalization = layer.normalization.in_training(z)
            details.append(of_normalization)
        outputs = z.relu() if activation == "relu" else z.sigmoid()
        activated.append(outputs)
        received.append(outputs * masks[position] if masks else outputs)
    log_probabilities = layers[hidden].affine(received[hidden]).log_softmax(dim=2)
    losses = -log_probabilities.gather(2, labels.unsqueeze(2)).squeeze(2)
    target = one_hot(labels, log_probabilities.shape[2])
    if label_smoothing:
        losses = (1 - label_smoothing) * losses - label_smoothing * log_probabilities.mean(dim=2)
        target = (1 - label_smoothing) * target + label_smoothing / log_probabilities.shape[2]

    gradients: list[Tensor] = []
    delta = (log_probabilities.exp() - target) / labels.shape[1]
    for position in reversed(range(hidden + 1)):
        of_layer: list[Tensor] = []
        if position < hidden:
            outputs = activated[position]
            delta = torch.bmm(delta, layers[position + 1].weight.mT)
            if masks:
                delta = delta * masks[position]
            delta = delta * (outputs > 0) if activation == "relu" else delta * (outputs * (1 - outputs))
            normalization = layers[position].normalization
            if normalization is not None:
                delta, *of_layer = normalization.gradients(delta, *details[position])
        gradients = [torch.bmm(received[position].mT, delta), delta.sum(dim=1), *of_layer, *gradients]
    return losses, gradients


def _check_shapes(layers: Sequence[Layer], dropout: Sequence[float], inputs: Tensor, kept: Tensor | None) -> None:
    widths = [layer.weight.shape[2] for layer in layers]
    if not widths or [layer.weight.shape[1] for layer in layers] != [inputs.shape[2], *widths[:-1]]:
        raise ValueError("layers and inputs do not fit: expected as many outputs of each as the next one takes")
    if kept is not None and (kept.shape[2] != sum(widths[:-1]) or len(dropout) != len(widths) - 1):
        raise ValueError("kept, dropout: expected one of each for every hidden neuron and layer")


def _factors(kept: Tensor | None, dropout: tuple[float, ...], widths: list[int]) -> list[Tensor]:
    # What Dropout multiplies each hidden layer's outputs with.
    if kept is None:
        return []
    return [mask * (1 / (1 - p)) for mask, p in zip(kept.split(widths, dim=2), dropout, strict=True)]
