"""One more setting, whose four networks take seconds; as a program, the command ``neuronlib`` that knows it."""

import os
import sys
from pathlib import Path

import pytest
import xarray as xr

from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.design import protocol
from neuronlib.reproduction.design.protocol import RunProtocol
from neuronlib.reproduction.design.settings import SETTINGS, PaperSetting
from neuronlib.reproduction.store import netcdf

TINY = PaperSetting("mnist-5k", (8, 6), "relu", "dropout", networks=4, panel="")
ROOT = Path(__file__).parents[1]
# As a machine's processes do that another run does not see.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
RUN = [sys.executable, __file__, "run", "tiny", "--results"]
"""The command in a process of its own; the store follows."""


def add_tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the setting, with pilots that take less than the paper's."""
    monkeypatch.setitem(SETTINGS, "tiny", TINY)
    monkeypatch.setattr(protocol, "EPOCHS", range(1, 4))
    original = RunProtocol.of

    def of(cls: type[RunProtocol], setting: PaperSetting) -> RunProtocol:
        return cls(pilots=2, together=2, random_orders=2) if setting is TINY else original(setting)

    monkeypatch.setattr(RunProtocol, "of", classmethod(of))


def contents(results: Path, pattern: str = "*") -> dict[str, xr.Dataset]:
    """All stored files of the setting by name, which holds their digest."""
    return {path.name: netcdf.read(path) for path in sorted((results / "tiny").glob(pattern))}


def assert_same(stored: dict[str, xr.Dataset], expected: dict[str, xr.Dataset]) -> None:
    """The same files with the same numbers and digests."""
    assert list(stored) == list(expected)
    for name, dataset in stored.items():
        # Attributes say when, and how long it took.
        xr.testing.assert_equal(dataset, expected[name])
        assert dataset.digest == expected[name].digest


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch:
        add_tiny(patch)
        sys.exit(main())
