"""Networks that somebody else has trained, as PyTorch modules."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from neuronlib.common.checks import check
from neuronlib.common.choices import Activation
from neuronlib.common.config import Setting
from neuronlib.data.images import ImageData
from neuronlib.networks.ensemble import MODULES, Ensemble
from neuronlib.networks.layers import Layer, Normalization

Network = nn.Sequential
"""A network as PyTorch has it."""

_ACTIVATIONS = {kind: name for name, kind in MODULES.items()}


def adopt(modules: Sequence[Network]) -> Ensemble:
    """Stack fully-connected networks of one architecture, so that they can be measured, ablated and pruned.

    Each module is a row of `torch.nn.Linear`, with `torch.nn.BatchNorm1d` behind it or not, then `torch.nn.ReLU` or
    `torch.nn.Sigmoid`, then Dropout or not, and so on, and a `torch.nn.Linear` at the end. Flattening at the beginning,
    Dropout and identities are left out.

    Returns:
        Copies, numbered from 0, of a setting that says what can be seen of them: widths and activation function.

    Raises:
        ValueError: If a module holds something else, does not fit together, has no hidden layer, has weights that are
            not finite, or is of another shape than the first.

    Example:
        >>> module = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Dropout(), nn.Linear(3, 2))
        >>> adopt([module]).setting.hidden
        (3,)
    """
    if isinstance(modules, nn.Module):
        raise ValueError("expected a list of networks; of one network, adopt([network])")
    if not modules:
        raise ValueError("no networks: expected at least one torch.nn.Sequential")
    read = [_read(module) for module in modules]
    layers, activation = read[0]
    shapes = [[tensor.shape for layer in some for tensor in layer.tensors()] for some, _ in read]
    for number, (some, other) in enumerate(read):
        if not all(tensor.isfinite().all() for layer in some for tensor in layer.tensors()):
            raise ValueError(f"network {number} has weights that are NaN or infinite: expected finite numbers")
        if shapes[number] != shapes[0] or other != activation:
            raise ValueError(f"network {number} is of another shape than network 0: adopt networks of one architecture")
    stacked = [_stacked([some[index] for some, _ in read]) for index in range(len(layers))]
    setting = Setting(
        hidden=tuple(layer.bias.shape[1] for layer in layers[:-1]),
        activation=activation,
        dropout=(),
        batch_norm=any(layer.normalization is not None for layer in layers),
    )
    return Ensemble(setting, tuple(range(len(modules))), stacked)


def from_state(state: Mapping[str, Tensor], activation: Activation = "relu") -> Network:
    """Return the network whose ``state_dict()`` this is, whatever class it was, in evaluation mode.

    Its linear maps form a row, in the order in which they are used, with batch normalization (of PyTorch's own ``eps``)
    behind a map or not. ``activation`` follows each map but the last, after batch normalization; a state does not say
    it. Dropout leaves nothing in a state; connections that skip a layer do not show.

    Raises:
        ValueError: If it holds something else.

    Example:
        >>> from_state(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)).state_dict(), "sigmoid")
        Sequential(
          (0): Linear(in_features=4, out_features=3, bias=True)
          (1): Sigmoid()
          (2): Linear(in_features=3, out_features=2, bias=True)
        )
    """
    check("activation", activation, Activation)
    if not isinstance(state, Mapping) or not all(map(_is_parameter, state, state.values())):
        names = f" of {', '.join(map(str, list(state)[:5]))}" if isinstance(state, Mapping) else ""
        raise ValueError(
            f"a {type(state).__name__}{names}: expected a network's state_dict() by itself, tensors by name"
        )
    by_layer: dict[str, dict[str, Tensor]] = {}
    for name, tensor in state.items():
        layer, _, of_layer = name.rpartition(".")
        by_layer.setdefault(layer, {})[of_layer] = tensor
    row: list[nn.Module] = []
    for layer, tensors in by_layer.items():
        part = _part(layer, tensors)
        if isinstance(part, nn.Linear) and row:
            row.append(MODULES[activation]())
        row.append(part)
    return nn.Sequential(*row).eval()


def check_fit(data: ImageData, ensemble: Ensemble) -> None:
    """Raise ValueError if there are other features than the networks' inputs, or labels beyond their outputs."""
    inputs, outputs = ensemble.layers[0].weight.shape[1], ensemble.layers[-1].bias.shape[1]
    for samples in (data.train, data.validation, data.test):
        if samples.pixels.shape[1] != inputs or samples.labels.max() >= outputs:
            raise ValueError(
                f"data of {samples.pixels.shape[1]} features and labels to {samples.labels.max()}: the network takes "
                f"{inputs} features, and has {outputs} outputs for labels from 0"
            )


def _is_parameter(name: object, tensor: object) -> bool:
    # Real numbers that are there; of whole ones, batch normalization has a count that plays no part.
    return (
        isinstance(name, str)
        and isinstance(tensor, Tensor)
        and not (tensor.is_complex() or tensor.is_quantized or tensor.is_meta)
        and tensor.layout is torch.strided
    )


def _part(name: str, tensors: Mapping[str, Tensor]) -> nn.Module:
    weight, mean = tensors.get("weight"), tensors.get("running_mean")
    part: nn.Module | None = None
    if mean is not None:
        part = nn.BatchNorm1d(len(mean), affine=weight is not None)
    elif weight is not None and weight.ndim == 2:
        part = nn.Linear(weight.shape[1], weight.shape[0], bias="bias" in tensors)
    shapes = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
    if part is None or shapes != {key: tuple(tensor.shape) for key, tensor in part.state_dict().items()}:
        listed = ", ".join(f"{key} {shape}" for key, shape in shapes.items())
        raise ValueError(f"layer {name!r} has {listed}: expected linear maps, and batch normalization of one dimension")
    part.load_state_dict(tensors)
    return part


def _read(module: Network) -> tuple[list[Layer], Activation]:
    layers: list[Layer] = []
    activations: list[Activation] = []
    for part in _parts(module):
        expected = len(layers) == len(activations)
        if type(part) is nn.Linear and expected:
            _check_width(part, part.in_features, layers)
            bias = part.weight.new_zeros(part.out_features) if part.bias is None else part.bias
            layers.append(Layer(_copy(part.weight.T), _copy(bias)))
        elif type(part) is nn.BatchNorm1d and not expected and layers[-1].normalization is None:
            _check_width(part, part.num_features, layers)
            layers[-1].normalization = _normalization(part)
        elif type(part) in _ACTIVATIONS and not expected:
            activations.append(_ACTIVATIONS[type(part)])
        else:
            raise ValueError(f"cannot adopt {part}: expected linear maps with ReLU or sigmoid between them, in a row")
    if len(layers) < 2 or len(layers) != len(activations) + 1 or len(set(activations)) > 1:
        raise ValueError("cannot adopt: expected hidden layers of one activation function, and a linear map at the end")
    return layers, activations[0]


def _check_width(part: nn.Module, width: int, layers: Sequence[Layer]) -> None:
    if layers and width != layers[-1].bias.shape[1]:
        raise ValueError(f"cannot adopt {part}: {layers[-1].bias.shape[1]} neurons come before it, expected {width}")


def _copy(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach()[None].to(torch.float32, copy=True)


def _parts(module: nn.Module) -> list[nn.Module]:
    if isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward:
        return [part for child in module for part in _parts(child)]
    return [] if isinstance(module, nn.Flatten | nn.Dropout | nn.Identity) else [module]


def _normalization(part: nn.BatchNorm1d) -> Normalization:
    default = nn.BatchNorm1d(1)
    if part.running_mean is None or part.running_var is None or part.eps != default.eps:
        raise ValueError(f"cannot adopt {part}: expected running statistics and eps = {default.eps:g}")
    one = torch.ones_like(part.running_mean)
    scale, shift = (one, 0 * one) if part.weight is None else (part.weight, part.bias)
    return Normalization(*map(_copy, (scale, shift, part.running_mean, part.running_var)))


def _stacked(layers: Sequence[Layer]) -> Layer:
    tensors = [torch.cat(some) for some in zip(*(layer.tensors() for layer in layers), strict=True)]
    return Layer(tensors[0], tensors[1], Normalization(*tensors[2:]) if len(tensors) > 2 else None)
