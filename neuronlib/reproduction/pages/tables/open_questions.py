"""The table of answers to what the paper leaves to future work."""

from collections.abc import Iterable

from IPython.display import Markdown

from neuronlib.reproduction.analysis.open_questions import Answer
from neuronlib.reproduction.pages.tables.tables import table

_SIGNS = {"holds": "✔ holds", "does not hold": "✘ does not hold", "cannot tell": "○ cannot tell"}


def open_questions_table(answers: Iterable[Answer]) -> Markdown:
    """Tabulate answers: the paper's words, what was tested, whether it holds, and the number that says so."""
    header = ["the paper", "tested", "finding", "evidence"]
    rows = [(f"“{one.sentence}”", one.tested, _SIGNS[one.finding], one.evidence) for one in answers]
    return table(header, rows, kind="open-questions")
