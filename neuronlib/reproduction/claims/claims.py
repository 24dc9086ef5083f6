"""What results say to the paper's claims: an answer for each reading of each, and a verdict on it."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from neuronlib.reproduction.claims.questions import answer_claim
from neuronlib.reproduction.claims.table import Claim, all_claims
from neuronlib.reproduction.claims.verdicts import VERDICTS, Answer, Verdict, least
from neuronlib.reproduction.compute.sources import Source


def answers(source: Source, ids: Sequence[str] = ()) -> Iterable[tuple[Claim, str, Answer]]:
    """Yield each claim, or each of ``ids``, with a reading of it, "" if it has but one, and the answer to that."""
    for claim in all_claims():
        if not ids or claim.id in ids:
            for reading, answer in answer_claim(claim, source).items():
                yield claim, reading, answer


def as_json(claim: Claim, reading: str, answer: Answer) -> dict[str, Any]:
    """Convert an answer to JSON's terms, with the claim's ``id`` and ``paper``; NaN becomes None."""
    numbers = {"ours": answer.ours, "low": answer.low, "high": answer.high, "p": answer.p}
    return {
        "id": claim.id,
        "reading": reading,
        "paper": claim.paper,
        **{name: None if math.isnan(value) else value for name, value in numbers.items()},
        "n": answer.n,
        "verdict": answer.verdict,
        "setting": answer.setting,
        "unit": answer.unit,
        "tests": answer.tests,
        "passed": answer.passed,
        "parts": answer.parts,
        "reason": answer.reason,
    }


def overall(answers_of_claim: Sequence[Answer]) -> Verdict:
    """Return the best of a claim's verdicts for the paper: an unclear statement is read in its favour.

    Example:
        >>> overall([Answer(verdict="open"), Answer(verdict="direction only")])
        'direction only'
    """
    return min((answer.verdict for answer in answers_of_claim), key=VERDICTS.index)


def in_every_reading(answers_of_claim: Sequence[Answer]) -> Verdict:
    """Return the worst of a claim's verdicts for the paper, in the order of `least`."""
    return least(answer.verdict for answer in answers_of_claim)
