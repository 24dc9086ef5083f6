"""Figures of single neurons and single images: each function draws on the axes it is given and returns them."""

import itertools
import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from jaxtyping import Float, Real
from matplotlib.axes import Axes

from neuronlib.common.choices import Measure
from neuronlib.common.entries import FINITE, NOT_INFINITE, SOME
from neuronlib.common.labelled import Measured
from neuronlib.common.numbers import Count
from neuronlib.plots.curves import LAYER_STYLES, NAMES


def against(axes: Axes, measures: Measured, horizontal: Measure, vertical: Measure) -> Axes:
    """One measure of every neuron against another, a colour and a marker for each layer.

    Args:
        axes: Where to draw.
        measures: Measures in bits by ``network`` and ``neuron``, with the coordinate ``layer``.
        horizontal: The measure on the horizontal axis.
        vertical: The measure on the vertical axis.

    Returns:
        The same axes, with the line on which both are equal.

    Raises:
        ValueError: If there is no such measure.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> import xarray as xr
        >>> values = (("network", "neuron"), [[0.2, 0.4]])
        >>> both = {"entropy": values, "mutual_information": values}
        >>> measures = xr.Dataset(both, {"layer": ("neuron", ["1", "2"])})
        >>> against(plt.figure().gca(), measures, "entropy", "mutual_information").get_xlabel()
        'entropy (bits)'
    """
    for name in (horizontal, vertical):
        if name not in measures:
            raise ValueError(f"measures hold no {name!r}: expected what nl.measure returns")
    for layer, (colour, marker) in zip(np.unique(measures.layer), itertools.cycle(LAYER_STYLES)):
        these = measures.isel(neuron=np.flatnonzero(measures.layer == layer))
        axes.scatter(
            these[horizontal], these[vertical], s=12, c=colour, marker=marker, alpha=0.6, lw=0, label=f"layer {layer}"
        )
    end = min(axes.get_xlim()[1], axes.get_ylim()[1])
    axes.plot([0, end], [0, end], color="#404040", lw=1, linestyle="dotted", label="equality")
    axes.set(xlabel=f"{NAMES[horizontal]} (bits)", ylabel=f"{NAMES[vertical]} (bits)")
    axes.legend()
    return axes


def spectra(
    axes: Axes,
    specific: Annotated[Float[np.ndarray, "neuron label"], NOT_INFINITE, SOME],
    neurons: Sequence[str],
    labels: Sequence[str],
) -> Axes:
    """Specific information of several neurons for every class, as a table of shades with numbers.

    Args:
        axes: Where to draw.
        specific: Bits, one row for each neuron and one column for each class.
        neurons: The rows' names.
        labels: The columns' names.

    Returns:
        The same axes.

    Raises:
        ValueError: If there is not a name for each row and column, or all are NaN.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> spectra(plt.figure().gca(), np.array([[0.0, 1.0]]), ["a neuron"], ["0", "1"]).get_xlabel()
        'class'
    """
    if specific.shape != (len(neurons), len(labels)):
        raise ValueError(f"specific of shape {specific.shape}: expected a name for each row and column")
    if np.isnan(specific).all():
        raise ValueError("specific holds NaN alone: expected bits")
    top = max(1.0, float(np.nanmax(specific)))
    axes.imshow(specific, cmap="Blues", vmin=0, vmax=top, aspect="auto")
    for (row, column), bits in np.ndenumerate(specific):
        dark = bits > 0.6 * top
        axes.text(column, row, f"{bits:.2f}", ha="center", va="center", size=8, color="white" if dark else "black")
    axes.set(xticks=range(len(labels)), yticks=range(len(neurons)), xlabel="class")
    axes.set_xticklabels(labels)
    axes.set_yticklabels(neurons)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    return axes


def picture(
    axes: Axes, pixels: Annotated[Real[np.ndarray, "*any"], FINITE], shape: tuple[Count, Count, Count], title: str
) -> Axes:
    """One image.

    Args:
        axes: Where to draw.
        pixels: Its features in the order channel, row, column, on any scale.
        shape: Channels, rows and columns.
        title: What to write above it.

    Returns:
        The same axes, without ticks.

    Raises:
        ValueError: If there are more or fewer pixels than the shape says, or 2 channels or more than 4.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> picture(plt.figure().gca(), np.arange(4.0), (1, 2, 2), "seven").get_title()
        'seven'
    """
    if shape[0] not in (1, 3, 4):
        raise ValueError(f"shape = {shape}: expected 1 channel, 3 or 4")
    if pixels.size != math.prod(shape):
        raise ValueError(f"pixels: {pixels.size} of them, but shape = {shape}")
    image = pixels.reshape(shape).transpose(1, 2, 0)
    low, high = image.min(), image.max()
    scaled = (image - low) / (high - low) if high > low else np.zeros_like(image)
    axes.imshow(scaled.squeeze() if shape[0] == 1 else scaled, cmap="gray_r")
    axes.set(xticks=[], yticks=[], title=title)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    return axes
