"""Stored results of the paper's 40 settings: which there are, and all networks of one as labelled arrays."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from neuronlib import store
from neuronlib.pieces import Piece, decode
from neuronlib.settings import NamedSetting, named
from neuronlib.store import RESULTS
from neuronlib.types import NeuronlibError, Replacement, Scaling

EPOCHS = range(8, 31)
"""The numbers of epochs that the paper allows itself, Sec. V."""

FIRST_PILOT = 1000
"""Pilot networks bear numbers from here on, so that none of them is among the networks reported."""

_NAME = re.compile(r"networks-(\d+)-(\d+)-([0-9a-f]{12})" + re.escape(store.SUFFIX))


class NotStored(NeuronlibError):
    """Results that have not been computed yet.

    Example:
        >>> issubclass(NotStored, NeuronlibError)
        True
    """


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How the networks of a setting are ablated, and in which pieces that is computed.

    Attributes:
        replacements: What ablated neurons put out.
        random_orders: Random ablation orders for each network and layer.
        points: Into how many equal steps a curve of more than 200 neurons is divided.
        values: Values of the quantizer.
        scaling: How pixels are scaled; epochs are those chosen for the scaling "standard".
        together: Networks of a piece.
        pilots: Networks from whose validation accuracy the number of epochs is chosen.

    Example:
        >>> Plan.of(named("cifar10-relu-l2")).random_orders
        1
    """

    replacements: tuple[Replacement, ...] = ("zero", "mean")
    random_orders: int = 10
    points: int = 50
    values: int = 2
    scaling: Scaling = "standard"
    together: int = 10
    pilots: int = 5

    @classmethod
    def of(cls, setting: NamedSetting) -> "Plan":
        """The plan that the book's results are computed by.

        Args:
            setting: One of the 40 settings.

        Returns:
            The plan; leaner for CIFAR-10, whose networks take ten to forty times as long.
        """
        if setting.dataset == "cifar10":
            return cls(replacements=("zero",), random_orders=1, together=5, pilots=2)
        return cls()

    def piece(self, setting: NamedSetting, epochs: int, first: int, last: int) -> Piece:
        """One piece.

        Args:
            setting: One of the 40 settings.
            epochs: Passes over the training samples.
            first: Number of the first network.
            last: Number of the last network.

        Returns:
            The piece.
        """
        return Piece(
            setting=setting.with_epochs(epochs, scaling=self.scaling),
            first=first,
            last=last,
            replacements=self.replacements,
            random_orders=self.random_orders,
            points=self.points,
            values=self.values,
        )

    def pieces(self, setting: NamedSetting, epochs: int, networks: int) -> list[Piece]:
        """All pieces of networks 0, 1, ….

        Args:
            setting: One of the 40 settings.
            epochs: Passes over the training samples.
            networks: How many networks.

        Returns:
            The pieces in turn; the last may be smaller.
        """
        starts = range(0, networks, self.together)
        return [self.piece(setting, epochs, a, min(a + self.together, networks) - 1) for a in starts]

    def pilot_piece(self, setting: NamedSetting) -> Piece:
        """The pilot networks, trained for the largest number of epochs and not ablated.

        Args:
            setting: One of the 40 settings.

        Returns:
            The piece.
        """
        last = FIRST_PILOT + self.pilots - 1
        return Piece(setting=setting.with_epochs(EPOCHS[-1]), first=FIRST_PILOT, last=last, replacements=())


def best_epochs(pilots: xr.Dataset) -> int:
    r"""The number of epochs, from pilot networks: the one-standard-error rule.

    The smallest number from 8 to 30 whose mean validation accuracy over the pilots is at most one standard error below
    the largest,

    .. math:: \bar a(e) \ge \bar a(e^*) - \frac{s(e^*)}{\sqrt{K}}, \qquad e^* = \arg\max_e \bar a(e)

    Source: Hastie, Tibshirani, Friedman, *The Elements of Statistical Learning*, Sec. 7.10. The paper chose between 8
    and 30 epochs for each setting and does not say how.

    Args:
        pilots: ``validation_accuracy`` by ``network`` and ``epoch``.

    Returns:
        The number of epochs.

    Raises:
        ValueError: If there are fewer than two pilots, or an epoch from 8 to 30 is missing.

    Example:
        >>> accuracy = np.stack([np.linspace(0.8, 0.9, 30), np.linspace(0.81, 0.89, 30)])
        >>> best_epochs(xr.Dataset({"validation_accuracy": (("network", "epoch"), accuracy)}, {"epoch": range(1, 31)}))
        29
    """
    if pilots.sizes["network"] < 2 or not set(EPOCHS) <= set(pilots.epoch.values.tolist()):
        raise ValueError("pilots: expected the accuracy of at least 2 networks after each of 8 to 30 epochs")
    accuracy = pilots.validation_accuracy.sel(epoch=list(EPOCHS))
    mean = accuracy.mean("network")
    best = mean.argmax("epoch")
    error = accuracy.isel(epoch=best).std("network", ddof=1) / np.sqrt(accuracy.sizes["network"])
    return int(mean.epoch[np.flatnonzero(mean >= mean.isel(epoch=best) - error)[0]])


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
        neuronlib.results.NotStored: mnist-relu-l2: nothing is stored; "neuronlib run mnist-relu-l2" computes it
    """
    setting = named(name)
    piece = Plan.of(setting).pilot_piece(setting)
    try:
        encoded = store.read(piece.path(folder / name), piece.digest())
    except FileNotFoundError:
        raise NotStored(_nothing(name, folder)) from None
    return decode(encoded)["history"].to_dataset().assign_attrs(encoded.attrs)


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
        neuronlib.results.NotStored: mnist-relu-l2: nothing is stored; "neuronlib run mnist-relu-l2" computes it
    """
    setting = named(name)
    plan = plan or Plan.of(setting)
    epochs = best_epochs(pilots(name, folder))
    # Of pieces that overlap, the longer comes first, and the shorter adds nothing.
    matches = [match for path in (folder / name).iterdir() if (match := _NAME.fullmatch(path.name))]
    ranges = sorted(((int(match[1]), int(match[2])), match[3]) for match in matches)
    ahead = -1
    for (first, last), digest in sorted(ranges, key=lambda entry: (entry[0][0], -entry[0][1])):
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
        The groups of `neuronlib.pieces.decode`, ``groups`` only of those networks of which it is known. Attributes:
        ``name``, ``networks`` (how many), ``epochs``, ``device`` and ``date`` (first and last), and seconds of each
        stage.

    Raises:
        ValueError: If there is no such setting.
        NotStored: If nothing of it is stored.
        StoreError: If a file is damaged.

    Example:
        >>> stored("mnist-relu-l2", folder=Path("nowhere"))
        Traceback (most recent call last):
        neuronlib.results.NotStored: mnist-relu-l2: nothing is stored; "neuronlib run mnist-relu-l2" computes it
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
        raise NotStored(_nothing(name, folder))
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
        Epochs, random orders, devices, versions of PyTorch, first and last date, and seconds of each stage.

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
