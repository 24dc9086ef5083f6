"""Whatever may stand where a file is expected, other than a file."""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest


def _socket(path: Path) -> None:
    # Its address is limited to about a hundred characters.
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(before)


def _device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
        with path.open("rb"):
            pass
    except OSError:
        path.unlink(missing_ok=True)
        pytest.skip("no right to make a device")


STRAYS: dict[str, Callable[[Path], object]] = {
    "a folder": lambda path: path.mkdir(),
    "a pipe": lambda path: os.mkfifo(path),
    "a socket": _socket,
    "a device": _device,
    "a link to nothing": lambda path: path.symlink_to(path.parent / "nothing"),
    "a link to itself": lambda path: path.symlink_to(path.name),
}
"""What is made at a path, by what it is."""


def described(kind: str) -> str:
    """What messages call it."""
    return "a link that leads nowhere" if kind.startswith("a link") else kind
