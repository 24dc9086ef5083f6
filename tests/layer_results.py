"""Studies of whole layers and curves made up, so that what follows from them is known."""

import numpy as np
import xarray as xr

from neuronlib.common.scopes import layer_names
from neuronlib.reproduction.design.settings import named

SIZES = (2, 3, 4)


def made_up_study(name, redundancy=(1.5, 2.0), complexity=(1.8, 1.5), networks=5, seconds=10.0):
    """What `measure_layers` returns of a setting, whose groups have this redundancy and complexity in its layers.

    Network `k` has a hundredth of `k` more of either. Brackets of redundancy go from 0.9 to 1.1 times that of groups.
    """
    layers = layer_names(named(name).hidden)
    more = np.arange(networks)[:, None] / 100
    alone, weighted = (np.asarray(values)[None, : len(layers)] + more for values in (redundancy, complexity))
    of_layers, of_groups = ("network", "layer"), ("network", "layer", "statistic", "size")

    def groups(values):
        return np.broadcast_to(values[:, :, None, None], (*values.shape, 2, len(SIZES)))

    def estimates(values):
        return (*of_groups, "estimator"), np.repeat(groups(values)[..., None], 2, axis=-1)

    ones = np.ones_like(alone)
    return xr.Dataset(
        {
            "information": ((*of_layers, "end"), np.stack([2.5 * ones, 3.3 * ones], axis=-1)),
            "redundancy": ((*of_layers, "end"), np.stack([0.9 * alone, 1.1 * alone], axis=-1)),
            "constant": (of_layers, 2 * ones.astype(int)),
            "copies": (of_layers, ones.astype(int)),
            "group_information": estimates(ones),
            "group_alone": estimates(alone),
            "group_lost": estimates(2 - alone / 2),
            "group_synergy_weighted": estimates(weighted),
            "group_o_information": (of_groups, groups(-0.1 * alone)),
            "group_pair_redundancy": (of_groups, groups(0.1 * alone)),
            "group_used": (of_layers, 17 * ones.astype(int)),
        },
        {
            "network": range(networks),
            "layer": layers,
            "end": ["low", "high"],
            "statistic": ["mean", "deviation"],
            "size": list(SIZES),
            "estimator": ["plug-in", "corrected"],
        },
        {"computing": seconds * networks},
    )


def made_up_curves(name, area=0.6):
    """Results of a setting, all of whose layers lose accuracy under random ablation so that this area is left."""
    random = np.array([100, 20 + 160 * (area - 0.25), 20])
    curves = {}
    for layer in layer_names(named(name).hidden):
        rows = {"mutual_information low": random + [0, 4, 0], "mutual_information high": random - [0, 8, 0]}
        rows |= {"random 0": random}
        kinds = {"measure": ("order", ["mutual_information", "mutual_information", "random"])}
        correct = (("network", "order", "step"), np.array(list(rows.values()))[None])
        coordinates = {"step": [0, 10, 20], "order": list(rows), **kinds}
        curves[f"curves/{layer}"] = xr.Dataset({"correct": correct, "samples": 100}, coordinates)
    return xr.DataTree.from_dict(curves)
