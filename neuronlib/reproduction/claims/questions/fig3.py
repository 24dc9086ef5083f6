"""Claims about the layers of networks trained on MNIST, the paper's Sec. V-C and Fig. 3."""

from collections.abc import Callable, Sequence

from neuronlib.ablation.significance import Comparison
from neuronlib.common.choices import MEASURES, Replacement
from neuronlib.reproduction.analysis.effects import HARMLESS, gap, whole_accuracy
from neuronlib.reproduction.analysis.neurons import share_without_entropy
from neuronlib.reproduction.claims.questions.comparisons import (
    BETTER_AND_WORSE,
    MANY,
    MI,
    Answers,
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
from neuronlib.reproduction.claims.verdicts import Answer, are_alike, are_mostly_alike, are_on_both_sides, are_positive
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import FIG3A, FIG3B, FIG3C, FIG3D, names_of

_MNIST = names_of("mnist")
_ELSEWHERE = [*names_of("fashion"), *names_of("small-fashion"), *names_of("cifar10")]


def k17(source: Source) -> Answers:
    """Half of layer 2, lowest first, can be ablated without harm."""
    return all_of(
        lambda: are_positive(little_lost(source, FIG3A, "2", 50)),
        lambda: are_positive(little_lost(source, FIG3C, "2", 50, "mean")),
    )


def q19(source: Source) -> Answers:
    """Layer 2 is redundant rather than inactive: more of each measure than layer 1, and few silent neurons."""
    return all_of(
        lambda: are_positive(rises(source, [FIG3A], MEASURES), "bits"),
        lambda: are_positive(
            shares_of_each(
                source,
                [
                    (
                        FIG3A,
                        "a quarter less the silent share",
                        lambda results: MANY - share_without_entropy(results, "2"),
                    )
                ],
            )
        ),
    )


def q20(source: Source) -> Answers:
    """Layer 1: lowest first is better, highest first worse than random ablation."""
    scopes = [(FIG3A, "1"), (FIG3C, "1")]
    return are_positive(gaps(source, scopes, MEASURES, BETTER_AND_WORSE, {FIG3C: "mean"}))


def q21(source: Source) -> Answers:
    """The effect of mutual information in layer 1 is larger for ReLU than for sigmoid."""

    def larger(relu: str, sigmoid: str, replacement: Replacement) -> Answer:
        tests = []
        for direction, sign in BETTER_AND_WORSE.items():
            ours = sign * gap(source(relu), "1", MI, direction)
            theirs = sign * gap(source(sigmoid, replacement), "1", MI, direction)
            tests.append(Comparison(values=paired(ours, theirs), name=f"MI {direction}", setting=f"{relu}, {sigmoid}"))
        return are_positive(tests)

    return readings(
        {
            "the paper's panels": lambda: larger(FIG3A, FIG3C, "mean"),
            "Dropout, to zero": lambda: larger(FIG3A, FIG3D, "zero"),
            "L2, to zero": lambda: larger("mnist-relu-l2", "mnist-sigmoid-l2", "zero"),
        }
    )


def q22(source: Source) -> Answers:
    """The effect is missing altogether in layer 2: every order is similar to random ablation."""
    scopes = [(FIG3A, "2"), (FIG3C, "2")]
    return _along_and_after_80(
        lambda step: are_alike(distances(source, scopes, replacements={FIG3C: "mean"}, step=step))
    )


def q23(source: Source) -> Answers:
    """Sigmoid: the effect in layer 1 is weak and inconsistent."""
    return _weak_and_inconsistent(source, [name for name in _MNIST if "sigmoid" in name])


def q24(source: Source) -> Answers:
    """Sigmoid with Dropout: all orders but the lowest entropy first are similar to random ablation."""
    return _along_and_after_80(
        lambda step: are_alike(distances(source, [(FIG3D, "1")], left_out=[(H, "low")], step=step))
    )


def q25(source: Source) -> Answers:
    """Batch normalization: no effect, though accuracy competes with that of the other networks."""
    scopes = [(name, "1") for name in _MNIST if name.endswith("batchnorm")]
    return _along_and_after_80(
        lambda step: all_of(
            lambda: are_alike(distances(source, scopes, step=step)), lambda: _competitive_accuracy(source)
        )
    )


def q26(source: Source) -> Answers:
    """The same holds for the other data sets: sigmoid, and batch normalization."""
    normalized = [(name, "1") for name in _ELSEWHERE if name.endswith("batchnorm")]
    return all_of(
        lambda: _weak_and_inconsistent(source, [name for name in _ELSEWHERE if "sigmoid" in name]),
        lambda: are_mostly_alike(distances(source, normalized)),
    )


def q47(source: Source) -> Answers:
    """Fig. 3(b) and (c), layer 1: every order is similar to random ablation."""
    scopes = [(FIG3C, "1"), (FIG3B, "1")]
    return _along_and_after_80(
        lambda step: are_alike(distances(source, scopes, replacements={FIG3C: "mean"}, step=step))
    )


def _along_and_after_80(question: Callable[[int | None], Answer]) -> dict[str, Answer]:
    # The paper compares curves, and gives numbers after 80 of 100 neurons.
    return readings({"along the curve": lambda: question(None), "after 80 neurons": lambda: question(80)})


def _weak_and_inconsistent(source: Source, names: Sequence[str]) -> Answer:
    return all_of(
        lambda: are_mostly_alike(distances(source, [(name, "1") for name in names])),
        lambda: are_on_both_sides(strengths(source, names, MEASURES)),
    )


def _competitive_accuracy(source: Source) -> Answer:
    # With batch normalization, accuracy is at most harmlessly below that of networks trained differently.
    tests = []
    for one in (name for name in _MNIST if name.endswith("batchnorm")):
        activation = one.split("-")[1]
        for other in (name for name in _MNIST if activation in name and name != one):
            values = HARMLESS + paired(whole_accuracy(source(one)), whole_accuracy(source(other)))
            text = f"accuracy and {HARMLESS:g}, less {other}"
            tests.append(Comparison(values=values, name=text, setting=f"{one} against {other}"))
    return are_positive(tests)
