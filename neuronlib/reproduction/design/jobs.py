"""Pieces of work: some networks of a setting, trained, measured and ablated, and how that is laid out on disk."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import xarray as xr
from pydantic import Field

from neuronlib.common.config import Count, Setting, check_fields
from neuronlib.common.types import Replacement, scope_width, scopes
from neuronlib.information.measures import by_neuron
from neuronlib.reproduction.store import netcdf as store

EVERY_STEP = 200
"""Curves of at most this many neurons are evaluated after each; longer ones at equal steps."""
STAGES = ("loading", "training", "measuring", "ablating", "grouping")
"""What computing a piece consists of; the names of the attributes that hold how many seconds each took."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What is computed and stored at once.

    Attributes:
        setting: What the networks are.
        first: Number of the first network.
        last: Number of the last network.
        replacements: What ablated neurons put out, a set of curves for each; empty for networks that are only trained
            and measured.
        random_orders: Random ablation orders for each network and layer.
        points: Into how many equal steps a curve of more than 200 neurons is divided.
        values: Values of the quantizer.

    Raises:
        ValueError: If an attribute is of another type or out of range.

    Example:
        >>> Piece(setting=Setting(), first=0, last=9).networks
        range(0, 10)
    """

    setting: Setting
    first: Annotated[int, Field(strict=True, ge=0)]
    last: Annotated[int, Field(strict=True, ge=0)]
    replacements: tuple[Replacement, ...] = ("zero",)
    random_orders: Count = 10
    points: Count = 50
    values: Annotated[int, Field(strict=True, ge=2)] = 2

    def __post_init__(self) -> None:
        check_fields(self)
        if self.last < self.first:
            raise ValueError(f"networks {self.first} to {self.last}: the last comes before the first")

    @property
    def networks(self) -> range:
        """The networks' numbers."""
        return range(self.first, self.last + 1)

    @property
    def scopes(self) -> list[str]:
        """What is ablated, which is each hidden layer by itself, and the whole network."""
        return scopes(self.setting.hidden)

    def steps(self, scope: str) -> list[int]:
        """After how many ablated neurons the accuracy is evaluated.

        Args:
            scope: A layer, such as "1", or "whole".

        Returns:
            From 0 to all neurons.
        """
        return steps_through(scope_width(self.setting.hidden, scope), self.points)

    def configuration(self) -> dict[str, Any]:
        """Everything that determines the results, in terms of JSON.

        Returns:
            The attributes.
        """
        return dataclasses.asdict(self)

    def digest(self) -> str:
        """The name under which the results are stored.

        Returns:
            Twelve hexadecimal digits.
        """
        return store.digest(self.configuration())

    def path(self, folder: Path) -> Path:
        """Where the results are stored.

        Args:
            folder: The setting's folder.

        Returns:
            A file in it.
        """
        return folder / f"networks-{self.first:02}-{self.last:02}-{self.digest()}{store.SUFFIX}"


def steps_through(neurons: int, points: int = 50, each_up_to: int = EVERY_STEP) -> list[int]:
    """After how many ablated neurons accuracy is evaluated: after each, or, of many, at equal steps.

    Args:
        neurons: How many can be ablated.
        points: Into how many steps more than ``each_up_to`` are divided.
        each_up_to: Up to how many neurons it is evaluated after each.

    Returns:
        From 0 to all neurons.

    Example:
        >>> steps_through(3), steps_through(600, points=3)
        ([0, 1, 2, 3], [0, 200, 400, 600])
    """
    stride = 1 if neurons <= each_up_to else max(1, neurons // points)
    return sorted({*range(0, neurons, stride), neurons})


def encode(
    history: xr.Dataset,
    measured: xr.Dataset,
    curves: Mapping[tuple[str, str], xr.Dataset],
    together: xr.Dataset | None = None,
) -> xr.Dataset:
    """Results as small whole numbers, which take little space once compressed.

    Args:
        history: Loss and accuracies by ``network`` and ``epoch``.
        measured: Joint counts, as `by_neuron` labels them, and ``lost``, if it is known.
        curves: ``correct`` and ``samples`` for each replacement and layer.
        together: What `of_layers` found, if it is known.

    Returns:
        ``zero_1`` and so on: how many fewer samples are classified correctly than one step before, at first than there
        are samples. ``counts``: for each value but the first. ``samples``: validation samples of each label.

    Raises:
        ValueError: If a number is too large to be stored.

    Example:
        >>> history = xr.Dataset({"training_loss": (("network", "epoch"), [[0.5]])}, {"network": [0], "epoch": [1]})
        >>> measured = by_neuron(np.array([[[[5, 0], [0, 5]]]]), hidden=[1], networks=[0])
        >>> correct = xr.Dataset({"correct": (("network", "order", "step", "label"), [[[[4, 5], [5, 0]]]])})
        >>> curve = correct.assign(samples=("label", [5, 5])).assign_coords(order=["random 0"], step=[0, 1])
        >>> encode(history, measured, {("zero", "1"): curve}).zero_1.values
        array([[[1, 4]]], dtype=int16)
    """
    measured = measured.drop_vars(["layer", "index"])
    totals = measured.counts.isel(network=0, neuron=0, drop=True).sum("value")
    encoded = history.map(lambda numbers: numbers.astype(np.float32 if numbers.dtype.kind == "f" else np.int16))
    encoded["samples"] = totals.astype(np.int32)
    encoded["counts"] = _small(measured.counts.isel(value=slice(1, None)), np.uint16)
    if "lost" in measured:
        encoded["lost"] = _small(measured.lost, np.int16)
    if together is not None:
        encoded = encoded.merge(together.map(lambda numbers: numbers.astype(np.float32)), join="exact")
    for (replacement, scope), curve in curves.items():
        correct = curve.correct.sum("label").drop_vars("layer", errors="ignore")
        before = correct.shift(step=1, fill_value=int(curve.samples.sum()))
        encoded[f"{replacement}_{scope}"] = _small(before - correct, np.int16).rename(step=f"step_{scope}")
        encoded.attrs["test_samples"] = int(curve.samples.sum())
    return encoded


def decode(encoded: xr.Dataset, replacement: str = "zero") -> xr.DataTree:
    """What `encode` was given.

    Args:
        encoded: Stored results.
        replacement: Which of the curves.

    Returns:
        Three groups as `run` returns them, but that ``correct`` has no axis ``label``. Where
        layers are evaluated at different steps, or have fewer neurons, ``correct`` is NaN. The group ``curves`` is
        missing if there are none with that replacement; what neurons say together is in the group ``groups``, if it is
        known.

    Example:
        >>> encoded = xr.Dataset(
        ...     {
        ...         "training_loss": (("network", "epoch"), [[0.5]]),
        ...         "samples": ("label", [5, 5]),
        ...         "counts": (("network", "neuron", "value", "label"), [[[[0, 5]]]]),
        ...         "zero_1": (("network", "order", "step_1"), [[[1, 4]]]),
        ...     },
        ...     {"network": [0], "epoch": [1], "order": ["random 0"], "step_1": [0, 1]},
        ...     {"test_samples": 10, "configuration": '{"setting": {"hidden": [1]}}'},
        ... )
        >>> decode(encoded)["curves"].correct.sel(layer="1").values
        array([[[9, 5]]])
    """
    hidden = json.loads(encoded.attrs["configuration"])["setting"]["hidden"]
    above = encoded.counts.values.astype(np.int64)
    lowest = encoded["samples"].values - above.sum(axis=2, keepdims=True)
    counts = np.concatenate([lowest, above], axis=2)
    groups = {"history": history_of(encoded), "measures": by_neuron(counts, hidden, encoded.network.values.tolist())}
    of_layers = [name for name, part in encoded.items() if "layer" in part.dims and "epoch" not in part.dims]
    if of_layers:
        groups["groups"] = encoded[of_layers].astype(np.float64, keep_attrs=False)
    if "lost" in encoded:
        groups["measures"]["lost"] = encoded["lost"].astype(np.float64, keep_attrs=False)
    curves = []
    for scope in scopes(hidden):
        if f"{replacement}_{scope}" in encoded:
            lost = encoded[f"{replacement}_{scope}"].rename({f"step_{scope}": "step"}).astype(np.int64)
            correct = encoded.attrs["test_samples"] - lost.cumsum("step")
            curves.append(correct.rename("correct").assign_coords(layer=scope))
    if curves:
        correct = xr.concat(curves, dim="layer", join="outer", coords="different", compat="equals")
        groups["curves"] = xr.Dataset({"correct": correct, "samples": encoded.attrs["test_samples"]})
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = dict(encoded.attrs)
    return tree


def history_of(encoded: xr.Dataset) -> xr.Dataset:
    """The training history that `encode` was given.

    Args:
        encoded: Stored results.

    Returns:
        What has an axis ``epoch``.

    Example:
        >>> history_of(xr.Dataset({"training_loss": ("epoch", [0.5]), "samples": 5})).sizes
        Frozen({'epoch': 1})
    """
    of_epochs = [name for name, part in encoded.items() if "epoch" in part.dims]
    return encoded[of_epochs].astype(np.float64, keep_attrs=False)


def _small(numbers: xr.DataArray, kind: type[np.integer]) -> xr.DataArray:
    limits = np.iinfo(kind)
    if numbers.min() < limits.min or numbers.max() > limits.max:
        raise ValueError(f"{numbers.name}: a number beyond {limits.min} to {limits.max} cannot be stored")
    return numbers.astype(kind)
