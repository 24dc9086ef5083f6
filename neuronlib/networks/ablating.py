"""The fast ablation of an `Ensemble`: only what changes with each further neuron is computed anew."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from numpy import ndarray
from torch import Tensor
from torch.nn.functional import one_hot, pad

from neuronlib.common.progress import progress
from neuronlib.common.scopes import WHOLE
from neuronlib.data.images import Samples
from neuronlib.networks.ensemble import Ensemble, samples_a_chunk, samples_on
from neuronlib.networks.layers import Layer


def correct_when_ablated(
    ensemble: Ensemble,
    samples: Samples,
    layer: str,
    orders: Int64[ndarray, "network order place"],
    steps: Sequence[int],
    replacement: Float[Tensor, "network neuron"] | None,
    remains: Float[Tensor, "network neuron"] | None,
) -> Int64[ndarray, "network order step label"]:
    """Count the correct answers of an ensemble; see `Networks.correct_when_ablated`."""
    # What lies before the ablated layer is computed once, and the pre-activations behind it change by one outer
    # product a step, so rounding differs slightly from that of a full pass for each step.
    pixels, labels = samples_on(ensemble.device, samples)
    nothing = torch.zeros(len(ensemble.networks), sum(ensemble.setting.hidden), device=pixels.device)
    constant, factor = (nothing if given is None else given.to(pixels.device) for given in (replacement, remains))
    folded = ensemble.folded()
    first = 0 if layer == WHOLE else int(layer) - 1
    correct = np.empty((*orders.shape[:2], len(steps), ensemble.label_count), dtype=np.int64)
    with progress(total=len(ensemble.networks), unit="network", desc=f"ablating layer {layer}") as bar:
        for k in range(len(ensemble.networks)):
            network = folded.part(slice(k, k + 1))
            order = torch.as_tensor(orders[k], device=pixels.device)
            correct[k] = _one_network(network, pixels, labels, order, (constant[k], factor[k]), steps, first)
            bar.update()
    return correct


@torch.no_grad()
def _one_network(
    network: Ensemble,
    pixels: Float[Tensor, "sample feature"],
    labels: Int64[Tensor, " sample"],
    order: Int64[Tensor, "order step"],
    ablated: tuple[Float[Tensor, " neuron"], Float[Tensor, " neuron"]],
    grid: Sequence[int],
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
    grid: Sequence[int],
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
    neurons = slice(start, start + width)
    change = pad((replacement[neurons] - (1 - remains[neurons]) * outputs[0]).T, (0, 0, 0, 1)).contiguous()
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
