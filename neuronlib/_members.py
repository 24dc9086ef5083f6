"""The check that sets of neurons are sets, and of neurons that there are."""

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
