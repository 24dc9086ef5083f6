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

from collections.abc import Sequence

from neuronlib.evidence import Answer, Evidence, Verdict

SIGNIFICANT = 0.05
CLOSE = 10.0
"""Percentage points within which two accuracies count as alike."""
CLOSE_SHARE = 0.1
"""Share of a layer's width within which two counts of neurons count as alike."""
FEWEST = 5
"""With fewer networks every claim stays open, as an interval over them says little."""


def number(test: Evidence, paper: float, paper_significant: bool) -> Answer:
    """The verdict on a number of percentage points.

    Args:
        test: Ours.
        paper: The paper's.
        paper_significant: Whether the paper's p-value is below 0.05.

    Returns:
        The answer.

    Example:
        >>> import numpy as np
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
        >>> import numpy as np
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
        >>> import numpy as np
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
        >>> import numpy as np
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
        >>> import numpy as np
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
        >>> import numpy as np
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
