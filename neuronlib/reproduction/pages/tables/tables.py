"""What chapters print: tables, comparisons with the paper, and where results come from."""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from IPython.display import Markdown
from jaxtyping import Float
from numpy import ndarray

from neuronlib.reproduction.pages.tables.numbers import NO_BREAK, rounded, with_interval

# What a table does not break over two lines: an interval, a deviation, a p-value, how many networks, a verdict and its
# sign; and, by CSS, since hyphens that do not break are not found by a search, the name of a setting that an entry
# begins with, and a date.
_TOGETHER = re.compile(r"\[[+−\d.]+, [+−\d.]+\]|[\d.]+ ± [\d.]+|p = [^\s,]+|[\d.]+ %|\d+ networks|[✔◐✘○] \w+")
_HYPHENATED = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)+(?=,|$)|\b\d{4}-\d\d-\d\d\b")
_NUMBER = re.compile(r"[+−~≈]?\d|–$")


def table(header: Sequence[str], rows: Iterable[Iterable[object]]) -> Markdown:
    """A table that a notebook and a rendered page both show as one.

    The first column is aligned to the left, a further one to the right if most of its entries begin with a number.

    Args:
        header: Names of the columns.
        rows: One entry for each column; a float is shown with three digits behind the point.

    Returns:
        To be the last expression of a cell.

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
    return Markdown("\n".join([_line(header), f"|{'|'.join(sides)}|", *map(_line, shown)]))


def columns(named: Mapping[str, Iterable[object]]) -> Markdown:
    """A table given column by column.

    Args:
        named: The columns' entries by their names, all of the same length.

    Returns:
        To be the last expression of a cell.

    Example:
        >>> print(columns({"neuron": ["dead", "always on"], "bits": [0.0, 0.0]}).data)
        | neuron | bits |
        |:--|--:|
        | dead | 0.000 |
        | always on | 0.000 |
    """
    return table(list(named), zip(*named.values(), strict=True))


def in_rows(found: Mapping[str, Mapping[str, Float[ndarray, " network"]]], digits: int = 1) -> list[list[str]]:
    """What `intervals` draws, as rows for `table`.

    Args:
        found: By question and by answer, one number for each network; every question has the same answers.
        digits: Digits behind the point.

    Returns:
        The question, and each answer's mean with its 95 % interval.

    Example:
        >>> import numpy as np
        >>> print(in_rows({"which?": {"this": np.ones(3), "that": np.zeros(3)}})[0])
        ['which?', '+1.0 [+1.0, +1.0]', '+0.0 [+0.0, +0.0]']
    """
    return [[name, *(with_interval(values, digits) for values in row.values())] for name, row in found.items()]


def unbroken(text: str) -> str:
    """A text that a page on a wide screen does not break over two lines, though it has hyphens.

    Args:
        text: Such as the name of a setting.

    Returns:
        HTML, of which the book's style sheet knows.

    Example:
        >>> unbroken("mnist-relu-l2")
        '<span class="unbroken">mnist-relu-l2</span>'
    """
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
