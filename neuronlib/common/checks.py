"""Checks of groups of neurons: that they are sets, of neurons that there are, and large enough; and of samples."""

import difflib
import functools
from collections.abc import Iterable
from typing import Any, get_type_hints

import numpy as np
from jaxtyping import Int64
from numpy import ndarray
from pydantic import TypeAdapter, ValidationError


def check_members(
    name: str, sets: Int64[ndarray, "*set member"], neurons: int, what: str = "different neurons", where: str = ""
) -> None:
    """Refuse sets that hold a neuron twice, or one that is not there.

    Args:
        name: What the sets are called, for the message.
        sets: Neurons by their places; the last axis runs over the members of a set.
        neurons: How many neurons there are.
        what: What a set should hold, for the message.
        where: Where the neurons are, for the message.

    Raises:
        ValueError: If a set is none.

    Example:
        >>> check_members("groups", np.array([[0, 1], [2, 2]]), neurons=3)
        Traceback (most recent call last):
        ValueError: groups: expected different neurons from 0 to 2 in each
    """
    ascending = np.sort(sets, axis=-1)
    if (sets < 0).any() or (sets >= neurons).any() or (ascending[..., 1:] == ascending[..., :-1]).any():
        raise ValueError(f"{name}: expected {what} from 0 to {neurons - 1}{where} in each")


def check_groups(groups: Int64[ndarray, "group member"], neurons: int, most: int) -> None:
    """Refuse groups of a size that O-information is not computed for, or that are no sets of neurons.

    Args:
        groups: Neurons by their places.
        neurons: How many neurons there are.
        most: The largest size.

    Raises:
        ValueError: If they are such groups.

    Example:
        >>> check_groups(np.array([[0, 1]]), neurons=3, most=20)
        Traceback (most recent call last):
        ValueError: groups of 2 neurons: expected from 3 to 20
    """
    size = groups.shape[1]
    if not 3 <= size <= most:
        raise ValueError(f"groups of {size} neurons: expected from 3 to {most}")
    check_members("groups", groups, neurons)


def check_samples(samples: int) -> None:
    """Refuse to estimate from nothing.

    Args:
        samples: How many there are.

    Raises:
        ValueError: If there are none.

    Example:
        >>> check_samples(0)
        Traceback (most recent call last):
        ValueError: no samples: expected at least one
    """
    if samples < 1:
        raise ValueError("no samples: expected at least one")


def check(name: str, value: object, kind: Any) -> Any:
    """A value, refused in one line unless it is of the kind asked for.

    Args:
        name: What the value is called, for the message.
        value: The value.
        kind: A type that pydantic knows, such as a ``Literal`` or one of this module's annotated numbers.

    Returns:
        The value, lists turned into tuples where the kind is a tuple.

    Raises:
        ValueError: If the value is of another kind, or outside its range.

    Example:
        >>> check("networks", 0, Count)
        Traceback (most recent call last):
        ValueError: networks = 0: input should be greater than or equal to 1
    """
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ValueError(f"{name} = {value!r}: {reason[0].lower()}{reason[1:]}") from None


@functools.cache
def _adapter(kind: Any) -> TypeAdapter:
    # To make one takes a hundred times as long as to use it.
    return TypeAdapter(kind)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The known names that are nearest to one that is not, as a question.

    Args:
        name: What was asked for.
        known: What there is.

    Returns:
        At most two of them, or "" if none is near.

    Example:
        >>> did_you_mean("mnst", ["mnist", "cifar10"])
        'did you mean mnist? '
    """
    near = difflib.get_close_matches(name, list(known), n=2, cutoff=0.4)
    return f"did you mean {' or '.join(near)}? " if near else ""


def check_fields(instance: Any) -> None:
    """Refuse a data class one of whose attributes is not of its kind, in one line; see `check`.

    Args:
        instance: A data class, frozen or not; lists become tuples where the kind is a tuple.

    Raises:
        ValueError: If an attribute is of another kind, or outside its range.

    Example:
        >>> @dataclass(frozen=True)
        ... class Pair:
        ...     epochs: Count
        ...     seed: Seed
        >>> check_fields(Pair(1, -1))
        Traceback (most recent call last):
        ValueError: seed = -1: input should be greater than or equal to 0
    """
    for name, kind in get_type_hints(type(instance), include_extras=True).items():
        object.__setattr__(instance, name, check(name, getattr(instance, name), kind))
