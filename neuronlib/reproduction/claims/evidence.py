"""What is looked at to answer a claim, and what an answer consists of."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval, wilcoxon_p, without_rounding

Verdict = Literal["reproduced", "direction only", "not reproduced", "open"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""All verdicts, the most favourable to the paper first."""


def least(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on something of several parts, all of which have to hold.

    Args:
        verdicts: Those on the parts; one that is open does not save what another refutes.

    Returns:
        The one that holds least.

    Example:
        >>> least(["reproduced", "open", "direction only"])
        'open'
    """
    return max(verdicts, key=("reproduced", "direction only", "open", "not reproduced").index)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What our networks say to one claim, under one reading of it.

    Attributes:
        verdict: By the rules of `verdicts`.
        ours: The mean over networks; of several tests, that which supports the claim least, or, where the claim is
            about most of them or a few, that in the middle or the clearest. NaN if there is none.
        low: Lower end of the 95 % interval.
        high: Upper end of the 95 % interval.
        p: The p-value, or NaN.
        n: Networks of that test.
        tests: How many tests the claim, or its part, consists of.
        passed: How many of them it passed.
        parts: How many parts a claim has, each with tests of its own; this is the answer to the one that holds least.
        setting: The settings looked at.
        unit: What ``ours`` is in.
        reason: Why a verdict is open, or which test ``ours`` is of.

    Example:
        >>> Answer(verdict="open", reason="no CIFAR-10 networks").passed
        0
    """

    verdict: Verdict
    ours: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p: float = float("nan")
    n: int = 0
    tests: int = 0
    passed: int = 0
    parts: int = 1
    setting: str = ""
    unit: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One thing to look at.

    Attributes:
        values: One number for each network, such as a gap in percentage points.
        name: What it is, in a few words.
        setting: The setting it is of.
        p: The p-value, where it is not the Wilcoxon signed-rank test's of the values.

    Example:
        >>> Evidence(values=np.array([1.0, 2.0, 3.0]), name="layer 1", setting="mnist-relu-l2").mean
        2.0
    """

    values: Float[ndarray, " network"]
    name: str
    setting: str
    p: float | None = None

    @property
    def mean(self) -> float:
        """The mean over networks."""
        return float(without_rounding(np.mean(self.values)))

    @functools.cached_property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the mean over networks."""
        return bootstrap_interval(np.asarray(self.values, dtype=np.float64))

    @functools.cached_property
    def p_value(self) -> float:
        """The p-value."""
        return wilcoxon_p(np.asarray(self.values, dtype=np.float64)) if self.p is None else self.p
