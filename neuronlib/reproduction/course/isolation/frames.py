"""Messages between the grader and a process of cells: JSON, each with its length before it."""

import json
import struct
from typing import Any, BinaryIO

LARGEST = 16 * 2**20
"""Bytes of the largest message."""

HEADER = struct.Struct(">I")


def packed(message: Any) -> bytes:
    """Pack a message.

    Returns:
        Its length and its JSON.

    Raises:
        ValueError: If it is larger than `LARGEST`.
    """
    content = json.dumps(message).encode()
    if len(content) > LARGEST:
        raise ValueError(f"expected at most {LARGEST} bytes, found {len(content)}")
    return HEADER.pack(len(content)) + content


def read(stream: BinaryIO) -> Any:
    """Read a message from the grader.

    Returns:
        The message.

    Raises:
        EOFError: If there is none any more.
    """
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        raise EOFError("the grader has ended")
    return json.loads(stream.read(HEADER.unpack(header)[0]))
