"""Numbers as text: means with their intervals, ranges, p-values."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import Comparison, bootstrap_interval

NO_BREAK = "\N{NO-BREAK SPACE}"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def with_interval(values: Float[ndarray, " network"], digits: int = 1, plus: bool = True) -> str:
    """The mean over networks with its 95 % interval.

    Args:
        values: One number for each network.
        digits: Digits behind the point.
        plus: Whether positive numbers have a sign, as differences should.

    Returns:
        Such as "+2.0 [+1.4, +2.6]".

    Example:
        >>> with_interval(np.array([2.0, 2.0, 2.0])), with_interval(np.array([2.0, 2.0, 2.0]), plus=False)
        ('+2.0 [+2.0, +2.0]', '2.0 [2.0, 2.0]')
    """
    numbers = (float(number) for number in (values.mean(), *bootstrap_interval(values)))
    mean, low, high = (signed(number, digits, plus) for number in numbers)
    return f"{mean} [{low}, {high}]"


def points(comparison: Comparison) -> str:
    """A mean gap in percentage points with its interval.

    Args:
        comparison: Gap and interval as fractions.

    Returns:
        Mean and interval.

    Example:
        >>> points(Comparison(values=np.array([0.1, 0.2, 0.3]))).replace(NO_BREAK, " ")
        '+20.0 [+13.3, +30.0]'
    """
    mean, low, high = (signed(100 * value) for value in (comparison.mean, *comparison.interval))
    return f"{mean} [{low}, {high}]".replace(" ", NO_BREAK)


def signed(number: float, digits: int = 1, plus: bool = True) -> str:
    """A number with its sign.

    Args:
        number: The number, or NaN where there is none.
        digits: Digits behind the point.
        plus: Whether a positive number has a sign, too.

    Returns:
        Such as "−47.4", or "–" for NaN.

    Example:
        >>> signed(21.94), signed(-47.4), signed(-0.01)
        ('+21.9', '−47.4', '+0.0')
    """
    return "–" if np.isnan(number) else rounded(number, f"{'+' if plus else ''}.{digits}f")


def rounded(number: float, form: str) -> str:
    """A number with a true minus, and no sign of a zero.

    Args:
        number: The number.
        form: Its format, such as ".3f", with a digit before the last letter.

    Returns:
        Such as "−0.125".

    Example:
        >>> rounded(-0.125, ".3f"), rounded(-0.0001, ".3f")
        ('−0.125', '0.000')
    """
    # Adding 0 turns a rounded −0.0 into 0.0.
    return f"{round(number, int(form[-2])) + 0.0:{form}}".replace("-", "−")


def spread(values: Sequence[float], factor: float = 1.0, digits: int = 1) -> str:
    """Repeated measurements in one entry of a table.

    Args:
        values: The measurements, at least one.
        factor: What to multiply them with, for another unit.
        digits: Digits behind the point.

    Returns:
        The median with the smallest and the largest in brackets; of one measurement, itself.

    Example:
        >>> spread([0.002, 0.001, 0.004], 1e3)
        '2.0 [1.0, 4.0]'
    """
    low, middle, high = (rounded(factor * value, f".{digits}f") for value in np.quantile(values, [0, 0.5, 1]))
    return f"{middle} [{low}, {high}]" if len(values) > 1 else middle


def p_value(value: float) -> str:
    """A p-value with two digits.

    Args:
        value: The p-value, or NaN where there is none.

    Returns:
        Such as "0.0051" or "7.6·10⁻¹⁰", or "–" for NaN.

    Example:
        >>> p_value(7.557e-10), p_value(0.0051), p_value(float("nan"))
        ('7.6·10⁻¹⁰', '0.0051', '–')
    """
    if np.isnan(value):
        return "–"
    digits, _, exponent = f"{value:.2g}".partition("e")
    return f"{digits}·10{str(int(exponent)).translate(_SUPERSCRIPT)}" if exponent else digits


def mean_and_range(values: xr.DataArray) -> str:
    """A mean over networks in percent, with the smallest and the largest.

    Args:
        values: Fractions, one for each network.

    Returns:
        Such as "97.0 % (96.6 % to 97.3 %)".

    Example:
        >>> mean_and_range(xr.DataArray([0.9, 0.92], dims="network"))
        '91.0 % (90.0 % to 92.0 %)'
    """
    mean, low, high = (rounded(100 * float(v), ".1f") for v in (values.mean(), values.min(), values.max()))
    return f"{mean} % ({low} % to {high} %)"
