"""Computing the paper's settings piece by piece into the store; what is done of that; whether it can be repeated."""

import concurrent.futures
import dataclasses
import functools
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from neuronlib import store
from neuronlib.computing import compute
from neuronlib.pieces import Piece, decode
from neuronlib.progress import progress
from neuronlib.results import FIRST_PILOT, NotStored, Plan, best_epochs, pilots, stored_pieces
from neuronlib.settings import SETTINGS, NamedSetting, named
from neuronlib.store import RESULTS, StoreError
from neuronlib.training import resolve_device
from neuronlib.types import Device

WEIGHTS = RESULTS.with_name("weights")
"""Where trained networks are cached: outside the repository's history, since they take gigabytes."""


class Serial(concurrent.futures.Executor):
    """An executor that does each piece of work at once and in this process.

    Example:
        >>> Serial().submit(abs, -3).result()
        3
    """

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future:
        """Do the work.

        Args:
            function: The work.
            args: Its arguments.
            kwargs: Its keyword arguments.

        Returns:
            A future that is done; if the work fails, the exception comes at once.
        """
        future: concurrent.futures.Future = concurrent.futures.Future()
        future.set_result(function(*args, **kwargs))
        return future


@dataclass(frozen=True, kw_only=True)
class Where:
    """Folders and device of a run.

    Attributes:
        results: The store.
        weights: The cache of trained networks.
        images: Where the images are; see `neuronlib.data.load`.
        device: Where to compute.

    Example:
        >>> Where(device="cpu").results == RESULTS
        True
    """

    results: Path = RESULTS
    weights: Path = WEIGHTS
    images: Path | None = None
    device: Device = "auto"


def paper_order() -> list[tuple[str, int]]:
    """All 40 settings in the order in which they are computed, with the number of networks.

    Returns:
        First those that the paper's figures show, then the rest of MNIST and Fashion-MNIST, then ten networks of each
        other setting of CIFAR-10, then all of them.

    Example:
        >>> paper_order()[0]
        ('mnist-relu-l2', 50)
    """
    large = {name for name, setting in SETTINGS.items() if setting.dataset == "cifar10"}
    shown = [name for name, setting in SETTINGS.items() if setting.panel]
    rest = [name for name in SETTINGS if name not in shown]
    stages = [
        *((name, SETTINGS[name].networks) for name in shown),
        *((name, SETTINGS[name].networks) for name in rest if name not in large),
        *((name, 10) for name in rest if name in large),
        *((name, SETTINGS[name].networks) for name in rest if name in large),
    ]
    return stages


def run(
    wanted: Sequence[tuple[str, int]],
    where: Where | None = None,
    executor: concurrent.futures.Executor | None = None,
    report: Callable[[str], object] = print,
    **plan: Any,
) -> None:
    """Compute what is missing of some settings; what is stored and sound stays.

    Each piece is stored as soon as it is finished, so an interrupted run goes on where it stopped. A second run beside
    it leaves alone what the first is at.

    Args:
        wanted: Names of settings with the number of networks of each.
        where: Folders and device.
        executor: Who does the pieces of a setting; each by itself, in turn, unless given.
        report: Called with one line for each piece.
        plan: Attributes of `neuronlib.results.Plan` that are to differ.

    Raises:
        ValueError: If there is no such setting or device, or a number of networks is not positive.
        StoreError: If the store cannot be written.

    Example:
        >>> run([("mnist-relu-l2", 0)])
        Traceback (most recent call last):
        ValueError: mnist-relu-l2: 0 networks; expected at least 1
    """
    where = where or Where()
    resolve_device(where.device)
    plans = {}
    for name, networks in wanted:
        plans[name] = dataclasses.replace(Plan.of(named(name)), **plan)
        if networks < 1:
            raise ValueError(f"{name}: {networks} networks; expected at least 1")
        plans[name].piece(named(name), 1, 0, 0)
    store.check_writable(where.results)
    for file in store.leftovers(where.results):
        if time.time() - file.stat().st_mtime > 3600:
            file.unlink(missing_ok=True)
    for name, networks in wanted:
        setting, plan_here = named(name), plans[name]
        _work_through(name, [Plan.of(setting).pilot_piece(setting)], where, executor, report)
        try:
            epochs = best_epochs(pilots(name, where.results))
        except NotStored:
            report(f"{name}: another run is at its pilots; nothing else can be done yet")
            continue
        _work_through(name, plan_here.pieces(setting, epochs, networks), where, executor, report)


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
    spent = [attributes["training"] + attributes["ablating"] for attributes in finished]
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


def _work_through(
    name: str,
    pieces: Sequence[Piece],
    where: Where,
    executor: concurrent.futures.Executor | None,
    report: Callable[[str], object],
) -> None:
    missing = [piece for piece in pieces if not _is_sound(piece, where.results / name, report)]
    total = sum(len(piece.networks) for piece in pieces)
    done = total - sum(len(piece.networks) for piece in missing)
    with progress(total=total, initial=done, unit="network", desc=name) as bar:

        def show(piece: Piece, future: concurrent.futures.Future) -> None:
            if not (future.cancelled() or future.exception()):
                bar.update(len(piece.networks))
                with bar.external_write_mode():
                    report(f"{name}, networks {piece.first} to {piece.last}: {future.result()}")

        futures = []
        for piece in missing:
            futures.append((executor or Serial()).submit(_work, name, piece, where))
            futures[-1].add_done_callback(functools.partial(show, piece))
        for future in concurrent.futures.as_completed(futures):
            future.result()


def _is_sound(piece: Piece, folder: Path, report: Callable[[str], object]) -> bool:
    try:
        store.read(piece.path(folder), piece.digest())
    except FileNotFoundError:
        return False
    except StoreError as error:
        report(f"{error}; it is computed anew")
        return False
    return True


def _work(name: str, piece: Piece, where: Where) -> str:
    path = piece.path(where.results / name)
    lock = where.weights / "locks" / f"{piece.digest()}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            start = time.perf_counter()
            store.write(compute(piece, where.images, where.device, where.weights), path)
            return f"{time.perf_counter() - start:.0f} s"
    except Timeout:
        return "left to another run, which is at it"
