"""What is looked at to answer a claim, and what an answer consists of."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

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
