r"""Faults of two public replications, on purpose: only the chapter on replications uses them, to show what each does.

Source: the code of Mirzaei 2022 and Cen 2023, which share most of it.
"""

import numpy as np
import xarray as xr
from jaxtyping import Float64, Int64
from numpy import ndarray

from neuronlib.common.randomness import permutation, stream
from neuronlib.information import measures
from neuronlib.information.measures import entropy, mutual_information
from neuronlib.reproduction.design.axes import FAULTY


def information_with_faults(
    counts: Int64[ndarray, "*batch value label"], wrong_sign: bool = True, undefined: bool = True
) -> Float64[ndarray, "*batch"]:
    r"""Return what the replications call mutual information, in bits.

    .. math:: H(T) + H(T|Y) \qquad \text{in place of} \qquad H(T) - H(T|Y)

    and NaN wherever a value never occurs together with a label, since :math:`0 \log 0` is computed as it stands.

    ``counts`` has shape ``(*batch, value, label)``, the result ``(*batch,)``. Without both faults, ``wrong_sign`` and
    ``undefined``, it is the mutual information.

    Raises:
        ValueError: If a table is empty or has a negative entry.

    Example:
        >>> copy, nearly = np.array([[5, 0], [0, 5]]), np.array([[5, 1], [1, 5]])
        >>> information_with_faults(np.array([copy, nearly])).round(2)  # a copy of the label has no value
        array([ nan, 1.65])
    """
    information = mutual_information(counts)
    if wrong_sign:
        information = np.asarray(2 * entropy(counts) - information)
    return np.where((counts == 0).any(axis=(-2, -1)), np.nan, information) if undefined else information


def entropy_with_fault(counts: Int64[ndarray, "*batch value label"]) -> Float64[ndarray, "*batch"]:
    r"""Return what the replications call entropy, in bits.

    It is NaN for a constant neuron, since :math:`0 \log 0` is not masked.

    Example:
        >>> entropy_with_fault(np.array([[[5, 5], [0, 0]], [[5, 0], [0, 5]]]))
        array([nan,  1.])
    """
    return np.where((counts.sum(axis=-1) == 0).any(axis=-1), np.nan, entropy(counts))


def with_faulty_measures(measured: xr.Dataset) -> xr.Dataset:
    """Add the replications' measures to what `measure` returns, ready to be ranked.

    `torch.topk`, which the replications rank by, takes NaN for the largest of numbers; so NaN is infinite here.

    Returns:
        The same with four more measures: ``published_information`` with both faults, ``wrong_sign`` and
        ``undefined_information`` with one each, and ``undefined_entropy``.

    Example:
        >>> from neuronlib.information import by_neuron
        >>> with_faulty_measures(by_neuron(np.array([[[[5, 0], [0, 5]]]]), {"1": 1}, [0])).published_information.values
        array([[inf]])
    """
    counts = measured.counts.values
    faulty = (
        information_with_faults(counts),
        information_with_faults(counts, undefined=False),
        information_with_faults(counts, wrong_sign=False),
        entropy_with_fault(counts),
    )
    ranked = {name: np.nan_to_num(values, nan=np.inf) for name, values in zip(FAULTY, faulty, strict=True)}
    return measured.assign({name: (("network", "neuron"), values) for name, values in ranked.items()})


def active_share(measured: xr.Dataset) -> Float64[ndarray, "network neuron"]:
    r"""Return the share of samples for which a neuron of two values is active.

    The replications multiply an ablated neuron's output by it, and call that bias balancing:

    .. math:: t_j(x) \leftarrow \hat p(T_j = 1)\, t_j(x) \qquad \text{in place of} \qquad t_j(x) \leftarrow \bar t_j

    Example:
        >>> from neuronlib.information import by_neuron
        >>> active_share(by_neuron(np.array([[[[5, 2], [0, 3]]]]), {"1": 1}, [0]))
        array([[0.3]])
    """
    return measures.active_share(measured.counts.values)


def fresh_subset(
    neurons: Int64[ndarray, " neuron"], size: int, seed: int, layer: str, network: int
) -> Int64[ndarray, " member"]:
    """Draw ``size`` neurons to ablate at random, anew for each size.

    Returns:
        A subset that has nothing to do with the subset of another size; a random *order* has nested ones.
    """
    return neurons[permutation(stream(seed, "fresh subset", layer, size, network), len(neurons))[:size]]
