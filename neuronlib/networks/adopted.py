"""Networks that somebody else has trained, as PyTorch modules."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import type_before_parametrizations

from neuronlib.common.checks import check
from neuronlib.common.choices import Activation
from neuronlib.common.config import Setting
from neuronlib.data.images import ImageData
from neuronlib.networks.computations import evaluated
from neuronlib.networks.ensemble import MODULES, Ensemble
from neuronlib.networks.layers import Layer, Normalization
from neuronlib.networks.parameters import check_parameters

Network = nn.Sequential
"""A network as PyTorch has it."""

_ACTIVATIONS = {kind: name for name, kind in MODULES.items()}
_LEFT_OUT = (nn.Flatten, nn.Dropout, nn.Identity)
_ENDINGS = (nn.Softmax, nn.LogSoftmax)
# What a state holds in place of a weight that pruning or normalization recomputes.
_RECOMPUTED = {"weight_orig", "weight_mask", "weight_g", "weight_v", "bias_orig", "bias_mask"}
# Names of a layer's tensors.
_NAMES = ("weight", "bias", "scale", "shift", "running_mean", "running_var")
# Inputs on which a module is compared with what it is taken for.
_PROBES = 64


def adopt(modules: Sequence[Network]) -> Ensemble:
    """Stack fully-connected networks of one architecture, so that they can be measured, ablated and pruned.

    Each module is a row of `torch.nn.Linear`, with `torch.nn.BatchNorm1d` behind it or not, then `torch.nn.ReLU` or
    `torch.nn.Sigmoid`, then Dropout or not, and so on, and a `torch.nn.Linear` at the end. Flattening at the beginning,
    Dropout, identities, and Softmax or LogSoftmax at the end, which change no decision, are left out. Weights that are
    recomputed at each call, by `torch.nn.utils.prune` or a parametrization such as weight normalization, are taken as
    they then are. Each module is called on random inputs, to see that it computes what it is taken for: one that a hook
    changes is refused. Other classifiers are for `neuronlib.networks.watched.watch`.

    Returns:
        Copies, numbered from 0, of a setting that says what can be seen of them: widths and activation function.

    Raises:
        ValueError: If a module holds or computes something else, does not fit together, has no hidden layer, has
            weights that `check_parameters` refuses, or is of another shape than the first.

    Example:
        >>> module = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Dropout(), nn.Linear(3, 2))
        >>> adopt([module]).setting.hidden
        (3,)
    """
    if isinstance(modules, nn.Module):
        raise ValueError("expected a list of networks; of one network, adopt([network])")
    if not modules:
        raise ValueError("no networks: expected at least one torch.nn.Sequential")
    for module in modules:
        if not isinstance(module, nn.Module):
            raise ValueError(
                f"a {type(module).__name__}: expected networks; of a state_dict(), adopt([from_state(state)])"
            )
    for number, module in enumerate(modules):
        check_parameters(dict(module.named_parameters()), f"network {number}", torch.float32)
    read = [_read(module) for module in modules]
    layers, activation = read[0]
    shapes = [[tensor.shape for layer in some for tensor in layer.tensors()] for some, _ in read]
    for number, (some, other) in enumerate(read):
        # Weights that are recomputed at each call are not in the state.
        for index, layer in enumerate(some, start=1):
            check_parameters(dict(zip(_NAMES, layer.tensors(), strict=False)), f"network {number}, layer {index}")
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
    it. Dropout leaves nothing in a state; connections that skip a layer do not show. Of a checkpoint, a dictionary that
    has a state among other things, the state is taken if there is one alone.

    Raises:
        ValueError: If it holds something else, several states, or numbers that `check_parameters` refuses.

    Example:
        >>> from_state(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)).state_dict(), "sigmoid")
        Sequential(
          (0): Linear(in_features=4, out_features=3, bias=True)
          (1): Sigmoid()
          (2): Linear(in_features=3, out_features=2, bias=True)
        )
    """
    check("activation", activation, Activation)
    state = _state_inside(state)
    check_parameters(state, dtype=torch.float32)
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


def _state_inside(given: object) -> Mapping[str, Tensor]:
    if _is_state(given):
        return given
    inside = {name: value for name, value in given.items() if _is_state(value)} if isinstance(given, Mapping) else {}
    if len(inside) == 1:
        return next(iter(inside.values()))
    names = f" of {', '.join(map(str, list(given)[:5]))}" if isinstance(given, Mapping) else ""
    several = (
        f"; there are {len(inside)}: pass one, as from_state(checkpoint[{next(iter(inside))!r}])" if inside else ""
    )
    raise ValueError(
        f"a {type(given).__name__}{names}: expected a network's state_dict() by itself, tensors by name{several}"
    )


def _is_state(given: object) -> TypeGuard[Mapping[str, Tensor]]:
    return (
        isinstance(given, Mapping)
        and len(given) > 0
        and all(isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in given.items())
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
        hint = "of another network in Python, nl.watch(network, example)"
        if tensors.keys() == {"bias"} or "parametrizations" in name or tensors.keys() & _RECOMPUTED:
            hint = "its weight is recomputed at each call: in Python, nl.adopt([network]) takes it"
        raise ValueError(
            f"layer {name!r} has {listed}: expected linear maps, and batch normalization of one dimension; {hint}"
        )
    part.load_state_dict(tensors)
    return part


def _read(module: Network) -> tuple[list[Layer], Activation]:
    layers: list[Layer] = []
    activations: list[Activation] = []
    parts, ended = _parts(module), False
    with _unchanged(module):
        for part in parts:
            kind: Any = type_before_parametrizations(part)
            expected = len(layers) == len(activations) and not ended
            if isinstance(part, nn.Linear) and kind is nn.Linear and expected:
                _check_width(part, part.in_features, layers)
                _check_computes(part, kind, part.in_features)
                bias = part.weight.new_zeros(part.out_features) if part.bias is None else part.bias
                layers.append(Layer(_copy(part.weight.T), _copy(bias)))
            elif (
                isinstance(part, nn.BatchNorm1d)
                and kind is nn.BatchNorm1d
                and not (expected or ended or layers[-1].normalization)
            ):
                _check_width(part, part.num_features, layers)
                _check_computes(part, kind, part.num_features)
                layers[-1].normalization = _normalization(part)
            elif kind in _ACTIVATIONS and not expected and not ended:
                _check_computes(part, kind, layers[-1].bias.shape[1])
                activations.append(_ACTIVATIONS[kind])
            elif isinstance(part, _LEFT_OUT):
                _check_computes(part, nn.Identity, _width(parts) if not layers else layers[-1].bias.shape[1])
            elif kind in _ENDINGS and part.dim in (1, -1) and not expected and not ended:
                # The largest score stays the largest.
                _check_computes(part, kind, layers[-1].bias.shape[1])
                ended = True
            else:
                raise ValueError(_refusal(part))
        if len(layers) < 2 or len(layers) != len(activations) + 1 or len(set(activations)) > 1:
            raise ValueError(
                "cannot adopt: expected hidden layers of one activation function, and a linear map at the end"
            )
        _check_row(module, parts)
    return layers, activations[0]


def _refusal(part: nn.Module) -> str:
    if any(True for _ in part.children()) and not isinstance(part, nn.Sequential):
        return (
            f"cannot adopt {type(part).__name__}: expected a torch.nn.Sequential; nl.watch(network, example) takes it, "
            "and nl.adopt([nl.from_state(network.state_dict())]) if it is linear maps with ReLU in a row"
        )
    return (
        f"cannot adopt {_shown(part)}: expected linear maps with ReLU or sigmoid between them, in a row; "
        "nl.watch(network, example) takes other classifiers"
    )


@contextlib.contextmanager
def _unchanged(module: nn.Module) -> Iterator[None]:
    # Modules are called to see what they compute: for evaluation, not compiled, with the random state left as found.
    devices = {parameter.device for parameter in module.parameters() if parameter.device.type == "cuda"}
    is_compiled = any(
        getattr(part, "_compiled_call_impl", None) is not None or hasattr(part, "_orig_mod")
        for part in module.modules()
    )
    eager = torch.compiler.set_stance("force_eager") if is_compiled else contextlib.nullcontext()
    with evaluated(module), torch.random.fork_rng(devices), eager:
        yield


def _check_computes(part: nn.Module, kind: Any, width: int) -> None:
    # Weights that are recomputed at each call, as pruned or normalized ones, are the right ones once it was called.
    inputs = _inputs(part, width)
    try:
        computed = part(inputs.clone())
        same = _alike(computed, inputs if kind is nn.Identity else kind.forward(part, inputs))
    except Exception as error:  # whatever a hook raises
        raise ValueError(f"cannot adopt {_shown(part)}: {' '.join(str(error).split())[:120]}") from None
    if not same:
        raise ValueError(f"cannot adopt {_shown(part)}: it computes something else, as a hook may make it; remove that")


def _check_row(module: Network, parts: Sequence[nn.Module]) -> None:
    # The parts in a row, without hooks, against the whole with them.
    inputs = values = _inputs(module, _width(parts))
    for part in parts:
        if not isinstance(part, _LEFT_OUT):
            kind: Any = type_before_parametrizations(part)
            values = kind.forward(part, values)
    if not _alike(module(inputs), values):
        raise ValueError(
            "cannot adopt: the network computes something else than its row of layers, as a hook may make it"
        )


def _inputs(module: nn.Module, width: int) -> Tensor:
    # Of both signs, and enough of them for each neuron to be active for some.
    inputs = torch.randn(_PROBES, width, generator=torch.Generator().manual_seed(0))
    return inputs.to(next(module.parameters(), inputs))


def _alike(computed: object, expected: Tensor) -> bool:
    # The same operations on the same numbers: nothing but rounding may differ, where a device adds in another order.
    if not isinstance(computed, Tensor) or computed.shape != expected.shape or computed.dtype != expected.dtype:
        return False
    largest = expected.abs().nan_to_num(0, 0).amax().item()
    return torch.allclose(
        computed, expected, rtol=0, atol=16 * torch.finfo(expected.dtype).eps * largest, equal_nan=True
    )


def _width(parts: Sequence[nn.Module]) -> int:
    return next((part.in_features for part in parts if isinstance(part, nn.Linear)), 1)


def _shown(part: nn.Module) -> str:
    return " ".join(str(part).split())[:120]


def _check_width(part: nn.Module, width: int, layers: Sequence[Layer]) -> None:
    if layers and width != layers[-1].bias.shape[1]:
        raise ValueError(
            f"cannot adopt {_shown(part)}: {layers[-1].bias.shape[1]} neurons come before it, expected {width}"
        )


def _copy(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach()[None].to(torch.float32, copy=True)


def _parts(module: nn.Module) -> list[nn.Module]:
    if isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward:
        return [part for child in module for part in _parts(child)]
    # What torch.compile returns, and what spreads a network over devices.
    inner: Any = getattr(module, "_orig_mod", None)
    if isinstance(module, nn.DataParallel | nn.parallel.DistributedDataParallel):
        inner = module.module
    return [module] if inner is None else _parts(inner)


def _normalization(part: nn.BatchNorm1d) -> Normalization:
    default = nn.BatchNorm1d(1)
    if part.running_mean is None or part.running_var is None or part.eps != default.eps:
        raise ValueError(f"cannot adopt {_shown(part)}: expected running statistics and eps = {default.eps:g}")
    one = torch.ones_like(part.running_mean)
    scale, shift = (one, 0 * one) if part.weight is None else (part.weight, part.bias)
    return Normalization(*map(_copy, (scale, shift, part.running_mean, part.running_var)))


def _stacked(layers: Sequence[Layer]) -> Layer:
    tensors = [torch.cat(some) for some in zip(*(layer.tensors() for layer in layers), strict=True)]
    return Layer(tensors[0], tensors[1], Normalization(*tensors[2:]) if len(tensors) > 2 else None)
