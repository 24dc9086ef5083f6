"""Files that are written wholly or not at all."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from neuronlib.common.errors import NeuronlibError


class StoreError(NeuronlibError):
    """A stored file that is damaged or not one of ours, or that cannot be written.

    Example:
        >>> issubclass(StoreError, NeuronlibError)
        True
    """


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file, wholly or not at all: to a temporary file, flushed to the disk, then renamed.

    Two writers of one file do not disturb each other: either's is complete, and the later stays.

    Args:
        content: What to write.
        path: The file; its folder is made if it is not there.

    Raises:
        StoreError: If it cannot be written, as on a full disk; what was there before is still there.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_bytes(b"abc", Path(folder) / "new" / "a")
        ...     (Path(folder) / "new" / "a").read_bytes()
        b'abc'
    """
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


def check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be written, before hours are spent on what goes there.

    Args:
        folder: It is made if it is not there.

    Raises:
        StoreError: If nothing can be written to it.

    Example:
        >>> check_writable(Path("/dev/null/results"))
        Traceback (most recent call last):
        neuronlib.reproduction.store.atomic.StoreError: /dev/null/results: cannot be written: Not a directory
    """
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
