"""Laws that every correct function of a replication keeps, whatever its input. None means that a law is kept."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from neuronlib.information import measures


def information_law(function: Callable[[ndarray], float], counts: ndarray) -> str | None:
    r"""Describe how an information about the label breaks its bounds, if it does.

    .. math:: 0 \le I(T;Y) \le \min(H(T), H(Y))

    Args:
        function: Computes bits from joint counts (value, label).
        counts: Joint counts.

    Returns:
        None if the law is kept, else a description.

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
    """Describe how a ranking by entropy puts a neuron before one of larger entropy, if it does.

    Args:
        function: Ranks neurons by joint counts (neuron, value, label): their indices, largest entropy first.
        counts: Joint counts.

    Returns:
        None if the law is kept, else a description.

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
    """Describe how ablation to the mean outputs anything but the mean, if it does.

    Args:
        function: Computes the ablated neuron's outputs (sample) from its outputs (sample).
        outputs: Outputs.

    Returns:
        None if the law is kept, else a description.

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
    """Describe how random ablation brings back an ablated neuron, if it does.

    Args:
        function: Lists the sets ablated at each step, from none to all, for a number of neurons and a seed.
        drawn: A number of neurons and a seed.

    Returns:
        None if the law is kept, else a description.

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
"""The law of each function of the replication, by its name in the assignment."""

_COUNTED = ("information", "ranking")


def no_input(name: str, example: Any) -> str | None:
    """Say why an example is no input of the function that a law is about; None if it is one."""
    numbers = np.asarray(example, dtype=np.float64)
    if not np.isfinite(numbers).all():
        return "it holds NaN or infinity"
    if name in _COUNTED and ((numbers < 0) | (numbers % 1 != 0)).any():
        return "it holds negative or broken numbers, which are no counts"
    if name in _COUNTED and not numbers.sum(axis=(-2, -1)).all():
        return "it has a neuron without samples"
    return None
