"""Work beyond the paper's 40 settings: what each study is, and what is stored of it."""

import dataclasses
import itertools
from dataclasses import dataclass
from typing import Any, Literal, get_args

from neuronlib.ablation.curves import steps_through
from neuronlib.common.checks import did_you_mean
from neuronlib.common.choices import TERMS, Activation, DatasetName, Scaling, Term
from neuronlib.common.config import Setting
from neuronlib.common.numbers import Count, Finite, Positive, Seed
from neuronlib.common.scopes import scope_width
from neuronlib.reproduction.design.digest import Configured
from neuronlib.reproduction.design.settings import ARCHITECTURES, Regularizer, named, paper_setting

Kind = Literal["replication", "pruning", "images", "elsewhere"]
Architecture = Literal["convolutional", "residual", "transformer"]
"""Networks that are no row of linear maps."""

SUMMARIES: tuple[Literal["mean", "max", "active", "positions"], ...] = ("mean", "max", "active", "positions")
"""What a channel's value is; the measures are of the first, and the others are set beside it."""
PUBLISHED = ("incoming weights", "outgoing weights", "Taylor", "batch-norm scale", "feature-map rank")
"""Criteria for pruning that channels are ranked by, too, where a layer has them."""
FINE = "four values"
"""The measures of the first summary with four values in place of two."""


class _OfSetting(Configured):
    # A study of networks of a setting.
    setting: Setting

    @property
    def scaling(self) -> Scaling:
        """How pixels are scaled."""
        return self.setting.scaling

    @property
    def shape(self) -> str:
        """The hidden layers' widths, such as "100-100"."""
        return "-".join(map(str, self.setting.hidden))


@dataclass(frozen=True, kw_only=True)
class Study(_OfSetting):
    """Networks of a setting, and what is done with them.

    Attributes:
        kind: What is done with them.
        setting: What the networks are.
        networks: Networks 0 … networks - 1.
        random_orders: Random ablation orders for each network and layer.
        points: Into how many equal steps a curve is divided.
        epochs_after: Passes over the training samples once neurons are removed; for pruning.

    Raises:
        ValueError: If an attribute is of another type or out of range.
    """

    kind: Kind
    setting: Setting
    networks: Count = 10
    random_orders: Count = 10
    points: Count = 50
    epochs_after: Count = 1

    def steps(self, scope: str) -> list[int]:
        """Return after how many ablated neurons of a scope the accuracy is evaluated, from 0 to all."""
        return steps_through(scope_width(self.setting.hidden, scope), self.points, each_up_to=0)

    def smaller(
        self, dataset: DatasetName, networks: int, epochs: int, random_orders: int, points: int | None = None
    ) -> "Study":
        """Return the same study of other images, divided as in the paper, for a page that computes on the spot.

        Its curves are divided into as many steps as this one's, unless ``points`` says otherwise.

        Raises:
            ValueError: If a number is out of range, or there is no such data set.
        """
        setting = dataclasses.replace(self.setting, dataset=dataset, split="paper", epochs=epochs)
        return dataclasses.replace(
            self, setting=setting, networks=networks, random_orders=random_orders, points=points or self.points
        )


@dataclass(frozen=True, kw_only=True)
class ClassifierStudy(Configured):
    """Networks of another architecture than the paper's, measured and ablated layer by layer.

    Attributes:
        architecture: What the networks are.
        dataset: The images, split as in the paper, with mean 0 and deviation 1.
        epochs: Passes over the training samples.
        networks: Networks 0 … networks - 1.
        batch: Samples of a mini-batch.
        random_orders: Random ablation orders for each network and layer.
        points: Into how many equal steps a curve is divided.
        test_samples: How many test samples are classified by ablated networks: the first ones.
        seed: Start of all random numbers.
        kind: What is done with the networks.

    Raises:
        ValueError: If an attribute is of another type or out of range.
    """

    architecture: Architecture
    dataset: DatasetName
    epochs: Count
    networks: Count = 3
    batch: Count = 128
    random_orders: Count = 5
    points: Count = 10
    test_samples: Count = 1000
    seed: Seed = 0
    kind: Literal["classifier"] = "classifier"

    def training(self) -> dict[str, Any]:
        """Return what determines each trained network, in terms of JSON."""
        return {name: getattr(self, name) for name in ("architecture", "dataset", "epochs", "batch", "seed")}

    @property
    def scaling(self) -> Scaling:
        """How pixels are scaled."""
        return "standard"

    @property
    def shape(self) -> str:
        """What the networks are, in a word."""
        return self.architecture


@dataclass(frozen=True, kw_only=True)
class LayerStudy(_OfSetting):
    """Networks of a setting, and what whole layers and groups of their neurons say of the label.

    Attributes:
        setting: What the networks are.
        networks: Networks 0 … networks - 1.
        sizes: Neurons of the groups that are drawn.
        groups: Groups of each size, drawn from each layer of each network.
        seed: Start of the random numbers that groups are drawn by.
        kind: What is done with the networks.

    Raises:
        ValueError: If an attribute is of another type or out of range.
    """

    setting: Setting
    networks: Count = 5
    sizes: tuple[Count, ...] = (2, 3, 4, 8)
    groups: Count = 100
    seed: Seed = 0
    kind: Literal["layers"] = "layers"


@dataclass(frozen=True, kw_only=True)
class RewardStudy(_OfSetting):
    """Networks of a setting, trained with a reward or a penalty for what their last hidden layer says of the class.

    Attributes:
        setting: What the networks are, without Dropout and batch normalization.
        term: What is rewarded.
        strengths: Strengths of the reward, negative for a penalty; one of them is 0.
        networks: Networks 0 … networks - 1, each trained at all strengths.
        temperature: Deviations of a pre-activation over which a bit is soft.
        random_orders: Random ablation orders for each network and layer.
        points: Into how many equal steps a curve is divided.
        kind: What is done with the networks.

    Raises:
        ValueError: If an attribute is of another type or out of range, a strength is given twice, or none is 0.
    """

    setting: Setting
    term: Term
    strengths: tuple[Finite, ...] = (-3.0, -1.0, -0.3, -0.1, -0.03, 0.0, 0.03, 0.1, 0.3, 1.0, 3.0)
    networks: Count = 10
    temperature: Positive = 0.25
    random_orders: Count = 5
    points: Count = 20
    kind: Literal["rewarded"] = "rewarded"

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0.0 not in self.strengths or len(set(self.strengths)) < len(self.strengths):
            raise ValueError(f"strengths = {self.strengths}: expected different numbers, with 0 among them to compare")
        if self.setting.dropout or self.setting.batch_norm:
            raise ValueError(f"{self.setting.describe()}: expected a setting without Dropout and batch normalization")

    @property
    def shares(self) -> list[float]:
        """Shares of a layer that are ablated."""
        return [point / self.points for point in range(self.points + 1)]

    @property
    def orders(self) -> list[str]:
        """Names of the ablation orders."""
        return [*(f"random {k}" for k in range(self.random_orders)), "mutual_information low"]


@dataclass(frozen=True, kw_only=True)
class SelectionStudy(_OfSetting):
    """Networks of a setting, pruned by what neurons say together, beside the paper's measures and other criteria.

    The first half of the networks is there to choose criteria, the second half to test what was chosen.

    Attributes:
        setting: What the networks are; two hidden layers.
        networks: Networks 0 … networks - 1.
        epochs_after: Passes over the training samples once neurons are removed.
        kind: What is done with the networks.

    Raises:
        ValueError: If an attribute is of another type or out of range.
    """

    setting: Setting
    networks: Count = 20
    epochs_after: Count = 1
    kind: Literal["selection"] = "selection"

    def smaller(self, dataset: DatasetName, networks: int, epochs: int) -> "SelectionStudy":
        """Return the same study of other images, divided as in the paper, for a page that computes on the spot.

        Raises:
            ValueError: If a number is out of range, or there is no such data set.
        """
        setting = dataclasses.replace(self.setting, dataset=dataset, split="paper", epochs=epochs)
        return dataclasses.replace(self, setting=setting, networks=networks)


@dataclass(frozen=True, kw_only=True)
class LeNetStudy(Configured):
    """LeNet-5 whose filters are removed by several criteria, at random, and by starting anew; all trained as long.

    Attributes:
        dataset: The images, split as in the paper, with mean 0 and deviation 1.
        epochs: Passes over the training samples before filters are removed.
        epochs_after: Passes after.
        networks: Networks 0 … networks - 1.
        random_orders: Random orders of the filters for each network.
        batch: Samples of a mini-batch.
        seed: Start of all random numbers.
        kind: What is done with the networks.

    Raises:
        ValueError: If an attribute is of another type or out of range.
    """

    dataset: DatasetName = "mnist"
    epochs: Count = 3
    epochs_after: Count = 2
    networks: Count = 5
    random_orders: Count = 2
    batch: Count = 128
    seed: Seed = 0
    kind: Literal["lenet"] = "lenet"

    @property
    def scaling(self) -> Scaling:
        """How pixels are scaled."""
        return "standard"

    @property
    def shape(self) -> str:
        """What the networks are, in a word."""
        return "LeNet-5"


AnyStudy = Study | ClassifierStudy | LayerStudy | RewardStudy | SelectionStudy | LeNetStudy

# Adam, weight decay and [0, 1] as in the replications' code; widths and images of the first version of the paper, whose
# factor of the L2 penalty is not known: this is the later version's.
_AS_REPLICATED: dict[str, Any] = {
    "split": "early-version",
    "scaling": "unit",
    "activation": "sigmoid",
    "dropout": (),
    "optimizer": "adam",
    "epochs": 10,
}

# With L2, and as many epochs as the pilots of these settings say.
_PRUNED = {"mnist-relu": 20, "mnist-sigmoid": 27, "fashion-relu": 17, "fashion-sigmoid": 17}

# The settings of the numbers that the front page begins with, and as many epochs as their pilots say.
_BY_IMAGE = {"mnist-relu-dropout": 21, "mnist-sigmoid-dropout": 27}

STUDIES: dict[str, Study] = {
    "replication-2layer": Study(
        kind="replication", setting=Setting(hidden=(200, 200), weight_decay=1e-3, **_AS_REPLICATED)
    ),
    "replication-3layer": Study(
        kind="replication", setting=Setting(hidden=(200, 200, 200), weight_decay=1e-3, **_AS_REPLICATED)
    ),
    "early-version": Study(kind="replication", setting=Setting(hidden=(100, 100), weight_decay=1e-4, **_AS_REPLICATED)),
    **{
        f"pruning-{name}": Study(kind="pruning", setting=named(f"{name}-l2").with_epochs(epochs))
        for name, epochs in _PRUNED.items()
    },
    **{
        f"images-{name}": Study(kind="images", setting=named(name).with_epochs(epochs))
        for name, epochs in _BY_IMAGE.items()
    },
}
"""Studies of the paper's kind of networks, by name."""

# Chosen beforehand for minutes a network on two cores, at an accuracy that such small networks are known to reach.
_CLASSIFIERS: dict[tuple[Architecture, DatasetName], tuple[int, int]] = {
    ("convolutional", "mnist"): (3, 5),
    ("residual", "mnist"): (2, 3),
    ("transformer", "mnist"): (6, 5),
    ("convolutional", "cifar10"): (8, 3),
    ("residual", "cifar10"): (8, 3),
    ("transformer", "cifar10"): (10, 3),
}

CLASSIFIERS = {
    f"{architecture}-{dataset}": ClassifierStudy(
        architecture=architecture, dataset=dataset, epochs=epochs, networks=networks
    )
    for (architecture, dataset), (epochs, networks) in _CLASSIFIERS.items()
}
"""Studies of other architectures, by name."""

# As the pilots of each setting say, by regularizer in the order of `Regularizer`.
_EPOCHS: dict[str, tuple[int, ...]] = {
    "mnist-relu": (16, 20, 21, 26),
    "mnist-sigmoid": (16, 27, 27, 30),
    "fashion-relu": (17, 17, 15, 25),
    "fashion-sigmoid": (20, 17, 21, 26),
    "small-fashion-relu": (16, 14, 18, 29),
    "small-fashion-sigmoid": (16, 16, 28, 29),
    "cifar10-relu": (16, 19, 20, 30),
    "cifar10-sigmoid": (23, 23, 29, 30),
    "funnel-cifar10-relu": (17, 28, 23, 19),
    "funnel-cifar10-sigmoid": (18, 27, 25, 30),
}

_LEARNING: dict[str, DatasetName] = {"mnist": "mnist", "fashion": "fashion-mnist"}

LAYERS: dict[str, LayerStudy] = {
    f"layers-{family}-{regularizer}": LayerStudy(setting=named(f"{family}-{regularizer}").with_epochs(epochs))
    for family, of_family in _EPOCHS.items()
    for regularizer, epochs in zip(get_args(Regularizer), of_family, strict=True)
}
"""Studies of whole layers, one for each of the paper's settings, by name."""

# Mini-batches of 128 hold about a dozen samples of each class; the strengths, chosen beforehand, reach from a term that
# is small beside the cross-entropy to one that is large.
REWARDS: dict[str, RewardStudy] = {
    f"learning-{short}-{term.replace('_', '-')}": RewardStudy(
        setting=paper_setting(dataset, "relu", "none", batch_size=128, epochs=10), term=term
    )
    for short, dataset in _LEARNING.items()
    for term in TERMS
}
"""Studies of networks that are rewarded while they are trained, by name."""

SELECTIONS: dict[str, SelectionStudy] = {
    f"selection-{name}": SelectionStudy(setting=named(f"{name}-l2").with_epochs(epochs))
    for name, epochs in _PRUNED.items()
}
"""Studies of criteria that compare what neurons say together, of the settings of the studies of pruning, by name."""

LENETS: dict[str, LeNetStudy] = {"lenet-mnist": LeNetStudy()}
"""Studies of LeNet-5, by name."""

# What differs from the paper's 100-100 networks: the regularizer that they start from, and attributes of the setting.
# All of it was chosen before any of it was trained. The wide networks take 40 times as long, and so train for as few
# epochs as the paper allows itself, and have curves of 20 steps in place of 50.
_ELSEWHERE: dict[str, tuple[Regularizer, dict[str, Any]]] = {
    "narrow": ("l2", {"hidden": (10, 10)}),
    "bottleneck": ("l2", {"hidden": (100, 10, 100)}),
    "slim": ("l2", {"hidden": (50,) * 6}),
    "wide": ("l2", {"hidden": (1000, 1000), "epochs": 8}),
    "l1": ("none", {"l1": 1e-5}),
    "smoothing": ("none", {"label_smoothing": 0.1}),
    "stopping": ("none", {"patience": 3, "epochs": 30}),
    "decay": ("none", {"weight_decay": 1e-3}),
    "noise": ("none", {"input_noise": 0.3}),
    "sgd": ("l2", {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.01}),
    "adamw": ("none", {"optimizer": "adamw", "weight_decay": 0.01}),
}
_SIGMOID_TOO = ("narrow", "bottleneck", "slim")


def _elsewhere(family: str, activation: Activation, variant: str) -> Study:
    regularizer, changes = _ELSEWHERE[variant]
    setting = paper_setting(ARCHITECTURES[family][0], activation, regularizer, **{"epochs": 20, **changes})
    return Study(kind="elsewhere", setting=setting, points=20 if variant == "wide" else Study.points)


ELSEWHERE: dict[str, Study] = {
    f"elsewhere-{family}-{activation}-{variant}": _elsewhere(family, activation, variant)
    for variant, family, activation in itertools.product(_ELSEWHERE, ("mnist", "fashion"), get_args(Activation))
    if activation == "relu" or variant in _SIGMOID_TOO
}
"""Studies of other widths, regularizers and optimizers than the paper's, by name."""

ALL_STUDIES: dict[str, AnyStudy] = {
    **STUDIES,
    **CLASSIFIERS,
    **LAYERS,
    **REWARDS,
    **SELECTIONS,
    **LENETS,
    **ELSEWHERE,
}
"""All studies, by name."""


def study(name: str) -> AnyStudy:
    """Return one of the studies.

    Raises:
        ValueError: If there is none of that name; offers the nearest.

    Example:
        >>> study("early-versions")
        Traceback (most recent call last):
        ValueError: no study 'early-versions'; did you mean early-version or ...? "neuronlib settings" lists all
    """
    if name not in ALL_STUDIES:
        raise ValueError(f'no study {name!r}; {did_you_mean(name, ALL_STUDIES)}"neuronlib settings" lists all')
    return ALL_STUDIES[name]
