"""Cumulative ablation: accuracy after each further neuron is switched off, for all networks and orders."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import DataLoader

from neuronlib.common.checks import check, check_labels
from neuronlib.common.choices import Replacement
from neuronlib.common.entries import FINITE, Steps
from neuronlib.common.labelled import Orders
from neuronlib.data.batches import Batches, samples_of
from neuronlib.data.images import ImageData, Samples
from neuronlib.networks.interface import Networks, chunks_of_outputs, parts_taken
from neuronlib.networks.watched import ByPosition, Watched

Outputs = Annotated[Float[Tensor, "network neuron"], FINITE] | ByPosition | Literal["zero"]
"""The output of each neuron once it is ablated; of watched networks, also one for each of its positions."""


def mean_outputs(networks: Networks, samples: Samples | DataLoader) -> Float[Tensor, "network neuron"]:
    r"""Average each neuron's output over samples, as ablation to the mean takes it.

    .. math:: \bar t_j = \frac{1}{N} \sum_\ell t_j(x_\ell)

    Source: Amjad, Liu, Geiger 2021, Sec. V, where the samples are the training set.

    Returns:
        The layers' neurons one after the other.

    Example:
        >>> import neuronlib as nl
        >>> xor = nl.given([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
        >>> either = nl.by_hand([np.array([[1.0], [1.0]]), np.eye(1, 2)], [np.zeros(1), np.zeros(2)])
        >>> mean_outputs(either, xor.test)
        tensor([[1.]])
    """
    given = samples_of(samples)
    # Of a channel that is measured otherwise, the mean over positions too.
    averaged = dataclasses.replace(networks, summary="mean") if isinstance(networks, Watched) else networks
    sums = []
    for outputs, _ in chunks_of_outputs(averaged, given):
        sums.append(outputs.sum(dim=1, dtype=torch.float64))
        precision = outputs.dtype
    number = given.of_label.sum() if isinstance(given, Batches) else len(given.labels)
    return (torch.stack(sums).sum(dim=0) / int(number)).to(precision)


def mean_outputs_by_position(networks: Networks, samples: Samples | DataLoader) -> ByPosition:
    """Average the outputs of watched networks over samples, at each position, as `ablate` takes them.

    Returns:
        By layer, as its output for one sample, for each network.

    Raises:
        ValueError: If the networks are not watched, or there are no samples.

    Example:
        >>> import neuronlib as nl
        >>> model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.ReLU(), torch.nn.Flatten())
        >>> networks = nl.watch(model.append(torch.nn.Linear(8, 2)), torch.zeros(1, 1, 2, 2))
        >>> mean_outputs_by_position(networks, nl.given(np.eye(4), [0, 1, 0, 1]).test)["1"].shape
        torch.Size([1, 2, 2, 2])
    """
    if not isinstance(networks, Watched):
        raise ValueError("means by position: expected networks that nl.watch returns; others have one position")
    return networks.mean_by_position(samples_of(samples))


def outputs_once_ablated(networks: Networks, data: ImageData, replacement: Replacement) -> Outputs:
    """Compute what `ablate` puts in place of ablated neurons' outputs; means are over the training samples."""
    check("replacement", replacement, Replacement)
    return mean_outputs(networks, data.train) if replacement == "mean" else "zero"


def ablate(
    networks: Networks,
    samples: Samples | DataLoader,
    orders: Orders,
    replacement: Outputs = "zero",
    steps: Steps | None = None,
    remains: Annotated[Float[Tensor, "network neuron"], FINITE] | None = None,
) -> xr.Dataset:
    r"""Count the samples classified correctly after each number of ablated neurons.

    The output of an ablated neuron is a constant, whatever its input, unless a share of its output remains:

    .. math:: t_{\pi(m)}^{(i)}(x) \leftarrow r_{\pi(m)} + s_{\pi(m)}\, t_{\pi(m)}^{(i)}(x), \qquad m = 1, \dots, n

    Source: Amjad, Liu, Geiger 2021, Sec. V: "to zero" (:math:`r = 0`) and "to the mean", with :math:`s = 0`. No
    deviation; :math:`s > 0` is the replications'.

    Args:
        networks: Trained networks.
        samples: The samples to classify; or a loader of batches of inputs and labels, which may be of any length.
        orders: Orders :math:`\pi` of `ablation_orders`; neurons of one layer, or of the whole network.
        replacement: :math:`r`: "zero", or what `mean_outputs` or `mean_outputs_by_position` returns.
        steps: Numbers :math:`n` of ablated neurons to evaluate, increasing; None for every number from 0 to all.
        remains: :math:`s`; None for nothing.

    Returns:
        ``correct``, exact numbers of samples, with axes ``network``, ``order``, ``step`` and ``label`` and the
        coordinates of the orders; ``samples``, the number of samples with each label.

    Raises:
        ValueError: If the orders are of other networks, a step is out of range or out of turn, a label is none of the
            networks', the replacement is another word than "zero" or of another shape, or ``samples`` are a whole data
            set or an array.

    Example:
        >>> import neuronlib as nl
        >>> xor = nl.given([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
        >>> hidden, output = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[0.0, 1.0], [0.0, -2.0]])
        >>> networks = nl.by_hand([hidden, output], [np.array([0.0, -1.0]), np.array([0.5, 0.0])])
        >>> orders = nl.ablation_orders(nl.measure(networks, xor.test), layer="1", random_orders=0)
        >>> ablate(networks, xor.test, orders).correct.sel(order="entropy low").sum("label").values
        array([[4, 3, 2]])
    """
    given = samples_of(samples)
    orders = orders.transpose("network", "order", "step")
    numbers = orders.network.values.tolist()
    if numbers != list(networks.networks):
        raise ValueError(f"the orders are of networks {numbers}, there are networks {list(networks.networks)}")
    outputs: Any = None  # a tensor; by position only of networks that take it
    if isinstance(replacement, Mapping) and isinstance(networks, Watched):
        outputs = _by_position(replacement, networks)
    elif not (isinstance(replacement, str) and replacement == "zero"):
        outputs = _of_each_neuron("replacement", replacement, networks, "'zero', or an output")
    shares = None if remains is None else _of_each_neuron("remains", remains, networks, "None, or a share")
    grid = _checked_steps(steps, orders.sizes["step"])
    layer = str(orders.layer.values)
    correct = np.zeros((*orders.shape[:2], len(grid), networks.label_count), dtype=np.int64)
    for part in parts_taken(networks, given):
        if isinstance(part, Samples):
            classes = networks.label_count
            check_labels(part.labels, classes, f"the networks have {classes} outputs, from 0")
        correct += networks.correct_when_ablated(part, layer, orders.values, grid, outputs, shares)
    coordinates = {name: orders.coords[name] for name in orders.coords if name != "step"}
    counted = given.of_label if isinstance(given, Batches) else np.bincount(given.labels)
    of_label = np.pad(counted, (0, networks.label_count - len(counted)))
    return xr.Dataset(
        {"correct": (("network", "order", "step", "label"), correct), "samples": ("label", of_label)},
        coords={**coordinates, "step": grid, "label": np.arange(networks.label_count)},
    )


def _of_each_neuron(name: str, given: object, networks: Networks, expected: str) -> Tensor:
    shape = (len(networks.networks), sum(networks.widths.values()))
    if not isinstance(given, Tensor | np.ndarray) or given.shape != shape:
        shown = f"of shape {tuple(given.shape)}" if isinstance(given, Tensor | np.ndarray) else f"= {given!r}"
        raise ValueError(
            f"{name} {shown}: expected {expected} for each network and neuron, {shape}, as mean_outputs returns"
        )
    return torch.as_tensor(given, dtype=torch.float32)


def _by_position(given: Mapping[str, object], networks: Watched) -> ByPosition:
    checked = {}
    for name, layer in networks.layers.items():
        shape = (len(networks.models), *layer.shape)
        part = given.get(name)
        if not isinstance(part, Tensor) or part.shape != shape:
            raise ValueError(f"replacement of layer {name!r}: expected {shape}, as mean_outputs_by_position returns")
        checked[name] = part
    return checked


def _checked_steps(steps: Sequence[int] | None, neurons: int) -> list[int]:
    grid = list(range(neurons + 1)) if steps is None else list(steps)
    increasing = all(a < b for a, b in zip(grid[:-1], grid[1:], strict=True))
    if not grid or not increasing or grid[0] < 0 or grid[-1] > neurons:
        raise ValueError(f"steps = {grid}: expected increasing numbers from 0 to {neurons}")
    return grid
