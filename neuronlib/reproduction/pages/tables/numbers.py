"""Numbers as text: means with their intervals, ranges, p-values."""

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import Comparison, bootstrap_interval, student_interval

NO_BREAK = "\N{NO-BREAK SPACE}"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def with_interval(values: Float[ndarray, " network"], digits: int = 1, plus: bool = True) -> str:
    """Format the mean over networks with its 95 % interval.

    Returns:
        The text.

    Example:
        >>> with_interval(np.array([2.0, 2.0, 2.0])), with_interval(np.array([2.0, 2.0, 2.0]), plus=False)
        ('+2.0 [+2.0, +2.0]', '2.0 [2.0, 2.0]')
    """
    numbers = (float(number) for number in (values.mean(), *bootstrap_interval(values)))
    mean, low, high = (signed(number, digits, plus) for number in numbers)
    return f"{mean} [{low}, {high}]"


def with_student(values: Float[ndarray, " network"], digits: int = 1, plus: bool = True) -> str:
    """Format the mean over few networks with its 95 % interval, that of Student's distribution."""
    numbers = (float(number) for number in (values.mean(), *student_interval(values)))
    mean, low, high = (signed(number, digits, plus) for number in numbers)
    return f"{mean} [{low}, {high}]"


def points(comparison: Comparison) -> str:
    """Format a mean gap, given as a fraction, in percentage points with its interval."""
    mean, low, high = (signed(100 * value) for value in (comparison.mean, *comparison.interval))
    return f"{mean} [{low}, {high}]".replace(" ", NO_BREAK)


def higher_or_lower(number: float, low: float = math.nan, high: float = math.nan, bold: bool = False) -> str:
    """Say a difference in percentage points in words, with its interval if there is one.

    Returns:
        The text.

    Example:
        >>> higher_or_lower(-47.23, -50.52, -44.04), higher_or_lower(21.9)
        ('47.2 points lower [44.0, 50.5]', '21.9 points higher')
    """
    if math.isnan(number):
        return "(not computed yet)"
    sign, word = (1, "higher") if number > 0 else (-1, "lower")
    told = f"{rounded(sign * number, '.1f')} points {word}"
    told = f"**{told}**" if bold else told
    if math.isnan(low):
        return told
    interval = ", ".join(rounded(end, ".1f") for end in sorted((sign * low, sign * high)))
    return f"{told} [{interval}]"


def signed(number: float, digits: int = 1, plus: bool = True) -> str:
    """Format a number with its sign; NaN becomes a dash.

    Returns:
        The text.

    Example:
        >>> signed(21.94), signed(-47.4), signed(-0.01), signed(float("nan"))
        ('+21.9', '−47.4', '+0.0', '–')
    """
    return "–" if np.isnan(number) else rounded(number, f"{'+' if plus else ''}.{digits}f")


def rounded(number: float, form: str) -> str:
    """Format a number with a true minus, and no sign before a zero.

    Args:
        number: The number.
        form: Its format, such as ".3f", with a digit before the last letter.

    Returns:
        The text.

    Example:
        >>> rounded(-0.125, ".3f"), rounded(-0.0001, ".3f")
        ('−0.125', '0.000')
    """
    # Adding 0 turns a rounded −0.0 into 0.0.
    return f"{round(number, int(form[-2])) + 0.0:{form}}".replace("-", "−")


def spread(values: Sequence[float], factor: float = 1.0, digits: int = 1) -> str:
    """Format repeated measurements times a factor: the median, with smallest and largest in brackets."""
    low, middle, high = (rounded(factor * value, f".{digits}f") for value in np.quantile(values, [0, 0.5, 1]))
    return f"{middle} [{low}, {high}]" if len(values) > 1 else middle


def p_value(value: float) -> str:
    """Format a p-value with two digits; NaN becomes a dash.

    Returns:
        The text.

    Example:
        >>> p_value(7.557e-10), p_value(0.0051), p_value(float("nan"))
        ('7.6·10⁻¹⁰', '0.0051', '–')
    """
    if np.isnan(value):
        return "–"
    digits, _, exponent = f"{value:.2g}".partition("e")
    return f"{digits}·10{str(int(exponent)).translate(_SUPERSCRIPT)}" if exponent else digits


def mean_and_range(values: xr.DataArray) -> str:
    """Format a mean over networks in percent, with smallest and largest, from fractions."""
    mean, low, high = (rounded(100 * float(v), ".1f") for v in (values.mean(), values.min(), values.max()))
    return f"{mean} % ({low} % to {high} %)"
