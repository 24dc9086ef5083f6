"""Results of networks of another kind, made up so that their answers are known."""

import numpy as np
import xarray as xr

from neuronlib.common.choices import DIRECTIONS, MEASURES

NOISE = np.linspace(-1, 1, 10).round()


def made_up(variant: str, within: int, whole: int, images: str = "MNIST", activation: str = "relu") -> xr.DataTree:
    """Ten networks: lowest first is as many points better within layers, and over the whole; highest first worse."""
    orders = [f"{measure} {way}" for measure in MEASURES for way in DIRECTIONS] + ["random 0"]
    groups = {}
    for scope, effect in {"1": within, "2": within, "whole": whole}.items():
        correct = np.full((10, len(orders), 3), 50)
        correct[..., 0], correct[..., 2] = 90, 10
        for place, order in enumerate(orders):
            side = {"low": 1, "high": -1}.get(order.rpartition(" ")[2], 0)
            correct[:, place, 1] += side * effect + (abs(side) * NOISE).astype(int)
        groups[f"curves/{scope}"] = xr.Dataset(
            {"correct": (("network", "order", "step"), correct), "samples": 100},
            {
                "network": range(10),
                "order": orders,
                "measure": ("order", [order.rpartition(" ")[0] for order in orders]),
                "direction": ("order", [order.rpartition(" ")[2] for order in orders[:-1]] + ["random"]),
                "step": [0, 10, 20],
            },
        )
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {"variant": variant, "images": images, "activation": activation, "networks": 10}
    return tree
