"""Layers of many networks side by side: linear map and batch normalization, each as PyTorch has it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


@dataclass
class Normalization:
    """Batch normalization of one hidden layer of all networks, with PyTorch's defaults.

    Attributes:
        scale: Learned factor, 1 at first.
        shift: Learned summand, 0 at first.
        running_mean: Mean that is used once training is over.
        running_variance: Variance that is used once training is over.

    Example:
        >>> one, zero = torch.ones(1, 2), torch.zeros(1, 2)
        >>> batch = torch.tensor([[[1.0, 5.0], [3.0, 5.0]]])
        >>> Normalization(one, zero, zero.clone(), one.clone())(batch, training=True).round(decimals=2).tolist()
        [[[-1.0, 0.0], [1.0, 0.0]]]
    """

    scale: Float[Tensor, "network neuron"]
    shift: Float[Tensor, "network neuron"]
    running_mean: Float[Tensor, "network neuron"]
    running_variance: Float[Tensor, "network neuron"]

    def __call__(self, z: Float[Tensor, "network sample neuron"], training: bool) -> Tensor:
        """Normalizes pre-activations.

        Args:
            z: Pre-activations.
            training: Whether to use the batch's own mean and variance, and to update the running ones.

        Returns:
            Normalized pre-activations.
        """
        networks, samples, neurons = z.shape
        # With samples innermost, PyTorch sums each neuron by itself; otherwise the order of its sums, and so their
        # rounding, depends on how many networks there are.
        normalized = F.batch_norm(
            z.transpose(1, 2).reshape(1, networks * neurons, samples),
            self.running_mean.view(-1),
            self.running_variance.view(-1),
            self.scale.reshape(-1),
            self.shift.reshape(-1),
            training=training,
        )
        return normalized.view(networks, neurons, samples).transpose(1, 2)

    def part(self, which: slice) -> "Normalization":
        """The same of some of the networks, sharing their memory.

        Args:
            which: Their places.

        Returns:
            Views.
        """
        return Normalization(*(tensor[which] for tensor in self.tensors()))

    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """All four.

        Returns:
            Scale, shift, running mean and running variance.
        """
        return self.scale, self.shift, self.running_mean, self.running_variance

    def as_module(self, position: int) -> nn.BatchNorm1d:
        """That of one network as PyTorch's module.

        Args:
            position: The network's place.

        Returns:
            A copy.
        """
        module = nn.BatchNorm1d(self.scale.shape[1], device=self.scale.device)
        names = ("weight", "bias", "running_mean", "running_var")
        state = {name: tensor[position].detach() for name, tensor in zip(names, self.tensors(), strict=True)}
        module.load_state_dict(state, strict=False)
        return module


@dataclass
class Layer:
    """One layer of all networks.

    Attributes:
        weight: Weights; the transpose of `torch.nn.Linear`'s, so that an input's outgoing weights lie together.
        bias: Biases.
        normalization: Batch normalization behind the linear map, if any.

    Example:
        >>> layer = Layer(weight=torch.ones(1, 2, 3), bias=torch.zeros(1, 3))
        >>> layer(torch.ones(1, 1, 2)).tolist()
        [[[2.0, 2.0, 2.0]]]
    """

    weight: Float[Tensor, "network input neuron"]
    bias: Float[Tensor, "network neuron"]
    normalization: Normalization | None = None

    def __call__(self, inputs: Float[Tensor, "network sample input"], training: bool = False) -> Tensor:
        """The argument of the activation function in the paper's Eq. (1), normalized where the layer does so.

        Args:
            inputs: Outputs of the layer before.
            training: Whether batch normalization acts as in training.

        Returns:
            Pre-activations.
        """
        z = self.affine(inputs)
        return z if self.normalization is None else self.normalization(z, training)

    def affine(self, inputs: Float[Tensor, "network sample input"]) -> Float[Tensor, "network sample neuron"]:
        """Applies weights and biases alone.

        Args:
            inputs: Outputs of the layer before.

        Returns:
            Pre-activations that are not normalized.
        """
        return torch.baddbmm(self.bias.unsqueeze(1), inputs, self.weight)

    def part(self, which: slice) -> "Layer":
        """The same of some of the networks, sharing their memory.

        Args:
            which: Their places.

        Returns:
            Views.
        """
        normalization = None if self.normalization is None else self.normalization.part(which)
        return Layer(self.weight[which], self.bias[which], normalization)

    def to(self, device: torch.device | str) -> "Layer":
        """The same on another device.

        Args:
            device: Where to put it.

        Returns:
            A copy, or the layer itself if it is there already.
        """
        normalization = self.normalization
        if normalization is not None:
            normalization = Normalization(*(tensor.to(device) for tensor in normalization.tensors()))
        return Layer(self.weight.to(device), self.bias.to(device), normalization)

    def as_modules(self, position: int) -> list[nn.Module]:
        """That of one network as PyTorch's modules.

        Args:
            position: The network's place.

        Returns:
            Copies: the linear map, and batch normalization where there is one.
        """
        linear = nn.Linear(self.weight.shape[1], self.weight.shape[2], device=self.weight.device)
        linear.load_state_dict({"weight": self.weight[position].detach().T, "bias": self.bias[position].detach()})
        return [linear] if self.normalization is None else [linear, self.normalization.as_module(position)]


def initial_layer(fan_in: int, fan_out: int, generators: Sequence[torch.Generator], batch_norm: bool) -> Layer:
    """A layer as `torch.nn.Linear` and `torch.nn.BatchNorm1d` initialize it.

    Args:
        fan_in: Inputs.
        fan_out: Neurons.
        generators: One for each network; each draws first its weights, then its biases.
        batch_norm: Whether batch normalization follows.

    Returns:
        The layer, on the CPU.

    Example:
        >>> initial_layer(2, 3, [torch.Generator().manual_seed(0)], batch_norm=False).weight.shape
        torch.Size([1, 2, 3])
    """
    bound = 1 / math.sqrt(fan_in)
    weight = torch.empty(len(generators), fan_in, fan_out)
    bias = torch.empty(len(generators), fan_out)
    for k, generator in enumerate(generators):
        weight[k] = nn.init.kaiming_uniform_(torch.empty(fan_out, fan_in), a=math.sqrt(5), generator=generator).T
        nn.init.uniform_(bias[k], -bound, bound, generator=generator)
    ones, zeros = torch.ones_like(bias), torch.zeros_like(bias)
    normalization = Normalization(ones.clone(), zeros.clone(), zeros.clone(), ones.clone()) if batch_norm else None
    return Layer(weight, bias, normalization)
