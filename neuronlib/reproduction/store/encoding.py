"""How results are laid out in a file, as small whole numbers, and read back."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Bool, UInt8
from numpy import ndarray

from neuronlib import information  # loads what computes only where it is asked to
from neuronlib.common.scopes import layer_names, scopes
from neuronlib.reproduction.store.netcdf import Variables


def encode(
    history: xr.Dataset,
    measured: xr.Dataset,
    curves: Mapping[tuple[str, str], xr.Dataset],
    together: xr.Dataset | None = None,
) -> xr.Dataset:
    """Encode results as small whole numbers, which take little space once compressed.

    Args:
        history: Loss and accuracies by ``network`` and ``epoch``.
        measured: Joint counts, as `by_neuron` labels them, and ``lost``, if it is known.
        curves: ``correct`` and ``samples`` by replacement and scope.
        together: What `of_layers` found, if it is known.

    Returns:
        ``zero_1`` and so on: how many fewer samples are classified correctly than one step before, at first than there
        are samples. ``counts``: for each value but the first. ``samples``: validation samples of each label.

    Raises:
        ValueError: If a number is too large to be stored.

    Example:
        >>> history = xr.Dataset({"training_loss": (("network", "epoch"), [[0.5]])}, {"network": [0], "epoch": [1]})
        >>> measured = information.by_neuron(np.array([[[[5, 0], [0, 5]]]]), {"1": 1}, networks=[0])
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
    """Decode what `encode` returned, or what `joined` made of several, with the curves of one replacement.

    Returns:
        ``history``; ``measures``; ``groups``, if known, of those networks of which it is known; and for each scope
        ``curves/SCOPE`` with ``correct`` and ``samples``, summed over labels.
    """
    hidden = json.loads(encoded.attrs["configuration"])["setting"]["hidden"]
    above = encoded.counts.values.astype(np.int64)
    lowest = encoded["samples"].values - above.sum(axis=2, keepdims=True)
    counts = np.concatenate([lowest, above], axis=2)
    widths = dict(zip(layer_names(hidden), hidden, strict=True))
    measured = information.by_neuron(counts, widths, encoded.network.values.tolist())
    if "lost" in encoded:
        measured["lost"] = encoded["lost"].astype(np.float64, keep_attrs=False)
    groups = {"history": history_of(encoded), "measures": measured}
    of_layers = [name for name, part in encoded.items() if "layer" in part.dims and "epoch" not in part.dims]
    if of_layers:
        known = encoded[of_layers].dropna("network", how="all", subset=["information"])
        groups["groups"] = known.astype(np.float64, keep_attrs=False)
    for scope in scopes(hidden):
        if f"{replacement}_{scope}" in encoded:
            lost = encoded[f"{replacement}_{scope}"].rename({f"step_{scope}": "step"})
            samples = encoded.attrs["test_samples"]
            # Steps lie outermost in memory: a mean over them then adds them one by one, as whoever compares digits of
            # verdicts relies on. Numbers of the same network and order lie apart, which costs nothing here.
            by_step = samples - np.ascontiguousarray(np.moveaxis(lost.values, 2, 0)).cumsum(axis=0, dtype=np.int64)
            correct = lost.copy(data=np.moveaxis(by_step, 0, 2))
            groups[f"curves/{scope}"] = xr.Dataset({"correct": correct.assign_coords(layer=scope), "samples": samples})
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = dict(encoded.attrs)
    return tree


def packed_images(correct: Bool[ndarray, "*any image"]) -> UInt8[ndarray, "*any byte"]:
    """Pack whether each image is classified correctly, eight images a byte."""
    return np.packbits(correct, axis=-1)


def decode_images(study: xr.Dataset) -> xr.Dataset:
    """Decode what `ablate_by_image` returned.

    Returns:
        ``intact`` and ``ordered`` as 0 or 1 for each ``image``, and ``random`` as a fraction of the random orders.

    Example:
        >>> packed = (("network", "byte"), packed_images(np.array([[True, False, True]])))
        >>> random = (("scope", "network", "image"), np.array([[[4, 1, 0]]]))
        >>> attributes = {"test_samples": 3, "random_orders": 4}
        >>> decoded = decode_images(xr.Dataset({"intact": packed, "ordered": packed, "random": random}, {}, attributes))
        >>> decoded.ordered.values, decoded.random.values
        (array([[1., 0., 1.]]), array([[[1.  , 0.25, 0.  ]]]))
    """
    samples = int(study.attrs["test_samples"])
    decoded = {"random": study.random.astype(np.float64) / study.attrs["random_orders"]}
    for name in ("intact", "ordered"):
        bits = np.unpackbits(study[name].values, axis=-1, count=samples).astype(np.float64)
        decoded[name] = xr.DataArray(bits, dims=(*study[name].dims[:-1], "image"))
    return xr.Dataset(decoded, study.coords)


def joined(parts: Sequence[Variables]) -> xr.Dataset:
    """Join encoded results of different networks of one setting.

    Returns:
        All networks, with the attributes of the first part. A variable that older parts lack is NaN for their networks.

    Raises:
        ValueError: If the parts differ in a variable that is not of networks.

    Example:
        >>> networks = [{"network": xr.Variable("network", [k])} for k in (0, 1)]
        >>> lost = {"lost": xr.Variable(("network", "neuron"), [[3]])}
        >>> parts = [Variables(networks[0] | lost, ("network",), {}), Variables(networks[1], ("network",), {})]
        >>> joined(parts).lost.values
        array([[ 3.],
               [nan]])
    """
    # xarray's concat aligns each variable, which took most of the time of whatever reads results.
    variables = {}
    models = {name: variable for part in reversed(parts) for name, variable in part.variables.items()}
    for name, model in models.items():
        present = [part.variables[name] for part in parts if name in part.variables]
        if "network" in model.dims:
            axis = model.dims.index("network")
            values = [
                part.variables[name].values
                if name in part.variables
                else _unknown(model, axis, part.variables["network"].size)
                for part in parts
            ]
            variables[name] = xr.Variable(model.dims, np.concatenate(values, axis=axis), model.attrs)
        elif all(variable.equals(model) for variable in present):
            variables[name] = model
        else:
            raise ValueError(f"{name}: results of one setting differ in it")
    coordinates = {name for part in parts for name in part.coordinates}
    return Variables(
        variables, tuple(name for name in variables if name in coordinates), parts[0].attributes
    ).labelled()


def _unknown(model: xr.Variable, axis: int, networks: int) -> ndarray:
    shape = list(model.shape)
    shape[axis] = networks
    return np.full(shape, np.nan)


def history_of(encoded: xr.Dataset) -> xr.Dataset:
    """Return the training history that `encode` was given, which is all that has an axis ``epoch``."""
    of_epochs = [name for name, part in encoded.items() if "epoch" in part.dims]
    return encoded[of_epochs].astype(np.float64, keep_attrs=False)


def _small(numbers: xr.DataArray, kind: type[np.integer]) -> xr.DataArray:
    limits = np.iinfo(kind)
    if numbers.min() < limits.min or numbers.max() > limits.max:
        raise ValueError(f"{numbers.name}: a number beyond {limits.min} to {limits.max} cannot be stored")
    return numbers.astype(kind)
