"""What is asked of the layers of networks trained on MNIST, as in the paper's Sec. V-C and Fig. 3."""

from collections.abc import Iterable, Sequence
from typing import Any

from neuronlib.ablation.significance import Comparison
from neuronlib.common.choices import MEASURES, Replacement
from neuronlib.reproduction.analysis.effects import gap
from neuronlib.reproduction.analysis.quantities import MANY, share_of_zero_entropy, whole_accuracy
from neuronlib.reproduction.analysis.thresholds import HARMLESS
from neuronlib.reproduction.claims.evidence import Answer
from neuronlib.reproduction.claims.questions.builders import (
    BETTER_AND_WORSE,
    Question,
    Scope,
    all_of,
    deeper,
    gap_number,
    gaps,
    little_lost,
    lost_beyond,
    paired,
    random_layers,
    resembling_random,
    shares,
    strengths,
)
from neuronlib.reproduction.claims.questions.panels import (
    FIG3A,
    FIG3B,
    FIG3C,
    FIG3D,
    KL,
    LARGE_FASHION,
    MI,
    MNIST,
    SMALL_FASHION,
    H,
)
from neuronlib.reproduction.claims.verdicts import inconsistent, mostly_alike, positive
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import names_of


def _q21(relu: str, sigmoid: str, replacement: Replacement) -> Question:
    def question(source: Source) -> Answer:
        tests = []
        pairs: list[tuple[str, Replacement]] = [(relu, "zero"), (sigmoid, replacement)]
        for direction, sign in BETTER_AND_WORSE.items():
            ours, theirs = (sign * gap(source(name, how), "1", "mutual_information", direction) for name, how in pairs)
            tests.append(Comparison(values=paired(ours, theirs), name=f"MI {direction}", setting=f"{relu}, {sigmoid}"))
        return positive(tests)

    return question


def _competes(source: Source) -> Answer:
    # With batch normalization, accuracy is at most harmlessly below that of networks trained differently.
    tests = []
    for one in (name for name in MNIST if name.endswith("batchnorm")):
        activation = one.split("-")[1]
        for other in (name for name in MNIST if activation in name and name != one):
            values = HARMLESS + paired(whole_accuracy(source(one)), whole_accuracy(source(other)))
            tests.append(
                Comparison(
                    values=values, name=f"accuracy and {HARMLESS:g}, less {other}", setting=f"{one} against {other}"
                )
            )
    return positive(tests)


_ELSEWHERE = [*LARGE_FASHION, *SMALL_FASHION, *names_of("cifar10")]


def _along_and_at_80(scopes: Sequence[Scope], **how: Any) -> dict[str, Question]:
    # The paper compares curves, and gives numbers after 80 of 100 neurons.
    return {
        "along the curve": resembling_random(scopes, **how),
        "after 80 neurons": resembling_random(scopes, **how, step=80),
    }


def _weak_and_inconsistent(names: Iterable[str]) -> Question:
    names = list(names)
    return all_of(
        resembling_random([(name, "1") for name in names], rule=mostly_alike),
        strengths(names, MEASURES, inconsistent),
    )


MNIST_LAYERS: dict[str, dict[str, Question]] = {
    "N4": {"": random_layers(FIG3A, 80, -28.9)},
    "N5": {"": gap_number(FIG3A, "1", MI, "low", 80, 21.9)},
    "N6": {"": gap_number(FIG3A, "1", MI, "high", 80, -47.4)},
    "N7": {"": gap_number(FIG3C, "1", MI, "low", 80, 10, replacement="mean")},
    "N8": {"": gap_number(FIG3C, "1", MI, "high", 80, -11, replacement="mean")},
    "N9": {"": gap_number(FIG3D, "1", H, "low", 80, -42.8)},
    "N10": {
        "against random": gap_number(FIG3B, "1", KL, "high", 80, -13),
        "against the whole network": lost_beyond(FIG3B, "1", KL, "high", 80, -13),
    },
    "N11": {"": gap_number(FIG3B, "1", KL, "low", 80, 0.3, significant=False)},
    "K17": {"": all_of(little_lost(FIG3A, "2", 50), little_lost(FIG3C, "2", 50, "mean"))},
    "Q19": {
        "": all_of(
            deeper([FIG3A], MEASURES),
            shares([(FIG3A, "a quarter less the silent share", lambda r: MANY - share_of_zero_entropy("2")(r))]),
        )
    },
    "Q20": {"": gaps([(FIG3A, "1"), (FIG3C, "1")], MEASURES, BETTER_AND_WORSE, replacements={FIG3C: "mean"})},
    "Q21": {
        "the paper's panels": _q21(FIG3A, FIG3C, "mean"),
        "Dropout, to zero": _q21(FIG3A, FIG3D, "zero"),
        "L2, to zero": _q21("mnist-relu-l2", "mnist-sigmoid-l2", "zero"),
    },
    "Q22": _along_and_at_80([(FIG3A, "2"), (FIG3C, "2")], replacements={FIG3C: "mean"}),
    "Q23": {"": _weak_and_inconsistent(n for n in MNIST if "sigmoid" in n)},
    "Q24": _along_and_at_80([(FIG3D, "1")], left_out=[(H, "low")]),
    "Q25": {
        reading: all_of(question, _competes)
        for reading, question in _along_and_at_80([(n, "1") for n in MNIST if n.endswith("batchnorm")]).items()
    },
    "Q26": {
        "": all_of(
            _weak_and_inconsistent(n for n in _ELSEWHERE if "sigmoid" in n),
            resembling_random([(n, "1") for n in _ELSEWHERE if n.endswith("batchnorm")], rule=mostly_alike),
        )
    },
    "Q47": _along_and_at_80([(FIG3C, "1"), (FIG3B, "1")], replacements={FIG3C: "mean"}),
}
