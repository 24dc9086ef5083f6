"""How many samples are computed with at a time."""

import torch

# Numbers in the largest tensor: on a CPU few enough for its cache, on a GPU enough to keep it busy. Not as many as its
# free memory takes, as results would be rounded otherwise on another day; ten tensors of this size take under 3 GB.
_IN_CACHE = 2**20
_ON_GPU = 2**26


def samples_a_chunk(numbers: int, device: torch.device) -> int:
    """The size of a chunk that bounds the memory needed and is still fast.

    Args:
        numbers: Numbers that the largest tensor holds for each sample.
        device: Where the tensor is.

    Returns:
        At least 1.

    Example:
        >>> samples_a_chunk(1600, torch.device("cpu"))
        655
    """
    return max(1, (_ON_GPU if device.type == "cuda" else _IN_CACHE) // numbers)
