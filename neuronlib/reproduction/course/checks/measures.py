"""Checks of the first assignment: measures by hand and in code."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy import ndarray

from neuronlib.common.choices import Measure
from neuronlib.information import measures
from neuronlib.reproduction.course.report import Fact, Report, differs, examine, first

BY_HAND = {
    "one class": np.array([[0, 2, 2, 2], [2, 0, 0, 0]]),
    "half of one class": np.array([[1, 2, 2, 2], [1, 0, 0, 0]]),
}
"""Joint counts (two values, four labels with two samples each), small enough for paper."""
_COPY = np.array([[5, 0], [0, 5]])
_COIN = np.array([[5, 5], [5, 5]])
_DEAD = np.array([[5, 5], [0, 0]])
_RARE = np.array([[8, 9, 1], [1, 1, 4]])

TableMeasure = Callable[[ndarray], float]


def check_by_hand(answers: Mapping[str, Mapping[str, float | None]]) -> Report:
    """Check six numbers worked out on paper, to two decimals.

    Args:
        answers: By neuron (``"one class"``, ``"half of one class"``) and measure, in bits.

    Returns:
        A point for each number.
    """

    def fault(neuron: str, name: Measure) -> str | None:
        right = float(measures.FUNCTIONS[name](BY_HAND[neuron]))
        # Two decimals were asked for.
        return differs(answers[neuron][name], right, tolerance=0.0051, tell=False)

    facts = [
        Fact(f"{name.replace('_', ' ')} of the neuron active for {neuron}", partial(fault, neuron, name))
        for neuron in BY_HAND
        for name in measures.FUNCTIONS
    ]
    return examine("by hand", facts)


def check_entropy(entropy: TableMeasure) -> Report:
    """Check a learner's entropy, in bits from joint counts (value, label), by its closed forms: three points."""
    return examine(
        "entropy",
        [
            Fact(
                "a neuron that is active for half of the samples has one bit", lambda: differs(entropy(_COIN.copy()), 1)
            ),
            Fact(
                "a dead neuron has none, though 0 log 0 is NaN as it stands", lambda: differs(entropy(_DEAD.copy()), 0)
            ),
            Fact(
                "of four values that are equally frequent it is two bits",
                lambda: differs(entropy(np.full((4, 3), 2)), 2),
            ),
        ],
    )


def check_mutual_information(mutual_information: TableMeasure) -> Report:
    """Check a learner's mutual information, in bits from joint counts (value, label), by its closed forms.

    Returns:
        Four facts of one point each.

    Example:
        >>> from neuronlib.information.measures import entropy, mutual_information
        >>> print(check_mutual_information(lambda counts: 2 * entropy(counts) - mutual_information(counts)))
        mutual information: 2 of 4 points
          ✔ of a copy of the label it is the label's entropy, one bit
          ✘ of a neuron that has nothing to do with the label it is 0: it gives 2, not 0
          ✔ of a dead neuron it is 0
          ✘ exchanging values and labels changes nothing: it gives 1.683, not 2.859
    """
    uneven = np.array([[6, 1, 1], [2, 4, 6]])
    return examine(
        "mutual information",
        [
            Fact(
                "of a copy of the label it is the label's entropy, one bit",
                lambda: differs(mutual_information(_COPY.copy()), 1),
            ),
            Fact(
                "of a neuron that has nothing to do with the label it is 0",
                lambda: differs(mutual_information(_COIN.copy()), 0),
            ),
            Fact("of a dead neuron it is 0", lambda: differs(mutual_information(_DEAD.copy()), 0)),
            Fact(
                "exchanging values and labels changes nothing",
                lambda: first(
                    differs(mutual_information(uneven.copy()), right, tell=tell)
                    for right, tell in [
                        (float(mutual_information(uneven.T.copy())), True),
                        (float(measures.mutual_information(uneven)), False),
                    ]
                ),
            ),
        ],
    )


def check_kl_selectivity(kl_selectivity: TableMeasure) -> Report:
    """Check a learner's KL selectivity, in bits from joint counts (value, label): three points."""
    return examine(
        "KL selectivity",
        [
            Fact("of a dead neuron it is 0", lambda: differs(kl_selectivity(_DEAD.copy()), 0)),
            Fact(
                "of a neuron active for one of four equal classes it is log2 4",
                lambda: differs(kl_selectivity(BY_HAND["one class"].copy()), 2),
            ),
            Fact(
                "it is the largest over classes, not their mean",
                lambda: differs(kl_selectivity(_RARE.copy()), float(measures.kl_selectivity(_RARE))),
            ),
        ],
    )


def check_measure_on_drawn_tables(name: Measure, measure: TableMeasure, seed: int = 0) -> Report:
    """Compare a learner's measure with neuronlib's on random tables.

    Args:
        name: "entropy", "mutual_information" or "kl_selectivity".
        measure: Computes bits from joint counts (value, label).
        seed: Seed of the tables.

    Returns:
        Two facts of one point each: on full tables, and on tables with empty cells.

    Raises:
        KeyError: If there is no such measure.
    """
    ours = measures.FUNCTIONS[name]
    draw = np.random.default_rng(seed)
    full = [draw.integers(1, 50, size=(values, 10)) for values in (2, 2, 3, 5)]
    # Every label keeps a sample, since KL selectivity is not defined without.
    empty = [table * draw.integers(0, 2, size=table.shape) + np.eye(*table.shape).astype(np.int64) for table in full]
    empty = [np.vstack([table, np.ones((1, 10), dtype=int)]) for table in empty]

    def disagreement(tables: list[ndarray]) -> str | None:
        return first(differs(measure(table.copy()), float(ours(table))) for table in tables)

    return examine(
        f"{name.replace('_', ' ')} of drawn tables",
        [
            Fact("of tables without an empty cell", lambda: disagreement(full)),
            Fact("of tables with empty cells", lambda: disagreement(empty)),
        ],
    )


def check_bias(bias: float | None) -> Report:
    """Check a learner's mean plug-in mutual information of independent value and label.

    Args:
        bias: The mean over 500 draws of 50 samples, for two equally frequent values and ten labels, in bits.

    Returns:
        One fact of two points.
    """
    draw = np.random.default_rng(1)
    cells = draw.integers(0, 20, size=(2000, 50))
    tables = np.apply_along_axis(np.bincount, 1, cells, minlength=20).reshape(2000, 2, 10)
    right = float(measures.mutual_information(tables).mean())
    # The mean of 500 draws has a standard error of 0.003 bits.
    said = "the mean over draws is far from zero, and right"
    return examine("bias", [Fact(said, lambda: differs(bias, right, tolerance=0.015, tell=False), points=2)])
