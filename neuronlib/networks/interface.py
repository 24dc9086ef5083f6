"""What measuring and ablation ask of networks, whatever they are made of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from jaxtyping import Float, Int64
from numpy import ndarray
from torch import Tensor

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
