"""What of the paper's settings is stored, and whether it can be repeated."""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neuronlib import store
from neuronlib.computing import compute
from neuronlib.pieces import Piece, decode
from neuronlib.results import FIRST_PILOT, NotStored, Plan, best_epochs, pilots, stored_pieces
from neuronlib.runner import Where
from neuronlib.settings import NamedSetting, named
from neuronlib.store import RESULTS, StoreError


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is stored of a setting.

    Attributes:
        name: The setting.
        panel: The figure of the paper that shows it, or "".
        epochs: The chosen number of epochs, or None without pilots.
        networks: How many networks are stored.
        wanted: How many the paper has.
        stale: Files of another version of the core or another configuration.
        damaged: Files that cannot be read.
        seconds: How long one network took, or None.

    Example:
        >>> status(["mnist-relu-l2"], Path("nowhere"))[0].networks
        0
    """

    name: str
    panel: str
    epochs: int | None
    networks: int
    wanted: int
    stale: tuple[str, ...]
    damaged: tuple[str, ...]
    seconds: float | None


def status(names: Sequence[str], folder: Path = RESULTS) -> list[Status]:
    """What is stored; every file is read and verified.

    Args:
        names: Settings.
        folder: The store.

    Returns:
        One entry for each setting.

    Raises:
        ValueError: If there is no such setting.

    Example:
        >>> [one.wanted for one in status(["cifar10-relu-l2"], Path("nowhere"))]
        [35]
    """
    return [_status(name, folder) for name in names]


def _status(name: str, folder: Path) -> Status:
    setting = named(name)
    damaged, readable = [], {}
    for path in sorted((folder / name).glob(f"*{store.SUFFIX}")):
        try:
            readable[path] = store.read(path).attrs
        except StoreError:
            damaged.append(path.name)
    current: dict[Path, Piece] = {}
    epochs = None
    pilot = Plan.of(setting).pilot_piece(setting)
    if pilot.path(folder / name) in readable:
        epochs = best_epochs(pilots(name, folder))
        current[pilot.path(folder / name)] = pilot
        for piece in stored_pieces(name, folder=folder):
            if piece.path(folder / name) in readable:
                current[piece.path(folder / name)] = piece
    numbers = {k for piece in current.values() for k in piece.networks if k < FIRST_PILOT}
    finished = [readable[path] for path, piece in current.items() if piece.replacements]
    stages = ("training", "ablating", "grouping")
    spent = [sum(attributes.get(stage, 0.0) for stage in stages) for attributes in finished]
    return Status(
        name=name,
        panel=setting.panel,
        epochs=epochs,
        networks=len(numbers),
        wanted=setting.networks,
        stale=tuple(path.name for path, attributes in readable.items() if not _is_current(attributes, setting, epochs)),
        damaged=tuple(damaged),
        seconds=float(sum(spent) / len(numbers)) if numbers else None,
    )


def _is_current(attributes: Mapping[str, Any], setting: NamedSetting, epochs: int | None) -> bool:
    # Other quantizers and scalings than the book's are results in their own right.
    if attributes["core"] != store.CORE_VERSION:
        return False
    found = json.loads(attributes["configuration"])["setting"]
    pilots = Plan.of(setting).pilot_piece(setting).setting.epochs
    choices = [setting.with_epochs(e, scaling=found["scaling"]) for e in (epochs, pilots) if e is not None]
    return found in [json.loads(json.dumps(dataclasses.asdict(choice))) for choice in choices]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How a network computed anew differs from the stored one.

    Attributes:
        name: The setting.
        network: The network's number.
        accuracy: Largest difference of validation and test accuracy after any epoch, as a fraction.
        counts: Largest difference of a joint count, as a fraction of the samples.
        curves: Largest difference of a point of a curve, as a fraction.

    Example:
        >>> Verification(name="mnist-relu-l2", network=3, accuracy=0.0, counts=0.0, curves=0.0).identical
        True
    """

    name: str
    network: int
    accuracy: float
    counts: float
    curves: float

    @property
    def identical(self) -> bool:
        """Whether there is no difference at all, as on the same machine."""
        return self.accuracy == self.counts == self.curves == 0

    @property
    def sound(self) -> bool:
        """Whether accuracies differ by less than 5 points, as between networks of one setting.

        Another machine or version of PyTorch rounds differently, and after some epochs a network is another one.
        """
        return self.accuracy < 0.05


def verify(names: Sequence[str], where: Where | None = None, seed: int = 0) -> Iterator[Verification]:
    """Train, measure and ablate one stored network of each setting anew, and compare.

    Args:
        names: Settings of which something is stored.
        where: Folders and device; trained networks are not taken from the cache.
        seed: Decides which network it is.

    Yields:
        One comparison for each setting.

    Raises:
        ValueError: If there is no such setting.
        NotStored: If nothing is stored of one.

    Example:
        >>> next(verify(["mnist-relu-l2"], Where(results=Path("nowhere"))))
        Traceback (most recent call last):
        neuronlib.results.NotStored: mnist-relu-l2: nothing is stored; "neuronlib run mnist-relu-l2" computes it
    """
    where = where or Where()
    for name in names:
        pieces = list(stored_pieces(name, folder=where.results))
        if not pieces:
            raise NotStored(f'{name}: no networks are stored; "neuronlib run {name}" computes them')
        generator = np.random.default_rng(seed)
        piece = pieces[generator.integers(len(pieces))]
        network = int(generator.integers(piece.first, piece.last + 1))
        before = store.read(piece.path(where.results / name), piece.digest()).sel(network=[network])
        alone = dataclasses.replace(piece, first=network, last=network)
        after = compute(alone, where.images, where.device)
        old, new = decode(before), decode(after)
        names_of = ("validation_accuracy", "test_accuracy")
        yield Verification(
            name=name,
            network=network,
            accuracy=max(float(abs(old["history"][one] - new["history"][one]).max()) for one in names_of),
            counts=float(abs(old["measures"].counts - new["measures"].counts).max() / before["samples"].sum()),
            curves=float(abs(old["curves"].correct - new["curves"].correct).max() / before.attrs["test_samples"]),
        )
