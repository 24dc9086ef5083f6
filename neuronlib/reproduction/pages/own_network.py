"""The reader's own network: its layers, what its neurons say, and how accurate it is without them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from numpy import ndarray

from neuronlib.ablation.curves import accuracy, gap_to_random, random_curves, steps_through
from neuronlib.common.choices import DIRECTIONS, MEASURES, Direction, Measure, Replacement
from neuronlib.common.scopes import WHOLE, layer_names, layer_slice, scope_name, scope_width
from neuronlib.data.images import ImageData
from neuronlib.experiment import ablate_layers
from neuronlib.information.measures import active_share
from neuronlib.information.measuring import measure
from neuronlib.networks.files import read_example, read_model
from neuronlib.networks.interface import Networks
from neuronlib.networks.watched import Summary, Watched, watch
from neuronlib.plots.curves import NAMES, compared_curves
from neuronlib.reproduction.analysis.neurons import as_results
from neuronlib.reproduction.pages.figures.panels import violins
from neuronlib.reproduction.pages.tables.numbers import rounded, signed, spread

Rows = tuple[list[str], list[list[object]]]
"""A table's header and rows."""

# An order stands out if its place among the random orders is one that chance gives it this rarely, which takes 19.
_RARE = 0.05


@dataclass(frozen=True)
class OwnNetwork:
    """What was computed about networks of one architecture.

    Attributes:
        networks: The networks.
        data: Their samples: validation samples were measured, and accuracy is on test samples.
        measured: What `measure` returns.
        curves: Accuracy by ``network``, ``order`` and ``step``, for each layer, and for the whole network if asked for.
    """

    networks: Networks
    data: ImageData
    measured: xr.Dataset
    curves: dict[str, xr.DataArray]

    @property
    def accuracy(self) -> Float[ndarray, " network"]:
        """Accuracy of each network without ablation, as a fraction."""
        return next(iter(self.curves.values())).isel(order=0).sel(step=0).values


@dataclass(frozen=True)
class Gap:
    """How an order compares with random orders of the same layer.

    Attributes:
        measure: The measure that orders the neurons.
        direction: Whether its lowest or highest values are ablated first.
        points: Accuracy minus that of random ablation for each network, mean over the curve, in percentage points.
        more_harm: Number of random orders that leave less accuracy, over all networks.
        less_harm: Number of random orders that leave more accuracy, over all networks.
        orders: Number of random orders of all networks.
    """

    measure: Measure
    direction: Direction
    points: Float[ndarray, " network"]
    more_harm: int
    less_harm: int
    orders: int

    @property
    def mean(self) -> float:
        """Mean over networks, in percentage points."""
        return float(self.points.mean())

    @property
    def above(self) -> bool:
        """Whether it does less harm than chance explains."""
        return _rare(self.orders - self.more_harm, self.orders)

    @property
    def below(self) -> bool:
        """Whether it does more harm than chance explains."""
        return _rare(self.orders - self.less_harm, self.orders)


def watch_files(
    models: Sequence[Path | str],
    samples: Path | str,
    layers: Sequence[str] | None = None,
    summary: Summary = "mean",
    pickled: bool = False,
) -> Watched:
    """Watch models of one architecture that `read_model` reads, on inputs of a file that `read_samples` reads.

    Returns:
        The networks.

    Raises:
        ValueError: If a file cannot be read, or a model cannot be watched.
    """
    read = [read_model(path, pickled) for path in models]
    return watch(read, read_example(samples, read[0]), layers, summary)


def examine_own(
    networks: Networks,
    data: ImageData,
    replacement: Replacement = "zero",
    random_orders: int = 20,
    whole: bool = True,
) -> OwnNetwork:
    """Measure networks on the validation samples, and ablate each layer on the test samples.

    Args:
        networks: Networks side by side.
        data: Their samples.
        replacement: The output of an ablated neuron.
        random_orders: Random orders for each network and layer.
        whole: Whether to ablate the neurons of all layers in one order too.

    Returns:
        What was computed.

    Example:
        >>> import neuronlib as nl
        >>> xor = nl.given([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
        >>> hidden, output = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[0.0, 1.0], [0.0, -2.0]])
        >>> networks = nl.by_hand([hidden, output], [np.array([0.0, -1.0]), np.array([0.5, 0.0])])
        >>> examine_own(networks, xor).accuracy
        array([1.])
    """
    measured = measure(networks, data.validation)
    scopes = [*layer_names(networks.widths), *([WHOLE] if whole else [])]
    steps = {scope: steps_through(scope_width(networks.widths, scope)) for scope in scopes}
    ablated = ablate_layers(networks, data, measured, steps, replacement, random_orders, seed=0)
    return OwnNetwork(networks, data, measured, {scope: accuracy(curve) for scope, curve in ablated.items()})


def gaps(own: OwnNetwork, scope: str) -> list[Gap]:
    """Compare each order of a layer, or of the whole network, with the random orders."""
    area = own.curves[scope].mean("step")
    of_random = random_curves(area)
    compared = []
    for name in MEASURES:
        for way in DIRECTIONS:
            ordered = area.sel(order=f"{name} {way}", drop=True)
            points = 100 * gap_to_random(area, name, way).values
            more, less = int((of_random < ordered).sum()), int((of_random > ordered).sum())
            compared.append(Gap(name, way, points, more, less, of_random.size))
    return compared


def own_accuracy_table(own: OwnNetwork) -> Rows:
    """Say how many networks and samples there are, and how accurate the networks are."""
    several = len(own.networks.networks) > 1
    interval = "median [smallest, largest]" if several else "[95 % interval]"
    header = ["networks", "samples to measure", "samples to ablate", f"accuracy (%) {interval}", "commonest label (%)"]
    shown = spread(own.accuracy.tolist(), 100) if several else _with_wilson(own)
    sizes = [len(own.networks.networks), len(own.data.validation.labels), len(own.data.test.labels)]
    return header, [[*sizes, shown, f"{100 * _commonest(own):.1f}"]]


def own_layer_table(own: OwnNetwork) -> Rows:
    """Count each layer's neurons, those never and always active, and average the measures over neurons and networks."""
    header = ["layer", "neurons", "never active", "always active", *(f"mean {NAMES[name]} (bits)" for name in MEASURES)]
    rows: list[list[object]] = []
    for layer, neurons in own.networks.widths.items():
        of_layer = own.measured.isel(neuron=_place(own, layer))
        constant = [spread(_constant(own, layer, value).tolist(), digits=0) for value in (0, 1)]
        rows.append([layer, neurons, *constant, *(float(of_layer[name].mean()) for name in MEASURES)])
    return header, rows


def own_gap_table(own: OwnNetwork) -> Rows:
    """Show how each order compares with random ablation, in percentage points."""
    what = (" (points)", ": random orders that do more harm")
    header = ["", "by", *(f"{way}est first{text}" for way in DIRECTIONS for text in what)]
    rows: list[list[object]] = []
    for scope in own.curves:
        of_each = {(gap.measure, gap.direction): gap for gap in gaps(own, scope)}
        for name in MEASURES:
            row: list[object] = [scope_name(scope), NAMES[name]]
            for way in DIRECTIONS:
                gap = of_each[name, way]
                shown = spread(gap.points.tolist()) if len(gap.points) > 1 else signed(gap.mean)
                row += [shown, f"{gap.more_harm} of {gap.orders}"]
            rows.append(row)
    return header, rows


def draw_own_measure(axes: Axes, own: OwnNetwork, name: Measure) -> Axes:
    """Draw a measure of the neurons of each layer, as violins."""
    violins(axes, as_results(own.measured), name).set_title(NAMES[name], fontsize=9)
    if max(map(len, own.networks.widths)) > 2:
        axes.tick_params(axis="x", labelrotation=90, labelsize=8)
    return axes


def draw_own_curves(axes: Axes, own: OwnNetwork, scope: str, name: Measure) -> Axes:
    """Draw accuracy while neurons are ablated, lowest first, highest first, and at random.

    Bands are one standard deviation: of random ablation over orders, else over networks if there are several.

    Returns:
        The same axes, in percent.
    """
    curve = own.curves[scope]
    each = random_curves(curve).drop_vars(["measure", "direction"]).rename(network="of")
    shown = {f"{way}est first": curve.sel(order=f"{name} {way}") for way in DIRECTIONS}
    shown["random"] = each.stack(network=["of", "order"], create_index=False)
    compared_curves(axes, shown, "accuracy (%)").set_title(f"{scope_name(scope)}, {NAMES[name]}", fontsize=9)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel("ablated neurons")
    return axes


def own_sentences(own: OwnNetwork) -> list[str]:
    """Say what the curves of these networks show, layer by layer, in sentences with their numbers."""
    return [_of_accuracy(own), *(_of_scope(own, scope) for scope in own.curves)]


def _of_accuracy(own: OwnNetwork) -> str:
    networks, samples = len(own.networks.networks), len(own.data.test.labels)
    by_chance = f"The commonest label alone would be right for {100 * _commonest(own):.1f} %."
    if networks > 1:
        shown = spread(own.accuracy.tolist(), 100)
        return f"The {networks} networks classify {shown} % of {samples} samples correctly. {by_chance}"
    return f"The network classifies {_with_wilson(own)} % of {samples} samples correctly. {by_chance}"


def _of_scope(own: OwnNetwork, scope: str) -> str:
    name = f"**{scope_name(scope)}**"
    if not any(own.measured[measure].isel(neuron=_place(own, scope)).any() for measure in MEASURES):
        constant = f"{scope_width(own.networks.widths, scope)} neurons are either always or never active"
        return f"{name}: all {constant}, so one bit of them says nothing, and each order is as good as random."
    compared = gaps(own, scope)
    low = {gap.measure: gap for gap in compared if gap.direction == "low"}
    high = {gap.measure: gap for gap in compared if gap.direction == "high"}
    both = [measure for measure in MEASURES if low[measure].above and high[measure].below]
    inverted = [measure for measure in MEASURES if low[measure].below]
    ways: tuple[Gap, ...]
    if both:
        best = max(both, key=lambda measure: low[measure].mean - high[measure].mean)
        ways = (low[best], high[best])
        finding = f"{NAMES[best]} tells which neurons are needed."
    elif inverted:
        best = min(inverted, key=lambda measure: low[measure].mean)
        ways = (low[best],)
        finding = f"neurons with low {NAMES[best]} are needed."
    else:
        best = max(MEASURES, key=lambda measure: low[measure].mean - high[measure].mean)
        ways = (low[best], high[best])
        finding = "no measure tells in both directions which neurons are needed."
        if not _rare(0, low[best].orders):
            finding = "too few random orders to tell an effect from chance; draw 20."
    return " ".join([f"{name}: {finding}", *map(_of_order, ways), _of_half(own, scope), *_of_inactive(own, scope)])


def _of_order(gap: Gap) -> str:
    order = f"Lowest {NAMES[gap.measure]}" if gap.direction == "low" else f"Highest {NAMES[gap.measure]}"
    return (
        f"{order} first: {signed(gap.mean)} points of accuracy against random ablation; "
        f"{gap.more_harm} of {gap.orders} random orders do more harm."
    )


def _of_half(own: OwnNetwork, scope: str) -> str:
    curve, neurons = own.curves[scope], scope_width(own.networks.widths, scope)
    half = int(curve.step.values[np.abs(curve.step.values - neurons / 2).argmin()])
    lost = 100 * (float(random_curves(curve).sel(step=half).mean()) - float(own.accuracy.mean()))
    return f"Ablating {half} of {neurons} neurons at random changes accuracy by {signed(lost)} points."


def _of_inactive(own: OwnNetwork, scope: str) -> list[str]:
    inactive = np.array([0]) if scope == WHOLE else _constant(own, scope, 0)
    if not inactive.any():
        return []
    return [
        f"Never active: {spread(inactive.tolist(), digits=0)} of its {scope_width(own.networks.widths, scope)} neurons."
    ]


def _rare(others: int, orders: int) -> bool:
    # How probable it is by chance that so many of the random orders, or fewer, are on the other side.
    return (1 + others) / (1 + orders) <= _RARE


def _place(own: OwnNetwork, scope: str) -> slice:
    return slice(None) if scope == WHOLE else layer_slice(own.networks.widths, scope)


def _constant(own: OwnNetwork, layer: str, value: int) -> Float[ndarray, " network"]:
    counts = own.measured.counts.isel(neuron=_place(own, layer)).values
    return (active_share(counts) == value).sum(axis=1).astype(np.float64)


def _commonest(own: OwnNetwork) -> float:
    return float(np.bincount(own.data.test.labels).max() / len(own.data.test.labels))


def _with_wilson(own: OwnNetwork) -> str:
    # Wilson's interval for a share of samples.
    from scipy.stats import binomtest

    samples = len(own.data.test.labels)
    interval = binomtest(round(float(own.accuracy[0]) * samples), samples).proportion_ci(method="wilson")
    shown = [rounded(100 * value, ".1f") for value in (float(own.accuracy[0]), interval.low, interval.high)]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"
