"""`torch.compile` where it works, the plain function where it does not."""

import functools
import logging
import warnings
from collections.abc import Callable
from typing import Any

import torch


def compiled(function: Callable[..., Any], device: torch.device) -> Callable[..., Any]:
    """Return a function of tensors as one program for the shapes it is called with.

    Compiling takes seconds for each new shape, so it is worth it for what is called thousands of times. Where there is
    nothing to compile with, which is said once, the function itself is returned.
    """
    return _compiled(function, device.type) if works(device.type) else function


@functools.cache
def _compiled(function: Callable[..., Any], kind: str) -> Callable[..., Any]:
    # Every setting and shape is a program of its own, and PyTorch gives up after 8 unless told otherwise.
    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        with torch._dynamo.config.patch(recompile_limit=1000, accumulated_recompile_limit=1000):
            return program(*arguments)

    # For a GPU it would time several programs and take the fastest, which need not round as another day's does.
    program = torch.compile(function, dynamic=False, fullgraph=True, options={"deterministic": kind == "cuda"})
    return call


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
