"""Small networks that are no row of linear maps: a convolutional, a residual one and a transformer, trained here."""

import contextlib
import itertools
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from neuronlib.common.choices import Device
from neuronlib.common.devices import resolve_device
from neuronlib.common.progress import progress
from neuronlib.common.randomness import torch_seed
from neuronlib.data.images import ImageData, Samples
from neuronlib.reproduction.design.digest import digest
from neuronlib.reproduction.design.studies import Architecture, ClassifierStudy
from neuronlib.reproduction.store.atomic import StoreError
from neuronlib.reproduction.store.weights import load_state, save_state

Made = TypeVar("Made", bound=nn.Module)


class Residual(nn.Module):
    """Two convolutions whose output is added to the input, with ReLU behind the first and behind the sum.

    Source: He, Zhang, Ren, Sun 2016, Sec. 4.2. Deviation: where the shape changes, the input passes a convolution of
    one pixel ("B"), as in most libraries, where their networks for CIFAR-10 fill up with zeros.
    """

    def __init__(self, channels: int, filters: int, stride: int):
        super().__init__()
        self.first = _convolution(channels, filters, 3, stride)
        self.inner = nn.ReLU()
        self.second = _convolution(filters, filters, 3, 1)
        self.shortcut = _convolution(channels, filters, 1, stride) if stride > 1 else nn.Identity()
        self.outer = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        return self.outer(self.second(self.inner(self.first(x))) + self.shortcut(x))


class Block(nn.Module):
    """Attention, then two linear maps with GELU between them, each added to its input.

    Source: Dosovitskiy et al. 2021, Eqs. (2) and (3). Deviation: the hidden layer is twice as wide, not four times.
    """

    def __init__(self, features: int, heads: int):
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_mlp = nn.LayerNorm(features), nn.LayerNorm(features)
        self.queries_keys_values, self.output = nn.Linear(features, 3 * features), nn.Linear(features, features)
        self.up, self.hidden, self.down = (
            nn.Linear(features, 2 * features),
            nn.GELU(),
            nn.Linear(2 * features, features),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        each = self.queries_keys_values(self.before_attention(x)).unflatten(2, (3, self.heads, -1))
        queries, keys, values = each.permute(2, 0, 3, 1, 4).unbind(0)
        attended = functional.scaled_dot_product_attention(queries, keys, values).transpose(1, 2).flatten(2)
        x = x + self.output(attended)
        return x + self.down(self.hidden(self.up(self.before_mlp(x))))


class Transformer(nn.Module):
    """A vision transformer of three blocks on patches, whose mean over tokens is classified.

    Source: Dosovitskiy et al. 2021. Deviation: the mean over tokens where they have a token for the class.
    """

    def __init__(self, channels: int, side: int, classes: int, features: int = 48, heads: int = 3, blocks: int = 3):
        super().__init__()
        patch = 4 if side % 8 == 0 else 7
        self.patches = nn.Conv2d(channels, features, patch, patch)
        self.positions = nn.Parameter(0.02 * torch.randn(1, (side // patch) ** 2, features))
        self.blocks = nn.Sequential(*(Block(features, heads) for _ in range(blocks)))
        self.norm, self.scores = nn.LayerNorm(features), nn.Linear(features, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return a score for each class."""
        tokens = self.patches(x).flatten(2).transpose(1, 2) + self.positions
        return self.scores(self.norm(self.blocks(tokens)).mean(dim=1))


def classifier(architecture: Architecture, shape: tuple[int, int, int], classes: int) -> nn.Module:
    """Make one of the three networks, with weights that PyTorch draws at random.

    Args:
        architecture: "convolutional": three convolutions with batch normalization, ReLU and pooling, then a hidden
            layer. "residual": the smallest of He et al.'s networks for CIFAR-10, with three blocks. "transformer": a
            vision transformer with three blocks.
        shape: Channels, rows and columns of an image.
        classes: How many there are.

    Returns:
        A module that takes images by sample, channel, row and column, and gives a score for each class.

    Example:
        >>> import neuronlib as nl
        >>> nl.watch(classifier("residual", (3, 32, 32), 10), torch.zeros(1, 3, 32, 32)).widths["blocks.2.outer"]
        64
    """
    channels, side, _ = shape
    if architecture == "transformer":
        return Transformer(channels, side, classes)
    if architecture == "residual":
        stages = [Residual(filters // stride, filters, stride) for filters, stride in ((16, 1), (32, 2), (64, 2))]
        return nn.Sequential(
            OrderedDict(
                first=nn.Sequential(*_convolution(channels, 16, 3, 1), nn.ReLU()),
                blocks=nn.Sequential(*stages),
                pool=nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
                scores=nn.Linear(64, classes),
            )
        )
    filters = (channels, 24, 48, 96)
    steps = [
        nn.Sequential(*_convolution(before, after, 3, 1), nn.ReLU(), nn.MaxPool2d(2))
        for before, after in itertools.pairwise(filters)
    ]
    inner = nn.Sequential(nn.Flatten(), nn.Linear(filters[-1] * (side // 8) ** 2, 96), nn.ReLU())
    return nn.Sequential(OrderedDict(convolutions=nn.Sequential(*steps), hidden=inner, scores=nn.Linear(96, classes)))


def _convolution(channels: int, filters: int, size: int, stride: int) -> nn.Sequential:
    map_ = nn.Conv2d(channels, filters, size, stride, padding=size // 2, bias=False)
    return nn.Sequential(map_, nn.BatchNorm2d(filters))


def classifiers(
    study: ClassifierStudy, data: ImageData, device: Device = "auto", cache: Path | None = None
) -> list[nn.Module]:
    """Return a study's trained networks, in evaluation mode: from a cache, or trained here and added to it.

    Each depends on its own number alone, whichever others there are.
    """
    return [_one(study, network, data, device, cache) for network in range(study.networks)]


def _one(study: ClassifierStudy, network: int, data: ImageData, device: Device, cache: Path | None) -> nn.Module:
    seed = torch_seed(study.seed, "classifier", study.architecture, study.dataset, network)
    model = drawn(seed, lambda: classifier(study.architecture, data.shape, len(data.label_names)))
    model = model.to(resolve_device(device))
    name = digest({"training": study.training(), "network": network})
    path = None if cache is None else cache / f"{study.architecture}-{study.dataset}-{name}.pt"
    read_or_train(model, path, lambda: train_classifier(model, data.train, data.shape, study, seed))
    return model


def drawn(seed: int, make: Callable[[], Made]) -> Made:
    """Make a module whose weights depend on a seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


def read_or_train(model: nn.Module, path: Path | None, train: Callable[[], None]) -> None:
    """Give a module the weights of a file or, where that is not to be had, train it and keep it there."""
    if path is not None:
        with contextlib.suppress(FileNotFoundError, StoreError):
            model.load_state_dict(load_state(path, like=model.state_dict()))
            _fast(model).eval()
            return
    train()
    if path is not None:
        try:
            save_state(model.state_dict(), path)
        except StoreError as error:
            warnings.warn(f"{error}; this network is measured, and not kept", stacklevel=2)


def train_classifier(
    model: nn.Module,
    samples: Samples,
    shape: tuple[int, int, int],
    study: ClassifierStudy,
    seed: int,
    largest: float | None = None,
) -> None:
    """Train a network by the cross-entropy, and put it into evaluation mode.

    Convolutional and residual networks learn by stochastic gradients with Nesterov's momentum 0.9 and a penalty of
    0.0005, transformers by AdamW with weight decay 0.05. The learning rate rises to its maximum, 0.1 or 0.002 unless
    ``largest`` is given, over the first third of all steps and falls to zero. Of CIFAR-10, half of the images are
    mirrored in each pass.
    """
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.from_numpy(samples.pixels).reshape(-1, *shape)
    labels = torch.from_numpy(samples.labels)
    device = next(model.parameters()).device
    _fast(model).train()
    steps = -(-len(labels) // study.batch) * study.epochs
    optimizer: torch.optim.Optimizer
    if study.architecture == "transformer":
        optimizer, usual = torch.optim.AdamW(model.parameters(), weight_decay=0.05), 0.002
    else:
        optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
        usual = 0.1
    rate = usual if largest is None else largest
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, cycle_momentum=False)
    with progress(total=steps, unit="step", desc=f"training {study.architecture}") as bar:
        for some, some_labels in _mini_batches(pixels, labels, study, generator):
            optimizer.zero_grad(set_to_none=True)
            functional.cross_entropy(model(some.to(device)), some_labels.to(device)).backward()
            optimizer.step()
            schedule.step()
            bar.update()
    model.eval()


def _fast(model: nn.Module) -> nn.Module:
    # On a CPU, convolutions and pooling take two thirds of the time where channels lie innermost.
    return model.to(memory_format=torch.channels_last)


def _mini_batches(
    pixels: Float[Tensor, "sample channel row column"],
    labels: Int64[Tensor, " sample"],
    study: ClassifierStudy,
    generator: torch.Generator,
) -> Iterator[tuple[Float[Tensor, "sample channel row column"], Int64[Tensor, " sample"]]]:
    for _ in range(study.epochs):
        for chosen in torch.randperm(len(labels), generator=generator).split(study.batch):
            some = pixels[chosen]
            if study.dataset == "cifar10":
                mirrored = torch.rand(len(chosen), generator=generator) < 0.5
                some = torch.where(mirrored.reshape(-1, 1, 1, 1), some.flip(3), some)
            yield some.contiguous(memory_format=torch.channels_last), labels[chosen]
