r"""Quantizers: thresholds that map a neuron's output to one of a few values.

A quantizer is an increasing array of thresholds, and the value of an output is the number of thresholds below it.
The last axis holds the thresholds; axes before it are those of the neurons a threshold is for.
"""

from collections.abc import Callable
from typing import Annotated

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from neuronlib.common.checks import check
from neuronlib.common.choices import ONE_BIT_THRESHOLD, Activation, Cuts
from neuronlib.common.entries import CUTS, FINITE, SOME
from neuronlib.common.numbers import AtLeastTwo

Outputs = Annotated[Float[ndarray, "*neuron sample"], FINITE, SOME]
"""Outputs of each neuron; the last axis runs over samples."""


def one_bit_thresholds(activation: Activation) -> Float[ndarray, " threshold"]:
    r"""The paper's quantizer with two values: inactive and active.

    .. math:: Q(t) = \mathbb{1}[t > \theta], \qquad \theta_\mathrm{ReLU} = 0, \quad \theta_\mathrm{sigmoid} = 0.5

    Source: Amjad, Liu, Geiger 2021, Sec. V. No deviation; an output of exactly 0.5 counts as inactive.

    Returns:
        Shape ``(1,)``.

    Example:
        >>> quantize(np.array([0.0, 0.1, 3.0]), one_bit_thresholds("relu"))
        array([0, 1, 1])
    """
    return np.array([ONE_BIT_THRESHOLD[check("activation", activation, Activation)]])


def uniform_thresholds(outputs: Outputs, values: AtLeastTwo) -> Float[ndarray, "*neuron threshold"]:
    r"""Thresholds that cut each neuron's range into intervals of equal length.

    .. math:: \theta_v = \min t + \tfrac{v}{k} (\max t - \min t), \qquad v = 1, \dots, k - 1

    Source: ours; the paper says only that more than two values changed little (Sec. V).

    Args:
        outputs: Outputs of each neuron; the last axis runs over samples.
        values: Number of values, at least 2.

    Returns:
        Shape ``(*neuron, values - 1)``. All thresholds of a constant neuron are equal, and it takes one value.

    Raises:
        ValueError: If there are no samples, an output is not finite, or fewer than two values are asked for.

    Example:
        >>> uniform_thresholds(np.array([0.0, 1.0, 4.0]), values=4)
        array([1., 2., 3.])
    """
    _check(outputs, values)
    low, high = outputs.min(axis=-1, keepdims=True), outputs.max(axis=-1, keepdims=True)
    return low + (high - low) * (np.arange(1, values) / values)


def quantile_thresholds(outputs: Outputs, values: AtLeastTwo) -> Float[ndarray, "*neuron threshold"]:
    r"""Thresholds that cut each neuron's samples into parts of equal size, ties permitting.

    .. math:: \theta_v = \text{the } \tfrac{v}{k} \text{ quantile of } t, \qquad v = 1, \dots, k - 1

    Source: ours; the paper says only that more than two values changed little (Sec. V).

    Args:
        outputs: Outputs of each neuron; the last axis runs over samples.
        values: Number of values, at least 2.

    Returns:
        Shape ``(*neuron, values - 1)``. Thresholds coincide where many outputs do, as a ReLU's zeros; the values
        between them are then never taken.

    Raises:
        ValueError: If there are no samples, an output is not finite, or fewer than two values are asked for.

    Example:
        >>> quantile_thresholds(np.array([0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0]), values=2)
        array([0.])
    """
    _check(outputs, values)
    # The lower of two neighbouring outputs is itself an output, so that equal outputs are never parted by rounding. In
    # whole numbers, since as a float n v / k may come out a little above one, which is the next output.
    places = -(-outputs.shape[-1] * np.arange(1, values) // values) - 1
    return np.sort(outputs, axis=-1)[..., places]


THRESHOLDS: dict[Cuts, Callable] = {"quantile": quantile_thresholds, "uniform": uniform_thresholds}
"""Quantizers with any number of values, by how they cut."""


def quantize(
    outputs: Annotated[Float[ndarray, "*neuron sample"], FINITE],
    thresholds: Annotated[Float[ndarray, " threshold"] | Float[ndarray, "*neuron threshold"], CUTS],
) -> Int[ndarray, "*neuron sample"]:
    r"""Value of each output: the number of thresholds below it.

    .. math:: Q(t) = \left|\{v : \theta_v < t\}\right|

    Source: Amjad, Liu, Geiger 2021, Sec. III, where :math:`Q` maps to a finite set :math:`\mathcal{T}`.

    Args:
        outputs: Outputs of each neuron; the last axis runs over samples.
        thresholds: Shape ``(threshold,)`` for all neurons, or ``(*neuron, threshold)``.

    Returns:
        Values from 0 to the number of thresholds.

    Example:
        >>> quantize(np.array([[-1.0, 0.2, 0.9]]), np.array([0.0, 0.5]))
        array([[0, 1, 2]])
    """
    return (outputs[..., None] > thresholds[..., None, :]).sum(axis=-1)


def _check(outputs: ndarray, values: int) -> None:
    check("values", values, AtLeastTwo)
    if outputs.shape[-1] == 0:
        raise ValueError("no samples: thresholds need at least one output of each neuron")
    if not np.isfinite(outputs).all():
        raise ValueError("outputs hold NaN or infinity: thresholds need finite outputs")
