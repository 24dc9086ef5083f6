"""Class selectivity, a measure of activations."""

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy import ndarray


def class_selectivity(
    outputs: Float[ndarray, "*batch sample neuron"], labels: Int64[ndarray, " sample"]
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
