"""`torch.compile` where it works, the plain function where it does not."""

import functools
import logging
import types
import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch


def compiled(function: Callable[..., Any], device: torch.device, kind: Hashable) -> Callable[..., Any]:
    """Return a function of tensors as one program for one kind of arguments.

    Compiling takes seconds for each new kind, so it is worth it for what is called thousands of times. Where there is
    nothing to compile with, which is said once, the function itself is returned.

    PyTorch would look at every argument of every call again, to see whether the program fits. That takes a
    good part of a small step, so it is left out: the caller promises that all calls with one ``kind`` have tensors of
    the same shapes, and everything else the same.
    """
    return _program(function, device.type, torch.get_num_threads(), kind) if works(device.type) else function


@functools.lru_cache(maxsize=1000)
def _program(function: Callable[..., Any], device: str, threads: int, kind: Hashable) -> Callable[..., Any]:
    # PyTorch keeps programs by the code that they are of, so each kind has a copy.
    own = types.FunctionType(function.__code__.replace(), function.__globals__, function.__name__)
    # For a GPU it would time several programs and take the fastest, which need not round as another day's does.
    options: dict[str, Any] = {"deterministic": device == "cuda", "guard_filter_fn": _none}
    return torch.compile(own, dynamic=False, fullgraph=True, options=options)


def _none(guards: Sequence[object]) -> list[bool]:
    return [False] * len(guards)


@functools.cache
def works(kind: str) -> bool:
    """Return whether there is something to compile with for a kind of device, such as "cpu"; if not, warn once."""
    if kind == "meta":
        return False
    # A step on a GPU counts steps on the CPU, by a program of its own.
    if kind == "cuda" and not works("cpu"):
        return False
    if kind == "cpu":
        # It would warn of a CUDA without a GPU, which does not matter here.
        logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)
    try:
        torch.compile(torch.neg, dynamic=False)(torch.zeros(2, device=kind))
    except Exception as error:  # the compiler's, or of the operating system where the cache's folder cannot be made
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        warnings.warn(f"computing without torch.compile, at about half the speed: {reason}", stacklevel=3)
        return False
    return True
