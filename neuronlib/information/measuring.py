"""Information measures of all hidden neurons, by network and neuron."""

import numpy as np
import xarray as xr
from torch.utils.data import DataLoader

from neuronlib.common.choices import Cuts
from neuronlib.common.numbers import AtLeastTwo
from neuronlib.data.batches import samples_of
from neuronlib.data.images import Samples
from neuronlib.information.counts import joint_counts
from neuronlib.information.labelled import by_neuron
from neuronlib.information.quantizers import THRESHOLDS
from neuronlib.networks.interface import Networks, all_outputs, chunks_of_outputs


def measure(
    networks: Networks, samples: Samples | DataLoader, values: AtLeastTwo = 2, cuts: Cuts | None = None
) -> xr.Dataset:
    """Count quantized outputs with labels, and measure what each hidden neuron tells about the label.

    Source: Amjad, Liu, Geiger 2021, Eqs. (2) to (5), on the validation samples.

    Args:
        networks: Trained networks.
        samples: The samples to count; or a loader of batches of inputs and labels, which may be of any length.
        values: Values of the quantizer.
        cuts: Where each neuron's outputs are cut, which are then all held in memory: at their quantiles, for two values
            the median; or at equal distances ("uniform"). None for the paper's threshold of the activation function
            with two values, and for quantiles, ours, with more.

    Returns:
        ``counts`` with axes ``network``, ``neuron``, ``value`` and ``label``; ``entropy``, ``mutual_information`` and
        ``kl_selectivity`` in bits with axes ``network`` and ``neuron``. Coordinates ``layer`` ("1", "2", …) and
        ``index`` (within the layer) of a neuron.

    Raises:
        ValueError: If there are fewer than 2 values, the cuts are neither "quantile" nor "uniform", or ``samples`` are
            a whole data set or an array.

    Example:
        >>> import neuronlib as nl
        >>> xor = nl.given([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
        >>> hidden, output = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[0.0, 1.0], [0.0, -2.0]])
        >>> networks = nl.by_hand([hidden, output], [np.array([0.0, -1.0]), np.array([0.5, 0.0])])
        >>> measure(networks, xor.test).mutual_information.values.round(3)  # "or" and "and" of the inputs
        array([[0.311, 0.311]])
    """
    given = samples_of(samples)
    if values == 2 and cuts is None:
        # One for all neurons, or one for each of them.
        thresholds = np.atleast_1d(networks.one_bit_threshold)
    else:
        outputs = all_outputs(networks, given).swapaxes(1, 2).astype(np.float64)
        thresholds = THRESHOLDS[cuts or "quantile"](outputs, values)
    counts = joint_counts(chunks_of_outputs(networks, given), thresholds, networks.label_count)
    return by_neuron(counts, networks.widths, networks.networks)
