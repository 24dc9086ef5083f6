"""Claims about the layers of networks trained on MNIST, the paper's Sec. V-C and Fig. 3."""

from collections.abc import Callable, Sequence

import numpy as np

from neuronlib.common.choices import MEASURES, Replacement
from neuronlib.reproduction.analysis.effects import gap, whole_accuracy
from neuronlib.reproduction.analysis.neurons import neurons, redundant_share, share_without_entropy
from neuronlib.reproduction.claims.questions.comparisons import (
    BETTER_AND_WORSE,
    MANY,
    MI,
    Asked,
    H,
    all_of,
    distances,
    gaps,
    little_lost,
    paired,
    readings,
    rises,
    shares_of_each,
    strengths,
)
from neuronlib.reproduction.claims.verdicts import (
    Alike,
    Differ,
    DifferOnBothSides,
    DoNotDiffer,
    Effect,
    Question,
)
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import FIG3A, FIG3B, FIG3C, FIG3D, names_of

_MNIST = names_of("mnist")
_ELSEWHERE = [*names_of("fashion"), *names_of("small-fashion"), *names_of("cifar10")]


def k17(source: Source) -> Asked:
    """Half of layer 2, lowest first, can be ablated without harm."""
    return all_of(
        lambda: Alike(tests=little_lost(source, FIG3A, "2", 50)),
        lambda: Alike(tests=little_lost(source, FIG3C, "2", 50, "mean")),
    )


def q19(source: Source) -> Asked:
    """Layer 2 is redundant rather than inactive: larger values than in layer 1, few silent neurons, and redundancy."""

    def redundant(*redundancy: Callable[[], Question]) -> Question:
        silent = [(FIG3A, "silent", lambda results: share_without_entropy(results, "2"))]
        return all_of(
            lambda: Differ(tests=rises(source, [FIG3A], MEASURES), unit="bits"),
            lambda: Differ(tests=shares_of_each(source, silent, MANY, side=-1), unit="% of neurons"),
            *redundancy,
        )

    def of_pairs() -> Question:
        values = 100 * (redundant_share(source(FIG3A), "2") - 0.5)
        shown = "of a pair's information, told by both"
        return Differ(tests=[Effect(values=values, name=shown, setting=FIG3A, reference=50.0)], unit="% of neurons")

    def of_layer() -> Question:
        # Together they tell at most all there is to know of the label.
        values = neurons(source(FIG3A), MI, "2").sum(axis=1) - np.log2(10)
        return Differ(
            tests=[Effect(values=values, name="sum of MI less the label's entropy", setting=FIG3A)],
            unit="bits",
        )

    return readings(
        {
            "active": redundant,
            "redundant as a layer": lambda: redundant(of_layer),
            "redundant in pairs": lambda: redundant(of_pairs),
        }
    )


def q20(source: Source) -> Asked:
    """Layer 1: lowest first is better, highest first worse than random ablation."""
    scopes = [(FIG3A, "1"), (FIG3C, "1")]
    return Differ(tests=gaps(source, scopes, MEASURES, BETTER_AND_WORSE, {FIG3C: "mean"}))


def q21(source: Source) -> Asked:
    """The effect of mutual information in layer 1 is larger for ReLU than for sigmoid."""

    def larger(relu: str, sigmoid: str, replacement: Replacement) -> Question:
        tests = []
        for direction, sign in BETTER_AND_WORSE.items():
            ours = gap(source(relu), "1", MI, direction)
            theirs = gap(source(sigmoid, replacement), "1", MI, direction)
            both = f"{relu} against {sigmoid}"
            tests.append(Effect(values=paired(ours, theirs), name=f"MI {direction}", setting=both, side=sign))
        return Differ(tests=tests)

    return readings(
        {
            "the paper's panels": lambda: larger(FIG3A, FIG3C, "mean"),
            "Dropout, to zero": lambda: larger(FIG3A, FIG3D, "zero"),
            "L2, to zero": lambda: larger("mnist-relu-l2", "mnist-sigmoid-l2", "zero"),
        }
    )


def q22(source: Source) -> Asked:
    """The effect is missing altogether in layer 2: every order is similar to random ablation."""
    scopes = [(FIG3A, "2"), (FIG3C, "2")]
    return _along_and_after_80(
        lambda step: Alike(tests=distances(source, scopes, replacements={FIG3C: "mean"}, step=step))
    )


def q23(source: Source) -> Asked:
    """Sigmoid: the effect in layer 1 is weak and inconsistent."""
    return _weak_and_inconsistent(source, [name for name in _MNIST if "sigmoid" in name])


def q24(source: Source) -> Asked:
    """Sigmoid with Dropout: all orders but the lowest entropy first are similar to random ablation."""
    return _along_and_after_80(
        lambda step: Alike(tests=distances(source, [(FIG3D, "1")], left_out=[(H, "low")], step=step))
    )


def q25(source: Source) -> Asked:
    """Batch normalization: no effect, though accuracy competes with that of the other networks."""
    scopes = [(name, "1") for name in _MNIST if name.endswith("batchnorm")]
    return _along_and_after_80(
        lambda step: all_of(
            lambda: Alike(tests=distances(source, scopes, step=step)), lambda: _competitive_accuracy(source)
        )
    )


def q26(source: Source) -> Asked:
    """The same holds for the other data sets: sigmoid, and batch normalization."""
    normalized = [(name, "1") for name in _ELSEWHERE if name.endswith("batchnorm")]
    return all_of(
        lambda: _weak_and_inconsistent(source, [name for name in _ELSEWHERE if "sigmoid" in name]),
        lambda: Alike(quantifier="most", tests=distances(source, normalized)),
    )


def q47(source: Source) -> Asked:
    """Fig. 3(b) and (c), layer 1: every order is similar to random ablation."""
    scopes = [(FIG3C, "1"), (FIG3B, "1")]
    return _along_and_after_80(
        lambda step: Alike(tests=distances(source, scopes, replacements={FIG3C: "mean"}, step=step))
    )


def _along_and_after_80(question: Callable[[int | None], Question]) -> dict[str, Question]:
    # The paper compares curves, and gives numbers after 80 of 100 neurons.
    return readings({"along the curve": lambda: question(None), "after 80 neurons": lambda: question(80)})


def _weak_and_inconsistent(source: Source, names: Sequence[str]) -> Question:
    return all_of(
        lambda: Alike(quantifier="most", tests=distances(source, [(name, "1") for name in names])),
        lambda: DifferOnBothSides(tests=strengths(source, names, MEASURES)),
    )


def _competitive_accuracy(source: Source) -> Question:
    # With batch normalization, accuracy is not below that of networks trained differently.
    tests = []
    for one in (name for name in _MNIST if name.endswith("batchnorm")):
        activation = one.split("-")[1]
        for other in (name for name in _MNIST if activation in name and name != one):
            values = paired(whole_accuracy(source(one)), whole_accuracy(source(other)))
            text = f"accuracy of {one}, less {other}"
            tests.append(Effect(values=values, name=text, setting=f"{one} against {other}", side=-1))
    return DoNotDiffer(tests=tests)
