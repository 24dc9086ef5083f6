"""What the verdicts were under earlier rules, from the same networks, and why they changed."""

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from neuronlib.common.checks import check
from neuronlib.reproduction.claims.verdicts import Verdict

_TABLE = Path(__file__).with_name("history.csv")

FIRST, BEFORE = "the first, of 25 November", "those before the margin, of 28 November"
TODAY = "today's, as the paper means it"

Both = tuple[Verdict, Verdict]
"""A claim's verdict by the reading that favours the paper, and in every reading."""


@dataclass(frozen=True)
class Change:
    """A change of rules after results had been seen: its day, and why the verdict on a claim is another one."""

    day: str
    why: Mapping[str, str]


@functools.cache
def verdicts_then() -> dict[str, dict[str, Both]]:
    """Return the verdicts of earlier rules by rules and claim.

    The first ones are those of the version that was there before the first review of the questions, run on the networks
    that are stored today; those before the margin are the last of the ones that knew a single verdict.
    """
    with _TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {FIRST: "first", BEFORE: "before margins"}
    return {
        rules: {row["id"]: (_verdict(row[name]), _verdict(row[f"{name} in every reading"])) for row in rows}
        for rules, name in columns.items()
    }


def _verdict(text: str) -> Verdict:
    return check("verdict", text, Verdict)


_NEARER = "alike is nearer than 5 points or not significant; it was 10"
_FARTHER = "a difference has to reach 5 points; any whose interval left out zero was enough"

CHANGES = (
    Change(
        "25 to 27 November",
        {
            "K3": "200 neurons do, says the paper; asked was whether it takes so many. Now there is a row for each",
            "K10": "nothing left is 2 points above guessing, not 10",
            "K14": "a count has to be right to a factor of two; in a wide layer a tenth of the width forgave more",
            "K16": "the sentence points to an ablation curve; asked was mutual information. A row for each",
            "Q1": "the paper says in general; asked was every measure and panel",
            "Q5": "the paper says inactive or uninformative; asked was inactive",
            "Q18": "the paper says most experiments; asked was every one",
            "Q23": "the paper says generally weak, and inconsistent; asked was that every order is like random",
            "Q26": "the paper shows nothing for it, but says what is found, so it can be asked",
            "Q37": "the paper says that random is better than lowest first; asked was both. A row for each",
        },
    ),
    Change(
        "29 November",
        {
            "K17": "negligible is below 5 points, as everywhere; here alone it was 2",
            **dict.fromkeys(("Q10", "Q13", "Q15", "Q24", "Q35", "Q47"), _NEARER),
            **dict.fromkeys(("Q18", "Q20", "Q28", "Q29", "Q30", "Q33", "Q37", "Q39", "Q41", "Q50", "Q52"), _FARTHER),
        },
    ),
)
"""What changed the first rules, and what changed those before the margin."""


@dataclass(frozen=True)
class Stage:
    """A claim's verdicts under some rules; if that in the paper's favour is another than before, the day and why."""

    rules: str
    verdicts: Both
    day: str = ""
    why: str = ""


def history_of(claim: str, today: Both) -> list[Stage]:
    """List a claim's verdicts under the first rules, those before the last change, and today's.

    Returns:
        The earliest first.

    Example:
        >>> [stage.verdicts[0] for stage in history_of("K14", ("not reproduced", "not reproduced"))]
        ['reproduced', 'not reproduced', 'not reproduced']
    """
    verdicts = {**{rules: of[claim] for rules, of in verdicts_then().items()}, TODAY: today}
    stages = [Stage(rules, both) for rules, both in verdicts.items()]
    for place, change in enumerate(CHANGES, start=1):
        before, after = stages[place - 1 : place + 1]
        # Other networks than those of the table may have other verdicts without a change of rules.
        if before.verdicts[0] != after.verdicts[0] and claim in change.why:
            stages[place] = Stage(after.rules, after.verdicts, change.day, change.why[claim])
    return stages
