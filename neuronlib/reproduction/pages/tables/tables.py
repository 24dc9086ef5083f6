"""Tables that a notebook and a rendered page show alike."""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from IPython.display import Markdown
from jaxtyping import Float
from numpy import ndarray

from neuronlib.reproduction.pages.tables.numbers import NO_BREAK, rounded, with_interval

# A table does not break these over two lines: intervals, deviations, p-values, counts of networks, verdicts with signs.
# Dates, and the setting that an entry begins with, are kept together by CSS: a search misses no-break hyphens.
_TOGETHER = re.compile(r"\[[+−\d.]+, [+−\d.]+\]|[\d.]+ ± [\d.]+|p = [^\s,]+|[\d.]+ %|\d+ networks|[✔◐✘○] \w+")
_HYPHENATED = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)+(?=,|$)|\b\d{4}-\d\d-\d\d\b")
_NUMBER = re.compile(r"[+−~≈]?\d|–$")


def table(header: Sequence[str], rows: Iterable[Iterable[object]], kind: str = "") -> Markdown:
    """Make a Markdown table; floats get three decimals.

    The first column is aligned to the left, a further one to the right if at least half of its entries are numbers.

    Args:
        header: The columns' names.
        rows: The entries.
        kind: A class for the book's style sheet, which lays out the table by it; "" for none.

    Returns:
        The table, for the end of a cell.

    Raises:
        ValueError: If a row is longer or shorter than the header.

    Example:
        >>> print(table(["neuron", "bits"], [["dead", 0.0]]).data)
        | neuron | bits |
        |:--|--:|
        | dead | 0.000 |
    """
    body = [[_entry(value) for value in row] for row in rows]
    for entries in body:
        if len(entries) != len(header):
            raise ValueError(f"a row of {len(entries)} entries under a header of {len(header)}: {entries}")
    sides = [":--", *("--:" if _numeric([row[k] for row in body]) else ":--" for k in range(1, len(header)))]
    shown = [[_unbroken(entry) for entry in entries] for entries in body]
    lines = [_line(header), f"|{'|'.join(sides)}|", *map(_line, shown)]
    return Markdown("\n".join([f'<div class="{kind}">', "", *lines, "", "</div>"] if kind else lines))


def columns(named: Mapping[str, Iterable[object]]) -> Markdown:
    """Make a Markdown table from its columns, which are equally long."""
    return table(list(named), zip(*named.values(), strict=True))


def in_rows(numbers: Mapping[str, Mapping[str, Float[ndarray, " network"]]], digits: int = 1) -> list[list[str]]:
    """Convert what `intervals` draws to rows for `table`: the question, and each answer's mean with interval."""
    return [[name, *(with_interval(values, digits) for values in row.values())] for name, row in numbers.items()]


def unbroken(text: str) -> str:
    """Wrap a hyphenated text in HTML that wide screens do not break over two lines."""
    return f'<span class="unbroken">{text}</span>'


def _numeric(entries: Sequence[str]) -> bool:
    filled = [entry for entry in entries if entry]
    return 2 * sum(bool(_NUMBER.match(entry)) for entry in filled) >= len(filled)


def _unbroken(entry: str) -> str:
    together = _TOGETHER.sub(lambda found: found[0].replace(" ", NO_BREAK), entry)
    return _HYPHENATED.sub(lambda found: unbroken(found[0]), together)


def _line(entries: Iterable[str]) -> str:
    return "| " + " | ".join(entries) + " |"


def _entry(value: object) -> str:
    return rounded(value, ".3f") if isinstance(value, float) else str(value)


def markdown(text: str) -> Markdown:
    """Show a text in Markdown."""
    return Markdown(text)


def formula(function: Callable) -> Markdown:
    """Show a function's code without its docstring."""
    tree = ast.parse(inspect.getsource(function))
    definition = tree.body[0]
    if isinstance(definition, ast.FunctionDef):
        del definition.body[0]
    return Markdown(f"```python\n{ast.unparse(tree)}\n```")
