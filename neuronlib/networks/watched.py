"""Any classifier of PyTorch's as networks that are measured and ablated: layers of neurons found in its graph.

The graph is traced by `torch.fx`. What stands before the ablated layer is computed once for each batch, and what stands
behind it for many ablated states at a time.
"""

import contextlib
import dataclasses
import functools
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from numpy import ndarray
from torch import Tensor, fx, nn
from torch.nn import functional

from neuronlib.common.checks import check, did_you_mean
from neuronlib.common.progress import progress
from neuronlib.common.scopes import WHOLE
from neuronlib.data.images import Samples

Summary = Literal["mean", "max", "active"]
"""What a channel's value is over its positions: their mean, their maximum, or the share of active ones."""

# Where a unit counts as active, by its activation function; half of the range of those that squash to [0, 1].
_HALF, _ZERO = 0.5, 0.0
_MODULES: dict[type[nn.Module], float] = {
    **dict.fromkeys((nn.Sigmoid, nn.Hardsigmoid), _HALF),
    **dict.fromkeys(
        (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish)
        + (nn.Hardswish, nn.Softplus, nn.Tanh, nn.Hardtanh, nn.Softsign, nn.LogSigmoid, nn.Threshold),
        _ZERO,
    ),
}
_FUNCTIONS: dict[Callable[..., Any], float] = {
    **dict.fromkeys((torch.sigmoid, functional.sigmoid, functional.hardsigmoid), _HALF),
    **dict.fromkeys(
        (torch.relu, torch.tanh, functional.relu, functional.relu6, functional.leaky_relu, functional.elu)
        + (functional.selu, functional.celu, functional.gelu, functional.silu, functional.mish, functional.hardswish)
        + (functional.softplus, functional.tanh, functional.hardtanh, functional.softsign),
        _ZERO,
    ),
}
_METHODS = {"sigmoid": _HALF, "relu": _ZERO, "relu_": _ZERO, "tanh": _ZERO}
# Numbers in the largest tensor of a pass over ablated states, on a CPU; some copies of it are held at a time.
_NUMBERS = 2**22


@dataclass(frozen=True)
class WatchedLayer:
    """A layer of neurons in a network's graph.

    Attributes:
        name: The module's name, or its function's within a module; ``:2`` is its second use.
        shape: Of its output for one sample.
        axis: Which axis of the output holds the neurons, where 0 is that of samples.
        neurons: How many there are.
        threshold: The output above which a neuron is active.
        node: The name of the graph's node.
    """

    name: str
    shape: tuple[int, ...]
    axis: int
    neurons: int
    threshold: float
    node: str

    def __str__(self) -> str:
        shape = ", ".join(map(str, ("sample", *self.shape)))
        return f"{self.name}: {self.neurons} neurons on axis {self.axis} of ({shape}), active above {self.threshold:g}"


def layers(model: nn.Module, example: Tensor) -> list[WatchedLayer]:
    """List the layers of neurons that `watch` finds by itself: outputs of activation functions before the scores.

    Args:
        model: A classifier.
        example: Some of its inputs, with an axis of samples.

    Returns:
        The layers in the order in which they are computed.

    Raises:
        ValueError: If the model cannot be traced, or its output is no score for each class.

    Example:
        >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 10))
        >>> print(*layers(model, torch.zeros(2, 1, 8, 8)))
        1: 4 neurons on axis 1 of (sample, 4, 6, 6), active above 0
    """
    with evaluated(model):
        return list(_found(_traced(model, example)).values())


def watch(
    model: nn.Module | Sequence[nn.Module],
    example: Tensor,
    layers: Sequence[str] | None = None,
    summary: Summary = "mean",
    axes: Mapping[str, int] | None = None,
    threshold: float | None = None,
) -> "Watched":
    """Make a trained classifier, or several of one architecture, networks that can be measured and ablated.

    Args:
        model: A module, or modules, whose output is a score for each class, or a single score of a binary classifier.
        example: Some inputs, with an axis of samples; their shape, type and device are those of all inputs.
        layers: Names of layers, as `layers` lists them, or of any modules with a tensor as output; None for all that
            are found.
        summary: What a neuron's value is where it has several positions, as a channel of a convolution.
        axes: Axes of neurons, by layer, that differ from the usual ones: 1, or the last of three.
        threshold: Of a single score, the value above which the answer is 1; None for 0.

    Returns:
        Networks that `measure`, `ablation_orders`, `ablate` and all that follows take.

    Raises:
        ValueError: If a model cannot be traced, computes something else once it is, or has another graph than the
            first; a layer is not found, is used twice, or is off the path to the output; or its output is no score.

    Example:
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 3))
        >>> watch(model, torch.zeros(1, 4)).widths
        {'1': 8}
    """
    models = [model] if isinstance(model, nn.Module) else list(model)
    if not models:
        raise ValueError("no model: expected at least one")
    check("summary", summary, Summary)
    check("threshold", threshold, float | None)
    if isinstance(layers, str):
        raise ValueError(f"layers = {layers!r}: expected a list of names; of one layer, [{layers!r}]")
    graphs, found, scores, shape = [], None, torch.zeros(0), torch.Size()
    for one in models:
        with evaluated(one):
            graph = _traced(one, example)
            scores = graph.run(_repeated(example, 2))[graph.nodes[-1].name]
        chosen = _chosen(graph, layers, axes or {})
        if found is not None and (chosen != found or scores.shape != shape):
            raise ValueError("the models differ: expected one architecture, whose layers have equal names and shapes")
        graphs.append(graph)
        found, shape = chosen, scores.shape
    classes = 1 if scores.ndim == 1 else scores.shape[1]
    if classes > 1 and threshold is not None:
        raise ValueError(f"threshold = {threshold:g}: of {classes} scores, the largest decides; expected None")
    assert found is not None
    return Watched(
        models=tuple(models),
        graphs=tuple(graphs),
        layers=found,
        summary=summary,
        label_count=max(2, classes),
        binary_threshold=(threshold or 0.0) if classes == 1 else None,
        example_shape=tuple(example.shape[1:]),
        example_dtype=example.dtype,
    )


@dataclass(frozen=True)
class Watched:
    """Classifiers of one architecture, side by side, with layers of neurons; see `watch` and `Networks`."""

    models: tuple[nn.Module, ...]
    graphs: tuple["Graph", ...]
    layers: dict[str, WatchedLayer]
    summary: Summary
    label_count: int
    binary_threshold: float | None
    example_shape: tuple[int, ...]
    example_dtype: torch.dtype

    @property
    def networks(self) -> tuple[int, ...]:
        """The models' places."""
        return tuple(range(len(self.models)))

    @property
    def widths(self) -> dict[str, int]:
        """Number of neurons of each layer, by its name."""
        return {name: layer.neurons for name, layer in self.layers.items()}

    @property
    def one_bit_threshold(self) -> Float[ndarray, "network neuron threshold"]:
        """The value above which each neuron counts as active; half of the positions where the value is their share."""
        each = [
            np.full(layer.neurons, _HALF if self.summary == "active" and len(layer.shape) > 1 else layer.threshold)
            for layer in self.layers.values()
        ]
        return np.broadcast_to(np.concatenate(each)[None, :, None], (len(self.models), sum(map(len, each)), 1)).copy()

    def output_chunks(
        self, samples: Samples
    ) -> Iterator[tuple[Float[Tensor, "network chunk neuron"], Int64[Tensor, " chunk"]]]:
        """Yield neurons' values, layer by layer, and the samples' labels, in chunks that bound the memory needed."""
        for inputs, labels in self._batches(samples):
            values = [self._values(graph, model, inputs) for graph, model in zip(self.graphs, self.models, strict=True)]
            yield torch.stack(values), labels

    def mean_outputs(self, samples: Samples) -> Float[Tensor, "network neuron"]:
        """Average each neuron's output over samples and positions, whatever the summary."""
        plain = dataclasses.replace(self, summary="mean")
        sums = [values.sum(dim=1, dtype=torch.float64) for values, _ in plain.output_chunks(samples)]
        return (torch.stack(sums).sum(dim=0) / len(samples.labels)).to(torch.float32)

    def correct_when_ablated(
        self,
        samples: Samples,
        layer: str,
        orders: Int64[ndarray, "network order place"],
        steps: Sequence[int],
        replacement: Float[Tensor, "network neuron"] | None,
        remains: Float[Tensor, "network neuron"] | None,
    ) -> Int64[ndarray, "network order step label"]:
        """Count the correct answers after each number of ablated neurons; see `Networks`."""
        total = sum(self.widths.values())
        counts = np.zeros((*orders.shape[:2], len(steps), self.label_count), dtype=np.int64)
        batches = -(-len(samples.labels) // self._batch_size())
        with progress(total=len(self.models) * batches, unit="batch", desc="ablating") as bar:
            for k, (graph, model) in enumerate(zip(self.graphs, self.models, strict=True)):
                ablated = np.zeros((*orders.shape[1:2], len(steps), total), dtype=bool)
                for order, step in np.ndindex(*ablated.shape[:2]):
                    ablated[order, step, orders[k, order, : steps[step]]] = True
                # States that are the same, as that without ablation for every order, are computed once.
                states, which = np.unique(ablated.reshape(-1, total), axis=0, return_inverse=True)
                constant = torch.zeros(total) if replacement is None else replacement[k].cpu()
                share = torch.zeros(total) if remains is None else remains[k].cpu()
                correct = np.zeros((len(states), self.label_count), dtype=np.int64)
                for inputs, labels in self._batches(samples):
                    right = self._right(graph, model, inputs, labels, layer, states, constant, share)
                    for label in labels.unique().tolist():
                        correct[:, label] += right[:, labels.cpu() == label].sum(dim=1).numpy()
                    bar.update(1)
                counts[k] = correct[which.reshape(-1)].reshape(counts.shape[1:])
        return counts

    def _batch_size(self) -> int:
        largest = max(int(np.prod(layer.shape)) for layer in self.layers.values())
        return int(np.clip(_NUMBERS // max(largest, int(np.prod(self.example_shape))), 1, 256))

    def _batches(self, samples: Samples) -> Iterator[tuple[Tensor, Int64[Tensor, " chunk"]]]:
        size = self._batch_size()
        parameter = next(self.models[0].parameters(), None)
        device = torch.device("cpu") if parameter is None else parameter.device
        if int(np.prod(self.example_shape)) != samples.pixels.shape[1]:
            raise ValueError(
                f"samples of {samples.pixels.shape[1]} features: the example has {tuple(self.example_shape)}"
            )
        for start in range(0, len(samples.labels), size):
            part = slice(start, start + size)
            inputs = torch.from_numpy(samples.pixels[part]).reshape(-1, *self.example_shape)
            yield inputs.to(device, self.example_dtype), torch.from_numpy(samples.labels[part]).to(device)

    @torch.no_grad()
    def _values(self, graph: "Graph", model: nn.Module, inputs: Tensor) -> Float[Tensor, "chunk neuron"]:
        with evaluated(model):
            values = graph.run(inputs, until=[layer.node for layer in self.layers.values()])
        each = [self._summarized(layer, values[layer.node]) for layer in self.layers.values()]
        return torch.cat(each, dim=1).to(torch.float32)

    def _summarized(self, layer: WatchedLayer, value: Tensor) -> Float[Tensor, "chunk neuron"]:
        of_neurons = value.movedim(layer.axis, 1).flatten(2) if value.ndim > 2 else value.unsqueeze(-1)
        if self.summary == "max":
            return of_neurons.amax(dim=2)
        if self.summary == "active" and value.ndim > 2:
            return (of_neurons > layer.threshold).to(torch.float32).mean(dim=2)
        return of_neurons.to(torch.float32).mean(dim=2)

    @torch.no_grad()
    def _right(
        self,
        graph: "Graph",
        model: nn.Module,
        inputs: Tensor,
        labels: Int64[Tensor, " chunk"],
        layer: str,
        states: Bool[ndarray, "state neuron"],
        constant: Float[Tensor, " neuron"],
        share: Float[Tensor, " neuron"],
    ) -> Bool[Tensor, "state chunk"]:
        # Which answers are right in each ablated state.
        places = _places(self.widths)
        touched = {self.layers[name].node: name for name in (self.layers if layer == WHOLE else [layer])}

        def replaced(gone: Bool[Tensor, "state neuron"], node: str, value: Tensor) -> Tensor:
            shown = self.layers[touched[node]]
            place = places[shown.name]
            # Axes of states and samples come first.
            along = [shown.neurons if axis == shown.axis + 1 else 1 for axis in range(2, value.ndim + 1)]
            fixed, kept = (part[place].reshape(1, 1, *along).to(value) for part in (constant, share))
            stacked = value.reshape(len(gone), -1, *value.shape[1:])
            mask = gone[:, place].reshape(len(gone), 1, *along).to(value.device)
            return torch.where(mask, fixed + kept * stacked, stacked).flatten(0, 1)

        right = []
        with evaluated(model):
            behind = _Behind(graph, inputs, list(touched))
            together = max(1, _NUMBERS // (len(labels) * graph.largest))
            for gone in torch.from_numpy(states).split(together):
                scores = behind.scores(len(gone), functools.partial(replaced, gone))
                right.append((self._answers(scores).reshape(len(gone), -1) == labels).cpu())
        return torch.cat(right)

    def _answers(self, scores: Tensor) -> Int64[Tensor, " chunk"]:
        if self.binary_threshold is not None:
            return (scores.reshape(-1) > self.binary_threshold).to(torch.int64)
        return scores.argmax(dim=1)


class Graph:
    """A traced model: its nodes in the order of computation, and which of them have samples on their first axis."""

    def __init__(self, traced: fx.GraphModule, example: Tensor):
        self.traced = traced
        self.nodes = list(traced.graph.nodes)
        once, twice = (self.run(_repeated(example, samples)) for samples in (2, 3))
        self.shapes = {name: value.shape[1:] for name, value in once.items() if isinstance(value, Tensor)}
        # Whether an axis is that of samples cannot be told from one number of them.
        self.of_samples = {
            name
            for name, value in once.items()
            if isinstance(value, Tensor) and value.ndim and (len(value), len(twice[name])) == (2, 3)
        }
        self.of_inputs: set[str] = set()
        for node in self.nodes:
            if node.op == "placeholder" or any(one.name in self.of_inputs for one in node.all_input_nodes):
                self.of_inputs.add(node.name)
        self.largest = max(int(np.prod(self.shapes[name])) for name in self.of_samples)

    def run(self, inputs: Tensor, until: Sequence[str] = ()) -> dict[str, Any]:
        """Compute all nodes, or those up to the last of some, and return their values by name."""
        values: dict[str, Any] = {}
        left = set(until)
        for node in self.nodes:
            values[node.name] = self.call(node, values, inputs)
            left.discard(node.name)
            if until and not left:
                break
        return values

    def call(self, node: fx.Node, values: Mapping[str, Any], inputs: Tensor | None = None) -> Any:
        """Compute one node from the values of others."""
        args: Any = fx.node.map_arg(node.args, lambda one: values[one.name])
        kwargs: Any = fx.node.map_arg(node.kwargs, lambda one: values[one.name])
        if node.op == "placeholder":
            return inputs if node is self.nodes[0] else node.args[0]
        if node.op == "get_attr":
            return operator.attrgetter(str(node.target))(self.traced)
        if node.op == "call_module":
            return self.traced.get_submodule(str(node.target))(*args, **kwargs)
        if node.op == "call_method":
            return getattr(args[0], str(node.target))(*args[1:], **kwargs)
        if node.op == "output":
            return _scores(args[0])
        return node.target(*args, **kwargs)  # type: ignore[operator]

    def ahead_of_output(self) -> set[str]:
        """Return the names of the nodes that the output depends on."""
        needed = {self.nodes[-1].name}
        for node in reversed(self.nodes):
            if node.name in needed:
                needed |= {one.name for one in node.all_input_nodes}
        return needed


class _Behind:
    # What stands behind some layers; what stands before them is computed once.

    def __init__(self, graph: Graph, inputs: Tensor, touched: Sequence[str]):
        self._graph, self._touched, self._inputs = graph, set(touched), inputs
        behind: set[str] = set()
        for node in graph.nodes:
            if any(one.name in behind or one.name in self._touched for one in node.all_input_nodes):
                behind.add(node.name)
        self._known: dict[str, Any] = {}
        for node in graph.nodes:
            if node.name not in behind:
                self._known[node.name] = graph.call(node, self._known, inputs)
        # Sizes, and what is laid out otherwise, depend on how many samples there are, and are computed anew.
        anew = {
            name
            for name in self._known
            if name in graph.of_inputs and not (name in graph.of_samples and isinstance(self._known[name], Tensor))
        }
        self._computed = behind | anew
        self._needed = self._touched | {
            one.name for node in graph.nodes if node.name in self._computed for one in node.all_input_nodes
        }

    def scores(self, states: int, replaced: Callable[[str, Tensor], Tensor]) -> Tensor:
        """Return the scores of all samples in all states, one state after the other."""
        values: dict[str, Any] = {}
        for node in self._graph.nodes:
            name = node.name
            if name in self._computed:
                values[name] = self._graph.call(node, values, self._inputs)
            elif name in self._needed:
                known = self._known[name]
                values[name] = _for_each(states, known) if name in self._graph.of_inputs else known
            if name in self._touched:
                values[name] = replaced(name, values[name])
        return values[self._graph.nodes[-1].name]


def _for_each(states: int, value: Tensor) -> Tensor:
    # A copy even for one state, as what follows may change it in place.
    return value.unsqueeze(0).repeat(states, *[1] * value.ndim).flatten(0, 1)


def _repeated(example: Tensor, samples: int) -> Tensor:
    return example[:1].expand(samples, *example.shape[1:]).clone()


@contextlib.contextmanager
def evaluated(model: nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode, without gradients, and afterwards each of its modules back as it was."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes.items():
            module.training = training


def _traced(model: nn.Module, example: Tensor) -> Graph:
    if not isinstance(example, Tensor) or example.ndim < 2:
        raise ValueError("example: expected inputs of the model as a tensor, with an axis of samples first")
    expected = _scores(model(_repeated(example, 2)))
    try:
        graph = Graph(fx.symbolic_trace(model), example)
    except Exception as error:  # whatever a model's own code raises on a stand-in for its input
        reason = " ".join(str(error).split())[:120]
        raise ValueError(f"{type(model).__name__} cannot be traced: {reason}") from None
    computed = graph.run(_repeated(example, 2))[graph.nodes[-1].name]
    if not torch.allclose(computed, expected, rtol=1e-4, atol=1e-5, equal_nan=True):
        raise ValueError(f"{type(model).__name__} computes something else once it is traced, as hooks may change it")
    return graph


def _scores(output: Any) -> Tensor:
    if isinstance(output, Mapping):
        output = output.get("logits", next(iter(output.values()), None))
    output = getattr(output, "logits", output)
    if not isinstance(output, Tensor) or output.ndim not in (1, 2):
        kind = f"a tensor of {output.ndim} axes" if isinstance(output, Tensor) else type(output).__name__
        raise ValueError(f"the model's output is {kind}: expected a score for each class, by sample and class")
    return output


def _found(graph: Graph) -> dict[str, WatchedLayer]:
    # Activation functions whose output is neurons and not scores.
    needed = graph.ahead_of_output()
    last = {one.name for one in graph.nodes[-1].all_input_nodes}
    found = {}
    for node, name in _named(graph).items():
        threshold = _threshold(graph, node)
        if threshold is not None and node.name in needed and node.name not in last and node.name in graph.of_samples:
            with contextlib.suppress(ValueError):
                found[name] = _layer(graph, node, name, threshold, None)
    return found


def _chosen(graph: Graph, layers: Sequence[str] | None, axes: Mapping[str, int]) -> dict[str, WatchedLayer]:
    found = _found(graph)
    named = {name: node for node, name in _named(graph).items()}
    if layers is None:
        if not found:
            raise ValueError("no layer was found: name modules, as in watch(model, example, layers=['features.3'])")
        wanted = list(found)
    else:
        wanted = list(layers)
    uses = Counter(name.partition(":")[0] for name in named)
    chosen = {}
    for name in wanted:
        if name not in named and uses[name] > 1:
            raise ValueError(f"layer {name!r} is used {uses[name]} times: name one of {name}:1 to {name}:{uses[name]}")
        if name not in named:
            raise ValueError(f"no layer {name!r}; {did_you_mean(name, named)}found were {', '.join(found) or 'none'}")
        node = named[name]
        if node.name not in graph.ahead_of_output():
            raise ValueError(f"layer {name!r} is off the path to the output: ablating it changes nothing")
        threshold = _threshold(graph, node)
        chosen[name] = _layer(graph, node, name, 0.0 if threshold is None else threshold, axes.get(name))
    for name in axes:
        if name not in chosen:
            raise ValueError(f"axes: no layer {name!r} is watched; there are {', '.join(chosen)}")
    return chosen


def _named(graph: Graph) -> dict[fx.Node, str]:
    # Names of what computes something: the module's, or the function's in its module; with the use if it has several.
    names = {}
    for node in graph.nodes:
        if node.op == "call_module":
            names[node] = str(node.target)
        elif node.op in ("call_function", "call_method") and _threshold(graph, node) is not None:
            inside = list(node.meta.get("nn_module_stack", {}).values())
            path = inside[-1][0] if inside else ""
            what = node.target if isinstance(node.target, str) else node.target.__name__
            names[node] = f"{path}.{what}" if path else str(what)
    uses, seen = Counter(names.values()), Counter[str]()
    for node, name in names.items():
        if uses[name] > 1:
            seen[name] += 1
            names[node] = f"{name}:{seen[name]}"
    return names


def _threshold(graph: Graph, node: fx.Node) -> float | None:
    if node.op == "call_module":
        module = graph.traced.get_submodule(str(node.target))
        return next((cut for kind, cut in _MODULES.items() if isinstance(module, kind)), None)
    if node.op == "call_function":
        return _FUNCTIONS.get(node.target)  # type: ignore[arg-type]
    return _METHODS.get(str(node.target)) if node.op == "call_method" else None


def _layer(graph: Graph, node: fx.Node, name: str, threshold: float, axis: int | None) -> WatchedLayer:
    if node.name not in graph.of_samples:
        raise ValueError(f"layer {name!r}: its output is no tensor whose first axis is that of samples")
    shape = tuple(graph.shapes[node.name])
    axis = (len(shape) if _of_linear_map(graph, node, len(shape)) else 1) if axis is None else axis
    if not 1 <= axis <= len(shape):
        raise ValueError(f"layer {name!r}: axis {axis} is none of its neurons' axes, 1 to {len(shape)}")
    return WatchedLayer(name, shape, axis, shape[axis - 1], threshold, node.name)


def _of_linear_map(graph: Graph, node: fx.Node, axes: int) -> bool:
    # Whether neurons are on the last axis, as behind a linear map, and not on the first, as behind a convolution.
    while node.all_input_nodes:
        if node.op == "call_module":
            module = graph.traced.get_submodule(str(node.target))
            if isinstance(module, nn.Linear):
                return True
            if isinstance(module, nn.modules.conv._ConvNd):
                return False
        if node.op == "call_function" and node.target in (functional.linear, torch.matmul):
            return True
        node = node.all_input_nodes[0]
    return axes == 2


def _places(widths: Mapping[str, int]) -> dict[str, slice]:
    ends = np.cumsum([0, *widths.values()])
    return {name: slice(int(a), int(b)) for name, a, b in zip(widths, ends[:-1], ends[1:], strict=True)}
