"""Search for the groups of neurons with the least or the most O-information, and the level of chance."""

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

from neuronlib.common.choices import Direction
from neuronlib.common.entries import Bits
from neuronlib.common.numbers import AtLeastZero, GroupSize, Seed
from neuronlib.common.randomness import permutation, stream
from neuronlib.information.groups.oinformation import distinct_varying_neurons, of_groups, of_triplets, triplets

_CHAINS = 8
# Bits: at the first temperature a change for the worse by this much is accepted about once in three times.
_FIRST_TEMPERATURE = 0.1


def greedy(
    active: Bits, size: GroupSize, direction: Direction
) -> tuple[Int64[ndarray, " member"], Float64[ndarray, " steps"]]:
    """Grow a group from the most extreme triplet, each time by the neuron that makes it most extreme.

    Source: the greedy search of Clauw, Stramaglia, Marinazzo's later code; how they searched in 2022 is not known.

    Args:
        active: Which neurons are active for which samples; none constant, no copies, as
            `distinct_varying_neurons` finds them.
        size: Neurons of the group, at least 3.
        direction: "low" looks for synergy, "high" for redundancy.

    Returns:
        The neurons in the order in which they joined (the first three ascending), and the O-information in bits of the
        group of the first three, four, … neurons.

    Raises:
        ValueError: If there are not that many neurons, or the size is less than 3 or more than 20.

    Example:
        >>> bits = np.array([[s, t, u, s ^ t] for s in (0, 1) for t in (0, 1) for u in (0, 1)], dtype=bool)
        >>> group, values = greedy(bits, 3, "low")
        >>> group.tolist(), values.tolist()
        ([0, 1, 3], [-1.0])
    """
    _check(active, size)
    sign = 1 if direction == "low" else -1
    values = sign * of_triplets(active)
    best = int(values.argmin())
    group = triplets(active.shape[1])[best]
    path = [values[best]]
    while len(group) < size:
        others = np.setdiff1d(np.arange(active.shape[1]), group)
        grown = np.column_stack([np.broadcast_to(group, (len(others), len(group))), others])
        values = sign * of_groups(active, grown)
        best = int(values.argmin())
        group = grown[best]
        path.append(values[best])
    return group, sign * np.array(path)


def anneal(
    active: Bits, size: GroupSize, direction: Direction, seed: Seed, steps: AtLeastZero = 500
) -> tuple[Int64[ndarray, " member"], float]:
    r"""Search a group by simulated annealing: neurons are exchanged at random, at first also for the worse.

    .. math:: P(\text{accept}) = \min(1, e^{-\Delta / \tau_m}), \qquad \tau_m = \tau_0 (1 - m / M)

    Source: Kirkpatrick, Gelatt, Vecchi 1983. Eight chains, of which the best group ever met counts.

    Args:
        active: As for `greedy`.
        size: Neurons of the group, at least 3.
        direction: "low" looks for synergy, "high" for redundancy.
        seed: Start of every random number.
        steps: Exchanges proposed in each chain.

    Returns:
        The neurons, ascending, and their O-information in bits.

    Raises:
        ValueError: If there are not that many neurons, or the size is less than 3 or more than 20.

    Example:
        >>> bits = np.array([[s, t, u, s ^ t] for s in (0, 1) for t in (0, 1) for u in (0, 1)], dtype=bool)
        >>> group, value = anneal(bits, 3, "low", seed=0, steps=20)
        >>> group.tolist(), value
        ([0, 1, 3], -1.0)
    """
    _check(active, size)
    neurons = active.shape[1]
    sign = 1 if direction == "low" else -1
    draw = stream(seed, "anneal", size, direction)
    chains = np.stack([permutation(draw, neurons) for _ in range(_CHAINS)])
    values = sign * of_groups(active, chains[:, :size])
    best_group, best_value = chains[values.argmin(), :size].copy(), values.min()
    if neurons == size:
        return np.sort(best_group), float(sign * best_value)
    rows = np.arange(_CHAINS)
    for step in range(steps):
        temperature = _FIRST_TEMPERATURE * (1 - step / steps)
        goes, comes = _drawn(draw, size), size + _drawn(draw, neurons - size)
        proposed = chains.copy()
        proposed[rows, goes], proposed[rows, comes] = chains[rows, comes], chains[rows, goes]
        changed = sign * of_groups(active, proposed[:, :size])
        chance = draw.random_raw(_CHAINS) / 2.0**64
        accepted = rows[chance < np.exp(np.minimum(0, (values - changed) / temperature))]
        chains[accepted], values[accepted] = proposed[accepted], changed[accepted]
        if values.min() < best_value:
            best_group, best_value = chains[values.argmin(), :size].copy(), values.min()
    return np.sort(best_group), float(sign * best_value)


def _drawn(source: np.random.PCG64, below: int) -> Int64[ndarray, " chain"]:
    return (source.random_raw(_CHAINS) % np.uint64(below)).astype(np.int64)


def shuffled(active: Bits, seed: Seed) -> Bool[ndarray, "sample neuron"]:
    """Shuffle the samples of each neuron by itself; whatever O-information remains is chance."""
    if not active.shape[1]:
        return active.copy()
    orders = np.stack([permutation(stream(seed, "shuffled", j), len(active)) for j in range(active.shape[1])], axis=1)
    return np.take_along_axis(active, orders, axis=0)


def beyond_chance(active: Bits, seed: Seed) -> tuple[float, float]:
    """Share of triplets that are more redundant, and more synergistic, than chance.

    Chance is the same neurons with their samples shuffled. Beyond it are triplets above, or below, 99.5 % of all
    shuffled ones. Without any dependence, half a percent would be above and half a percent below.

    Args:
        active: Which neurons are active for which samples; constant neurons and copies are skipped.
        seed: Start of the shuffling.

    Returns:
        Redundant and synergistic share, from 0 to 1; NaN with fewer than three neurons that vary.

    Example:
        >>> bits = np.array([[s, t, s ^ t] for s in (0, 1) for t in (0, 1)] * 50, dtype=bool)
        >>> beyond_chance(bits, seed=0)
        (0.0, 1.0)
    """
    used = active[:, distinct_varying_neurons(active)]
    if used.shape[1] < 3:
        return np.nan, np.nan
    low, high = np.percentile(of_triplets(shuffled(used, seed)), [0.5, 99.5])
    values = of_triplets(used)
    return float((values > high).mean()), float((values < low).mean())


def _check(active: Bits, size: int) -> None:
    if not 3 <= size <= min(20, active.shape[1]):
        raise ValueError(
            f"size = {size}: expected from 3 to 20, and no more than the {active.shape[1]} neurons there are"
        )
