"""Trained networks in files, so that they can be measured and ablated again."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import xarray as xr
from torch import Tensor

from neuronlib.common.config import Setting
from neuronlib.networks.ensemble import Ensemble
from neuronlib.networks.layers import Layer, Normalization
from neuronlib.reproduction.store.atomic import StoreError, write_bytes

_SEAL = 32


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
        StoreError: If the file is truncated, changed or foreign, or holds networks of other numbers or widths.
        FileNotFoundError: If there is no file.
    """
    saved = _read(path)
    widths = [bias.shape[1] for _, bias, *_ in saved["layers"]]
    if saved["networks"] != list(networks) or widths[:-1] != list(setting.hidden):
        raise StoreError(f"{path}: holds other networks than its name says; delete it, and networks are trained anew")
    layers = []
    for weight, bias, *of_normalization in saved["layers"]:
        normalization = Normalization(*(tensor.to(device) for tensor in of_normalization)) if of_normalization else None
        layers.append(Layer(weight.to(device), bias.to(device), normalization))
    return Ensemble(setting, tuple(saved["networks"]), layers), xr.Dataset.from_dict(saved["history"])


def save_state(state: Mapping[str, Tensor], path: Path) -> None:
    """Write the parameters of a module as `write_bytes` does, wholly or not at all."""
    body = io.BytesIO()
    torch.save({name: tensor.cpu() for name, tensor in state.items()}, body)
    _write(body, path)


def load_state(path: Path) -> dict[str, Tensor]:
    """Return what `save_state` wrote; StoreError if the file is not whole, FileNotFoundError if there is none."""
    return _read(path)


def _write(body: io.BytesIO, path: Path) -> None:
    content = body.getvalue()
    write_bytes(hashlib.sha256(content).digest() + content, path)


def _read(path: Path) -> Any:
    content = path.read_bytes()
    if hashlib.sha256(content[_SEAL:]).digest() != content[:_SEAL]:
        raise StoreError(f"{path}: damaged or not written by neuronlib; delete it, and networks are trained anew")
    return torch.load(io.BytesIO(content[_SEAL:]), weights_only=True)
