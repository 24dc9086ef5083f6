"""Many small panels in one figure: arms of a study side by side, and the atlas of all settings."""

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuronlib.archives import Archive
from neuronlib.effects import curves_of
from neuronlib.panels import curves, legend_below, say_instead
from neuronlib.plots import ablation_curves
from neuronlib.settings import ARCHITECTURES, SETTINGS
from neuronlib.types import Activation, scope_name, scopes

# All 40 settings are on one page of the book: as many points as a small panel can show, and a third of the bytes.
_POINTS = 30


def side_by_side(name: str, results: Mapping[str, xr.DataTree], scopes: Sequence[str]) -> Figure:
    """Ablation curves of the same networks in several ways, a column for each way and a row for each layer.

    Args:
        name: What the networks are called.
        results: Results with the group ``curves``, by way.
        scopes: Layers such as "1", or "whole".

    Returns:
        The figure, with one legend below.

    Example:
        >>> correct = (("layer", "network", "order", "step"), [[[[9.0, 1.0]]]])
        >>> orders = {"order": ["random 0"], "measure": ("order", ["random"]), "direction": ("order", ["random"])}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"layer": ["1"], "step": [0, 1], **orders})
        >>> side_by_side("mine", {"once": xr.DataTree.from_dict({"curves": curves})}, ["1"]).axes[0].get_title()
        'mine, layer 1, once'
    """
    import matplotlib.pyplot as plt

    size = (8.6, 2.9 * len(scopes) + 0.8)
    figure, grid = plt.subplots(len(scopes), len(results), figsize=size, sharey=True, squeeze=False)
    for row, scope in zip(grid, scopes, strict=True):
        for axes, (way, tree) in zip(row, results.items(), strict=True):
            ablation_curves(axes, curves_of(tree, scope))
            axes.set_title(f"{name}, {scope_name(scope)}, {way}", fontsize=9)
    legend_below(figure)
    return figure


def atlas(archive: Archive, architecture: str) -> Figure:
    """Ablation curves of all settings of an architecture that have results.

    Args:
        archive: Where results come from.
        architecture: The first part of the settings' names, such as "small-fashion".

    Returns:
        A row of small panels for each setting: its layers, and the whole network.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.archives import StoredArchive
        >>> atlas(StoredArchive(Path("nowhere")), "mnist").axes[0].texts[0].get_text()
        'none of them is computed yet'
    """
    prefixes = tuple(f"{architecture}-{activation}-" for activation in get_args(Activation))
    names = [name for name in SETTINGS if name.startswith(prefixes) and archive.has(name)]
    columns = scopes(ARCHITECTURES[architecture][1])
    figure, grid = small_panels(len(names), len(columns), 2.3 * len(names))
    for row, name in zip(grid, names, strict=True):
        for axes, scope in zip(row, columns, strict=True):
            title = f"{name.removeprefix(architecture + '-')}, {scope_name(scope)}"
            curves(axes, archive, name, scope, title=title, points=_POINTS)
            trim(axes, axes is row[0], "accuracy (%)")
    return figure


def small_panels(rows: int, columns: int, height: float) -> tuple[Figure, np.ndarray]:
    """A figure of many small panels with one vertical scale, or one that says that there are none.

    Args:
        rows: Rows of panels, at least 0.
        columns: Columns of panels.
        height: The figure's height in inches.

    Returns:
        The figure, and the panels row by row.

    Example:
        >>> small_panels(2, 3, height=4.0)[1].shape
        (2, 3)
    """
    import matplotlib.pyplot as plt

    if not rows:
        figure, axes = plt.subplots(figsize=(8.6, 0.5))
        say_instead(axes, "none of them is computed yet")
        return figure, np.empty((0, columns))
    return plt.subplots(rows, columns, figsize=(8.6, height), sharey=True, squeeze=False)


def trim(axes: Axes, leftmost: bool, label: str) -> None:
    """Leave a small panel the room it needs: one name of the vertical axis a row, and none of the horizontal one.

    Args:
        axes: The panel.
        leftmost: Whether it is its row's first.
        label: The name of the vertical axis.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> axes = plt.figure().gca()
        >>> trim(axes, False, "accuracy (%)")
        >>> axes.get_ylabel()
        ''
    """
    axes.set(xlabel="", ylabel=label if leftmost else "")
    axes.title.set_fontsize(7)
