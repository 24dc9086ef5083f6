"""Tables of claims and their verdicts, and of the origin of results."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from IPython.display import Markdown

from neuronlib.reproduction.claims.claims import answers, favourably_read, in_every_reading
from neuronlib.reproduction.claims.history import CHANGES, TODAY, Both, history_of, verdicts_then
from neuronlib.reproduction.claims.table import Claim
from neuronlib.reproduction.claims.verdicts import FINDINGS, MARGINS, VERDICTS, Answer, Finding, Verdict
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.pages.tables.numbers import NO_BREAK, p_value, signed
from neuronlib.reproduction.pages.tables.tables import table, unbroken
from neuronlib.reproduction.store.results import NotStored

MARKS: dict[Verdict, str] = {"reproduced": "✔", "direction only": "◐", "not reproduced": "✘", "open": "○"}
"""A sign for each verdict."""
FOUND: dict[Finding, str] = {"established": "✔", "small": "◐", "cannot tell": "?", "refuted": "✘", "open": "○"}
"""A sign for each finding."""
AS_MEANT, ESTABLISHED = "as the paper means it", "established"
MOST, LEAST = "reading most in the paper's favour", "reading least in its favour"
_READINGS = {MOST: favourably_read, LEAST: in_every_reading}


def _numbered(kind: str, *numbers: int) -> list[str]:
    return [f"{kind}{number}" for number in numbers]


OF_CHAPTER: dict[str, list[str]] = {
    "s4_fig1_distributions": _numbered("Q", *range(1, 10)),
    "s4_fig2_whole": [*_numbered("N", 1, 2, 3), "K18", *_numbered("Q", *range(13, 19), 49)],
    "s4_fig3_mnist": [*_numbered("N", *range(4, 12)), "K17", *_numbered("Q", *range(19, 27))],
    "s4_fig4_fashion": [*_numbered("N", 12, 13, 14), *_numbered("Q", *range(27, 36))],
    "s4_fig5_cifar": [*_numbered("K", *range(1, 17)), *_numbered("Q", *range(36, 45), 48)],
}
"""The claims that each chapter answers beside its figure."""
SCOREBOARD = "s5_claims"
PANELS = "s5_each_claim"
"""The page that has a panel for each claim, ``#claim-N5``; every mention of a claim's code leads there."""


def claims_table(source: Source, ids: Sequence[str] = (), scoreboard: bool = False) -> Markdown:
    """Tabulate claims with the paper's value, ours, and the verdict.

    For a claim of several tests, the numbers are those of the test that `Answer.ours` names.

    Args:
        source: The results.
        ids: Claims; none for all.
        scoreboard: True on the page of all claims, whose rows can be linked to.

    Returns:
        The table, for the end of a cell.
    """
    rows: list[list[str]] = []
    linked: set[str] = set()
    for claim, reading, answer in answers(source, ids):
        sentence, paper = told_and_paper(claim, reading)
        if claim.id in linked:  # a claim's other readings follow it
            sentence = f"**{claim.id}** *({reading})*"
        else:
            sentence = sentence.replace(claim.id, _linked(claim.id, scoreboard), 1)
            linked.add(claim.id)
        numbers = "; <br>".join(filter(None, (ours(answer).replace(" ", NO_BREAK), p_and_networks(answer))))
        meant = marked(answer.verdict) + _detail(tests_passed(answer.passed, answer))
        established = marked_finding(answer.finding) + _detail(tests_passed(answer.established, answer))
        if answer.verdict == "open":  # the reason why is all there is to say
            numbers = "; <br>".join(filter(None, (numbers, which_test(answer))))
        else:
            numbers += _detail(which_test(answer))
        rows.append([sentence, paper, numbers, meant, established])
    return table(["claim", "paper", "ours [95 % interval]", AS_MEANT, ESTABLISHED], rows, kind="claims")


def marked(verdict: Verdict) -> str:
    """Put a verdict's sign before it."""
    return f"{MARKS[verdict]} {verdict}"


def marked_finding(finding: Finding) -> str:
    """Put a finding's sign before it."""
    return f"{FOUND[finding]} {finding}"


def told_and_paper(claim: Claim, reading: str) -> tuple[str, str]:
    """Return a row's first two entries: the claim's number, text and reading; and the paper's value."""
    sentence = f"**{claim.id}** {claim.text}" + (f" *(read as: {reading})*" if reading else "")
    return sentence, claim.paper.replace("-", "\N{MINUS SIGN}") if claim.kind == "number" else claim.paper


def ours(answer: Answer) -> str:
    """Format our number with its interval and unit, or "" if there is none.

    Returns:
        The text.

    Example:
        >>> ours(Answer(verdict="reproduced", finding="established", ours=18.71, low=14.9, high=22.1, unit="points"))
        '+18.7 [+14.9, +22.1] points'
    """
    if np.isnan(answer.ours):
        return ""
    return f"{in_unit(answer.unit, answer.ours, answer.low, answer.high)} {answer.unit}"


def in_unit(unit: str, mean: float, low: float, high: float) -> str:
    """Format a mean and its interval with the digits of a unit, which is left out; only points have a plus."""
    if unit == "points":
        return f"{signed(mean)} [{signed(low)}, {signed(high)}]"
    digits = {"neurons": 0, "% of neurons": 1}.get(unit, 3)
    below, middle, above = (signed(value, digits, plus=False) for value in (low, mean, high))
    return f"{middle} [{below}, {above}]"


def _linked(claim: str, scoreboard: bool) -> str:
    panel = f'<a href="{PANELS}.html#claim-{claim}">{claim}</a>'
    return f'<span id="claim-{claim}">{panel}</span>' if scoreboard else panel


def by_claim(answered: Iterable[tuple[Claim, str, Answer]]) -> dict[str, list[Answer]]:
    """Collect the answers to each claim, one for each reading."""
    collected: dict[str, list[Answer]] = {}
    for claim, _, answer in answered:
        collected.setdefault(claim.id, []).append(answer)
    return collected


def verdict_counts(
    answered: Iterable[tuple[Claim, str, Answer]],
) -> dict[str, tuple[dict[Verdict, int], dict[Finding, int]]]:
    """Count the claims of each verdict and of each finding, under the best and the worst of a claim's readings.

    Returns:
        By which reading of a claim counts, that most or that least in the paper's favour: counts by verdict, and counts
        by finding.
    """
    collected = by_claim(answered).values()
    counts = {}
    for how, of_claim in _READINGS.items():
        said = [of_claim(some) for some in collected]
        meant, found = [verdict for verdict, _ in said], [finding for _, finding in said]
        counts[how] = (
            {verdict: meant.count(verdict) for verdict in VERDICTS},
            {finding: found.count(finding) for finding in FINDINGS},
        )
    return counts


def score_in_words(source: Source) -> Markdown:
    """Say in sentences how many claims are reproduced and established."""
    (meant, found), (every, found_in_every) = verdict_counts(answers(source)).values()
    total = sum(meant.values())
    return Markdown(
        f"**As the paper means them, {meant['reproduced']} of {total} claims are reproduced**, and "
        f"{meant['not reproduced']} are not; for {meant['direction only']} only the direction holds. By the readings "
        f"least in the paper's favour, {every['reproduced']} are reproduced. **Stricter tests establish "
        f"{found['established']} claims** and refute {found['refuted']} (by those readings, "
        f"{found_in_every['established']} and {found_in_every['refuted']})."
    )


def counts_table(source: Source) -> Markdown:
    """Tabulate how many claims have each verdict as the paper means it, and of how many what is established."""
    rows = []
    for how, (meant, found) in verdict_counts(answers(source)).items():
        rows.append([how, AS_MEANT, ", ".join(f"{MARKS[name]} {count} {name}" for name, count in meant.items())])
        rows.append([how, ESTABLISHED, ", ".join(f"{FOUND[name]} {count} {name}" for name, count in found.items())])
    return table(["85 claims counted by the", "verdict", "claims"], rows)


Counts = dict[str, tuple[dict[Verdict, int], dict[Finding, int]]]
"""What `verdict_counts` returns."""


def counts_by_margin(source: Source) -> dict[float, Counts]:
    """Count the claims of each verdict and finding, by margin, if smaller gaps counted, or only larger ones."""
    return {margin: verdict_counts(answers(source, margin=margin)) for margin in MARGINS}


def margins_table(counts: Mapping[float, Counts]) -> Markdown:
    """Tabulate what `counts_by_margin` returns."""
    rows = []
    for margin, of_margin in counts.items():
        for how, (meant, found) in of_margin.items():
            rows.append([f"{margin:g}", how, *meant.values(), *found.values()])
    return table(["margin δ (points)", "claims counted by the", *_HEADER], rows)


_HEADER = [*map(marked, VERDICTS), *map(marked_finding, FINDINGS)]


def rules_table(source: Source) -> Markdown:
    """Tabulate how many claims have each verdict under the first rules, those before the last change, and today's."""
    rows = []
    for position, (how, (today, _)) in enumerate(verdict_counts(answers(source)).items()):
        for rules, verdicts in verdicts_then().items():
            said = [both[position] for both in verdicts.values()]
            rows.append([how, rules, *(said.count(verdict) for verdict in VERDICTS)])
        rows.append([how, TODAY, *today.values()])
    return table(["claims counted by the", "rules", *map(marked, VERDICTS)], rows)


def changes_table(source: Source) -> Markdown:
    """Tabulate the claims whose verdict a change of rules changed, the last change first, and why."""
    histories = {name: history_of(name, verdicts_of(some)) for name, some in by_claim(answers(source)).items()}
    rows = []
    for place in range(len(CHANGES), 0, -1):
        for name, stages in histories.items():
            (before, _), (after, _), change = stages[place - 1].verdicts, stages[place].verdicts, CHANGES[place - 1]
            if before != after:
                why = stages[place].why or "other networks than the stored ones"
                rows.append([change.day, name, marked(before), marked(after), why])
    return table(["change", "claim", "before", "after", "why"], rows)


def verdicts_of(some: Sequence[Answer]) -> Both:
    """Return a claim's verdicts as the paper means it: in the reading that favours it, and in every reading."""
    return favourably_read(some)[0], in_every_reading(some)[0]


def origins(source: Source, names: Iterable[str]) -> Markdown:
    """Tabulate networks, epochs, accuracy, random orders, device and date of settings' results."""
    rows: list[list[object]] = []
    for name in names:
        try:
            results = source(name)
        except NotStored:
            rows.append([name, "not computed yet", "", "", "", ""])
            continue
        noted = results.attrs
        last = 100 * results["history"].test_accuracy.isel(epoch=-1)
        accuracy = f"{float(last.mean()):.1f} ± {float(last.std()):.1f}"
        orders = int(noted["random_orders"])
        computed = _lines(noted["device"], *noted["date"].split(" to "))
        rows.append(
            [_explored(noted.get("name", name)), noted["networks"], noted["epochs"], accuracy, orders, computed]
        )
    return table(
        [
            "setting",
            "networks",
            "epochs",
            "test accuracy (%), mean ± standard deviation",
            "random orders",
            "computed (first and last day)",
        ],
        rows,
    )


def _explored(name: str) -> str:
    return f'<a href="explorer.html#{name}">{unbroken(name)}</a>' if name in SETTINGS else name


def _lines(*parts: str) -> str:
    return "<br>".join(part for part in parts if part)


def _detail(text: str) -> str:
    # Left out on a phone by the style sheet; the claim's panel has it, too.
    return f'<span class="detail">; <br>{text}</span>' if text else ""


def p_and_networks(answer: Answer) -> str:
    """Say an answer's p-value, if it has one, and over how many networks it is."""
    p = "" if np.isnan(answer.p) else f"p = {p_value(answer.p)}, "
    return f"{p}{answer.n} networks" if answer.n else ""


def which_test(answer: Answer) -> str:
    """Say of which of several tests an answer's numbers are, or why it is open."""
    if answer.verdict == "open" or answer.tests == 1:
        return answer.reason
    part = f"weakest of {answer.parts} parts, " if answer.parts > 1 else ""
    return f"numbers of: {part}{answer.reason}"


def tests_passed(passed: int, answer: Answer) -> str:
    """Say how many of an answer's tests, if it has several, are as expected."""
    return f"{passed} of {answer.tests} tests" if answer.tests > 1 else ""
