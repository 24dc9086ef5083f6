"""What determines a trained network (`Setting`) and what is done with it (`Experiment`), both checked when made."""

import dataclasses
import difflib
import functools
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from neuronlib.common.types import (
    Activation,
    DatasetName,
    Device,
    Optimizer,
    Regularizer,
    Replacement,
    Scaling,
    Source,
    Split,
)

Count = Annotated[int, Field(strict=True, ge=1)]
Seed = Annotated[int, Field(strict=True, ge=0, lt=2**32)]
Probability = Annotated[float, Field(strict=True, ge=0, lt=1)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]


def check(name: str, value: object, kind: Any) -> Any:
    """A value, refused in one line unless it is of the kind asked for.

    Args:
        name: What the value is called, for the message.
        value: The value.
        kind: A type that pydantic knows, such as a ``Literal`` or one of this module's annotated numbers.

    Returns:
        The value, lists turned into tuples where the kind is a tuple.

    Raises:
        ValueError: If the value is of another kind, or outside its range.

    Example:
        >>> check("networks", 0, Count)
        Traceback (most recent call last):
        ValueError: networks = 0: input should be greater than or equal to 1
    """
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ValueError(f"{name} = {value!r}: {reason[0].lower()}{reason[1:]}") from None


@functools.cache
def _adapter(kind: Any) -> TypeAdapter:
    # To make one takes a hundred times as long as to use it.
    return TypeAdapter(kind)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The known names that are nearest to one that is not, as a question.

    Args:
        name: What was asked for.
        known: What there is.

    Returns:
        At most two of them, or "" if none is near.

    Example:
        >>> did_you_mean("mnst", ["mnist", "cifar10"])
        'did you mean mnist? '
    """
    near = difflib.get_close_matches(name, list(known), n=2, cutoff=0.4)
    return f"did you mean {' or '.join(near)}? " if near else ""


def short_digest(value: Any) -> str:
    """A short name for exactly this value.

    Args:
        value: Anything that JSON can hold.

    Returns:
        Twelve hexadecimal digits of the SHA-256 of its canonical JSON.

    Example:
        >>> short_digest({"epochs": 8, "seed": 0}) == short_digest({"seed": 0, "epochs": 8})
        True
    """
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def check_fields(instance: Any) -> None:
    """Refuse a data class one of whose attributes is not of its kind, in one line; see `check`.

    Args:
        instance: A data class, frozen or not; lists become tuples where the kind is a tuple.

    Raises:
        ValueError: If an attribute is of another kind, or outside its range.

    Example:
        >>> @dataclass(frozen=True)
        ... class Pair:
        ...     epochs: Count
        ...     seed: Seed
        >>> check_fields(Pair(1, -1))
        Traceback (most recent call last):
        ValueError: seed = -1: input should be greater than or equal to 0
    """
    for name, kind in get_type_hints(type(instance), include_extras=True).items():
        object.__setattr__(instance, name, check(name, getattr(instance, name), kind))


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Everything that determines trained networks, apart from which of them are asked for.

    The defaults are the paper's 784-100-100-10 ReLU networks with Dropout (Sec. V). What the paper leaves open is
    marked so: input scaling, epochs, and the seed.

    Attributes:
        dataset: The images.
        split: How the designated training set is divided; "paper" is 80 % training, 20 % validation. It is drawn
            once and is the same for every seed.
        scaling: How pixels are scaled; open in the paper.
        hidden: Widths of the hidden layers.
        activation: Activation function of the hidden layers.
        dropout: Dropout probability behind each hidden layer; empty for none.
        batch_norm: Batch normalization between each hidden layer's linear map and its activation function.
        weight_decay: Factor of the L2 penalty, on weights and biases as PyTorch's optimizers do it.
        optimizer: Update rule, with PyTorch's defaults where no attribute here says otherwise.
        learning_rate: Step size.
        momentum: RMSProp's momentum; Adam has none and ignores it.
        batch_size: Samples a mini-batch; the last of an epoch may be smaller.
        epochs: Passes over the training samples; open in the paper, between 8 and 30.
        seed: Start of every random number in training and ordering.

    Raises:
        ValueError: If an attribute is of another type or out of range, or if the attributes do not fit together.

    Example:
        >>> Setting(epochs=12).hidden
        (100, 100)
    """

    dataset: DatasetName = "mnist"
    split: Split = "paper"
    scaling: Scaling = "standard"
    hidden: Annotated[tuple[Count, ...], Field(min_length=1)] = (100, 100)
    activation: Activation = "relu"
    dropout: tuple[Probability, ...] = (0.3, 0.4)
    batch_norm: Annotated[bool, Field(strict=True)] = False
    weight_decay: NotNegative = 0.0
    optimizer: Optimizer = "rmsprop"
    learning_rate: Positive = 1e-3
    momentum: Probability = 0.01
    batch_size: Count = 32
    epochs: Count = 10
    seed: Seed = 0

    def __post_init__(self) -> None:
        check_fields(self)
        if self.dropout and len(self.dropout) != len(self.hidden):
            raise ValueError(
                f"dropout = {self.dropout}: expected one probability for each of the "
                f"{len(self.hidden)} hidden layers, or () for none"
            )

    def digest(self) -> str:
        """A short name for exactly this setting.

        Returns:
            Twelve hexadecimal digits of the SHA-256 of the attributes in canonical JSON.

        Example:
            >>> Setting(seed=1).digest() == Setting(seed=1).digest() != Setting(seed=2).digest()
            True
        """
        return short_digest(dataclasses.asdict(self))

    def describe(self) -> str:
        """The setting in words, for messages and captions.

        Returns:
            One line without its seed.

        Example:
            >>> Setting(dropout=(), weight_decay=1e-4).describe()
            'mnist 100-100 relu, L2 0.0001, rmsprop, 10 epochs'
        """
        parts = [f"{self.dataset} {'-'.join(map(str, self.hidden))} {self.activation}"]
        if self.weight_decay:
            parts.append(f"L2 {self.weight_decay:g}")
        if self.dropout:
            parts.append(f"dropout {'/'.join(f'{p:g}' for p in self.dropout)}")
        if self.batch_norm:
            parts.append("batch normalization")
        return ", ".join([*parts, self.optimizer, f"{self.epochs} epochs"])


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Which networks of a setting are trained, and how they are ablated.

    Attributes:
        setting: What the networks are.
        networks: Networks 0 … networks - 1 are trained; the paper has 50 (35 for CIFAR-10).
        random_orders: Random ablation orders for each network and scope; open in the paper.
        replacement: What an ablated neuron puts out: zero, or its mean over the training samples.
        device: Where to compute; "auto" is CUDA where there is a device, else the CPU.

    Raises:
        ValueError: If an attribute is of another type or out of range.

    Example:
        >>> Experiment(setting=Setting(), networks=5).random_orders
        10
    """

    setting: Setting
    networks: Count = 50
    random_orders: Count = 10
    replacement: Replacement = "zero"
    device: Device = "auto"

    def __post_init__(self) -> None:
        check_fields(self)


PARAMETERS: dict[str, Any] = {
    **get_type_hints(Setting, include_extras=True),
    **get_type_hints(Experiment, include_extras=True),
    "regularizer": Regularizer,
    "benchmark": str,
    "network": str,
    "samples": str,
    "source": Source,
    "images": Literal["", "mnist", "fashion-mnist", "cifar10", "mnist-5k"],
}
"""Name and kind of everything a chapter may take as a parameter."""
del PARAMETERS["setting"]
