"""Results of a study of other architectures, made up so that its answers are known."""

import json

import numpy as np
import xarray as xr

from neuronlib.reproduction.design.studies import FINE, PUBLISHED, SUMMARIES

MEASURES = ("entropy", "mutual_information", "kl_selectivity")


def made_up(networks: int = 3, gain: int = 10) -> xr.Dataset:
    """A study of two layers, lowest first ``gain`` answers better than random ablation, highest first as much worse."""
    orders = [f"{name} {way}" for name in MEASURES for way in ("low", "high")] + ["random 0", "random 1"]
    alone = [*(f"mutual_information {name}" for name in (*SUMMARIES[1:], FINE)), *PUBLISHED]
    orders += [f"{name} low" for name in alone]
    correct = np.full((2, 3, len(orders), networks, 3), 50)
    correct[..., 0], correct[..., 2] = 90, 10
    for place, order in enumerate(orders):
        correct[:, :, place, :, 1] += {"low": gain, "high": -gain}.get(order.rpartition(" ")[2], 0)
    correct[:, 2, len(orders) - len(alone) :] = -1
    correct[:, 1, orders.index("feature-map rank low")] = -1
    counts = np.zeros((len(SUMMARIES), networks, 6, 2, 2), int)
    counts[:, :, :4] = [[40, 10], [10, 40]]
    counts[:, :, 4:] = [[50, 0], [0, 50]]
    # Only the first neuron of each layer differs, and it says less.
    counts[:, :, [0, 4]] = [[50, 50], [0, 0]]
    fine = np.zeros((networks, 6, 4, 2), int)
    fine[:, :, :2] = [[40, 10], [10, 40]]
    scores = np.tile(np.arange(6.0), (len(PUBLISHED), networks, 1))
    scores[PUBLISHED.index("feature-map rank"), :, 4:] = np.nan
    return xr.Dataset(
        {
            "counts": (("summary", "network", "neuron", "value", "label"), counts),
            "fine_counts": (("network", "neuron", "fine_value", "label"), fine),
            "scores": (("criterion", "network", "neuron"), scores),
            "correct": (("replacement", "scope", "order", "network", "share"), correct),
            "accuracy": ("network", np.linspace(0.8, 0.9, networks)),
        },
        {
            "summary": list(SUMMARIES),
            "criterion": list(PUBLISHED),
            "replacement": ["zero", "mean"],
            "scope": ["z.relu", "a.relu", "whole"],
            "order": orders,
            "network": list(range(networks)),
            "share": [0.0, 0.5, 1.0],
            "layer": ("neuron", ["z.relu"] * 4 + ["a.relu"] * 2),
        },
        {
            "configuration": json.dumps({"test_samples": 100, "epochs": 3}),
            "parameters": 1234,
        },
    )
