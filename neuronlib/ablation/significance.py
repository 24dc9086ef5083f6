"""Tests and intervals over networks."""

import functools
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.door import methods_checked
from neuronlib.common.entries import FINITE, NOT_INFINITE, SHARES, SOME, VARYING
from neuronlib.common.numbers import Count, OpenShare, Positive, PValue, Seed

Values = Annotated[Float[ndarray, " network"], FINITE]
"""One number for each network."""

_DECIMALS = 9
"""Differences are equal up to so many decimals: of accuracies, whose steps are 1e-5 at least, or bits."""


def without_rounding(differences: Float[ndarray, "*any"] | np.floating) -> Float[ndarray, "*any"]:
    """Return differences, but zero for those below half of the ninth decimal.

    The mean of ten equal accuracies is not quite each of them.

    Example:
        >>> without_rounding(np.array([1.4e-15, 0.25]))
        array([0.  , 0.25])
    """
    return np.where(differences.round(_DECIMALS) == 0, 0.0, differences)


def wilcoxon_p(differences: Values, exact: bool = False) -> float:
    """Return the two-sided p-value of the Wilcoxon signed-rank test.

    Source: the paper's p-values are those of the normal approximation without continuity correction: 50 differences
    of one sign give its smallest, 7.56e-10. scipy does the test.

    Args:
        differences: Paired differences, one for each network; what is left of them beyond nine decimals is rounding.
        exact: Whether to use the exact distribution instead, as one would for few networks.

    Returns:
        The p-value; 1 if all differences are zero, NaN for fewer than two networks.

    Example:
        >>> f"{wilcoxon_p(np.arange(1.0, 51.0)):.3e}"
        '7.557e-10'
    """
    return float(wilcoxon_p_values(differences[None], exact)[0])


def wilcoxon_p_values(
    differences: Annotated[Float[ndarray, "test network"], FINITE], exact: bool = False
) -> Float[ndarray, " test"]:
    """Return what `wilcoxon_p` says of each of many tests, a row each, at once.

    Example:
        >>> wilcoxon_p_values(np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]])).round(3)
        array([1.   , 0.109])
    """
    tests, networks = differences.shape
    if networks < 2:
        return np.full(tests, np.nan)
    p_values = np.ones(tests)
    # The mean of ten equal accuracies is not quite each of them, which would count as a difference and break ties.
    differences = differences.round(_DECIMALS)
    varying = differences.any(axis=1)
    if varying.any():
        from scipy import stats  # takes a second to import, and most of what reads results needs no test

        method = "exact" if exact else "asymptotic"
        p_values[varying] = stats.wilcoxon(differences[varying], axis=1, correction=False, method=method).pvalue
    return p_values


def not_above_p(differences: Values, margin: float) -> float:
    r"""Return the one-sided p-value of differences reaching up to a margin: small if they surely lie below it.

    .. math:: H_0: \Delta \ge \delta \quad \text{against} \quad H_1: \Delta < \delta

    Source: the Wilcoxon signed-rank test of :math:`\delta - \Delta_k`, by scipy, in the normal approximation without
    continuity correction, as `wilcoxon_p`. NaN for fewer than two networks.

    Example:
        >>> f"{not_above_p(np.linspace(-1.0, 1.0, 9), margin=2.0):.4f}"
        '0.0038'
    """
    if len(differences) < 2:
        return float("nan")
    below = (margin - np.asarray(differences, dtype=np.float64)).round(_DECIMALS)
    if not below.any():
        return 1.0
    from scipy import stats

    return float(stats.wilcoxon(below, correction=False, method="asymptotic", alternative="greater").pvalue)


def equivalence_p(differences: Values, margin: Positive) -> float:
    r"""Return the p-value of two one-sided tests: small if differences surely lie between -margin and margin.

    .. math:: p = \max\{p(\Delta \ge \delta),\; p(\Delta \le -\delta)\}

    That a test of no difference does not reject says nothing, since with few networks it never does. This one has to
    reject, so few or noisy networks cannot pass it.

    Source: Schuirmann 1987, "A comparison of the two one-sided tests procedure and the power approach". Deviation: the
    Wilcoxon signed-rank test, which is the paper's, instead of Student's.

    Args:
        differences: Paired differences, one for each network.
        margin: The smallest difference that counts, :math:`\delta > 0`, in their unit.

    Returns:
        The p-value; NaN for fewer than two networks.

    Example:
        >>> equivalence_p(np.linspace(-1.0, 1.0, 9), margin=2.0) < 0.05
        True
        >>> equivalence_p(np.linspace(-9.0, 9.0, 9), margin=2.0) < 0.05
        False
    """
    values = np.asarray(differences, dtype=np.float64)
    return max(not_above_p(values, margin), not_above_p(-values, margin))


def replication_interval(
    values: Values, original: float, original_networks: Count, coverage: OpenShare = 0.95
) -> tuple[float, float]:
    r"""Return where a replication's mean lies if nothing but the networks differs from the original study.

    .. math:: m_o \pm t_{n-1}\, s\, \sqrt{1/n_o + 1/n}

    Source: Patil, Peng, Leek 2016; Spence, Stanley 2016. Deviation: the original's deviation is not known, and taken to
    be the replication's, :math:`s`.

    Args:
        values: The replication's numbers, one for each of its :math:`n` networks.
        original: The original's mean :math:`m_o`, in the same unit.
        original_networks: How many networks that was over, :math:`n_o`.
        coverage: How often the mean lies in the interval.

    Returns:
        Lower and upper end; NaN for fewer than two networks.

    Example:
        >>> low, high = replication_interval(np.linspace(15.0, 25.0, 50), 21.9, 50)
        >>> round(low, 1), round(high, 1)
        (20.7, 23.1)
    """
    networks = len(values)
    if networks < 2:
        return float("nan"), float("nan")
    from scipy import stats

    error = np.std(values, ddof=1) * np.sqrt(1 / networks + 1 / original_networks)
    half = float(stats.t.ppf((1 + coverage) / 2, networks - 1) * error)
    return original - half, original + half


def kolmogorov_smirnov_p(
    one: Annotated[Values, SOME], other: Annotated[Float[ndarray, " other_network"], FINITE, SOME]
) -> float:
    """Return the p-value of the two-sample Kolmogorov-Smirnov test, one number a network in each sample.

    Source: the paper compares two layers by it (N4, N12), although layers of the same networks are not independent
    samples. scipy does the test.

    Example:
        >>> f"{kolmogorov_smirnov_p(np.arange(50.0), np.arange(50.0) + 100):.3g}"
        '1.98e-29'
    """
    from scipy import stats

    return float(stats.ks_2samp(one, other).pvalue)


def spearman(
    one: Annotated[Float[ndarray, " value"], FINITE, VARYING],
    other: Annotated[Float[ndarray, " value"], FINITE, VARYING],
) -> float:
    """Spearman's rank correlation of two rows of numbers, from -1 to 1; scipy computes it."""
    from scipy import stats

    return float(stats.spearmanr(one, other).statistic)


class _SameResamples(np.random.Generator):
    # A seed gives the same resamples of as many networks in every call, and drawing them takes half of scipy's time.
    def __init__(self, bits: np.random.BitGenerator, seed: int):
        super().__init__(bits)
        self._seed = seed

    def integers(self, low: Any, high: Any = None, size: Any = None, **options: Any) -> Any:  # type: ignore[override]
        return _resamples(self._seed, low, high, size, **options)


@functools.lru_cache(maxsize=32)
def _resamples(seed: int, low: int, high: int, size: tuple[int, int], **options: Any) -> ndarray:
    return np.random.default_rng(seed).integers(low, high, size=size, **options)


def bootstrap_interval(
    values: Annotated[Float[ndarray, " network"], NOT_INFINITE], seed: Seed = 0
) -> tuple[float, float]:
    """95 % interval for a mean over networks, by the bias-corrected and accelerated bootstrap of scipy.

    Args:
        values: One number for each network; those that are zero but for rounding are zero.
        seed: Start of the random numbers.

    Returns:
        Lower and upper end; both NaN for fewer than two networks or where a value is NaN, both the value if all are the
        same.

    Example:
        >>> bootstrap_interval(np.array([0.5, 0.5, 0.5]))
        (0.5, 0.5)
    """
    if len(values) < 2 or np.isnan(values).any():
        return float("nan"), float("nan")
    values = without_rounding(values)
    if np.ptp(values) < _TIED:
        return float(values[0]), float(values[0])
    from scipy import stats

    result = stats.bootstrap((values,), np.mean, rng=_SameResamples(np.random.PCG64(seed), seed))
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def student_interval(values: Annotated[Float[ndarray, " network"], NOT_INFINITE]) -> tuple[float, float]:
    r"""95 % interval for a mean over few networks, by Student's distribution.

    .. math:: \bar v \pm t_{0.975,\, n-1}\, s / \sqrt{n}

    Source: ours, where there are three to five networks, of which the bootstrap's intervals are too short.

    Args:
        values: One number for each network.

    Returns:
        Lower and upper end; both NaN for fewer than two networks or where a value is NaN.

    Example:
        >>> student_interval(np.array([1.0, 2.0, 3.0]))
        (-0.484..., 4.484...)
    """
    if len(values) < 2 or np.isnan(values).any():
        return float("nan"), float("nan")
    from scipy import stats

    half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return float(values.mean()) - half, float(values.mean()) + half


_RESAMPLES = 9999
"""As many as scipy draws."""
_TIED = 1e-12
"""Numbers are equal if they differ by less: that is rounding."""


@functools.lru_cache(maxsize=8)
def _drawn_shares(seed: int, networks: int) -> Float[ndarray, "resample network"]:
    drawn = _resamples(seed, 0, networks, (_RESAMPLES, networks))
    return np.stack([np.bincount(row, minlength=networks) for row in drawn]) / networks


def bootstrap_intervals(values: Float[ndarray, "test network"], seed: int = 0) -> Float[ndarray, "test 2"]:
    r"""Return what `bootstrap_interval` says of each of many rows, at once and several times as fast.

    With resampled means :math:`m^*`, the mean :math:`m`, and the normal distribution's :math:`\Phi` and :math:`z`, the
    ends are the quantiles of :math:`m^*` at

    .. math:: \Phi\Bigl(b + \frac{b + z}{1 - a (b + z)}\Bigr), \qquad b = \Phi^{-1}(P(m^* < m) + \tfrac12 P(m^* = m))

    where the acceleration :math:`a` is the skewness of the means without one network each, over six.

    Source: Efron 1987, "Better bootstrap confidence intervals", in the form that scipy has. Deviation: means that
    differ by rounding alone are tied, which few networks show in the ends' third digit.

    Example:
        >>> bootstrap_intervals(np.array([[0.5, 0.5, 0.5], [0.0, 0.25, 0.5]]))
        array([[0.5, 0.5],
               [0. , 0.5]])
    """
    tests, networks = values.shape
    if networks < 2:
        return np.full((tests, 2), np.nan)
    from scipy import special

    values = without_rounding(values)
    ends = np.repeat(values[:, :1], 2, axis=1)
    ends[np.isnan(values).any(axis=1)] = np.nan
    shares = _drawn_shares(seed, networks)
    for row in np.flatnonzero(np.ptp(values, axis=1) > 0):
        some, mean = values[row], values[row].mean()
        means = shares @ some
        below, not_above = (np.count_nonzero(means < mean + tied) for tied in (-_TIED, _TIED))
        bias = special.ndtri((below + not_above) / (2 * _RESAMPLES))
        influence = some - mean
        acceleration = (influence**3).sum() / (6 * (influence**2).sum() ** 1.5)
        shifted = bias + special.ndtri([0.025, 0.975])
        place = special.ndtr(bias + shifted / (1 - acceleration * shifted)) * (_RESAMPLES - 1)
        left = place.astype(int)
        right = np.minimum(left + 1, _RESAMPLES - 1)
        means.partition([*left, *right])
        ends[row] = means[left] + (place - left) * (means[right] - means[left])
    return ends


def pigeonhole_interval(
    values: Annotated[Float[ndarray, "network image"], NOT_INFINITE],
    images_vary: bool = True,
    seed: Seed = 0,
    draws: Count = 2000,
) -> tuple[float, float]:
    r"""95 % interval for a mean over networks and images, by resampling both at once.

    .. math:: \bar d^* = \frac{1}{K N} \sum_{k=1}^K \sum_{i=1}^N W_k V_i\, d_{ki}

    Networks are drawn :math:`K` times with replacement, images :math:`N` times, independently; :math:`W_k` and
    :math:`V_i` say how often each was drawn. The ends are the 2.5 % and 97.5 % quantiles of :math:`\bar d^*`.

    Source: Owen 2007, "The pigeonhole bootstrap". Its variance is too large rather than too small, as what is peculiar
    to one network and one image is counted more than once. With few networks, quantiles are somewhat too narrow, by a
    factor of about :math:`\sqrt{1 - 1/K}`, as in every bootstrap by quantiles.

    Args:
        values: A number for each network and image, such as the difference of two answers, right (1) or wrong (0).
        images_vary: Whether images are resampled; otherwise only networks, by the same draws.
        seed: Start of the random numbers.
        draws: How often both are drawn.

    Returns:
        Lower and upper end; both NaN for fewer than two networks or images, or where a value is NaN.

    Example:
        >>> right = np.array([[1.0, 0.0] * 50, [1.0, 1.0] * 50])  # the networks differ, and so do the images
        >>> pigeonhole_interval(right, images_vary=False)
        (0.5, 1.0)
        >>> low, high = pigeonhole_interval(right)
        >>> 0.3 < low < 0.5, high
        (True, 1.0)
    """
    networks, images = values.shape
    if networks < 2 or images < 2 or np.isnan(values).any():
        return float("nan"), float("nan")
    of_networks, of_images = (np.random.default_rng([seed, stream]) for stream in range(2))
    means = np.empty(draws)
    for draw in range(draws):
        of_network = np.bincount(of_networks.integers(networks, size=networks), minlength=networks)
        drawn = of_images.integers(images, size=images) if images_vary else np.arange(images)
        of_image = np.bincount(drawn, minlength=images)
        means[draw] = of_network @ values @ of_image / values.size
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def holm(p_values: Annotated[Float[ndarray, " test"], SHARES]) -> Float[ndarray, " test"]:
    """P-values adjusted for several tests by Holm's step-down method.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure". The paper does not correct.

    Args:
        p_values: One for each test, in [0, 1].

    Returns:
        Adjusted p-values; rejecting those below 0.05 keeps the chance of any false rejection below 0.05.

    Example:
        >>> holm(np.array([0.01, 0.04, 0.03])).round(3)
        array([0.03, 0.06, 0.06])
    """
    order = np.argsort(p_values)
    remaining = np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * remaining), 1.0)
    return adjusted


_ALL_FLIPS = 12
"""Networks up to which all flips of signs are gone through."""


def sign_flip_p_values(
    differences: Float[ndarray, "test network"], draws: int = 9999, seed: int = 0
) -> Float[ndarray, " test"]:
    r"""Return p-values corrected for many tests of the same networks, by flipping the signs of whole networks.

    .. math:: p_{(i)} = \max_{k \le i} P\Bigl(\max_{j \ge k} |t^*_{(j)}| \ge |t_{(k)}|\Bigr), \qquad
        t = \frac{\bar d}{s / \sqrt{n}}

    Tests are sorted by :math:`|t|`, the largest first. If nothing differs, a network's differences are as likely with
    the other sign, all of them at once; :math:`t^*` are the statistics after such flips. So tests that go together,
    as those of neighbouring strengths do, cost less than Holm's method takes, and the smallest p-value is 2 of
    :math:`2^n` however many tests there are.

    Source: Westfall, Young 1993, step-down maxT; Nichols, Holmes 2002, for flips of signs. All flips are gone through
    for up to 12 networks, otherwise ``draws`` random ones and the identity.

    Returns:
        In the order of the tests; 1 for one without differences, NaN for one with a NaN, and for fewer than two
        networks.

    Example:
        >>> clear, none = [1.0, 1.1, 0.9, 1.2, 0.8, 1.0], [0.3, -0.2, 0.1, -0.3, 0.2, -0.1]
        >>> sign_flip_p_values(np.array([clear, none])).round(3)
        array([0.031, 1.   ])
    """
    tests, networks = differences.shape
    p_values = np.full(tests, np.nan)
    known = np.flatnonzero(~np.isnan(differences).any(axis=1))
    if networks < 2 or not len(known):
        return p_values
    some = without_rounding(np.asarray(differences, dtype=np.float64)[known])
    statistics = _flipped_statistics(some, _flips(networks, draws, seed))
    order = np.argsort(-statistics[0], kind="stable")
    ordered = statistics[:, order]
    largest = np.maximum.accumulate(ordered[:, ::-1], axis=1)[:, ::-1]
    # What rounding moves is a tie.
    shares = (largest >= ordered[0] * (1 - _TIED)).mean(axis=0)
    p_values[known[order]] = np.maximum.accumulate(shares)
    return p_values


def _flips(networks: int, draws: int, seed: int) -> Float[ndarray, "flip network"]:
    # The first leaves all signs as they are. Opposite flips have the same statistics, so that half of them are enough.
    if networks <= _ALL_FLIPS:
        bits = np.arange(2 ** (networks - 1))[:, None] >> np.arange(networks) & 1
    else:
        drawn = np.random.default_rng(seed).integers(2, size=(draws, networks))
        bits = np.concatenate([np.zeros((1, networks), dtype=np.int64), drawn])
    return 1.0 - 2.0 * bits


def _flipped_statistics(
    differences: Float[ndarray, "test network"], flips: Float[ndarray, "flip network"]
) -> Float[ndarray, "flip test"]:
    networks = differences.shape[1]
    means = flips @ differences.T / networks
    squares = (differences**2).sum(axis=1)
    # Rounding may leave less than nothing of the variance of equal differences.
    variances = np.maximum(squares - networks * means**2, _TIED * squares) / (networks - 1)
    errors = np.sqrt(variances / networks)
    return np.divide(abs(means), errors, out=np.zeros_like(means), where=errors > 0)


@methods_checked()
@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A difference that is tested over networks: one number for each, their mean, its interval and a p-value.

    Attributes:
        values: One number for each network, such as the gap in accuracy between two orders.
        name: What is compared, in a few words.
        setting: The networks' setting.
        p: The p-value, where it is not the Wilcoxon signed-rank test's of the values.

    Example:
        >>> print(Comparison(values=np.array([0.1, 0.2, 0.3])))
        +0.2 [+0.133, +0.3], p = 0.11, 3 networks
    """

    values: Annotated[Float[ndarray, " network"], NOT_INFINITE, SOME]
    name: str = ""
    setting: str = ""
    p: PValue | None = None

    @property
    def networks(self) -> int:
        """Number of networks."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """Mean over networks."""
        return float(without_rounding(np.mean(self.values)))

    @functools.cached_property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the mean over networks."""
        return bootstrap_interval(np.asarray(self.values, dtype=np.float64))

    @functools.cached_property
    def p_value(self) -> float:
        """Two-sided p-value."""
        return wilcoxon_p(np.asarray(self.values, dtype=np.float64)) if self.p is None else self.p

    def __str__(self) -> str:
        name = f"{self.name}: " if self.name else ""
        if self.networks < 2:
            return f"{name}{self.mean:+.3g}; an interval and a test take at least 2 networks"
        low, high = self.interval
        return f"{name}{self.mean:+.3g} [{low:+.3g}, {high:+.3g}], p = {self.p_value:.2g}, {self.networks} networks"
