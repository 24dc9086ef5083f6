"""Plain twins: the same results as the library's, one network, one neuron, one sample at a time."""

import math

import numpy as np
import torch
from scipy.optimize import minimize
from torch import nn

from neuronlib.common.config import Setting
from neuronlib.common.randomness import permutation, stream, torch_seed
from neuronlib.data.images import ImageData, Samples


def tiny_images(train: int = 40, features: int = 6, labels: int = 3, seed: int = 0) -> ImageData:
    """Noisy points around one centre for each label; small enough to train on in a blink."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(labels, features))

    def draw(size: int) -> Samples:
        targets = random.integers(labels, size=size)
        pixels = centres[targets] + 0.7 * random.normal(size=(size, features))
        return Samples(pixels.astype(np.float32), targets.astype(np.int64))

    names = tuple(str(label) for label in range(labels))
    return ImageData("mnist-5k", (1, 1, features), names, draw(train), draw(30), draw(50))


def entropy_of(probabilities) -> float:
    return -sum(p * math.log2(p) for p in probabilities if p > 0)


def mutual_information_of(table) -> float:
    """H(T) - H(T|Y), as the paper's Eq. (4) writes it."""
    total = sum(map(sum, table))
    values = [sum(row) / total for row in table]
    labels = [sum(row[y] for row in table) / total for y in range(len(table[0]))]
    conditional = sum(
        share * entropy_of(row[y] / (share * total) for row in table) for y, share in enumerate(labels) if share > 0
    )
    return entropy_of(values) - conditional


def kl_selectivity_of(table) -> float:
    total = sum(map(sum, table))
    values = [sum(row) / total for row in table]
    divergences = []
    for y in range(len(table[0])):
        size = sum(row[y] for row in table)
        if size:
            given = [row[y] / size for row in table]
            divergences.append(sum(p * math.log2(p / q) for p, q in zip(given, values, strict=True) if p > 0))
    return max(divergences)


def counts_of(outputs, labels, thresholds, label_count: int) -> np.ndarray:
    networks, samples, neurons = outputs.shape
    counts = np.zeros((networks, neurons, len(thresholds) + 1, label_count), dtype=np.int64)
    for k in range(networks):
        for sample in range(samples):
            for neuron in range(neurons):
                value = sum(outputs[k, sample, neuron] > threshold for threshold in thresholds)
                counts[k, neuron, value, labels[sample]] += 1
    return counts


def module_for(setting: Setting, inputs: int, labels: int, network: int, masks: list) -> nn.Sequential:
    """An ordinary PyTorch network with PyTorch's own initialization; its Dropout takes the next entry of `masks`."""
    torch.manual_seed(torch_seed(setting.seed, "weights", network))
    widths = (inputs, *setting.hidden, labels)
    linear = [nn.Linear(a, b) for a, b in zip(widths[:-1], widths[1:], strict=True)]
    parts: list[nn.Module] = []
    for index, layer in enumerate(linear[:-1]):
        parts.append(layer)
        if setting.batch_norm:
            parts.append(nn.BatchNorm1d(layer.out_features))
        parts.append(nn.ReLU() if setting.activation == "relu" else nn.Sigmoid())
        if setting.dropout:
            parts.append(GivenDropout(setting.dropout[index], masks))
    return nn.Sequential(*parts, linear[-1])


class GivenDropout(nn.Module):
    """Dropout that is told what to keep, scaled as `torch.nn.Dropout` does."""

    def __init__(self, probability: float, masks: list):
        super().__init__()
        self.probability, self.masks = probability, masks

    def forward(self, x):
        return x * self.masks.pop(0) / (1 - self.probability) if self.training else x


def dropout_masks(setting: Setting, network: int, steps: int) -> list[torch.Tensor]:
    """One mask for each mini-batch and hidden layer in turn, from 16 bits of the network's stream for each output."""
    source, masks = stream(setting.seed, "dropout", network), []
    width = sum(setting.hidden)
    for _ in range(steps):
        words = source.random_raw(math.ceil(setting.batch_size * width / 4))
        bits = [(int(word) >> shift) & 0xFFFF for word in words for shift in (0, 16, 32, 48)]
        step = np.array(bits[: setting.batch_size * width]).reshape(setting.batch_size, width)
        edges = np.cumsum((0, *setting.hidden))
        for p, start, stop in zip(setting.dropout, edges[:-1], edges[1:], strict=True):
            masks.append(torch.from_numpy(step[:, start:stop] >= round(p * 2**16)))
    return masks


def train_with_torch(setting: Setting, data: ImageData, network: int) -> tuple[nn.Sequential, list[float]]:
    """One network by `torch.nn`, autograd and `torch.optim`; also its mean loss in each epoch."""
    pixels, labels = torch.from_numpy(data.train.pixels), torch.from_numpy(data.train.labels)
    steps = setting.epochs * math.ceil(len(labels) / setting.batch_size)
    masks = dropout_masks(setting, network, steps) if setting.dropout else []
    module = module_for(setting, pixels.shape[1], len(data.label_names), network, masks)
    optimizer: torch.optim.Optimizer
    if setting.optimizer == "adam":
        optimizer = torch.optim.Adam(module.parameters(), lr=setting.learning_rate, weight_decay=setting.weight_decay)
    else:
        optimizer = torch.optim.RMSprop(
            module.parameters(),
            lr=setting.learning_rate,
            momentum=setting.momentum,
            weight_decay=setting.weight_decay,
        )
    source, means = stream(setting.seed, "order", network), []
    for _ in range(setting.epochs):
        order, total = torch.from_numpy(permutation(source, len(labels))), 0.0
        for rows in order.split(setting.batch_size):
            if setting.dropout:  # the last mini-batch of an epoch may be smaller than its masks
                masks[: len(setting.hidden)] = [mask[: len(rows)] for mask in masks[: len(setting.hidden)]]
            loss = nn.functional.cross_entropy(module(pixels[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        means.append(total / len(labels))
    return module.eval(), means


@torch.no_grad()
def curve_of(module: nn.Sequential, pixels, labels, order, replacement, label_count: int, remains=None) -> np.ndarray:
    """Correct answers (step, label), by one full pass over all samples for each number of ablated neurons."""
    remains = torch.zeros(len(replacement)) if remains is None else remains
    hidden = [part for part in module if isinstance(part, nn.ReLU | nn.Sigmoid)]
    widths = [part.out_features for part in module if isinstance(part, nn.Linear)][:-1]
    edges = np.cumsum((0, *widths))
    correct = np.zeros((len(order) + 1, label_count), dtype=np.int64)
    for step in range(len(order) + 1):
        handles = []
        for index, part in enumerate(hidden):
            here = [neuron for neuron in order[:step] if edges[index] <= neuron < edges[index + 1]]

            def ablate(_module, _inputs, output, here=here, start=edges[index]):
                for neuron in here:
                    output[:, neuron - start] = replacement[neuron] + remains[neuron] * output[:, neuron - start]
                return output

            handles.append(part.register_forward_hook(ablate))
        predicted = module(pixels).argmax(dim=1)
        for handle in handles:
            handle.remove()
        for label in range(label_count):
            correct[step, label] = ((predicted == labels) & (labels == label)).sum()
    return correct


def least_information_of(counts) -> float:
    """The least I(S T; Y) in bits with the same I(S; Y) and I(T; Y), by a solver that knows nothing of the problem."""
    p = np.array(counts) / np.sum(counts)
    labels = range(p.shape[2])
    first = [p[1, :, y].sum() for y in labels]
    second = [p[:, 1, y].sum() for y in labels]
    low = [max(0.0, first[y] + second[y] - p[:, :, y].sum()) for y in labels]
    bounds = [(low[y], max(low[y], min(first[y], second[y]))) for y in labels]

    def information(both) -> float:
        q = np.zeros_like(p)
        for y in labels:
            q[1, 1, y] = both[y]
            q[1, 0, y] = first[y] - both[y]
            q[0, 1, y] = second[y] - both[y]
            q[0, 0, y] = p[:, :, y].sum() - first[y] - second[y] + both[y]
        return mutual_information_of(np.maximum(q, 0).reshape(4, -1))

    starts = [np.array([low + share * (high - low) for low, high in bounds]) for share in (0.5, 0.1, 0.9)]
    return min(minimize(information, start, method="Powell", bounds=bounds).fun for start in starts)


def o_information_of(columns) -> float:
    """Total correlation less dual total correlation, as the definition has it."""

    def entropy(some) -> float:
        rows = [tuple(row) for row in np.asarray(some).reshape(len(columns), -1)]
        return entropy_of(rows.count(row) / len(rows) for row in set(rows))

    size = columns.shape[1]
    rest = [np.delete(columns, j, axis=1) for j in range(size)]
    total = sum(entropy(columns[:, j]) for j in range(size)) - entropy(columns)
    dual = entropy(columns) - sum(entropy(columns) - entropy(some) for some in rest)
    return total - dual
