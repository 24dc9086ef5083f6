"""Checks of the third assignment: find the faults of a replication, show them, and mend them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from neuronlib import measures
from neuronlib._report import Fact, Report, differs, examine, first


def information_law(function: Callable[[ndarray], float], counts: ndarray) -> str | None:
    r"""How an information about the label breaks the law that it is at least 0 and at most either entropy.

    .. math:: 0 \le I(T;Y) \le \min(H(T), H(Y))

    Args:
        function: From joint counts by value and label, a number of bits.
        counts: Such counts.

    Returns:
        None if it keeps the law, else how it breaks it.

    Example:
        >>> from neuronlib.measures import entropy, mutual_information
        >>> coin = np.array([[5, 5], [5, 5]])
        >>> information_law(mutual_information, coin)
        >>> information_law(lambda counts: 2 * entropy(counts) - mutual_information(counts), coin)
        'it gives 2 bits where entropies of 1 and 1 bits allow 0 to 1'
    """
    table = np.asarray(counts)
    given = float(function(table.copy()))
    of_value, of_label = float(measures.entropy(table)), float(measures.entropy(table.T))
    if -1e-9 <= given <= min(of_value, of_label) + 1e-9:
        return None
    most = min(of_value, of_label)
    return f"it gives {given:.3g} bits where entropies of {of_value:.3g} and {of_label:.3g} bits allow 0 to {most:.3g}"


def ranking_law(function: Callable[[ndarray], ndarray], counts: ndarray) -> str | None:
    """How a ranking by entropy breaks the law that no neuron is ranked above one of larger entropy.

    Args:
        function: From joint counts by neuron, value and label, the neurons' indices, largest entropy first.
        counts: Such counts.

    Returns:
        None if it keeps the law, else how it breaks it.

    Example:
        >>> dead, coin = [[5, 5], [0, 0]], [[2, 3], [3, 2]]
        >>> ranking_law(lambda counts: np.array([0, 1]), np.array([dead, coin]))
        'neuron 0 of 0 bits stands before neuron 1 of 1 bits'
    """
    tables = np.asarray(counts)
    order = np.asarray(function(tables.copy())).astype(np.int64)
    if sorted(order.tolist()) != list(range(len(tables))):
        return f"it gives {order.tolist()}, which is not each of {len(tables)} neurons once"
    entropies = measures.entropy(tables)
    for before, after in zip(order[:-1], order[1:], strict=True):
        if entropies[before] < entropies[after] - 1e-9:
            return (
                f"neuron {before} of {entropies[before]:.3g} bits stands before neuron {after} of "
                f"{entropies[after]:.3g} bits"
            )
    return None


def replacement_law(function: Callable[[ndarray], ndarray], outputs: ndarray) -> str | None:
    """How ablation to the mean breaks the law that what is put out is the mean, whatever the sample.

    Args:
        function: From a neuron's outputs (sample), what it puts out once it is ablated (sample).
        outputs: Such outputs.

    Returns:
        None if it keeps the law, else how it breaks it.

    Example:
        >>> replacement_law(lambda outputs: outputs * (outputs > 0).mean(), np.array([0.0, 4.0]))
        'it puts out 0 to 2 where the mean is 2'
    """
    given = np.asarray(outputs, dtype=np.float64)
    after = np.broadcast_to(np.asarray(function(given.copy()), dtype=np.float64), given.shape)
    if np.allclose(after, given.mean(), rtol=0, atol=1e-9):
        return None
    return f"it puts out {after.min():.3g} to {after.max():.3g} where the mean is {given.mean():.3g}"


def nesting_law(function: Callable[[int, int], Sequence[ndarray]], drawn: tuple[int, int]) -> str | None:
    """How random ablation breaks the law that a neuron once ablated stays ablated.

    Args:
        function: From a number of neurons and a seed, the sets ablated at each step, from none to all.
        drawn: Such a number and a seed.

    Returns:
        None if it keeps the law, else how it breaks it.

    Example:
        >>> nesting_law(lambda neurons, seed: [np.array([]), np.array([1]), np.array([0, 2])], (2, 0))
        'at step 2 neuron 1 is back'
    """
    neurons, seed = drawn
    sets = [set(map(int, one)) for one in function(int(neurons), int(seed))]
    if [len(one) for one in sets] != list(range(neurons + 1)):
        return f"its sets have {[len(one) for one in sets]} neurons, not 0 to {neurons}"
    for step, (before, after) in enumerate(zip(sets[:-1], sets[1:], strict=True), start=1):
        if before - after:
            return f"at step {step} neuron {min(before - after)} is back"
    return None


LAWS: dict[str, Callable[[Any, Any], str | None]] = {
    "information": information_law,
    "ranking": ranking_law,
    "replacement": replacement_law,
    "nesting": nesting_law,
}
"""What each function of the replication has to keep, by the assignment's name of it."""
_COUNTED = ("information", "ranking")


def check_counterexample(name: str, function: Callable[..., Any], example: Any) -> Report:
    """Whether an input shows the fault of a function.

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
        >>> check_counterexample("replacement", shrunk, np.array([4.0, 4.0])).points
        0.0
        >>> check_counterexample("replacement", shrunk, np.array([np.nan])).facts[0][1]
        'it holds NaN or infinity'
    """
    law = LAWS[name]

    def fault() -> str | None:
        if example is None:
            return "not written yet"
        numbers = np.asarray(example, dtype=np.float64)
        if not np.isfinite(numbers).all():
            return "it holds NaN or infinity"
        if name in _COUNTED and ((numbers < 0) | (numbers % 1 != 0)).any():
            return "it holds negative or broken numbers, which are no counts"
        if name in _COUNTED and not numbers.sum(axis=(-2, -1)).all():
            return "it has a neuron without samples"
        return None if law(function, example) else "it keeps its law there"

    return examine(f"{name}, an input that shows the fault", [Fact("the function breaks its law there", fault)])


def check_repair(name: str, function: Callable[..., Any], seed: int = 0) -> Report:
    """Whether a mended function keeps its law, and is not mended into something else.

    Args:
        name: One of `LAWS`.
        function: The learner's function.
        seed: Start of the random numbers that inputs are drawn from.

    Returns:
        Two facts of one point each.

    Raises:
        KeyError: If there is no such law.

    Example:
        >>> from neuronlib.measures import mutual_information
        >>> check_repair("information", mutual_information).points
        2.0
        >>> check_repair("information", lambda counts: 0.0).points
        1.0
    """
    law = LAWS[name]
    inputs = _INPUTS[name](np.random.default_rng(seed))
    says, still = _STILL[name]

    def broken() -> str | None:
        return first(law(function, one) for one in inputs)

    return examine(
        f"{name}, mended",
        [
            Fact("it keeps its law", broken),
            # What was handed out is all else that it ought to be.
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
