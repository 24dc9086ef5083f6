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
from typing import BinaryIO

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import nn
from torch.export import ExportedProgram

from neuronlib.common.choices import Activation
from neuronlib.common.numbers import Seed
from neuronlib.common.paths import expanded
from neuronlib.common.randomness import permutation, stream
from neuronlib.common.regular_files import NotRegular, obstacle, open_regular
from neuronlib.common.unpacking import Damaged, check_archive
from neuronlib.data.images import ImageData, Samples, given
from neuronlib.networks.adopted import Network, from_state
from neuronlib.networks.programs import HOW_TO_EXPORT, input_dtype
from neuronlib.networks.unordered import in_order_of_use

# What NumPy, PyTorch and safetensors raise for files that are damaged or something else.
_UNREADABLE = (
    OSError,
    EOFError,
    AttributeError,
    LookupError,
    MemoryError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    SafetensorError,
)
_STATE = "torch.save(network.state_dict(), path)"
_SAFETENSORS = "safetensors.torch.save_file(network.state_dict(), path)"
_PROGRAM = "torch.export.save(program, path)"
_SAMPLES = "numpy.savez(path, inputs=inputs, labels=labels)"


def read_networks(path: Path | str, activation: Activation = "relu") -> list[Network]:
    """Read networks from their parameters, as ``torch.save(network.state_dict(), path)`` or safetensors wrote them.

    Reading such a file runs no code that may be in it. What ``torch.save`` writes has checksums, and a damaged file is
    refused. A file ``*.safetensors`` has none: of a damaged one, a changed number goes unnoticed.

    Args:
        path: A file, or a folder with a file ``*.pt``, ``*.pth`` or ``*.safetensors`` for each network.
        activation: What follows each linear map but the last; see `from_state`.

    Returns:
        The networks, in the order of their files' names.

    Raises:
        ValueError: If there is no such file, it is damaged, holds something else, or numbers that `from_state` refuses.

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
    kinds = (".pt", ".pth", ".safetensors")
    files = sorted(file for file in path.glob("*") if file.suffix in kinds) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"{path}: expected a file *.pt, *.pth or *.safetensors for each network in it")
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
    with _opened(path, _PROGRAM) as file:
        return _model(path, file, pickled)


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


class _Other(ValueError):
    """A file that holds something else, or cannot be used; says what and why."""


@contextlib.contextmanager
def _opened(path: Path, written_by: str) -> Iterator[BinaryIO]:
    # A file to read; what goes wrong with it in one line that names it.
    try:
        with open_regular(path) as file:
            yield file
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file") from None
    except NotRegular:
        raise ValueError(f"{path} is {obstacle(path)}: expected a file that {written_by} writes") from None
    except _Other as error:
        raise ValueError(f"{path}: {error}") from None
    except Damaged as error:
        raise ValueError(f"{path}: {error}{_if_old(path)}; expected what {written_by} writes") from None
    except PermissionError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    except _UNREADABLE:
        raise ValueError(f"{path}: expected what {written_by} writes") from None


def _if_old(path: Path) -> str:
    with open_regular(path) as file:
        pickled = file.read(1) == pickle.PROTO
    return " (PyTorch before 1.6 wrote files without checksums: read it with torch.load, and save it anew)" * pickled


def _arrays(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with _opened(path, _SAMPLES) as file, check_archive(file) as archive:
        return _array(archive, "inputs"), _array(archive, "labels")


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    # NumPy takes as much memory as the header asks for, whatever there is behind it.
    size = archive.getinfo(f"{name}.npy").file_size
    with archive.open(f"{name}.npy") as member:
        version = np.lib.format.read_magic(member)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = header(member)
        if math.prod(shape) * dtype.itemsize != size - member.tell():
            raise Damaged(f"{name} of shape {shape} has {size} bytes")
    with archive.open(f"{name}.npy") as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _read_network(path: Path, activation: Activation) -> Network:
    with _opened(path, _SAFETENSORS if path.suffix == ".safetensors" else _STATE) as file:
        if path.suffix == ".safetensors":
            state: object = in_order_of_use(safetensors.torch.load(file.read()))
        else:
            check_archive(file)
            state = torch.load(file, map_location="cpu", weights_only=True)
    try:
        return from_state(state, activation)  # type: ignore[arg-type]
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _model(path: Path, file: BinaryIO, pickled: bool) -> nn.Module | ExportedProgram:
    state: object
    if path.suffix == ".safetensors":
        state = safetensors.torch.load(file.read())
    else:
        members = check_archive(file).namelist()
        if any(name.endswith("/archive_format") for name in members):
            return _read_program(path, file, members)
        if any("/code/" in name for name in members):
            raise _Other(f"nothing inside TorchScript can be watched; save its module with {HOW_TO_EXPORT}")
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError:
            return _read_pickled(file, pickled)
    kind = f"holds parameters ({type(state).__name__})"
    raise _Other(f"{kind}, which say not how they are used; save the model with {HOW_TO_EXPORT}")


def _read_program(path: Path, file: BinaryIO, members: Sequence[str]) -> ExportedProgram:
    try:
        with _without_logs():
            return torch.export.load(file)
    except Exception:  # whatever is raised for a file that is damaged, or of another version
        written = _version(path, members)
        by = f", which PyTorch {written} wrote," if written else ""
        raise _Other(f"the program{by} cannot be read by PyTorch {torch.__version__}; save it anew") from None


def _version(path: Path, members: Sequence[str]) -> str:
    with contextlib.suppress(*_UNREADABLE, StopIteration), zipfile.ZipFile(path) as archive:
        model = next(name for name in members if "/models/" in name)
        return str(json.loads(archive.read(model))["torch_version"])
    return ""


def _read_pickled(file: BinaryIO, trusted: bool) -> nn.Module:
    if not trusted:
        why = "a pickled module, and reading one runs code that may be in it"
        raise _Other(f"{why}; if you trust it, pass pickled=True (--pickle); or save {HOW_TO_EXPORT}")
    file.seek(0)
    try:
        model = torch.load(file, map_location="cpu", weights_only=False)
    except Exception as error:  # whatever the code in the file raises
        reason = " ".join(str(error).split())[:120]
        raise _Other(f"the module cannot be unpickled: {type(error).__name__}: {reason}") from None
    if not isinstance(model, nn.Module):
        raise _Other(f"holds a {type(model).__name__}: expected a module that torch.save(model, path) wrote")
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
