"""Results on disk: each file whole or not there, its checksum verified at every reading."""

import functools
import lzma
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from neuronlib.reproduction.store.atomic import StoreError, write_bytes

SUFFIX = ".nc.xz"
# netCDF's library crashes where threads enter it at once, and xarray does not keep them apart for files in memory.
_ONE_AT_A_TIME = threading.Lock()
# Nearly all that is stored are numbers of two bytes, which xz packs a twentieth smaller where it is told so (lp, pb).
_FILTER = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lp": 1, "pb": 1}


def write(dataset: xr.Dataset, path: Path) -> None:
    """Write results, wholly or not at all.

    The file is netCDF compressed by xz, which other programs read after ``unxz``. Two writers of the same results do
    not disturb each other: either's file is complete, and the later stays.

    Args:
        dataset: Results, with the digest of their configuration in the attribute ``digest``.
        path: The file; its folder is made if it is not there.

    Raises:
        StoreError: If it cannot be written, as on a full disk; what was there before is still there.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write(xr.Dataset({"correct": ("step", [9, 5])}, attrs={"digest": "abc"}), Path(folder) / "a.nc.xz")
        ...     read(Path(folder) / "a.nc.xz", "abc").correct.values
        array([9, 5])
    """
    with _ONE_AT_A_TIME:
        content = dataset.to_netcdf(engine="netcdf4")
    write_bytes(lzma.compress(content, check=lzma.CHECK_SHA256, filters=[_FILTER]), path)


def read(path: Path, expected: str | None = None) -> xr.Dataset:
    """Read results, and verify that they are what was written.

    Args:
        path: The file.
        expected: The digest that their configuration should have; None for any.

    Returns:
        The results, in memory.

    Raises:
        StoreError: If the file is truncated, changed or foreign, or of another configuration; names the file and
            says what to do.
        FileNotFoundError: If there is no file.
        OSError: If it cannot be read, as for want of permission, which says nothing about what is in it.

    Example:
        >>> read(Path("no such file.nc.xz"))
        Traceback (most recent call last):
        FileNotFoundError: [Errno 2] No such file or directory: 'no such file.nc.xz'
    """
    advice = 'delete it, and "neuronlib run" computes it anew'
    content = path.read_bytes()
    try:
        dataset = _parsed(content).copy(deep=True)
    except (lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError, KeyError) as error:
        raise StoreError(f"{path}: damaged or not a result of neuronlib ({error}); {advice}") from None
    found = dataset.attrs.get("digest")
    if expected is not None and found != expected:
        raise StoreError(f"{path}: holds results of configuration {found} instead of {expected}; {advice}")
    return dataset


def read_named(path: Path) -> xr.Dataset:
    """Read results, and verify that they are those whose digest the file's name ends with.

    Args:
        path: The file.

    Returns:
        The results, in memory.

    Raises:
        StoreError: As `read` says, and if the results belong under another name.
        OSError: As `read` says.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write(xr.Dataset(attrs={"digest": "abc"}), Path(folder) / "study-abc.nc.xz")
        ...     read_named(Path(folder) / "study-abc.nc.xz").attrs
        {'digest': 'abc'}
    """
    return read(path, path.name.removesuffix(SUFFIX).rpartition("-")[2])


def examined(folder: Path) -> Iterator[tuple[Path, Mapping[str, Any] | None]]:
    """Read and verify every stored file.

    Args:
        folder: The store, or a folder in it.

    Yields:
        Each file with the attributes of its results, or with None if it is damaged or belongs under another name.

    Raises:
        OSError: If a file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write(xr.Dataset(attrs={"digest": "abc"}), Path(folder) / "study-abc.nc.xz")
        ...     _ = (Path(folder) / "study-def.nc.xz").write_bytes(b"half")
        ...     [attributes for _, attributes in examined(Path(folder))]
        [{'digest': 'abc'}, None]
    """
    # In each folder, as those may be links, which a search through all does not follow.
    for path in sorted(path for depth in ("", "*/") for path in folder.glob(f"{depth}*{SUFFIX}")):
        try:
            yield path, read_named(path).attrs
        except StoreError:
            yield path, None
        except FileNotFoundError:  # deleted since it was listed, or a link to nothing
            continue


@functools.cache
def _parsed(content: bytes) -> xr.Dataset:
    # Chapters ask for the same files again and again. The whole book's take about 80 MB, packed and unpacked, and the
    # content is the key: a file that has changed since, however that came about, is another.
    content = lzma.decompress(content)
    with _ONE_AT_A_TIME:
        return xr.load_dataset(content, engine="netcdf4")


def leftovers(folder: Path) -> list[Path]:
    """Temporary files that a killed writer of results or trained networks left behind.

    Args:
        folder: The store, or the cache of trained networks.

    Returns:
        Their paths, anywhere in it; other programs' files are none of them.

    Example:
        >>> leftovers(Path("no such folder"))
        []
    """
    return sorted(path for suffix in (SUFFIX, ".pt") for path in folder.rglob(f".*{suffix}.*.part"))
