"""Results of settings by name: read from the store, or computed on the spot; each once."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import xarray as xr

from neuronlib.common.checks import check
from neuronlib.common.choices import DatasetName, Device, Replacement, Scaling
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.protocol import RunProtocol
from neuronlib.reproduction.design.settings import named
from neuronlib.reproduction.design.studies import study
from neuronlib.reproduction.store.encoding import decode
from neuronlib.reproduction.store.paths import RESULTS
from neuronlib.reproduction.store.results import NotStored, stored, stored_study, summary

SourceName = Literal["store", "live"]


@runtime_checkable
class Source(Protocol):
    """Where results come from."""

    def __call__(self, name: str, replacement: Replacement = "zero", values: int = 2) -> xr.DataTree:
        """Return the results of one setting, its neurons quantized to ``values`` values.

        The groups are ``history``, ``measures`` and ``curves``, the attributes ``name``, ``networks``, ``epochs``,
        ``random_orders``, ``device``, ``torch`` and ``date``.
        """

    def has(self, name: str) -> bool:
        """Tell whether there are results of a setting."""
        try:
            self(name)
        except NotStored:
            return False
        return True

    def study(self, name: str) -> xr.Dataset:
        """Return the results of a study beyond the paper's settings; here NotStored, since none are computed."""
        raise NotStored(f"{name}: not computed on this page")


class StoredResults(Source):
    """Results that have been computed before.

    Args:
        folder: The store.
        networks: At most how many networks of each setting, or of the settings of each data set; None for all.
        scaling: How pixels are scaled.
        epochs: For how many epochs networks were trained; None for as many as the pilots say.

    Example:
        >>> StoredResults(Path("nowhere"))("mnist-relu-l2")
        Traceback (most recent call last):
        neuronlib.reproduction.store.results.NotStored: mnist-relu-l2: nothing is stored; ...
    """

    def __init__(
        self,
        folder: Path = RESULTS,
        networks: int | Mapping[DatasetName, int] | None = None,
        scaling: Scaling = "standard",
        epochs: int | None = None,
    ):
        self._folder = folder
        self._networks = networks
        self._epochs = epochs
        self._scaling = check("scaling", scaling, Scaling)
        self._read = functools.cache(self._stored)

    def __call__(self, name: str, replacement: Replacement = "zero", values: int = 2) -> xr.DataTree:
        """Return the networks of one setting, as `stored` does."""
        read = self._read(name, replacement, values)
        if isinstance(read, NotStored):
            raise NotStored(*read.args)
        return read

    def study(self, name: str) -> xr.Dataset:
        """Return what is stored of a study; NotStored unless its pixels are scaled and its epochs chosen as here."""
        if self._epochs is not None:
            raise NotStored(f"{name}: computed for other numbers of epochs alone")
        scaling = study(name).scaling
        if scaling != self._scaling:
            raise NotStored(f"{name}: computed with {scaling} inputs alone")
        return stored_study(name, self._folder)

    def _stored(self, name: str, replacement: Replacement, values: int) -> xr.DataTree | NotStored:
        setting = named(name)
        protocol = dataclasses.replace(
            RunProtocol.of(setting), values=values, scaling=self._scaling, epochs=self._epochs
        )
        most = self._networks[setting.dataset] if isinstance(self._networks, Mapping) else self._networks
        try:
            return stored(name, replacement, most, protocol, self._folder)
        except NotStored as missing:  # remembered, too: many claims ask for the same settings
            return missing


class LiveResults(Source):
    """Results computed when they are first asked for.

    Args:
        names: The settings that may be computed; others count as not stored.
        networks: Networks of each.
        epochs: Passes over the training samples.
        random_orders: Random orders for each network and layer.
        images: Images to use in place of each setting's own, or "".
        device: Where to compute.

    Example:
        >>> source = LiveResults(["mnist-relu-l2"], networks=1, epochs=1, random_orders=1, images="mnist-5k")
        >>> source("mnist-relu-l2")["curves/1"].sizes["network"]
        1
    """

    def __init__(
        self,
        names: Sequence[str],
        networks: int,
        epochs: int,
        random_orders: int = 10,
        images: DatasetName | Literal[""] = "",
        device: Device = "auto",
    ):
        self._names = list(names)
        self._networks, self._epochs, self._random_orders = networks, epochs, random_orders
        self._images, self._device = images, device
        self._run = functools.cache(self._computed)

    def __call__(self, name: str, replacement: Replacement = "zero", values: int = 2) -> xr.DataTree:
        """Compute one setting; NotStored if it may not be computed, or for other ``values`` than 2."""
        if name not in self._names or values != 2:
            raise NotStored(f"{name}: not computed on this page")
        return self._run(name, replacement)

    def _computed(self, name: str, replacement: Replacement) -> xr.DataTree:
        from neuronlib.reproduction.compute.compute import compute

        setting = named(name).with_epochs(self._epochs)
        if self._images:
            setting = dataclasses.replace(setting, dataset=self._images)
        job = Job(
            setting=setting,
            first=0,
            last=self._networks - 1,
            replacements=(replacement,),
            random_orders=self._random_orders,
        )
        encoded = compute(job, device=self._device)
        results = decode(encoded, replacement)
        results.attrs |= summary([encoded.attrs])
        results.attrs |= {"name": f"{name} on {self._images}" if self._images else name, "networks": self._networks}
        return results


def open_source(
    source: SourceName,
    names: Sequence[str],
    networks: int,
    epochs: int,
    random_orders: int = 10,
    images: DatasetName | Literal[""] = "",
    device: Device = "auto",
) -> Source:
    """Return the source that a chapter's parameters ask for.

    "store" reads at most ``networks`` networks of each setting, and ignores the parameters after it. "live" computes
    as `LiveResults` says.

    Raises:
        ValueError: If there is no such source.
    """
    if check("source", source, SourceName) == "store":
        return StoredResults(networks=networks)
    return LiveResults(names, networks, epochs, random_orders, images, device)
