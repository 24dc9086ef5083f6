"""Laws that every right function of a replication keeps, whatever it is given."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from neuronlib.information import measures


def information_law(function: Callable[[ndarray], float], counts: ndarray) -> str | None:
    r"""How an information about the label breaks the law that it is at least 0 and at most either entropy.

    .. math:: 0 \le I(T;Y) \le \min(H(T), H(Y))

    Args:
        function: From joint counts by value and label, a number of bits.
        counts: Such counts.

    Returns:
        None if it keeps the law, else how it breaks it.

    Example:
        >>> from neuronlib.information.measures import entropy, mutual_information
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


def no_input(name: str, example: Any) -> str | None:
    """Why something is no input of a function that a law is about.

    Args:
        name: One of `LAWS`.
        example: The learner's input.

    Returns:
        None if it is one.

    Example:
        >>> no_input("ranking", [[[1, 2], [0, -1]]])
        'it holds negative or broken numbers, which are no counts'
    """
    numbers = np.asarray(example, dtype=np.float64)
    if not np.isfinite(numbers).all():
        return "it holds NaN or infinity"
    if name in _COUNTED and ((numbers < 0) | (numbers % 1 != 0)).any():
        return "it holds negative or broken numbers, which are no counts"
    if name in _COUNTED and not numbers.sum(axis=(-2, -1)).all():
        return "it has a neuron without samples"
    return None
