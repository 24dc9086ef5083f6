"""Checks of the third assignment: find the faults of a replication, show them, and mend them."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from neuronlib.information import measures
from neuronlib.reproduction.course.laws import LAWS, no_input, ranking_law
from neuronlib.reproduction.course.report import Fact, Report, differs, examine, first


def check_counterexample(name: str, function: Callable[..., Any], example: Any) -> Report:
    """Check that an input shows the fault of a function.

    Args:
        name: One of `LAWS`.
        function: The function as it was handed out.
        example: The learner's input.

    Returns:
        One fact of one point.

    Raises:
        KeyError: If there is no such law.

    Example:
        >>> shrunk = lambda outputs: outputs * (outputs > 0).mean()
        >>> print(check_counterexample("replacement", shrunk, np.array([0.0, 4.0])))
        replacement, an input that shows the fault: 1 of 1 points
          ✔ the function breaks its law there
        >>> check_counterexample("replacement", shrunk, np.array([np.nan])).facts[0][1]
        'it holds NaN or infinity'
    """
    law = LAWS[name]

    def fault() -> str | None:
        if example is None:
            return "not written yet"
        return no_input(name, example) or (None if law(function, example) else "it keeps its law there")

    return examine(f"{name}, an input that shows the fault", [Fact("the function breaks its law there", fault)])


def check_repair(name: str, function: Callable[..., Any], seed: int = 0) -> Report:
    """Check that a mended function keeps its law and still does what it is for.

    Args:
        name: One of `LAWS`.
        function: The learner's function.
        seed: Seed of the inputs.

    Returns:
        Two facts of one point each.

    Raises:
        KeyError: If there is no such law.

    Example:
        >>> check_repair("information", lambda counts: 0.0).points
        1.0
    """
    law = LAWS[name]
    inputs = _INPUTS[name](np.random.default_rng(seed))
    says, still = _STILL[name]

    @functools.cache
    def broken() -> str | None:
        return first(law(function, one) for one in inputs)

    return examine(
        f"{name}, mended",
        [
            Fact("it keeps its law", broken),
            # The function as handed out is right in everything but its law.
            Fact(says, lambda: "it does not count before it keeps its law" if broken() else still(function)),
        ],
    )


def _tables(draw: np.random.Generator, values: int = 2) -> ndarray:
    drawn = draw.integers(0, 9, size=(6, values, 3))
    drawn[:, 0] += 1  # no label without a sample
    dead = np.zeros((2, values, 3), dtype=np.int64)
    dead[:, 0] = (4, 6, 5)
    return np.concatenate([dead[:1], drawn, dead[1:]])


def _outputs(draw: np.random.Generator) -> list[ndarray]:
    return [np.maximum(draw.normal(size=50), 0), draw.random(50), np.zeros(5)]


_INPUTS: dict[str, Callable[[np.random.Generator], Sequence[Any]]] = {
    "information": lambda draw: list(_tables(draw)),
    "ranking": lambda draw: [_tables(draw), _tables(draw)],
    "replacement": _outputs,
    "nesting": lambda draw: [(5, 0), (20, 1)],
}


def _another_information(function: Callable[[ndarray], float]) -> str | None:
    tables = _tables(np.random.default_rng(1))
    return first(differs(function(table.copy()), float(measures.mutual_information(table))) for table in tables)


def _only_two_values(function: Callable[[ndarray], ndarray]) -> str | None:
    tables = _tables(np.random.default_rng(1), values=4)
    tables[1:4, 3] = 0  # a value that never occurs, and yet bits
    return ranking_law(function, tables)


def _changed_outputs(function: Callable[[ndarray], ndarray]) -> str | None:
    outputs = np.array([0.0, 1.0, 5.0])
    function(outputs)
    return differs(outputs, [0.0, 1.0, 5.0])


def _not_random(function: Callable[[int, int], Sequence[ndarray]]) -> str | None:
    once, again, other = ([list(map(int, one)) for one in function(12, seed)] for seed in (0, 0, 1))
    if once != again:
        return "the same seed gives other sets"
    return "another seed gives the same sets" if once == other else None


# A mended function must not keep its law by doing something else.
_STILL: dict[str, tuple[str, Callable[[Any], str | None]]] = {
    "information": ("it is the mutual information", _another_information),
    "ranking": ("it ranks neurons of four values, too", _only_two_values),
    "replacement": ("the outputs that it is given are left as they were", _changed_outputs),
    "nesting": ("a seed gives the same sets each time, another seed others", _not_random),
}
