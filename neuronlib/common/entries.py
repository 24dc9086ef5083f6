"""Conditions on entries of arrays and lists, for annotations of arguments; see `neuronlib.common.kinds`."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from jaxtyping import Bool, Int64
from pydantic import Field

from neuronlib.common.kinds import Holds
from neuronlib.common.numbers import AtLeastZero

MOST_LABELS = 10_000
"""Labels are below it: a larger number is a slip."""


def _finite(values: Any) -> bool:
    # Of arrays and tensors alike; NaN is not below infinity.
    return bool((abs(values) < float("inf")).all())


def _increasing(values: Sequence[Any]) -> bool:
    return len(values) > 0 and all(a < b for a, b in zip(values[:-1], values[1:], strict=True))


def _permutation(values: Any) -> bool:
    return bool((np.sort(values, axis=-1) == np.arange(values.shape[-1])).all())


def _has_entries(values: Any) -> bool:
    # Labelled arrays have sizes by the axes' names, and several of them no shape.
    return 0 not in (values.sizes.values() if hasattr(values, "sizes") else values.shape)


FINITE = Holds(_finite, "expected finite numbers")
NOT_INFINITE = Holds(lambda values: not np.isinf(values).any(), "expected finite numbers, or NaN for unknown ones")
NOT_NAN = Holds(lambda values: not np.isnan(values).any(), "expected a value for each neuron, and not NaN")
NOT_NEGATIVE = Holds(lambda values: bool((values >= 0).all()), "expected numbers of at least 0")
SHARES = Holds(lambda values: bool(((values >= 0) & (values <= 1)).all()), "expected numbers from 0 to 1")
CUTS = Holds(
    lambda values: values.ndim > 0 and _finite(values) and bool((np.diff(values, axis=-1) >= 0).all()),
    "expected finite thresholds, an increasing row of them",
)
PERMUTATION = Holds(_permutation, "expected a permutation: each number from 0 on once")
SOME = Holds(_has_entries, "expected at least one entry on each axis")
NOT_EMPTY = Holds(len, "expected at least one entry")
EACH_ONCE = Holds(lambda values: len(set(values)) == len(values) > 0, "expected at least one, each once")
INCREASING = Holds(_increasing, "expected increasing numbers, at least one and each once")

Steps = Annotated[Sequence[AtLeastZero], INCREASING]
"""Numbers of ablated neurons."""

NetworkNumbers = Annotated[Sequence[AtLeastZero], EACH_ONCE]
"""Numbers of networks."""


def with_axes(*axes: str, coordinates: Sequence[str] = (), variables: Sequence[str] = ()) -> Holds:
    """Return the condition that a labelled array has these axes, coordinates and variables, among others.

    Example:
        >>> with_axes("network", "step").expected
        'expected axes network, step'
    """
    parts = {"axes": axes, "coordinates": coordinates, "variables": variables}
    words = " and ".join(f"{kind} {', '.join(names)}" for kind, names in parts.items() if names)

    def has(value: Any) -> bool:
        named = {*value.coords} | {*getattr(value, "data_vars", ())}
        return {*axes} <= {*value.dims} and {*coordinates} <= named and {*variables} <= named

    return Holds(has, f"expected {words}")


def _are_numbers(value: Any) -> bool:
    arrays = value.data_vars.values() if hasattr(value, "data_vars") else [value]
    return all(one.dtype.kind in "biuf" for one in arrays)


TABLES = Holds(
    lambda counts: bool((counts >= 0).all() and (counts.sum(axis=(-2, -1)) > 0).all()),
    "counts hold a negative entry or an empty table: expected counts of at least one sample",
)
PAIR_TABLES = Holds(
    lambda counts: bool((counts >= 0).all() and (counts.sum(axis=(-3, -2, -1)) > 0).all()), TABLES.expected
)
STATES = Holds(
    lambda counts: counts.shape[-2] > 1 and counts.shape[-2].bit_count() == 1,
    "expected 2, 4, 8, … states, for groups of 1, 2, 3, … one-bit neurons",
)
LABELS = Holds(
    lambda labels: len(labels) > 0 and bool((labels >= 0).all() and (labels < MOST_LABELS).all()),
    f"expected labels from 0, below {MOST_LABELS}, of at least one sample",
)
Labels = Annotated[Int64[np.ndarray, " sample"], LABELS]
"""The label of each sample, from 0."""

Bits = Annotated[
    Bool[np.ndarray, "sample neuron"], Holds(lambda bits: len(bits) > 0, "no samples: expected at least one")
]
"""Which neurons are active for which samples."""

LabelCount = Annotated[int, Field(strict=True, ge=1, le=MOST_LABELS)]
"""How many labels there are."""

VARYING = Holds(lambda values: bool((values != values[:1]).any()), "expected at least two different numbers")
SYMMETRIC = Holds(
    lambda kernel: bool(np.array_equal(kernel, kernel.swapaxes(-1, -2)) and (np.linalg.eigvalsh(kernel) > 0).all()),
    "expected a symmetric matrix that is positive definite",
)
DISTINCT = Holds(
    lambda sets: bool((sets >= 0).all() and (np.diff(np.sort(sets, axis=-1), axis=-1) > 0).all()),
    "expected places of neurons from 0, each once in a row",
)

NUMBERS = Holds(_are_numbers, "expected real numbers")
