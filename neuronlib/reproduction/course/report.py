"""Reports of checks: facts about a learner's code, each true or with the reason why not."""

import contextlib
import io
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Fact:
    """A fact that is true of a correct answer.

    Attributes:
        says: The fact, as the learner reads it.
        fault: Returns None if the fact is true, else what is the case instead.
        points: Points for the fact.
    """

    says: str
    fault: Callable[[], str | None]
    points: float = 1.0


@dataclass(frozen=True)
class Report:
    """Facts that were checked, in order.

    Attributes:
        title: What was checked.
        facts: Each fact, its fault or None, and its points.

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
        """Points earned by the true facts."""
        return float(sum(points for _, fault, points in self.facts if fault is None))

    @property
    def out_of(self) -> float:
        """Points of all facts."""
        return float(sum(points for _, _, points in self.facts))

    def __str__(self) -> str:
        lines = [f"  ✔ {says}" if fault is None else f"  ✘ {says}: {fault}" for says, fault, _ in self.facts]
        return "\n".join([f"{self.title}: {self.points:g} of {self.out_of:g} points", *lines])


def examine(title: str, facts: Sequence[Fact]) -> Report:
    """Check each fact; an exception in a learner's code is the fault of that fact.

    Warnings and output to the error stream are suppressed, since nbgrader gives no points to a cell that writes there.

    Returns:
        The report.

    Example:
        >>> print(examine("a quotient", [Fact("there is one", lambda: str(1 / 0))]))
        a quotient: 0 of 1 points
          ✘ there is one: your code raises ZeroDivisionError: division by zero
    """
    outcomes = []
    for fact in facts:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            try:
                fault = fact.fault()
            except NotImplementedError:
                fault = "not written yet"
            except Exception as error:  # reported, and the next fact is checked
                fault = f"your code raises {type(error).__name__}: {error}"
        outcomes.append((fact.says, fault, fact.points))
    return Report(title, tuple(outcomes))


def first(faults: Iterable[str | None]) -> str | None:
    """Return the first fault, or None; faults after it are not computed."""
    return next((fault for fault in faults if fault), None)


def differs(answer: object, expected: object, tolerance: float = 1e-6, tell: bool = True) -> str | None:
    """Say how an answer differs from the expected number or array, if it does.

    Args:
        answer: Result of a learner's code.
        expected: The right numbers.
        tolerance: Largest absolute difference that counts as rounding; single precision passes.
        tell: Name the right numbers in the message.

    Returns:
        None if the answer is right, else one line that names it.

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
