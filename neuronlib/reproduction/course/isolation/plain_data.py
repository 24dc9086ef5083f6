"""Plain data as JSON: the only values that cross between a student's process and the checks'.

Nothing that is read can name code to run, and no array is larger than the text that it came in.
"""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np

_NUMBERS_AND_TEXT = "biufcU"
_COLLECTIONS: dict[str, Callable[[list[Any]], Any]] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


def encode(value: Any) -> Any:
    """Encode a value for JSON.

    Objects that NumPy makes an array of numbers or text of, such as tensors and labelled arrays, become arrays.

    Returns:
        What `json` writes.

    Raises:
        TypeError: If the value, or one inside it, is no plain data.

    Example:
        >>> decode(encode({"p": (0.5, None), 3: {1, 2}}))
        {'p': (0.5, None), 3: {1, 2}}
        >>> encode(print)
        Traceback (most recent call last):
        TypeError: expected numbers, text, lists, dictionaries or arrays, found builtin_function_or_method
    """
    if value is None or isinstance(value, bool):
        return value
    for kind in (np.generic, np.ndarray):
        if isinstance(value, kind) and value.dtype.kind in _NUMBERS_AND_TEXT:
            array = np.asarray(value)
            return {"array": [array.dtype.str, list(array.shape), base64.b64encode(array.tobytes()).decode()]}
    for plain in (str, int, float):
        if isinstance(value, plain):
            return plain(value)
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    for name, collection in _COLLECTIONS.items():
        if isinstance(value, collection):  # type: ignore[arg-type]  # each of them is a class
            return {name: [encode(one) for one in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(one)] for key, one in value.items()]}
    if hasattr(value, "__array__"):
        array = np.asarray(value)
        return encode(array.tolist() if array.dtype.kind == "O" else array)
    raise TypeError(f"expected numbers, text, lists, dictionaries or arrays, found {type(value).__name__}")


def decode(encoded: Any) -> Any:
    """Decode what `encode` returned.

    Returns:
        The value.

    Raises:
        ValueError: If it is anything else.

    Example:
        >>> decode({"array": ["<f8", [10**9], ""]})
        Traceback (most recent call last):
        ValueError: expected encoded plain data
    """
    if encoded is None or isinstance(encoded, bool | str | int | float):
        return encoded
    try:
        ((kind, content),) = encoded.items()
        if kind == "array":
            return _array(*content)
        if kind == "complex":
            return complex(*content)
        if kind == "dict":
            return {decode(key): decode(one) for key, one in content}
        return _COLLECTIONS[kind]([decode(one) for one in content])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValueError("expected encoded plain data") from None


def _array(kind: str, shape: list[int], text: str) -> Any:
    dtype = np.dtype(kind)
    if dtype.kind not in _NUMBERS_AND_TEXT or not dtype.itemsize:
        raise ValueError(kind)
    array = np.frombuffer(base64.b64decode(text, validate=True), dtype=dtype).reshape(shape).copy()
    return array if shape else array[()]
