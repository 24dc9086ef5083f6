"""What to compute on."""

import functools
import warnings

import torch

from neuronlib.common.choices import Device


def resolve_device(device: Device) -> torch.device:
    """The device to compute on.

    Args:
        device: "auto" is CUDA where there is a device that computes, else the CPU.

    Returns:
        A device that is there. Of a CUDA device that "auto" passes over, a warning tells why.

    Raises:
        ValueError: If CUDA is asked for and there is no such device, or none that computes.

    Example:
        >>> resolve_device("cpu")
        device(type='cpu')
    """
    fault = "" if device == "cpu" else _fault_of_cuda()
    if device == "cuda" and fault:
        raise ValueError(f"device = 'cuda': {fault}; use 'cpu' or 'auto'")
    if fault and torch.cuda.is_available():
        warnings.warn(f"computing on the CPU: {fault}", stacklevel=2)
    return torch.device("cpu" if device == "cpu" or fault else "cuda")


def _fault_of_cuda() -> str:
    return _fault_of_kernels() if torch.cuda.is_available() else "there is no CUDA device here"


@functools.cache
def _fault_of_kernels() -> str:
    # PyTorch offers any GPU, even one that it brings no programs for.
    try:
        torch.ones(1, device="cuda").add_(1).item()
    except RuntimeError as error:
        return f"there is a CUDA device, but PyTorch {torch.__version__} fails on it ({str(error).splitlines()[0]})"
    return ""


def threads() -> int:
    """Threads that compute on the CPU.

    Returns:
        At least 1: as many as there are cores, or as OMP_NUM_THREADS says.

    Example:
        >>> threads() >= 1
        True
    """
    return torch.get_num_threads()
