"""The vocabulary: every choice a setting is made of, and the names of the axes of every result."""

from typing import Literal, get_args

DatasetName = Literal["mnist", "fashion-mnist", "cifar10", "mnist-5k"]
Split = Literal["paper", "early-version"]
Scaling = Literal["standard", "symmetric", "unit"]
Activation = Literal["relu", "sigmoid"]
Regularizer = Literal["none", "l2", "dropout", "dropout-batchnorm"]
Optimizer = Literal["rmsprop", "adam"]
Measure = Literal["entropy", "mutual_information", "kl_selectivity"]
Direction = Literal["low", "high"]
Replacement = Literal["zero", "mean"]
Device = Literal["auto", "cpu", "cuda"]
Source = Literal["store", "live"]

AXES = ("network", "layer", "neuron", "sample", "value", "label", "step", "order")
WHOLE = "whole"
"""In place of a layer: neurons of all hidden layers together."""
MEASURES: tuple[Measure, ...] = get_args(Measure)
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


class NeuronlibError(RuntimeError):
    """What can go wrong without a mistake in the program; the message is one line that says what to do.

    Example:
        >>> issubclass(NeuronlibError, RuntimeError)
        True
    """
