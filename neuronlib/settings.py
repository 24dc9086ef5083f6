"""The paper's settings: architectures, regularizers and optimizer of Sec. V."""

from typing import Any

from neuronlib.config import Setting, check
from neuronlib.types import Activation, DatasetName, Regularizer

HIDDEN: dict[DatasetName, tuple[int, ...]] = {
    "mnist": (100, 100),
    "mnist-5k": (100, 100),
    "fashion-mnist": (100, 100),
    "cifar10": (250, 500, 250, 500),
}
"""Widths of the hidden layers that the paper uses for each data set, where it has more than one the first."""

DROPOUT: dict[int, tuple[float, ...]] = {2: (0.3, 0.4), 4: (0.2, 0.4, 0.2, 0.4)}
"""The paper's Dropout probabilities by the number of hidden layers."""

WEIGHT_DECAY = 1e-4


def paper_setting(
    dataset: DatasetName = "mnist",
    activation: Activation = "relu",
    regularizer: Regularizer = "dropout",
    **choices: Any,
) -> Setting:
    """A setting of the paper's Sec. V.

    Source: Amjad, Liu, Geiger 2021, Sec. V: L2 is weight decay 1e-4, Dropout has probabilities 0.3 and 0.4 (0.2,
    0.4, 0.2, 0.4 for CIFAR-10), RMSProp a momentum of 0.01 (0.1 for CIFAR-10).

    Args:
        dataset: The images; ``mnist-5k`` is our small stand-in for MNIST.
        activation: Activation function of the hidden layers.
        regularizer: One of the paper's four.
        choices: Further attributes of `neuronlib.config.Setting`, such as ``epochs``, ``seed`` or ``hidden``.

    Returns:
        The setting.

    Raises:
        ValueError: If an argument is not one of those allowed, or the paper has no Dropout probabilities for that
            many hidden layers.

    Example:
        >>> paper_setting("cifar10", regularizer="l2").describe()
        'cifar10 250-500-250-500 relu, L2 0.0001, rmsprop, 10 epochs'
    """
    check("dataset", dataset, DatasetName)
    check("regularizer", regularizer, Regularizer)
    chosen: dict[str, Any] = {"hidden": HIDDEN[dataset], "momentum": 0.1 if dataset == "cifar10" else 0.01} | choices
    dropout: tuple[float, ...] = ()
    if regularizer in ("dropout", "dropout-batchnorm"):
        depth = len(chosen["hidden"])
        if depth not in DROPOUT:
            raise ValueError(
                f"hidden = {chosen['hidden']}: the paper has Dropout probabilities for 2 and 4 hidden layers; "
                "for other depths make a neuronlib.config.Setting"
            )
        dropout = DROPOUT[depth]
    return Setting(
        **{
            "dataset": dataset,
            "activation": activation,
            "dropout": dropout,
            "batch_norm": regularizer == "dropout-batchnorm",
            "weight_decay": WEIGHT_DECAY if regularizer == "l2" else 0.0,
            **chosen,
        }
    )
