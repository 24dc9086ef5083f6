"""Trained networks in files, so that they can be measured and ablated again."""

import contextlib
import hashlib
import io
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import xarray as xr
from torch import Tensor

from neuronlib.common.config import Setting
from neuronlib.common.regular_files import read_regular
from neuronlib.networks.ensemble import Ensemble
from neuronlib.networks.layers import Layer, Normalization
from neuronlib.reproduction.store.atomic import StoreError, write_bytes

MOST_BYTES = 2**32
"""Bytes that a file of trained networks may hold; the book's largest takes 17 MB, and a thousand such networks 3 GB."""
_SEAL = 32
_ADVICE = "delete it, and networks are trained anew"


def save_networks(ensemble: Ensemble, history: xr.Dataset, path: Path) -> None:
    """Write trained networks and their history as `write_bytes` does, wholly or not at all."""
    body = io.BytesIO()
    torch.save(
        {
            "networks": list(ensemble.networks),
            "layers": [[tensor.cpu() for tensor in layer.tensors()] for layer in ensemble.layers],
            "history": history.to_dict(),
        },
        body,
    )
    _write(body, path)


def load_networks(
    path: Path, setting: Setting, networks: Sequence[int], device: torch.device
) -> tuple[Ensemble, xr.Dataset]:
    """Return the networks that `save_networks` wrote, and their history.

    Raises:
        StoreError: If the file is no regular one, truncated, changed or foreign, or holds networks of other numbers or
            widths.
        FileNotFoundError: If there is no file.
    """
    saved = _read(path)
    try:
        layers = [Layer(weight, bias, Normalization(*of) if of else None) for weight, bias, *of in saved["layers"]]
        history = xr.Dataset.from_dict(saved["history"])
        sound = saved["networks"] == list(networks) == history.network.values.tolist() and _fit(
            layers, setting, len(networks)
        )
    except (LookupError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise StoreError(f"{path}: holds other networks than its name says; {_ADVICE}")
    return Ensemble(setting, tuple(networks), [layer.to(device) for layer in layers]), history


def _fit(layers: Sequence[Layer], setting: Setting, networks: int) -> bool:
    # Whether each layer takes what the one before it gives, and only hidden ones are normalized.
    widths = [layer.bias.shape[1] for layer in layers]
    if widths[:-1] != list(setting.hidden):
        return False
    inputs = [layers[0].weight.shape[1], *widths]
    return all(
        layer.weight.shape == (networks, before, width)
        and all(tensor.shape == (networks, width) for tensor in layer.tensors()[1:])
        and (layer.normalization is not None) == (setting.batch_norm and place < len(setting.hidden))
        for place, (layer, before, width) in enumerate(zip(layers, inputs, widths, strict=False))
    )


def save_state(state: Mapping[str, Tensor], path: Path) -> None:
    """Write the parameters of a module as `write_bytes` does, wholly or not at all."""
    body = io.BytesIO()
    torch.save({name: tensor.cpu() for name, tensor in state.items()}, body)
    _write(body, path)


def load_state(path: Path, like: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return what `save_state` wrote of a module whose parameters have the names and shapes of some others.

    Raises:
        StoreError: If the file is not whole, or of another module.
        FileNotFoundError: If there is none.
    """
    state = _read(path)
    if not isinstance(state, dict) or _shapes(state) != _shapes(like):
        raise StoreError(f"{path}: holds another network than its name says; {_ADVICE}")
    return state


def _shapes(state: Mapping[str, Any]) -> dict[str, object]:
    return {name: getattr(tensor, "shape", None) for name, tensor in state.items()}


def _write(body: io.BytesIO, path: Path) -> None:
    content = body.getvalue()
    write_bytes(hashlib.sha256(content).digest() + content, path)


def _read(path: Path) -> Any:
    try:
        content = read_regular(path, MOST_BYTES)
    except ValueError as error:
        raise StoreError(f"{error}; {_ADVICE}") from None
    if hashlib.sha256(content[_SEAL:]).digest() == content[:_SEAL]:
        with contextlib.suppress(RuntimeError, pickle.UnpicklingError, ValueError, EOFError):
            return torch.load(io.BytesIO(content[_SEAL:]), weights_only=True)
    raise StoreError(f"{path}: damaged or not written by neuronlib; {_ADVICE}")
