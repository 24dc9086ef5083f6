"""Fully-connected networks of one architecture, side by side: one batched computation for all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float32, Int64
from numpy import ndarray
from torch import Tensor, nn

from neuronlib._chunks import samples_a_chunk
from neuronlib._layers import Layer, initial_layer
from neuronlib.config import Setting
from neuronlib.data import Samples
from neuronlib.randomness import torch_seed
from neuronlib.types import Activation

_ACTIVATIONS = {"relu": torch.relu, "sigmoid": torch.sigmoid}
_MODULES = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}


@dataclass
class Ensemble:
    """Networks of one setting, trained or not.

    Attributes:
        setting: What they are.
        networks: Their numbers within the setting.
        layers: Hidden layers and the output layer.

    Example:
        >>> networks = initialize(Setting(hidden=(4, 3)), inputs=2, labels=10, networks=[0, 1])
        >>> networks.logits(torch.zeros(5, 2)).shape
        torch.Size([2, 5, 10])
    """

    setting: Setting
    networks: tuple[int, ...]
    layers: list[Layer]

    @property
    def activation(self) -> Activation:
        """The hidden layers' activation function."""
        return self.setting.activation

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return self.layers[0].weight.device

    def part(self, which: slice) -> "Ensemble":
        """Some of the networks, sharing their memory with all of them.

        Args:
            which: Places in `networks`.

        Returns:
            An ensemble whose tensors are views: what changes one changes the other.
        """
        return Ensemble(self.setting, self.networks[which], [layer.part(which) for layer in self.layers])

    def folded(self) -> "Ensemble":
        """The same networks once training is over, with batch normalization as part of weights and biases.

        Returns:
            Networks with the same outputs, up to rounding.
        """
        return Ensemble(self.setting, self.networks, [layer.folded() for layer in self.layers])

    def parameters(self) -> list[Tensor]:
        """Everything that is trained, as `torch.optim` takes it.

        Returns:
            Weight and bias of each layer in turn, with its normalization's scale and shift where it has one.
        """
        return [tensor for layer in self.layers for tensor in layer.parameters()]

    def activate(self, z: Tensor) -> Tensor:
        """Applies the hidden layers' activation function.

        Args:
            z: Pre-activations.

        Returns:
            Outputs.
        """
        return _ACTIVATIONS[self.activation](z)

    @torch.no_grad()
    def hidden_outputs(self, pixels: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "network sample neuron"]]:
        r"""Outputs :math:`t_j^{(i)}(x_\ell)` of all hidden neurons, without Dropout.

        Source: Amjad, Liu, Geiger 2021, Eq. (1).

        Args:
            pixels: The same inputs for all networks.

        Returns:
            One tensor for each hidden layer.
        """
        outputs = pixels.expand(len(self.networks), -1, -1)
        collected = []
        for layer in self.layers[:-1]:
            outputs = self.activate(layer(outputs))
            collected.append(outputs)
        return collected

    @torch.no_grad()
    def pre_activations(self, samples: Samples) -> Float32[ndarray, "network sample neuron"]:
        """What all hidden neurons are about to apply their activation function to, in memory all at once.

        Args:
            samples: Images.

        Returns:
            The hidden layers' neurons one after the other.
        """
        pixels, _ = samples_on(self.device, samples)
        before = [pixels.expand(len(self.networks), -1, -1), *self.hidden_outputs(pixels)[:-1]]
        values = [layer(inputs) for layer, inputs in zip(self.layers[:-1], before, strict=True)]
        return torch.cat(values, dim=2).cpu().numpy()

    @torch.no_grad()
    def logits(self, pixels: Float[Tensor, "sample feature"]) -> Float[Tensor, "network sample label"]:
        """The output layer's values before the softmax, without Dropout.

        Args:
            pixels: The same inputs for all networks.

        Returns:
            Logits; the predicted label is the largest's.
        """
        return self.layers[-1](self.hidden_outputs(pixels)[-1])

    def outputs_in_chunks(
        self, pixels: Float[Tensor, "sample feature"], labels: Int64[Tensor, " sample"]
    ) -> Iterator[tuple[Float[Tensor, "network chunk neuron"], Int64[Tensor, " chunk"]]]:
        """Outputs of all hidden neurons with the samples' labels, in chunks that bound the memory needed.

        Args:
            pixels: The same inputs for all networks.
            labels: The label of each sample.

        Yields:
            Outputs of some samples, the hidden layers' neurons one after the other, and those samples' labels.
        """
        chunk = self._chunk()
        for some, some_labels in zip(pixels.split(chunk), labels.split(chunk), strict=True):
            yield torch.cat(self.hidden_outputs(some), dim=2), some_labels

    def outputs(self, samples: Samples) -> Float32[ndarray, "network sample neuron"]:
        """Outputs of all hidden neurons for looking at, in memory all at once.

        Args:
            samples: Images.

        Returns:
            The hidden layers' neurons one after the other.
        """
        chunks = self.outputs_in_chunks(*samples_on(self.device, samples))
        return torch.cat([outputs.cpu() for outputs, _ in chunks], dim=1).numpy()

    def accuracy(
        self, pixels: Float[Tensor, "sample feature"], labels: Int64[Tensor, " sample"]
    ) -> Float[Tensor, " network"]:
        """Share of samples that each network classifies correctly.

        Args:
            pixels: The same inputs for all networks.
            labels: The label of each sample.

        Returns:
            Fractions in [0, 1].
        """
        correct = torch.zeros(len(self.networks), dtype=torch.int64, device=self.device)
        chunk = self._chunk()
        for some, some_labels in zip(pixels.split(chunk), labels.split(chunk), strict=True):
            correct += (self.logits(some).argmax(dim=2) == some_labels).sum(dim=1)
        return correct.to(torch.float64) / len(labels)

    def _chunk(self) -> int:
        return samples_a_chunk(len(self.networks) * max(self.setting.hidden), self.device)

    def as_module(self, position: int) -> nn.Sequential:
        """One of the networks as an ordinary PyTorch module, in evaluation mode.

        Args:
            position: Its place in `networks`.

        Returns:
            A copy: linear maps, batch normalization, activation functions and Dropout in a row.

        Example:
            >>> initialize(Setting(hidden=(3,), dropout=()), inputs=2, labels=10, networks=[0]).as_module(0)
            Sequential(
              (0): Linear(in_features=2, out_features=3, bias=True)
              (1): ReLU()
              (2): Linear(in_features=3, out_features=10, bias=True)
            )
        """
        parts: list[nn.Module] = []
        for index, layer in enumerate(self.layers):
            parts += layer.as_modules(position)
            if index < len(self.layers) - 1:
                parts.append(_MODULES[self.activation]())
                if self.setting.dropout:
                    parts.append(nn.Dropout(self.setting.dropout[index]))
        return nn.Sequential(*parts).eval()


def initialize(
    setting: Setting, inputs: int, labels: int, networks: Sequence[int], device: torch.device | str = "cpu"
) -> Ensemble:
    r"""Networks before training, with PyTorch's default initialization.

    .. math:: w, b \sim \mathcal{U}\left(-1/\sqrt{n},\ 1/\sqrt{n}\right), \qquad n = \text{inputs of the layer}

    Source: `torch.nn.Linear`; the paper does not state its initialization. A network's weights are those that
    `torch.nn.Linear` draws, layer by layer, from a generator seeded with the setting's seed and the network's number.

    Args:
        setting: Architecture and seed.
        inputs: Features of a sample.
        labels: Number of labels.
        networks: Numbers of the networks; a network does not depend on which others are asked for.
        device: Where to put them.

    Returns:
        The networks, ready to be trained.

    Example:
        >>> one, two = (initialize(Setting(), 784, 10, n).layers[0].weight[-1] for n in ([7], [3, 7]))
        >>> torch.equal(one, two)
        True
    """
    widths = (inputs, *setting.hidden, labels)
    generators = [torch.Generator().manual_seed(torch_seed(setting.seed, "weights", k)) for k in networks]
    layers = [
        initial_layer(fan_in, fan_out, generators, setting.batch_norm and index < len(setting.hidden)).to(device)
        for index, (fan_in, fan_out) in enumerate(zip(widths[:-1], widths[1:], strict=True))
    ]
    return Ensemble(setting, tuple(networks), layers)


def by_hand(
    weights: Sequence[Float[ndarray, "_ _"]],
    biases: Sequence[Float[ndarray, " _"]],
    activation: Activation = "relu",
) -> Ensemble:
    """A single network with given weights.

    Args:
        weights: One matrix for each layer, the output layer last; a column holds the weights that enter a neuron.
        biases: One row for each layer.
        activation: Activation function of the hidden layers.

    Returns:
        Network 0 of a setting that has never been trained.

    Raises:
        ValueError: If there is no hidden layer, or a layer does not fit the one before it or its biases.

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
    layers = [
        Layer(torch.as_tensor(weight, dtype=torch.float32)[None], torch.as_tensor(bias, dtype=torch.float32)[None])
        for weight, bias in zip(weights, biases, strict=True)
    ]
    hidden = tuple(len(bias) for bias in biases[:-1])
    return Ensemble(Setting(hidden=hidden, activation=activation, dropout=()), (0,), layers)


def samples_on(
    device: torch.device, samples: Samples
) -> tuple[Float[Tensor, "sample feature"], Int64[Tensor, " sample"]]:
    """Pixels and labels as tensors on a device.

    Args:
        device: Where to put them.
        samples: Images and labels; on the CPU the tensors share their memory.

    Returns:
        Pixels and labels.

    Example:
        >>> import numpy as np
        >>> pixels, labels = samples_on(torch.device("cpu"), Samples(np.zeros((2, 4), np.float32), np.array([1, 0])))
        >>> pixels.shape, labels.tolist()
        (torch.Size([2, 4]), [1, 0])
    """
    return torch.from_numpy(samples.pixels).to(device), torch.from_numpy(samples.labels).to(device)
