r"""Information measures of quantized neurons, in bits, from joint counts of values and labels alone.

``counts[..., t, y]`` is the number of samples with label :math:`y` for which the neuron has value :math:`t`;
:math:`\hat p(t, y)` is that number divided by the number of samples (paper, Eq. 2).
"""

from collections.abc import Callable
from typing import Annotated

import numpy as np
from jaxtyping import Float, Float64, Int, Int64
from numpy import ndarray
from scipy.special import entr, rel_entr

from neuronlib.common.choices import Measure
from neuronlib.common.entries import FINITE, NOT_NEGATIVE, Labels

BITS_PER_NAT = 1 / np.log(2)

Counts = Int[ndarray, "*batch value label"]
"""Joint counts of values and labels."""


def entropy(counts: Counts) -> Float64[ndarray, "*batch"]:
    r"""Plug-in entropy of a quantized neuron, in bits.

    .. math:: H(T) = -\sum_t \hat p(t) \log_2 \hat p(t), \qquad 0 \log 0 = 0

    Source: Amjad, Liu, Geiger 2021, Eq. (3). No deviation; the paper does not name the unit.

    Args:
        counts: Joint counts, ``counts[..., t, y] >= 0``; shape ``(*batch, value, label)``.

    Returns:
        Shape ``(*batch,)``; ``0 <= H <= log2(value)``.

    Raises:
        ValueError: If a table is empty or has a negative entry.

    Example:
        >>> entropy(np.array([[1, 1], [1, 1]]))
        array(1.)
    """
    _, of_value, _ = _probabilities(counts)
    return _not_negative(entr(of_value).sum(axis=(-2, -1)))


def mutual_information(counts: Counts) -> Float64[ndarray, "*batch"]:
    r"""Plug-in mutual information between a quantized neuron and the label, in bits.

    .. math:: I(T;Y) = \sum_{t,y} \hat p(t,y)\,\log_2 \frac{\hat p(t,y)}{\hat p(t)\,\hat p(y)}

    Source: Amjad, Liu, Geiger 2021, Eq. (4), where it is written :math:`H(T) - H(T|Y)`. No deviation.

    Args:
        counts: Joint counts, ``counts[..., t, y] >= 0``; shape ``(*batch, value, label)``.

    Returns:
        Shape ``(*batch,)``; ``0 <= I <= min(H(T), H(Y))``. Biased upward by about
        ``(value - 1)(label - 1) / (2 N ln 2)`` bits for ``N`` samples.

    Raises:
        ValueError: If a table is empty or has a negative entry.

    Example:
        >>> mutual_information(np.array([[5, 0], [0, 5]]))  # a copy of the label
        array(1.)
    """
    p, of_value, of_label = _probabilities(counts)
    return _not_negative(rel_entr(p, of_value * of_label).sum(axis=(-2, -1)))


def information_bias(counts: Counts) -> Float64[ndarray, "*batch"]:
    r"""How much too large the plug-in mutual information is, after Miller and Madow, in bits.

    .. math:: \frac{m_{TY} - m_T - m_Y + 1}{2 N \ln 2}

    :math:`m` is the number of values, labels, or pairs of them, that occur.

    Source: Miller 1955; Panzeri, Treves 1996. Valid where samples are many against cells.

    Args:
        counts: Joint counts, ``counts[..., t, y] >= 0``; shape ``(*batch, value, label)``.

    Returns:
        What to subtract from `mutual_information`; shape ``(*batch,)``. Negative where a neuron that varies determines
        the label or is determined by it.

    Raises:
        ValueError: If a table is empty or has a negative entry.

    Example:
        >>> float(information_bias(np.full((2, 10), 50)).round(4))  # (2 - 1)(10 - 1) / (2 * 1000 * ln 2)
        0.0065
    """
    occurs = _probabilities(counts)[0] > 0
    cells = occurs.sum(axis=(-2, -1)) - occurs.any(axis=-1).sum(axis=-1) - occurs.any(axis=-2).sum(axis=-1) + 1
    return np.asarray(cells / (2 * counts.sum(axis=(-2, -1))) * BITS_PER_NAT)


def active_share(counts: Counts) -> Float64[ndarray, "*batch"]:
    r"""Share of samples for which a quantized neuron is active, that is, above the lowest threshold.

    .. math:: \hat p(T > 0)

    Source: ours; with two values it is one less the average percentage of zeros of Hu, Peng, Tai, Tang 2016.

    Args:
        counts: Joint counts, ``counts[..., t, y] >= 0``; shape ``(*batch, value, label)``.

    Returns:
        Shape ``(*batch,)``; from 0, a dead neuron, to 1, one that is always on.

    Raises:
        ValueError: If a table is empty or has a negative entry.

    Example:
        >>> active_share(np.array([[3, 2], [4, 1]]))
        array(0.5)
    """
    return np.asarray(counts[..., 1:, :].sum(axis=(-2, -1)) / _totals(counts)[..., 0, 0])


def specific_information(counts: Counts) -> Float64[ndarray, "*batch label"]:
    r"""What a quantized neuron says of each single label, in bits: the specific information spectrum.

    .. math:: D(\hat P_{T|Y=y} \,\|\, \hat P_T) = \sum_t \hat p(t|y)\,\log_2 \frac{\hat p(t|y)}{\hat p(t)}

    Source: Amjad, Liu, Geiger 2021, Sec. IV, the argument of the maximum in Eq. (5). No deviation.

    Args:
        counts: Joint counts, ``counts[..., t, y] >= 0``; shape ``(*batch, value, label)``.

    Returns:
        Shape ``(*batch, label)``; at least 0, and at most ``-log2`` of the label's share of the samples. NaN for a
        label that no sample has. Its mean over samples is the mutual information.

    Raises:
        ValueError: If a table is empty or has a negative entry.

    Example:
        >>> specific_information(np.array([[6, 0], [0, 2]]))  # the rarer label is worth more bits
        array([0.4150375, 2.       ])
    """
    p, of_value, of_label = _probabilities(counts)
    given_label = np.divide(p, of_label, out=np.full_like(p, np.nan), where=of_label > 0)
    return _not_negative(rel_entr(given_label, of_value).sum(axis=-2))


def kl_selectivity(counts: Counts) -> Float64[ndarray, "*batch"]:
    r"""Kullback-Leibler selectivity of a quantized neuron, in bits: its largest specific information.

    .. math:: \max_y D(\hat P_{T|Y=y} \,\|\, \hat P_T)

    Source: Amjad, Liu, Geiger 2021, Eq. (5). No deviation; labels that no sample has are left out.

    Args:
        counts: Joint counts, ``counts[..., t, y] >= 0``; shape ``(*batch, value, label)``.

    Returns:
        Shape ``(*batch,)``; at least the mutual information, and zero if and only if that is zero.

    Raises:
        ValueError: If a table is empty or has a negative entry.

    Example:
        >>> kl_selectivity(np.array([[6, 0], [0, 2]]))
        array(2.)
    """
    return np.asarray(np.nanmax(specific_information(counts), axis=-1))


def most_specific_label(counts: Counts) -> Int64[ndarray, "*batch"]:
    r"""Return the label of which a quantized neuron says most, that of its KL selectivity; see `kl_selectivity`.

    .. math:: \arg\max_y D(\hat P_{T|Y=y} \,\|\, \hat P_T)

    Labels that no sample has are left out; of equals, as of a neuron that says nothing, it is the first.

    Example:
        >>> most_specific_label(np.array([[0, 6, 0], [0, 0, 2]]))
        array(2)
    """
    return np.asarray(np.nanargmax(specific_information(counts), axis=-1))


FUNCTIONS: dict[Measure, Callable[[ndarray], ndarray]] = {
    "entropy": entropy,
    "mutual_information": mutual_information,
    "kl_selectivity": kl_selectivity,
}
"""The paper's three measures by name."""


def _totals(counts: ndarray) -> ndarray:
    # The samples of each table, of which there has to be one.
    totals = counts.sum(axis=(-2, -1), keepdims=True)
    if (counts < 0).any() or (totals == 0).any():
        raise ValueError("counts hold a negative entry or an empty table: expected counts of at least one sample")
    return totals


def _probabilities(counts: ndarray) -> tuple[ndarray, ndarray, ndarray]:
    # Of value and label together, of the value, and of the label; the latter two from whole numbers, so that a constant
    # neuron has probability one exactly, and its measures are zero.
    totals = _totals(counts)
    of_value, of_label = counts.sum(axis=-1, keepdims=True), counts.sum(axis=-2, keepdims=True)
    return counts / totals, of_value / totals, of_label / totals


def _not_negative(nats: Float[ndarray, "*batch"] | np.float64) -> Float64[ndarray, "*batch"]:
    # Entropies and divergences are at least 0; what falls below is rounding.
    return np.asarray(np.maximum(nats, 0.0) * BITS_PER_NAT)


def class_selectivity(
    outputs: Annotated[Float[ndarray, "*batch sample neuron"], FINITE, NOT_NEGATIVE], labels: Labels
) -> Float64[ndarray, "*batch neuron"]:
    r"""Class selectivity of Morcos et al., from activations rather than counts; it has no unit.

    .. math:: \frac{\mu_\mathrm{max} - \mu_{-\mathrm{max}}}{\mu_\mathrm{max} + \mu_{-\mathrm{max}}}

    :math:`\mu_\mathrm{max}` is the largest class-conditional mean output, :math:`\mu_{-\mathrm{max}}` the mean of
    the other classes' means.

    Source: Morcos, Barrett, Rabinowitz, Botvinick 2018, class selectivity. Deviation: 0/0, a dead neuron, is 0.

    Args:
        outputs: Outputs of each neuron, at least 0; shape ``(*batch, sample, neuron)``.
        labels: The label of each sample.

    Returns:
        Shape ``(*batch, neuron)``, from 0 (the same for all classes) to 1 (active for a single class).

    Raises:
        ValueError: If an output is negative or not finite, or if the samples have fewer than two labels.

    Example:
        >>> class_selectivity(np.array([[3.0, 1.0], [0.0, 1.0]]), np.array([0, 1]))
        array([1., 0.])
    """
    if not (np.isfinite(outputs).all() and (outputs >= 0).all()):
        raise ValueError(
            "outputs hold negative, infinite or NaN entries: class selectivity needs outputs of at least 0"
        )
    present, index = np.unique(labels, return_inverse=True)
    if len(present) < 2:
        raise ValueError(f"the samples have {len(present)} label(s): class selectivity compares at least 2")
    members = np.eye(len(present))[index]
    means = np.einsum("...sn,sl->...nl", outputs.astype(np.float64), members / members.sum(axis=0))
    largest = means.max(axis=-1)
    others = (means.sum(axis=-1) - largest) / (len(present) - 1)
    total = largest + others
    # The largest mean is at least the others'; what falls below is rounding.
    return np.divide(np.maximum(largest - others, 0), total, out=np.zeros_like(total), where=total > 0)
