"""Layers of many networks side by side, each as PyTorch has it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy import ndarray
from torch import Tensor, nn

from neuronlib.common.checks import check_members
from neuronlib.common.devices import device_named
from neuronlib.common.door import methods_checked
from neuronlib.common.entries import FINITE, NOT_NEGATIVE
from neuronlib.common.numbers import AtLeastZero

# PyTorch's defaults for batch normalization.
_MOMENTUM = 0.1


_EPSILON = 1e-5


@methods_checked("in_training", "gradients")
@dataclass
class Normalization:
    """Batch normalization of one hidden layer of all networks, with PyTorch's defaults.

    Scale and shift are learned, 1 and 0 at first; the running mean and variance are used once training is over.

    Example:
        >>> import torch
        >>> one, zero = torch.ones(1, 2), torch.zeros(1, 2)
        >>> batch = torch.tensor([[[1.0, 5.0], [3.0, 5.0]]])
        >>> outputs, *_ = Normalization(one, zero, zero.clone(), one.clone()).in_training(batch)
        >>> outputs.round(decimals=2).tolist()
        [[[-1.0, 0.0], [1.0, 0.0]]]
    """

    scale: Annotated[Float[Tensor, "network neuron"], FINITE]
    shift: Annotated[Float[Tensor, "network neuron"], FINITE]
    running_mean: Annotated[Float[Tensor, "network neuron"], FINITE]
    running_variance: Annotated[Float[Tensor, "network neuron"], FINITE, NOT_NEGATIVE]

    def in_training(
        self, z: Float[Tensor, "network sample neuron"]
    ) -> tuple[
        Float[Tensor, "network sample neuron"],
        Float[Tensor, "network sample neuron"],
        Float[Tensor, "network 1 neuron"],
    ]:
        """Normalize a mini-batch by its own mean and variance, and move the running ones towards them.

        Returns:
            Normalized pre-activations; for `gradients`, the same before scale and shift, and the deviation's inverse.
        """
        samples = z.shape[1]
        mean = z.mean(dim=1, keepdim=True)
        centred = z - mean
        variance = centred.square().mean(dim=1, keepdim=True)
        self.running_mean.lerp_(mean.squeeze(1), _MOMENTUM)
        self.running_variance.lerp_(variance.squeeze(1) * (samples / (samples - 1)), _MOMENTUM)
        inverse = (variance + _EPSILON).rsqrt()
        standardized = centred * inverse
        return standardized * self.scale.unsqueeze(1) + self.shift.unsqueeze(1), standardized, inverse

    def gradients(
        self,
        gradient: Float[Tensor, "network sample neuron"],
        standardized: Float[Tensor, "network sample neuron"],
        inverse: Float[Tensor, "network 1 neuron"],
    ) -> tuple[
        Float[Tensor, "network sample neuron"], Float[Tensor, "network neuron"], Float[Tensor, "network neuron"]
    ]:
        """Return gradients with respect to what `in_training` took, the scale and the shift.

        ``gradient`` is the loss's with respect to the normalized pre-activations; `in_training` returned the rest.
        """
        inner = gradient * self.scale.unsqueeze(1)
        along = (inner * standardized).mean(dim=1, keepdim=True)
        before = inverse * (inner - inner.mean(dim=1, keepdim=True) - standardized * along)
        return before, (gradient * standardized).sum(dim=1), gradient.sum(dim=1)

    def factor(self) -> Float[Tensor, "network neuron"]:
        """Return scale over running deviation: the factor of pre-activations less the running mean, after training."""
        return self.scale * (self.running_variance + _EPSILON).rsqrt()

    def part(self, which: slice) -> "Normalization":
        """Select some of the networks, as views."""
        return Normalization(*(tensor[which] for tensor in self.tensors()))

    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return scale, shift, running mean and running variance."""
        return self.scale, self.shift, self.running_mean, self.running_variance

    def as_module(self, position: AtLeastZero) -> nn.BatchNorm1d:
        """Copy the normalization of one network into PyTorch's module."""
        check_position(position, len(self.scale))
        module = nn.BatchNorm1d(self.scale.shape[1], device=self.scale.device)
        names = ("weight", "bias", "running_mean", "running_var")
        state = {name: tensor[position].detach() for name, tensor in zip(names, self.tensors(), strict=True)}
        module.load_state_dict(state, strict=False)
        return module


@methods_checked("affine")
@dataclass
class Layer:
    """One layer of all networks, with batch normalization behind the linear map, if any.

    ``weight`` is the transpose of `torch.nn.Linear`'s, so that an input's outgoing weights lie together.

    Example:
        >>> layer = Layer(weight=torch.ones(1, 2, 3), bias=torch.zeros(1, 3))
        >>> layer(torch.ones(1, 1, 2)).tolist()
        [[[2.0, 2.0, 2.0]]]
    """

    weight: Annotated[Float[Tensor, "network input neuron"], FINITE]
    bias: Annotated[Float[Tensor, "network neuron"], FINITE]
    normalization: Normalization | None = None

    def __call__(self, inputs: Float[Tensor, "network sample input"]) -> Float[Tensor, "network sample neuron"]:
        """Return what the activation function takes in the paper's Eq. (1), with the running mean and variance."""
        return self.folded().affine(inputs)

    def folded(self) -> "Layer":
        r"""Return the same map after training as weights and biases alone; without normalization, the layer itself.

        .. math:: \gamma \frac{w^\top x + b - \mu}{\sqrt{v + \epsilon}} + \beta
                  = (c w)^\top x + c (b - \mu) + \beta, \qquad c = \frac{\gamma}{\sqrt{v + \epsilon}}
        """
        if self.normalization is None:
            return self
        factor, mean = self.normalization.factor(), self.normalization.running_mean
        return Layer(self.weight * factor.unsqueeze(1), (self.bias - mean) * factor + self.normalization.shift)

    def affine(self, inputs: Float[Tensor, "network sample input"]) -> Float[Tensor, "network sample neuron"]:
        """Apply weights and biases alone, without normalization."""
        return torch.baddbmm(self.bias.unsqueeze(1), inputs, self.weight)

    def parameters(self) -> list[Tensor]:
        """Return what is trained: weight and bias, then scale and shift of the normalization where there is one."""
        trained = [self.weight, self.bias]
        return trained if self.normalization is None else [*trained, *self.normalization.tensors()[:2]]

    def tensors(self) -> list[Tensor]:
        """Return weight and bias, then scale, shift, running mean and variance where there is a normalization."""
        return [self.weight, self.bias, *(self.normalization.tensors() if self.normalization else ())]

    def part(self, which: slice) -> "Layer":
        """Select some of the networks, as views."""
        normalization = None if self.normalization is None else self.normalization.part(which)
        return Layer(self.weight[which], self.bias[which], normalization)

    def columns(self, kept: Int64[ndarray, "network member"]) -> "Layer":
        """Copy the layer with only the kept neurons of each network."""
        check_members("kept", kept, self.bias.shape[1], networks=len(self.bias))
        rows = np.arange(len(kept))[:, None]
        normalization = self.normalization
        if normalization is not None:
            normalization = Normalization(*(tensor[rows, kept] for tensor in normalization.tensors()))
        return Layer(self.weight.mT[rows, kept].mT.contiguous(), self.bias[rows, kept], normalization)

    def to(self, device: torch.device | str) -> "Layer":
        """Move the layer to a device; a layer that is there already is returned itself."""
        device = device_named(device)
        normalization = self.normalization
        if normalization is not None:
            normalization = Normalization(*(tensor.to(device) for tensor in normalization.tensors()))
        return Layer(self.weight.to(device), self.bias.to(device), normalization)

    def as_modules(self, position: AtLeastZero) -> list[nn.Module]:
        """Copy the layer of the network at this place into PyTorch's modules, the linear map first."""
        check_position(position, len(self.weight))
        linear = nn.Linear(self.weight.shape[1], self.weight.shape[2], device=self.weight.device)
        linear.load_state_dict({"weight": self.weight[position].detach().T, "bias": self.bias[position].detach()})
        return [linear] if self.normalization is None else [linear, self.normalization.as_module(position)]


def check_position(position: int, networks: int) -> None:
    """Raise ValueError unless there is a network at this place."""
    if position >= networks:
        raise ValueError(f"position = {position}: expected a place among {networks} networks, from 0")


def initial_layer(fan_in: int, fan_out: int, generators: Sequence[torch.Generator], batch_norm: bool) -> Layer:
    """Draw a layer as `torch.nn.Linear` and `torch.nn.BatchNorm1d` initialize it, on the CPU.

    Returns:
        The layer. Each network's generator has drawn first its weights, then its biases.
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
