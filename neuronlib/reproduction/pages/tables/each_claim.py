"""A panel for each claim: its sentence, its test in words, the answers, their history, and the networks one by one."""

import dataclasses
import html
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from IPython.display import Markdown

from neuronlib.reproduction.claims.claims import answers, favourably_read
from neuronlib.reproduction.claims.history import Stage, history_of
from neuronlib.reproduction.claims.questions import answer_claim, questions_of
from neuronlib.reproduction.claims.table import Claim, all_claims
from neuronlib.reproduction.claims.verdicts import (
    CLOSE_SHARE,
    MARGIN,
    Answer,
    Count,
    Effect,
    Expectation,
    Number,
    Open,
    Question,
    Weighed,
    parts_of,
)
from neuronlib.reproduction.claims.words import compared, expected, place, side_of
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.figures.strips import Marks, Strip, strip_plot
from neuronlib.reproduction.pages.tables.claims import (
    AS_MEANT,
    ESTABLISHED,
    FOUND,
    MARKS,
    OF_CHAPTER,
    SCOREBOARD,
    by_claim,
    in_unit,
    marked,
    marked_finding,
    ours,
    p_and_networks,
    tests_passed,
    verdicts_of,
    which_test,
)
from neuronlib.reproduction.pages.tables.numbers import signed

MOST_ROWS = 12
"""Rows of a claim's strip plots, of all readings and parts together."""


@dataclass(frozen=True)
class Reading:
    """A claim under one reading, "" if it has but one.

    Attributes:
        name: The reading.
        question: What is asked.
        answer: What is answered.
        rows: For each of the question's parts, how many of its tests are shown.
    """

    name: str
    question: Question
    answer: Answer
    rows: Sequence[int]


def readings_of(claim: Claim, source: Source, margin: float = MARGIN, most: int = MOST_ROWS) -> list[Reading]:
    """Collect a claim's readings, and share among their parts the tests that are shown, at most so many."""
    questions, said = questions_of(claim, source), answer_claim(claim, source, margin)
    parts = [part for question in questions.values() for part in parts_of(question)]
    sizes = [len(part.tests) if isinstance(part, Expectation) else 0 for part in parts]
    rows = iter(shared_out(most, sizes))
    return [
        Reading(name, question, said[name], [next(rows) for _ in parts_of(question)])
        for name, question in questions.items()
    ]


def shared_out(most: int, sizes: Sequence[int]) -> list[int]:
    """Share a number among groups, one each in turn, until it or they are exhausted.

    Returns:
        What each group gets.

    Example:
        >>> shared_out(12, [3, 1, 20]), shared_out(12, [3, 1])
        ([3, 1, 8], [3, 1])
    """
    given = [0] * len(sizes)
    for _ in range(min(most, sum(sizes))):
        group = min((k for k, size in enumerate(sizes) if given[k] < size), key=given.__getitem__)
        given[group] += 1
    return given


def claim_index(source: Source) -> Markdown:
    """List all claims' codes, which lead to their panels, with the signs of both verdicts in the paper's favour."""
    lists = []
    collected = by_claim(answers(source))
    for kind in dict.fromkeys(name[0] for name in collected):
        signs = {name: favourably_read(some) for name, some in collected.items() if name[0] == kind}
        items = [
            f'<li><a href="#claim-{name}">{name}</a> {MARKS[verdict]} {FOUND[finding]}</li>'
            for name, (verdict, finding) in signs.items()
        ]
        lists.append("\n".join(['<ul class="claim-index">', *items, "</ul>"]))
    return Markdown("\n\n".join(lists))


def claim_panels(source: Source, kind: str = "", margin: float = MARGIN) -> Markdown:
    """Write a panel for each claim, in the paper's order.

    Args:
        source: The results.
        kind: "N", "K" or "Q" for the claims whose code begins so; "" for all.
        margin: δ in percentage points.

    Returns:
        Markdown with HTML; ``#claim-N5`` leads to a panel's heading.
    """
    wanted = [claim for claim in all_claims() if claim.id.startswith(kind)]
    return Markdown("\n\n".join(_panel(claim, source, margin) for claim in wanted))


def claim_as_text(claim: Claim, source: Source, margin: float = MARGIN, width: int = 80) -> str:
    """Write a claim's panel as plain text, no line of it longer than the width."""
    read = readings_of(claim, source, margin)
    lines = [f"{claim.id}: {claim.text}", _in_the_paper(claim), "", f"Asked: {compared(claim)}"]
    for one in read:
        lines += ["", *([f"Reading: {one.name}"] if one.name else []), *_numbered(expected(one.question, margin))]
        lines += [*_told(one), *_listed(one, margin)]
    lines += ["", _history(claim, read)]
    # What is set in is a test, and goes on farther in.
    return "\n".join(
        textwrap.fill(line, width, subsequent_indent="    " * line.startswith("  "), break_on_hyphens=False)
        for line in lines
    )


def _listed(one: Reading, margin: float) -> Iterator[str]:
    parts = parts_of(one.question)
    for number, (part, rows) in enumerate(zip(parts, one.rows, strict=True), start=1):
        if isinstance(part, Expectation) and sum(one.rows) > 1:
            if len(parts) > 1:
                yield f"  Part {number}:"
            for row in _rows(part, rows, one.answer, margin):
                yield f"  {_result(row, part)}  {_name(row.test, part)}"
            if rows < len(part.tests):
                yield f"  {len(part.tests) - rows} more"


def _panel(claim: Claim, source: Source, margin: float) -> str:
    read = readings_of(claim, source, margin)
    verdict, finding = favourably_read([one.answer for one in read])
    lines = [
        '<div class="claim">',
        f'<h3 id="claim-{claim.id}">{claim.id}: {marked(verdict)}; {marked_finding(finding)}</h3>',
        f'<p class="claim-text">{_escaped(claim.text)}</p>',
        _paragraph(_in_the_paper(claim), f"Asked: {compared(claim)}"),
    ]
    for one in read:
        name = f"<strong>Reading: {_escaped(one.name)}.</strong><br>" if one.name else ""
        lines.append(f"<p>{name}{_broken(*_numbered(expected(one.question, margin)))}</p>")
        lines.append(_paragraph(*_told(one)))
        lines += _strip_plots(claim, one, margin)
    lines += [_paragraph(_history(claim, read)), f"<p>{_links(claim)}</p>", "</div>"]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _broken(*lines: str) -> str:
    return "<br>".join(_escaped(line) for line in lines)


def _paragraph(*lines: str) -> str:
    return f"<p>{_broken(*lines)}</p>"


def _in_the_paper(claim: Claim) -> str:
    paper = claim.paper.replace("-", "−") if claim.kind == "number" else claim.paper
    value = f"the paper: {paper}" if paper else ""
    p = claim.p if claim.p.startswith("printed") else f"p = {claim.p}" if claim.p else ""
    told = "; ".join(part for part in (place(claim), ", ".join(filter(None, (value, p))), claim.remark) if part)
    return f"{told}."


def _numbered(texts: Sequence[str]) -> list[str]:
    if len(texts) == 1:
        return list(texts)
    return [f"Part {number} of {len(texts)}: {text}" for number, text in enumerate(texts, start=1)]


def _told(one: Reading) -> list[str]:
    answer = one.answer
    verdicts = [
        f"{how}: {sign}{f' ({tests})' if tests else ''}"
        for how, sign, tests in (
            (AS_MEANT, marked(answer.verdict), tests_passed(answer.passed, answer)),
            (ESTABLISHED, marked_finding(answer.finding), tests_passed(answer.established, answer)),
        )
    ]
    lines = [f"{_capital('; '.join(verdicts))}."]
    if ours(answer):
        outcome = f": {answer.outcome}" if answer.outcome else ""
        lines.append(f"Here {ours(answer)}, {p_and_networks(answer)}{outcome}.")
    if not np.isnan(answer.predicted).any():
        low, high = (signed(end) for end in answer.predicted)
        lines.append(f"The mean of such a replication lies between {low} and {high} in 95 % of cases.")
    # Why a question is open stands in place of what its tests have to be like.
    if which_test(answer) and not any(isinstance(part, Open) for part in parts_of(one.question)):
        lines.append(f"{_capital(which_test(answer))}.")
    return lines


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _history(claim: Claim, read: Sequence[Reading]) -> str:
    said = [one.answer for one in read]
    stages = history_of(claim.id, verdicts_of(said))
    if len({stage.verdicts for stage in stages}) == 1:
        return f"History: under all rules since the first {_verdicts(stages[0])}."
    return f"History, by rules: {'; '.join(map(_stage, stages))}."


def _stage(stage: Stage) -> str:
    why = f" ({stage.day}: {stage.why})" if stage.why else ""
    return f"{stage.rules}, {_verdicts(stage)}{why}"


def _verdicts(stage: Stage) -> str:
    favour, every = stage.verdicts
    return (
        marked(favour)
        if favour == every
        else f"{marked(favour)}, in the reading least in the paper's favour {marked(every)}"
    )


def _links(claim: Claim) -> str:
    chapters = [name for name, ids in OF_CHAPTER.items() if claim.id in ids]
    links = [f'<a href="{name}.html">the chapter on Fig. {re.findall("[0-9]", name)[1]}</a>' for name in chapters]
    return " · ".join([f'<a href="{SCOREBOARD}.html#claim-{claim.id}">On the scoreboard</a>', *links])


def _strip_plots(claim: Claim, one: Reading, margin: float) -> Iterator[str]:
    parts = parts_of(one.question)
    for number, (part, rows) in enumerate(zip(parts, one.rows, strict=True), start=1):
        if isinstance(part, Expectation) and rows:
            which = f"part {number} of {len(parts)}" if len(parts) > 1 else ""
            title = ", ".join(text for text in (claim.id, one.name, which) if text)
            strips = [_strip(row, part) for row in _rows(part, rows, one.answer, margin)]
            left_out = len(part.tests) - rows
            marks, told = _marks(part, one.answer, margin)
            caption = _escaped(f"{title}: {_tests(part, left_out)}{told}.")
            yield strip_plot(strips, caption, part.unit, marks, left_out)


def _tests(part: Expectation, left_out: int) -> str:
    tests = len(part.tests)
    if tests == 1:
        return "network by network"
    return f"those of {tests} tests that speak most against it" if left_out else f"{tests} tests"


def _marks(part: Expectation, answer: Answer, margin: float) -> tuple[Marks, str]:
    if isinstance(part, Number):
        told = f"; dashed: the paper's {signed(part.paper)}; grey: where 95 % of such replications lie"
        return Marks(lines=[0], paper=part.paper, band=answer.predicted), told
    if isinstance(part, Count):
        near = CLOSE_SHARE * part.width
        told = f"; dashed: the paper's {part.paper:g}; grey: nearer than a tenth of the layer"
        return Marks(paper=part.paper, band=(part.paper - near, part.paper + near)), told
    lines = sorted({test.reference for test in part.tests})
    return Marks(lines=lines, band=(-margin, margin) if part.unit == "points" else None), (
        f"; grey: ±{margin:g} points" if part.unit == "points" else ""
    )


def _rows(part: Expectation, rows: int, answer: Answer, margin: float) -> list[Weighed]:
    # The test that the answer's numbers are of is always among them, though it may not speak against the claim. Of
    # several parts, one alone has it.
    weighed = [
        dataclasses.replace(one, shown=one.shown and one.test.mean + one.test.reference == answer.ours)
        for one in part.weighed(margin)
    ]
    most, others = weighed[:rows], weighed[rows:]
    return [*most[:-1], *([one for one in others if one.shown] or most[-1:])]


def _strip(row: Weighed, part: Expectation) -> Strip:
    test = row.test
    low, high = test.interval
    return Strip(
        name=_name(test, part),
        values=test.values + test.reference,
        mean=test.mean + test.reference,
        interval=(low + test.reference, high + test.reference),
        told=_result(row, part),
        strong=row.shown and len(part.tests) > 1,
    )


def _result(row: Weighed, part: Expectation) -> str:
    numbers = (value + row.test.reference for value in (row.test.mean, *row.test.interval))
    return f"{FOUND[row.finding]} {in_unit(part.unit, *numbers)}"


def _name(test: Effect, part: Expectation) -> str:
    # What all rows expect stands above them.
    sides = {side_of(one, part.unit) for one in part.tests}
    side = f"{side_of(test, part.unit)} expected" if len(sides) > 1 else ""
    untold = [name for name in test.setting.split(" against ") if name not in test.name]
    return ", ".join(text for text in (test.name, test.setting if untold else "", side) if text)
