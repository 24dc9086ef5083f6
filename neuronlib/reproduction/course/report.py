"""What a check of an assignment says: facts about a learner's code, each true or with the reason why not."""

import contextlib
import io
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Fact:
    """Something that is true of a right answer.

    Attributes:
        says: The fact, as the learner reads it.
        fault: Gives None where it is true, else what is the case instead.
        points: What it is worth.

    Example:
        >>> Fact("it is a number", lambda: None).points
        1.0
    """

    says: str
    fault: Callable[[], str | None]
    points: float = 1.0


@dataclass(frozen=True)
class Report:
    """Facts that were looked at, in order.

    Attributes:
        title: What was checked.
        facts: Each fact, what is the case instead of it or None, and what it is worth.

    Example:
        >>> report = Report("entropy", (("of a constant it is 0", None, 1.0), ("it is in bits", "it is 0.69", 2.0)))
        >>> print(report)
        entropy: 1 of 3 points
          ✔ of a constant it is 0
          ✘ it is in bits: it is 0.69
        >>> report.points
        1.0
    """

    title: str
    facts: tuple[tuple[str, str | None, float], ...]

    @property
    def points(self) -> float:
        """Points earned: those of the facts that are true."""
        return float(sum(points for _, fault, points in self.facts if fault is None))

    @property
    def out_of(self) -> float:
        """Points of all facts."""
        return float(sum(points for _, _, points in self.facts))

    def __str__(self) -> str:
        lines = [f"  ✔ {says}" if fault is None else f"  ✘ {says}: {fault}" for says, fault, _ in self.facts]
        return "\n".join([f"{self.title}: {self.points:g} of {self.out_of:g} points", *lines])


def examine(title: str, facts: Sequence[Fact]) -> Report:
    """Look at each fact; what a learner's code raises is the reason why a fact is not true.

    Args:
        title: What is checked.
        facts: The facts.

    Returns:
        The report. Warnings and what the code writes to the error stream are left out of it: nbgrader gives no points
        to a cell that writes there.

    Example:
        >>> print(examine("a quotient", [Fact("there is one", lambda: str(1 / 0))]))
        a quotient: 0 of 1 points
          ✘ there is one: your code raises ZeroDivisionError: division by zero
    """
    found = []
    for fact in facts:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            try:
                fault = fact.fault()
            except NotImplementedError:
                fault = "not written yet"
            except Exception as error:  # whatever a learner's code raises is reported, and the next fact looked at
                fault = f"your code raises {type(error).__name__}: {error}"
        found.append((fact.says, fault, fact.points))
    return Report(title, tuple(found))


def first(faults: Iterable[str | None]) -> str | None:
    """The first fault of several things that ought to be right.

    Args:
        faults: What is wrong with each, None where nothing is; looked at until there is one.

    Returns:
        The fault, or None if all is right.

    Example:
        >>> first([None, "it is 0.69", "it is 3"])
        'it is 0.69'
    """
    return next((fault for fault in faults if fault), None)


def differs(answer: object, expected: object, tolerance: float = 1e-6, tell: bool = True) -> str | None:
    """Whether an answer is another number or array of numbers than expected.

    Args:
        answer: What a learner's code gave.
        expected: The right numbers.
        tolerance: Largest absolute difference that is rounding; single precision is right, too.
        tell: Whether to say what is right.

    Returns:
        None if it is the same, else one line that says what it is.

    Example:
        >>> differs(0.6931, 1.0), differs(None, 1.0), differs([1.0, 0.0], [1.0, 0.0])
        ('it gives 0.6931, not 1', 'it gives None, which is not a number', None)
    """
    right = np.asarray(expected, dtype=np.float64)
    try:
        given = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        return f"it gives {_short(answer)}, which is not a number"
    if answer is None:
        return "it gives None, which is not a number"
    if given.shape != right.shape:
        return f"it gives an array of shape {given.shape}" + (f", not {right.shape}" if tell else "")
    if np.allclose(given, right, rtol=0, atol=tolerance):
        return None
    if given.ndim == 0:
        return f"it gives {given:.4g}" + (f", not {right:.4g}" if tell else "")
    return f"it gives {_short(given.round(4).tolist())}" + (f", not {_short(right.round(4).tolist())}" if tell else "")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
