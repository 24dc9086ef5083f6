r"""What all neurons of a layer together say of the label, between two ends: nothing in between is guessed.

A table of a layer's states has :math:`2^n` rows for each label, so no plug-in estimate exists. Decoders that are asked
about samples they have not learned from bound the information from below; the label's entropy bounds it from above.
"""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from neuronlib.common.entries import Bits, LabelCount, Labels
from neuronlib.common.randomness import permutation, stream
from neuronlib.information.groups.oinformation import with_copies
from neuronlib.information.groups.tables import group_counts
from neuronlib.information.measures import entropy, information_bias, mutual_information

FEWEST_SAMPLES = 40
"""One half to learn from, and two quarters to choose a decoder and to ask it."""

# Strengths of the penalty, from strong to scikit-learn's default: layers of 20 and of 1000 neurons need others.
_INVERSE_PENALTIES = (0.03, 0.3, 1.0)
_HIDDEN = 64
# A table of so many neurons has a few samples in each state.
_MOST_IN_TABLE = 8
# Kept for labels that a decoder rules out: their probability is at least this share of a uniform one.
_RESERVED = 1e-3
# 95 % of a normal distribution lie above.
_ONE_SIDED = 1.645


def layer_bracket(active: Bits, labels: Labels, label_count: LabelCount) -> xr.Dataset:
    r"""Bound what a layer of one-bit neurons says of the label, and its Shannon invariants.

    .. math::
        H(Y) + \frac{1}{N} \sum_\ell \log_2 q(y_\ell \mid t_\ell) \;\le\; &I(T; Y) \;\le\;
        \min\Bigl( H(Y), \sum_j H(T_j) \Bigr) \\
        \frac{\sum_j I(T_j; Y)}{\text{high end of } I(T; Y)} \;\le\; &\bar r \;\le\;
        \frac{\sum_j I(T_j; Y)}{\text{low end of } I(T; Y)} \\
        0 \;\le\; &\bar v \;\le\; \sum_j \frac{I(T; Y) - \text{low end of } I(T_{-j}; Y)}{I(T; Y)}

    for any :math:`q`. It is the best of several decoders: logistic regressions, a network of one hidden layer and, for
    few neurons, a table of states. They learn from one half of the samples, one is chosen on a quarter, and asked about
    the other quarter; each sample is asked about once. A decoder that lacks a neuron is the same decoder, averaged over
    the neuron's two values.

    The low end of vulnerability is 0 and says nothing: only the label's entropy bounds :math:`I(T_{-j}; Y)` from
    above. At its high end, each neuron loses as much as some :math:`I(T; Y)` of the bracket allows, at most its own
    entropy, and nothing if another neuron equals it. Redundancy and vulnerability are at most the number of neurons
    that vary.

    Source: Barber, Agakov 2003, for the bound; Gutknecht and others 2025 for the invariants. The bracket is ours.

    Args:
        active: Which neurons are active for which samples.
        labels: The label of each sample, from 0.
        label_count: Number of labels.

    Returns:
        With an axis ``end`` ("low", "high"): ``information`` in bits, ``redundancy`` and ``vulnerability`` in neurons.
        The low end of information is a one-sided 95 % confidence limit, and so are the ends of what neurons say by
        themselves, with and without correction for bias; the others follow from them.
        ``alone``: the sum over neurons of what each says by itself, in bits, corrected for bias (Miller-Madow).
        ``constant``: neurons that never change, which say nothing. ``copies``: neurons that equal one before them.
        The invariants are NaN where all neurons are constant.

    Raises:
        ValueError: If there are fewer than 40 samples, or a label is not below their number.

    Example:
        >>> labels = np.arange(4000) % 2
        >>> copies = np.repeat(labels[:, None] == 1, 3, axis=1)
        >>> layer_bracket(copies, labels, label_count=2).redundancy.values.round(2)
        array([3., 3.])
    """
    samples = len(labels)
    if samples < FEWEST_SAMPLES:
        raise ValueError(f"{samples} samples: expected at least {FEWEST_SAMPLES} to learn, to choose and to ask")
    varies = np.asarray(active.any(axis=0) & ~active.all(axis=0))
    kept, copied = with_copies(active)
    counts = group_counts(active, labels, np.flatnonzero(varies)[:, None], label_count)
    plug_in = mutual_information(counts)
    # What falls below zero is chance.
    alone = np.maximum(plug_in - information_bias(counts), 0.0).sum()
    chance = _ONE_SIDED * _error_of_sum(active[:, varies], labels, counts)
    alone_low, alone_high = max(0.0, min(alone, plug_in.sum()) - chance), max(alone, plug_in.sum()) + chance
    own = entropy(group_counts(active, labels, kept[:, None], label_count))
    of_label = np.bincount(labels, minlength=label_count)
    high = min(float(entropy(of_label[:, None])), float(own.sum()))
    low, without = 0.0, np.zeros(len(kept))
    if len(kept):
        gains, gains_without = _gains(active[:, kept], labels, of_label / samples)
        low = min(float(_lower_limit(gains)), high)
        without = np.minimum(_lower_limit(gains_without), low)
    ends = np.full((2, 2), np.nan)
    if high > 0:
        most = np.count_nonzero(varies)
        # A term rises with I(T; Y) until the neuron's entropy is all that can be lost, and falls behind.
        terms = np.minimum(1 - without / high, own / np.maximum(np.maximum(low, without + own), np.finfo(float).tiny))
        ends[0] = min(alone_low / high, most), min(alone_high / low, most) if low > 0 else most
        ends[1] = 0.0, min(terms[~copied].sum(), most)
    return xr.Dataset(
        {
            "information": ("end", [low, high], {"units": "bit"}),
            "redundancy": ("end", ends[0], {"units": "neuron"}),
            "vulnerability": ("end", ends[1], {"units": "neuron"}),
            "alone": ((), alone, {"units": "bit"}),
            "constant": np.count_nonzero(~varies),
            "copies": int(varies.sum()) - len(kept),
        },
        {"end": ["low", "high"]},
    )


def _error_of_sum(
    bits: Bool[ndarray, "sample neuron"],
    labels: Int64[ndarray, " sample"],
    counts: Int64[ndarray, "neuron 2 label"],
) -> float:
    # The standard error of the sum of informations is that of the mean of what neurons say of each sample.
    of_value, of_label = counts.sum(axis=2, keepdims=True), counts.sum(axis=1, keepdims=True)
    ratios = np.divide(counts * float(len(labels)), of_value * of_label, out=np.ones(counts.shape), where=counts > 0)
    said = np.log2(ratios)
    inactive = said[:, 0].sum(axis=0)[labels]
    of_samples = inactive + (bits @ (said[:, 1] - said[:, 0]))[np.arange(len(labels)), labels]
    return float(of_samples.std() / np.sqrt(len(labels)))


def _lower_limit(gains: Float64[ndarray, "*neuron sample"]) -> Float64[ndarray, "*neuron"]:
    error = gains.std(axis=-1) / np.sqrt(gains.shape[-1])
    return np.asarray(np.maximum(gains.mean(axis=-1) - _ONE_SIDED * error, 0.0))


def _gains(
    bits: Bool[ndarray, "sample neuron"], labels: Int64[ndarray, " sample"], shares: Float64[ndarray, " label"]
) -> tuple[Float64[ndarray, " sample"], Float64[ndarray, "neuron sample"]]:
    # By how many bits each sample's label is likelier to a decoder than by its share, and to one that lacks a neuron.
    samples, neurons = bits.shape
    # Drawn, since samples may be sorted or take turns; always the same, since it is part of the estimator.
    quarters = permutation(stream(0, "quarters"), samples) % 4
    gains, without = np.empty(samples), np.empty((neurons, samples))
    for half in (0, 1):
        learned = quarters % 2 != half
        decoders = _decoders(bits[learned], labels[learned], len(shares))
        active_share = bits[learned].mean(axis=0)
        of_half = [np.flatnonzero(quarters == quarter) for quarter in (half, half + 2)]
        for asked, others in (of_half, of_half[::-1]):
            chosen = max(decoders, key=lambda decoder: _gain(decoder(bits[others]), labels[others], shares).mean())
            whole = chosen(bits[asked])
            gains[asked] = _gain(whole, labels[asked], shares)
            for j, flipped in enumerate(chosen.flipped(bits[asked])):
                actual = np.where(bits[asked, j], active_share[j], 1 - active_share[j])[:, None]
                without[j, asked] = _gain(actual * whole + (1 - actual) * flipped, labels[asked], shares)
    return gains, without


def _gain(
    probabilities: Float64[ndarray, "sample label"],
    labels: Int64[ndarray, " sample"],
    shares: Float64[ndarray, " label"],
) -> Float64[ndarray, " sample"]:
    reserved = _RESERVED / len(shares)
    likely = (1 - _RESERVED) * probabilities[np.arange(len(labels)), labels] + reserved
    return np.log2(likely / shares[labels])


def _decoders(
    bits: Bool[ndarray, "sample neuron"], labels: Int64[ndarray, " sample"], label_count: int
) -> list["_Decoder"]:
    inputs = bits.astype(np.float64)
    decoders: list[_Decoder] = []
    if bits.shape[1] <= _MOST_IN_TABLE:
        decoders.append(_Table.of(bits, labels, label_count))
    seen, places = np.unique(labels, return_inverse=True)
    if len(seen) < 2:
        return decoders or [_Maps([np.zeros((bits.shape[1], 1))], [np.zeros(1)], seen, label_count)]
    with warnings.catch_warnings():
        # A decoder that stops early is another decoder, and its bound holds too.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for inverse_penalty in _INVERSE_PENALTIES:
            linear = LogisticRegression(C=inverse_penalty, max_iter=200).fit(inputs, places)
            decoders.append(_Maps([linear.coef_.T], [linear.intercept_], seen, label_count))
        network = MLPClassifier((_HIDDEN,), alpha=1e-2, max_iter=60, random_state=0).fit(inputs, places)
    decoders.append(_Maps(network.coefs_, network.intercepts_, seen, label_count))
    return decoders


class _Maps:
    # A row of linear maps with ReLU between them and probabilities behind them.
    def __init__(self, weights: Sequence[ndarray], biases: Sequence[ndarray], seen: ndarray, label_count: int):
        self.weights, self.biases, self.seen, self.label_count = weights, biases, seen, label_count

    def __call__(self, bits: Bool[ndarray, "sample neuron"]) -> Float64[ndarray, "sample label"]:
        return self._behind(bits @ self.weights[0] + self.biases[0])

    def flipped(self, bits: Bool[ndarray, "sample neuron"]) -> Iterator[Float64[ndarray, "sample label"]]:
        """Yield what it says of samples with the value of one neuron after the other exchanged."""
        sums = bits @ self.weights[0] + self.biases[0]
        for j, weights in enumerate(self.weights[0]):
            yield self._behind(sums + np.outer(1.0 - 2.0 * bits[:, j], weights))

    def _behind(self, sums: ndarray) -> Float64[ndarray, "sample label"]:
        for weights, biases in zip(self.weights[1:], self.biases[1:], strict=True):
            sums = np.maximum(sums, 0.0) @ weights + biases
        # Of two labels, scikit-learn has one number.
        if sums.shape[1] < len(self.seen):
            sums = np.column_stack([np.zeros(len(sums)), sums])
        probabilities = np.zeros((len(sums), self.label_count))
        probabilities[:, self.seen] = softmax(sums, axis=1)
        return probabilities


class _Table:
    # How often each label came with each state.
    def __init__(self, probabilities: Float64[ndarray, "state label"]):
        self.probabilities = probabilities

    @classmethod
    def of(cls, bits: Bool[ndarray, "sample neuron"], labels: Int64[ndarray, " sample"], label_count: int) -> "_Table":
        """Count, with one sample more in each state, divided among the labels by their shares."""
        counts = np.zeros((2 ** bits.shape[1], label_count))
        np.add.at(counts, (cls._states(bits), labels), 1.0)
        counts += counts.sum(axis=0) / len(labels)
        return cls(counts / counts.sum(axis=1, keepdims=True))

    def __call__(self, bits: Bool[ndarray, "sample neuron"]) -> Float64[ndarray, "sample label"]:
        return self.probabilities[self._states(bits)]

    def flipped(self, bits: Bool[ndarray, "sample neuron"]) -> Iterator[Float64[ndarray, "sample label"]]:
        """Yield what it says of samples with the value of one neuron after the other exchanged."""
        states = self._states(bits)
        for j in range(bits.shape[1]):
            yield self.probabilities[states ^ (1 << j)]

    @staticmethod
    def _states(bits: Bool[ndarray, "sample neuron"]) -> Int64[ndarray, " sample"]:
        return bits @ (1 << np.arange(bits.shape[1]))


_Decoder = _Maps | _Table
