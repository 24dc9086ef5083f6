"""How many samples are computed with at a time."""

import torch

# Numbers in the largest tensor on a CPU: small enough for its cache, large enough to keep it busy.
_IN_CACHE = 2**20
# Tensors of that size that are in a GPU's memory at the same time, with room to spare.
_AT_ONCE = 16


def samples_a_chunk(numbers: int, device: torch.device) -> int:
    """The size of a chunk that bounds the memory needed and is still fast.

    Args:
        numbers: Numbers that the largest tensor holds for each sample.
        device: Where the tensor is. On a CPU a chunk stays in the cache; on a GPU it takes what memory is free.

    Returns:
        At least 1.

    Example:
        >>> samples_a_chunk(1600, torch.device("cpu"))
        655
    """
    if device.type != "cuda":
        return max(1, _IN_CACHE // numbers)
    free, _ = torch.cuda.mem_get_info(device)
    return max(1, free // (torch.float32.itemsize * _AT_ONCE * numbers))
