"""From numbers of each network to a verdict on a claim, by rules fixed before the stored networks were looked at.

==============  ==========================================================================================
reproduced      a number: same sign, same side of p = 0.05, and within 10 points or inside our interval;
                a difference: the interval lies on the claimed side of zero, in every test;
                likeness: the mean is less than 10 points from zero or p > 0.05, in every test;
                a difference in a few cases: the interval lies there in some tests, but not in most;
                a count of neurons: within a tenth of the layer's width, or inside our interval
direction only  the mean lies on the claimed side, but the above does not hold; with several tests, in most
not reproduced  neither
open            too few networks, or a claim that these experiments cannot answer
==============  ==========================================================================================
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from neuronlib.statistics import bootstrap_interval, wilcoxon_p

Verdict = Literal["reproduced", "direction only", "not reproduced", "open"]
VERDICTS: tuple[Verdict, ...] = ("reproduced", "direction only", "not reproduced", "open")

SIGNIFICANT = 0.05
CLOSE = 10.0
"""Percentage points within which two accuracies count as alike."""
CLOSE_SHARE = 0.1
"""Share of a layer's width within which two counts of neurons count as alike."""
FEWEST = 5
"""With fewer networks every claim stays open, as an interval over them says little."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What our networks say to one claim, under one reading of it.

    Attributes:
        verdict: By the rules of this module.
        ours: The mean over networks; of several tests, that which supports the claim least. NaN if there is none.
        low: Lower end of the 95 % interval.
        high: Upper end of the 95 % interval.
        p: The p-value, or NaN.
        n: Networks.
        tests: How many tests the claim consists of.
        passed: How many of them it passed.
        setting: The settings looked at.
        unit: What ``ours`` is in.
        reason: Why a verdict is open, or which test was the least.

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
        return float(np.mean(self.values))

    @functools.cached_property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the mean over networks."""
        return bootstrap_interval(np.asarray(self.values, dtype=np.float64))

    @functools.cached_property
    def p_value(self) -> float:
        """The p-value."""
        return wilcoxon_p(np.asarray(self.values, dtype=np.float64)) if self.p is None else self.p


def number(test: Evidence, paper: float, paper_significant: bool) -> Answer:
    """The verdict on a number of percentage points.

    Args:
        test: Ours.
        paper: The paper's.
        paper_significant: Whether the paper's p-value is below 0.05.

    Returns:
        The answer.

    Example:
        >>> number(Evidence(values=np.linspace(15, 25, 11), name="", setting=""), 21.9, paper_significant=True).verdict
        'reproduced'
    """
    low, high = test.interval
    same_sign = test.mean * paper > 0
    same_significance = (test.p_value < SIGNIFICANT) == paper_significant
    close = abs(test.mean - paper) <= CLOSE or low <= paper <= high
    # Where the paper finds no difference, the sign of what it prints is noise.
    sign_holds = same_sign or not paper_significant
    verdict: Verdict = (
        "reproduced"
        if sign_holds and same_significance and close
        else "direction only"
        if same_sign
        else "not reproduced"
    )
    return _answer(verdict, test, [test], int(verdict == "reproduced"), "points")


def positive(tests: Sequence[Evidence], unit: str = "points") -> Answer:
    """The verdict on a difference that is claimed to be positive, in every test.

    Args:
        tests: Values that are positive where the claim holds.
        unit: What they are in.

    Returns:
        The answer, with the numbers of the test that supports it least.

    Example:
        >>> positive([Evidence(values=np.linspace(1, 2, 11), name="", setting="")]).verdict
        'reproduced'
    """
    passed, along = _passed_and_along(tests)
    verdict: Verdict = (
        "reproduced" if passed == len(tests) else "direction only" if 2 * along > len(tests) else "not reproduced"
    )
    return _answer(verdict, min(tests, key=lambda test: test.interval[0]), tests, passed, unit)


def alike(tests: Sequence[Evidence]) -> Answer:
    """The verdict on accuracies that are claimed to be similar, in every test.

    Source: Amjad, Liu, Geiger 2021 call curves similar if the gap is small or p > 0.05; small is less than 10 points.

    Args:
        tests: Gaps in percentage points.

    Returns:
        The answer, with the numbers of the test with the largest gap.

    Example:
        >>> alike([Evidence(values=np.linspace(-1, 2, 11), name="", setting="")]).verdict
        'reproduced'
    """
    passed = sum(abs(test.mean) < CLOSE or test.p_value > SIGNIFICANT for test in tests)
    verdict: Verdict = (
        "reproduced" if passed == len(tests) else "direction only" if 2 * passed > len(tests) else "not reproduced"
    )
    return _answer(verdict, max(tests, key=lambda test: abs(test.mean)), tests, passed, "points")


def some(tests: Sequence[Evidence]) -> Answer:
    """The verdict on a difference that is claimed to be positive in a few cases.

    Args:
        tests: Values that are positive where there is such a difference.

    Returns:
        Reproduced if some tests pass, but not most of them; the numbers are those of the largest difference.

    Example:
        >>> better, worse = (Evidence(values=s * np.linspace(1, 2, 11), name="", setting="") for s in (1, -1))
        >>> some([better, worse, worse]).passed
        1
    """
    passed, _ = _passed_and_along(tests)
    verdict: Verdict = (
        "reproduced" if 0 < passed <= len(tests) / 2 else "direction only" if passed else "not reproduced"
    )
    return _answer(verdict, max(tests, key=lambda test: test.mean), tests, passed, "points")


def most(tests: Sequence[Evidence]) -> Answer:
    """Whether something is so more often than not.

    Args:
        tests: Values that are positive where it is so.

    Returns:
        Reproduced if more than half of the tests pass, direction only if more than half of the means are positive; the
        numbers are those of the test in the middle.

    Example:
        >>> so, not_so = (Evidence(values=s * np.linspace(1, 2, 11), name="", setting="") for s in (1, -1))
        >>> most([so, so, not_so]).verdict
        'reproduced'
    """
    passed, along = _passed_and_along(tests)
    verdict: Verdict = (
        "reproduced" if 2 * passed > len(tests) else "direction only" if 2 * along > len(tests) else "not reproduced"
    )
    return _answer(verdict, sorted(tests, key=lambda test: test.mean)[len(tests) // 2], tests, passed, "points")


def count(test: Evidence, paper: float, width: int) -> Answer:
    """The verdict on a number of neurons.

    Args:
        test: Ours.
        paper: The paper's.
        width: Neurons of the layer.

    Returns:
        The answer.

    Example:
        >>> count(Evidence(values=np.linspace(230, 270, 11), name="", setting=""), 250, width=500).verdict
        'reproduced'
    """
    low, high = test.interval
    close = abs(test.mean - paper) <= CLOSE_SHARE * width or low <= paper <= high
    # Off by less than a factor of two is the right order of magnitude.
    verdict: Verdict = (
        "reproduced" if close else "direction only" if paper / 2 <= test.mean <= 2 * paper else "not reproduced"
    )
    return _answer(verdict, test, [test], int(close), "neurons")


def _passed_and_along(tests: Sequence[Evidence]) -> tuple[int, int]:
    # How many are surely positive, and how many are so on average.
    return sum(test.interval[0] > 0 for test in tests), sum(test.mean > 0 for test in tests)


def _answer(verdict: Verdict, shown: Evidence, tests: Sequence[Evidence], passed: int, unit: str) -> Answer:
    fewest = min(len(test.values) for test in tests)
    low, high = shown.interval
    too_few = fewest < FEWEST
    return Answer(
        verdict="open" if too_few else verdict,
        ours=shown.mean,
        low=low,
        high=high,
        p=shown.p_value,
        n=fewest,
        tests=len(tests),
        passed=passed,
        setting=", ".join(dict.fromkeys(test.setting for test in tests)),
        unit=unit,
        reason=f"{fewest} networks are too few" if too_few else shown.name if len(tests) > 1 else "",
    )
