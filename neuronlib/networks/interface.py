"""What measuring and ablation ask of networks, whatever they are made of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from numpy import ndarray
from torch import Tensor

from neuronlib.data.batches import Batches
from neuronlib.data.images import Samples


@runtime_checkable
class Networks(Protocol):
    """Networks side by side that have named layers of neurons, give outputs, and can be run with some replaced.

    `Ensemble` is the first implementation. Neurons are numbered through all layers in the order of ``widths``.

    Example:
        >>> from neuronlib.networks.initialization import by_hand
        >>> import numpy as np
        >>> isinstance(by_hand([np.ones((2, 3)), np.ones((3, 2))], [np.zeros(3), np.zeros(2)]), Networks)
        True
    """

    @property
    def networks(self) -> tuple[int, ...]:
        """The networks' numbers."""

    @property
    def widths(self) -> Mapping[str, int]:
        """Number of neurons of each layer that can be measured and ablated, by its name."""

    @property
    def label_count(self) -> int:
        """Number of labels; the predicted label is that of the largest output."""

    @property
    def one_bit_threshold(self) -> float | Float[ndarray, "network neuron threshold"]:
        """The output above which a neuron counts as active, for all neurons or for each."""

    def output_chunks(
        self, samples: Samples
    ) -> Iterator[tuple[Float[Tensor, "network chunk neuron"], Int64[Tensor, " chunk"]]]:
        """Outputs of all neurons with the samples' labels, in chunks that bound the memory needed."""

    def correct_when_ablated(
        self,
        samples: Samples,
        layer: str,
        orders: Int64[ndarray, "network order place"],
        steps: Sequence[int],
        replacement: Float[Tensor, "network neuron"] | None,
        remains: Float[Tensor, "network neuron"] | None,
    ) -> Int64[ndarray, "network order step label"]:
        """Return the numbers of samples of each label classified correctly after each number of ablated neurons.

        Args:
            samples: The samples to classify.
            layer: The layer that the orders are of, or "whole".
            orders: Neurons in the order in which they are ablated.
            steps: Numbers of ablated neurons to evaluate, increasing.
            replacement: The output of each neuron once it is ablated; None for zero.
            remains: The share of its output that a neuron keeps once it is ablated; None for nothing.
        """


def parts_taken(networks: Networks, samples: Samples | Batches) -> Iterator[Any]:
    """Yield what networks take of some samples: all at once, or a loader's batch by batch unless they take loaders."""
    if isinstance(samples, Samples) or getattr(networks, "takes_batches", False):
        yield samples
    else:
        yield from samples.parts()


def chunks_of_outputs(
    networks: Networks, samples: Samples | Batches
) -> Iterator[tuple[Float[Tensor, "network chunk neuron"], Int64[Tensor, " chunk"]]]:
    """Yield outputs of all neurons with labels, as `Networks.output_chunks` does, also of samples from a loader."""
    for part in parts_taken(networks, samples):
        yield from networks.output_chunks(part)


def all_outputs(networks: Networks, samples: Samples | Batches) -> Float[ndarray, "network sample neuron"]:
    """Return the outputs of all neurons, layer by layer, in memory all at once."""
    return torch.cat([outputs.cpu() for outputs, _ in chunks_of_outputs(networks, samples)], dim=1).numpy()


def all_active(networks: Networks, samples: Samples) -> Bool[ndarray, "network sample neuron"]:
    """Return which neurons are active for which samples, by the one-bit quantizer, layer by layer.

    Example:
        >>> from neuronlib.networks.initialization import by_hand
        >>> signs = by_hand([np.array([[1.0, -1.0]]), np.eye(2)], [np.zeros(2), np.zeros(2)])
        >>> all_active(signs, Samples(np.array([[3.0], [-2.0]], np.float32), np.array([0, 1]))).tolist()
        [[[True, False], [False, True]]]
    """
    thresholds = np.asarray(networks.one_bit_threshold)
    # One for all neurons, or one for each of them, which then come without the axis of samples.
    thresholds = thresholds if thresholds.ndim == 0 else thresholds.swapaxes(-1, -2)
    bits = [outputs.cpu().numpy() > thresholds for outputs, _ in networks.output_chunks(samples)]
    return np.concatenate(bits, axis=1)
