"""Packed files, unpacked within bounds and with their checksums verified."""

import lzma
import os
import struct
import zipfile
import zlib
from typing import BinaryIO

from neuronlib.common.regular_files import in_megabytes

UNPACKED_ANYWAY = 2**30
"""Bytes that any archive may unpack to: the images of CIFAR-10 in 32 bits take 0.7 of these 1.07 GB."""
UNPACKED_PER_BYTE = 20
"""Bytes that each byte of a larger archive may unpack to. Images shrink to a fifth, and zeros to a thousandth."""
_XZ_MEMORY = 2**27
# Bytes; the largest preset of xz needs 65 MB to unpack, and a header may ask for 4 GB.

# What zipfile raises for them. NotImplementedError, for a way to pack that it does not know, is a RuntimeError.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError, ValueError, struct.error)


class Damaged(ValueError):
    """A packed file that is no such file, is damaged, or unpacks to more than it may."""


def check_archive(file: BinaryIO) -> zipfile.ZipFile:
    """Verify an open zip archive, before anything is unpacked to memory: its sizes, then the checksum of each member.

    NumPy's ``.npz`` and what ``torch.save`` and ``torch.export.save`` write are such archives. PyTorch reads them
    without a look at their checksums.

    Returns:
        The archive.

    Raises:
        Damaged: If it is no archive, a member is damaged, or it unpacks to more than `UNPACKED_ANYWAY` and more than
            `UNPACKED_PER_BYTE` times its size; says which.
    """
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGED:
        raise Damaged("no archive, or a damaged one") from None
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > max(UNPACKED_ANYWAY, UNPACKED_PER_BYTE * os.fstat(file.fileno()).st_size):
        raise Damaged(f"unpacks to {in_megabytes(unpacked)}, which is too much for its size; write it uncompressed")
    try:
        damaged = archive.testzip()
    except _DAMAGED:
        damaged = "one of its members"
    if damaged is not None:
        raise Damaged(f"damaged: {damaged} does not have its checksum")
    file.seek(0)
    return archive


def unpack_xz(content: bytes, most: int) -> bytes:
    """Unpack what xz packed, and verify its checksum.

    Returns:
        At most ``most`` bytes.

    Raises:
        Damaged: If it is no such file, damaged or truncated, something follows it, or it unpacks to more than ``most``
            bytes.

    Example:
        >>> unpack_xz(lzma.compress(bytes(1000)), most=999)
        Traceback (most recent call last):
        neuronlib.common.unpacking.Damaged: unpacks to more than 0 MB
    """
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    try:
        unpacked = unpacker.decompress(content, max_length=most + 1)
    except lzma.LZMAError as error:
        raise Damaged(str(error)) from None
    if len(unpacked) > most:
        raise Damaged(f"unpacks to more than {in_megabytes(most)}")
    if not unpacker.eof or unpacker.unused_data:
        raise Damaged("truncated, or something follows it")
    return unpacked
