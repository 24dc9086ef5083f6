"""Values compared with annotations: what is annotated of an argument, said in plain words if a value does not fit.

The annotations are those of the signatures: shapes and types of arrays by jaxtyping, words and ranges by pydantic, and
conditions on entries by `Holds`. A value that means the same is converted: NumPy's numbers to Python's, whole numbers
to real ones, 0 and 1 to bits, narrow numbers to wide ones, lists to tuples and one-dimensional arrays to lists.
"""

import functools
import inspect
import reprlib
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
from jaxtyping import AbstractArray, jaxtyped
from numpy.typing import ArrayLike
from pydantic import ConfigDict, TypeAdapter, ValidationError


class Mismatch(Exception):
    """A value that does not fit its annotation.

    Attributes:
        expected: What would fit, in words.
        inside: Whether the value is of the right kind, and something in it is not.
    """

    def __init__(self, expected: str, inside: bool = False):
        super().__init__(expected)
        self.expected, self.inside = expected, inside


@dataclass(frozen=True)
class Holds:
    """A condition on a value of an annotated type.

    Attributes:
        condition: Whether a value fulfils it.
        expected: What it asks for, in words that follow "expected".
    """

    condition: Callable[[Any], Any]
    expected: str


Fit = Callable[[Any], Any]
"""Returns a value as the annotation has it, or raises `Mismatch`."""


@functools.cache
def fit(kind: Any) -> Fit | None:
    """Return what compares values with an annotation; None if any value fits.

    Raises:
        TypeError: If it is none of the annotations that values are compared with.

    Example:
        >>> fit(tuple[int, ...])([3, np.int64(4)])
        (3, 4)
    """
    if kind in (Any, object, inspect.Parameter.empty, ArrayLike) or isinstance(kind, typing.TypeVar):
        return None
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _annotated(kind, parts[0], parts[1:])
    if kind is None or kind is NoneType:
        return _none
    if origin in (Union, UnionType):
        return _union(parts)
    if kind in _NUMBERS or origin is Literal:
        return _scalar(kind)
    if isinstance(kind, type) and origin is None:
        if issubclass(kind, AbstractArray):
            return _array(kind)
        return _any_tensor(kind) if kind.__module__ == "torch" and kind.__name__ == "Tensor" else _instance(kind)
    if origin is tuple:
        return _tuple(parts)
    if origin in (list, Sequence):
        return _sequence(origin, parts[0])
    if origin in (Iterable, Iterator):
        return _iterable(parts[0])
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(*parts)
    if origin is Callable:
        return _instance(Callable)
    if isinstance(origin, type):
        return _instance(origin)
    raise TypeError(f"{kind!r}: expected an annotation, such as a type")


_NUMBERS = {int, float, bool}


def _annotated(kind: Any, base: Any, conditions: Sequence[Any]) -> Fit | None:
    inner = _scalar(kind) if base in _NUMBERS else fit(base)
    held = [one for one in conditions if isinstance(one, Holds)]
    # Lengths of sequences and the like.
    others = [one for one in conditions if not isinstance(one, Holds)]
    adapter = TypeAdapter(Annotated[Any, *others]) if others and base not in _NUMBERS else None

    def fitted(value: Any) -> Any:
        value = value if inner is None else inner(value)
        if adapter is not None:
            try:
                adapter.validate_python(value)
            except ValidationError as error:
                raise Mismatch(_reason(error), inside=True) from None
        for one in held:
            if not one.condition(value):
                raise Mismatch(one.expected, inside=True)
        return value

    return fitted


def _reason(error: ValidationError) -> str:
    reason = error.errors(include_url=False)[0]["msg"]
    return f"{reason[0].lower()}{reason[1:]}"


def _none(value: Any) -> None:
    if value is not None:
        raise Mismatch("expected None")


def _scalar(kind: Any) -> Fit:
    # Strings are no numbers, nor is True; real numbers are finite.
    plain = {float: ConfigDict(strict=True, allow_inf_nan=False)}
    adapter = TypeAdapter(kind, config=plain.get(kind, ConfigDict(strict=True)))

    def fitted(value: Any) -> Any:
        try:
            return adapter.validate_python(value.item() if isinstance(value, np.generic) else value)
        except ValidationError as error:
            # A number out of range is near enough for other kinds not to be named.
            inside = not error.errors()[0]["type"].endswith(("_type", "_parsing", "literal_error", "_from_float"))
            raise Mismatch(_reason(error), inside) from None

    return fitted


def _union(parts: Sequence[Any]) -> Fit | None:
    fits = [fit(part) for part in parts]
    if None in fits:
        return None

    def fitted(value: Any) -> Any:
        reasons = []
        for one in fits:
            try:
                return one(value)  # type: ignore[misc]
            except Mismatch as mismatch:
                if mismatch.inside:
                    raise
                reasons.append(mismatch.expected)
        raise Mismatch(_either(reasons))

    return fitted


def _either(reasons: Sequence[str]) -> str:
    if len(reasons) == 1:
        return reasons[0]
    bare = [reason.removeprefix("expected ").removeprefix("input should be ") for reason in reasons]
    nothing = [one for one in bare if one == "None"]
    return f"expected {' or '.join(dict.fromkeys([*(one for one in bare if one != 'None'), *nothing]))}"


def _instance(kind: Any) -> Fit:
    is_one = _is_protocol(kind) if getattr(kind, "_is_protocol", False) else lambda value: isinstance(value, kind)
    expected = f"expected {_named(kind)}"

    def fitted(value: Any) -> Any:
        if not is_one(value):
            raise Mismatch(expected)
        return value

    return fitted


_NAMES = {
    "Callable": "a function",
    "DataArray": "a labelled array (DataArray)",
    "DataLoader": "a DataLoader",
    "Dataset": "labelled arrays (Dataset)",
    "Ensemble": "networks, as nl.train or nl.adopt returns them",
    "ExportedProgram": "a program of torch.export",
    "ImageData": "a data set, as nl.load or nl.given returns it",
    "Module": "a module of PyTorch",
    "Networks": "networks, as nl.train, nl.adopt or nl.watch returns them",
    "Samples": "a part of a data set, such as data.test or nl.given(inputs, labels).test",
    "Sequential": "a torch.nn.Sequential",
    "Setting": "a setting, as nl.Setting(...) makes it",
    "dict": "a dictionary",
    "str": "a word in quotes",
}


def _named(kind: Any) -> str:
    return _NAMES.get(kind.__name__, f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__}")


def _is_protocol(kind: Any) -> Callable[[Any], bool]:
    # To ask an instance computes its properties, so each class is asked once.
    known: dict[type, bool] = {}

    def is_one(value: Any) -> bool:
        of = type(value)
        if of not in known:
            known[of] = isinstance(value, kind)
        return known[of]

    return is_one


def _entry(part: Any) -> Fit | None:
    # Entries may have axes of different lengths, under the same names.
    inner = fit(part)
    if inner is None or not _has_array(part):
        return inner

    def fitted(value: Any) -> Any:
        with jaxtyped("context"):
            return inner(value)

    return fitted


def _has_array(kind: Any) -> bool:
    is_array = isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, AbstractArray)
    return is_array or any(map(_has_array, get_args(kind)))


def _tuple(parts: Sequence[Any]) -> Fit:
    if len(parts) == 2 and parts[1] is Ellipsis:
        return _sequence(tuple, parts[0])
    fits = [fit(part) for part in parts]

    def fitted(value: Any) -> Any:
        entries = _entries(value, f"expected {len(fits)} values in a row")
        if len(entries) != len(fits):
            raise Mismatch(f"expected {len(fits)} values, got {len(entries)}", inside=True)
        return tuple(_each(entries, fits))

    return fitted


def _sequence(of: type, part: Any) -> Fit:
    inner = _entry(part)

    def fitted(value: Any) -> Any:
        entries = _entries(value, "expected a list or a tuple")
        fitted = entries if inner is None else _each(entries, [inner] * len(entries))
        if of is Sequence:
            same = isinstance(value, Sequence) and all(map(lambda a, b: a is b, entries, fitted))
            return value if same else list(fitted)
        return of(fitted)

    return fitted


def _entries(value: Any, expected: str) -> Sequence[Any]:
    if isinstance(value, np.ndarray) and value.ndim > 0:
        return value.tolist() if value.ndim == 1 else list(value)
    if not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray):
        raise Mismatch(expected)
    return value


def _each(entries: Iterable[Any], fits: Iterable[Fit | None]) -> list[Any]:
    fitted = []
    for place, (entry, inner) in enumerate(zip(entries, fits, strict=True)):
        try:
            fitted.append(entry if inner is None else inner(entry))
        except Mismatch as mismatch:
            raise Mismatch(f"{mismatch.expected} (entry {place})", inside=True) from None
    return fitted


_NO_SEQUENCE = (str, bytes, set, frozenset)


def _iterable(part: Any) -> Fit:
    inner = fit(part)

    def fitted(value: Any) -> Any:
        if inner is None and isinstance(value, Iterable) and getattr(value, "ndim", 1) > 0:
            return value
        if not isinstance(value, Iterable) or isinstance(value, _NO_SEQUENCE) or getattr(value, "ndim", 1) != 1:
            raise Mismatch("expected a list or a generator")
        assert inner is not None
        if isinstance(value, Sequence | Mapping):
            # Of a dictionary, its keys.
            return [_alone(inner, entry, place) for place, entry in enumerate(value)]
        return (_alone(inner, entry, place) for place, entry in enumerate(value))

    return fitted


def _alone(inner: Fit, entry: Any, place: int) -> Any:
    # Each by itself: chunks may have different numbers of samples.
    try:
        with jaxtyped("context"):
            return inner(entry)
    except Mismatch as mismatch:
        raise ValueError(f"entry {place}: {mismatch.expected}{got(entry)}") from None


def _mapping(key: Any, part: Any) -> Fit:
    of_key, inner = fit(key), _entry(part)

    def fitted(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Mismatch("expected a dictionary")
        changed = {}
        for name, entry in value.items():
            try:
                of_key is None or of_key(name)
                other = entry if inner is None else inner(entry)
            except Mismatch as mismatch:
                raise Mismatch(f"{mismatch.expected} (entry {name!r})", inside=True) from None
            if other is not entry:
                changed[name] = other
        return {**value, **changed} if changed else value

    return fitted


_WORDS = {
    "Bool": "true and false (or 1 and 0)",
    "Float": "real numbers",
    "Float32": "32-bit real numbers",
    "Float64": "real numbers",
    "Int": "whole numbers",
    "Int64": "whole numbers",
    "UInt8": "whole numbers of 8 bits",
    "Real": "numbers",
}


def _array(kind: Any) -> Fit:
    axes = [axis.removeprefix("*") for axis in kind.dim_str.split()]
    numbers = _WORDS.get(kind.dtype.__name__, kind.dtype.__name__)
    shape = f"with {'axis' if len(axes) == 1 else 'axes'} {', '.join(axes)}" if axes else "without axes"
    is_tensor = kind.array_type.__module__.startswith("torch")
    expected = f"expected {'a tensor' if is_tensor else 'an array'} of {numbers} {shape}"
    converted = _tensor if is_tensor else _numpy

    def fitted(value: Any) -> Any:
        if not isinstance(value, kind.array_type):
            raise Mismatch(expected)
        value = converted(value, kind.dtypes)
        # Axes of one name are of one length, in all arguments.
        if not isinstance(value, kind):
            raise Mismatch(expected)
        return value

    return fitted


def _any_tensor(kind: Any) -> Fit:
    def fitted(value: Any) -> Any:
        if not isinstance(value, kind):
            raise Mismatch("expected a tensor")
        return _tensor(value, ())

    return fitted


_WIDE = ("int64", "float64")


def _numpy(value: Any, allowed: Sequence[str]) -> Any:
    # The same numbers in a type that is asked for; as they are where there is none.
    name = value.dtype.name if isinstance(value, np.ndarray) else ""
    if not name or name in allowed or value.dtype.kind not in "iuf":
        return value
    if "bool" in allowed or "bool_" in allowed:
        return value.astype(bool) if value.dtype.kind in "iu" and ((value == 0) | (value == 1)).all() else value
    wider = (one for one in _WIDE if one in allowed and np.can_cast(value.dtype, one, "safe"))
    return value.astype(next(wider, value.dtype))


def _tensor(value: Any, allowed: Sequence[str]) -> Any:
    import torch

    if value.requires_grad:
        value = value.detach()
    if value.layout is not torch.strided or value.is_meta:
        raise Mismatch("expected a tensor with all its entries")
    name = str(value.dtype).removeprefix("torch.")
    whole = not (value.is_floating_point() or value.is_complex() or value.dtype == torch.bool)
    if name in allowed or not whole:
        return value
    wider = next((one for one in ("int64", "float32") if one in allowed), name)
    return value.to(getattr(torch, wider))


_LONGEST = 80
_shortened = reprlib.Repr()
_shortened.maxother = _shortened.maxstring = 60


def shown(value: Any) -> str:
    """Return a value as one short line, after "="; "" for what is no plain number, word or collection."""
    if not isinstance(value, str | bytes | int | float | complex | list | tuple | set | dict | NoneType):
        return ""
    line = " ".join(_shortened.repr(value).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def got(value: Any) -> str:
    """Return what was given instead, after a comma; "" for what `shown` shows."""
    if shown(value):
        return ""
    kind = value.__name__ if isinstance(value, type) else type(value).__name__
    shape, numbers = getattr(value, "shape", None), getattr(value, "dtype", "")
    if isinstance(value, type):
        return f", got the class {kind}"
    if isinstance(shape, tuple) and kind in ("ndarray", "Tensor", "DataArray"):
        return f", got {kind} of {str(numbers).removeprefix('torch.')} and shape {tuple(shape)}"
    return f", got {kind}"


def refusal(name: str, value: Any, mismatch: Mismatch) -> str:
    """Return the line that says which argument does not fit, and what would."""
    written = shown(value)
    return f"{name}{f' = {written}' if written else ''}: {mismatch.expected}{got(value)}"
