"""Results of studies of selections and of LeNet-5, made up."""

import numpy as np
import xarray as xr

from neuronlib.reproduction.compute.compute import origin
from neuronlib.reproduction.design.axes import (
    CHOSEN_SHARES,
    FILTER_CRITERIA,
    FILTERS,
    NEW_WEIGHTS,
    PRUNED_SHARES,
    RETRAINED_CRITERIA,
    RETRAINED_FILTERS,
    SELECTED_AFTERWARDS,
    SELECTED_CRITERIA,
)
from neuronlib.reproduction.design.studies import SELECTIONS, LeNetStudy, SelectionStudy

TEST = 10_000


def selection(
    best: tuple[str, str] = ("CMIM", "CMIM"), gain: int = 300, again: int = 0, networks: int = 20
) -> xr.Dataset:
    """A study where one criterion of each layer leaves more correct answers than all others, which are alike."""
    study = SelectionStudy(setting=SELECTIONS["selection-mnist-relu"].setting, networks=networks)
    names, noise = list(SELECTED_CRITERIA), np.arange(networks) % 5
    shape = (len(names), 2, len(PRUNED_SHARES), len(SELECTED_AFTERWARDS), networks)
    correct = np.full(shape, 5000, np.int16) + noise.astype(np.int16)
    both = np.full((len(names), len(names), len(CHOSEN_SHARES), 2, networks), 4000, np.int16) + noise.astype(np.int16)
    for layer, one in enumerate(best):
        place = names.index(one)
        correct[place, layer, 1:, :2] += gain
        correct[place, layer, 1:, 2] += again
        both[(place, slice(None)) if layer == 0 else (slice(None), place)] += gain
    tried = np.isin(PRUNED_SHARES, CHOSEN_SHARES)
    correct[:, :, ~tried, 2] = -1
    correct[~np.isin(names, RETRAINED_CRITERIA), :, :, 2] = -1
    axes = ("criterion", "layer", "share", "afterwards", "network")
    return xr.Dataset(
        {
            "correct": (axes, correct),
            "both": (("first", "second", "chosen_share", "operated", "network"), both),
            "trained_on": ("network", np.full(networks, 9800, np.int16)),
            "seconds": (("criterion", "layer"), np.ones((len(names), 2), np.float32)),
        },
        {
            **{"criterion": names, "first": names, "second": names, "layer": ["1", "2"]},
            **{"share": list(PRUNED_SHARES), "chosen_share": list(CHOSEN_SHARES)},
            **{"afterwards": list(SELECTED_AFTERWARDS), "operated": list(SELECTED_AFTERWARDS[:2])},
            "network": list(range(networks)),
        },
        {"test_samples": TEST, "computing": 1.0, **origin(study, "cpu")},
    )


def filters(lead: int = 1000, again: int = 0, networks: int = 5) -> xr.Dataset:
    """A study where CMIM leads random removal by so many answers with nothing done, and by so many re-trained."""
    study = LeNetStudy(networks=networks)
    drawn = [f"random {k}" for k in range(study.random_orders)]
    names, noise = [*FILTER_CRITERIA, *drawn, NEW_WEIGHTS], (np.arange(networks) % 3).astype(np.int16)
    correct = np.full((len(names), len(FILTERS), 2, networks), 5000, np.int16) + noise
    correct[..., 1, :] += 4500
    place = names.index("CMIM")
    correct[place, :, 0] += lead
    correct[place, :, 1] += again + noise
    correct[-1, :, 0] = -1
    correct[:, len(RETRAINED_FILTERS) :, 1] = -1
    return xr.Dataset(
        {
            "correct": (("criterion", "filters", "afterwards", "network"), correct),
            "intact": ("network", np.full(networks, 9900, np.int16)),
            "seconds": (("criterion", "filters"), np.ones((len(names), len(FILTERS)), np.float32)),
        },
        {
            "criterion": names,
            "filters": [f"{first}-{second}" for first, second in FILTERS],
            "afterwards": ["nothing", "re-training"],
            "network": list(range(networks)),
        },
        {"test_samples": TEST, "computing": 1.0, **origin(study, "cpu")},
    )
