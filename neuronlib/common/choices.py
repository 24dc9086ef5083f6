"""Choices of settings and measurements; imports nothing heavy, so that a command's help appears at once."""

from typing import Literal, get_args

DatasetName = Literal["mnist", "fashion-mnist", "cifar10", "mnist-5k"]
Split = Literal["paper", "early-version"]
Scaling = Literal["standard", "symmetric", "unit"]
Activation = Literal["relu", "sigmoid"]
Regularizer = Literal["none", "l2", "dropout", "dropout-batchnorm"]
Optimizer = Literal["rmsprop", "adam", "sgd", "adamw"]
Measure = Literal["entropy", "mutual_information", "kl_selectivity"]
Direction = Literal["low", "high"]
Replacement = Literal["zero", "mean"]
Device = Literal["auto", "cpu", "cuda"]
Cuts = Literal["quantile", "uniform"]
Term = Literal["mutual_information", "kl_selectivity", "class_selectivity"]

MEASURES: tuple[Measure, ...] = get_args(Measure)
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
TERMS: tuple[Term, ...] = get_args(Term)
"""What training can reward or penalise."""
ONE_BIT_THRESHOLD: dict[Activation, float] = {"relu": 0.0, "sigmoid": 0.5}
"""The output above which a neuron counts as active."""
