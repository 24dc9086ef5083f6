"""Stored results copied between folders and addresses, such as an object store's."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from neuronlib.common.errors import NeuronlibError
from neuronlib.common.progress import progress
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.atomic import write_bytes


def copy_results(source: str, target: str, report: Callable[[str], object] = print) -> int:
    """Copy the results that a store lacks from another, each verified before it is written.

    What the target holds under the same name stays as it is, so a copy that was interrupted goes on where it stopped,
    and stores that several machines filled apart from each other are joined by copying each into one.

    Args:
        source: A folder, or an address that fsspec knows, such as ``s3://bucket/results``.
        target: Another; a folder is made if it is missing.
        report: Called with one line for each file that is damaged and left out.

    Returns:
        How many files were copied.

    Raises:
        ValueError: If an address is of an unknown kind, or there is nothing at the source.
        NeuronlibError: If fsspec or what it needs for an address is not installed, or the address fails.
        StoreError: If a file cannot be written.

    Example:
        >>> copy_results("nowhere", "elsewhere")
        Traceback (most recent call last):
        ValueError: nowhere: no results; expected files such as SETTING/networks-….nc.xz
    """
    (origin, begin), (goal, end) = _opened(source), _opened(target)
    try:
        files = sorted(path.removeprefix(f"{begin}/") for path in origin.glob(f"{begin}/*/*{netcdf.SUFFIX}"))
        present = {path.removeprefix(f"{end}/") for path in goal.glob(f"{end}/*/*{netcdf.SUFFIX}")}
        if not files:
            raise ValueError(f"{source}: no results; expected files such as SETTING/networks-…{netcdf.SUFFIX}")
        count = 0
        with tempfile.TemporaryDirectory() as scratch, progress(total=len(files), unit="file", desc="copying") as bar:
            for file in files:
                bar.update()
                if file in present:
                    continue
                content = origin.cat_file(f"{begin}/{file}")
                passing = Path(scratch, Path(file).name)
                passing.write_bytes(content)
                faults = [one.fault for one in netcdf.examined(Path(scratch))]
                passing.unlink()
                if any(faults):
                    report(f"{source}/{file}: {faults[0]}; left out")
                    continue
                if "file" in goal.protocol:
                    write_bytes(content, Path(end, file))
                else:
                    goal.pipe_file(f"{end}/{file}", content)
                count += 1
        return count
    except OSError as error:
        raise NeuronlibError(f"copying {source} to {target} failed: {str(error).partition(chr(10))[0]}") from None


def _opened(address: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise NeuronlibError("fsspec is not installed; pip install 'neuronlib[cluster]'") from None
    try:
        system, path = fsspec.url_to_fs(address)
    except ImportError as error:
        raise NeuronlibError(f"{address}: {error}") from None
    except ValueError as error:
        raise ValueError(f"{address}: {error}; expected a folder, or an address such as s3://bucket/results") from None
    return system, path.rstrip("/")
