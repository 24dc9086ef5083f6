"""What is asked of the neurons of all layers together, as in the paper's Sec. V-B and Fig. 2."""

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import MEASURES, Measure
from neuronlib.common.scopes import WHOLE
from neuronlib.reproduction.analysis.neurons import neurons
from neuronlib.reproduction.analysis.quantities import Quantity
from neuronlib.reproduction.analysis.thresholds import GUESSING, ordered_accuracy
from neuronlib.reproduction.claims.questions.builders import (
    SHORT,
    Question,
    all_of,
    gap_number,
    gaps,
    points,
    resembling_random,
    shares,
)
from neuronlib.reproduction.claims.questions.panels import (
    ENTROPY_AND_MI,
    FIG3A,
    FIG4A,
    KL,
    LARGE_FASHION,
    MI,
    MNIST,
    H,
)
from neuronlib.reproduction.claims.verdicts import most


def _collapse(measure: Measure) -> Quantity:
    # More than half of all that can be lost is lost between 50 and 120 ablated neurons.
    def f(results: xr.DataTree) -> Float[ndarray, " network"]:
        curve = ordered_accuracy(results, WHOLE, measure, "low")
        return (curve.sel(step=50) - curve.sel(step=120) - (curve.sel(step=0) - GUESSING) / 2).values

    return f


def _first_layer_share(measure: Measure, lowest: int) -> Quantity:
    # Of the neurons with the lowest values in the whole network, the share that is in layer 1, beyond a half.
    def f(results: xr.DataTree) -> Float[ndarray, " network"]:
        values = neurons(results, measure, WHOLE)
        first = neurons(results, measure, "1").shape[1]
        chosen = np.argsort(values, axis=1, kind="stable")[:, :lowest]
        return (chosen < first).mean(axis=1) - 0.5

    return f


def _below_all_of_layer_2(results: xr.DataTree) -> Float[ndarray, " network"]:
    first, second = (neurons(results, "mutual_information", layer) for layer in ("1", "2"))
    return (first < second.min(axis=1, keepdims=True)).mean(axis=1) - 0.5


_FIG2_RELU = [
    (f"{name}-relu-{regularizer}", WHOLE) for regularizer in ("l2", "dropout") for name in ("mnist", "fashion")
]
_FIG2_SIGMOID = [(name, WHOLE) for name in (*MNIST, *LARGE_FASHION) if "sigmoid" in name]
_FIG2_RELU_DROPOUT = _FIG2_RELU[2:]

WHOLE_NETWORKS: dict[str, dict[str, Question]] = {
    "N1": {
        "MNIST": gap_number("mnist-relu-l2", WHOLE, H, "low", 101, -0.19, significant=False),
        "Fashion-MNIST": gap_number("fashion-relu-l2", WHOLE, H, "low", 101, -0.19, significant=False),
    },
    "N2": {"": gap_number(FIG3A, WHOLE, H, "low", 101, -51.2)},
    "N3": {
        "Fashion-MNIST": gap_number("fashion-relu-dropout", WHOLE, KL, "low", 125, 0.3, significant=False),
        "MNIST": gap_number(FIG3A, WHOLE, KL, "low", 125, 0.3, significant=False),
    },
    "K18": {"": points([(FIG3A, f"loss beyond half of all, {SHORT[m]}", _collapse(m)) for m in MEASURES])},
    "Q13": {"": resembling_random([("mnist-relu-l2", WHOLE), (FIG4A, WHOLE)], ENTROPY_AND_MI, ["low"])},
    "Q14": {
        "ReLU with Dropout": gaps(_FIG2_RELU_DROPOUT, ENTROPY_AND_MI, {"low": -1}),
        "and all sigmoid": gaps([*_FIG2_RELU_DROPOUT, *_FIG2_SIGMOID], ENTROPY_AND_MI, {"low": -1}),
    },
    "Q15": {
        "ReLU": resembling_random(_FIG2_RELU, [KL], ["low"]),
        "ReLU and sigmoid": resembling_random([*_FIG2_RELU, *_FIG2_SIGMOID], [KL], ["low"]),
    },
    "Q16": {"": shares([(n, f"first 100, beyond a half, {n}", _first_layer_share(MI, 100)) for n in (FIG3A, FIG4A)])},
    "Q17": {"": shares([(FIG3A, "beyond a half", _below_all_of_layer_2)])},
    "Q18": {"": gaps([(n, WHOLE) for n in (*MNIST, *LARGE_FASHION)], [H, KL], {"low": -1}, most)},
    "Q49": {
        "": all_of(gaps([(FIG3A, WHOLE)], [MI], {"low": -1}), gaps([(FIG3A, "1"), (FIG3A, "2")], [MI], {"low": 1}))
    },
}
