"""What checks shapes and types of arrays while tests run."""

from collections.abc import Callable
from functools import reduce
from operator import or_
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from beartype import BeartypeConf, beartype
from jaxtyping import AbstractArray

# A whole number will do for a real one, as everywhere in Python.
_check = beartype(conf=BeartypeConf(is_pep484_tower=True))


def checked(function: Callable) -> Callable:
    """Check what is stated of arrays; all else the library itself refuses, in a message that tests ask for."""
    stated = {name: _without_words(hint) for name, hint in function.__annotations__.items() if _has_array(hint)}
    function.__annotations__ = stated
    return _check(function)


def _has_array(hint: Any) -> bool:
    is_array = isinstance(hint, type) and get_origin(hint) is None and issubclass(hint, AbstractArray)
    return is_array or any(_has_array(part) for part in get_args(hint))


def _without_words(hint: Any) -> Any:
    # Which words an argument may be, the library says too.
    if get_origin(hint) not in (Union, UnionType):
        return hint
    return reduce(or_, (str if get_origin(part) is Literal else part for part in get_args(hint)))
