"""The device to compute on: CUDA or the CPU."""

import functools
import warnings

import torch

from neuronlib.common.checks import check
from neuronlib.common.choices import Device


def resolve_device(device: Device) -> torch.device:
    """Return the device to compute on; "auto" chooses CUDA if PyTorch computes on it, else the CPU.

    A warning tells why "auto" skips a CUDA device.

    Raises:
        ValueError: If it is none of the choices, or if "cuda" is requested and there is no CUDA device, or PyTorch
            fails on it.
    """
    check("device", device, Device)
    fault = "" if device == "cpu" else _fault_of_cuda()
    if device == "cuda" and fault:
        raise ValueError(f"device = 'cuda': {fault}; use 'cpu' or 'auto'")
    if fault and torch.cuda.is_available():
        warnings.warn(f"computing on the CPU: {fault}", stacklevel=2)
    return torch.device("cpu" if device == "cpu" or fault else "cuda")


def device_named(name: torch.device | str) -> torch.device:
    """Return PyTorch's device of a name, such as "cpu" or "cuda:1"; ValueError if there is no such name."""
    try:
        return torch.device(name)
    except RuntimeError:
        raise ValueError(f"device = {name!r}: expected one of PyTorch's, such as 'cpu' or 'cuda'") from None


def _fault_of_cuda() -> str:
    return _fault_of_kernels() if torch.cuda.is_available() else "there is no CUDA device here"


@functools.cache
def _fault_of_kernels() -> str:
    # PyTorch lists every GPU, even those that it has no kernels for.
    try:
        torch.ones(1, device="cuda").add_(1).item()
    except RuntimeError as error:
        return f"there is a CUDA device, but PyTorch {torch.__version__} fails on it ({str(error).splitlines()[0]})"
    return ""


def threads() -> int:
    """Return the number of CPU threads: one per core, unless OMP_NUM_THREADS says otherwise."""
    return torch.get_num_threads()
