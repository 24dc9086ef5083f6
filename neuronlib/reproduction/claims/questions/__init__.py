"""For each of the paper's claims, the function that answers it from results: `q22` answers Q22, and so on.

Numbers N1 to N14 are answered from their rows of claims.csv, by `numbers`.
"""

import re
from collections.abc import Callable
from functools import partial
from weakref import WeakKeyDictionary

from neuronlib.reproduction.claims.questions import fig1, fig2, fig3, fig4, fig5, numbers
from neuronlib.reproduction.claims.questions.comparisons import Asked, not_computed
from neuronlib.reproduction.claims.table import Claim
from neuronlib.reproduction.claims.verdicts import MARGIN, Answer, Question
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.store.results import NotStored

QUESTIONS: dict[str, Callable[[Source], Asked]] = {
    name.upper(): function
    for module in (fig1, fig2, fig3, fig4, fig5)
    for name, function in vars(module).items()
    if re.fullmatch(r"[kq]\d+", name)
}
"""The function that answers a claim, for claims that are no numbers."""

# Pages count verdicts and then show the answers, from the same results, and under several margins.
_REMEMBERED: WeakKeyDictionary[Source, dict[str, dict[str, Question]]] = WeakKeyDictionary()


def answer_claim(claim: Claim, source: Source, margin: float = MARGIN) -> dict[str, Answer]:
    """Answer each reading of a claim, with this margin in points; one that is clear has the reading ""."""
    return {reading: question.judged(margin) for reading, question in questions_of(claim, source).items()}


def questions_of(claim: Claim, source: Source) -> dict[str, Question]:
    """Return what is asked of the results for each reading of a claim."""
    remembered = _REMEMBERED.setdefault(source, {})
    if claim.id not in remembered:
        remembered[claim.id] = _asked(claim, source)
    return remembered[claim.id]


def _asked(claim: Claim, source: Source) -> dict[str, Question]:
    question = partial(numbers.number, claim) if claim.kind == "number" else QUESTIONS[claim.id]
    try:
        asked = question(source)
    except NotStored as error:
        asked = not_computed(error)
    return asked if isinstance(asked, dict) else {"": asked}
