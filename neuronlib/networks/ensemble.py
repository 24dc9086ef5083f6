"""Fully-connected networks of one architecture, side by side: one batched computation for all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import torch
from jaxtyping import Float, Float32, Int64
from numpy import ndarray
from torch import Tensor, nn

from neuronlib.common.choices import ONE_BIT_THRESHOLD, Activation
from neuronlib.common.config import Setting
from neuronlib.common.door import methods_checked
from neuronlib.common.entries import DISTINCT, EACH_ONCE, FINITE, LABELS, SOME, Steps
from neuronlib.common.numbers import AtLeastZero
from neuronlib.common.scopes import layer_slice, scope_width
from neuronlib.data.images import Samples
from neuronlib.networks.interface import all_outputs
from neuronlib.networks.layers import Layer

Pixels = Annotated[Float32[Tensor, "sample feature"], FINITE]
"""Inputs of networks."""

# Numbers in the largest tensor: on a CPU few enough for its cache, on a GPU enough to keep it busy. Not as many as its
# free memory takes, as results would be rounded otherwise on another day; ten tensors of this size take under 3 GB.
_IN_CACHE = 2**20


_ON_GPU = 2**26


MODULES: dict[Activation, type[nn.Module]] = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}
"""Activation functions as PyTorch has them as modules."""

_ACTIVATIONS = {"relu": torch.relu, "sigmoid": torch.sigmoid}


@methods_checked()
@dataclass
class Ensemble:
    """Networks of one setting, trained or not, and their numbers; the last of the layers is the output layer.

    Example:
        >>> from neuronlib.networks.initialization import initialize
        >>> networks = initialize(Setting(hidden=(4, 3)), inputs=2, labels=10, networks=[0, 1])
        >>> networks.networks, networks.widths, networks.label_count
        ((0, 1), {'1': 4, '2': 3}, 10)
    """

    setting: Setting
    networks: Annotated[tuple[AtLeastZero, ...], EACH_ONCE]
    layers: list[Layer]

    def __post_init__(self) -> None:
        hidden = [layer.weight.shape[2] for layer in self.layers[:-1]]
        entering = [layer.weight.shape[1] for layer in self.layers[1:]]
        numbers = {layer.weight.shape[0] for layer in self.layers}
        if hidden != list(self.setting.hidden) or entering != hidden or numbers != {len(self.networks)}:
            raise ValueError(
                f"layers of {hidden} neurons for {numbers} networks: expected {list(self.setting.hidden)} for each of "
                f"{len(self.networks)}, and an output layer"
            )

    @property
    def widths(self) -> dict[str, int]:
        """Number of neurons of each hidden layer, by its name."""
        return self.setting.widths

    @property
    def label_count(self) -> int:
        """Number of labels."""
        return self.layers[-1].bias.shape[1]

    @property
    def one_bit_threshold(self) -> float:
        """The output above which a neuron counts as active."""
        return ONE_BIT_THRESHOLD[self.activation]

    @property
    def activation(self) -> Activation:
        """The hidden layers' activation function."""
        return self.setting.activation

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return self.layers[0].weight.device

    def part(self, which: slice) -> "Ensemble":
        """Select some of the networks, as views: changing one changes the other."""
        return Ensemble(self.setting, self.networks[which], [layer.part(which) for layer in self.layers])

    def folded(self) -> "Ensemble":
        """Return networks of the same outputs, up to rounding, with batch normalization in weights and biases."""
        return Ensemble(self.setting, self.networks, [layer.folded() for layer in self.layers])

    def around(self, layer: str) -> tuple[Layer, Layer]:
        """Return the maps into and out of a hidden layer's neurons, with batch normalization in weights and biases.

        Raises:
            ValueError: If there is no such layer.
        """
        layer_slice(self.setting.hidden, layer)
        return self.layers[int(layer) - 1].folded(), self.layers[int(layer)].folded()

    def parameters(self) -> list[Tensor]:
        """Return all that is trained, layer by layer: weight, bias, and the normalization's scale and shift, if any."""
        return [tensor for layer in self.layers for tensor in layer.parameters()]

    def activate(self, z: Float[Tensor, "*any"]) -> Tensor:
        """Apply the hidden layers' activation function."""
        return _ACTIVATIONS[self.activation](z)

    @torch.no_grad()
    def hidden_outputs(self, pixels: Pixels) -> list[Float[Tensor, "network sample neuron"]]:
        r"""Return the outputs :math:`t_j^{(i)}(x_\ell)` of each hidden layer, without Dropout.

        Source: Amjad, Liu, Geiger 2021, Eq. (1).

        Raises:
            ValueError: If the networks take another number of features.
        """
        if pixels.shape[1] != self.layers[0].weight.shape[1]:
            raise ValueError(f"{pixels.shape[1]} features: the networks take {self.layers[0].weight.shape[1]}")
        outputs = pixels.expand(len(self.networks), -1, -1)
        collected = []
        for layer in self.layers[:-1]:
            outputs = self.activate(layer(outputs))
            collected.append(outputs)
        return collected

    @torch.no_grad()
    def pre_activations(self, samples: Samples) -> Float32[ndarray, "network sample neuron"]:
        """Return what the activation function takes, for all hidden neurons layer by layer, in memory all at once."""
        pixels, _ = samples_on(self.device, samples)
        before = [pixels.expand(len(self.networks), -1, -1), *self.hidden_outputs(pixels)[:-1]]
        values = [layer(inputs) for layer, inputs in zip(self.layers[:-1], before, strict=True)]
        return torch.cat(values, dim=2).cpu().numpy()

    @torch.no_grad()
    def logits(self, pixels: Pixels) -> Float[Tensor, "network sample label"]:
        """Return the output layer's values before the softmax, without Dropout; the largest one predicts the label."""
        return self.layers[-1](self.hidden_outputs(pixels)[-1])

    def outputs_in_chunks(
        self, pixels: Pixels, labels: Annotated[Int64[Tensor, " sample"], LABELS]
    ) -> Iterator[tuple[Float[Tensor, "network chunk neuron"], Int64[Tensor, " chunk"]]]:
        """Yield outputs of some samples, the hidden layers' neurons one after the other, and those samples' labels.

        The chunks bound the memory needed.
        """
        chunk = self._chunk()
        for some, some_labels in zip(pixels.split(chunk), labels.split(chunk), strict=True):
            yield torch.cat(self.hidden_outputs(some), dim=2), some_labels

    def output_chunks(
        self, samples: Samples
    ) -> Iterator[tuple[Float[Tensor, "network chunk neuron"], Int64[Tensor, " chunk"]]]:
        """Yield what `outputs_in_chunks` does; see `Networks`."""
        yield from self.outputs_in_chunks(*samples_on(self.device, samples))

    def correct_when_ablated(
        self,
        samples: Samples,
        layer: str,
        orders: Annotated[Int64[ndarray, "network order place"], SOME, DISTINCT],
        steps: Steps,
        replacement: Annotated[Float32[Tensor, "network neuron"], FINITE] | None,
        remains: Annotated[Float32[Tensor, "network neuron"], FINITE] | None,
    ) -> Int64[ndarray, "network order step label"]:
        """Count the correct answers after each number of ablated neurons; see `Networks`."""
        from neuronlib.networks.ablating import correct_when_ablated

        neurons = scope_width(self.setting.hidden, layer)
        if (
            orders.shape[0] != len(self.networks)
            or orders.max(initial=0) >= sum(self.setting.hidden)
            or steps[-1] > orders.shape[2]
        ):
            raise ValueError(
                f"orders of shape {orders.shape}, to {orders.max(initial=0)}, and steps to {steps[-1]}: "
                f"expected those of {len(self.networks)} networks, and of {neurons} neurons"
            )

        return correct_when_ablated(self, samples, layer, orders, steps, replacement, remains)

    def outputs(self, samples: Samples) -> Float32[ndarray, "network sample neuron"]:
        """Return the outputs of all hidden neurons, layer by layer, in memory all at once."""
        return all_outputs(self, samples)

    def accuracy(
        self, pixels: Pixels, labels: Annotated[Int64[Tensor, " sample"], LABELS]
    ) -> Float[Tensor, " network"]:
        """Share of samples that each network classifies correctly, in [0, 1]."""
        correct = torch.zeros(len(self.networks), dtype=torch.int64, device=self.device)
        chunk = self._chunk()
        for some, some_labels in zip(pixels.split(chunk), labels.split(chunk), strict=True):
            correct += (self.logits(some).argmax(dim=2) == some_labels).sum(dim=1)
        return correct.to(torch.float64) / len(labels)

    def _chunk(self) -> int:
        return samples_a_chunk(len(self.networks) * max(self.setting.hidden), self.device)

    def as_module(self, position: AtLeastZero) -> nn.Sequential:
        """Copy the network at this place in ``networks`` into an ordinary PyTorch module, in evaluation mode.

        Returns:
            Linear maps, batch normalization, activation functions and Dropout in a row.

        Example:
            >>> from neuronlib.networks.initialization import initialize
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
                parts.append(MODULES[self.activation]())
                if self.setting.dropout:
                    parts.append(nn.Dropout(self.setting.dropout[index]))
        return nn.Sequential(*parts).eval()


def require_ensemble(networks: object, what: str) -> Ensemble:
    """Return networks whose weights can be read one by one, which ``what`` asks for; ValueError for others."""
    if not isinstance(networks, Ensemble):
        kind = type(networks).__name__
        raise ValueError(f"{what}: reads the weights of linear maps in a row, as nl.adopt gives them; got {kind}")
    return networks


def samples_on(
    device: torch.device, samples: Samples
) -> tuple[Float[Tensor, "sample feature"], Int64[Tensor, " sample"]]:
    """Put pixels and labels on a device; on the CPU the tensors share the samples' memory."""
    return torch.from_numpy(samples.pixels).to(device), torch.from_numpy(samples.labels).to(device)


def samples_a_chunk(numbers: int, device: torch.device) -> int:
    """Return how many samples a chunk takes, at least 1, if the largest tensor holds so many numbers for each."""
    return max(1, (_ON_GPU if device.type == "cuda" else _IN_CACHE) // numbers)
