"""Batch normalization of many networks side by side, as PyTorch has it."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

# PyTorch's defaults for batch normalization.
_MOMENTUM = 0.1
_EPSILON = 1e-5


@dataclass
class Normalization:
    """Batch normalization of one hidden layer of all networks, with PyTorch's defaults.

    Attributes:
        scale: Learned factor, 1 at first.
        shift: Learned summand, 0 at first.
        running_mean: Mean that is used once training is over.
        running_variance: Variance that is used once training is over.

    Example:
        >>> import torch
        >>> one, zero = torch.ones(1, 2), torch.zeros(1, 2)
        >>> batch = torch.tensor([[[1.0, 5.0], [3.0, 5.0]]])
        >>> outputs, *_ = Normalization(one, zero, zero.clone(), one.clone()).in_training(batch)
        >>> outputs.round(decimals=2).tolist()
        [[[-1.0, 0.0], [1.0, 0.0]]]
    """

    scale: Float[Tensor, "network neuron"]
    shift: Float[Tensor, "network neuron"]
    running_mean: Float[Tensor, "network neuron"]
    running_variance: Float[Tensor, "network neuron"]

    def in_training(
        self, z: Float[Tensor, "network sample neuron"]
    ) -> tuple[
        Float[Tensor, "network sample neuron"],
        Float[Tensor, "network sample neuron"],
        Float[Tensor, "network 1 neuron"],
    ]:
        """Normalizes a mini-batch by its own mean and variance, and moves the running ones towards them.

        Args:
            z: Pre-activations of at least two samples.

        Returns:
            Normalized pre-activations, the same before scale and shift, and the inverse of the deviation; the last
            two for `gradients`.
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
        """Gradients with respect to what `in_training` took, the scale and the shift.

        Args:
            gradient: The loss's gradient with respect to the normalized pre-activations.
            standardized: As `in_training` returned it.
            inverse: As `in_training` returned it.

        Returns:
            Three gradients.
        """
        inner = gradient * self.scale.unsqueeze(1)
        along = (inner * standardized).mean(dim=1, keepdim=True)
        before = inverse * (inner - inner.mean(dim=1, keepdim=True) - standardized * along)
        return before, (gradient * standardized).sum(dim=1), gradient.sum(dim=1)

    def factor(self) -> Float[Tensor, "network neuron"]:
        """What pre-activations less the running mean are multiplied with once training is over.

        Returns:
            The learned factor divided by the running deviation.
        """
        return self.scale * (self.running_variance + _EPSILON).rsqrt()

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
