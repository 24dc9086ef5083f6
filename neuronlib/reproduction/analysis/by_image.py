"""Gaps of accuracy for single test images."""

import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.reproduction.store.encoding import decode_images


def differences_by_image(study: xr.Dataset, ablation: str | None) -> Float[ndarray, "network image"]:
    """Compute what ordered ablation leaves beyond random ablation, for each network and test image.

    Args:
        study: What `ablate_by_image` returns.
        ablation: Layer and order, such as "1 entropy low"; None to compare random ablation in layers 1 and 2.

    Returns:
        From -100 to 100, in percentage points: right (100) or wrong (0) after ordered ablation less the same after
        random ablation, averaged over the random orders. Its mean over images is the network's gap.

    Example:
        >>> import numpy as np
        >>> ordered = (("ablation", "network", "byte"), np.packbits([[[True, False]]], axis=-1))
        >>> intact = (("network", "byte"), np.packbits([[True, True]], axis=-1))
        >>> random = (("scope", "network", "image"), np.array([[[4, 1]]]))
        >>> places = {"ablation": ["1 mutual_information low"], "scope": ["1"]}
        >>> attributes = {"test_samples": 2, "random_orders": 4}
        >>> stored = xr.Dataset({"ordered": ordered, "intact": intact, "random": random}, places, attributes)
        >>> differences_by_image(stored, "1 mutual_information low")
        array([[  0., -25.]])
    """
    correct = decode_images(study)
    if ablation is None:
        one, other = (correct.random.sel(scope=layer) for layer in ("1", "2"))
    else:
        one, other = correct.ordered.sel(ablation=ablation), correct.random.sel(scope=ablation.partition(" ")[0])
    return 100 * (one - other).transpose("network", "image").values
