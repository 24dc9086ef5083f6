"""Results of studies of rewards, made up so that their answers are known."""

import json
from typing import Any

import numpy as np
import xarray as xr

from neuronlib.common.choices import TERMS
from neuronlib.reproduction.design.axes import REWARDED_MEASURES

STRENGTHS = [-0.3, 0.0, 0.3]


def made_up(networks: int = 10, gain: float = 2.0, rise: float = 0.1) -> xr.Dataset:
    """A study whose reward adds about ``gain`` points of accuracy and ``rise`` to measures, and whose penalty takes it.

    Of 1000 test samples; two layers of four and five neurons, of which the last neuron is constant.
    """
    draw = np.random.default_rng(0)
    each = (len(STRENGTHS), networks)
    sign = np.array([-1, 0, 1])[:, None]
    points = gain * sign + 0.1 * draw.normal(size=each)
    curve = np.linspace(80, 10, 11)
    correct = 10 * (curve + (points * (sign != 0))[:, :, None] * np.linspace(1, 0, 11))
    correct = np.broadcast_to(correct[:, :, None, None], (*each, 2, 3, 11)).round().astype(np.int32)
    measures = 0.3 + (rise * sign * (1 + 0.1 * draw.normal(size=each)))[:, :, None, None] + np.zeros((*each, 9, 4))
    measures[:, :, -1] = 0
    return xr.Dataset(
        {
            "correct": (("strength", "network", "layer", "order", "share"), correct),
            "log_loss": (("strength", "network"), 0.3 - points / 100),
            "calibration_error": (("strength", "network"), 0.05 - points / 1000),
            "measures": (("strength", "network", "neuron", "measure"), measures.astype(np.float32)),
            "information": (("strength", "network"), np.full(each, 0.6)),
        },
        {
            "strength": STRENGTHS,
            "network": list(range(networks)),
            "layer": ["1", "2"],
            "order": ["random 0", "random 1", "mutual_information low"],
            "share": np.arange(11) / 10,
            "measure": list(REWARDED_MEASURES),
        },
        {"configuration": json.dumps({"setting": {"hidden": [4, 5], "dropout": []}}), "test_samples": 1000},
    )


def both(**options: Any) -> dict:
    """Two data sets with all three terms."""
    return {dataset: {term: made_up(**options) for term in TERMS} for dataset in ("MNIST", "Fashion-MNIST")}
