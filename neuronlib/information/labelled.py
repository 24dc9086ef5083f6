"""Joint counts and measures as labelled arrays, by network and neuron."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Int64
from numpy import ndarray

from neuronlib.information.measures import FUNCTIONS


def by_neuron(
    counts: Int64[ndarray, "network neuron value label"], widths: Mapping[str, int], networks: Sequence[int]
) -> xr.Dataset:
    """Label joint counts, and the measures computed from them, as `measure` returns them."""
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
