"""Cumulative ablation: accuracy after each further neuron is switched off, for all networks and orders."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
import xarray as xr
from jaxtyping import Bool, Float, Int64
from numpy import ndarray
from torch import Tensor
from torch.nn.functional import one_hot, pad

from neuronlib.common.progress import progress
from neuronlib.common.types import WHOLE, Replacement
from neuronlib.data.images import Samples
from neuronlib.networks.chunks import samples_a_chunk
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.networks.layers import Layer


def mean_outputs(ensemble: Ensemble, pixels: Float[Tensor, "sample feature"]) -> Float[Tensor, "network neuron"]:
    r"""Mean output of each hidden neuron, which takes its place in ablation to the mean.

    .. math:: \bar t_j = \frac{1}{N} \sum_\ell t_j(x_\ell)

    Source: Amjad, Liu, Geiger 2021, Sec. V, where the samples are the training set.

    Args:
        ensemble: Trained networks.
        pixels: The training samples, on the networks' device.

    Returns:
        The hidden layers' neurons one after the other.

    Example:
        >>> from neuronlib.common.config import Setting
        >>> from neuronlib.networks.initialization import initialize
        >>> networks = initialize(Setting(hidden=(4, 3)), inputs=2, labels=10, networks=[0, 1])
        >>> mean_outputs(networks, torch.ones(5, 2)).shape
        torch.Size([2, 7])
    """
    labels = torch.zeros(len(pixels), dtype=torch.int64, device=pixels.device)
    sums = [outputs.sum(dim=1, dtype=torch.float64) for outputs, _ in ensemble.outputs_in_chunks(pixels, labels)]
    return (torch.stack(sums).sum(dim=0) / len(pixels)).to(torch.float32)


def constants(
    ensemble: Ensemble, training: Samples, replacement: Replacement
) -> Float[Tensor, "network neuron"] | None:
    """What ablated neurons put out, as `cumulative_ablation` takes it.

    Args:
        ensemble: Trained networks.
        training: The training samples, over which means are taken.
        replacement: "zero" or "mean".

    Returns:
        None for zero.

    Example:
        >>> from neuronlib.common.config import Setting
        >>> from neuronlib.networks.initialization import initialize
        >>> networks = initialize(Setting(hidden=(4, 3)), inputs=2, labels=10, networks=[0])
        >>> constants(networks, Samples(np.ones((5, 2), np.float32), np.zeros(5, np.int64)), "zero") is None
        True
    """
    return mean_outputs(ensemble, samples_on(ensemble.device, training)[0]) if replacement == "mean" else None


def cumulative_ablation(
    ensemble: Ensemble,
    pixels: Float[Tensor, "sample feature"],
    labels: Int64[Tensor, " sample"],
    orders: xr.DataArray,
    replacement: Float[Tensor, "network neuron"] | None = None,
    steps: Sequence[int] | None = None,
    remains: Float[Tensor, "network neuron"] | None = None,
) -> xr.Dataset:
    r"""Samples classified correctly after each number of ablated neurons.

    An ablated neuron puts out a constant, whatever its input, unless a share of its output is to remain:

    .. math:: t_{\pi(m)}^{(i)}(x) \leftarrow r_{\pi(m)} + s_{\pi(m)}\, t_{\pi(m)}^{(i)}(x), \qquad m = 1, \dots, n

    Source: Amjad, Liu, Geiger 2021, Sec. V: "to zero" (:math:`r = 0`) and "to the mean", with :math:`s = 0`. No
    deviation; :math:`s > 0` is the replications'.

    What lies before the ablated layer is computed once, and the pre-activations behind it change by one outer
    product a step, so rounding differs slightly from that of a full pass for each step.

    Args:
        ensemble: Trained networks.
        pixels: Test samples, on the networks' device.
        labels: The label of each sample.
        orders: Orders of `ablation_orders`; all neurons of one layer or of the whole network.
        replacement: What each hidden neuron puts out once it is ablated; None for zero.
        steps: Numbers of ablated neurons to evaluate, increasing; None for every number from 0 to all.
        remains: Which share of its output each hidden neuron keeps once it is ablated; None for nothing.

    Returns:
        ``correct``, exact numbers of samples, with axes ``network``, ``order``, ``step`` and ``label`` and the
        coordinates of the orders; ``samples``, the number of samples with each label.

    Raises:
        ValueError: If the orders are of other networks than the ensemble's, or a step is out of range or out of turn.

    Example:
        >>> from neuronlib.common.config import Setting
        >>> from neuronlib.networks.initialization import initialize
        >>> networks = initialize(Setting(hidden=(3,), dropout=()), inputs=2, labels=10, networks=[0])
        >>> order = xr.DataArray([[[2, 0, 1]]], dims=("network", "order", "step"))
        >>> order = order.assign_coords(network=[0], order=["mine"], layer="1")
        >>> curves = cumulative_ablation(networks, torch.ones(6, 2), torch.arange(6), order)
        >>> curves.correct.sizes["step"], int(curves.samples.sum())
        (4, 6)
    """
    if orders.network.values.tolist() != list(ensemble.networks):
        raise ValueError(
            f"the orders are of networks {orders.network.values.tolist()}, the ensemble holds {list(ensemble.networks)}"
        )
    grid = _checked_grid(steps, orders.sizes["step"])
    label_count = ensemble.layers[-1].bias.shape[1]
    nothing = torch.zeros(len(ensemble.networks), sum(ensemble.setting.hidden), device=pixels.device)
    constant, factor = (nothing if given is None else given for given in (replacement, remains))
    folded = ensemble.folded()
    first = 0 if str(orders.layer.values) == WHOLE else int(orders.layer.values) - 1
    correct = np.empty((*orders.shape[:2], len(grid), label_count), dtype=np.int32)
    with progress(total=len(ensemble.networks), unit="network", desc=f"ablating layer {orders.layer.values}") as bar:
        for k in range(len(ensemble.networks)):
            network = folded.part(slice(k, k + 1))
            order = torch.as_tensor(orders.values[k], device=pixels.device)
            correct[k] = _one_network(network, pixels, labels, order, (constant[k], factor[k]), grid, first)
            bar.update()
    coordinates = {name: orders.coords[name] for name in orders.coords if name != "step"}
    samples = np.bincount(labels.cpu().numpy(), minlength=label_count)
    return xr.Dataset(
        {"correct": (("network", "order", "step", "label"), correct), "samples": ("label", samples)},
        coords={**coordinates, "step": grid, "label": np.arange(label_count)},
    )


def _checked_grid(steps: Sequence[int] | None, neurons: int) -> list[int]:
    grid = list(range(neurons + 1)) if steps is None else [int(step) for step in steps]
    increasing = all(a < b for a, b in zip(grid[:-1], grid[1:], strict=True))
    if not grid or not increasing or grid[0] < 0 or grid[-1] > neurons:
        raise ValueError(f"steps = {grid}: expected increasing numbers from 0 to {neurons}")
    return grid


@torch.no_grad()
def _one_network(
    network: Ensemble,
    pixels: Float[Tensor, "sample feature"],
    labels: Int64[Tensor, " sample"],
    order: Int64[Tensor, "order step"],
    ablated: tuple[Float[Tensor, " neuron"], Float[Tensor, " neuron"]],
    grid: list[int],
    first: int,
) -> Int64[ndarray, "order point label"]:
    label_count = network.layers[-1].bias.shape[1]
    # Whole numbers up to 2**24 are exact in float32.
    correct = torch.zeros(len(order), len(grid), label_count, device=pixels.device)
    widest = max(layer.bias.shape[1] for layer in network.layers[first + 1 :])
    chunk = samples_a_chunk(len(order) * widest, pixels.device)
    for some, some_labels in zip(pixels.split(chunk), labels.split(chunk), strict=True):
        hits = torch.empty(len(order), len(grid), len(some), dtype=torch.bool, device=pixels.device)
        for point, logits in enumerate(_ablated_logits(network, some, order, *ablated, grid, first)):
            # Of several largest logits, the first: the same as argmax, and many times faster here.
            torch.eq(logits.max(dim=1).indices, some_labels, out=hits[:, point])
        correct += hits.to(torch.float32) @ one_hot(some_labels, label_count).to(torch.float32)
    return correct.to(torch.int64).cpu().numpy()


def _ablated_logits(
    network: Ensemble,
    pixels: Float[Tensor, "sample feature"],
    order: Int64[Tensor, "order step"],
    replacement: Float[Tensor, " neuron"],
    remains: Float[Tensor, " neuron"],
    grid: list[int],
    first: int,
) -> Iterator[Float[Tensor, "order label sample"]]:
    # The logits at each point of the grid. Layer `first` is the first with ablated neurons: its outputs stay what they
    # are, and only what it adds to the next layer's pre-activations z is taken back. In later layers, a neuron's
    # outgoing weights are scaled instead. Samples lie innermost: a product that yields few labels is several
    # times faster that way.
    widths = network.setting.hidden
    start = sum(widths[:first])
    width = widths[first]
    outputs = network.hidden_outputs(pixels)[first]
    following, *later = network.layers[first + 1 :]
    z = following.affine(outputs).mT.repeat(len(order), 1, 1)
    # Neurons of other layers take the last row, which is zero and changes nothing.
    here = slice(start, start + width)
    change = pad((replacement[here] - (1 - remains[here]) * outputs[0]).T, (0, 0, 0, 1)).contiguous()
    outgoing = pad(following.weight[0], (0, 0, 0, 1))
    local = torch.where((order >= start) & (order < start + width), order - start, width)
    elsewhere = bool((local == width).any())
    ablated = torch.zeros(len(order), sum(widths), dtype=torch.bool, device=pixels.device)
    maps = _ablated_maps(later, widths[first + 1 :], ablated, replacement, remains)
    done = 0
    for step in grid:
        new = local[:, done:step]
        z.baddbmm_(outgoing[new].mT, change[new])
        if elsewhere:
            ablated.scatter_(1, order[:, done:step], True)
            maps = _ablated_maps(later, widths[first + 1 :], ablated, replacement, remains)
        done = step
        logits = z
        for weight, bias in maps:
            logits = torch.baddbmm(bias, weight, network.activate(logits))
        yield logits


def _ablated_maps(
    layers: Sequence[Layer],
    widths: Sequence[int],
    ablated: Bool[Tensor, "order neuron"],
    replacement: Float[Tensor, " neuron"],
    remains: Float[Tensor, " neuron"],
) -> list[tuple[Float[Tensor, "order output input"], Float[Tensor, "order output 1"]]]:
    # Weights and biases of the last layers where ablated inputs are replaced by constants, differently in each order.
    maps = []
    last = ablated.shape[1] - sum(widths)
    parts = ablated[:, last:].split(widths, dim=1), replacement[last:].split(widths), remains[last:].split(widths)
    for layer, gone, constant, factor in zip(layers, *parts, strict=True):
        bias = layer.bias + (gone * constant) @ layer.weight[0]
        maps.append((layer.weight[0].T * torch.where(gone, factor, 1).unsqueeze(1), bias.unsqueeze(2)))
    return maps
