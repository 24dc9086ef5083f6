"""Checks of arguments, with error messages of one line."""

import difflib
import functools
from collections.abc import Iterable
from typing import Any, get_type_hints

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from neuronlib.common.kinds import Mismatch, fit, refusal


def check_members(
    name: str,
    sets: Int64[ndarray, "*set member"],
    neurons: int,
    what: str = "different neurons",
    where: str = "",
    networks: int | None = None,
) -> None:
    """Raise ValueError unless every set holds distinct neurons from 0 to `neurons - 1`.

    Raises:
        ValueError: Names the sets, says what they should hold (``what``) and where the neurons are (``where``); or if
            there is not a row for each of ``networks``.

    Example:
        >>> check_members("groups", np.array([[0, 1], [2, 2]]), neurons=3)
        Traceback (most recent call last):
        ValueError: groups: expected different neurons from 0 to 2 in each
    """
    if networks not in (None, len(sets)):
        raise ValueError(f"{name} of {len(sets)} networks: expected a row for each of {networks}")
    ascending = np.sort(sets, axis=-1)
    if (sets < 0).any() or (sets >= neurons).any() or (ascending[..., 1:] == ascending[..., :-1]).any():
        raise ValueError(f"{name}: expected {what} from 0 to {neurons - 1}{where} in each")


def check_groups(groups: Int64[ndarray, "group member"], neurons: int, most: int) -> None:
    """Raise ValueError unless every group has 3 to `most` distinct neurons."""
    size = groups.shape[1]
    if not 3 <= size <= most:
        raise ValueError(f"groups of {size} neurons: expected from 3 to {most}")
    check_members("groups", groups, neurons)


def check_samples(samples: int) -> None:
    """Raise ValueError unless there is at least one sample."""
    if samples < 1:
        raise ValueError("no samples: expected at least one")


def check_labels(labels: Int64[ndarray, " sample"], label_count: int, expected: str = "") -> None:
    """Raise ValueError unless every label is below their number; ``expected`` says it in other words."""
    if labels.max(initial=-1) >= label_count:
        expected = expected or f"expected labels from 0, below label_count = {label_count}"
        raise ValueError(f"labels to {labels.max()}: {expected}")


def check(name: str, value: object, kind: Any) -> Any:
    """Return the value as a type has it, such as a list as a tuple; see `neuronlib.common.kinds`.

    The message is one line that begins with ``name``. The type is, for example, a ``Literal`` or an annotated number of
    `neuronlib.common.config`.

    Raises:
        ValueError: If the value is of another type, or out of range.
        TypeError: If the type is none.

    Example:
        >>> from neuronlib.common.numbers import Count
        >>> check("networks", 0, Count)
        Traceback (most recent call last):
        ValueError: networks = 0: input should be greater than or equal to 1
    """
    try:
        fitted = fit(kind)
    except TypeError:
        raise TypeError(f"{name}: expected a type to compare with, got a {type(kind).__name__}") from None
    try:
        return value if fitted is None else fitted(value)
    except Mismatch as mismatch:
        raise ValueError(refusal(name, value, mismatch)) from None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question, and a space, of at most two known names that resemble an unknown one; "" if none does.

    Example:
        >>> did_you_mean("mnst", ["mnist", "cifar10"])
        'did you mean mnist? '
    """
    names = list(known)
    same = [one for one in names if one.casefold() == name.casefold()]
    near = same or difflib.get_close_matches(name, names, n=2, cutoff=0.4)
    return f"did you mean {' or '.join(near)}? " if near else ""


def check_fields(instance: Any) -> None:
    """Validate every attribute of a data class, frozen or not, by its annotation; see `check`."""
    of: Any = type(instance)  # mypy takes a class for unhashable
    for name, kind in _annotations(of).items():
        object.__setattr__(instance, name, check(name, getattr(instance, name), kind))


@functools.cache
def _annotations(kind: type) -> dict[str, Any]:
    # Evaluating annotations takes longer than checking by them, and the 40 settings are made again and again.
    return get_type_hints(kind, include_extras=True)
