"""What the paper leaves to future work, and what was found: one answer for each sentence quoted."""

from dataclasses import dataclass
from typing import Literal

Finding = Literal["holds", "does not hold", "cannot tell"]


@dataclass(frozen=True)
class Answer:
    """An answer to a sentence of the paper's Sec. VI.

    Attributes:
        sentence: The paper's words.
        tested: What was tested, in a few words.
        finding: Whether it holds.
        evidence: The number that says so, with its interval and how many networks.
    """

    sentence: str
    tested: str
    finding: Finding
    evidence: str


def with_ends(number: float, low: float, high: float, digits: int = 1) -> str:
    """Format a signed number with its interval, for evidence.

    Returns:
        The text.

    Example:
        >>> with_ends(-0.21, -0.28, 0.14, digits=2)
        '−0.21 [−0.28, +0.14]'
    """
    # Adding 0 turns a rounded −0.0 into 0.0.
    mean, least, most = (f"{round(one, digits) + 0.0:+.{digits}f}" for one in (number, low, high))
    return f"{mean} [{least}, {most}]".replace("-", "\N{MINUS SIGN}")


def finding_of_interval(low: float, high: float, expected: Literal[-1, 1] = 1) -> Finding:
    """Say whether a sentence holds that expects a difference on one side of zero, by a 95 % interval.

    Returns:
        "holds" if the whole interval lies on that side, "does not hold" if it lies on the other, and "cannot tell" if
        zero is in it or an end is NaN.

    Example:
        >>> finding_of_interval(0.5, 2.0), finding_of_interval(-0.5, 2.0), finding_of_interval(0.5, 2.0, expected=-1)
        ('holds', 'cannot tell', 'does not hold')
    """
    if low > 0 or high < 0:
        return "holds" if (low > 0) == (expected > 0) else "does not hold"
    return "cannot tell"
