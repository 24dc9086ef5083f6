"""Names of configurations: the same name for the same configuration, computed by the same version of the core."""

from collections.abc import Mapping
from typing import Any

from neuronlib.common.config import short_digest

CORE_VERSION = 1
"""Raised by hand whenever the same configuration would give other results; results of another version are stale."""


def digest(configuration: Mapping[str, Any]) -> str:
    """A short name for exactly this configuration, computed by this version of the core.

    Args:
        configuration: Everything that determines the results, in terms of JSON.

    Returns:
        Twelve hexadecimal digits of the SHA-256 of its canonical JSON and `CORE_VERSION`.

    Example:
        >>> digest({"epochs": 8, "seed": 0}) == digest({"seed": 0, "epochs": 8}) != digest({"epochs": 9, "seed": 0})
        True
    """
    return short_digest([CORE_VERSION, configuration])
