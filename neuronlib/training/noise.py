"""Gaussian noise on inputs, drawn for each network from a stream of its own."""

import functools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float32
from numpy import ndarray

from neuronlib.common.config import Setting
from neuronlib.common.numbers import AtLeastZero, Count


def input_noise(
    setting: Setting, sources: Sequence[np.random.PCG64], features: Count, steps: AtLeastZero
) -> Iterator[Float32[ndarray, "network sample feature"] | None]:
    r"""Yield what is added to the inputs of each mini-batch: independent numbers from a normal distribution.

    .. math:: \sigma\, \Phi^{-1}\!\left(\frac{2 b + 1}{2^{17}}\right)

    of 16 random bits :math:`b` each, where :math:`\Phi^{-1}` is the quantile function of the normal distribution. So
    noise is within 4.33 deviations, and its variance is less than the normal distribution's by 0.002 %. It is None for
    a setting without noise.

    Example:
        >>> from neuronlib.common.randomness import stream
        >>> noise = next(input_noise(Setting(input_noise=0.3), [stream(0, "noise", 0)], features=784, steps=1))
        >>> noise.shape, round(float(noise.std()), 2)
        ((1, 32, 784), 0.3)
    """
    shape = (setting.batch_size, features)
    numbers = math.prod(shape)
    quantiles = _quantiles() * np.float32(setting.input_noise)
    for _ in range(steps):
        if not setting.input_noise:
            yield None
            continue
        noise = np.empty((len(sources), *shape), np.float32)
        for of_network, source in zip(noise, sources, strict=True):
            bits = source.random_raw(math.ceil(numbers / 4)).astype("<u8").view("<u2")[:numbers]
            np.take(quantiles, bits.reshape(shape), out=of_network)
        yield noise


@functools.cache
def _quantiles() -> Float32[ndarray, " bits"]:
    middles = (2 * torch.arange(2**16, dtype=torch.float64) + 1) / 2**17
    return torch.special.ndtri(middles).numpy().astype(np.float32)
