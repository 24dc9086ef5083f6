"""The front door: names that are loaded when they are first used, and functions that look at their arguments first.

Arguments are compared with the annotations, once, where a person calls: `neuronlib.ablate` compares, and
`neuronlib.ablation.cumulative.ablate`, which other rooms call, does not. Methods compare unless this package calls.
"""

import functools
import inspect
import sys
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

import lazy_loader

import neuronlib as neuronlib

if TYPE_CHECKING:
    from neuronlib.common.arguments import Arguments

# Those that keep their results are no functions to Python.
_FUNCTIONS = (FunctionType, functools._lru_cache_wrapper)


def attach(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package whose stub lists its names.

    Example:
        >>> import neuronlib
        >>> neuronlib.entropy("counts")
        Traceback (most recent call last):
        ValueError: counts = 'counts': expected an array of whole numbers with axes batch, value, label
    """
    load, names, listed = lazy_loader.attach_stub(package, file)

    def __getattr__(name: str) -> Any:
        value = load(name)
        if isinstance(value, _FUNCTIONS) and name in listed:
            value = checked(value)
            # The way to it from here, so that it can be pickled, and is not taken for one written in the package.
            value.__module__, value.__qualname__ = __name__, f"{package}.{name}"
            setattr(sys.modules[package], name, value)
        return value

    return __getattr__, names, listed


@functools.cache
def checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that compares its arguments with their annotations, and then calls another."""

    @functools.wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        given, named = _arguments(function).fitted(given, named)
        return function(*given, **named)

    return call


Kind = TypeVar("Kind", bound=type)


def methods_checked(*uncompared: str) -> Callable[[Kind], Kind]:
    """Return what makes a class compare the arguments of its public methods, unless this package calls them.

    Those in ``uncompared`` stay as they are: `torch.compile` reads them.
    """

    def decorated(kind: Kind) -> Kind:
        for name, method in list(vars(kind).items()):
            if name == "__init__" or not (name.startswith("_") or name in uncompared):
                of_class = isinstance(method, classmethod)
                function = method.__func__ if of_class else method
                if isinstance(function, FunctionType) and len(inspect.signature(function).parameters) > 1:
                    compared = _unless_called_within(function)
                    setattr(kind, name, classmethod(compared) if of_class else compared)
        return kind

    return decorated


def _caller() -> str:
    # The module that calls a method; in tests, what checks shapes stands between.
    frame: Any = sys._getframe(1)
    while frame.f_globals.get("__name__") in (__name__, "jaxtyping._decorator"):
        frame = frame.f_back
    return frame.f_globals.get("__name__", "")


def _unless_called_within(function: FunctionType) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        if not _caller().startswith("neuronlib."):
            given, named = _arguments(function).fitted(given, named)
        return function(*given, **named)

    return call


@functools.cache
def _arguments(function: Callable[..., Any]) -> "Arguments":
    # Annotations are read when they are first asked for: what reads them takes a second to import.
    from neuronlib.common.arguments import Arguments

    return Arguments(function)
