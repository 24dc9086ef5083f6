"""Jobs: some networks of a setting, trained, measured and ablated, and how that is laid out on disk."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from neuronlib.ablation.curves import steps_through
from neuronlib.common.choices import Replacement
from neuronlib.common.config import Setting
from neuronlib.common.numbers import Count
from neuronlib.common.scopes import scope_width, scopes
from neuronlib.reproduction.design.digest import Configured

STAGES = ("loading", "training", "measuring", "ablating", "grouping")
"""What computing a job consists of; the names of the attributes that hold how many seconds each took."""


@dataclass(frozen=True, kw_only=True)
class Job(Configured):
    """What is computed and stored at once.

    Attributes:
        setting: What the networks are.
        first: Number of the first network.
        last: Number of the last network, which is included.
        replacements: What ablated neurons put out, a set of curves for each; empty for networks that are only trained
            and measured.
        random_orders: Random ablation orders for each network and layer.
        points: Into how many equal steps a curve of more than 200 neurons is divided.
        values: Values of the quantizer.

    Raises:
        ValueError: If an attribute is of another type or out of range.
    """

    setting: Setting
    first: Annotated[int, Field(strict=True, ge=0)]
    last: Annotated[int, Field(strict=True, ge=0)]
    replacements: tuple[Replacement, ...] = ("zero",)
    random_orders: Count = 10
    points: Count = 50
    values: Annotated[int, Field(strict=True, ge=2)] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.last < self.first:
            raise ValueError(f"networks {self.first} to {self.last}: the last comes before the first")

    @property
    def networks(self) -> range:
        """The networks' numbers."""
        return range(self.first, self.last + 1)

    @property
    def scopes(self) -> list[str]:
        """What is ablated, which is each hidden layer by itself, and the whole network."""
        return scopes(self.setting.hidden)

    def steps(self, scope: str) -> list[int]:
        """Return after how many ablated neurons of a scope the accuracy is evaluated, from 0 to all."""
        return steps_through(scope_width(self.setting.hidden, scope), self.points)
