"""Results on disk: each file whole or not there, its checksum verified at every reading."""

import contextlib
import functools
import json
import lzma
import math
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import netCDF4
import numpy as np
import xarray as xr

from neuronlib.common.regular_files import read_regular, unusable
from neuronlib.common.unpacking import unpack_xz
from neuronlib.reproduction.store.atomic import StoreError, write_bytes
from neuronlib.reproduction.store.content import check_content, is_stale

SUFFIX = ".nc.xz"
MOST_BYTES = 2**26
"""Bytes that a stored file may hold, packed or not: 67 MB. The book's largest holds 0.8 MB, of ten networks."""
FILE_NAME = re.compile(r"(?:networks-(\d+)-(\d+)|study)-([0-9a-f]{12})" + re.escape(SUFFIX))
"""Names of stored files: the first and the last network, unless it is a study, and the digest."""
# netCDF's library crashes where threads enter it at once, and xarray does not keep them apart for files in memory.
_ONE_AT_A_TIME = threading.Lock()
# What xz, netCDF, NumPy and the content of a foreign file raise.
_DAMAGE = (EOFError, OSError, RuntimeError, ValueError, LookupError, AttributeError, TypeError, ArithmeticError)
_ADVICE = 'delete it, and "neuronlib run" computes it anew'
_OF_THE_FORMAT = ("_FillValue", "coordinates")
# Nearly all that is stored are numbers of two bytes, which xz packs a twentieth smaller where it is told so (lp, pb).
_FILTER = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lp": 1, "pb": 1}


def write(dataset: xr.Dataset, path: Path) -> None:
    """Write results as `write_bytes` does, as netCDF compressed by xz, which other programs read after ``unxz``.

    Their attribute ``digest`` should be that of their configuration, as `read` compares it.

    Raises:
        StoreError: If the file cannot be written, as on a full disk; what was there before is still there.
    """
    with _ONE_AT_A_TIME:
        content = dataset.to_netcdf(engine="netcdf4")
    write_bytes(lzma.compress(content, check=lzma.CHECK_SHA256, filters=[_FILTER]), path)


def read(path: Path, expected: str | None = None) -> xr.Dataset:
    """Return a stored piece, verified by checksum and by what its configuration says that it should hold.

    Args:
        path: The file.
        expected: The digest that its configuration should have; None for that in the file.

    Raises:
        StoreError: If the file is truncated, changed or foreign, of another configuration or version of the core, or
            holds what `check_content` refuses; names the file and says what to do.
        FileNotFoundError: If there is no file.
        OSError: If it cannot be read, as for want of permission, which says nothing about what is in it.
    """
    return read_variables(path, expected).labelled()


class Variables(NamedTuple):
    """What is in a file, before it is made a data set: that takes longer than reading, and many files are joined."""

    variables: dict[str, xr.Variable]
    coordinates: tuple[str, ...]
    attributes: dict[str, Any]

    def labelled(self) -> xr.Dataset:
        """Label the arrays."""
        data = {name: variable for name, variable in self.variables.items() if name not in self.coordinates}
        return xr.Dataset(data, {name: self.variables[name] for name in self.coordinates}, self.attributes)

    def of_networks(self, networks: Sequence[int]) -> "Variables":
        """Select some of the networks by their numbers."""
        places = np.flatnonzero(np.isin(self.variables["network"].values, networks))
        variables = {
            name: variable.isel(network=places) if "network" in variable.dims else variable
            for name, variable in self.variables.items()
        }
        return self._replace(variables=variables)


def read_variables(path: Path, expected: str | None = None) -> Variables:
    """Read results as `read` does, without making a data set of them; the arrays are read-only."""
    content = _content(path)
    with _damage_reported(path):
        variables = _parsed(content)
    digest = variables.attributes["digest"]
    if expected is not None and digest != expected:
        raise StoreError(f"{path}: holds results of configuration {digest} instead of {expected}; {_ADVICE}")
    return variables


def _content(path: Path) -> bytes:
    try:
        return read_regular(path, MOST_BYTES)
    except ValueError as error:
        raise StoreError(f"{error}; {_ADVICE}") from None


@contextlib.contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        reason = " ".join(str(error).split())
        raise StoreError(f"{path}: damaged or not a result of neuronlib ({reason}); {_ADVICE}") from None


class Examined(NamedTuple):
    """A file of a store, with the attributes of its results, which are empty if they cannot be read, and its fault.

    The fault is "" if the file is sound; "stale" if another version of the core computed it; "damaged" if it is that,
    holds what it should not, or belongs under another name; else why reading it failed.
    """

    path: Path
    attributes: Mapping[str, Any]
    fault: str


def examined(*folders: Path) -> Iterator[Examined]:
    """Read and verify every file of a store, or of folders in it, as `read` does, without `strays`.

    Yields:
        Each file.
    """
    # In each folder, as those may be links, which a search through all does not follow.
    named = sorted(path for folder in folders for depth in ("", "*/") for path in folder.glob(f"{depth}*{SUFFIX}"))
    paths = [path for path in named if not unusable(path)]
    # Unpacking takes most of the time, and leaves the interpreter to other threads.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for path, unpacking in [(path, threads.submit(_unpacked, path)) for path in paths]:
            try:
                yield _examined(path, unpacking.result())
            except StoreError:
                yield Examined(path, {}, "damaged")
            except FileNotFoundError:  # deleted since it was listed
                continue
            except OSError as error:
                yield Examined(path, {}, str(error.strerror))


def _examined(path: Path, unpacked: bytes) -> Examined:
    with _damage_reported(path):
        variables = parse(unpacked)
        if is_stale(variables.attributes):
            return Examined(path, variables.attributes, "stale")
        _check_name(path, variables.attributes)
        check_content(variables.variables, variables.attributes)
    return Examined(path, variables.attributes, "")


def strays(folder: Path, inside: bool = True) -> dict[Path, str]:
    """Find what is in a store, or in a folder of trained networks, and is neither a file that can be read nor a folder.

    A folder is one, too, if it has a suffix, as a file has, or is inside another one.

    Args:
        folder: The folder.
        inside: Whether to look into the folders in it.

    Returns:
        What each is, such as "a pipe", by path; commands leave it out.
    """
    depths = ("*", "*/*") if inside else ("*",)
    found = {path: unusable(path) for depth in depths for path in sorted(folder.glob(depth))}
    return {
        path: what
        for path, what in found.items()
        if what and not (what == "a folder" and path.parent == folder and not path.suffix)
    }


def _check_name(path: Path, attributes: Mapping[str, Any]) -> None:
    name = FILE_NAME.fullmatch(path.name)
    configuration = json.loads(attributes["configuration"])
    numbers = [configuration.get("first"), configuration.get("last")]
    if name is None or name[3] != attributes["digest"] or (name[1] and [int(name[1]), int(name[2])] != numbers):
        raise ValueError("it belongs under another name")


def _unpacked(path: Path) -> bytes:
    content = _content(path)
    with _damage_reported(path):
        return unpack_xz(content, MOST_BYTES)


# More files than the whole book's; of a run that stores thousands, no more are kept.
@functools.lru_cache(maxsize=512)
def _parsed(content: bytes) -> Variables:
    # Chapters ask for the same files again and again. The whole book's take about 80 MB, packed and unpacked, and the
    # content is the key: a file that has changed since, however that came about, is another.
    variables = parse(unpack_xz(content, MOST_BYTES))
    check_content(variables.variables, variables.attributes)
    return variables


def parse(unpacked: bytes) -> Variables:
    """Read netCDF from memory; what cannot be read, or has larger arrays than `MOST_BYTES`, raises some exception."""
    # xarray reads much more slowly, for indexes and lazy arrays that nobody needs here; a test compares the two.
    with _ONE_AT_A_TIME, netCDF4.Dataset("results", memory=unpacked) as file:
        file.set_auto_mask(False)
        # Arrays are packed once more inside the file, if it is a strange one.
        if sum(math.prod(one.shape) for one in file.variables.values()) > MOST_BYTES // 8:
            raise ValueError("its arrays are too large")
        variables = {name: _variable(variable) for name, variable in file.variables.items()}
        marked = {name for one in file.variables.values() for name in getattr(one, "coordinates", "").split()}
        coordinates = tuple(name for name in variables if name in marked or name in file.dimensions)
        attributes = {name: file.getncattr(name) for name in file.ncattrs()}
    return Variables(variables, coordinates, attributes)


def _variable(variable: netCDF4.Variable) -> xr.Variable:
    attributes = {name: variable.getncattr(name) for name in variable.ncattrs() if name not in _OF_THE_FORMAT}
    values = np.asarray(variable[...])
    values = values.astype(str) if values.dtype == object else values
    # Read-only, since every reader of a file gets the same arrays.
    values.flags.writeable = False
    return xr.Variable(variable.dimensions, values, attributes)


def leftovers(folder: Path) -> list[Path]:
    """List temporary files that a killed writer of results or trained networks left anywhere in a folder."""
    found = (path for suffix in (SUFFIX, ".pt") for path in folder.rglob(f".*{suffix}.*.part"))
    return sorted(path for path in found if path.is_file() and not path.is_symlink())
