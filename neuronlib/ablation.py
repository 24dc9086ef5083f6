"""Cumulative ablation: accuracy after each further neuron is switched off, for all networks and orders."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float, Int64
from numpy import ndarray
from torch import Tensor

from neuronlib.ensemble import Ensemble
from neuronlib.progress import progress
from neuronlib.types import WHOLE

# Numbers in the largest intermediate tensor. Small enough to stay in a core's cache, large enough to keep it busy.
_CHUNK_NUMBERS = 2**18


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
        >>> from neuronlib.config import Setting
        >>> from neuronlib.ensemble import initialize
        >>> networks = initialize(Setting(hidden=(4, 3)), inputs=2, labels=10, networks=[0, 1])
        >>> mean_outputs(networks, torch.ones(5, 2)).shape
        torch.Size([2, 7])
    """
    labels = torch.zeros(len(pixels), dtype=torch.int64, device=pixels.device)
    sums = [outputs.sum(dim=1, dtype=torch.float64) for outputs, _ in ensemble.outputs_in_chunks(pixels, labels)]
    return (torch.stack(sums).sum(dim=0) / len(pixels)).to(torch.float32)


def cumulative_ablation(
    ensemble: Ensemble,
    pixels: Float[Tensor, "sample feature"],
    labels: Int64[Tensor, " sample"],
    orders: xr.DataArray,
    replacement: Float[Tensor, "network neuron"] | None = None,
    steps: Sequence[int] | None = None,
) -> xr.Dataset:
    r"""Samples classified correctly after each number of ablated neurons.

    An ablated neuron puts out a constant, whatever its input:

    .. math:: t_{\pi(m)}^{(i)}(x) \leftarrow r_{\pi(m)}, \qquad m = 1, \dots, n

    Source: Amjad, Liu, Geiger 2021, Sec. V: "to zero" (:math:`r = 0`) and "to the mean". No deviation.

    What lies before the ablated layer is computed once, and the pre-activations behind it change by one outer
    product a step, so rounding differs slightly from that of a full pass for each step.

    Args:
        ensemble: Trained networks.
        pixels: Test samples, on the networks' device.
        labels: The label of each sample.
        orders: Orders of `neuronlib.ordering.ablation_orders`; all neurons of one layer or of the whole network.
        replacement: What each hidden neuron puts out once it is ablated; None for zero.
        steps: Numbers of ablated neurons to evaluate, increasing; None for every number from 0 to all.

    Returns:
        ``correct``, exact numbers of samples, with axes ``network``, ``order``, ``step`` and ``label`` and the
        coordinates of the orders; ``samples``, the number of samples with each label.

    Raises:
        ValueError: If the orders are of other networks than the ensemble's, or a step is out of range or out of turn.

    Example:
        >>> from neuronlib.config import Setting
        >>> from neuronlib.ensemble import initialize
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
    if replacement is None:
        replacement = torch.zeros(len(ensemble.networks), sum(_widths(ensemble)), device=pixels.device)
    first = 0 if str(orders.layer.values) == WHOLE else int(orders.layer.values) - 1
    correct = np.empty((*orders.shape[:2], len(grid), label_count), dtype=np.int32)
    with progress(total=len(ensemble.networks), unit="network", desc=f"ablating layer {orders.layer.values}") as bar:
        for k in range(len(ensemble.networks)):
            network = ensemble.part(slice(k, k + 1))
            order = torch.as_tensor(orders.values[k], device=pixels.device)
            correct[k] = _one_network(network, pixels, labels, order, replacement[k], grid, first)
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


def _widths(ensemble: Ensemble) -> list[int]:
    return [layer.bias.shape[1] for layer in ensemble.layers[:-1]]


@torch.no_grad()
def _one_network(
    network: Ensemble,
    pixels: Float[Tensor, "sample feature"],
    labels: Int64[Tensor, " sample"],
    order: Int64[Tensor, "order step"],
    replacement: Float[Tensor, " neuron"],
    grid: list[int],
    first: int,
) -> Int64[ndarray, "order point label"]:
    label_count = network.layers[-1].bias.shape[1]
    # Whole numbers below 2**24 are exact in float32.
    correct = torch.zeros(len(order), len(grid), label_count, device=pixels.device)
    chunk = max(1, _CHUNK_NUMBERS // (len(order) * max(_widths(network))))
    for some, some_labels in zip(pixels.split(chunk), labels.split(chunk), strict=True):
        members = torch.nn.functional.one_hot(some_labels, label_count).to(torch.float32)
        for point, logits in enumerate(_ablated_logits(network, some, order, replacement, grid, first)):
            correct[:, point] += (logits.argmax(dim=2) == some_labels).to(torch.float32) @ members
    return correct.to(torch.int64).cpu().numpy()


def _ablated_logits(
    network: Ensemble,
    pixels: Float[Tensor, "sample feature"],
    order: Int64[Tensor, "order step"],
    replacement: Float[Tensor, " neuron"],
    grid: list[int],
    first: int,
) -> Iterator[Float[Tensor, "order sample label"]]:
    # The logits at each point of the grid. Layer `first` is the first with ablated neurons: its outputs stay what they
    # are, and only what it adds to the next layer's pre-activations z is taken back.
    widths = _widths(network)
    edges = np.concatenate([[0], np.cumsum(widths)]).tolist()
    outputs = network.hidden_outputs(pixels)[first]
    following = network.layers[first + 1]
    z = following.affine(outputs).repeat(len(order), 1, 1)
    change = (replacement[edges[first] : edges[first + 1]] - outputs[0]).T.contiguous()
    ablated = torch.zeros(len(order), edges[-1], dtype=torch.bool, device=pixels.device)
    done = 0
    for step in grid:
        new = order[:, done:step]
        done = step
        inside = (new >= edges[first]) & (new < edges[first + 1])
        local = torch.where(inside, new - edges[first], 0)
        z.baddbmm_(change[local].transpose(1, 2), following.weight[0, local] * inside.unsqueeze(2))
        ablated.scatter_(1, new, True)
        yield _logits_from(network, first + 1, z, ablated.split(widths, dim=1), replacement.split(widths))


def _logits_from(
    network: Ensemble,
    position: int,
    z: Float[Tensor, "order sample neuron"],
    ablated: Sequence[Tensor],
    replacement: Sequence[Tensor],
) -> Float[Tensor, "order sample label"]:
    # From one layer's pre-activations to the logits. For each hidden layer, `ablated` (order, neuron) and `replacement`
    # (neuron) say what is replaced on the way.
    orders, samples, _ = z.shape
    for i in range(position, len(network.layers) - 1):
        normalization = network.layers[i].normalization
        flat = z.view(1, orders * samples, -1)
        outputs = network.activate(flat if normalization is None else normalization(flat, training=False))
        outputs = outputs.reshape(orders, samples, -1)
        outputs = torch.where(ablated[i].unsqueeze(1), replacement[i], outputs)
        flat = network.layers[i + 1].affine(outputs.reshape(1, orders * samples, -1))
        z = flat.view(orders, samples, -1)
    return z
