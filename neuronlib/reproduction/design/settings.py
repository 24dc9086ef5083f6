"""The paper's settings: architectures, regularizers and optimizer of Sec. V."""

import itertools
from dataclasses import dataclass
from typing import Any, get_args

from neuronlib.common.checks import check, did_you_mean
from neuronlib.common.choices import Activation, DatasetName, Regularizer
from neuronlib.common.config import Setting

ARCHITECTURES: dict[str, tuple[DatasetName, tuple[int, ...]]] = {
    "mnist": ("mnist", (100, 100)),
    "fashion": ("fashion-mnist", (100, 100)),
    "small-fashion": ("fashion-mnist", (20, 20)),
    "cifar10": ("cifar10", (250, 500, 250, 500)),
    "funnel-cifar10": ("cifar10", (1000, 750, 500, 250)),
}
"""Data set and hidden layers by the first part of a setting's name."""

TITLES = {
    "mnist": "MNIST, 100-100",
    "fashion": "Fashion-MNIST, 100-100",
    "small-fashion": "Fashion-MNIST, 20-20",
    "cifar10": "CIFAR-10, 250-500-250-500",
    "funnel-cifar10": "CIFAR-10, 1000-750-500-250",
}
"""What pages call each architecture."""

_FIRST = {dataset: hidden for dataset, hidden in reversed(ARCHITECTURES.values())}
HIDDEN: dict[DatasetName, tuple[int, ...]] = {"mnist-5k": _FIRST["mnist"], **_FIRST}
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
    """Return one of the paper's settings, by data set, activation function and regularizer.

    Source: Amjad, Liu, Geiger 2021, Sec. V: L2 is weight decay 1e-4, Dropout has probabilities 0.3 and 0.4 (0.2,
    0.4, 0.2, 0.4 for CIFAR-10), RMSProp a momentum of 0.01 (0.1 for CIFAR-10).

    The data set ``mnist-5k`` is our small stand-in for MNIST. ``choices`` are further attributes of `Setting`, such as
    ``epochs``, ``seed`` or ``hidden``.

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
        depth = len(Setting(hidden=chosen["hidden"], dropout=()).hidden)
        if depth not in DROPOUT:
            raise ValueError(
                f"hidden = {chosen['hidden']}: the paper has Dropout probabilities for 2 and 4 hidden layers; "
                "for other depths make a neuronlib.common.config.Setting"
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


@dataclass(frozen=True)
class PaperSetting:
    """One of the paper's 40 settings, but for the number of epochs, which the paper leaves open.

    The paper has ``networks`` networks of it. ``panel`` is the figure that shows it, or the section that names it; ""
    if none does.
    """

    dataset: DatasetName
    hidden: tuple[int, ...]
    activation: Activation
    regularizer: Regularizer
    networks: int
    panel: str

    def with_epochs(self, epochs: int, **choices: Any) -> Setting:
        """Return the whole setting; ``choices`` are other attributes that are to differ, such as scaling."""
        return paper_setting(
            self.dataset, self.activation, self.regularizer, hidden=self.hidden, epochs=epochs, **choices
        )


_PANELS = {
    "mnist-relu-dropout": "Fig. 1(a), 2(c), 3(a)",
    "mnist-relu-l2": "Fig. 2(a)",
    "mnist-relu-dropout-batchnorm": "Fig. 3(b)",
    "mnist-sigmoid-l2": "Fig. 3(c)",
    "mnist-sigmoid-dropout": "Fig. 3(d)",
    "fashion-relu-l2": "Fig. 1(b), 2(b), 4(a)",
    "fashion-relu-dropout": "Fig. 2(d)",
    "fashion-relu-none": "Sec. V-D",
    "small-fashion-relu-l2": "Fig. 4(b)",
    "small-fashion-relu-dropout": "Fig. 1(c), 4(c)",
    "small-fashion-relu-none": "Sec. V-D",
    "cifar10-relu-l2": "Fig. 1(d), 5(a)",
    "funnel-cifar10-relu-l2": "Fig. 5(b)",
    "funnel-cifar10-relu-dropout": "Fig. 5(c)",
}

SETTINGS: dict[str, PaperSetting] = {
    name: PaperSetting(
        *ARCHITECTURES[architecture],
        activation=activation,
        regularizer=regularizer,
        networks=35 if "cifar10" in architecture else 50,
        panel=_PANELS.get(name, ""),
    )
    for architecture, activation, regularizer in itertools.product(
        ARCHITECTURES, get_args(Activation), get_args(Regularizer)
    )
    for name in [f"{architecture}-{activation}-{regularizer}"]
}
"""The 40 settings of Sec. V by name. Which panel shows which is inferred where the paper is silent."""


def named(name: str) -> PaperSetting:
    """Return one of the 40 settings, without its number of epochs.

    Raises:
        ValueError: If there is none of that name; offers the nearest.

    Example:
        >>> named("mnist-relu-dropout").networks
        50
    """
    if name not in SETTINGS:
        raise ValueError(
            f'no setting {name!r}; {did_you_mean(name, SETTINGS)}"neuronlib settings" lists all {len(SETTINGS)}'
        )
    return SETTINGS[name]


def family_of(name: str) -> str:
    """Return a setting's name without its regularizer; ValueError if there is no such setting.

    Example:
        >>> family_of("small-fashion-relu-dropout-batchnorm")
        'small-fashion-relu'
    """
    return name.removesuffix(f"-{named(name).regularizer}")


def architecture_of(name: str) -> str:
    """Return the architecture that a setting's name begins with; ValueError if there is no such setting.

    Example:
        >>> architecture_of("small-fashion-relu-dropout-batchnorm")
        'small-fashion'
    """
    return family_of(name).removesuffix(f"-{named(name).activation}")


def names_of(architecture: str, activation: Activation | None = None) -> list[str]:
    """Return the names of an architecture's eight settings, ReLU before sigmoid, or of the four of one activation.

    Raises:
        ValueError: If there is no such architecture or activation function.

    Example:
        >>> names_of("mnist", "sigmoid")[:2]
        ['mnist-sigmoid-none', 'mnist-sigmoid-l2']
    """
    if architecture not in ARCHITECTURES:
        raise ValueError(f"no architecture {architecture!r}; there are: {', '.join(ARCHITECTURES)}")
    kinds = get_args(Activation) if activation is None else [check("activation", activation, Activation)]
    return [f"{architecture}-{kind}-{regularizer}" for kind in kinds for regularizer in get_args(Regularizer)]


def shown_in(panel: str) -> str:
    """Name the setting that a panel shows, such as "3(a)"."""
    return next(name for name, setting in SETTINGS.items() if panel in setting.panel)


FIG3A, FIG3B, FIG3C, FIG3D = (shown_in(f"3({letter})") for letter in "abcd")
FIG4A, FIG4B, FIG4C = (shown_in(f"4({letter})") for letter in "abc")
FIG5A, FIG5B, FIG5C = (shown_in(f"5({letter})") for letter in "abc")
