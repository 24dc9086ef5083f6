"""Joint counts and measures as labelled arrays, by network and neuron."""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
import xarray as xr
from jaxtyping import Int64
from numpy import ndarray

from neuronlib.common.entries import EACH_ONCE, TABLES, NetworkNumbers
from neuronlib.common.numbers import Count
from neuronlib.information.measures import FUNCTIONS


def by_neuron(
    counts: Annotated[Int64[ndarray, "network neuron value label"], TABLES],
    widths: Annotated[Mapping[str, Count], EACH_ONCE],
    networks: NetworkNumbers,
) -> xr.Dataset:
    """Label joint counts, and the measures computed from them, as `measure` returns them.

    Returns:
        By network and neuron, with the neurons' layers.

    Raises:
        ValueError: If the counts are of other networks, or of more or fewer neurons.
    """
    if counts.shape[:2] != (len(networks), sum(widths.values())):
        raise ValueError(f"counts of shape {counts.shape}: {len(networks)} networks and {sum(widths.values())} neurons")
    return xr.Dataset(
        {
            "counts": (("network", "neuron", "value", "label"), counts),
            **{name: (("network", "neuron"), of(counts), {"units": "bit"}) for name, of in FUNCTIONS.items()},
        },
        coords={
            "network": list(networks),
            "layer": ("neuron", np.repeat(list(widths), list(widths.values()))),
            "index": ("neuron", np.concatenate([np.arange(width) for width in widths.values()])),
        },
    )
