"""Dropout masks, drawn for each network from a stream of its own."""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from neuronlib.common.config import Setting

# Mini-batches whose random words are drawn at a time, which bounds their memory.
_STEPS_DRAWN = 50


def masks(
    setting: Setting, sources: Sequence[np.random.PCG64], steps: int
) -> Iterator[Bool[ndarray, "network sample neuron"] | None]:
    """Yield which outputs Dropout keeps, over all hidden layers' neurons one after the other, for each mini-batch.

    A mask is made of 16 random bits for each output: that rounds a probability to a multiple of ``2**-16``, by less
    than 0.00002. It is None for a setting without Dropout.

    Example:
        >>> from neuronlib.common.randomness import stream
        >>> mask = next(masks(Setting(), [stream(0, "dropout", 0)], steps=1))
        >>> mask.shape, mask[:, :, :100].mean().round(1), mask[:, :, 100:].mean().round(1)
        ((1, 32, 200), np.float64(0.7), np.float64(0.6))
    """
    if not setting.dropout:
        yield from itertools.repeat(None, steps)
        return
    thresholds = np.minimum(np.round(np.array(setting.dropout) * 2**16), 2**16 - 1)
    dropped_below = np.repeat(thresholds, setting.hidden).astype(np.uint16)
    shape = (setting.batch_size, sum(setting.hidden))
    outputs = math.prod(shape)
    words = math.ceil(outputs / 4)
    for start in range(0, steps, _STEPS_DRAWN):
        drawn = min(_STEPS_DRAWN, steps - start)
        kept = np.empty((drawn, len(sources), *shape), dtype=bool)
        for position, source in enumerate(sources):
            bits = source.random_raw(drawn * words).astype("<u8").view("<u2").reshape(drawn, 4 * words)
            np.greater_equal(bits[:, :outputs].reshape(drawn, *shape), dropped_below, out=kept[:, position])
        yield from kept
