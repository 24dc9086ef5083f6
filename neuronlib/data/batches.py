"""Samples that come batch by batch, from a loader of any length."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64
from numpy import ndarray
from torch import Tensor
from torch.utils.data import DataLoader

from neuronlib.data.images import Samples, require_samples


class Batches:
    """A loader of pairs of inputs and labels, gone through as often as needed; random state is left as found.

    Example:
        >>> batches = Batches(DataLoader(torch.utils.data.TensorDataset(torch.eye(3), torch.tensor([0, 1, 1])), 2))
        >>> [len(labels) for _, labels in batches], batches.of_label.tolist()
        ([2, 1], [1, 2])
    """

    def __init__(self, loader: DataLoader):
        self._loader = loader
        self._of_label = np.zeros(0, dtype=np.int64)

    @property
    def of_label(self) -> Int64[ndarray, " label"]:
        """How many samples have each label, once the loader has been gone through."""
        return self._of_label

    def __len__(self) -> int:
        """Return the number of batches; 0 if the loader does not know."""
        try:
            return len(self._loader)
        except TypeError:
            return 0

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield inputs and labels, as tensors; ValueError if a batch is no such pair."""
        of_label = np.zeros(0, dtype=np.int64)
        # Each pass draws the same, so that shuffling and random changes of images are the same too.
        generators = [torch.default_generator, *_generators(self._loader)]
        states = [generator.get_state() for generator in generators]
        try:
            for batch in self._loader:
                inputs, labels = _pair(batch)
                if not len(labels):
                    continue
                if labels.min() < 0:
                    raise ValueError(f"labels: found {int(labels.min())}; expected from 0")
                counted = np.bincount(labels.numpy(), minlength=len(of_label))
                counted[: len(of_label)] += of_label
                of_label = counted
                yield inputs, labels
        finally:
            for generator, state in zip(generators, states, strict=True):
                generator.set_state(state)
        if not of_label.size:
            raise ValueError("no samples: the loader gave no batch")
        self._of_label = of_label

    def parts(self) -> Iterator[Samples]:
        """Yield the batches as `Samples`, inputs flattened and in single precision."""
        for inputs, labels in self:
            yield Samples(inputs.flatten(1).to(torch.float32).numpy(), labels.numpy())


def samples_of(samples: object) -> Samples | Batches:
    """Return samples as they are, and a loader as `Batches`; ValueError for anything else."""
    if isinstance(samples, DataLoader):
        return Batches(samples)
    if isinstance(samples, Batches):
        return samples
    require_samples(samples)
    assert isinstance(samples, Samples)
    return samples


def _generators(loader: DataLoader) -> list[torch.Generator]:
    given = [getattr(part, "generator", None) for part in (loader, loader.sampler, loader.batch_sampler)]
    return [one for one in {id(one): one for one in given}.values() if isinstance(one, torch.Generator)]


def _pair(batch: Any) -> tuple[Tensor, Tensor]:
    if not isinstance(batch, tuple | list) or len(batch) != 2:
        kind = f"{type(batch).__name__} of {len(batch)}" if hasattr(batch, "__len__") else type(batch).__name__
        raise ValueError(f"the loader gave a {kind}: expected batches of (inputs, labels)")
    inputs, labels = (torch.as_tensor(part).cpu() for part in batch)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    whole = not labels.is_floating_point() or bool((labels == labels.round()).all())
    if labels.ndim != 1 or labels.is_complex() or not whole or len(inputs) != len(labels):
        shape = tuple(labels.shape)
        raise ValueError(f"labels {labels.dtype} {shape}: expected one whole number for each of {len(inputs)} inputs")
    return inputs, labels.to(torch.int64)
