"""Ablation of sets of neurons that are given: single neurons, pairs, or a group."""

from typing import Annotated

import numpy as np
import xarray as xr
from jaxtyping import Int64
from numpy import ndarray

from neuronlib.ablation.cumulative import ablate, outputs_once_ablated
from neuronlib.common.checks import check_members
from neuronlib.common.choices import Replacement
from neuronlib.common.entries import SOME
from neuronlib.common.scopes import layer_slice, layer_width
from neuronlib.data.images import ImageData
from neuronlib.networks.interface import Networks


def ablate_sets(
    networks: Networks,
    data: ImageData,
    layer: str,
    sets: Annotated[Int64[ndarray, "network set member"], SOME],
    replacement: Replacement = "zero",
) -> xr.DataArray:
    r"""Count how many correct answers are lost when some neurons of a layer are ablated together.

    .. math:: d_S = |\{\ell : \hat y(x_\ell) = y_\ell\}| - |\{\ell : \hat y_S(x_\ell) = y_\ell\}|

    Source: Meyes, Lu, de Puiseau, Meisen 2019, for single neurons and pairs. Deviation: MLPs of other sizes.

    Args:
        networks: Trained networks.
        data: Their images; the answers are those on the test samples.
        layer: The layer, such as "1", or as `watch` names it.
        sets: Sets of equal size, by the neurons' places within the layer; each network has its own.
        replacement: What an ablated neuron puts out; the means are over the training samples.

    Returns:
        Numbers of test samples by ``network``, ``set`` and ``label``; negative where the network gets better.

    Raises:
        ValueError: If there is no such layer or neuron, or a set has a neuron twice.

    Example:
        >>> import neuronlib as nl
        >>> xor = nl.given([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
        >>> hidden, output = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[0.0, 1.0], [0.0, -2.0]])
        >>> networks = nl.by_hand([hidden, output], [np.array([0.0, -1.0]), np.array([0.5, 0.0])])
        >>> ablate_sets(networks, xor, "1", np.array([[[0], [1]]])).sum("label").values  # "or", then "and"
        array([[2, 1]])
    """
    neurons = layer_slice(networks.widths, layer)
    if len(sets) != len(networks.networks):
        raise ValueError(f"sets of {len(sets)} networks: expected those of each of {len(networks.networks)}")
    check_members("sets", sets, layer_width(networks.widths, layer), where=f" of layer {layer}")
    orders = xr.DataArray(
        sets + neurons.start,
        dims=("network", "order", "step"),
        coords={"network": list(networks.networks), "layer": layer},
    )
    outputs = outputs_once_ablated(networks, data, replacement)
    correct = ablate(networks, data.test, orders, outputs, [0, sets.shape[2]]).correct
    lost = correct.isel(step=0, drop=True) - correct.isel(step=1, drop=True)
    return lost.rename(order="set").drop_vars("layer").rename("lost")


def singles(networks: Networks, layer: str) -> Int64[ndarray, "network set 1"]:
    """Make a set of each neuron of a layer, for `ablate_sets`."""
    neurons = np.arange(layer_width(networks.widths, layer), dtype=np.int64)
    return np.broadcast_to(neurons[:, None], (len(networks.networks), len(neurons), 1)).copy()


def each_alone(networks: Networks, data: ImageData) -> xr.DataArray:
    """Count how many correct answers are lost when each hidden neuron is ablated to zero by itself.

    Returns:
        Numbers of test samples by ``network`` and ``neuron``, the hidden layers' neurons one after the other.

    Example:
        >>> import neuronlib as nl
        >>> xor = nl.given([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
        >>> hidden, output = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[0.0, 1.0], [0.0, -2.0]])
        >>> each_alone(nl.by_hand([hidden, output], [np.array([0.0, -1.0]), np.array([0.5, 0.0])]), xor).values
        array([[2, 1]])
    """
    losses = [ablate_sets(networks, data, layer, singles(networks, layer)).sum("label") for layer in networks.widths]
    return xr.concat(losses, dim="set").rename(set="neuron").transpose("network", "neuron")
