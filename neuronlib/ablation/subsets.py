"""Ablation of sets of neurons that are given: single neurons, pairs, or a group."""

import dataclasses

import numpy as np
import xarray as xr
from jaxtyping import Int64
from numpy import ndarray

from neuronlib.ablation.cumulative import constants, cumulative_ablation
from neuronlib.common.checks import check_members
from neuronlib.common.types import Replacement, layer_names, layer_slice, layer_width
from neuronlib.data.images import ImageData
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.pruning.compensation import NO_VARIANCE, Merges, merge, moments


def ablate_sets(
    ensemble: Ensemble,
    data: ImageData,
    layer: str,
    sets: Int64[ndarray, "network set member"],
    replacement: Replacement = "zero",
) -> xr.DataArray:
    r"""How many correct answers are lost when some neurons of a layer are ablated together.

    .. math:: d_S = |\{\ell : \hat y(x_\ell) = y_\ell\}| - |\{\ell : \hat y_S(x_\ell) = y_\ell\}|

    Source: Meyes, Lu, de Puiseau, Meisen 2019, for single neurons and pairs. Deviation: MLPs of other sizes.

    Args:
        ensemble: Trained networks.
        data: Their images; the answers are those on the test samples.
        layer: The layer, such as "1".
        sets: Sets of equal size, by the neurons' places within the layer; each network has its own.
        replacement: What an ablated neuron puts out; the means are over the training samples.

    Returns:
        Numbers of test samples by ``network``, ``set`` and ``label``; negative where the network gets better.

    Raises:
        ValueError: If there is no such layer or neuron, or a set has a neuron twice.

    Example:
        >>> from neuronlib.data.images import load
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> from neuronlib.training.training import train
        >>> data = load("mnist-5k")
        >>> networks, _ = train(paper_setting("mnist-5k", hidden=(4, 3), epochs=1), data, [0, 1])
        >>> dict(ablate_sets(networks, data, "2", singles(networks, "2")).sizes)
        {'network': 2, 'set': 3, 'label': 10}
    """
    here = layer_slice(ensemble.setting.hidden, layer)
    check_members("sets", sets, layer_width(ensemble.setting.hidden, layer), where=f" of layer {layer}")
    orders = xr.DataArray(
        sets + here.start,
        dims=("network", "order", "step"),
        coords={"network": list(ensemble.networks), "layer": layer},
    )
    test = samples_on(ensemble.device, data.test)
    replaced = constants(ensemble, data.train, replacement)
    correct = cumulative_ablation(ensemble, *test, orders, replaced, [0, sets.shape[2]]).correct
    lost = correct.isel(step=0, drop=True) - correct.isel(step=1, drop=True)
    return lost.rename(order="set").drop_vars("layer").rename("lost")


def singles(ensemble: Ensemble, layer: str) -> Int64[ndarray, "network set 1"]:
    """Each neuron of a layer by itself.

    Args:
        ensemble: The networks.
        layer: The layer, such as "1".

    Returns:
        Sets for `ablate_sets`.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> from neuronlib.common.config import Setting
        >>> from neuronlib.networks.initialization import initialize
        >>> singles(initialize(Setting(hidden=(4, 3)), inputs=2, labels=10, networks=[0]), "2").tolist()
        [[[0], [1], [2]]]
    """
    neurons = np.arange(layer_width(ensemble.setting.hidden, layer), dtype=np.int64)
    return np.broadcast_to(neurons[:, None], (len(ensemble.networks), len(neurons), 1)).copy()


def only(ensemble: Ensemble, layer: str, kept: Int64[ndarray, "network member"]) -> Ensemble:
    """Networks from which all other neurons of a layer are really removed: their weights, biases and outgoing weights.

    Source: for re-training sub-networks as Clauw, Stramaglia, Marinazzo 2022 report it, whose later code keeps the
    removed neurons' biases; here nothing of them is left.

    Args:
        ensemble: The networks.
        layer: The layer, such as "1".
        kept: Which neurons each network keeps, by their places in the layer.

    Returns:
        Smaller networks of a setting of their own; layers that stay whole are shared with the networks they come from.

    Raises:
        ValueError: If there is no such layer or neuron, or a neuron is named twice.

    Example:
        >>> from neuronlib.common.config import Setting
        >>> from neuronlib.networks.initialization import initialize
        >>> networks = initialize(Setting(hidden=(4, 3)), inputs=2, labels=10, networks=[0])
        >>> only(networks, "1", np.array([[2, 0]])).setting.hidden
        (2, 3)
    """
    check_members("sets", kept, layer_width(ensemble.setting.hidden, layer), where=f" of layer {layer}")
    index = int(layer) - 1
    rows = np.arange(len(kept))[:, None]
    here, following = ensemble.layers[index : index + 2]
    smaller = here.columns(rows, kept)
    layers = [*ensemble.layers[:index], smaller, dataclasses.replace(following, weight=following.weight[rows, kept])]
    hidden = tuple(kept.shape[1] if i == index else n for i, n in enumerate(ensemble.setting.hidden))
    setting = dataclasses.replace(ensemble.setting, hidden=hidden)
    return Ensemble(setting, ensemble.networks, [*layers, *ensemble.layers[index + 2 :]])


def each_alone(ensemble: Ensemble, data: ImageData) -> xr.DataArray:
    """How many correct answers are lost when each hidden neuron is ablated to zero by itself.

    Args:
        ensemble: Trained networks.
        data: Their images.

    Returns:
        Numbers of test samples by ``network`` and ``neuron``, the hidden layers' neurons one after the other.

    Example:
        >>> from neuronlib.data.images import load
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> from neuronlib.training.training import train
        >>> data = load("mnist-5k")
        >>> networks, _ = train(paper_setting("mnist-5k", hidden=(4, 3), epochs=1), data, [0, 1])
        >>> dict(each_alone(networks, data).sizes)
        {'network': 2, 'neuron': 7}
    """
    layers = layer_names(ensemble.setting.hidden)
    losses = [ablate_sets(ensemble, data, layer, singles(ensemble, layer)).sum("label") for layer in layers]
    return xr.concat(losses, dim="set").rename(set="neuron").transpose("network", "neuron")


def merged(ensemble: Ensemble, data: ImageData, layer: str, pairs: Int64[ndarray, "network 2"]) -> Ensemble:
    r"""Networks in which one neuron takes over what another did.

    .. math:: w_{jm} \leftarrow w_{jm} + a\, w_{km}, \qquad b_m \leftarrow b_m + c\, w_{km}, \qquad w_{km} \leftarrow 0

    with :math:`t_k \approx a\, t_j + c` by least squares over the training samples.

    Source: Amjad, Liu, Geiger 2021, Example 3, where the outputs are equal, so :math:`a = 1, c = 0` and nothing is
    lost. For outputs that are not, as in NoiseOut: Babaeizadeh, Smaragdis, Campbell 2016.

    Args:
        ensemble: Trained networks.
        data: Their images.
        layer: The layer, such as "1".
        pairs: For each network the neuron that stays and the one that is merged into it, by their places in the layer.

    Returns:
        Networks of the same shape, without batch normalization; the merged neuron has no effect any more.

    Raises:
        ValueError: If there is no such layer or neuron, or a neuron is to be merged with itself.

    Example:
        >>> from neuronlib.data.images import Samples
        >>> from neuronlib.networks.initialization import by_hand
        >>> twins = by_hand([np.ones((1, 2)), np.array([[1.0], [2.0]])], [np.zeros(2), np.zeros(1)])
        >>> some = Samples(np.array([[1.0], [3.0]], np.float32), np.array([0, 0]))
        >>> data = ImageData("two numbers", (1, 1, 1), ("any",), some, some, some)
        >>> merged(twins, data, "1", np.array([[0, 1]])).layers[1].weight.flatten().tolist()
        [3.0, 0.0]
    """
    width = layer_width(ensemble.setting.hidden, layer)
    check_members("pairs", pairs, width, "two different neurons", f" of layer {layer}")
    known = moments(ensemble, data, layer)
    rows, (stays, goes) = np.arange(len(pairs)), pairs.T
    covariance, variance = (known.covariance[rows, stays, other] for other in (goes, stays))
    varies = variance > NO_VARIANCE
    slope = np.where(varies, covariance, 0) / np.where(varies, variance, 1)
    offset = known.mean[rows, goes] - slope * known.mean[rows, stays]
    return merge(ensemble, layer, Merges(*(part[:, None] for part in (goes, stays, slope, offset))), 1)
