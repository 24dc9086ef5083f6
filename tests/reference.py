"""Small data, and plain ways to results that only tests ask for; the other twins are in `neuronlib.plain`."""

import math
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.stats import norm
from torch import nn

from neuronlib.common.config import Setting
from neuronlib.common.randomness import permutation, stream, torch_seed
from neuronlib.data.images import ImageData, Samples
from neuronlib.plain import mutual_information


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


def normal_numbers(source: np.random.PCG64, count: int) -> np.ndarray:
    """Numbers from a normal distribution, one for each 16 bits of a stream."""
    words = source.random_raw(math.ceil(count / 4))
    bits = [(int(word) >> shift) & 0xFFFF for word in words for shift in (0, 16, 32, 48)]
    return norm.ppf((np.array(bits[:count]) + 0.5) / 2**16)


def train_with_torch(setting: Setting, data: ImageData, network: int) -> tuple[nn.Sequential, list[float]]:
    """One network by `torch.nn`, autograd and `torch.optim`; also its mean loss in each epoch."""
    pixels, labels = torch.from_numpy(data.train.pixels), torch.from_numpy(data.train.labels)
    steps = setting.epochs * math.ceil(len(labels) / setting.batch_size)
    masks = dropout_masks(setting, network, steps) if setting.dropout else []
    module = module_for(setting, pixels.shape[1], len(data.label_names), network, masks)
    optimizer: torch.optim.Optimizer
    usual: dict[str, Any] = {"lr": setting.learning_rate, "weight_decay": setting.weight_decay}
    if setting.optimizer == "adam":
        optimizer = torch.optim.Adam(module.parameters(), **usual)
    elif setting.optimizer == "adamw":
        optimizer = torch.optim.AdamW(module.parameters(), **usual)
    elif setting.optimizer == "sgd":
        optimizer = torch.optim.SGD(module.parameters(), momentum=setting.momentum, **usual)
    else:
        optimizer = torch.optim.RMSprop(module.parameters(), momentum=setting.momentum, **usual)
    criterion = nn.CrossEntropyLoss(label_smoothing=setting.label_smoothing)
    noise = stream(setting.seed, "noise", network)
    source, means = stream(setting.seed, "order", network), []
    for _ in range(setting.epochs):
        order, total = torch.from_numpy(permutation(source, len(labels))), 0.0
        for rows in order.split(setting.batch_size):
            if setting.dropout:  # the last mini-batch of an epoch may be smaller than its masks
                masks[: len(setting.hidden)] = [mask[: len(rows)] for mask in masks[: len(setting.hidden)]]
            inputs = pixels[rows]
            if setting.input_noise:  # drawn for a whole mini-batch, though the last may be smaller
                drawn = normal_numbers(noise, setting.batch_size * inputs.shape[1]).reshape(-1, inputs.shape[1])
                inputs = inputs + torch.from_numpy(setting.input_noise * drawn[: len(rows)]).to(torch.float32)
            loss = criterion(module(inputs), labels[rows])
            penalty = setting.l1 * sum(parameter.abs().sum() for parameter in module.parameters())
            optimizer.zero_grad()
            (loss + penalty).backward()
            optimizer.step()
            total += loss.item() * len(rows)
        means.append(total / len(labels))
    return module.eval(), means


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
        return mutual_information(np.maximum(q, 0).reshape(4, -1))

    starts = [np.array([low + share * (high - low) for low, high in bounds]) for share in (0.5, 0.1, 0.9)]
    return min(minimize(information, start, method="Powell", bounds=bounds).fun for start in starts)
