"""Regular files: read without waiting and within a bound; anything else at a path is named and refused."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
# Nothing can be at a path whose folder is missing, is a file, or is a link that leads back to itself.
_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class NotRegular(ValueError):
    """A path where something else than a regular file is, such as a folder, a pipe or a device."""


def obstacle(path: Path) -> str:
    """Return what is at a path in place of a regular file; "" if a regular file is there, or nothing.

    A link counts as what it leads to.

    Raises:
        OSError: If it cannot be told, as for want of permission.

    Example:
        >>> obstacle(Path("/")), obstacle(Path("nowhere"))
        ('a folder', '')
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            raise
        return "a link that leads nowhere" if Path(path).is_symlink() else ""
    return "" if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "no regular file")


def unusable(path: Path) -> str:
    """Return why what is at a path is no file that can be read; "" if it is one, or nothing is there."""
    try:
        if what := obstacle(path):
            return what
        return "" if os.access(path, os.R_OK) or not path.exists() else "a file that cannot be read"
    except OSError as error:
        return str(error.strerror)


def require_regular(path: Path) -> None:
    """Raise NotRegular if there is something else than a regular file at a path that is to be read or written."""
    if what := obstacle(path):
        raise NotRegular(f"{path} is {what}: expected a regular file")


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading; a pipe without a writer, which would block for ever, is refused like all else.

    Returns:
        The open file.

    Raises:
        NotRegular: If something else is there.
        FileNotFoundError: If nothing is there.
        OSError: If it cannot be read.
    """
    require_regular(path)
    try:
        # What was a file a moment ago may be a pipe by now.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            raise
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotRegular(f"{path}: expected a regular file")
    return os.fdopen(handle, "rb")


def read_regular(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file that holds at most ``most``.

    Raises:
        NotRegular: If something else is there.
        ValueError: If the file is larger.
        FileNotFoundError: If nothing is there.
        OSError: If it cannot be read.

    Example:
        >>> read_regular(Path("/dev/zero"), most=10)
        Traceback (most recent call last):
        neuronlib.common.regular_files.NotRegular: /dev/zero is a device: expected a regular file
    """
    with open_regular(path) as file:
        content = file.read(most + 1) if os.fstat(file.fileno()).st_size <= most else b""
        if len(content) > most or os.fstat(file.fileno()).st_size > most:
            raise ValueError(f"{path}: holds more than {in_megabytes(most)}")
        return content


def in_megabytes(size: int) -> str:
    """Put a number of bytes into words, such as "268 MB"."""
    return f"{size / 1e6:,.0f} MB".replace(",", " ")
