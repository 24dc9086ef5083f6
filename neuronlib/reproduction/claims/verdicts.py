"""From numbers of each network to two verdicts on a claim: as the paper means it, and what is established.

A claim is an expectation of tests: that they differ from zero on one side, or do not. One margin, δ, says in both
verdicts which difference of accuracies counts. Differences in bits, and shares of neurons, have no margin.

**As the paper means it.** "Similar" is, in the paper's words, a small gap or p > 0.05; small is below δ. What is not
similar differs.

==============  ==========================================================================================
reproduced      what is expected of every test (most, a few) is so;
                a number: the paper's sign and side of p = 0.05, and nearer than δ; of a number that is not
                significant, the sign is noise;
                a count of neurons: nearer than a tenth of the layer's width, or inside our interval, and
                right to a factor of two
direction only  most means lie on the expected side; a number has the paper's sign; a count is right to a factor of two
not reproduced  neither
open            too few networks, or a claim that these experiments cannot answer
==============  ==========================================================================================

**Established.** Each test has one of four outcomes: *alike*, by two one-sided tests against ±δ; *different*, by the
paper's own test and a mean of at least δ; *different, but small*, if both tests reject; *cannot tell*, if neither does
or the mean is below δ.

==============  ==========================================================================================
established     every test (most, a few) came out as expected;
                a number: inside the prediction interval of a replication;
                a count: alike, with a tenth of the layer's width for δ
small           a difference on the expected side, or against an expected likeness, but by less than δ
cannot tell     networks are too few, or too different, to say
refuted         a test came out the other way
open            as above
==============  ==========================================================================================

A claim of several parts holds as far as the part that holds least.
"""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from neuronlib.ablation.significance import Comparison, equivalence_p, not_above_p, replication_interval

Verdict = Literal["reproduced", "direction only", "not reproduced", "open"]
Finding = Literal["established", "small", "cannot tell", "refuted", "open"]
Outcome = Literal["alike", "different", "different, but small", "cannot tell"]
Unit = Literal["points", "bits", "% of neurons", "neurons"]
Quantifier = Literal["every", "most", "a few"]

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""All verdicts as the paper means it, the most favourable to it first."""
FINDINGS: tuple[Finding, ...] = get_args(Finding)
"""All that may be established, the most favourable to the paper first."""
_AGAINST: tuple[Finding, ...] = ("established", "open", "cannot tell", "small", "refuted")

MARGIN = 5.0
"""δ in percentage points: half of 10, the smallest gap that the paper itself calls an effect (N7)."""
MARGINS = (2.0, 5.0, 10.0)
"""The margins under which the scoreboard is shown."""
CLOSE_SHARE = 0.1
"""Share of a layer's width within which two counts of neurons count as alike."""
SIGNIFICANT = 0.05
FEWEST = 5
"""With fewer networks every claim stays open, as an interval over them says little."""


@dataclass(frozen=True, kw_only=True)
class Effect(Comparison):
    """An effect that a claim is about; its values are less the ``reference``, and signed as everywhere.

    ``side`` is 1 where the claim expects them above zero, and -1 where below.
    """

    side: int = 1
    reference: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What our networks say to one claim, under one reading of it, by the rules of `verdicts`.

    Attributes:
        verdict: As the paper means it.
        finding: What is established.
        ours: The mean over networks, of several tests in that which supports the claim least, or, where the claim is
            about most of them or a few, that in the middle or the clearest. NaN if there is none.
        low: Lower end of the 95 % interval.
        high: Upper end of the 95 % interval.
        n: Networks of that test.
        outcome: Of that test.
        predicted: Where, of a number, a replication's mean lies in 95 % of cases.
        tests: How many tests the claim, or its part, consists of.
        passed: How many of them are as expected, as the paper means it.
        established: Of how many that is established.
        parts: How many parts a claim has, each with tests of its own; this is the answer to the one that holds least.
        setting: The settings looked at.
        unit: What ``ours`` is in.
        reason: Why a verdict is open, or which test ``ours`` is of.
    """

    verdict: Verdict
    finding: Finding
    ours: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p: float = math.nan
    n: int = 0
    outcome: Outcome | Literal[""] = ""
    predicted: tuple[float, float] = (math.nan, math.nan)
    tests: int = 0
    passed: int = 0
    established: int = 0
    parts: int = 1
    setting: str = ""
    unit: str = ""
    reason: str = ""


def least(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict on something of several parts: that of the part that holds least.

    Example:
        >>> least(["reproduced", "open", "direction only"]), least(["open", "not reproduced"])
        ('open', 'not reproduced')
    """
    return max(verdicts, key=("reproduced", "direction only", "open", "not reproduced").index)


def least_established(findings: Iterable[Finding]) -> Finding:
    """Return what is established of something of several parts.

    Example:
        >>> least_established(["established", "cannot tell", "small"])
        'small'
    """
    return max(findings, key=_AGAINST.index)


def is_significant(test: Comparison) -> bool:
    """Tell whether the paper's own test rejects zero."""
    return test.p_value < SIGNIFICANT


def _differs(test: Comparison, delta: float) -> bool:
    # As the paper means it: what does not is similar.
    return is_significant(test) and abs(test.mean) >= delta


def outcome(test: Comparison, margin: float) -> Outcome:
    """Return what a test establishes of a difference, with this margin.

    Source: ours; two one-sided tests are Schuirmann 1987. A mean below the margin that is not shown to be so is no
    answer, whatever its p-value.

    Example:
        >>> import numpy as np
        >>> [outcome(Comparison(values=x + np.linspace(-1, 1, 20)), margin=5) for x in (0, 2.5, 15)]
        ['alike', 'different, but small', 'different']
    """
    if abs(test.mean) < margin and equivalence_p(test.values, margin) < SIGNIFICANT:
        return "different, but small" if is_significant(test) else "alike"
    return "different" if _differs(test, margin) else "cannot tell"


def _outcome_to_one_side(test: Effect, margin: float) -> Outcome:
    # As `outcome`, but what lies on the other side is alike, however far away.
    on_side = test.side * test.mean > 0 and is_significant(test)
    if on_side and _differs(test, margin):
        return "different"
    if not_above_p(test.side * test.values, margin) < SIGNIFICANT:
        return "different, but small" if on_side else "alike"
    return "cannot tell"


@dataclass(frozen=True)
class Weighed:
    """One test of a claim by itself: what it establishes, and whether it is that which the answer's numbers are of."""

    test: Effect
    finding: Finding
    shown: bool


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a claim expects of tests; `judged` tells how far it is so."""

    tests: Sequence[Effect]
    unit: Unit = "points"

    def judged(self, margin: float = MARGIN) -> Answer:
        """Answer the claim."""
        raise NotImplementedError

    def findings(self, margin: float = MARGIN) -> list[Finding]:
        """Return what each test establishes by itself; a number or a count has but one."""
        return [self.judged(margin).finding]

    def against(self, test: Effect) -> float:
        """Return how far a test's mean speaks against the claim, to compare it with that of other tests."""
        return 0.0

    def weighed(self, margin: float = MARGIN) -> list[Weighed]:
        """Return each test by itself, that which speaks most against the claim first."""
        findings = self.findings(margin)
        shown = self._shown(margin, findings)
        pairs = sorted(zip(self.tests, findings, strict=True), key=self._weight, reverse=True)
        return [
            Weighed(test, finding if len(test.values) >= FEWEST else "open", test is shown) for test, finding in pairs
        ]

    def _weight(self, pair: tuple[Effect, Finding]) -> tuple[int, float]:
        test, finding = pair
        return _AGAINST.index(finding), self.against(test)

    def _shown(self, margin: float, findings: Sequence[Finding]) -> Effect:
        return self.tests[0]

    def _answer(
        self,
        margin: float,
        verdict: Verdict,
        finding: Finding,
        shown: Effect,
        passed: int,
        established: int,
        named: bool = True,
    ) -> Answer:
        # A test of few networks leaves a claim open, though another is shown.
        fewest = min(len(test.values) for test in self.tests)
        too_few = fewest < FEWEST
        low, high = (end + shown.reference for end in shown.interval)
        return Answer(
            verdict="open" if too_few else verdict,
            finding="open" if too_few else finding,
            ours=shown.mean + shown.reference,
            low=low,
            high=high,
            p=shown.p_value,
            n=len(shown.values),
            outcome="" if too_few else outcome(shown, self._margin(margin)),
            tests=len(self.tests),
            passed=passed,
            established=established,
            setting=", ".join(dict.fromkeys(test.setting for test in self.tests)),
            unit=self.unit,
            reason=f"{fewest} networks are too few" if too_few else shown.name if named else "",
        )

    def _margin(self, margin: float) -> float:
        return margin if self.unit == "points" else 0.0


@dataclass(frozen=True, kw_only=True)
class OfTests(Expectation):
    """Every test, or most, or a few of them, are as the claim says."""

    quantifier: Quantifier = "every"

    def judged(self, margin: float = MARGIN) -> Answer:
        """Answer the claim."""
        delta = self._margin(margin)
        passed = sum(self._passes(test, delta) for test in self.tests)
        along = sum(self._along(test, delta) for test in self.tests)
        findings = self.findings(margin)
        verdict = _verdict(self.quantifier, passed, along, len(self.tests))
        shown = self._shown(margin, findings)
        found = _found(self.quantifier, findings)
        return self._answer(margin, verdict, found, shown, passed, findings.count("established"))

    def findings(self, margin: float = MARGIN) -> list[Finding]:
        """Return what each test establishes by itself."""
        return [self._finding(test, self._margin(margin)) for test in self.tests]

    def _passes(self, test: Effect, delta: float) -> bool:
        # Whether it is so as the paper means it.
        raise NotImplementedError

    def _along(self, test: Effect, delta: float) -> bool:
        # Whether the mean at least is so.
        return self._passes(test, delta)

    def _finding(self, test: Effect, delta: float) -> Finding:
        raise NotImplementedError

    def _shown(self, margin: float, findings: Sequence[Finding]) -> Effect:
        # Of every test, one that is least established and, among those, speaks most against the claim; of most, that in
        # the middle; of a few, the clearest.
        if self.quantifier == "every":
            return max(zip(self.tests, findings, strict=True), key=self._weight)[0]
        ordered = sorted(self.tests, key=self.against)
        return ordered[len(ordered) // 2 if self.quantifier == "most" else 0]


@dataclass(frozen=True, kw_only=True)
class Differ(OfTests):
    """Every test, or most, or a few of them, differ from zero on the side that each test names."""

    def against(self, test: Effect) -> float:
        """Return how far a test's mean lies on the other side."""
        return -test.side * test.mean

    def _passes(self, test: Effect, delta: float) -> bool:
        return self._along(test, delta) and _differs(test, delta)

    def _along(self, test: Effect, delta: float) -> bool:
        return test.side * test.mean > 0

    def _finding(self, test: Effect, delta: float) -> Finding:
        return _of_difference(outcome(test, delta), self._along(test, delta))


@dataclass(frozen=True, kw_only=True)
class Alike(OfTests):
    """Every test, or most of them, do not differ from zero."""

    def against(self, test: Effect) -> float:
        """Return how far a test's mean is from zero."""
        return abs(test.mean)

    def _passes(self, test: Effect, delta: float) -> bool:
        return not _differs(test, delta)

    def _finding(self, test: Effect, delta: float) -> Finding:
        return _of_likeness(outcome(test, delta))


@dataclass(frozen=True, kw_only=True)
class DoNotDiffer(OfTests):
    """No test differs from zero on the side that it names; the other side is as well as zero."""

    def against(self, test: Effect) -> float:
        """Return how far a test's mean lies on the side that is named."""
        return test.side * test.mean

    def _passes(self, test: Effect, delta: float) -> bool:
        return self._along(test, delta) or not _differs(test, delta)

    def _along(self, test: Effect, delta: float) -> bool:
        return test.side * test.mean <= 0

    def _finding(self, test: Effect, delta: float) -> Finding:
        return _of_likeness(_outcome_to_one_side(test, delta))


@dataclass(frozen=True, kw_only=True)
class DifferOnBothSides(Expectation):
    """Some tests differ from zero on one side, and others on the other."""

    def judged(self, margin: float = MARGIN) -> Answer:
        """Answer the claim; tests of the rarer side count as passed, and the clearest of them is shown."""
        findings, sides = self.findings(margin), self._sides(margin)
        verdict: Verdict = (
            "reproduced"
            if all(different for different, _, _ in sides)
            else "direction only"
            if all(tests for _, tests, _ in sides)
            else "not reproduced"
        )
        # As far as the side that has least; a side that has no test at all is no side.
        by_side = [
            [found for test, found in zip(self.tests, findings, strict=True) if side * test.mean > 0]
            for _, _, side in sides
        ]
        best: list[Finding] = [min(some, key=FINDINGS.index, default="refuted") for some in by_side]
        (different, _, _), of_rarer = sides[0], by_side[0]
        shown = self._shown(margin, findings)
        return self._answer(margin, verdict, least_established(best), shown, different, of_rarer.count("established"))

    def findings(self, margin: float = MARGIN) -> list[Finding]:
        """Return what each test establishes by itself, on whichever side."""
        return [_of_difference(outcome(test, self._margin(margin)), True) for test in self.tests]

    def against(self, test: Effect) -> float:
        """Return how near a test's mean is to zero."""
        return -abs(test.mean)

    def _sides(self, margin: float) -> list[tuple[int, int, int]]:
        # How many tests differ on a side, how many lie there, and which side it is; the rarer side first.
        of_sides = []
        for side in (1, -1):
            some = [test for test in self.tests if side * test.mean > 0]
            of_sides.append((sum(_differs(test, self._margin(margin)) for test in some), len(some), side))
        return sorted(of_sides, key=lambda one: one[:2])

    def _shown(self, margin: float, findings: Sequence[Finding]) -> Effect:
        _, _, rarer = self._sides(margin)[0]
        return max(
            [test for test in self.tests if rarer * test.mean > 0] or self.tests, key=lambda test: rarer * test.mean
        )


@dataclass(frozen=True, kw_only=True)
class Number(Expectation):
    """A number of percentage points is the paper's, which is the mean over so many networks of its own."""

    paper: float
    significant: bool
    networks: int

    def judged(self, margin: float = MARGIN) -> Answer:
        """Answer the claim."""
        (test,) = self.tests
        difference = test.mean - self.paper
        near = abs(difference) < margin
        # Where the paper finds no difference, the sign of what it prints is noise.
        along = test.mean * self.paper > 0 if self.significant else near
        alike = along and is_significant(test) == self.significant and near
        verdict: Verdict = "reproduced" if alike else "direction only" if along else "not reproduced"
        low, high = predicted = replication_interval(test.values, self.paper, self.networks)
        # The 90 % interval of the difference inside the margin is what two one-sided tests ask for.
        narrow = replication_interval(test.values, self.paper, self.networks, coverage=0.9)
        surely_near = abs(difference) + (narrow[1] - narrow[0]) / 2 < margin
        finding: Finding = (
            "established"
            if low <= test.mean <= high
            else "small"
            if surely_near
            else "refuted"
            if not near
            else "cannot tell"
        )
        answer = self._answer(margin, verdict, finding, test, int(alike), int(finding == "established"), named=False)
        return dataclasses.replace(answer, predicted=predicted)


@dataclass(frozen=True, kw_only=True)
class Count(Expectation):
    """A number of neurons of a layer of this ``width`` is about the paper's."""

    paper: float
    width: int
    unit: Unit = "neurons"

    def judged(self, margin: float = MARGIN) -> Answer:
        """Answer the claim; the margin is a share of the width, whatever that of accuracies."""
        (test,) = self.tests
        low, high = test.interval
        # Off by less than a factor of two is the right order of magnitude.
        along = self.paper / 2 <= test.mean <= 2 * self.paper
        close = along and (abs(test.mean - self.paper) <= CLOSE_SHARE * self.width or low <= self.paper <= high)
        verdict: Verdict = "reproduced" if close else "direction only" if along else "not reproduced"
        off = Effect(values=test.values - self.paper)
        finding = _of_likeness(outcome(off, CLOSE_SHARE * self.width))
        if not along:
            finding = "refuted"
        elif finding == "small":  # "about" so many is all that is claimed
            finding = "established"
        answer = self._answer(margin, verdict, finding, test, int(close), int(finding == "established"), named=False)
        # That there are some neurons at all is nothing to test.
        return dataclasses.replace(answer, p=math.nan, outcome="")


@dataclass(frozen=True)
class All:
    """A claim of several parts: it holds if each does, and the part that holds least is shown."""

    parts: Sequence["Expectation | All | Open"]

    def judged(self, margin: float = MARGIN) -> Answer:
        """Answer the claim."""
        answers = [part.judged(margin) for part in self.parts]
        verdict = least(answer.verdict for answer in answers)
        finding = least_established(answer.finding for answer in answers)
        shown = next(answer for answer in answers if answer.verdict == verdict)
        parts = sum(answer.parts for answer in answers)
        return dataclasses.replace(shown, finding=finding, parts=parts)


@dataclass(frozen=True)
class Open:
    """A claim that cannot be answered, and why."""

    reason: str

    def judged(self, margin: float = MARGIN) -> Answer:
        """Leave the claim open, whatever the margin."""
        return Answer(verdict="open", finding="open", reason=self.reason)


Question = Expectation | All | Open
"""What is asked of results for a claim, before a margin is chosen."""


def parts_of(question: Question) -> list[Expectation | Open]:
    """List the parts of a question.

    Returns:
        Those that have no parts of their own.

    Example:
        >>> [part.reason for part in parts_of(All([Open("one"), All([Open("two"), Open("three")])]))]
        ['one', 'two', 'three']
    """
    return [leaf for part in question.parts for leaf in parts_of(part)] if isinstance(question, All) else [question]


def _of_difference(came_out: Outcome, ahead: bool) -> Finding:
    if came_out == "cannot tell":
        return "cannot tell"
    if came_out == "alike" or not ahead:
        return "refuted"
    return "established" if came_out == "different" else "small"


def _of_likeness(came_out: Outcome) -> Finding:
    found: dict[Outcome, Finding] = {
        "alike": "established",
        "different, but small": "small",
        "different": "refuted",
        "cannot tell": "cannot tell",
    }
    return found[came_out]


def _verdict(quantifier: Quantifier, passed: int, along: int, tests: int) -> Verdict:
    if quantifier == "every":
        return "reproduced" if passed == tests else "direction only" if 2 * along > tests else "not reproduced"
    if quantifier == "most":
        return "reproduced" if 2 * passed > tests else "direction only" if 2 * along > tests else "not reproduced"
    return "reproduced" if 0 < passed <= tests / 2 else "direction only" if passed else "not reproduced"


def _found(quantifier: Quantifier, findings: Sequence[Finding]) -> Finding:
    if quantifier == "every":
        return least_established(findings)
    established, unsure, small = (findings.count(one) for one in ("established", "cannot tell", "small"))
    half = len(findings) / 2
    if quantifier == "most":
        for count, finding in ((established, "established"), (unsure, "cannot tell"), (small, "small")):
            half -= count
            if half < 0:
                return finding  # type: ignore[return-value]
        return "refuted"
    if established > half:
        return "refuted"
    if established and established + unsure <= half:
        return "established"
    return "cannot tell" if established or unsure else "small" if small else "refuted"
