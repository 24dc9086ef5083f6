"""Paths that a user names."""

from pathlib import Path


def expanded(path: Path | str) -> Path:
    """A path with ``~`` or ``~name`` replaced by a home.

    Args:
        path: Any path.

    Returns:
        The path; as it is where there is no such user, so that whoever looks for it says that it is not there.

    Example:
        >>> expanded("mine").as_posix(), expanded("~nobody-of-that-name/mine").as_posix()
        ('mine', '~nobody-of-that-name/mine')
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)
