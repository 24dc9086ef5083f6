"""Names of configurations: the same name for the same configuration, computed by the same version of the core."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from neuronlib.common.checks import check_fields
from neuronlib.common.config import short_digest

CORE_VERSION = 1
"""Raised by hand whenever the same configuration would give other results; results of another version are stale."""


def digest(configuration: Mapping[str, Any]) -> str:
    """Return twelve hexadecimal digits of the SHA-256 of a configuration's canonical JSON and `CORE_VERSION`."""
    return short_digest([CORE_VERSION, configuration])


class Configured:
    """A data class whose fields, checked by their annotations, are all that determines some results."""

    def __post_init__(self) -> None:
        check_fields(self)

    def configuration(self) -> dict[str, Any]:
        """Return everything that determines the results, in terms of JSON; of a setting, its `configuration`."""
        fields = dataclasses.asdict(self)  # type: ignore[call-overload]
        setting = getattr(self, "setting", None)
        return fields if setting is None else fields | {"setting": setting.configuration()}

    def digest(self) -> str:
        """Return the name under which the results are stored, twelve hexadecimal digits."""
        return digest(self.configuration())
