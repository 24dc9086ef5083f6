"""Update rules of `torch.optim`, as functions of tensors.

The rules act on each number by itself, so for stacked networks they are those of each network alone.
"""

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from neuronlib.common.config import Setting


def initial_state(parameters: list[Tensor]) -> list[list[Tensor]]:
    """Return what an update rule remembers at first: for each parameter two averages, and the number of steps."""
    zeros = [[torch.zeros_like(parameter) for parameter in parameters] for _ in range(2)]
    return [*zeros, [torch.zeros(()) for _ in parameters]]


def update(setting: Setting, parameters: list[Tensor], gradients: list[Tensor], state: list[list[Tensor]]) -> None:
    """Take one step of the setting's optimizer; parameters and state, that of `initial_state`, change in place.

    The L1 penalty adds its factor times the sign of each weight and bias to the gradient, with every optimizer. Weight
    decay is a part of the gradient, too, but for "adamw", which shrinks the parameters themselves.

    Source: `torch.optim.RMSprop`, `Adam`, `AdamW` and `SGD` with their defaults, of which these are the functions.

    Example:
        >>> weights = [torch.ones(2)]
        >>> update(Setting(momentum=0.0), weights, [torch.tensor([0.0, 5.0])], initial_state(weights))
        >>> weights[0].tolist()
        [1.0, 0.9900000095367432]
    """
    first, second, steps = state
    rate, decay = setting.learning_rate, setting.weight_decay
    if setting.l1:
        pairs = zip(gradients, parameters, strict=True)
        gradients = [gradient.add(parameter.sign(), alpha=setting.l1) for gradient, parameter in pairs]
    if setting.optimizer in ("adam", "adamw"):
        adam(
            parameters, gradients, first, second, [], steps, foreach=False,
            decoupled_weight_decay=setting.optimizer == "adamw", weight_decay=decay,
            amsgrad=False, beta1=0.9, beta2=0.999, lr=rate, eps=1e-8, maximize=False,
        )  # fmt: skip
    elif setting.optimizer == "sgd":
        # A buffer of zeros becomes the first gradient, as PyTorch's does, since nothing dampens it.
        buffers: list[Tensor | None] = list(first)
        sgd(
            parameters, gradients, buffers, foreach=False, lr=rate, weight_decay=decay, momentum=setting.momentum,
            dampening=0.0, nesterov=False, maximize=False,
        )  # fmt: skip
    else:
        rmsprop(
            parameters, gradients, second, [], first, steps, foreach=False,
            lr=rate, alpha=0.99, eps=1e-8, weight_decay=decay, momentum=setting.momentum, centered=False,
        )  # fmt: skip
