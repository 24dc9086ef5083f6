"""Names of configurations: the same name for the same configuration, computed by the same version of the core."""

from collections.abc import Mapping
from typing import Any

from neuronlib.common.config import short_digest

CORE_VERSION = 1
"""Raised by hand whenever the same configuration would give other results; results of another version are stale."""


def digest(configuration: Mapping[str, Any]) -> str:
    """Return twelve hexadecimal digits of the SHA-256 of a configuration's canonical JSON and `CORE_VERSION`."""
    return short_digest([CORE_VERSION, configuration])
