"""Numbers that networks compute with, checked wherever networks come from elsewhere."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

_VARIANCES = ("running_var", "running_variance")
# Batch normalization counts its batches in whole numbers.
_COUNTS = ("num_batches_tracked",)
# A tensor is looked at in pieces of so many numbers, as the test needs a copy.
_AT_ONCE = 2**24


def check_parameters(tensors: Mapping[str, Tensor], of: str = "", dtype: torch.dtype | None = None) -> None:
    """Raise ValueError unless each parameter is a tensor in memory of finite fractions, and no variance is negative.

    Subclasses of tensors, such as parameters of lazy modules, answer for themselves.

    Args:
        tensors: Parameters and running statistics by name.
        of: What they are of, for the message, such as "network 3".
        dtype: The type of numbers that they are converted to, in which they have to be finite; their own if None.

    Raises:
        ValueError: Names the first tensor that is something else, what it is, and what was expected.

    Example:
        >>> check_parameters({"0.bias": torch.tensor([1.0, torch.nan])}, of="network 3")
        Traceback (most recent call last):
        ValueError: network 3: '0.bias' holds NaN: expected finite numbers
    """
    for name, tensor in tensors.items():
        if type(tensor) not in (Tensor, nn.Parameter):
            continue
        wrong = _wrong(name.rpartition(".")[2], tensor, dtype)
        if wrong:
            raise ValueError(f"{of}{': ' if of else ''}{name!r} {wrong}")


@torch.no_grad()
def _wrong(name: str, tensor: Tensor, dtype: torch.dtype | None) -> str:
    if tensor.is_meta or tensor.layout is not torch.strided:
        return "is not in memory as a matrix: expected a tensor that is neither sparse nor on the meta device"
    if tensor.is_complex() or tensor.is_quantized or (name not in _COUNTS and not tensor.is_floating_point()):
        return f"holds {str(tensor.dtype).removeprefix('torch.')}: expected real numbers with a fraction, as float32"
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        shape = tuple(tensor.shape)
        return f"of shape {shape} holds fewer numbers than that, each several times: pass its clone()"
    for part in tensor.detach().reshape(-1).split(_AT_ONCE):
        numbers = part.to(dtype or (torch.float32 if part.element_size() == 1 else part.dtype))
        if numbers.isnan().any():
            return "holds NaN: expected finite numbers"
        if not numbers.isfinite().all():
            return f"holds an infinite number, or one beyond {numbers.dtype}: expected finite numbers".replace(
                "torch.", ""
            )
        if name in _VARIANCES and (numbers < 0).any():
            return "holds a negative variance: expected 0 or more"
    return ""
