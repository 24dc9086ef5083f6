"""Update rules of `torch.optim`, as functions of tensors.

The rules act on each number by itself, so for stacked networks they are those of each network alone.
"""

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop

from neuronlib.common.config import Setting


def initial_state(parameters: list[Tensor]) -> list[list[Tensor]]:
    """What an update rule remembers, before the first step.

    Args:
        parameters: What is trained.

    Returns:
        For each parameter two averages of its shape, and the number of steps.

    Example:
        >>> [[tensor.shape for tensor in kind] for kind in initial_state([torch.ones(3)])]
        [[torch.Size([3])], [torch.Size([3])], [torch.Size([])]]
    """
    zeros = [[torch.zeros_like(parameter) for parameter in parameters] for _ in range(2)]
    return [*zeros, [torch.zeros(()) for _ in parameters]]


def update(setting: Setting, parameters: list[Tensor], gradients: list[Tensor], state: list[list[Tensor]]) -> None:
    """One step of the setting's optimizer; changes parameters and state in place.

    Source: `torch.optim.RMSprop` and `torch.optim.Adam` with their defaults, of which these are the functions.

    Args:
        setting: Names the optimizer, its learning rate, weight decay and momentum.
        parameters: What is trained.
        gradients: The loss's gradient with respect to each.
        state: What `initial_state` returned.

    Example:
        >>> weights = [torch.ones(2)]
        >>> update(Setting(momentum=0.0), weights, [torch.tensor([0.0, 5.0])], initial_state(weights))
        >>> weights[0].tolist()
        [1.0, 0.9900000095367432]
    """
    first, second, steps = state
    rate, decay = setting.learning_rate, setting.weight_decay
    if setting.optimizer == "adam":
        adam(
            parameters, gradients, first, second, [], steps, foreach=False,
            amsgrad=False, beta1=0.9, beta2=0.999, lr=rate, weight_decay=decay, eps=1e-8, maximize=False,
        )  # fmt: skip
    else:
        rmsprop(
            parameters, gradients, second, [], first, steps, foreach=False,
            lr=rate, alpha=0.99, eps=1e-8, weight_decay=decay, momentum=setting.momentum, centered=False,
        )  # fmt: skip
