"""The paper's 85 claims, as claims.csv states them."""

import csv
from dataclasses import dataclass
from pathlib import Path

from neuronlib.common.choices import Measure, Replacement
from neuronlib.common.scopes import WHOLE

_MEASURES: dict[str, Measure] = {"entropy": "entropy", "MI": "mutual_information", "KL sel.": "kl_selectivity"}

TABLE = Path(__file__).with_name("claims.csv")
"""The claims as the paper states them, and, of its numbers, which of our settings and steps they are about."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim of the paper.

    Attributes:
        kind: "number", "count" or "qualitative".
        text: The claim in one plain sentence, ours; the columns beside it in claims.csv have the paper's terms.
        where: Section and figure.
        paper: The paper's value, as it prints it, such as "+21.9", or "".
        p: The paper's p-value, as it prints it, or "".
        remark: What is unclear about it, or "".
        layer: As the table has it, such as "L1".
        measure: As the table has it, such as "MI".
        order: "low", "high", "random", or "".
        settings: Of a number, the setting that it is about, or one for each reading: "READING: SETTING; …".
        step: Of a number, after how many ablated neurons.
        significant: Of a number, whether the paper's p-value is below 0.05.
    """

    id: str
    kind: str
    where: str
    text: str
    paper: str
    p: str
    remark: str
    layer: str
    measure: str
    order: str
    settings: str
    step: int
    replacement: Replacement
    significant: bool

    @property
    def compares_layers(self) -> bool:
        """Whether a number is of random ablation in layer 1 less that in layer 2, and not of an order."""
        return self.layer == "L1 vs L2"

    @property
    def measure_name(self) -> Measure:
        """Of a number, the measure that orders the neurons, as results name it."""
        return _MEASURES[self.measure]

    @property
    def scope(self) -> str:
        """The layer as results name it: "1", …, or "whole"."""
        return WHOLE if self.layer == "W" else self.layer.removeprefix("L")


def all_claims() -> list[Claim]:
    """List the claims in the paper's order."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return [_claim(row) for row in csv.DictReader(file)]


def _claim(row: dict[str, str]) -> Claim:
    replacement: Replacement = "mean" if row["replacement"] == "mean" else "zero"
    return Claim(
        text=row["sentence"],
        paper=row["value"],
        p=row["p_value"],
        step=int(row["step"] or 0),
        replacement=replacement,
        significant=row["significant"] == "yes",
        **{name: row[name] for name in ("id", "kind", "where", "remark", "layer", "measure", "order", "settings")},
    )
