"""Random numbers that depend on an explicit seed and a key, and on nothing else.

NumPy guarantees the output of a seed sequence and of a bit generator's raw words for every version and machine,
but not that of the distributions built on them. So everything here is built on raw words alone.
"""

import zlib

import numpy as np
from jaxtyping import Int64
from numpy import ndarray


def stream(seed: int, *key: int | str) -> np.random.PCG64:
    """A stream of random 64-bit words for one purpose.

    Streams with different keys are independent, so network 7 draws the same words whether or not there is
    a network 8.

    Args:
        seed: The setting's seed, at least 0.
        key: What the words are for, such as ``"dropout", 7`` for the dropout masks of network 7.

    Returns:
        A bit generator at the start of its stream.

    Example:
        >>> stream(0, "order", 3).random_raw() == stream(0, "order", 3).random_raw()
        True
        >>> stream(0, "order", 3).random_raw() == stream(0, "order", 4).random_raw()
        False
    """
    words = [zlib.crc32(part.encode()) if isinstance(part, str) else part for part in key]
    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=words))


def permutation(source: np.random.PCG64, size: int) -> Int64[ndarray, " size"]:
    """A uniformly random order of ``0 … size - 1``.

    Args:
        source: The stream to draw from; it advances by ``size`` words.
        size: How many things to order, at least 0.

    Returns:
        Shape ``(size,)``, each index once.

    Example:
        >>> sorted(permutation(stream(0, "order"), 5).tolist())
        [0, 1, 2, 3, 4]
    """
    return np.argsort(source.random_raw(size), kind="stable")


def torch_seed(seed: int, *key: int | str) -> int:
    """A seed for ``torch.Generator.manual_seed``, from the stream of the same key.

    Args:
        seed: The setting's seed, at least 0.
        key: What the generator is for.

    Returns:
        A whole number in [0, 2**63).

    Example:
        >>> torch_seed(0, "weights", 1) != torch_seed(0, "weights", 2)
        True
    """
    return int(stream(seed, *key).random_raw()) >> 1
