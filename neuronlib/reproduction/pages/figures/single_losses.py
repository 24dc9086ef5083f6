"""A figure of single neurons: what each one's measure says, and what ablating it by itself costs."""

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray

from neuronlib.common.choices import MEASURES
from neuronlib.plots.curves import LAYER_STYLES, NAMES, subplots
from neuronlib.reproduction.analysis.neurons import lost_alone, neurons
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.figures.panels import say_instead

_GROUPS = 10
"""Groups of equally many neurons whose mean loss is drawn."""


def measure_against_loss(source: Source, name: str) -> Figure:
    """Draw the accuracy lost by ablating each neuron by itself against its measures, a panel for each measure.

    Args:
        source: Origin of the results.
        name: The setting.

    Returns:
        A point for each neuron of each network whose single neurons have been ablated, in percentage points. Solid
        lines are means over tenths of a layer's neurons, and large marks the means of layers, joined by a dotted line.
        Without such results, a figure that says so.
    """
    figure, panels = subplots(1, len(MEASURES), figsize=(8.6, 3.4), sharey=True)
    results = source(name) if source.has(name) else None
    if results is None or "lost" not in results["measures"].to_dataset():
        for axes in panels:
            say_instead(axes, "not computed yet")
        return figure
    layers = np.unique(results["measures"].layer).tolist()
    for axes, measure in zip(panels, MEASURES, strict=True):
        means = []
        for layer, (colour, marker) in zip(layers, LAYER_STYLES, strict=False):
            lost = 100 * lost_alone(results, layer) / int(results["curves"][layer].samples)
            known = ~np.isnan(lost).any(axis=1)
            values, losses = neurons(results, measure, layer)[known], lost[known]
            look = {"c": colour, "marker": marker}
            axes.scatter(values, losses, s=4, alpha=0.12, lw=0, rasterized=True, **look)
            axes.plot(*_by_tenths(values.ravel(), losses.ravel()), color="white", lw=3.5)
            axes.plot(*_by_tenths(values.ravel(), losses.ravel()), color=colour, lw=2)
            means.append((values.mean(), losses.mean()))
            axes.scatter(*means[-1], s=70, edgecolor="black", zorder=4, label=f"mean of layer {layer}", **look)
        axes.plot(*zip(*means, strict=True), color="black", lw=1, ls="dotted", zorder=3)
        axes.set(xlabel=f"{NAMES[measure]} (bits)")
    panels[0].set_ylabel("accuracy lost alone (points)")
    networks = int(known.sum())
    figure.suptitle(f"{name}, {networks} network{'s' if networks > 1 else ''}", fontsize=9)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(layers), fontsize=9)
    return figure


def _by_tenths(
    values: Float[ndarray, " neuron"], losses: Float[ndarray, " neuron"]
) -> tuple[Float[ndarray, " tenth"], Float[ndarray, " tenth"]]:
    tenths = np.array_split(np.argsort(values, kind="stable"), _GROUPS)
    chosen = [tenth for tenth in tenths if len(tenth)]
    return np.array([values[tenth].mean() for tenth in chosen]), np.array([losses[tenth].mean() for tenth in chosen])
