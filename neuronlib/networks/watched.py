"""Any classifier of PyTorch's as networks that are measured and ablated: layers of neurons found in it.

What stands before the ablated layer is computed once for each batch, and what stands behind it for many ablated states
at a time; a model that cannot be traced is computed from the start for each state.
"""

import functools
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int64
from numpy import ndarray
from torch import Tensor, nn
from torch.export import ExportedProgram
from torch.nn import functional

from neuronlib.common.checks import check, did_you_mean
from neuronlib.common.progress import progress
from neuronlib.common.scopes import WHOLE, layer_slice
from neuronlib.data.batches import Batches
from neuronlib.data.images import Samples
from neuronlib.networks.activations import HALF
from neuronlib.networks.computations import (
    Behind,
    Computation,
    LinearBefore,
    LinearBehind,
    Operation,
    computation,
    evaluated,
    repeated,
    scores_of,
)
from neuronlib.networks.parameters import check_parameters
from neuronlib.networks.programs import HOW_TO_EXPORT

Summary = Literal["mean", "max", "active", "positions"]
"""What a channel's value is over its positions: their mean, their maximum, or the share of active ones. With
"positions", each position is a sample of its own, which the paper calls the naive way (Sec. VI)."""

ByPosition = dict[str, Tensor]
"""What replaces a layer's output for one sample, by layer and, on the first axis, by network."""

# Numbers in the largest tensor of a pass over ablated states; some copies of it are held at a time. On a CPU few enough
# for its cache.
_NUMBERS, _ON_GPU = 2**20, 2**26
# Outputs of all neurons that are held at a time where each position is a sample.
_OUTPUTS = 2**23


@dataclass(frozen=True)
class WatchedLayer:
    """A layer of neurons in a network's graph.

    Attributes:
        name: The module's name, or its function's within a module; ``:2`` is its second use.
        shape: Of its output for one sample.
        axis: Which axis of the output holds the neurons, where 0 is that of samples.
        neurons: How many there are.
        threshold: The output above which a neuron is active.
        node: How the computation calls it.
    """

    name: str
    shape: tuple[int, ...]
    axis: int
    neurons: int
    threshold: float
    node: str

    @property
    def along(self) -> tuple[int, ...]:
        """The shape, for one sample, of a number for each neuron."""
        return tuple(self.neurons if axis == self.axis else 1 for axis in range(1, len(self.shape) + 1))

    @property
    def positions(self) -> int:
        """How many values a neuron has for one sample."""
        return math.prod(self.shape) // self.neurons

    def __str__(self) -> str:
        shape = ", ".join(map(str, ("sample", *self.shape)))
        return f"{self.name}: {self.neurons} neurons on axis {self.axis} of ({shape}), active above {self.threshold:g}"


def layers(model: nn.Module | ExportedProgram, example: Tensor) -> list[WatchedLayer]:
    """List the layers of neurons that `watch` finds by itself: outputs of activation functions before the scores.

    Args:
        model: A classifier: a module, or a program of `torch.export`.
        example: Some of its inputs, with an axis of samples.

    Returns:
        The layers in the order in which they are computed.

    Raises:
        ValueError: If the model's output is no score for each class, or differs from call to call.

    Example:
        >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 10))
        >>> print(*layers(model, torch.zeros(2, 1, 8, 8)))
        1: 4 neurons on axis 1 of (sample, 4, 6, 6), active above 0
    """
    module = _unwrapped(model)
    with evaluated(module):
        return list(_found(computation(module, _example_on(module, example))).values())


def watch(
    model: nn.Module | ExportedProgram | Sequence[nn.Module | ExportedProgram],
    example: Tensor,
    layers: Sequence[str] | None = None,
    summary: Summary = "mean",
    axes: Mapping[str, int] | None = None,
    threshold: float | None = None,
) -> "Watched":
    """Make a trained classifier, or several of one architecture, networks that can be measured and ablated.

    Args:
        model: A module, or modules, whose output is a score for each class, or a single score of a binary classifier.
            A program of `torch.export` serves as well, if it was exported for any number of samples.
        example: Some inputs, with an axis of samples; their shape, type and device are those of all inputs.
        layers: Names of layers, as `layers` lists them, or of any modules with a tensor as output; None for all that
            are found.
        summary: What a neuron's value is where it has several positions, as a channel of a convolution. With
            "positions", a layer with fewer of them than another counts each several times, so that all neurons have as
            many samples.
        axes: Axes of neurons, by layer, that differ from the usual ones: 1, or the last of three.
        threshold: Of a single score, the value above which the answer is 1; None for 0.5 behind a sigmoid, else 0.

    Returns:
        Networks that `measure`, `ablation_orders`, `ablate` and all that follows take.

    Raises:
        ValueError: If a model has other layers than the first, or numbers that `check_parameters` refuses; a layer is
            not found, is used twice, or is off the path to the output; or the output is no score for each class.

    Example:
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 3))
        >>> watch(model, torch.zeros(1, 4)).widths
        {'1': 8}
    """
    several = model if isinstance(model, Sequence) and not isinstance(model, str) else [model]
    models = [_unwrapped(one) for one in several]
    if not models:
        raise ValueError("no model: expected at least one")
    check("summary", summary, Summary)
    check("threshold", threshold, float | None)
    if isinstance(layers, str):
        raise ValueError(f"layers = {layers!r}: expected a list of names; of one layer, [{layers!r}]")
    computations, found, classes = [], [], []
    for number, one in enumerate(models):
        inputs = _example_on(one, example)
        check_parameters(_numbers(one), f"model {number}")
        with evaluated(one):
            computed = computation(one, inputs)
            scores = scores_of(one(repeated(inputs, 2)))
        computations.append(computed)
        found.append(_chosen(computed, layers, axes or {}))
        classes.append(1 if scores.ndim == 1 else scores.shape[1])
    if any(chosen != found[0] for chosen in found) or len(set(classes)) > 1:
        raise ValueError("the models differ: expected one architecture, whose layers have equal names and shapes")
    if classes[0] > 1 and threshold is not None:
        raise ValueError(f"threshold = {threshold:g}: of {classes[0]} scores, the largest decides; expected None")
    if threshold is None:
        threshold = next((one.threshold for one in computations[0].operations if one.last and one.threshold), 0.0)
    return Watched(
        models=tuple(models),
        computations=tuple(computations),
        layers=found[0],
        summary=summary,
        label_count=max(2, classes[0]),
        binary_threshold=threshold if classes[0] == 1 else None,
        example_shape=tuple(example.shape[1:]),
        example_dtype=example.dtype,
    )


@dataclass(frozen=True)
class Watched:
    """Classifiers of one architecture, side by side, with layers of neurons; see `watch` and `Networks`."""

    takes_batches: ClassVar[bool] = True

    models: tuple[nn.Module, ...]
    computations: tuple[Computation, ...]
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
    def traced(self) -> bool:
        """Whether what stands before an ablated layer is computed once; otherwise each state is, from the start."""
        return not any(one.untraced for one in self.computations)

    @property
    def one_bit_threshold(self) -> Float[ndarray, "network neuron threshold"]:
        """The value above which each neuron counts as active; half of the positions where the value is their share."""
        each = [
            np.full(layer.neurons, HALF if self.summary == "active" and len(layer.shape) > 1 else layer.threshold)
            for layer in self.layers.values()
        ]
        return np.broadcast_to(np.concatenate(each)[None, :, None], (len(self.models), sum(map(len, each)), 1)).copy()

    def output_chunks(
        self, samples: Samples | Batches
    ) -> Iterator[tuple[Float[Tensor, "network chunk neuron"], Int64[Tensor, " chunk"]]]:
        """Yield neurons' values, layer by layer, and the samples' labels, in chunks that bound the memory needed."""
        first, positions = _device(self.models[0]), self._positions
        at_once = max(1, _OUTPUTS // (positions * sum(self.widths.values())))
        for inputs, labels in self._batches(samples, "measuring"):
            for some, of_some in zip(inputs.split(at_once), labels.split(at_once), strict=True):
                values = [self._values(k, some).to(first) for k in self.networks]
                yield torch.stack(values), of_some.to(first).repeat_interleave(positions)

    @property
    def _positions(self) -> int:
        # Of how many samples one is, for all layers.
        if self.summary != "positions":
            return 1
        common = math.lcm(*(layer.positions for layer in self.layers.values()))
        if common * sum(self.widths.values()) > 2 * _OUTPUTS:
            each = ", ".join(sorted({str(layer.positions) for layer in self.layers.values()}))
            raise ValueError(f"layers of {each} positions: too many to count together; watch fewer, by layers=[...]")
        return common

    def correct_when_ablated(
        self,
        samples: Samples | Batches,
        layer: str,
        orders: Int64[ndarray, "network order place"],
        steps: Sequence[int],
        replacement: Float[Tensor, "network neuron"] | ByPosition | None,
        remains: Float[Tensor, "network neuron"] | None,
    ) -> Int64[ndarray, "network order step label"]:
        """Count the correct answers after each number of ablated neurons; see `Networks`, and `mean_by_position`."""
        if layer != WHOLE:
            layer_slice(self.widths, layer)
        counts = np.zeros((*orders.shape[:2], len(steps), self.label_count), dtype=np.int64)
        flat = counts.reshape(len(self.models), -1, self.label_count)
        states = [_states(of_network, steps, sum(self.widths.values())) for of_network in orders]
        for inputs, labels in self._batches(samples, "ablating"):
            of_label = functional.one_hot(labels, self.label_count).to(torch.float32)
            for k, (ablated, which) in enumerate(states):
                share = None if remains is None else remains[k]
                right = self._right(k, inputs, labels, layer, ablated, self._constants(k, replacement), share)
                # Whole numbers up to 2**24 are exact in float32.
                flat[k] += (right.to(torch.float32) @ of_label).to(torch.int64).numpy()[which]
        return counts

    def _constants(self, k: int, replacement: Float[Tensor, "network neuron"] | ByPosition | None) -> dict[str, Tensor]:
        # By layer, what takes the place of a sample's output; layers that are replaced by zero are missing.
        if replacement is None:
            return {}
        if isinstance(replacement, Mapping):
            return {name: replacement[name][k] for name in self.layers}
        parts = {name: replacement[k, layer_slice(self.widths, name)] for name in self.layers}
        return {name: part.reshape(self.layers[name].along) for name, part in parts.items()}

    def mean_by_position(self, samples: Samples | Batches) -> ByPosition:
        r"""Average each neuron's output over samples at each of its positions.

        .. math:: \bar t_{j,m} = \frac{1}{N} \sum_\ell t_{j,m}(x_\ell)

        Source: ours, for a channel whose outputs differ between the image's middle and its border.

        Returns:
            By layer, as its output for one sample, for each network.

        Raises:
            ValueError: If there are no samples.
        """
        shapes = {name: (len(self.models), *layer.shape) for name, layer in self.layers.items()}
        totals = {name: torch.zeros(shape, dtype=torch.float64) for name, shape in shapes.items()}
        by_node, number = {layer.node: name for name, layer in self.layers.items()}, 0
        for inputs, labels in self._batches(samples, "averaging"):
            number += len(labels)
            for k, model in enumerate(self.models):

                def read(node: str, value: Tensor, k: int = k) -> None:
                    totals[by_node[node]][k] += value.double().sum(dim=0).cpu()

                with evaluated(model):
                    self.computations[k].read(inputs.to(_device(model)), list(by_node), read)
        if not number:
            raise ValueError("no samples: expected at least one")
        return {name: (total / number).to(torch.float32) for name, total in totals.items()}

    def incoming_weights(self, layer: str) -> Float64[ndarray, "network neuron weight"]:
        """Return the weights that enter each neuron of a layer, with batch normalization taken into them.

        Raises:
            ValueError: If there is no such layer, or its neurons are not the outputs of one linear map.
        """
        return np.stack([map_.incoming().double().cpu().numpy() for map_ in self._maps_before(layer)])

    def outgoing_weights(self, layer: str) -> Float64[ndarray, "network neuron weight"]:
        """Return the weights of the next linear map, by the neuron of a layer that they leave.

        Raises:
            ValueError: If there is no such layer, or more than one linear map takes its outputs.
        """
        layer_slice(self.widths, layer)
        shown = self.layers[layer]
        maps = [one.linear_behind(shown.node, shown.axis) for one in self.computations]
        if any(map_ is None for map_ in maps):
            raise ValueError(f"layer {layer!r}: expected one linear map that takes its outputs, and nothing else")
        return np.stack([map_.outgoing(shown.neurons).double().cpu().numpy() for map_ in maps if map_ is not None])

    def normalization_scales(self, layer: str) -> Float64[ndarray, "network neuron"]:
        """Return the factor of each neuron in the batch normalization before a layer.

        Raises:
            ValueError: If there is no such layer, or no batch normalization between it and a linear map.
        """
        scales = [map_.scale() for map_ in self._maps_before(layer)]
        if any(scale is None for scale in scales):
            raise ValueError(f"layer {layer!r}: there is no batch normalization before it")
        return np.stack([scale.double().cpu().numpy() for scale in scales if scale is not None])

    def map_ranks(self, samples: Samples | Batches, layer: str) -> Float64[ndarray, "network neuron"]:
        """Return the rank of each channel's map of outputs, a matrix by row and column, averaged over samples.

        Raises:
            ValueError: If there is no such layer, it has no rows and columns, or there are no samples.
        """
        layer_slice(self.widths, layer)
        shown = self.layers[layer]
        if len(shown.shape) != 3:
            raise ValueError(f"layer {layer!r}: its neurons have no rows and columns, as a convolution's have")
        totals, number = torch.zeros(len(self.models), shown.neurons, dtype=torch.float64), 0
        for inputs, labels in self._batches(samples, "ranks"):
            number += len(labels)
            for k, model in enumerate(self.models):

                def read(_node: str, value: Tensor, k: int = k) -> None:
                    maps = value.movedim(shown.axis, 1).float()
                    totals[k] += torch.linalg.matrix_rank(maps).double().sum(dim=0).cpu()

                with evaluated(model):
                    self.computations[k].read(inputs.to(_device(model)), [shown.node], read)
        if not number:
            raise ValueError("no samples: expected at least one")
        return totals.numpy() / number

    def _maps_before(self, layer: str) -> list[LinearBefore]:
        layer_slice(self.widths, layer)
        shown = self.layers[layer]
        maps = [one.linear_before(shown.node) for one in self.computations]
        if any(map_ is None for map_ in maps):
            raise ValueError(
                f"layer {layer!r}: its neurons are not the outputs of one linear map, so no weight is theirs"
            )
        return [map_ for map_ in maps if map_ is not None]

    def first_order_effects(self, samples: Samples | Batches, layer: str) -> Float64[ndarray, "network neuron"]:
        r"""Return how much the loss would change without each neuron's output, to first order, in nats.

        .. math:: \frac{1}{N} \sum_\ell \left| \sum_m t_{j,m}(x_\ell)\, \frac{\partial L_\ell}{\partial t_{j,m}} \right|

        Source: Molchanov, Tyree, Karras, Aila, Kautz 2017, Eq. (8). Deviation: they divide by the number of positions
        :math:`m`, which changes no order within a layer. :math:`L` is the cross-entropy; scores that are probabilities
        are taken as such.

        Raises:
            ValueError: If there is no such layer, or there are no samples.
        """
        layer_slice(self.widths, layer)
        shown = self.layers[layer]
        totals, number = [torch.zeros(shown.neurons, dtype=torch.float64) for _ in self.models], 0
        for inputs, labels in self._batches(samples, "gradients"):
            number += len(labels)
            for model, computed, total in zip(self.models, self.computations, totals, strict=True):
                place = _device(model)
                leaves: list[Tensor] = []

                def leaf(_node: str, value: Tensor, leaves: list[Tensor] = leaves) -> Tensor:
                    leaves.append(value.detach().requires_grad_())
                    # What follows may change it in place, which a leaf refuses.
                    return leaves[0].clone()

                with evaluated(model):
                    behind = computed.behind(inputs.to(place), [shown.node])
                    with torch.enable_grad():
                        loss = self._loss(behind.scores(1, leaf), labels.to(place))
                        (gradient,) = torch.autograd.grad(loss, leaves[0])
                product = (leaves[0].detach() * gradient).squeeze(0).movedim(shown.axis, 1)
                total += product.reshape(*product.shape[:2], -1).double().sum(dim=2).abs().sum(dim=0).cpu()
        if not number:
            raise ValueError("no samples: expected at least one")
        return torch.stack(totals).numpy() / number

    def _loss(self, scores: Tensor, labels: Int64[Tensor, " chunk"]) -> Tensor:
        scores = scores.float()
        if self.binary_threshold is None:
            if bool((scores >= 0).all() and torch.allclose(scores.sum(dim=1), scores.new_ones(len(scores)), atol=1e-3)):
                scores = scores.clamp(min=1e-12).log()
            return functional.cross_entropy(scores, labels, reduction="sum")
        one, wanted = scores.reshape(-1), labels.to(scores.dtype)
        if self.binary_threshold == 0:
            return functional.binary_cross_entropy_with_logits(one, wanted, reduction="sum")
        return functional.binary_cross_entropy(one.clamp(0, 1), wanted, reduction="sum")

    def _batch_size(self) -> int:
        largest = max(int(np.prod(layer.shape)) for layer in self.layers.values())
        return int(np.clip(_NUMBERS // max(largest, int(np.prod(self.example_shape))), 1, 256))

    def _batches(self, samples: Samples | Batches, what: str) -> Iterator[tuple[Tensor, Int64[Tensor, " chunk"]]]:
        size = self._batch_size()
        total = len(samples) if isinstance(samples, Batches) else len(samples.labels)
        unit = "batch" if isinstance(samples, Batches) else "sample"
        with progress(total=total or None, unit=unit, desc=what) as bar:
            for inputs, labels in samples if isinstance(samples, Batches) else [_tensors(samples)]:
                features, expected = inputs[0].numel(), int(np.prod(self.example_shape))
                if features != expected:
                    raise ValueError(f"samples of {features} features: the example has {tuple(self.example_shape)}")
                if labels.min() < 0 or labels.max() >= self.label_count:
                    low, high = int(labels.min()), int(labels.max())
                    raise ValueError(f"labels hold {low} to {high}: expected 0 to {self.label_count - 1}")
                shaped = inputs.reshape(-1, *self.example_shape)
                for some, some_labels in zip(shaped.split(size), labels.split(size), strict=True):
                    yield some.to(self.example_dtype), some_labels
                    bar.update(0 if isinstance(samples, Batches) else len(some_labels))
                bar.update(1 if isinstance(samples, Batches) else 0)

    def _values(self, k: int, inputs: Tensor) -> Float[Tensor, "row neuron"]:
        each: dict[str, Tensor] = {}
        by_node = {layer.node: layer for layer in self.layers.values()}

        def read(node: str, value: Tensor) -> None:
            each[node] = self._summarized(by_node[node], value)

        with evaluated(self.models[k]):
            self.computations[k].read(inputs.to(_device(self.models[k])), list(by_node), read)
        return torch.cat([each[node] for node in by_node], dim=1)

    def _summarized(self, layer: WatchedLayer, value: Tensor) -> Float[Tensor, "chunk neuron"]:
        # A new tensor, in single precision at least, as what follows may change the value in place.
        value = value if value.dtype == torch.float64 else value.to(torch.float32)
        of_neurons = value.movedim(layer.axis, 1).flatten(2) if value.ndim > 2 else value.unsqueeze(-1)
        if self.summary == "positions":
            rows = of_neurons.repeat_interleave(self._positions // layer.positions, dim=2)
            return rows.movedim(1, 2).flatten(0, 1)
        if self.summary == "max":
            return of_neurons.amax(dim=2)
        if self.summary == "active" and value.ndim > 2:
            return (of_neurons > layer.threshold).to(value.dtype).mean(dim=2)
        return of_neurons.mean(dim=2)

    def _right(
        self,
        k: int,
        inputs: Tensor,
        labels: Int64[Tensor, " chunk"],
        layer: str,
        states: Bool[Tensor, "state neuron"],
        constants: Mapping[str, Tensor],
        share: Float[Tensor, " neuron"] | None,
    ) -> Bool[Tensor, "state chunk"]:
        # Which answers are right in each ablated state.
        device = _device(self.models[k])
        inputs, labels = inputs.to(device), labels.to(device)
        numbers = _ON_GPU if device.type == "cuda" else _NUMBERS
        right = []
        with evaluated(self.models[k]):
            behind, replaced = self._replacing(k, inputs, layer, constants, share)
            for gone in states.to(device).split(max(1, numbers // (len(labels) * behind.largest))):
                scores = behind.scores(len(gone), functools.partial(replaced, gone))
                right.append((self._answers(scores).reshape(len(gone), -1) == labels).cpu())
        return torch.cat(right)

    def _replacing(
        self,
        k: int,
        inputs: Tensor,
        layer: str,
        constants: Mapping[str, Tensor],
        share: Float[Tensor, " neuron"] | None,
    ) -> tuple[Behind, Callable[[Bool[Tensor, "state neuron"], str, Tensor], Tensor]]:
        # What is computed for each state, and what replaces outputs of the layer, or of a linear map behind it.
        if layer != WHOLE and share is None:
            shown, place = self.layers[layer], layer_slice(self.widths, layer)
            linear = self.computations[k].linear_behind(shown.node, shown.axis)
            if linear is not None:
                behind, entering = linear.behind(inputs)
                if entering.dtype in (torch.float32, torch.float64):
                    fixed = constants.get(layer, entering.new_zeros(shown.along)).to(entering)
                    return behind, _Updated(linear, shown, place, entering, fixed)
        touched = {self.layers[name].node: name for name in (self.layers if layer == WHOLE else [layer])}

        def replaced(gone: Bool[Tensor, "state neuron"], node: str, value: Tensor) -> Tensor:
            place, along = layer_slice(self.widths, touched[node]), self.layers[touched[node]].along
            fixed = constants.get(touched[node], value.new_zeros(())).to(value)
            if share is not None:
                fixed = fixed + share[place].reshape(along).to(value) * value
            return torch.where(gone[:, place].reshape(len(gone), 1, *along), fixed, value)

        return self.computations[k].behind(inputs, list(touched)), replaced

    def _answers(self, scores: Tensor) -> Int64[Tensor, " chunk"]:
        if self.binary_threshold is not None:
            return (scores.reshape(-1) > self.binary_threshold).to(torch.int64)
        return scores.argmax(dim=1)


def _tensors(samples: Samples) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(samples.pixels), torch.from_numpy(samples.labels)


def _states(
    orders: Int64[ndarray, "order place"], steps: Sequence[int], neurons: int
) -> tuple[Bool[Tensor, "state neuron"], Int64[ndarray, " point"]]:
    # What is ablated after each step of each order, each state once, as that without ablation comes in every order;
    # and which state each step of each order is.
    ranks = np.full((len(orders), neurons), orders.shape[1])
    np.put_along_axis(ranks, orders, np.arange(orders.shape[1])[None], axis=1)
    ablated = (ranks[:, None] < np.asarray(steps)[None, :, None]).reshape(-1, neurons)
    rows = np.packbits(ablated, axis=1)
    _, first, which = np.unique(rows.view(f"V{rows.shape[1]}").ravel(), return_index=True, return_inverse=True)
    # In the order of the steps, so that neighbours differ in few neurons.
    in_turn = np.argsort(first)
    return torch.from_numpy(ablated[first[in_turn]]), np.argsort(in_turn)[which.reshape(-1)]


class _Updated:
    # The output of the linear map behind a layer in each state, from that of the state before, or of none ablated,
    # whichever differs in fewer neurons, and from what those neurons contribute.

    def __init__(self, linear: LinearBehind, layer: WatchedLayer, place: slice, entering: Tensor, fixed: Tensor):
        self._linear, self._layer, self._place = linear, layer, place
        once = linear.brought(fixed.unsqueeze(0).expand(1, *layer.shape).clone())
        self._change = once - entering
        self._gone = torch.zeros(layer.neurons, dtype=torch.bool, device=entering.device)
        self._output: Tensor | None = None

    def __call__(self, states: Bool[Tensor, "state neuron"], _node: str, value: Tensor) -> Tensor:
        outputs = []
        for gone in states[:, self._place]:
            start, differ = self._output, gone ^ self._gone
            if start is None or int(gone.sum()) < int(differ.sum()):
                start, differ = value[0], gone
            neurons = differ.nonzero()[:, 0]
            if len(neurons):
                signs = torch.where(gone[neurons], 1.0, -1.0).to(value.dtype)
                start = start + self._linear.contribution(self._change, neurons, signs, self._layer.neurons)
            self._output, self._gone = start, gone
            outputs.append(start)
        return torch.stack(outputs)


def _unwrapped(model: object) -> nn.Module:
    # The module itself, where it is exported, wrapped for several devices, or compiled.
    if isinstance(model, ExportedProgram):
        return model.module()
    if isinstance(model, torch.jit.ScriptModule):
        raise ValueError(f"nothing inside TorchScript can be watched: take its module, or {HOW_TO_EXPORT}")
    if not isinstance(model, nn.Module):
        read = "; nl.read_model(path) reads a file" if isinstance(model, str | PathLike) else ""
        raise ValueError(f"a model is a {type(model).__name__}: expected a module, or a program of torch.export{read}")
    if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
        return _unwrapped(model.module)
    original = getattr(model, "_orig_mod", None)
    return _unwrapped(original) if isinstance(original, nn.Module) else model


def _numbers(model: nn.Module) -> dict[str, Tensor]:
    # Other buffers may well be infinite, as masks are, and whole numbers are places and the like.
    statistics = {name: one for name, one in model.named_buffers() if "running_" in name}
    both = dict(model.named_parameters()) | statistics
    return {name: one for name, one in both.items() if one.is_floating_point() or one.is_complex()}


def _example_on(model: nn.Module, example: Tensor) -> Tensor:
    if not isinstance(example, Tensor) or example.ndim < 2 or not example.numel():
        raise ValueError("example: expected inputs of the model as a tensor, with an axis of samples first")
    return example.to(_device(model))


def _device(model: nn.Module) -> torch.device:
    tensor = next(itertools.chain(model.parameters(), model.buffers()), None)
    return torch.device("cpu") if tensor is None else tensor.device


def _found(computed: Computation) -> dict[str, WatchedLayer]:
    # Activation functions whose output is neurons and not scores.
    found = {}
    for one in computed.operations:
        if one.threshold is not None and one.needed and not one.last and one.shape:
            found[one.name] = _layer(one, None)
    return found


def _chosen(computed: Computation, layers: Sequence[str] | None, axes: Mapping[str, int]) -> dict[str, WatchedLayer]:
    found = _found(computed)
    named = {one.name: one for one in computed.operations}
    if layers is None and not found:
        why = f"; {computed.untraced}" if computed.untraced else ""
        raise ValueError(f"no layer was found: name modules, as in watch(model, example, layers=['features.3']){why}")
    uses = Counter(name.partition(":")[0] for name in named)
    chosen = {}
    for name in found if layers is None else layers:
        if name not in named and uses[name] > 1:
            raise ValueError(f"layer {name!r} is used {uses[name]} times: name one of {name}:1 to {name}:{uses[name]}")
        if name not in named:
            raise ValueError(f"no layer {name!r}; {did_you_mean(name, named)}found were {', '.join(found) or 'none'}")
        if not named[name].needed:
            raise ValueError(f"layer {name!r} is off the path to the output: ablating it changes nothing")
        if f"{name}[0]" in named:
            raise ValueError(f"layer {name!r} has several outputs: name the first, {name + '[0]'!r}")
        chosen[name] = _layer(named[name], axes.get(name))
    for name in axes:
        if name not in chosen:
            raise ValueError(f"axes: no layer {name!r} is watched; there are {', '.join(chosen)}")
    return chosen


def _layer(one: Operation, axis: int | None) -> WatchedLayer:
    if not one.shape:
        raise ValueError(f"layer {one.name!r}: its output is no tensor whose first axis is that of samples")
    axis = (len(one.shape) if one.on_last_axis else 1) if axis is None else axis
    if not 1 <= axis <= len(one.shape):
        raise ValueError(f"layer {one.name!r}: axis {axis} is none of its neurons' axes, 1 to {len(one.shape)}")
    threshold = 0.0 if one.threshold is None else one.threshold
    return WatchedLayer(one.name, one.shape, axis, one.shape[axis - 1], threshold, one.node)
