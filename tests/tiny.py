"""One more setting, whose four networks take seconds; as a program, the command ``neuronlib`` that knows it."""

import sys

import pytest

from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.design import protocol
from neuronlib.reproduction.design.protocol import RunProtocol
from neuronlib.reproduction.design.settings import SETTINGS, PaperSetting

TINY = PaperSetting("mnist-5k", (8, 6), "relu", "dropout", networks=4, panel="")


def add_tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the setting, with pilots that take less than the paper's."""
    monkeypatch.setitem(SETTINGS, "tiny", TINY)
    monkeypatch.setattr(protocol, "EPOCHS", range(1, 4))
    original = RunProtocol.of

    def of(cls: type[RunProtocol], setting: PaperSetting) -> RunProtocol:
        return cls(pilots=2, together=2, random_orders=2) if setting is TINY else original(setting)

    monkeypatch.setattr(RunProtocol, "of", classmethod(of))


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch:
        add_tiny(patch)
        sys.exit(main())
