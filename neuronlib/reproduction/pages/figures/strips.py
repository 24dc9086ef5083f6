"""Strip plots: the values of tests, network by network, as HTML that is as wide as the page and no wider.

It is drawn by hand, not by matplotlib: a book's page with a hundred of these would take a minute and five megabytes.
"""

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

_ACROSS = 1000
"""Parts of the width to which values are rounded."""
_HIGH = 20
"""Pixels."""
_MEAN, _PAPER = "#D55E00", "#0072B2"


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A row of a strip plot.

    Attributes:
        name: What is shown.
        values: One for each network.
        mean: Their mean.
        interval: Its 95 % interval.
        told: Mean and interval in words, beside the row.
        strong: Whether the row is in bold.
    """

    name: str
    values: Float[ndarray, " network"]
    mean: float
    interval: tuple[float, float]
    told: str = ""
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What lies behind all rows: lines, such as that of zero, the paper's value, and a band."""

    lines: Sequence[float] = ()
    paper: float | None = None
    band: tuple[float, float] | None = None

    def places(self) -> list[float]:
        """List all values that have to be on the scale."""
        return [*self.lines, *([] if self.paper is None else [self.paper]), *(self.band or ())]


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float

    def __call__(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low)

    def percent(self, value: float) -> str:
        return f"{100 * self(value):.1f}%"


def strip_plot(strips: Sequence[Strip], caption: str, unit: str, marks: Marks = Marks(), left_out: int = 0) -> str:
    """Draw the values of each row's networks as ticks, with the mean as a point and its interval as a line.

    Args:
        strips: The rows.
        caption: What is shown, in HTML; how many rows are left out is added to it.
        unit: What the values are in.
        marks: What lies behind the rows.
        left_out: How many rows are not shown.

    Returns:
        A figure in HTML without empty lines, so that it can stand in Markdown. The text for those who do not see it is
        each row's: how many networks, and from where to where.

    Example:
        >>> row = Strip(name="a row", values=np.array([1.0, 2.0]), mean=1.5, interval=(1.0, 2.0))
        >>> "2 networks from 1 to 2 points" in strip_plot([row], "One.", "points")
        True
    """
    scale = _scale([*marks.places(), *(value for one in strips for value in (*one.values, *one.interval))])
    behind = _behind(marks, scale)
    rows = "\n".join(_row(one, scale, behind, unit) for one in strips)
    also = f" {left_out} more {'is' if left_out == 1 else 'are'} left out." if left_out else ""
    return (
        f'<figure class="strips">\n<ul>\n{rows}\n</ul>\n{_axis(scale, unit)}\n'
        f"<figcaption>{caption}{also}</figcaption>\n</figure>"
    )


def _scale(values: Iterable[float]) -> _Scale:
    finite = [float(value) for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    room = 0.03 * (high - low) or 1.0  # on either side, so that no tick lies on the edge
    return _Scale(low - room, high + room)


def _behind(marks: Marks, scale: _Scale) -> str:
    parts = []
    if marks.band is not None and all(map(math.isfinite, marks.band)):
        left, right = marks.band
        width = f"{100 * (scale(right) - scale(left)):.1f}%"
        parts.append(
            f'<rect x="{scale.percent(left)}" width="{width}" height="{_HIGH}" fill="currentColor" opacity=".12"/>'
        )
    parts += [_line(scale.percent(value), "currentColor") for value in marks.lines]
    if marks.paper is not None:
        parts.append(_line(scale.percent(marks.paper), _PAPER, ' stroke-width="2" stroke-dasharray="3 2"'))
    return "".join(parts)


def _line(place: str, colour: str, style: str = "") -> str:
    return f'<line x1="{place}" x2="{place}" y2="{_HIGH}" stroke="{colour}"{style}/>'


def _row(strip: Strip, scale: _Scale, behind: str, unit: str) -> str:
    values = np.asarray(strip.values, dtype=np.float64)
    values = values[np.isfinite(values)]
    drawn = "".join([behind, _ticks(values, scale), *_mean(strip, scale)])
    alt = _spread(values, unit)
    name, number = (html.escape(text) for text in (strip.name, strip.told))
    if strip.strong:
        name, number = f"<strong>{name}</strong>", f"<strong>{number}</strong>"
    return (
        f'<li><span class="strip-name">{name}</span> <span class="strip-told">{number}</span>'
        f'<svg class="strip" width="100%" height="{_HIGH}" role="img" aria-label="{alt}">{drawn}</svg></li>'
    )


def _ticks(values: Float[ndarray, " network"], scale: _Scale) -> str:
    # Networks that would be drawn at the same place are one tick.
    places = sorted({round(_ACROSS * scale(value)) for value in values.tolist()})
    path = "M0 16" + "".join(f"m{step}-12v12" for step in np.diff(places, prepend=0).tolist())
    return (
        f'<svg viewBox="0 0 {_ACROSS} {_HIGH}" preserveAspectRatio="none" width="100%" height="{_HIGH}">'
        f'<path d="{path}" stroke="currentColor" opacity=".5" vector-effect="non-scaling-stroke"/></svg>'
    )


def _mean(strip: Strip, scale: _Scale) -> Iterator[str]:
    if all(map(math.isfinite, strip.interval)):
        left, right = map(scale.percent, strip.interval)
        yield f'<line x1="{left}" x2="{right}" y1="10" y2="10" stroke="{_MEAN}" stroke-width="3"/>'
    if math.isfinite(strip.mean):
        yield f'<circle cx="{scale.percent(strip.mean)}" cy="10" r="4" fill="{_MEAN}"/>'


def _spread(values: Float[ndarray, " network"], unit: str) -> str:
    if len(values) < 2:
        return f"{len(values)} network{'' if len(values) == 1 else 's'}; the text before it has the number"
    return f"{len(values)} networks from {_short(values.min())} to {_short(values.max())} {html.escape(unit)}"


def _axis(scale: _Scale, unit: str) -> str:
    from matplotlib.ticker import MaxNLocator

    places = [float(tick) for tick in MaxNLocator(nbins=4, steps=[1, 2, 5, 10]).tick_values(scale.low, scale.high)]
    texts = []
    for tick in (place for place in places if scale.low <= place <= scale.high):
        anchor = "start" if scale(tick) < 0.08 else "end" if scale(tick) > 0.92 else "middle"
        texts.append(f'<text x="{scale.percent(tick)}" y="11" text-anchor="{anchor}">{_short(tick)}</text>')
    return (
        '<p class="strip-axis" aria-hidden="true"><span class="strip-name"></span>'
        f'<span class="strip-told">{html.escape(unit)}</span>'
        f'<svg class="strip" width="100%" height="14" font-size="11" fill="currentColor">{"".join(texts)}</svg></p>'
    )


def _short(value: float) -> str:
    return f"{float(f'{value:.3g}') + 0.0:g}".replace("-", "−")
