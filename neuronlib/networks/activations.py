"""Activation functions of PyTorch's, and the output above which a neuron of theirs counts as active."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from neuronlib.networks.programs import operator_name

HALF, ZERO = 0.5, 0.0
# Half of the range of those that squash to [0, 1]; zero for all others, and for what recurrent layers put out.
_MODULES: dict[type[nn.Module], float] = {
    **dict.fromkeys((nn.Sigmoid, nn.Hardsigmoid), HALF),
    **dict.fromkeys(
        (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish)
        + (nn.Hardswish, nn.Softplus, nn.Tanh, nn.Hardtanh, nn.Softsign, nn.LogSigmoid, nn.Threshold),
        ZERO,
    ),
}
_FUNCTIONS: dict[Callable[..., Any], float] = {
    **dict.fromkeys((torch.sigmoid, torch.sigmoid_, functional.sigmoid, functional.hardsigmoid), HALF),
    **dict.fromkeys(
        (torch.relu, torch.relu_, torch.tanh, torch.tanh_, torch.selu, torch.celu, torch.rrelu, torch.prelu)
        + (functional.relu, functional.relu6, functional.leaky_relu, functional.leaky_relu_, functional.prelu)
        + (functional.elu, functional.elu_, functional.selu, functional.celu, functional.rrelu, functional.gelu)
        + (functional.silu, functional.mish, functional.hardswish, functional.softplus, functional.tanh)
        + (functional.hardtanh, functional.hardtanh_, functional.softsign, functional.logsigmoid),
        ZERO,
    ),
}
_METHODS = {"sigmoid": HALF, "sigmoid_": HALF, "relu": ZERO, "relu_": ZERO, "tanh": ZERO, "tanh_": ZERO}
_OF_TENSORS = {getattr(torch.Tensor, name): cut for name, cut in _METHODS.items()}
# Operators of exported programs are called like functions.
_OPERATORS = {function.__name__.rstrip("_"): cut for function, cut in _FUNCTIONS.items()} | {"log_sigmoid": ZERO}


def cut_of_module(kind: type[nn.Module]) -> float | None:
    """Return the output above which neurons of a class of modules are active; None if it is no activation function."""
    return next((cut for known, cut in _MODULES.items() if issubclass(kind, known)), None)


def cut_of_function(function: Any) -> float | None:
    """Return the output above which neurons of a function, method or operator are active; None if it is no such."""
    if isinstance(function, str):
        return _METHODS.get(function)
    if operator := operator_name(function):
        return _OPERATORS.get(operator)
    return _FUNCTIONS.get(function, _OF_TENSORS.get(function))
