"""What results say to the paper's claims: an answer for each reading of each, and a verdict on it."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from neuronlib.reproduction.claims.questions import answer_claim
from neuronlib.reproduction.claims.table import Claim, all_claims
from neuronlib.reproduction.claims.verdicts import (
    FINDINGS,
    MARGIN,
    VERDICTS,
    Answer,
    Finding,
    Verdict,
    least,
    least_established,
)
from neuronlib.reproduction.compute.sources import Source


def answers(source: Source, ids: Sequence[str] = (), margin: float = MARGIN) -> Iterable[tuple[Claim, str, Answer]]:
    """Yield each claim, or each of ``ids``, with a reading of it, "" if it has but one, and the answer to that.

    Gaps that are smaller than the margin, in percentage points, do not count; see `verdicts`.
    """
    for claim in all_claims():
        if not ids or claim.id in ids:
            for reading, answer in answer_claim(claim, source, margin).items():
                yield claim, reading, answer


def as_json(claim: Claim, reading: str, answer: Answer) -> dict[str, Any]:
    """Convert an answer to JSON's terms, with the claim's ``id`` and ``paper``; NaN becomes None."""
    numbers = {
        "ours": answer.ours,
        "low": answer.low,
        "high": answer.high,
        "p": answer.p,
        "predicted_low": answer.predicted[0],
        "predicted_high": answer.predicted[1],
    }
    return {
        "id": claim.id,
        "reading": reading,
        "paper": claim.paper,
        **{name: None if math.isnan(value) else value for name, value in numbers.items()},
        "n": answer.n,
        "verdict": answer.verdict,
        "finding": answer.finding,
        "outcome": answer.outcome,
        "setting": answer.setting,
        "unit": answer.unit,
        "tests": answer.tests,
        "passed": answer.passed,
        "established": answer.established,
        "parts": answer.parts,
        "reason": answer.reason,
    }


def favourably_read(answers_of_claim: Sequence[Answer]) -> tuple[Verdict, Finding]:
    """Return a claim's verdict and what is established of it, each by the reading most in the paper's favour.

    Example:
        >>> read = [Answer(verdict="open", finding="open"), Answer(verdict="direction only", finding="small")]
        >>> favourably_read(read)
        ('direction only', 'small')
    """
    return (
        min((answer.verdict for answer in answers_of_claim), key=VERDICTS.index),
        min((answer.finding for answer in answers_of_claim), key=FINDINGS.index),
    )


def in_every_reading(answers_of_claim: Sequence[Answer]) -> tuple[Verdict, Finding]:
    """Return a claim's verdict and what is established of it, each by the reading least in the paper's favour."""
    return (
        least(answer.verdict for answer in answers_of_claim),
        least_established(answer.finding for answer in answers_of_claim),
    )
