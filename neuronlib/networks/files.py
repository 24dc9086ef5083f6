"""The reader's own networks and samples, from files."""

import math
import pickle
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import torch

from neuronlib.common.choices import Activation
from neuronlib.common.paths import expanded
from neuronlib.common.randomness import permutation, stream
from neuronlib.data.images import ImageData, Samples, given
from neuronlib.networks.adopted import Network, from_state

# What NumPy and PyTorch raise for files that are damaged or something else.
_UNREADABLE = (
    OSError,
    EOFError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def read_networks(path: Path | str, activation: Activation = "relu") -> list[Network]:
    """Read networks whose parameters were written by ``torch.save(network.state_dict(), path)``.

    Reading such a file runs no code that may be in it.

    Args:
        path: A file, or a folder with a file ``*.pt`` or ``*.pth`` for each network.
        activation: What follows each linear map but the last; see `from_state`.

    Returns:
        The networks, in the order of their files' names.

    Raises:
        ValueError: If there is no such file, or it holds something else.

    Example:
        >>> import tempfile
        >>> network = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     torch.save(network.state_dict(), Path(folder) / "mine.pt")
        ...     (mine,) = read_networks(folder)
        >>> torch.equal(mine[0].weight, network[0].weight)
        True
    """
    path = expanded(path)
    files = sorted(file for file in path.glob("*") if file.suffix in (".pt", ".pth")) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"{path}: expected a file *.pt or *.pth for each network in it")
    return [_read_network(file, activation) for file in files]


def read_samples(path: Path | str, seed: int = 0) -> ImageData:
    """Read samples from a file that ``numpy.savez(path, inputs=inputs, labels=labels)`` wrote.

    Inputs are by sample, as the networks take them, in any number of dimensions; labels are whole numbers from 0. They
    should be samples that the networks have not learnt from. The seed decides which samples are in which half.

    Returns:
        A data set whose one half serves as training and validation samples, so as to measure, and whose other half as
        test samples, so as to ablate.

    Raises:
        ValueError: If there is no such file, it holds something else, or fewer than two samples.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.savez(Path(folder) / "samples.npz", inputs=np.zeros((5, 2, 2)), labels=np.arange(5))
        ...     mine = read_samples(Path(folder) / "samples.npz")
        >>> mine.validation.pixels.shape, mine.test.pixels.shape
        ((2, 4), (3, 4))
    """
    path = expanded(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            inputs, labels = (arrays[name].copy() for name in ("inputs", "labels"))
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file") from None
    except _UNREADABLE:
        raise ValueError(f"{path}: expected what numpy.savez(path, inputs=inputs, labels=labels) writes") from None
    whole = given(inputs.reshape(len(inputs), math.prod(inputs.shape[1:])) if inputs.ndim > 1 else inputs, labels)
    order = permutation(stream(seed, "halves"), len(labels))
    if len(order) < 2:
        raise ValueError(f"{path}: expected at least two samples, one to measure and one to ablate")
    measuring, ablating = (
        Samples(whole.test.pixels[some], whole.test.labels[some]) for some in np.split(order, [len(order) // 2])
    )
    return ImageData(path.stem, whole.shape, whole.label_names, measuring, measuring, ablating)


def _read_network(file: Path, activation: Activation) -> Network:
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ValueError(f"{file}: there is no such file") from None
    except _UNREADABLE:
        raise ValueError(f"{file}: expected what torch.save(network.state_dict(), path) writes") from None
    try:
        return from_state(state, activation)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
