"""Checks of groups of neurons: that they are sets, of neurons that there are, and large enough; and of samples."""

import numpy as np
from jaxtyping import Int64
from numpy import ndarray


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
