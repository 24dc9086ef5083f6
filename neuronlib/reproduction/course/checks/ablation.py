"""Checks of the second assignment: ablate, compare with random ablation, and test a claim."""

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from numpy import ndarray

from neuronlib.ablation import curves as statistics
from neuronlib.ablation import significance
from neuronlib.reproduction.course.report import Fact, Report, differs, examine

VERDICTS = ("better", "worse", "unclear")
"""Outcomes of ordered against random ablation."""

Curve = Callable[[ndarray, ndarray, ndarray, ndarray, ndarray], ndarray]
OfCurves = Callable[[ndarray, ndarray], float]


def check_curve(curve: Curve, seed: int = 0) -> Report:
    """Check a learner's ablation of a network's last hidden layer, one neuron after the other.

    Args:
        curve: Computes the accuracy after 0, 1, … all neurons output zero from outputs (sample, neuron), weights
            (neuron, label), biases (label), labels (sample) and an order of the neurons.
        seed: Seed of the network.

    Returns:
        Five facts of one point each.
    """
    draw = np.random.default_rng(seed)
    outputs, weights, biases = draw.random((200, 6)), draw.normal(size=(6, 4)), 0.2 * draw.normal(size=4)
    order = draw.permutation(6)
    # The network gets most labels right, but not all, so that every neuron matters.
    labels = (outputs @ weights + biases).argmax(axis=1)
    labels[:20] = draw.integers(0, 4, 20)
    right = [_accuracy(outputs, weights, biases, labels, order[:n]) for n in range(7)]

    def answer() -> ndarray:
        given = tuple(array.copy() for array in (outputs, weights, biases, labels, order))
        return np.asarray(curve(*given), dtype=np.float64)

    def changed() -> str | None:
        given = outputs.copy()
        curve(given, weights.copy(), biases.copy(), labels.copy(), order.copy())
        return differs(given, outputs)

    return examine(
        "ablation curve",
        [
            Fact("it has a point for each number of neurons, none and all included", lambda: _length(answer(), 7)),
            Fact("it starts at the accuracy of the whole network", lambda: differs(answer()[0], right[0], tell=False)),
            Fact("it ends where the biases alone decide", lambda: differs(answer()[-1], right[-1], tell=False)),
            Fact("each step takes one neuron more, in the order given", lambda: differs(answer(), right, tell=False)),
            Fact("the outputs that it is given are left as they were", changed),
        ],
    )


def check_gap(gap: OfCurves, seed: int = 0) -> Report:
    """Check a learner's mean gap between ordered and random ablation.

    Args:
        gap: Computes it from accuracies under ordered ablation (network) and under random ablation (network, order).
        seed: Seed of the accuracies.

    Returns:
        Two facts of one point each.
    """
    ordered, random = _drawn(seed)
    return examine(
        "mean gap",
        [
            Fact("positive where ordered ablation leaves more accuracy", lambda: differs(gap(*_certain()), 0.25)),
            Fact(
                "the mean over networks of the gap to that network's own random orders",
                lambda: differs(gap(ordered.copy(), random.copy()), float((ordered - random.mean(axis=1)).mean())),
            ),
        ],
    )


def check_p_value(p_value: OfCurves, seed: int = 0) -> Report:
    """Check a learner's paired test of ordered against random ablation, whichever test it is.

    Args:
        p_value: Computes the two-sided p-value from accuracies under ordered ablation (network) and under random
            ablation (network, order).
        seed: Seed of the accuracies.

    Returns:
        Five facts of one point each.

    Example:
        >>> from scipy.stats import ttest_ind, wilcoxon
        >>> check_p_value(lambda ordered, random: wilcoxon(ordered - random.mean(axis=1)).pvalue).points
        5.0
        >>> pooled = check_p_value(lambda ordered, random: ttest_ind(ordered.repeat(10), random.ravel()).pvalue)
        >>> [says for says, fault, _ in pooled.facts if fault][0]
        'random orders of one network are not networks: the same orders twice change nothing'
    """
    ordered, random = _drawn(seed)

    def call(ordered: ndarray, random: ndarray) -> float:
        return float(p_value(ordered.copy(), random.copy()))

    def other_pairs() -> str | None:
        shift = np.linspace(0, 0.4, len(ordered))  # networks that differ, and a gap that hardly does
        together = call(ordered + shift, random + shift[:, None])
        apart = call(ordered + shift, (random + shift[:, None])[::-1])  # the same numbers
        return (
            None if together < 0.9 * apart else f"p is {together:.3g} with the networks paired, {apart:.3g} crosswise"
        )

    def certain() -> str | None:
        gain, random = _certain()
        # Five gain five points, five lose as much.
        balanced = random.mean(axis=1) + np.where(np.arange(10) % 2, 0.05, -0.05)
        p, even = call(gain, random), call(balanced, random)
        return (
            None
            if 0.0 <= p < 0.05 < even
            else f"p = {p:.3g} where all gain, {even:.3g} where half of them lose as much"
        )

    return examine(
        "test",
        [
            Fact("significant where each of ten networks gains, not where half of them lose as much", certain),
            Fact(
                "it is two-sided: gains and losses of the same size have the same p-value",
                lambda: _other_p(call(1 - ordered, 1 - random), call(ordered, random)),
            ),
            Fact(
                "random orders of one network are not networks: the same orders twice change nothing",
                lambda: _other_p(call(ordered, np.repeat(random, 2, axis=1)), call(ordered, random)),
            ),
            Fact("each network is compared with itself", other_pairs),
            Fact(
                "the order in which the networks stand changes nothing",
                lambda: _other_p(call(ordered[::-1], random[::-1]), call(ordered, random)),
            ),
        ],
    )


def check_conclusion(conclusion: Mapping[str, str], curves: Mapping[str, xr.DataArray], step: int) -> Report:
    """Check a learner's conclusions from networks of their own, layer by layer, by the rule of the assignment.

    The rule: if the p-value (Wilcoxon's, exact; adjusted for the layers by Holm's method) is below 0.05, the sign of
    the mean gap decides between "better" and "worse"; else the conclusion is "unclear".

    Args:
        conclusion: By layer, one of `VERDICTS`.
        curves: By layer, accuracies with axes ``network``, ``order`` and ``step``.
        step: Number of ablated neurons.

    Returns:
        A point for each layer.
    """
    gaps = {
        layer: statistics.gap_to_random(of_layer.sel(step=step), "mutual_information", "low").values
        for layer, of_layer in curves.items()
    }
    adjusted = significance.holm(np.array([significance.wilcoxon_p(gap, exact=True) for gap in gaps.values()]))
    facts = []
    for (layer, gap), p in zip(gaps.items(), adjusted, strict=True):
        right = "unclear" if p >= 0.05 else "better" if gap.mean() > 0 else "worse"

        def fault(layer: str = layer, right: str = right) -> str | None:
            if conclusion[layer] not in VERDICTS:
                return f"you say {conclusion[layer]!r}; say one of {', '.join(VERDICTS)}"
            if conclusion[layer] != right:
                return f"you say {conclusion[layer]!r}, which does not follow from these networks"
            return None

        facts.append(Fact(f"layer {layer}, mutual information lowest first", fault))
    return examine("conclusion", facts)


def _accuracy(outputs: ndarray, weights: ndarray, biases: ndarray, labels: ndarray, ablated: ndarray) -> float:
    kept = np.setdiff1d(np.arange(outputs.shape[1]), ablated)
    logits = outputs[:, kept] @ weights[kept] + biases
    return float((logits.argmax(axis=1) == labels).mean())


def _length(answer: ndarray, expected: int) -> str | None:
    return None if answer.shape == (expected,) else f"it has shape {answer.shape}, not {(expected,)}"


def _other_p(one: float, other: float) -> str | None:
    # Relative, since p-values may be tiny.
    return None if np.isclose(one, other, rtol=1e-6, atol=0) else f"p is {one:.3g} in place of {other:.3g}"


def _drawn(seed: int) -> tuple[ndarray, ndarray]:
    # Ten networks, ten orders each; a gain of about two points.
    draw = np.random.default_rng(seed)
    ordered = draw.uniform(0.45, 0.55, size=10)
    return ordered, ordered[:, None] - draw.normal(0.02, 0.03, size=(10, 10))


def _certain() -> tuple[ndarray, ndarray]:
    # Each network gains, 0.25 on average.
    ordered = np.linspace(0.7, 0.8, 10)
    return ordered, np.repeat((ordered - np.linspace(0.15, 0.35, 10))[:, None], 10, axis=1)
