"""Stored results of the paper's 40 settings: which there are, and all networks of one as labelled arrays."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import xarray as xr

from neuronlib.common.types import NeuronlibError, Replacement
from neuronlib.reproduction.design.jobs import Piece, decode, history_of
from neuronlib.reproduction.design.protocol import FIRST_PILOT, Plan, best_epochs
from neuronlib.reproduction.design.settings import named
from neuronlib.reproduction.store import netcdf as store
from neuronlib.reproduction.store.paths import RESULTS

_NAME = re.compile(r"networks-(\d+)-(\d+)-([0-9a-f]{12})" + re.escape(store.SUFFIX))


class NotStored(NeuronlibError):
    """Results that have not been computed yet.

    Example:
        >>> issubclass(NotStored, NeuronlibError)
        True
    """


def pilots(name: str, folder: Path = RESULTS) -> xr.Dataset:
    """The history of a setting's pilot networks.

    Args:
        name: One of the 40 settings.
        folder: The store.

    Returns:
        Loss and accuracies by ``network`` and ``epoch``.

    Raises:
        ValueError: If there is no such setting.
        NotStored: If they have not been computed.
        StoreError: If their file is damaged.

    Example:
        >>> pilots("mnist-relu-l2", Path("nowhere"))
        Traceback (most recent call last):
        neuronlib.reproduction.store.results.NotStored: mnist-relu-l2: nothing is stored; ...
    """
    setting = named(name)
    piece = Plan.of(setting).pilot_piece(setting)
    try:
        encoded = store.read(piece.path(folder / name), piece.digest())
    except FileNotFoundError:
        raise NotStored(_nothing(name, folder)) from None
    return history_of(encoded).assign_attrs(encoded.attrs)


def stored_pieces(name: str, plan: Plan | None = None, folder: Path = RESULTS) -> Iterator[Piece]:
    """Which networks of a setting are stored.

    Args:
        name: One of the 40 settings.
        plan: How they were ablated; the book's plan unless given.
        folder: The store.

    Yields:
        Pieces whose files are there, the first networks first; their content is not read.

    Raises:
        ValueError: If there is no such setting.
        NotStored: If not even its pilots have been computed.

    Example:
        >>> list(stored_pieces("mnist-relu-l2", folder=Path("nowhere")))
        Traceback (most recent call last):
        neuronlib.reproduction.store.results.NotStored: mnist-relu-l2: nothing is stored; ...
    """
    setting = named(name)
    plan = plan or Plan.of(setting)
    epochs = best_epochs(pilots(name, folder))
    # Of pieces that overlap, the longer comes first, and the shorter adds nothing.
    matches = [match for path in (folder / name).iterdir() if (match := _NAME.fullmatch(path.name))]
    ranges = [(int(match[1]), int(match[2]), match[3]) for match in matches]
    ahead = -1
    for first, last, digest in sorted(ranges, key=lambda entry: (entry[0], -entry[1], entry[2])):
        piece = plan.piece(setting, epochs, first, last)
        if piece.digest() == digest and first < FIRST_PILOT and last > ahead:
            yield piece
            ahead = last


def stored(
    name: str,
    replacement: Replacement = "zero",
    networks: int | None = None,
    plan: Plan | None = None,
    folder: Path = RESULTS,
) -> xr.DataTree:
    """All stored networks of a setting.

    Args:
        name: One of the 40 settings.
        replacement: What ablated neurons put out.
        networks: At most how many networks; None for all.
        plan: How they were ablated; the book's plan unless given.
        folder: The store.

    Returns:
        The groups of `decode`, ``groups`` only of those networks of which it is known. Attributes:
        ``name``, ``networks`` (how many), ``epochs``, ``device`` and ``date`` (first and last), and the seconds of
        ``training``, ``measuring`` and ``ablating``.

    Raises:
        ValueError: If there is no such setting.
        NotStored: If nothing of it is stored.
        StoreError: If a file is damaged.

    Example:
        >>> stored("mnist-relu-l2", folder=Path("nowhere"))
        Traceback (most recent call last):
        neuronlib.reproduction.store.results.NotStored: mnist-relu-l2: nothing is stored; ...
    """
    parts: list[xr.DataTree] = []
    found = 0
    for piece in stored_pieces(name, plan, folder):
        # An overlapping piece adds only what is beyond those before it.
        fresh = [k for k in piece.networks if k >= found and (networks is None or k < networks)]
        if fresh:
            encoded = store.read(piece.path(folder / name), piece.digest())
            parts.append(decode(encoded.sel(network=fresh), replacement))
            found = fresh[-1] + 1
    if not parts:
        usual = Plan.of(named(name))
        plan = plan or usual
        command = f"neuronlib run {name} {usual.options(plan.scaling, plan.values, plan.points)}".rstrip()
        raise NotStored(f'{name}: no networks are stored; "{command}" computes them')
    if "curves" not in parts[0].children:
        raise NotStored(f"{name}: no curves with ablation to {replacement} are stored")
    # Pieces that were computed before a group was thought of lack it.
    groups = sorted({group for part in parts for group in part.children})
    tree = xr.DataTree.from_dict(
        {group: _joined([part[group].to_dataset() for part in parts if group in part.children]) for group in groups}
    )
    tree.attrs = {"name": name, "networks": tree["curves"].sizes["network"], **summary([part.attrs for part in parts])}
    return tree


def _joined(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    return xr.concat(parts, dim="network", data_vars="minimal", coords="minimal", compat="equals", join="exact")


def summary(attributes: Sequence[dict]) -> dict[str, str | int | float]:
    """Where the results of several pieces come from, taken together.

    Args:
        attributes: Each piece's.

    Returns:
        Epochs, random orders, devices, versions of PyTorch, first and last date, and the seconds of training, measuring
        and ablating.

    Example:
        >>> piece = {"configuration": '{"setting": {"epochs": 8}, "random_orders": 1}', "device": "cpu", "torch": "2"}
        >>> seconds = {"training": 1.0, "measuring": 0.0, "ablating": 2.0}
        >>> summary([piece | seconds | {"date": "2026-11-21"}, piece | seconds | {"date": "2026-11-22"}])["date"]
        '2026-11-21 to 2026-11-22'
    """
    dates = sorted({one["date"] for one in attributes})
    configuration = json.loads(attributes[0]["configuration"])
    seconds = {name: round(sum(one[name] for one in attributes), 1) for name in ("training", "measuring", "ablating")}
    return {
        "epochs": configuration["setting"]["epochs"],
        "random_orders": configuration["random_orders"],
        "device": " and ".join(sorted({one["device"] for one in attributes})),
        "torch": " and ".join(sorted({one["torch"] for one in attributes})),
        "date": dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}",
        **seconds,
    }


def _nothing(name: str, folder: Path) -> str:
    stale = any((folder / name).glob(f"*{store.SUFFIX}"))
    what = "what is stored is of another configuration or version of the core" if stale else "nothing is stored"
    return f'{name}: {what}; "neuronlib run {name}" computes it'
