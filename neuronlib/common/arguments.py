"""The arguments of a call, compared with the annotations of what is called."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from jaxtyping import jaxtyped

from neuronlib.common.checks import did_you_mean
from neuronlib.common.kinds import Fit, Mismatch, fit, refusal

_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Arguments:
    """What a function takes.

    Example:
        >>> def half(number: int) -> float:
        ...     return number / 2
        >>> Arguments(half).fitted(("3",), {})
        Traceback (most recent call last):
        ValueError: number = '3': input should be a valid integer
        >>> Arguments(half).fitted((), {"numbr": 3})
        Traceback (most recent call last):
        TypeError: half: no argument 'numbr'; did you mean number? it takes number
    """

    def __init__(self, function: Callable[..., Any]):
        hints = _hints(function)
        parameters = inspect.signature(function).parameters.values()
        # Of a method, its instance comes first.
        self._name = function.__qualname__.removesuffix(".__init__")
        self._own = [one.name for one in parameters if one.name in ("self", "cls")]
        self._places = [one.name for one in parameters if one.kind in _BY_PLACE]
        self._fits = {one.name: _fit(hints.get(one.name, Any)) for one in parameters if one.kind != one.VAR_KEYWORD}
        self._required = {
            one.name for one in parameters if one.default is one.empty and one.kind in (*_BY_PLACE, one.KEYWORD_ONLY)
        }
        self._more = next((one.name for one in parameters if one.kind == one.VAR_POSITIONAL), None)
        self._any_name = any(one.kind == one.VAR_KEYWORD for one in parameters)

    def fitted(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return arguments as the annotations have them.

        Raises:
            ValueError: If one does not fit.
            TypeError: If there is no such argument, or one is missing.
        """
        self._check_names(len(given), named)
        names = [*self._places[: len(given)], *[self._more] * (len(given) - len(self._places))]
        with jaxtyped("context"):
            # In the order of the signature, in which axes are first named.
            by_place = tuple([self._fitted(name, value) for name, value in zip(names, given, strict=True)])
            by_name = {name: self._fitted(name, value) for name, value in named.items()}
        return by_place, by_name

    def _fitted(self, name: str | None, value: Any) -> Any:
        fitted: Callable[[Any], Any] | None = self._fits.get(name or "")
        if fitted is None:
            return value
        try:
            return fitted(value)
        except Mismatch as mismatch:
            reason = refusal(name or "", value, mismatch)
        raise ValueError(reason)

    def _check_names(self, given: int, named: Mapping[str, Any]) -> None:
        takes = [name for name in self._fits if name not in self._own]
        if given > len(self._places) and self._more is None:
            raise TypeError(f"{self._name}: {given - len(self._own)} arguments; it takes {', '.join(takes)}")
        placed = self._places[:given]
        for name in named:
            if name not in self._fits and not self._any_name:
                meant = did_you_mean(name, takes)
                raise TypeError(f"{self._name}: no argument {name!r}; {meant}it takes {', '.join(takes) or 'none'}")
            if name in placed:
                raise TypeError(f"{self._name}: argument {name!r} is given twice")
        missing = self._required.difference(placed, named)
        if missing:
            first = next(name for name in takes if name in missing)
            raise TypeError(f"{self._name}: argument {first!r} is missing; it takes {', '.join(takes)}")


def _fit(hint: Any) -> Fit | None:
    try:
        return fit(hint)
    except TypeError:
        # Annotations that are for readers and type checkers alone.
        return None


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as error:
        # A package that is imported for type checkers alone, since most of the module does without.
        package = str(error.name)
        return get_type_hints(function, localns={package: importlib.import_module(package)}, include_extras=True)
