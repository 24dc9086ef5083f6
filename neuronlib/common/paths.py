"""Paths that a user names."""

from pathlib import Path


def expanded(path: Path | str) -> Path:
    """Expand ``~`` and ``~name``; a path of a user who does not exist stays as it is, so a later access reports it."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)
