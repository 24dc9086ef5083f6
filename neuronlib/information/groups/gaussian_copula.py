"""O-information of groups of neurons by a Gaussian copula, the usual estimate for real values, in bits."""

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy import ndarray
from scipy.stats import norm, rankdata

from neuronlib.common.checks import check_groups, check_samples

# A determinant below e to this means a correlation of 1, to rounding.
_SINGULAR = -30.0


def of_groups_gaussian(
    values: Float[ndarray, "sample neuron"], groups: Int64[ndarray, "group member"]
) -> Float64[ndarray, " group"]:
    r"""O-information of given groups by a Gaussian copula, in bits.

    .. math:: \Omega = \frac{n - 2}{2} \log_2 \det R - \frac{1}{2} \sum_j \log_2 \det R_{-j}

    :math:`R` is the correlation matrix of normal scores, the values by their ranks moved to a normal distribution. It
    sees only how neurons vary two by two: exclusive or of bits is invisible to it.

    Source: Rosas, Mediano, Gastpar, Jensen 2019 for Gaussian variables; Ince and others 2017 for the copula.

    Args:
        values: Real values of each neuron, such as pre-activations; those of a ReLU's outputs tie at 0, which moves the
            result.
        groups: Groups of equal size, at least 3.

    Returns:
        One number for each group.

    Raises:
        ValueError: If groups are too small, hold a neuron twice, or hold neurons of which one is constant or determined
            by the others; or if a value is not finite.

    Example:
        >>> draw = np.random.default_rng(0).normal(size=(4000, 4))
        >>> shared = draw[:, :3] + draw[:, 3:]  # what all three have in common is redundant
        >>> of_groups_gaussian(shared, np.array([[0, 1, 2]])).round(2)
        array([0.13])
    """
    samples, neurons = values.shape
    check_samples(samples)
    check_groups(groups, neurons, most=neurons)
    if not np.isfinite(values).all():
        raise ValueError("values hold NaN or infinity: expected finite numbers")
    used = np.unique(groups)
    constant = used[np.ptp(values[:, used], axis=0) == 0]
    if constant.size:
        raise ValueError(f"neurons {constant.tolist()} are constant: leave them out")
    correlations = np.eye(neurons)
    scores = norm.ppf(rankdata(values[:, used], axis=0) / (samples + 1))
    correlations[np.ix_(used, used)] = np.corrcoef(scores.T)
    size = groups.shape[1]
    result = (size - 2) / 2 * _log_determinants(correlations, groups)
    for member in range(size):
        result -= _log_determinants(correlations, np.delete(groups, member, axis=1)) / 2
    return result


def _log_determinants(
    correlations: Float64[ndarray, "neuron neuron"], groups: Int64[ndarray, "group some"]
) -> Float64[ndarray, " group"]:
    signs, logs = np.linalg.slogdet(correlations[groups[:, :, None], groups[:, None, :]])
    singular = groups[(signs <= 0) | (logs < _SINGULAR)]
    if singular.size:
        raise ValueError(f"neurons {singular[0].tolist()} determine each other: leave copies out")
    return logs / np.log(2)
