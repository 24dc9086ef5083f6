"""The reader's own networks and samples, from files."""

import contextlib
import json
import logging
import math
import pickle
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.export import ExportedProgram

from neuronlib.common.choices import Activation
from neuronlib.common.numbers import Seed
from neuronlib.common.paths import expanded
from neuronlib.common.randomness import permutation, stream
from neuronlib.data.images import ImageData, Samples, given
from neuronlib.networks.adopted import Network, from_state
from neuronlib.networks.programs import HOW_TO_EXPORT, input_dtype

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


def read_model(path: Path | str, pickled: bool = False) -> nn.Module | ExportedProgram:
    """Read a model of any architecture, for `watch`, from what ``torch.export.save(program, path)`` wrote.

    Reading a model runs code that its file may hold, so read only files of people you trust. `torch.export.load`
    unpickles what is no plain tensor, and compiles conditions on the inputs as Python.

    Args:
        path: A file, by convention ``*.pt2``.
        pickled: Also accept a module that ``torch.save(model, path)`` wrote. Its class has to be importable.

    Returns:
        The program, or the module.

    Raises:
        ValueError: If there is no such file, it is damaged or of another version of PyTorch, it holds something else,
            or it holds a pickled module and ``pickled`` is false.

    Example:
        >>> import tempfile
        >>> model, inputs = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU()), torch.zeros(2, 4)
        >>> program = torch.export.export(model, (inputs,), dynamic_shapes=({0: torch.export.Dim("samples")},))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     torch.export.save(program, Path(folder) / "mine.pt2")
        ...     mine = read_model(Path(folder) / "mine.pt2")
        >>> torch.equal(mine.module()(inputs), model(inputs))
        True
    """
    path = expanded(path)
    members = _members(path)
    if any(name.endswith("/archive_format") for name in members):
        return _read_program(path, members)
    if any("/code/" in name for name in members):
        raise ValueError(f"{path}: nothing inside TorchScript can be watched; save its module with {HOW_TO_EXPORT}")
    if not any(name.endswith("/data.pkl") for name in members) and not _begins_as_pickle(path):
        raise ValueError(f"{path}: expected what torch.export.save(program, path) writes")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        if pickled:
            return _read_pickled(path)
        why = "a pickled module, and reading one runs code that may be in it"
        what = f"if you trust it, pass pickled=True (--pickle); or save {HOW_TO_EXPORT}"
        raise ValueError(f"{path}: {why}; {what}") from None
    except _UNREADABLE:
        raise ValueError(f"{path}: expected what torch.export.save(program, path) writes") from None
    kind = f"holds parameters ({type(state).__name__})"
    raise ValueError(f"{path}: {kind}, which say not how they are used; save the model with {HOW_TO_EXPORT}")


def read_samples(path: Path | str, seed: Seed = 0) -> ImageData:
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
    inputs, labels = _arrays(path)
    whole = given(inputs.reshape(len(inputs), math.prod(inputs.shape[1:])) if inputs.ndim > 1 else inputs, labels)
    order = permutation(stream(seed, "halves"), len(labels))
    if len(order) < 2:
        raise ValueError(f"{path}: expected at least two samples, one to measure and one to ablate")
    measuring, ablating = (
        Samples(whole.test.pixels[some], whole.test.labels[some]) for some in np.split(order, [len(order) // 2])
    )
    return ImageData(path.stem, whole.shape, whole.label_names, measuring, measuring, ablating)


def read_example(path: Path | str, model: nn.Module | ExportedProgram) -> torch.Tensor:
    """Read the first two inputs of a file of samples, for `watch`, in the type of numbers that the model takes.

    A program knows its type. A module takes fractions in the type of its parameters, and whole numbers as 64-bit
    integers.

    Returns:
        Inputs by sample and so on.

    Raises:
        ValueError: If there is no such file, or it holds something else.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.savez(Path(folder) / "samples.npz", inputs=np.zeros((5, 3, 8, 8)), labels=np.arange(5))
        ...     example = read_example(Path(folder) / "samples.npz", nn.Conv2d(3, 4, 3))
        >>> tuple(example.shape), example.dtype
        ((2, 3, 8, 8), torch.float32)
    """
    inputs, _ = _arrays(expanded(path))
    if inputs.ndim < 2 or inputs.dtype.kind not in "biuf":
        raise ValueError(f"{path}: inputs {inputs.dtype} {inputs.shape}: expected numbers by sample and feature")
    first = torch.from_numpy(inputs[:2].astype(np.float64 if inputs.dtype.kind == "f" else np.int64))
    if isinstance(model, ExportedProgram):
        return first.to(input_dtype(model))
    of_parameters = next((one.dtype for one in model.parameters() if one.is_floating_point()), torch.float32)
    return first.to(of_parameters) if first.is_floating_point() else first


def _arrays(path: Path) -> tuple[np.ndarray, np.ndarray]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return arrays["inputs"].copy(), arrays["labels"].copy()
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file") from None
    except _UNREADABLE:
        raise ValueError(f"{path}: expected what numpy.savez(path, inputs=inputs, labels=labels) writes") from None


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


def _members(path: Path) -> list[str]:
    # What is in a file if it is an archive, as all that PyTorch writes today.
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise ValueError(f"{path} is a folder: expected a file that torch.export.save(program, path) writes") from None
    except _UNREADABLE:
        return []


def _begins_as_pickle(path: Path) -> bool:
    # In any protocol but the oldest two, which PyTorch never wrote.
    with path.open("rb") as file:
        first = file.read(2)
    return first[:1] == pickle.PROTO and first[1:] in (b"\2", b"\3", b"\4", b"\5")


def _read_program(path: Path, members: Sequence[str]) -> ExportedProgram:
    try:
        with path.open("rb") as file, _without_logs():
            return torch.export.load(file)
    except Exception:  # whatever is raised for a file that is damaged, or of another version
        written = _version(path, members)
        by = f", which PyTorch {written} wrote," if written else ""
        raise ValueError(
            f"{path}: the program{by} cannot be read by PyTorch {torch.__version__}; save it anew"
        ) from None


def _version(path: Path, members: Sequence[str]) -> str:
    with contextlib.suppress(*_UNREADABLE, StopIteration), zipfile.ZipFile(path) as archive:
        model = next(name for name in members if "/models/" in name)
        return str(json.loads(archive.read(model))["torch_version"])
    return ""


def _read_pickled(path: Path) -> nn.Module:
    try:
        model = torch.load(path, map_location="cpu", weights_only=False)
    except Exception as error:  # whatever the code in the file raises
        reason = " ".join(str(error).split())[:120]
        raise ValueError(f"{path}: the module cannot be unpickled: {type(error).__name__}: {reason}") from None
    if not isinstance(model, nn.Module):
        raise ValueError(
            f"{path}: holds a {type(model).__name__}: expected a module that torch.save(model, path) wrote"
        )
    return model


@contextlib.contextmanager
def _without_logs() -> Iterator[None]:
    # What fails is raised as well.
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
