"""`Setting`: everything that determines a trained network, checked on construction."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from neuronlib.common.checks import check_fields
from neuronlib.common.choices import Activation, DatasetName, Optimizer, Scaling, Split
from neuronlib.common.door import methods_checked
from neuronlib.common.numbers import AtLeastZero, Count, NotNegative, Positive, Probability, Seed
from neuronlib.common.scopes import layer_names

# Attributes that were added when results had been stored: the digest of a setting without them is the old one.
_LATER = ("l1", "label_smoothing", "patience", "input_noise")


def short_digest(value: Any) -> str:
    """Return twelve hexadecimal digits of the SHA-256 of the value's canonical JSON."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


@methods_checked()
@dataclass(frozen=True, kw_only=True)
class Setting:
    """Everything that determines trained networks, except how many of them are trained.

    The defaults are the paper's 784-100-100-10 ReLU networks with Dropout (Sec. V). The paper leaves input scaling,
    epochs and the seed open.

    Attributes:
        dataset: The images.
        split: Division of the designated training set; "paper" is 80 % training, 20 % validation. It is drawn once and
            is the same for every seed.
        scaling: Scaling of pixels; open in the paper.
        hidden: Widths of the hidden layers.
        activation: Activation function of the hidden layers.
        dropout: Dropout probability behind each hidden layer; empty for none.
        batch_norm: Batch normalization between each hidden layer's linear map and its activation function.
        weight_decay: Factor of the L2 penalty on weights and biases, as in PyTorch's optimizers; with "adamw", of the
            decay that is decoupled from the loss.
        optimizer: Update rule, with PyTorch's defaults for all that is not an attribute of the setting.
        learning_rate: Step size.
        momentum: Momentum of "rmsprop" and "sgd"; "adam" and "adamw" have none, and ignore it.
        batch_size: Samples a mini-batch; the last mini-batch of an epoch may be smaller.
        epochs: Passes over the training samples; open in the paper, between 8 and 30. With ``patience``, the most.
        seed: Seed of every random number in training and ordering.
        l1: Factor of the L1 penalty, the sum of absolute values of weights and biases.
        label_smoothing: Share of the label's probability that is spread evenly over all labels.
        patience: Early stopping: epochs without a new highest validation accuracy after which a network is trained no
            further. Its weights are those of the best epoch. 0 for none.
        input_noise: Standard deviation of Gaussian noise on the scaled pixels in training, drawn anew in each step.

    Raises:
        ValueError: If an attribute is of another type or out of range, or if the attributes do not fit together.

    Example:
        >>> Setting(hidden=(100,), epochs=12)
        Traceback (most recent call last):
        ValueError: dropout = (0.3, 0.4): expected one probability for each of the 1 hidden layers, or () for none
        >>> Setting(hidden=(100,), epochs=12, dropout=()).describe()
        'mnist 100 relu, rmsprop, 12 epochs'
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
    l1: NotNegative = 0.0
    label_smoothing: Probability = 0.0
    patience: AtLeastZero = 0
    input_noise: NotNegative = 0.0

    def __post_init__(self) -> None:
        check_fields(self)
        if self.dropout and len(self.dropout) != len(self.hidden):
            raise ValueError(
                f"dropout = {self.dropout}: expected one probability for each of the "
                f"{len(self.hidden)} hidden layers, or () for none"
            )

    def replace(self, **changes: Any) -> "Setting":
        """Copy the setting with other values of some attributes, checked again."""
        return dataclasses.replace(self, **changes)

    @property
    def widths(self) -> dict[str, int]:
        """Number of neurons of each hidden layer, by its name."""
        return dict(zip(layer_names(self.hidden), self.hidden, strict=True))

    def configuration(self) -> dict[str, Any]:
        """Return all attributes in terms of JSON, but for those that came later, as long as they have their defaults.

        So settings keep the digests that they had before.

        Example:
            >>> "l1" in Setting().configuration(), Setting(l1=1e-5).configuration()["l1"]
            (False, 1e-05)
        """
        usual = {one.name: one.default for one in dataclasses.fields(self) if one.name in _LATER}
        return {
            name: value for name, value in dataclasses.asdict(self).items() if name not in usual or value != usual[name]
        }

    def digest(self) -> str:
        """Return twelve hexadecimal digits that identify the setting; see `short_digest`."""
        return short_digest(self.configuration())

    def describe(self) -> str:
        """Return one line for messages and captions, without the seed.

        Example:
            >>> Setting(dropout=(), weight_decay=1e-4).describe()
            'mnist 100-100 relu, L2 0.0001, rmsprop, 10 epochs'
        """
        parts = [f"{self.dataset} {'-'.join(map(str, self.hidden))} {self.activation}"]
        if self.weight_decay:
            parts.append(f"{'decay' if self.optimizer == 'adamw' else 'L2'} {self.weight_decay:g}")
        if self.l1:
            parts.append(f"L1 {self.l1:g}")
        if self.dropout:
            parts.append(f"dropout {'/'.join(f'{p:g}' for p in self.dropout)}")
        if self.batch_norm:
            parts.append("batch normalization")
        if self.label_smoothing:
            parts.append(f"label smoothing {self.label_smoothing:g}")
        if self.input_noise:
            parts.append(f"input noise {self.input_noise:g}")
        epochs = f"{self.epochs} epochs"
        if self.patience:
            epochs = f"at most {epochs}, patience {self.patience}"
        return ", ".join([*parts, self.optimizer, epochs])
