r"""Plain twins of the optimised routines: one network, one neuron, one sample at a time.

Each is its formula, slow and obvious. The chapters show them, and the tests compare the fast routines with them.
``table[t, y]`` holds the number of samples with label :math:`y` for which one neuron has value :math:`t`.
"""

import functools
import itertools
from collections import Counter
from collections.abc import Sequence
from math import log2, sqrt, tanh
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from jaxtyping import Bool, Int64, Real
from numpy import ndarray
from pydantic import Field

from neuronlib.common.choices import Term
from neuronlib.common.door import checked
from neuronlib.common.entries import (
    FINITE,
    INCREASING,
    NOT_NEGATIVE,
    PERMUTATION,
    SOME,
    STATES,
    TABLES,
    Bits,
    LabelCount,
    Labels,
)
from neuronlib.common.kinds import Holds
from neuronlib.common.numbers import AtLeastZero, Positive

if TYPE_CHECKING:
    import torch

Table = Annotated[Real[ndarray, "value label"], FINITE, TABLES]
"""Joint counts of one neuron, or joint probabilities."""

FewSources = Annotated[int, Field(strict=True, ge=1, le=4)]
"""Number of sources of which all sets of groups can be tried."""
FEW_STATES = Holds(lambda table: len(table) <= 16, "expected at most 16 states, for 4 one-bit neurons")


@checked
def entropy(table: Table) -> float:
    r"""Entropy of one quantized neuron, in bits; twin of `neuronlib.information.measures.entropy`.

    .. math:: H(T) = -\sum_t \hat p(t) \log_2 \hat p(t) = \sum_{t : \hat p(t) > 0} \hat p(t) \log_2 \frac{1}{\hat p(t)}

    Source: Amjad, Liu, Geiger 2021, Eq. (3). No deviation.

    Args:
        table: Joint counts of one neuron, or joint probabilities.

    Returns:
        From 0 to ``log2(value)``.

    Example:
        >>> round(float(entropy(np.array([[3, 3], [1, 1]]))), 3)  # a coin that shows heads once in four throws
        0.811
    """
    shares = [row.sum() / table.sum() for row in table]
    return sum(p * log2(1 / p) for p in shares if p > 0)


@checked
def mutual_information(table: Table) -> float:
    r"""Information of one quantized neuron about the label, in bits.

    The twin of `neuronlib.information.measures.mutual_information`, which sums over the cells of the table instead.

    .. math:: I(T;Y) = H(T) - H(T|Y) = H(T) - \sum_y \hat p(y) H(T|Y = y)

    Source: Amjad, Liu, Geiger 2021, Eq. (4). No deviation.

    Args:
        table: Joint counts of one neuron, or joint probabilities.

    Returns:
        From 0, but for rounding, to the smaller entropy of neuron and label.

    Example:
        >>> float(mutual_information(np.array([[5, 0], [0, 5]])))  # a copy of the label
        1.0
    """
    columns = [column[:, None] for column in table.T if column.any()]
    conditional = sum(column.sum() / table.sum() * entropy(column) for column in columns)
    return entropy(table) - conditional


@checked
def kl_selectivity(table: Table) -> float:
    r"""Largest specific information of one quantized neuron, in bits.

    The twin of `neuronlib.information.measures.kl_selectivity`.

    .. math:: \max_y \sum_t \hat p(t|y) \log_2 \frac{\hat p(t|y)}{\hat p(t)}

    Source: Amjad, Liu, Geiger 2021, Eq. (5). No deviation; labels without samples do not count.

    Args:
        table: Joint counts of one neuron, or joint probabilities.

    Returns:
        At least the mutual information, and zero if and only if that is zero, but for rounding.

    Example:
        >>> float(kl_selectivity(np.array([[6, 0], [0, 2]])))  # the rarer label is a quarter of the samples
        2.0
    """
    q = table.sum(axis=1) / table.sum()
    of_label = [column / column.sum() for column in table.T if column.any()]
    return max(sum(p[t] * log2(p[t] / q[t]) for t in range(len(q)) if p[t] > 0) for p in of_label)


@checked
def joint_counts(
    outputs: Annotated[Real[ndarray, " sample"], FINITE],
    labels: Labels,
    thresholds: Annotated[Sequence[float], INCREASING],
    label_count: LabelCount,
) -> Int64[ndarray, "value label"]:
    r"""Table of one neuron, by counting one sample after the other; twin of `information.joint_counts`.

    .. math:: n(t, y) = \left|\{\ell : Q(t_j(x_\ell)) = t,\ y_\ell = y\}\right|

    :math:`Q` is the number of thresholds that the output exceeds.

    Source: Amjad, Liu, Geiger 2021, Eq. (2), before division by the number of samples. No deviation.

    Args:
        outputs: The neuron's output for each sample.
        labels: The label of each sample, from 0.
        thresholds: Increasing thresholds of the quantizer.
        label_count: Number of labels.

    Returns:
        Counts that add up to the number of samples.

    Example:
        >>> joint_counts(np.array([0.0, 2.0, 0.5]), np.array([0, 1, 1]), [0.0], label_count=2)
        array([[1, 0], [0, 2]])
    """
    table = np.zeros((len(thresholds) + 1, label_count), dtype=np.int64)
    for output, label in zip(outputs, labels, strict=True):
        table[sum(output > threshold for threshold in thresholds), label] += 1
    return table


@checked
def cumulative_ablation(
    module: "torch.nn.Sequential",
    inputs: "torch.Tensor",
    labels: "torch.Tensor",
    order: Sequence[AtLeastZero],
    replacement: "torch.Tensor",
    label_count: LabelCount,
    remains: "torch.Tensor | None" = None,
) -> Int64[ndarray, "step label"]:
    r"""Correct answers of one network, by a full pass over all samples for each number of ablated neurons.

    The twin of `neuronlib.ablation.cumulative.ablate`, of one network and one order.

    .. math:: t_{\pi(m)}(x) \leftarrow r_{\pi(m)} + s_{\pi(m)}\, t_{\pi(m)}(x), \qquad m = 1, \dots, n

    Source: Amjad, Liu, Geiger 2021, Sec. V, with :math:`s = 0`. Deviation: :math:`s > 0` is the replications'.

    Args:
        module: A `torch.nn.Sequential` of linear maps, each but the last followed by ReLU or sigmoid neurons.
        inputs: Tensor of inputs by sample and feature.
        labels: Tensor of labels, from 0.
        order: Neurons in the order in which they are ablated, numbered through all layers.
        replacement: The output :math:`r` of each of the network's neurons once it is ablated.
        label_count: Number of labels.
        remains: The share :math:`s` of its output that each neuron keeps once it is ablated; None for nothing.

    Returns:
        Exact numbers of samples, for 0, 1, … ablated neurons.

    Raises:
        ValueError: If inputs, labels, order, replacement or remains are not those of the module.

    Example:
        >>> import torch
        >>> network = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.ReLU(), torch.nn.Linear(1, 2))
        >>> weights = {"0.weight": [[1.0]], "0.bias": [0.0], "2.weight": [[0.0], [2.0]], "2.bias": [1.0, 0.0]}
        >>> network.load_state_dict({name: torch.tensor(values) for name, values in weights.items()})
        <All keys matched successfully>
        >>> inputs, labels = torch.tensor([[0.0], [1.0]]), torch.tensor([0, 1])
        >>> cumulative_ablation(network, inputs, labels, [0], torch.zeros(1), label_count=2)
        array([[1, 1], [1, 0]])
    """
    import torch  # here, so that the other twins need none
    from torch import nn

    maps = [part for part in module if isinstance(part, nn.Linear)]
    neurons = sum(part.out_features for part in maps[:-1])
    fits = maps and inputs.ndim == 2 and inputs.shape[1] == maps[0].in_features and inputs.dtype == maps[0].weight.dtype
    fits = fits and bool(inputs.isfinite().all()) and labels.shape == inputs.shape[:1] and labels.dtype == torch.int64
    if not fits or not bool(((labels >= 0) & (labels < label_count)).all()):
        raise ValueError(f"inputs {tuple(inputs.shape)}, labels {tuple(labels.shape)}: expected those of the module")
    remains = torch.zeros(len(replacement)) if remains is None else remains
    shares = (replacement, remains)
    if not all(one.shape == (neurons,) and not one.is_complex() and bool(one.isfinite().all()) for one in shares):
        raise ValueError(f"replacement, remains: expected a finite number for each of {neurons} neurons")
    if len(set(order)) < len(order) or max(order, default=0) >= neurons:
        raise ValueError(f"order = {list(order)}: expected neurons from 0 to {neurons - 1}, each once")
    counts = np.zeros((len(order) + 1, label_count), dtype=np.int64)
    for step in range(len(order) + 1):
        with torch.no_grad():
            outputs, first = inputs, 0
            for part in module:
                outputs = part(outputs)
                if isinstance(part, nn.ReLU | nn.Sigmoid):
                    for j in range(outputs.shape[1]):
                        if first + j in order[:step]:
                            outputs[:, j] = replacement[first + j] + remains[first + j] * outputs[:, j]
                    first += outputs.shape[1]
        predicted = outputs.argmax(dim=1)
        for label in range(label_count):
            counts[step, label] = ((predicted == label) & (labels == label)).sum()
    return counts


@checked
def o_information(
    values: Annotated[Real[ndarray, "sample neuron"], FINITE, SOME] | Annotated[Bool[ndarray, "sample neuron"], SOME],
) -> float:
    r"""O-information of one group of quantized neurons, in bits.

    Total correlation less dual total correlation, as the definition has it; the twin of
    `neuronlib.information.groups.oinformation.of_groups`.

    .. math::
        \Omega = \Bigl[\sum_j H(X_j) - H(X)\Bigr] - \Bigl[H(X) - \sum_j \bigl(H(X) - H(X_{-j})\bigr)\Bigr]

    Source: Rosas, Mediano, Gastpar, Jensen 2019, the definition of O-information. No deviation.

    Args:
        values: Each neuron's value for each sample.

    Returns:
        Positive where redundancy prevails, negative where synergy does.

    Example:
        >>> float(o_information(np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]])))  # exclusive or
        -1.0
    """
    neurons = range(values.shape[1])
    whole = _joint_entropy(values)
    total_correlation = sum(_joint_entropy(values[:, [j]]) for j in neurons) - whole
    dual_correlation = whole - sum(whole - _joint_entropy(np.delete(values, j, axis=1)) for j in neurons)
    return total_correlation - dual_correlation


def _joint_entropy(values: ndarray) -> float:
    patterns = Counter(map(tuple, values.tolist()))
    return entropy(np.array(list(patterns.values()))[:, None])


@checked
def joint_order(
    criterion: Literal["mRMR", "CMIM", "JMI", "coverage", "blanket"],
    active: Bits,
    labels: Labels,
    label_count: LabelCount,
    ties: Annotated[Int64[ndarray, " neuron"], PERMUTATION],
) -> list[int]:
    r"""Order a layer's one-bit neurons by what they say together; twin of `neuronlib.pruning.joint.joint_order`.

    All information is from entropies of columns side by side:

    .. math:: I(A; B \mid C) = H(A, C) + H(B, C) - H(C) - H(A, B, C)

    Source: as of the twin. No deviation from it.

    Args:
        criterion: One of the twin's.
        active: Which neurons are active for which samples.
        labels: The label of each sample, from 0.
        label_count: Number of labels.
        ties: A permutation, as of the twin.

    Returns:
        The neurons, the first to be removed first.

    Example:
        >>> active = np.array([[0, 0], [0, 0], [1, 0], [1, 1]], dtype=bool)
        >>> joint_order("CMIM", active, np.array([0, 0, 1, 1]), 2, np.array([0, 1]))
        [1, 0]
    """
    columns = [active[:, j].astype(int) for j in range(active.shape[1])]
    constant = sorted((j for j, column in enumerate(columns) if len(set(column.tolist())) == 1), key=lambda j: ties[j])
    left = [j for j in range(len(columns)) if j not in constant]
    if criterion == "blanket":
        most = max(size for size in range(4) if size == 0 or 2 ** (size + 1) * label_count <= len(labels))
        return constant + _without_blankets(columns, labels, left, ties, most)
    kept: list[int] = []
    cover: list[int] = []
    while left:
        score = functools.partial(_joint_score, criterion, columns, labels, kept, cover)
        if criterion == "coverage" and not any(score(j) for j in left):
            cover.clear()
        best = max(left, key=lambda j: (score(j), ties[j]))
        kept.append(best)
        cover.append(best)
        left.remove(best)
    return constant + kept[::-1]


def _joint_score(
    criterion: str, columns: list[ndarray], labels: ndarray, kept: list[int], cover: list[int], j: int
) -> float:
    own = columns[j]
    alone = _conditional_information([own], [labels], [])
    if criterion == "coverage":
        present = sorted(set(labels.tolist()))
        covered = [max((_specific(columns[k], labels, y) for k in cover), default=0.0) for y in present]
        score = sum(max(0.0, _specific(own, labels, y) - c) for y, c in zip(present, covered, strict=True))
    elif not kept:
        score = alone
    elif criterion == "mRMR":
        score = alone - sum(_conditional_information([own], [columns[k]], []) for k in kept) / len(kept)
    elif criterion == "CMIM":
        score = min(_conditional_information([own], [labels], [columns[k]]) for k in kept)
    else:
        score = sum(_conditional_information([own, columns[k]], [labels], []) for k in kept)
    return round(score, 9)


def _without_blankets(columns: list[ndarray], labels: ndarray, left: list[int], ties: ndarray, most: int) -> list[int]:
    removed = []
    while left:
        lost = {}
        for j in left:
            alike = {k: round(_conditional_information([columns[j]], [columns[k]], []), 9) for k in left if k != j}
            blanket = sorted(alike, key=lambda k: (-alike[k], -ties[k]))[:most]
            lost[j] = round(_conditional_information([columns[j]], [labels], [columns[k] for k in blanket]), 9)
        removed.append(min(left, key=lambda j: (lost[j], ties[j])))
        left = [j for j in left if j != removed[-1]]
    return removed


def _conditional_information(a: list[ndarray], b: list[ndarray], c: list[ndarray]) -> float:
    of_both = _joint_entropy(np.column_stack([*a, *b, *c]))
    of_condition = _joint_entropy(np.column_stack(c)) if c else 0.0
    each = _joint_entropy(np.column_stack([*a, *c])) + _joint_entropy(np.column_stack([*b, *c]))
    return each - of_condition - of_both


def _specific(column: ndarray, labels: ndarray, label: int) -> float:
    of_label = column[labels == label]
    shares = [((of_label == value).mean(), (column == value).mean()) for value in (0, 1)]
    return sum(p * log2(p / q) for p, q in shares if p > 0)


@checked
@functools.cache
def antichains(sources: FewSources) -> list[tuple[tuple[int, ...], ...]]:
    """List the sets of groups of sources of which none contains another; twin of `information.groups.lattice.lattice`.

    Args:
        sources: Number of sources, at most 4: all sets of groups are tried.

    Returns:
        Each antichain's groups.

    Example:
        >>> antichains(2)
        [((0,),), ((1,),), ((0, 1),), ((0,), (1,))]
    """
    groups = [group for size in range(1, sources + 1) for group in itertools.combinations(range(sources), size)]
    collections = (some for size in range(1, len(groups) + 1) for some in itertools.combinations(groups, size))
    return [some for some in collections if not any(set(a) < set(b) for a, b in itertools.permutations(some, 2))]


@functools.cache
def _below(sources: int) -> dict[tuple[tuple[int, ...], ...], list[tuple[tuple[int, ...], ...]]]:
    # The antichains below each antichain: each of its groups contains one of theirs.
    def is_below(one: tuple, other: tuple) -> bool:
        return one != other and all(any(set(a) <= set(b) for a in one) for b in other)

    everything = antichains(sources)
    below = {other: [one for one in everything if is_below(one, other)] for other in everything}
    return dict(sorted(below.items(), key=lambda entry: len(entry[1])))


@checked
def shared_exclusion_atoms(
    table: Annotated[Real[ndarray, "state label"], FINITE, STATES, TABLES, FEW_STATES],
) -> dict[tuple[tuple[int, ...], ...], float]:
    r"""Atoms of one group of one-bit neurons by shared exclusions, in bits.

    The twin of `neuronlib.information.groups.shared_exclusion.shared_exclusion_atoms`: all cases of each sample's
    states are gone through, and atoms follow one from the other.

    .. math:: \Pi(\alpha) = \sum_{s, y} \hat p(s, y) \log_2 \frac{\hat p(y \mid W)}{\hat p(y)}
        - \sum_{\beta \prec \alpha} \Pi(\beta), \qquad W = \bigcup_{a \in \alpha} \bigcap_{j \in a} \{T_j = s_j\}

    Source: Makkeh, Gutknecht, Wibral 2021. No deviation.

    Args:
        table: Joint counts of `group_counts`, or joint probabilities, of at most 4 neurons.

    Returns:
        The atom of each antichain.

    Example:
        >>> atoms = shared_exclusion_atoms(np.array([[5, 0], [0, 0], [0, 0], [0, 5]]))  # copies
        >>> float(atoms[(0,), (1,)])
        1.0
    """
    p = table / table.sum()
    sources = len(p).bit_length() - 1
    states = list(itertools.product((0, 1), repeat=sources))
    atoms: dict[tuple[tuple[int, ...], ...], float] = {}
    for antichain, below in _below(sources).items():
        shared = 0.0
        for s, row in zip(states, p, strict=True):
            if not row.any():
                continue
            agrees = [any(all(t[j] == s[j] for j in group) for group in antichain) for t in states]
            of_union = p[agrees].sum(axis=0)
            for y in range(len(row)):
                if row[y] > 0:
                    shared += row[y] * log2(of_union[y] / of_union.sum() / p[:, y].sum())
        atoms[antichain] = shared - sum(atoms[other] for other in below)
    return atoms


@checked
def rewarded_term(
    term: Term,
    z: Annotated[Real[ndarray, " sample"], FINITE],
    outputs: Annotated[Real[ndarray, " sample"], FINITE, NOT_NEGATIVE],
    labels: Labels,
    label_count: LabelCount,
    temperature: Positive,
) -> float:
    r"""What training can reward in one neuron, one sample after the other.

    The twin of `neuronlib.training.rewarded.rewarded_term`, whose docstring has the formulas. A soft bit

    .. math:: s_\ell = \operatorname{sigmoid}\left(\frac{z_\ell}{\tau\,\sigma_z}\right)
        = \tfrac12 \left(1 + \tanh \frac{z_\ell}{2 \tau\,\sigma_z}\right)

    counts as :math:`s_\ell` of a sample with bit 1 and :math:`1 - s_\ell` of one with bit 0.

    Source: Amjad, Liu, Geiger 2021, Sec. VI, name no formula; soft counts are ours. Leavitt, Morcos 2021, for class
    selectivity.

    Args:
        term: "mutual_information" or "kl_selectivity", in bits, or "class_selectivity".
        z: The neuron's pre-activation for each sample.
        outputs: Its output for each sample, at least 0.
        labels: The label of each sample, from 0.
        label_count: Number of labels.
        temperature: How soft bits are, in standard deviations of the pre-activation.

    Returns:
        At least 0, but for rounding.

    Raises:
        ValueError: If pre-activations, outputs and labels are not of the same samples, or a label is out of range.

    Example:
        >>> z, labels = np.array([1.0, 2.0, -2.0, -1.0]), np.array([0, 0, 1, 1])
        >>> round(rewarded_term("mutual_information", z, np.maximum(z, 0), labels, 2, temperature=0.01), 6)
        1.0
    """
    if not len(z) == len(outputs) == len(labels) or max(labels) >= label_count:
        raise ValueError(f"z, outputs, labels: expected one of each for a sample, with labels to {label_count - 1}")
    if term == "class_selectivity":
        means = [float(outputs[labels == label].mean()) for label in sorted(set(labels.tolist()))]
        if len(means) < 2:
            return 0.0
        largest = max(means)
        others = (sum(means) - largest) / (len(means) - 1)
        return (largest - others) / (largest + others + 1e-7)
    deviation = sqrt(z.var() + 1e-12)
    table = np.zeros((2, label_count))
    for value, label in zip(z, labels, strict=True):
        bit = (1 + tanh(value / (2 * temperature * deviation))) / 2
        table[1, label] += bit
        table[0, label] += 1 - bit
    return float(mutual_information(table) if term == "mutual_information" else kl_selectivity(table))
