"""The paper's claims, and what the stored results say to each."""

import csv
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from neuronlib.reproduction.claims.evidence import VERDICTS, Answer, Verdict, least
from neuronlib.reproduction.claims.questions import QUESTIONS
from neuronlib.reproduction.claims.questions.builders import asked
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.store.paths import BOOK

TABLE = BOOK / "claims.csv"
"""The claims as the paper states them."""


@dataclass(frozen=True)
class Claim:
    """One claim of the paper.

    Attributes:
        id: Its number in the table.
        kind: "number", "count" or "qualitative".
        where: Section and figure.
        text: What is claimed.
        paper: The paper's value, as it prints it, or "".
        remark: What is unclear about it, or "".

    Example:
        >>> next(claim for claim in all_claims() if claim.id == "N5").paper
        '+21.9'
    """

    id: str
    kind: str
    where: str
    text: str
    paper: str
    remark: str


def all_claims() -> list[Claim]:
    """The paper's claims, in its order.

    Returns:
        85 claims.

    Example:
        >>> len(all_claims())
        85
    """
    with TABLE.open(newline="", encoding="utf-8") as file:
        return [
            Claim(row["id"], row["kind"], row["where"], _text(row), row["value"], row["remark"])
            for row in csv.DictReader(file)
        ]


def _text(row: dict[str, str]) -> str:
    # The table's abbreviations written out: R and S are activation functions, W is the whole network, L1 layer 1.
    activation = re.sub(r"\bS\b", "sigmoid", re.sub(r"\bR\b", "ReLU", row["activation"]))
    layer = re.sub(r"\bW\b", "whole network", re.sub(r"\bL(?=\d)", "layer ", row["layer"]))
    about = " ".join(part for part in (row["dataset"], row["network"], activation, row["regularizer"]) if part)
    what = ", ".join(dict.fromkeys(part for part in (layer, row["measure"], row["order"]) if part))
    return ": ".join(part for part in (about, what, row["claim"]) if part)


def answers(source: Source, ids: Sequence[str] = ()) -> Iterable[tuple[Claim, str, Answer]]:
    """Every claim with what our networks say to it.

    Args:
        source: The results.
        ids: Which claims; none for all.

    Yields:
        The claim, the reading of it ("" if there is but one), and the answer; open where results are not stored.

    Example:
        >>> from neuronlib.reproduction.compute.sources import StoredResults
        >>> claim, _, answer = next(iter(answers(StoredResults(networks=0))))
        >>> claim.id, answer.verdict
        ('N1', 'open')
    """
    for claim in all_claims():
        if ids and claim.id not in ids:
            continue
        for reading, question in QUESTIONS[claim.id].items():
            yield claim, reading, asked(question, source)


def as_json(claim: Claim, reading: str, answer: Answer) -> dict[str, Any]:
    """An answer in terms of JSON, which has no NaN.

    Args:
        claim: The claim.
        reading: How it is read, or "".
        answer: The answer.

    Returns:
        The claim's ``id`` and what the ``paper`` says, the reading, and the answer's attributes.

    Example:
        >>> as_json(all_claims()[0], "", Answer(verdict="open"))["ours"] is None
        True
    """
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
    """One verdict for a claim with several readings.

    Args:
        answers_of_claim: The answer under each reading.

    Returns:
        The best for the paper: an unclear statement is read in its favour.

    Example:
        >>> overall([Answer(verdict="open"), Answer(verdict="direction only")])
        'direction only'
    """
    return min((answer.verdict for answer in answers_of_claim), key=VERDICTS.index)


def in_every_reading(answers_of_claim: Sequence[Answer]) -> Verdict:
    """One verdict for a claim with several readings, none of which is left out.

    Args:
        answers_of_claim: The answer under each reading.

    Returns:
        The worst for the paper.

    Example:
        >>> in_every_reading([Answer(verdict="reproduced"), Answer(verdict="direction only")])
        'direction only'
    """
    return least(answer.verdict for answer in answers_of_claim)
