"""Panels of the paper's figures: one setting each, or a note that it has not been computed yet."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from neuronlib.archives import Archive
from neuronlib.effects import curves_of, neurons
from neuronlib.plots import COLOURS, NAMES, ablation_curves
from neuronlib.results import NotStored
from neuronlib.types import Measure, Replacement


def curves(
    axes: Axes, archive: Archive, name: str, scope: str, replacement: Replacement = "zero", title: str = ""
) -> Axes:
    """Ablation curves of one layer, or of the whole network, as in the paper's Fig. 2 to 5.

    Args:
        axes: Where to draw.
        archive: Where results come from.
        name: The setting.
        scope: A layer, such as "1", or "whole".
        replacement: What ablated neurons put out.
        title: What to write above; the setting and the layer unless given.

    Returns:
        The same axes, in percent.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> from pathlib import Path
        >>> from neuronlib.archives import StoredArchive
        >>> axes = curves(plt.figure().gca(), StoredArchive(Path("nowhere")), "mnist-relu-l2", "1")
        >>> axes.texts[0].get_text()
        'not computed yet'
    """
    where = "whole network" if scope == "whole" else f"layer {scope}"

    def draw(results: xr.DataTree) -> None:
        ablation_curves(axes, curves_of(results, scope))

    return _drawn(axes, archive, name, replacement, title or f"{name}, {where}", draw)


def distributions(axes: Axes, archive: Archive, name: str, measure: Measure, title: str = "") -> Axes:
    """How a measure is distributed over the neurons of each layer, as in the paper's Fig. 1.

    A violin for each layer holds the neurons of all networks; bars show minimum and maximum, the solid line the mean,
    the dotted one the median.

    Args:
        axes: Where to draw.
        archive: Where results come from.
        name: The setting.
        measure: The measure.
        title: What to write above; the setting unless given.

    Returns:
        The same axes, in bits.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> from pathlib import Path
        >>> from neuronlib.archives import StoredArchive
        >>> axes = distributions(plt.figure().gca(), StoredArchive(Path("nowhere")), "mnist-relu-l2", "entropy")
        >>> axes.texts[0].get_text()
        'not computed yet'
    """

    def draw(results: xr.DataTree) -> None:
        layers = np.unique(results["measures"].layer).tolist()
        values = [neurons(results, measure, layer).ravel() for layer in layers]
        places = range(1, len(layers) + 1)
        parts: dict[str, Any] = axes.violinplot(values, places, showmeans=True, showmedians=True, widths=0.8)
        for body in parts["bodies"]:
            body.set(facecolor=COLOURS[measure], alpha=0.35)
        for part in ("cbars", "cmins", "cmaxes", "cmeans", "cmedians"):
            parts[part].set(color=COLOURS[measure], linewidth=1.2)
        parts["cmedians"].set(linestyle="dotted", color="#202020")
        axes.set_xticks(places, layers)
        axes.set(xlabel="layer", ylabel=f"{NAMES[measure]} (bits)", ylim=(0, None))

    return _drawn(axes, archive, name, "zero", title or name, draw)


def _drawn(
    axes: Axes,
    archive: Archive,
    name: str,
    replacement: Replacement,
    title: str,
    draw: Callable[[xr.DataTree], None],
) -> Axes:
    try:
        results = archive(name, replacement)
    except NotStored:
        axes.text(0.5, 0.5, "not computed yet", ha="center", va="center", transform=axes.transAxes, color="#404040")
        # Taking the ticks away would take them from every panel that shares an axis with this one.
        axes.set_axis_off()
        axes.set_title(title, fontsize=9)
        return axes
    draw(results)
    networks = results.attrs["networks"]
    axes.set_title(f"{title}\n{networks} network{'s' if networks > 1 else ''}", fontsize=9)
    return axes
