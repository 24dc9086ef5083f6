"""Results on disk: each file whole or not there, its checksum verified at every reading."""

import contextlib
import functools
import lzma
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import netCDF4
import numpy as np
import xarray as xr

from neuronlib.reproduction.store.atomic import StoreError, write_bytes

SUFFIX = ".nc.xz"
# netCDF's library crashes where threads enter it at once, and xarray does not keep them apart for files in memory.
_ONE_AT_A_TIME = threading.Lock()
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
    """Return stored results, verified by checksum and, if given, by the digest ``expected`` of their configuration.

    Raises:
        StoreError: If the file is truncated, changed or foreign, or of another configuration; names the file and
            says what to do.
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
    content = path.read_bytes()
    with _damage_reported(path):
        variables = _parsed(content)
    _check_digest(path, variables.attributes, expected)
    return variables


@contextlib.contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    try:
        yield
    except (lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError, LookupError) as error:
        raise StoreError(f"{path}: damaged or not a result of neuronlib ({error}); {_ADVICE}") from None


def _check_digest(path: Path, attributes: Mapping[str, Any], expected: str | None) -> None:
    digest = attributes.get("digest")
    if expected is not None and digest != expected:
        raise StoreError(f"{path}: holds results of configuration {digest} instead of {expected}; {_ADVICE}")


def digest_in(path: Path) -> str:
    """Return the digest that a file's name ends in."""
    return path.name.removesuffix(SUFFIX).rpartition("-")[2]


def examined(*folders: Path) -> Iterator[tuple[Path, Mapping[str, Any] | None]]:
    """Read and verify every file of a store, or of folders in it.

    Yields:
        Each file with the attributes of its results, or with None if it is damaged or belongs under another name.

    Raises:
        OSError: If a file cannot be read.
    """
    # In each folder, as those may be links, which a search through all does not follow.
    paths = sorted(path for folder in folders for depth in ("", "*/") for path in folder.glob(f"{depth}*{SUFFIX}"))
    # Unpacking takes most of the time, and leaves the interpreter to other threads.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for path, unpacking in [(path, threads.submit(_unpacked, path)) for path in paths]:
            try:
                content = unpacking.result()
                with _damage_reported(path):
                    attributes = {} if content is None else _attributes(content)
                if content is not None:
                    _check_digest(path, attributes, digest_in(path))
                    yield path, attributes
            except StoreError:
                yield path, None


def _unpacked(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # deleted since it was listed, or a link to nothing
        return None
    with _damage_reported(path):
        return lzma.decompress(content)


def _attributes(unpacked: bytes) -> dict[str, Any]:
    with _ONE_AT_A_TIME, netCDF4.Dataset("results", memory=unpacked) as file:
        return {name: file.getncattr(name) for name in file.ncattrs()}


# More files than the whole book's; of a run that stores thousands, no more are kept.
@functools.lru_cache(maxsize=512)
def _parsed(content: bytes) -> Variables:
    # Chapters ask for the same files again and again. The whole book's take about 80 MB, packed and unpacked, and the
    # content is the key: a file that has changed since, however that came about, is another.
    unpacked = lzma.decompress(content)
    # xarray reads much more slowly, for indexes and lazy arrays that nobody needs here; a test compares the two.
    with _ONE_AT_A_TIME, netCDF4.Dataset("results", memory=unpacked) as file:
        file.set_auto_mask(False)
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
    return sorted(path for suffix in (SUFFIX, ".pt") for path in folder.rglob(f".*{suffix}.*.part"))
