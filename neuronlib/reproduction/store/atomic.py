"""Files that are written wholly or not at all."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from neuronlib.common.errors import NeuronlibError
from neuronlib.common.regular_files import NotRegular, require_regular


class StoreError(NeuronlibError):
    """A stored file that is damaged or not one of ours, or that cannot be written."""


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file, wholly or not at all, by way of a temporary file; its folder is made if missing.

    Two writers of one file do not disturb each other: either's is complete, and the later stays.

    Raises:
        StoreError: If it cannot be written, as on a full disk, or something else than a regular file is there; what was
            there before is still there.
    """
    _require_regular(path)
    whole = Path(os.path.realpath(path))  # what a link leads to, so that it stays one
    part = whole.with_name(f".{whole.name}.{secrets.token_hex(8)}.part")
    try:
        whole.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(whole)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    _flush_folder(whole.parent)


def check_target(path: Path) -> None:
    """Check that `write_bytes` can write a file, before hours are spent; its folder is made if missing.

    Raises:
        ValueError: If something else than a regular file is there.
        StoreError: If its folder cannot be written.
    """
    require_regular(path)
    check_writable(Path(os.path.realpath(path)).parent)


def _require_regular(path: Path) -> None:
    # In place of a device, a pipe or a socket, a renamed file would stand.
    try:
        require_regular(path)
    except NotRegular as error:
        raise StoreError(f"{error}; it is left as it is") from None


def check_writable(folder: Path) -> None:
    """Raise StoreError unless a folder can be written, before hours are spent; the folder is made if missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}") from None


def _flush_folder(folder: Path) -> None:
    # A rename is on the disk once its folder is. Windows has no such call, and some network disks refuse it; the file
    # is whole and in its place all the same.
    if os.name == "posix":
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
