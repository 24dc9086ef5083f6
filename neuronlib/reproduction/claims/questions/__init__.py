"""For each of the paper's claims, the function that answers it from results: `q22` answers Q22, and so on.

Numbers N1 to N14 are answered from their rows of claims.csv, by `numbers`.
"""

import re
from collections.abc import Callable
from functools import partial
from weakref import WeakKeyDictionary

from neuronlib.reproduction.claims.questions import fig1, fig2, fig3, fig4, fig5, numbers
from neuronlib.reproduction.claims.questions.comparisons import Answers, not_computed
from neuronlib.reproduction.claims.table import Claim
from neuronlib.reproduction.claims.verdicts import Answer
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.store.results import NotStored

QUESTIONS: dict[str, Callable[[Source], Answers]] = {
    name.upper(): function
    for module in (fig1, fig2, fig3, fig4, fig5)
    for name, function in vars(module).items()
    if re.fullmatch(r"[kq]\d+", name)
}
"""The function that answers a claim, for claims that are no numbers."""

# Pages count verdicts and then show the answers, from the same results.
_REMEMBERED: WeakKeyDictionary[Source, dict[str, dict[str, Answer]]] = WeakKeyDictionary()


def answer_claim(claim: Claim, source: Source) -> dict[str, Answer]:
    """Answer each reading of a claim; one that is clear has the reading ""."""
    remembered = _REMEMBERED.setdefault(source, {})
    if claim.id not in remembered:
        remembered[claim.id] = _answered(claim, source)
    return remembered[claim.id]


def _answered(claim: Claim, source: Source) -> dict[str, Answer]:
    question = partial(numbers.number, claim) if claim.kind == "number" else QUESTIONS[claim.id]
    try:
        answers = question(source)
    except NotStored as error:
        answers = not_computed(error)
    return answers if isinstance(answers, dict) else {"": answers}
