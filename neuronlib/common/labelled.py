"""Labelled arrays that pass from one function to the next, as annotations of arguments."""

from typing import Annotated

import numpy as np
import xarray as xr

from neuronlib.common.entries import NUMBERS, SOME, with_axes
from neuronlib.common.kinds import Holds


def _holds_orders(orders: xr.DataArray) -> bool:
    ascending = np.sort(orders.transpose("network", "order", "step").values, axis=-1)
    return orders.dtype.kind in "iu" and bool(
        (ascending >= 0).all() and (ascending[..., 1:] > ascending[..., :-1]).all()
    )


# Conditions look at NumPy's arrays: the same operations on labelled ones take a hundred times as long.
def _holds_counts(curves: xr.Dataset) -> bool:
    counts = [curves[name].values for name in ("correct", "samples")]
    return all(one.dtype.kind in "iu" and bool((one >= 0).all()) for one in counts)


def _has_each_once(accuracies: xr.DataArray) -> bool:
    labels = [
        accuracies.coords[axis].values.tolist()
        for axis in ("order", "step")
        if axis in accuracies.dims and axis in accuracies.coords
    ]
    return all(len(set(one)) == len(one) for one in labels)


def _holds_accuracies(accuracies: xr.DataArray) -> bool:
    # NaN stands for steps beyond a layer's last.
    values = accuracies.values
    return not bool(((values < 0) | (values > 1)).any())


Measured = Annotated[xr.Dataset, with_axes("network", "neuron", coordinates=("network", "layer")), NUMBERS, SOME]
"""What `neuronlib.measure` returns."""

Counted = Annotated[
    Measured,
    with_axes("network", "neuron", "value", "label", variables=("counts",)),
    Holds(lambda measured: measured.counts.dtype.kind in "iu", "expected counts that are whole numbers"),
]
"""What `neuronlib.measure` returns, with its joint counts."""

Orders = Annotated[
    xr.DataArray,
    with_axes("network", "order", "step", coordinates=("network", "layer")),
    SOME,
    Holds(_holds_orders, "expected places of neurons, each once in an order"),
]
"""What `neuronlib.ablation_orders` returns."""

Curves = Annotated[
    xr.Dataset,
    with_axes(variables=("correct", "samples")),
    SOME,
    Holds(_holds_counts, "expected whole numbers of samples, at least 0"),
]
"""What `neuronlib.ablate` returns, or its sums over labels."""

Accuracies = Annotated[
    xr.DataArray,
    with_axes("order", coordinates=("measure",)),
    NUMBERS,
    SOME,
    Holds(_holds_accuracies, "expected fractions from 0 to 1"),
    Holds(_has_each_once, "expected each order and each step once"),
]
"""What `neuronlib.accuracy` returns."""

AccuraciesBySteps = Annotated[Accuracies, with_axes("network", "order", "step", coordinates=("step", "order"))]
"""Accuracies of each network after each number of ablated neurons."""

DrawnAccuracies = Annotated[
    Accuracies,
    with_axes("network", "order", "step", coordinates=("measure", "direction", "layer")),
    Holds(lambda accuracies: not np.isnan(accuracies.values).all(), "expected some accuracies that are not NaN"),
]
"""Accuracies of which each order is drawn in its own way."""

Curve = Annotated[xr.DataArray, with_axes("network", "step"), NUMBERS, SOME]
"""One number for each network after each number of ablated neurons."""

History = Annotated[
    xr.Dataset,
    with_axes("network", "epoch", coordinates=("epoch",), variables=("validation_accuracy", "test_accuracy")),
    NUMBERS,
    SOME,
    Holds(
        lambda history: (
            history.get_index("epoch").is_unique
            and all(_holds_accuracies(history[f"{name}_accuracy"]) for name in ("validation", "test"))
        ),
        "expected accuracies from 0 to 1 after each epoch once",
    ),
]
"""What `neuronlib.train` returns beside the networks."""
