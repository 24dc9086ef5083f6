"""The usual ways to train, measure and ablate, written plainly; the core is timed against them.

- `ReplicationLoop`: what the two public replications do: one network, images through a `DataLoader` and `ToTensor`,
  a pass with batches of one to measure, a pass over all test images for each ablated neuron.
- `LeanLoop`: one network too, but tensors in memory.
- `TorchFuncEnsemble`: several networks through `torch.func`, as its tutorial on ensembles has it.
- `hook_loop`: any module, a hook on one layer, a pass over all images for each state.
- `captum_each_alone`: Captum's ablation of a layer's channels, one after the other.
"""

import copy
import itertools
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from captum.attr import LayerFeatureAblation
from PIL import Image
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.utils.data import DataLoader
from torchvision.datasets import VisionDataset
from torchvision.transforms import ToTensor

from neuronlib.common.config import Setting
from neuronlib.data.images import Samples


class Images(VisionDataset):
    """Images one by one, as `torchvision.datasets.MNIST` and `CIFAR10` give them once they are in memory."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray):
        super().__init__(root="", transform=ToTensor())
        self.pixels, self.labels = pixels, labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        assert self.transform is not None
        return self.transform(Image.fromarray(self.pixels[index])), int(self.labels[index])


def as_images(samples: Samples, shape: tuple[int, int, int]) -> Images:
    """Bytes again, from pixels in [0, 1]."""
    pixels = np.round(samples.pixels * 255).astype(np.uint8).reshape(-1, *shape)
    return Images(pixels[:, 0] if shape[0] == 1 else pixels.transpose(0, 2, 3, 1), samples.labels)


def module_of(widths: tuple[int, ...]) -> nn.Sequential:
    """Linear maps with ReLU between them."""
    parts: list[nn.Module] = []
    for a, b in itertools.pairwise(widths):
        parts += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


def optimizer_of(setting: Setting, parameters) -> torch.optim.Optimizer:
    """The setting's update rule."""
    return torch.optim.RMSprop(parameters, lr=setting.learning_rate, momentum=setting.momentum)


def hidden_outputs(module: nn.Sequential, x: torch.Tensor) -> list[torch.Tensor]:
    """What each hidden layer puts out."""
    outputs = []
    for part in module:
        x = part(x)
        if isinstance(part, nn.ReLU):
            outputs.append(x)
    return outputs


class ReplicationLoop:
    """One network; each image comes from a `DataLoader`."""

    def __init__(self, setting: Setting, widths: tuple[int, ...], train: Images, validation: Images, test: Images):
        self.module = module_of(widths)
        self.optimizer = optimizer_of(setting, self.module.parameters())
        self.train_loader: DataLoader = DataLoader(train, batch_size=setting.batch_size, shuffle=True)
        self.validation_loader: DataLoader = DataLoader(validation, batch_size=1)
        self.test_loader: DataLoader = DataLoader(test, batch_size=setting.batch_size)
        self.batches = itertools.chain.from_iterable(itertools.repeat(self.train_loader))
        self.neurons, self.labels = sum(widths[1:-1]), widths[-1]

    def step(self) -> None:
        """Trains on a mini-batch."""
        images, targets = next(self.batches)
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.module(images.flatten(1)), targets)
        loss.backward()
        self.optimizer.step()

    @torch.no_grad()
    def counts(self) -> torch.Tensor:
        """Counts how often each neuron is on with each label."""
        on = torch.zeros(self.neurons, self.labels)
        for image, target in self.validation_loader:
            outputs = torch.cat(hidden_outputs(self.module, image.flatten(1)), dim=1)
            on[:, target.item()] += (outputs[0] > 0).float()
        return on

    @torch.no_grad()
    def point(self, neurons: list[int]) -> int:
        """Counts right answers on the test images where some neurons of the first layer are zero."""
        correct = 0
        for images, targets in self.test_loader:
            outputs = self.module[:2](images.flatten(1))
            outputs[:, neurons] = 0
            correct += int((self.module[2:](outputs).argmax(dim=1) == targets).sum())
        return correct


class LeanLoop:
    """One network; all images are tensors in memory."""

    def __init__(self, setting: Setting, widths: tuple[int, ...], train: Samples, validation: Samples, test: Samples):
        tensors = [[torch.from_numpy(s.pixels), torch.from_numpy(s.labels)] for s in (train, validation, test)]
        self.train, self.validation, self.test = tensors
        self.module = module_of(widths)
        self.optimizer = optimizer_of(setting, self.module.parameters())
        self.size, self.labels = setting.batch_size, widths[-1]
        self.order: list[torch.Tensor] = []

    def step(self) -> None:
        """Trains on a mini-batch."""
        pixels, labels = self.train
        if not self.order:
            self.order = list(torch.randperm(len(labels)).split(self.size))
        rows = self.order.pop()
        self.optimizer.zero_grad()
        F.cross_entropy(self.module(pixels[rows]), labels[rows]).backward()
        self.optimizer.step()

    @torch.no_grad()
    def counts(self) -> torch.Tensor:
        """Counts how often each neuron is on with each label."""
        pixels, labels = self.validation
        on = torch.cat(hidden_outputs(self.module, pixels), dim=1) > 0
        return torch.stack([on[labels == label].sum(dim=0) for label in range(self.labels)], dim=1)

    @torch.no_grad()
    def point(self, neurons: list[int]) -> int:
        """Counts right answers on the test images where some neurons of the first layer are zero."""
        pixels, labels = self.test
        outputs = self.module[:2](pixels)
        outputs[:, neurons] = 0
        return int((self.module[2:](outputs).argmax(dim=1) == labels).sum())


class TorchFuncEnsemble:
    """Several networks at once through `torch.func`, each with mini-batches of its own."""

    def __init__(self, setting: Setting, widths: tuple[int, ...], train: Samples, networks: int):
        self.pixels, self.targets = torch.from_numpy(train.pixels), torch.from_numpy(train.labels)
        modules = [module_of(widths) for _ in range(networks)]
        self.parameters, _ = stack_module_state(modules)
        base = copy.deepcopy(modules[0]).to("meta")

        def loss(parameters, x, y):
            return F.cross_entropy(functional_call(base, parameters, (x,)), y)

        self.gradients = vmap(grad(loss))
        self.optimizer = optimizer_of(setting, self.parameters.values())
        self.networks, self.size = networks, setting.batch_size

    def step(self) -> None:
        """Trains on a mini-batch of each network."""
        rows = torch.randint(len(self.targets), (self.networks, self.size))
        gradients = self.gradients(self.parameters, self.pixels[rows], self.targets[rows])
        for name, parameter in self.parameters.items():
            parameter.grad = gradients[name]
        self.optimizer.step()


@torch.no_grad()
def hook_loop(
    model: nn.Module,
    layer: str,
    images: torch.Tensor,
    labels: np.ndarray,
    orders: np.ndarray,
    steps: Sequence[int],
) -> list[int]:
    """Correct answers after each step of each order: a hook that sets channels to zero, and a pass over all images."""
    module = model.get_submodule(layer)
    correct = []
    for order, step in itertools.product(orders, steps):
        gone = torch.from_numpy(order[:step])

        def hook(_module: nn.Module, _inputs: object, output: torch.Tensor, gone: torch.Tensor = gone) -> torch.Tensor:
            return output.index_fill(1, gone, 0)

        handle = module.register_forward_hook(hook)
        answers = torch.cat([model(some).argmax(dim=1) for some in images.split(256)])
        handle.remove()
        correct.append(int((answers.numpy() == labels).sum()))
    return correct


def captum_each_alone(
    model: nn.Module, layer: str, images: torch.Tensor, labels: np.ndarray, channels: int
) -> np.ndarray:
    """Correct answers lost without each channel of a layer, by Captum, several channels a pass."""
    module, wanted = model.get_submodule(layer), torch.from_numpy(labels)
    mask: torch.Tensor | None = None
    lost = np.zeros(channels)
    for some, some_labels in zip(images.split(256), wanted.split(256), strict=True):

        def right(inputs: torch.Tensor, expected: torch.Tensor) -> torch.Tensor:
            return (model(inputs).argmax(dim=1) == expected).float()

        if mask is None:
            with torch.no_grad():
                axes = model[: int(layer) + 1](some[:1]).ndim - 2  # type: ignore[index]
            mask = torch.arange(channels).reshape(1, channels, *[1] * axes)
        ablation = LayerFeatureAblation(right, module)
        attributed = ablation.attribute(
            some, additional_forward_args=some_labels, layer_mask=mask, perturbations_per_eval=4
        )
        lost += attributed.flatten(2)[:, :, 0].sum(dim=0).numpy() if attributed.ndim > 2 else attributed.sum(0).numpy()
    return lost
