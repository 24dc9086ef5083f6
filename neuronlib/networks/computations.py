"""How a model gets from inputs to scores, with outputs of its operations read or replaced on the way.

`Traced` has the model's graph, by `torch.fx`, and computes what stands before the replaced outputs once. `Hooked` runs
a model that cannot be traced as it is, from the start, with hooks on its modules.
"""

import contextlib
import functools
import inspect
import operator
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from jaxtyping import Float
from torch import Tensor, fx, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_unflatten

from neuronlib.networks.activations import ZERO, cut_of_function, cut_of_module
from neuronlib.networks.programs import check_program, innermost, is_program, operator_name, outputs_of_modules

# Modules of PyTorch's with activation functions inside, which tracing takes for one operation.
_OPAQUE = (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)

Read = Callable[[str, Tensor], None]
"""Takes an operation and its output, with samples on the first axis."""

Replace = Callable[[str, Tensor], Tensor]
"""Takes an operation and its output by state (or 1 for all), sample and so on; gives that of each state."""


@dataclass(frozen=True)
class Operation:
    """An operation of a model, whose output may be a layer of neurons.

    Attributes:
        name: The module's name, or its function's within a module; ``:2`` is its second use, ``[0]`` the first of
            several outputs.
        node: How the computation calls it.
        shape: Of its output for one sample; None if it is no tensor with samples on the first axis.
        threshold: The output above which a neuron is active; None if it is no activation function.
        needed: Whether the scores depend on it.
        last: Whether its output is the scores.
        on_last_axis: Whether neurons are on the last axis, as behind a linear map, and not on the first.
    """

    name: str
    node: str
    shape: tuple[int, ...] | None
    threshold: float | None
    needed: bool
    last: bool
    on_last_axis: bool


class Behind(Protocol):
    """What stands behind some operations, for one batch of inputs."""

    largest: int

    def scores(self, states: int, replaced: Replace) -> Tensor:
        """Return the scores of all samples in all states, one state after the other."""


class Computation(Protocol):
    """A model's operations in the order in which they are computed."""

    operations: list[Operation]
    untraced: str
    """Why the model is computed from the start for each state; empty if it is not."""

    def read(self, inputs: Tensor, nodes: Sequence[str], reader: Read) -> None:
        """Compute as far as some operations, and hand over the output of each before anything changes it in place."""

    def behind(self, inputs: Tensor, nodes: Sequence[str]) -> Behind:
        """Return what stands behind some operations."""

    def linear_behind(self, node: str, axis: int) -> "LinearBehind | None":
        """Return the linear map that is the next to mix an operation's neurons, if its output is all that is used."""

    def linear_before(self, node: str) -> "LinearBefore | None":
        """Return the linear map whose outputs an operation's neurons are, if nothing is added in between."""


@contextlib.contextmanager
def evaluated(model: nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode, and afterwards each module back; no gradients, random state as it was."""
    modes = {module: module.training for module in model.modules()}
    random_state = torch.random.get_rng_state()
    try:
        _to_evaluation(model)
        with torch.no_grad():
            yield
    finally:
        torch.random.set_rng_state(random_state)
        for module, training in modes.items():
            module.training = training


def _to_evaluation(model: nn.Module) -> None:
    try:
        model.eval()
    except NotImplementedError:
        # An exported program, of which the model is one or has one, is in one mode for good, and refuses.
        for module in model.modules():
            module.training = False


def computation(model: nn.Module, example: Tensor) -> Computation:
    """Trace a model in evaluation mode, or, if that cannot be, find its operations by hooks.

    Returns:
        A `Traced`, or a `Hooked` that says why it is none.

    Raises:
        ValueError: If the model fails on the example, the output is no score for each class of each sample, or it
            differs from call to call.
    """
    if is_program(model):
        check_program(model)
    name = "the program" if is_program(model) else type(model).__name__
    if any(_quantizes(module) for module in model.modules()):
        raise ValueError(f"{name} computes with quantized numbers: watch the model from before it was quantized")
    two = repeated(example, 2)
    expected = _tried(model, name, two)
    if not _close(expected, _tried(model, name, two)):
        raise ValueError(f"{name} gives other scores each time: is there dropout in evaluation mode?")
    if (len(expected), len(_tried(model, name, repeated(example, 3)))) != (2, 3):
        raise ValueError("the model's scores are not one row a sample: expected samples on the first axis of inputs")
    opaque = next((module for module in model.modules() if isinstance(module, _OPAQUE)), None)
    if opaque is not None:
        return Hooked(model, example, f"{name} cannot be traced through {type(opaque).__name__}")
    try:
        traced = Traced(_graph(model), example)
    except Exception as error:  # whatever a model's own code raises on a stand-in for its input
        return Hooked(model, example, f"{name} cannot be traced: {_in_one_line(error)}")
    if not _close(traced.run(two), expected):
        return Hooked(model, example, f"{name} computes something else once it is traced")
    return traced


def _quantizes(module: nn.Module) -> bool:
    # By name, as the module that does it is slow to import. Dynamic quantization is of weights alone, and has none.
    kind = type(module)
    return kind.__name__ == "Quantize" and kind.__module__.startswith("torch.ao.nn.quantized")


def _tried(model: nn.Module, name: str, inputs: Tensor) -> Tensor:
    try:
        output = model(inputs)
    except Exception as error:  # whatever a model's own code raises
        kind, given = type(error).__name__, f"{inputs.dtype} {tuple(inputs.shape)}"
        raise ValueError(f"{name} fails on inputs {given}: {kind}: {_in_one_line(error)}") from error
    return scores_of(output)


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]


def _close(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.allclose(one, other, rtol=1e-4, atol=1e-5, equal_nan=True)


def repeated(example: Tensor, samples: int) -> Tensor:
    """Return so many copies of the first of some inputs."""
    return example[:1].expand(samples, *example.shape[1:]).clone()


def scores_of(output: Any) -> Tensor:
    """Return a model's scores: its output, the ``logits`` of it, or the first that a dictionary holds.

    Raises:
        ValueError: If they are no tensor by sample, or by sample and class.
    """
    if isinstance(output, Mapping):
        output = output.get("logits", next(iter(output.values()), None))
    output = getattr(output, "logits", output)
    if not isinstance(output, Tensor) or output.ndim not in (1, 2):
        kind = f"a tensor of {output.ndim} axes" if isinstance(output, Tensor) else type(output).__name__
        raise ValueError(f"the model's output is {kind}: expected a score for each class, by sample and class")
    return output


def _graph(model: nn.Module) -> fx.GraphModule:
    if is_program(model):
        return model
    # Further arguments keep their defaults: a mask that is None is not computed with.
    others = list(inspect.signature(model.forward).parameters.values())[1:]
    fixed = {one.name: one.default for one in others if one.default is not inspect.Parameter.empty}
    return fx.symbolic_trace(model, concrete_args=fixed or None)


class Traced:
    """A traced model: its nodes in the order of computation, and which of them have samples on their first axis."""

    untraced = ""

    def __init__(self, traced: fx.GraphModule, example: Tensor):
        self._module = traced
        # A program's guards have been asked for the example, and would refuse many ablated states at a time.
        self._nodes = [node for node in traced.graph.nodes if node.target != "_guards_fn"]
        self._outputs = outputs_of_modules(traced)
        codegen: Any = traced.graph._codegen
        self._form = codegen.pytree_info.out_spec if is_program(traced) else None
        self._inputs = next(node for node in self._nodes if node.op == "placeholder")
        self._plans: dict[tuple[tuple[str, ...], str | None], _Plan] = {}
        values: list[dict[str, Tensor]] = [{}, {}]
        for samples, into in zip((2, 3), values, strict=True):
            self.run(repeated(example, samples), into.__setitem__)
        two, three = ({name: value.shape for name, value in some.items()} for some in values)
        # Whether an axis is that of samples cannot be told from one number of them.
        self._of_samples = {name for name, shape in two.items() if (*shape[:1], *three[name][:1]) == (2, 3)}
        self._sizes = {name: two[name][1:].numel() for name in self._of_samples}
        self._shapes = {name: two[name] for name in self._of_samples}
        self._of_inputs: set[str] = set()
        for node in self._nodes:
            if node is self._inputs or any(one.name in self._of_inputs for one in node.all_input_nodes):
                self._of_inputs.add(node.name)
        # Another view of the scores, as one without an axis of length one, is the scores too.
        scores = values[0][self.output].data_ptr()
        needed, last = self._needed(), {name for name, value in values[0].items() if value.data_ptr() == scores}
        self.operations = [
            Operation(
                name,
                node.name,
                tuple(two[node.name][1:]) if node.name in self._of_samples else None,
                self._threshold(node),
                node.name in needed,
                node.name in last,
                self._on_last_axis(node, len(two[node.name]) - 1 if node.name in two else 0),
            )
            for node, name in self._named().items()
        ]

    def run(self, inputs: Tensor, reader: Read | None = None, until: Sequence[str] = ()) -> Tensor:
        """Compute all nodes, or those up to the last of some; each value is forgotten once nothing needs it."""
        values: dict[str, Any] = {}
        left = set(until)
        for node in self._nodes:
            value = values[node.name] = self.call(node, values, inputs)
            if reader is not None and isinstance(value, Tensor):
                reader(node.name, value)
            left.discard(node.name)
            if until and not left:
                break
            for one in self._done_after[node.name]:
                values.pop(one, None)
        return value

    def read(self, inputs: Tensor, nodes: Sequence[str], reader: Read) -> None:
        """Compute as far as some nodes; see `Computation`."""
        wanted = set(nodes)
        self.run(inputs, lambda name, value: reader(name, value) if name in wanted else None, nodes)

    def behind(self, inputs: Tensor, nodes: Sequence[str], kept: str | None = None) -> "_BehindNodes":
        """Return what stands behind some nodes, after all before them is computed; and one value more, of ``kept``."""
        return _BehindNodes(self, inputs, self.plan(tuple(nodes), kept))

    def linear_behind(self, node: str, axis: int) -> "LinearBehind | None":
        """Return the linear map behind an operation; see `Computation`."""
        at = next(one for one in self._nodes if one.name == node)
        between: list[fx.Node] = []
        flat = False
        while len(at.users) == 1:
            (user,) = at.users
            module = self.module_of(user)
            if len(user.all_input_nodes) != 1 or at.name not in self._of_samples:
                return None
            hooked = module is not None and (module._forward_hooks or module._forward_pre_hooks)
            if module is not None and type(module) in _LINEAR and not hooked:
                linear = LinearBehind(self, tuple(between), at.name, user.name, module, flat)
                return linear if linear.mixes(axis, len(self._shapes[at.name])) else None
            if _flattens(user, module) and axis == 1:
                flat = True
            elif not _keeps_neurons_apart(user, module, axis) or (flat and type(module) not in _OF_EACH):
                return None
            between.append(user)
            at = user
        return None

    def linear_before(self, node: str) -> "LinearBefore | None":
        """Return the linear map before an operation; see `Computation`."""
        at = next(one for one in self._nodes if one.name == node)
        normalization: nn.Module | None = None
        while len(at.all_input_nodes) == 1:
            module = self.module_of(at)
            if isinstance(module, _LINEAR):
                return LinearBefore(module, normalization)
            if isinstance(module, _NORMALIZATIONS) and normalization is None:
                normalization = module
            elif type(module) not in _OF_EACH and at.name != node:
                return None
            (at,) = at.all_input_nodes
        return None

    @functools.cached_property
    def _done_after(self) -> dict[str, list[str]]:
        # Which values nothing needs after a node is computed.
        return _last_uses(self._nodes, self._nodes)

    def plan(self, touched: tuple[str, ...], kept: str | None = None) -> "_Plan":
        """Say what is computed once and what for each state."""
        if (touched, kept) not in self._plans:
            self._plans[touched, kept] = self._new_plan(touched, kept)
        return self._plans[touched, kept]

    def _new_plan(self, touched: tuple[str, ...], kept: str | None) -> "_Plan":
        behind: set[str] = set()
        for node in self._nodes:
            if any(one.name in behind or one.name in touched for one in node.all_input_nodes):
                behind.add(node.name)
        # Sizes, and what is laid out otherwise, depend on how many samples there are, and are computed anew; as far as
        # what is behind asks for them.
        computed, known = set(behind), set(touched) - behind
        for node in reversed(self._nodes):
            if node.name in computed:
                for one in node.all_input_nodes:
                    anew = one.name in self._of_inputs and one.name not in self._of_samples
                    (computed if anew else known).add(one.name)
        known -= computed
        forward = [node for node in self._nodes if node.name in computed or node.name in known]
        known |= {kept} if kept is not None else set()
        before = [node for node in self._nodes if node.name not in behind]
        last = max((place for place, node in enumerate(before) if node.name in known), default=-1)
        before = before[: last + 1]
        sizes = [self._sizes[one.name] for one in forward if one.name in self._sizes]
        forgets = {name: [one for one in some if one not in known] for name, some in _last_uses(before, before).items()}
        return _Plan(touched, before, forgets, forward, _last_uses(forward, forward), computed, known, max(sizes))

    def of_inputs(self, name: str) -> bool:
        """Whether a node depends on the inputs, and its value is repeated for each state."""
        return name in self._of_inputs

    @property
    def output(self) -> str:
        """The name of the node that gives the scores."""
        return self._nodes[-1].name

    def call(self, node: fx.Node, values: Mapping[str, Any], inputs: Tensor | None = None) -> Any:
        """Compute one node from the values of others."""
        args: Any = fx.node.map_arg(node.args, lambda one: values[one.name])
        kwargs: Any = fx.node.map_arg(node.kwargs, lambda one: values[one.name])
        if node.op == "placeholder":
            return inputs if node is self._inputs else (node.args[0] if node.args else None)
        if node.op == "get_attr":
            return operator.attrgetter(str(node.target))(self._module)
        if node.op == "call_module":
            return self._module.get_submodule(str(node.target))(*args, **kwargs)
        if node.op == "call_method":
            return getattr(args[0], str(node.target))(*args[1:], **kwargs)
        if node.op == "output":
            return scores_of(args[0] if self._form is None else tree_unflatten(args[0], self._form))
        # What a program lays out one way may be laid out otherwise for many states.
        function: Any = torch.ops.aten.reshape.default if node.target is torch.ops.aten.view.default else node.target
        return function(*args, **kwargs)

    def _needed(self) -> set[str]:
        needed = {self._nodes[-1].name}
        for node in reversed(self._nodes):
            if node.name in needed:
                needed |= {one.name for one in node.all_input_nodes}
        return needed

    def _named(self) -> dict[fx.Node, str]:
        # Names of what computes something: the module's, or the function's in its module; with the use if several.
        names: dict[fx.Node, str] = {}
        for node in self._nodes:
            if node in self._outputs:
                names[node] = self._outputs[node].name
            elif self._threshold(node) is not None:
                inside = innermost(node)
                what = node.target if isinstance(node.target, str) else node.target.__name__
                what = operator_name(node.target) or what
                names[node] = f"{inside.path}.{what}" if inside is not None and inside.path else str(what)
        return _with_uses(names)

    def _threshold(self, node: fx.Node) -> float | None:
        output = self._outputs.get(node)
        if output is not None and output.first:
            return ZERO if issubclass(output.kind, nn.RNNBase) else None
        if output is not None:
            return cut_of_module(output.kind)
        inside = innermost(node)
        if node.op not in ("call_function", "call_method") or (inside and cut_of_module(inside.kind) is not None):
            return None
        return cut_of_function(node.target)

    def _on_last_axis(self, node: fx.Node, axes: int) -> bool:
        # As the nearest map before it has it, following the first input of each node that depends on the model's.
        at: fx.Node | None = node
        while at is not None:
            kind = _last_axis_of(self._outputs[at].kind) if at in self._outputs else _last_axis_of_function(at.target)
            if kind is not None:
                return kind
            at = next((one for one in at.all_input_nodes if one.name in self._of_inputs), None)
        return axes == 2

    def module_of(self, node: fx.Node) -> nn.Module | None:
        """Return the module that a node calls, if it calls one."""
        return self._module.get_submodule(str(node.target)) if node.op == "call_module" else None


def _last_axis_of(kind: type[nn.Module]) -> bool | None:
    # Whether neurons of a class of modules are on the last axis; None where it keeps what was before.
    if issubclass(kind, (nn.Linear, nn.RNNBase, nn.LayerNorm, nn.Embedding)):
        return True
    return False if issubclass(kind, nn.modules.conv._ConvNd) else None


def _last_axis_of_function(function: Any) -> bool | None:
    name = operator_name(function)
    if name.startswith("conv"):
        return False
    linear = name in ("linear", "addmm", "mm", "bmm", "matmul", "layer_norm", "native_layer_norm", "embedding")
    return True if linear or function in (functional.linear, torch.matmul) else None


@dataclass(frozen=True)
class _Plan:
    # What is computed once, and what each of them lets forget; what is computed for each state, and of it the same.
    touched: tuple[str, ...]
    before: list[fx.Node]
    forgets: dict[str, list[str]]
    forward: list[fx.Node]
    frees: dict[str, list[str]]
    computed: set[str]
    known: set[str]
    largest: int


class _BehindNodes:
    # What stands behind some nodes of a graph; what stands before them is computed here, once.

    def __init__(self, graph: Traced, inputs: Tensor, plan: _Plan):
        self._graph, self._plan, self._inputs = graph, plan, inputs
        self.largest = plan.largest
        values: dict[str, Any] = {}
        for node in plan.before:
            values[node.name] = graph.call(node, values, inputs)
            for one in plan.forgets[node.name]:
                values.pop(one, None)
        self.known = {name: values[name] for name in plan.known}

    def scores(self, states: int, replaced: Replace) -> Tensor:
        """Return the scores of all samples in all states, one state after the other."""
        plan, graph = self._plan, self._graph
        values: dict[str, Any] = {}
        for node in plan.forward:
            name = node.name
            touched = name in plan.touched
            if name in plan.computed:
                value = graph.call(node, values, self._inputs)
                value = replaced(name, value.unflatten(0, (states, -1))).flatten(0, 1) if touched else value
            elif touched:
                value = replaced(name, self.known[name].unsqueeze(0)).flatten(0, 1)
            else:
                value = self.known[name]
                # A copy even for one state, as what follows may change it in place.
                value = _for_each(states, value) if graph.of_inputs(name) else value
            values[name] = value
            for one in plan.frees[name]:
                values.pop(one, None)
        return value


_LINEAR = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
_NORMALIZATIONS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_CONVOLVE = {nn.Conv1d: functional.conv1d, nn.Conv2d: functional.conv2d, nn.Conv3d: functional.conv3d}
_OF_EACH = (nn.Dropout, nn.Dropout2d, nn.Dropout3d, nn.Identity)
_OF_CHANNELS = (
    (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
    + (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d, nn.AdaptiveMaxPool2d)
    + _NORMALIZATIONS
)


def _flattens(node: fx.Node, module: nn.Module | None) -> bool:
    if isinstance(module, nn.Flatten):
        return (module.start_dim, module.end_dim) == (1, -1)
    return (
        node.op in ("call_function", "call_method")
        and node.target in (torch.flatten, "flatten")
        and (node.args[1:] == (1,) and not node.kwargs)
    )


def _keeps_neurons_apart(node: fx.Node, module: nn.Module | None, axis: int) -> bool:
    # Whether each neuron's output depends on its input alone.
    if module is None:
        return node.op != "placeholder" and node.target in (torch.relu, functional.relu, functional.gelu)
    if type(module) in _OF_CHANNELS:
        return axis == 1
    return type(module) in _OF_EACH or (cut_of_module(type(module)) is not None and not isinstance(module, nn.PReLU))


@dataclass(frozen=True)
class LinearBehind:
    """The linear map behind a layer, with what stands between them and keeps neurons apart, such as pooling.

    Attributes:
        graph: The model.
        between: What stands between.
        entering: The node whose output enters the map.
        node: The map's node.
        module: The map.
        flat: Whether a channel's positions are features of the map.
    """

    graph: Traced
    between: tuple[fx.Node, ...]
    entering: str
    node: str
    module: nn.Module
    flat: bool

    def mixes(self, axis: int, axes: int) -> bool:
        """Return whether the map takes the neurons on this axis apart by its weights, and nothing else."""
        if isinstance(self.module, nn.Linear):
            return self.flat or axis == axes - 1
        map_: Any = self.module
        return axis == 1 and not self.flat and map_.groups == 1 and map_.padding_mode == "zeros"

    def behind(self, inputs: Tensor) -> tuple[Behind, Tensor]:
        """Return what stands behind the map's output, and what enters the map."""
        behind = self.graph.behind(inputs, [self.node], self.entering)
        return behind, behind.known[self.entering]

    def brought(self, value: Tensor) -> Tensor:
        """Take a layer's output, by sample and so on, through what stands between."""
        for node in self.between:
            value = self.graph.call(node, {node.all_input_nodes[0].name: value})
        return value

    def contribution(self, change: Tensor, neurons: Tensor, signs: Tensor, layer: int) -> Tensor:
        """Return what a change of some of a layer's neurons adds to the map's output; signs say which are added."""
        weight: Any = self.module.weight
        if self.flat:
            # A channel's positions follow each other.
            part = change.unflatten(1, (layer, -1))[:, neurons] * signs[:, None]
            return part.flatten(1) @ weight.unflatten(1, (layer, -1))[:, neurons].flatten(1).mT
        if isinstance(self.module, nn.Linear):
            return (change[..., neurons] * signs) @ weight[:, neurons].mT
        part = change[:, neurons] * signs.reshape(-1, *[1] * (change.ndim - 2))
        map_: Any = self.module
        return _CONVOLVE[type(map_)](part, weight[:, neurons], None, map_.stride, map_.padding, map_.dilation)

    def outgoing(self, layer: int) -> Float[Tensor, "neuron weight"]:
        """Return the map's weights by the neuron of the layer that they leave."""
        weight: Any = self.module.weight
        return (weight.unflatten(1, (layer, -1)) if self.flat else weight).movedim(1, 0).flatten(1).detach()


@dataclass(frozen=True)
class LinearBefore:
    """The linear map before a layer, with the batch normalization between them, if any."""

    module: nn.Module
    normalization: nn.Module | None

    def scale(self) -> Float[Tensor, " neuron"] | None:
        """Return the normalization's trained factors; None without any."""
        weight: Any = None if self.normalization is None else self.normalization.weight
        return None if weight is None else weight.detach()

    def incoming(self) -> Float[Tensor, "neuron weight"]:
        """Return the map's weights by the neuron that they enter, with the normalization's factor taken in."""
        map_: Any = self.module
        weight = map_.weight.detach().flatten(1)
        one: Any = self.normalization
        if one is None or one.running_var is None:
            return weight
        factor = (one.running_var + one.eps).rsqrt()
        return weight * (factor if one.weight is None else factor * one.weight.detach()).unsqueeze(1)


def _for_each(states: int, value: Tensor) -> Tensor:
    return value.unsqueeze(0).repeat(states, *[1] * value.ndim).flatten(0, 1)


def _last_uses(nodes: Sequence[fx.Node], users: Sequence[fx.Node]) -> dict[str, list[str]]:
    # By node, which others are used by it and by none after it.
    seen: set[str] = set()
    last: dict[str, list[str]] = {node.name: [] for node in nodes}
    for node in reversed(users):
        for one in node.all_input_nodes:
            if one.name not in seen:
                seen.add(one.name)
                last[node.name].append(one.name)
    return last


def _with_uses(names: Mapping[Any, str]) -> dict[Any, str]:
    uses, seen, with_uses = Counter(names.values()), Counter[str](), dict(names)
    for key, name in names.items():
        if uses[name] > 1:
            seen[name] += 1
            with_uses[key] = f"{name}:{seen[name]}"
    return with_uses


class Hooked:
    """A model that runs as it is; hooks on its modules, and on its functions of activation, read and replace.

    What is computed by compiled code, such as TorchScript, is not seen.
    """

    def __init__(self, model: nn.Module, example: Tensor, untraced: str):
        self._model, self.untraced = model, untraced
        shapes, found = [], {}
        for samples in (2, 3):
            of_each: dict[str, torch.Size] = {}
            with _Hooks(model, functools.partial(_remember, of_each)) as hooks:
                model(repeated(example, samples))
            shapes.append(of_each)
            found = hooks.found
        two, three = shapes
        names = _with_uses({node: name for node, (name, _, _) in found.items()})
        needed, last = self._needed(repeated(example, 2), list(two))
        self.operations = []
        for node, (_, threshold, kind) in found.items():
            of_samples = node in two and (*two[node][:1], *three.get(node, ())[:1]) == (2, 3)
            shape = tuple(two[node][1:]) if of_samples else None
            on_last_axis = len(shape or ()) == 2 if kind is None else kind
            self.operations.append(
                Operation(names[node], node, shape, threshold, node in needed, node in last, on_last_axis)
            )
        self._sizes = {node: shape[1:].numel() for node, shape in two.items()}
        self.largest = max(self._sizes.values(), default=1)

    def read(self, inputs: Tensor, nodes: Sequence[str], reader: Read) -> None:
        """Compute all, and hand over some outputs; see `Computation`."""
        left = set(nodes)

        def seen(node: str, value: Tensor) -> None:
            if node in left:
                left.discard(node)
                reader(node, value)

        with _Hooks(self._model, seen):
            self._model(inputs)
        self._check(left)

    def linear_behind(self, _node: str, _axis: int) -> None:
        """Return nothing; what follows what is not known."""

    def linear_before(self, _node: str) -> None:
        """Return nothing, as `linear_behind`."""

    def behind(self, inputs: Tensor, nodes: Sequence[str]) -> "_BehindHooks":
        """Return all there is, to be computed from the start for each state."""
        return _BehindHooks(self, inputs, nodes)

    def scores(self, inputs: Tensor, states: int, nodes: Sequence[str], replaced: Replace) -> Tensor:
        """Return the scores of all samples in all states, with some outputs replaced."""
        left = set(nodes)

        def seen(node: str, value: Tensor) -> Tensor | None:
            if node not in nodes:
                return None
            left.discard(node)
            return replaced(node, value.unflatten(0, (states, -1))).flatten(0, 1)

        with _Hooks(self._model, seen):
            scores = scores_of(self._model(_for_each(states, inputs)))
        self._check(left)
        return scores

    def _check(self, left: set[str]) -> None:
        if left:
            raise ValueError(f"layer {sorted(left)[0]!r} was not computed for these samples")

    def _needed(self, inputs: Tensor, nodes: Sequence[str]) -> tuple[set[str], set[str]]:
        # On which outputs the scores depend by their gradients; where there are none, by changing the output. And
        # which of them are the scores.
        probes: dict[str, Tensor] = {}
        seen_last: dict[str, Tensor] = {}

        def probe(node: str, value: Tensor) -> Tensor | None:
            if not value.is_floating_point():
                return None
            probes[node] = torch.zeros_like(value, requires_grad=True)
            seen_last[node] = value + probes[node]
            return seen_last[node]

        # A model that takes numbers out of tensors is warned of gradients that it loses.
        with torch.enable_grad(), _Hooks(self._model, probe), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scores = scores_of(self._model(inputs))
        last = {node for node, value in seen_last.items() if value.data_ptr() == scores.data_ptr()}
        gradients: Sequence[Tensor | None] = [None] * len(probes)
        if scores.requires_grad:
            ones = torch.ones_like(scores)
            gradients = torch.autograd.grad(scores, list(probes.values()), ones, allow_unused=True)
        needed = {node for node, gradient in zip(probes, gradients, strict=True) if gradient is not None}
        for node in probes:
            if node not in needed:
                if not torch.equal(self.scores(inputs, 1, [node], _larger), scores):
                    needed.add(node)
        return needed & set(nodes), last


def _remember(shapes: dict[str, torch.Size], node: str, value: Tensor) -> None:
    shapes[node] = value.shape


def _larger(_node: str, value: Tensor) -> Tensor:
    return value + 1 + value.abs()


class _BehindHooks:
    def __init__(self, hooked: Hooked, inputs: Tensor, nodes: Sequence[str]):
        self._hooked, self._inputs, self._nodes = hooked, inputs, nodes
        self.largest = hooked.largest

    def scores(self, states: int, replaced: Replace) -> Tensor:
        """Return the scores of all samples in all states, one state after the other."""
        return self._hooked.scores(self._inputs, states, self._nodes, replaced)


class _Hooks(TorchFunctionMode):
    # While it is entered, ``seen`` is called with the output of each module, and of each activation function, and what
    # it returns, if anything, takes the output's place. Nodes are called by name and use: "relu 1".

    def __init__(self, model: nn.Module, seen: Callable[[str, Tensor], Tensor | None]):
        super().__init__()
        self._model, self._seen = model, seen
        self._uses: Counter[str] = Counter()
        self._inside: list[tuple[str, nn.Module]] = []
        self._handles: list[Any] = []
        self._axis: bool | None = None
        self.found: dict[str, tuple[str, float | None, bool | None]] = {}

    def __enter__(self) -> "_Hooks":
        for name, module in self._model.named_modules():
            enter = functools.partial(self._entered, name)
            self._handles.append(module.register_forward_pre_hook(enter))
            leave = functools.partial(self._left, name)
            # Also after an exception that the model itself catches, so that what is inside of what stays known.
            self._handles.append(module.register_forward_hook(leave, always_call=True))
        super().__enter__()
        return self

    def __exit__(self, *of_exception: Any) -> None:
        super().__exit__(*of_exception)
        for handle in self._handles:
            handle.remove()

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = function(*args, **(kwargs or {}))
        threshold = cut_of_function(function)
        if threshold is None or not isinstance(output, Tensor):
            return output
        if self._inside and cut_of_module(type(self._inside[-1][1])) is not None:
            return output
        path = self._inside[-1][0] if self._inside else ""
        name = function.__name__
        return self._shown(f"{path}.{name}" if path else name, threshold, output)

    def _entered(self, name: str, module: nn.Module, _inputs: Any) -> None:
        self._inside.append((name, module))

    def _left(self, name: str, module: nn.Module, _inputs: Any, output: Any) -> Any:
        self._inside.pop()
        if not name:
            return None
        kind = _last_axis_of(type(module))
        self._axis = self._axis if kind is None else kind
        if isinstance(output, Tensor):
            return self._shown(name, cut_of_module(type(module)), output)
        if isinstance(output, tuple) and output and isinstance(output[0], Tensor):
            self._count(name, None)
            threshold = ZERO if isinstance(module, nn.RNNBase) else None
            return (self._shown(f"{name}[0]", threshold, output[0]), *output[1:])
        self._count(name, None)
        return None

    def _count(self, name: str, threshold: float | None) -> str:
        self._uses[name] += 1
        node = f"{name} {self._uses[name]}"
        self.found[node] = (name, threshold, self._axis)
        return node

    def _shown(self, name: str, threshold: float | None, output: Tensor) -> Tensor:
        new = self._seen(self._count(name, threshold), output)
        return output if new is None else new
