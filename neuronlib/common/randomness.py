"""Random numbers that depend only on an explicit seed and a key.

NumPy guarantees the output of seed sequences and the raw words of bit generators for every version and machine, but
not the distributions built on them. So this module uses raw words alone.
"""

import zlib

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from neuronlib.common.numbers import AtLeastZero, Start


def stream(seed: Start, *key: AtLeastZero | str) -> np.random.PCG64:
    """Return a bit generator at the start of a stream of random 64-bit words for one purpose.

    ``key`` names it, such as ``"dropout", 7`` for the dropout masks of network 7. Streams with different keys are
    independent, so network 7 draws the same words whether or not there is a network 8. The seed is at least 0.

    Example:
        >>> stream(0, "order", 3).random_raw() == stream(0, "order", 3).random_raw()
        True
        >>> stream(0, "order", 3).random_raw() == stream(0, "order", 4).random_raw()
        False
    """
    words = [zlib.crc32(part.encode()) if isinstance(part, str) else part for part in key]
    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=words))


def permutation(source: np.random.PCG64, size: AtLeastZero) -> Int64[ndarray, " size"]:
    """Draw a uniformly random order of ``0 … size - 1``; the stream advances by ``size`` words."""
    return np.argsort(source.random_raw(size), kind="stable")


def torch_seed(seed: int, *key: int | str) -> int:
    """Draw a seed for ``torch.Generator.manual_seed`` in [0, 2**63) from the stream of this key."""
    return int(stream(seed, *key).random_raw()) >> 1
