"""Paths that a user names."""

from pathlib import Path


def expanded(path: Path | str) -> Path:
    """Expand ``~`` and ``~name``; if the user does not exist, the path is returned unchanged.

    Returns:
        The path. A later access reports an unchanged path as missing.

    Example:
        >>> expanded("mine").as_posix(), expanded("~nobody-of-that-name/mine").as_posix()
        ('mine', '~nobody-of-that-name/mine')
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)
