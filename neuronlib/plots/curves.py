"""Figures of the book: each function draws on the axes it is given and returns them."""

import itertools
from collections.abc import Mapping
from typing import Annotated, Any

import matplotlib as mpl
import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neuronlib.ablation.curves import random_accuracy
from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import DIRECTIONS, MEASURES
from neuronlib.common.entries import NOT_EMPTY, NOT_INFINITE
from neuronlib.common.labelled import Curve, DrawnAccuracies, History
from neuronlib.common.numbers import Inches

# Okabe and Ito's palette, whose colours differ for colour-blind readers and in lightness.
COLOURS = {
    "entropy": "#0072B2",
    "mutual_information": "#D55E00",
    "kl_selectivity": "#009E73",
    "random": "#404040",
}
NAMES = {
    "entropy": "entropy",
    "mutual_information": "mutual information",
    "kl_selectivity": "KL selectivity",
    "random": "random",
}
_MARKERS = {"entropy": "o", "mutual_information": "s", "kl_selectivity": "^", "random": "x"}
DASHES = {"low": "solid", "high": "dashed", "random": "dotted"}
"""Line of the lowest values first, the highest first, and random ablation."""
_DASHES_COMPARED = dict(zip(COLOURS, ("solid", "dashed", "dashdot", "dotted"), strict=True))
LAYER_STYLES = (("#0072B2", "o"), ("#E69F00", "s"), ("#009E73", "^"), ("#CC79A7", "D"))
"""Colour and marker of each hidden layer."""


def use_house_style() -> None:
    """Vector figures, the same bytes for the same data, on a white ground that is readable in dark mode too.

    All else is as matplotlib has it by default, whatever a file ``matplotlibrc`` says.

    Example:
        >>> use_house_style()
        >>> mpl.rcParams["svg.hashsalt"]
        'neuronlib'
    """
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    mpl.rcdefaults()
    mpl.rcParams.update(
        {
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.grid": True,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "font.size": 10,
            "grid.color": "#e4e4e4",
            "legend.frameon": False,
            "svg.hashsalt": "neuronlib",
        }
    )
    set_matplotlib_formats("svg", metadata={"Date": None})


def subplots(*arguments: Any, **options: Any) -> tuple[Figure, Any]:
    """Make a figure of panels; `matplotlib.pyplot.subplots`, loaded when it is first asked for."""
    import matplotlib.pyplot as plt

    return plt.subplots(*arguments, **options)


def panel(width: Inches, height: Inches) -> Axes:
    """Make a figure of one panel, in inches."""
    return subplots(figsize=(width, height))[1]


def plot_curves(accuracies: DrawnAccuracies, axes: Axes | None = None) -> Axes:
    """Plot accuracy against the number of ablated neurons: mean and standard deviation over networks.

    As in the paper's Fig. 3, solid lines ablate the lowest values first, dashed lines the highest, and the dotted line
    is random ablation.

    Args:
        accuracies: Fractions of one layer, with axes ``network``, ``order`` and ``step``.
        axes: Where to draw; a new figure with a legend unless given.

    Returns:
        The axes, in percent.

    Example:
        >>> curves = xr.DataArray([[[0.9, 0.1]]], dims=("network", "order", "step"), coords={"step": [0, 1]})
        >>> curves = curves.assign_coords(measure=("order", ["random"]), direction=("order", ["random"]), layer="1")
        >>> plot_curves(curves).get_ylabel()
        'test accuracy (%)'
    """
    if axes is None:
        axes = plot_curves(accuracies, panel(6, 4))
        axes.legend(fontsize=8)
        return axes
    evaluated = accuracies.dropna("step", how="all")
    curves: list[tuple[str, str, xr.DataArray]] = []
    for measure in MEASURES:
        for direction in DIRECTIONS:
            chosen = np.flatnonzero((evaluated.measure == measure) & (evaluated.direction == direction))
            curves += [(measure, direction, evaluated.isel(order=index)) for index in chosen]
    curves.append(("random", "random", random_accuracy(evaluated)))
    for offset, (name, lowest_or_highest, curve) in enumerate(curves):
        mean, deviation = 100 * curve.mean("network"), 100 * curve.std("network")
        label = "random" if name == "random" else f"{NAMES[name]}, {lowest_or_highest}est first"
        axes.plot(
            evaluated.step,
            mean,
            label=label,
            color=COLOURS[name],
            linestyle=DASHES[lowest_or_highest],
            marker=_MARKERS[name],
            markersize=4,
            markevery=(offset, max(1, len(evaluated.step) // 8)),
        )
        axes.fill_between(evaluated.step, mean - deviation, mean + deviation, color=COLOURS[name], alpha=0.12, lw=0)
    axes.set(xlabel="ablated neurons", ylabel="test accuracy (%)", ylim=(0, 100), xlim=(0, int(evaluated.step[-1])))
    networks = evaluated.sizes["network"]
    axes.set_title(f"layer {evaluated.layer.item()}, {networks} network{'s' if networks > 1 else ''}")
    return axes


def compared_curves(axes: Axes, curves: Mapping[str, Curve], label: str = "test accuracy (%)") -> Axes:
    """A few curves by the number of ablated neurons, each with a name: mean and standard deviation over networks.

    Args:
        axes: Where to draw.
        curves: Fractions with axes ``network`` and ``step``, by what the legend is to say; a measure, or random
            ablation, looks as in all other figures.
        label: What is drawn.

    Returns:
        The same axes, in percent.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> curve = xr.DataArray([[0.9, 0.1]], dims=("network", "step"), coords={"step": [0, 1]})
        >>> len(compared_curves(plt.figure().gca(), {"mine": curve}).lines)
        1
    """
    own = {NAMES[look]: look for look in COLOURS}
    free = itertools.cycle([look for look in COLOURS if NAMES[look] not in curves] or COLOURS)
    for offset, (name, curve) in enumerate(curves.items()):
        look = own.get(name) or next(free)
        colour = COLOURS[look]
        mean, deviation = 100 * curve.mean("network"), 100 * curve.std("network")
        every = (offset, max(1, curve.sizes["step"] // 8))
        axes.plot(
            curve.step,
            mean,
            linestyle=_DASHES_COMPARED[look],
            color=colour,
            marker=_MARKERS[look],
            markersize=4,
            markevery=every,
            label=name,
        )
        axes.fill_between(curve.step, mean - deviation, mean + deviation, color=colour, alpha=0.12, lw=0)
    axes.set(xlabel="ablated neurons", ylabel=label, ylim=(0, 102))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return axes


def intervals(
    axes: Axes,
    numbers: Annotated[Mapping[str, Mapping[str, Annotated[Float[np.ndarray, " network"], NOT_INFINITE]]], NOT_EMPTY],
    label: str,
) -> Axes:
    """Means over networks with their 95 % intervals, a row for each question and a mark for each answer to it.

    Args:
        axes: Where to draw.
        numbers: By question and by what the legend is to say, one number for each network.
        label: What the numbers are.

    Returns:
        The same axes, the first question at the top.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> axes = intervals(plt.figure().gca(), {"which?": {"this": np.array([1.0, 2.0, 3.0])}}, "points")
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['which?']
    """
    answers = list(dict.fromkeys(answer for row in numbers.values() for answer in row))
    looks = dict(zip(answers, zip(COLOURS.values(), _MARKERS.values(), strict=True), strict=False))
    for place, row in enumerate(numbers.values()):
        for answer, values in row.items():
            colour, marker = looks[answer]
            height = place + 0.5 * (answers.index(answer) - (len(answers) - 1) / 2) / len(answers)
            axes.plot(bootstrap_interval(values), [height, height], color=colour, lw=1.5)
            axes.plot(
                values.mean(), height, color=colour, marker=marker, ms=5, lw=0, label=answer if not place else None
            )
    axes.axvline(0, color="#404040", lw=0.8)
    axes.set_yticks(range(len(numbers)), list(numbers))
    axes.set(xlabel=label, ylim=(len(numbers) - 0.5, -0.5))
    return axes


def training_history(axes: Axes, history: History) -> Axes:
    """Accuracy on validation and test samples after each epoch, a line for each network.

    Args:
        axes: Where to draw.
        history: What `train` returns.

    Returns:
        The same axes, in percent.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> accuracy = (("network", "epoch"), [[0.8, 0.9]])
        >>> history = xr.Dataset({"validation_accuracy": accuracy, "test_accuracy": accuracy}, {"epoch": [1, 2]})
        >>> training_history(plt.figure().gca(), history).get_xlabel()
        'epoch'
    """
    for name, style in (("validation", LAYER_STYLES[0]), ("test", LAYER_STYLES[1])):
        colour, marker = style
        lines = axes.plot(
            history.epoch,
            100 * history[f"{name}_accuracy"].transpose("epoch", "network"),
            color=colour,
            marker=marker,
            markersize=3,
            linestyle="solid" if name == "validation" else "dashed",
            linewidth=1,
        )
        lines[0].set_label(f"{name} samples")
    axes.set(xlabel="epoch", ylabel="accuracy (%)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    return axes
