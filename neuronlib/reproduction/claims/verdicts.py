"""From numbers of each network to a verdict on a claim; the scoreboard says which rules came after results were seen.

==============  ==========================================================================================
reproduced      a number: same sign, same side of p = 0.05, and within 10 points or inside our interval;
                a number that is not significant: p > 0.05, and as close; its sign is noise;
                a difference: the interval lies on the claimed side of zero, in every test;
                no difference to one side: the interval does not lie there, in any test;
                likeness: the mean is less than 10 points from zero or p > 0.05, in every test;
                a difference, or likeness, in most cases: in more than half of the tests;
                a difference in a few cases: the interval lies there in some tests, but not in most;
                inconsistency: intervals lie on both sides of zero;
                a count of neurons: within a tenth of the layer's width, or inside our interval, and right to a
                factor of two
direction only  the mean lies on the claimed side, but the above does not hold; with several tests, in most;
                of a number that is not significant, it is as close; a count is right to a factor of two;
                what is claimed of a few cases is so in more than half of the tests; of inconsistency, means lie
                on both sides
not reproduced  neither
open            too few networks, or a claim that these experiments cannot answer
several parts   a claim holds as far as the part that holds least; one that is open does not save a refuted one
==============  ==========================================================================================
"""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from neuronlib.ablation.significance import Comparison

Verdict = Literal["reproduced", "direction only", "not reproduced", "open"]


VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""All verdicts, the most favourable to the paper first."""


def least(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict on something of several parts: that of the part that holds least.

    Example:
        >>> least(["reproduced", "open", "direction only"]), least(["open", "not reproduced"])
        ('open', 'not reproduced')
    """
    return max(verdicts, key=("reproduced", "direction only", "open", "not reproduced").index)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What our networks say to one claim, under one reading of it, by the rules of `verdicts`.

    Attributes:
        ours: The mean over networks; of several tests, that which supports the claim least, or, where the claim is
            about most of them or a few, that in the middle or the clearest. NaN if there is none.
        low: Lower end of the 95 % interval.
        high: Upper end of the 95 % interval.
        n: Networks of that test.
        tests: How many tests the claim, or its part, consists of.
        passed: How many of them it passed.
        parts: How many parts a claim has, each with tests of its own; this is the answer to the one that holds least.
        setting: The settings looked at.
        unit: What ``ours`` is in.
        reason: Why a verdict is open, or which test ``ours`` is of.
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


SIGNIFICANT = 0.05
CLOSE = 10.0
"""Percentage points within which two accuracies count as alike."""
CLOSE_SHARE = 0.1
"""Share of a layer's width within which two counts of neurons count as alike."""
FEWEST = 5
"""With fewer networks every claim stays open, as an interval over them says little."""


def is_number(test: Comparison, paper: float, paper_significant: bool) -> Answer:
    """Return the answer to a number, in percentage points; ``paper_significant``: the paper's p-value is below 0.05.

    Example:
        >>> import numpy as np
        >>> is_number(Comparison(values=np.linspace(15, 25, 11)), 21.9, paper_significant=True).verdict
        'reproduced'
    """
    low, high = test.interval
    same_significance = (test.p_value < SIGNIFICANT) == paper_significant
    close = abs(test.mean - paper) <= CLOSE or low <= paper <= high
    # Where the paper finds no difference, the sign of what it prints is noise.
    along = test.mean * paper > 0 if paper_significant else close
    verdict: Verdict = (
        "reproduced" if along and same_significance and close else "direction only" if along else "not reproduced"
    )
    return _answer(verdict, test, [test], int(verdict == "reproduced"), "points", named=False)


def are_positive(tests: Sequence[Comparison], unit: str = "points") -> Answer:
    """Return the answer to a difference claimed to be positive in every test; the least favourable test is shown."""
    passed, along = _passed_and_along(tests)
    verdict = _in_every_test(passed, along, len(tests))
    return _answer(verdict, min(tests, key=lambda test: test.interval[0]), tests, passed, unit)


def are_alike(tests: Sequence[Comparison]) -> Answer:
    """Return the answer to a likeness claimed in every test, from gaps in percentage points; the largest is shown.

    Source: Amjad, Liu, Geiger 2021 call curves similar if the gap is small or p > 0.05; small is less than 10 points.
    """
    passed = sum(_is_small(test) for test in tests)
    verdict = _in_every_test(passed, passed, len(tests))
    return _answer(verdict, max(tests, key=lambda test: abs(test.mean)), tests, passed, "points")


def are_mostly_alike(tests: Sequence[Comparison]) -> Answer:
    """Return the answer to a likeness claimed of most tests: more than half pass; the one in the middle is shown.

    Example:
        >>> import numpy as np
        >>> small, large = (Comparison(values=np.linspace(x, x + 1, 11), name="", setting="") for x in (1, 20))
        >>> are_mostly_alike([small, small, large]).verdict
        'reproduced'
    """
    passed = sum(_is_small(test) for test in tests)
    verdict: Verdict = "reproduced" if 2 * passed > len(tests) else "not reproduced"
    shown = sorted(tests, key=lambda test: abs(test.mean))[len(tests) // 2]
    return _answer(verdict, shown, tests, passed, "points")


def are_not_positive(tests: Sequence[Comparison]) -> Answer:
    """Return the answer to a difference claimed to be positive in no test; the most positive test is shown."""
    passed, along = (len(tests) - better for better in _passed_and_along(tests))
    verdict = _in_every_test(passed, along, len(tests))
    return _answer(verdict, max(tests, key=lambda test: test.interval[0]), tests, passed, "points")


def are_on_both_sides(tests: Sequence[Comparison]) -> Answer:
    """Return the answer to a difference that is claimed to be now on one side, now on the other.

    It is reproduced if some tests are surely positive and others surely negative, direction only if the means are.
    Those of the rarer side count as passed, and the clearest of them is shown.

    Example:
        >>> import numpy as np
        >>> up, down = (Comparison(values=s * np.linspace(1, 2, 11), name="", setting="") for s in (1, -1))
        >>> are_on_both_sides([up, up, down]).passed
        1
    """
    above, along = _passed_and_along(tests)
    below = sum(test.interval[1] < 0 for test in tests)
    verdict: Verdict = (
        "reproduced" if above and below else "direction only" if 0 < along < len(tests) else "not reproduced"
    )
    rarer = min(tests, key=lambda test: test.mean) if below <= above else max(tests, key=lambda test: test.mean)
    return _answer(verdict, rarer, tests, min(above, below), "points")


def are_positive_in_a_few(tests: Sequence[Comparison]) -> Answer:
    """Return the answer to a difference claimed in a few tests: some pass, but not most; the largest is shown.

    Example:
        >>> import numpy as np
        >>> better, worse = (Comparison(values=s * np.linspace(1, 2, 11), name="", setting="") for s in (1, -1))
        >>> [are_positive_in_a_few(tests).verdict for tests in ([better, worse, worse], [better, better, worse])]
        ['reproduced', 'direction only']
    """
    passed, _ = _passed_and_along(tests)
    verdict: Verdict = (
        "reproduced" if 0 < passed <= len(tests) / 2 else "direction only" if passed else "not reproduced"
    )
    return _answer(verdict, max(tests, key=lambda test: test.mean), tests, passed, "points")


def are_mostly_positive(tests: Sequence[Comparison], unit: str = "points") -> Answer:
    """Return the answer to a difference claimed in most tests: more than half pass; the one in the middle is shown.

    Example:
        >>> import numpy as np
        >>> so, not_so = (Comparison(values=s * np.linspace(1, 2, 11), name="", setting="") for s in (1, -1))
        >>> are_mostly_positive([so, so, not_so]).verdict
        'reproduced'
    """
    passed, along = _passed_and_along(tests)
    verdict: Verdict = (
        "reproduced" if 2 * passed > len(tests) else "direction only" if 2 * along > len(tests) else "not reproduced"
    )
    return _answer(verdict, sorted(tests, key=lambda test: test.mean)[len(tests) // 2], tests, passed, unit)


def is_count(test: Comparison, paper: float, width: int) -> Answer:
    """Return the answer to a number of neurons of a layer with ``width`` neurons.

    Example:
        >>> import numpy as np
        >>> is_count(Comparison(values=np.linspace(230, 270, 11), name="", setting=""), 250, width=500).verdict
        'reproduced'
    """
    low, high = test.interval
    # Off by less than a factor of two is the right order of magnitude.
    along = paper / 2 <= test.mean <= 2 * paper
    close = along and (abs(test.mean - paper) <= CLOSE_SHARE * width or low <= paper <= high)
    verdict: Verdict = "reproduced" if close else "direction only" if along else "not reproduced"
    # That there are some neurons at all is nothing to test.
    return dataclasses.replace(_answer(verdict, test, [test], int(close), "neurons", named=False), p=math.nan)


def _in_every_test(passed: int, along: int, tests: int) -> Verdict:
    return "reproduced" if passed == tests else "direction only" if 2 * along > tests else "not reproduced"


def _is_small(test: Comparison) -> bool:
    return abs(test.mean) < CLOSE or test.p_value > SIGNIFICANT


def _passed_and_along(tests: Sequence[Comparison]) -> tuple[int, int]:
    # How many are surely positive, and how many are so on average.
    return sum(test.interval[0] > 0 for test in tests), sum(test.mean > 0 for test in tests)


def _answer(
    verdict: Verdict, shown: Comparison, tests: Sequence[Comparison], passed: int, unit: str, named: bool = True
) -> Answer:
    # A test of few networks leaves a claim open, though another is shown.
    fewest = min(len(test.values) for test in tests)
    low, high = shown.interval
    too_few = fewest < FEWEST
    return Answer(
        verdict="open" if too_few else verdict,
        ours=shown.mean,
        low=low,
        high=high,
        p=shown.p_value,
        n=len(shown.values),
        tests=len(tests),
        passed=passed,
        setting=", ".join(dict.fromkeys(test.setting for test in tests)),
        unit=unit,
        reason=f"{fewest} networks are too few" if too_few else shown.name if named else "",
    )
