"""Whether the paper's effects hold for networks of other widths, regularizers, optimizers and architectures."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import equivalence_p, holm, student_interval
from neuronlib.common.choices import DatasetName, Device, Direction, Measure
from neuronlib.common.scopes import WHOLE
from neuronlib.reproduction.analysis.classifier_study import (
    ARCHITECTURE_NAMES,
    DATASET_NAMES,
    as_paper_results,
    classifier_studies,
)
from neuronlib.reproduction.analysis.effects import gap
from neuronlib.reproduction.analysis.open_questions import Answer, Finding, finding_of_interval, with_ends
from neuronlib.reproduction.compute.sources import LiveResults, SourceName, StoredResults
from neuronlib.reproduction.design.studies import ELSEWHERE
from neuronlib.reproduction.store.encoding import decode
from neuronlib.reproduction.store.results import stored_study, study_path

Group = Literal["in the paper", "architecture", "regularizer", "optimizer", "no row of layers"]

VARIANTS: dict[str, tuple[Group, str]] = {
    "none": ("in the paper", "no regularizer"),
    "l2": ("in the paper", "L2"),
    "dropout": ("in the paper", "Dropout"),
    "narrow": ("architecture", "narrow: 10-10"),
    "bottleneck": ("architecture", "bottleneck: 100-10-100"),
    "wide": ("architecture", "wide: 1000-1000"),
    "slim": ("architecture", "slim, deep: six of 50"),
    "l1": ("regularizer", "L1"),
    "smoothing": ("regularizer", "label smoothing"),
    "stopping": ("regularizer", "early stopping"),
    "decay": ("regularizer", "L2, ten times"),
    "noise": ("regularizer", "noise on pixels"),
    "sgd": ("optimizer", "SGD with momentum"),
    "adamw": ("optimizer", "AdamW"),
    **{name: ("no row of layers", title) for name, title in ARCHITECTURE_NAMES.items()},
}
"""How networks differ from each other: in what, and what it is called on pages. Those of the paper are 100-100."""

ALIKE = 5.0
"""Percentage points within which effects count as the same; the margin of the claims."""

_LIVE = ("narrow", "bottleneck", "l1", "stopping", "sgd")
_FUTURE = {
    "narrow": "underparameterized NNs that underfit",
    "bottleneck": "NNs with bottleneck layers",
    "wide": "particularly wide layers",
    "slim": "slim but deep NNs",
}
_REGULARIZERS = "NNs trained with different regularizers"
_OPTIMIZER = "independent of the choice of optimizer and the optimizer parameters"
_MI: Measure = "mutual_information"


def elsewhere_studies(
    source: SourceName, dataset: DatasetName = "mnist-5k", networks: int = 2, epochs: int = 2, device: Device = "auto"
) -> dict[str, xr.DataTree]:
    """All networks that are compared, read or computed on the spot: the paper's, other ones, and other architectures.

    Args:
        source: "store" reads what is stored, and takes no heed of the other arguments; "live" computes some of the ReLU
            networks, a few of each group.
        dataset: The images.
        networks: Networks of each kind.
        epochs: Passes over the training samples.
        device: Where to compute.

    Returns:
        What `decode` returns, by title. The history has ``training_accuracy`` where it is known. Attributes are the
        ``variant``, a name of `VARIANTS`, the ``images``, and the ``activation``, "" for other architectures.
    """
    trees: dict[str, xr.DataTree] = {}
    families = {"mnist": DATASET_NAMES["mnist"], "fashion": DATASET_NAMES["fashion-mnist"]}
    if source == "live":
        families = {"mnist": DATASET_NAMES[dataset]}
        names = [f"mnist-relu-{variant}" for variant in ("none", "l2", "dropout")]
        paper: StoredResults | LiveResults = LiveResults(names, networks, epochs, 2, dataset, device)
        studies = _computed(dataset, networks, epochs, device)
    else:
        paper = StoredResults()
        studies = {name: stored_study(name) for name in ELSEWHERE if study_path(name).is_file()}
    for variant in VARIANTS:
        for family, images in families.items():
            for activation in ("relu", "sigmoid"):
                name = f"{family}-{activation}-{variant}"
                if f"elsewhere-{name}" in studies:
                    tree = _with_training_accuracy(studies[f"elsewhere-{name}"])
                elif variant in ("none", "l2", "dropout") and paper.has(name):
                    tree = paper(name)
                else:
                    continue
                trees |= _titled(tree, variant, images, activation)
    for title, study in classifier_studies("store").items() if source == "store" else ():
        images = title.rpartition(", ")[2]
        architecture = json.loads(study.attrs["configuration"])["architecture"]
        trees |= _titled(as_paper_results(study), architecture, images, "")
    return trees


def _computed(dataset: DatasetName, networks: int, epochs: int, device: Device) -> dict[str, xr.Dataset]:
    from neuronlib.reproduction.compute.elsewhere import measure_and_ablate

    chosen = [f"elsewhere-mnist-relu-{variant}" for variant in _LIVE]
    studies = {name: ELSEWHERE[name].smaller(dataset, networks, epochs, random_orders=2) for name in chosen}
    coarse = {name: dataclasses.replace(study, points=10) for name, study in studies.items()}
    return {name: measure_and_ablate(study, device=device) for name, study in coarse.items()}


def _with_training_accuracy(study: xr.Dataset) -> xr.DataTree:
    tree = decode(study)
    tree.attrs["networks"] = study.sizes["network"]
    tree["history"] = xr.DataTree(tree["history"].to_dataset().assign(training_accuracy=study.training_accuracy))
    return tree


def _titled(tree: xr.DataTree, variant: str, images: str, activation: str) -> dict[str, xr.DataTree]:
    tree = tree.copy()
    tree.attrs |= {"variant": variant, "images": images, "activation": activation}
    kind = {"relu": "ReLU, ", "sigmoid": "sigmoid, ", "": ""}[activation]
    return {f"{VARIANTS[variant][1]}, {kind}{images}": tree}


def gap_within_layers(results: xr.DataTree, measure: Measure, way: Direction) -> Float[ndarray, " network"]:
    """Accuracy of ordered less that of random ablation: the mean over the curve and over layers, in percentage points.

    Returns:
        Positive where ordered ablation is better.

    Example:
        >>> correct = (("network", "order", "step"), [[[9, 8, 1], [9, 6, 1]]])
        >>> orders = {"order": ["entropy low", "random 0"], "measure": ("order", ["entropy", "random"])}
        >>> curves = xr.Dataset({"correct": correct, "samples": 10}, {"step": [0, 1, 2], **orders})
        >>> gap_within_layers(xr.DataTree.from_dict({"curves/1": curves}), "entropy", "low").round(6)
        array([20.])
    """
    return np.mean([gap(results, layer, measure, way) for layer in results["curves"] if layer != WHOLE], axis=0)


def gap_over_the_whole(results: xr.DataTree, measure: Measure, way: Direction) -> Float[ndarray, " network"]:
    """Accuracy of ordered less that of random ablation over the whole network, mean over the curve, in points."""
    return gap(results, WHOLE, measure, way)


EFFECTS: dict[str, Callable[[xr.DataTree, Measure, Direction], Float[ndarray, " network"]]] = {
    "within layers": gap_within_layers,
    "whole network": gap_over_the_whole,
}
"""The two effects that are compared, by name."""


def effect_tests(studies: Mapping[str, xr.DataTree]) -> xr.Dataset:
    """Test both effects of lowest mutual information first, by Student's test over networks, and correct for them all.

    Args:
        studies: What `elsewhere_studies` returns.

    Returns:
        ``mean`` in percentage points, ``p``, and ``adjusted``, Holm's p-value over all studies and effects, by
        ``study`` and ``effect``.
    """
    values = [[effect(results, _MI, "low") for effect in EFFECTS.values()] for results in studies.values()]
    means = np.array([[one.mean() for one in row] for row in values]).reshape(-1, len(EFFECTS))
    p = np.array([[_student_p(one) for one in row] for row in values]).reshape(means.shape)
    dims = ("study", "effect")
    return xr.Dataset(
        {"mean": (dims, means), "p": (dims, p), "adjusted": (dims, holm(p.ravel()).reshape(p.shape))},
        {"study": list(studies), "effect": list(EFFECTS)},
    )


def _student_p(values: Float[ndarray, " network"]) -> float:
    from scipy import stats

    # Without spread there is nothing that a test could reject.
    return float(stats.ttest_1samp(values, 0.0).pvalue) if np.ptp(values) > 0 else 1.0


def answers_of_elsewhere(studies: Mapping[str, xr.DataTree]) -> list[Answer]:
    """Answer the sentences of the paper on underfitting, bottlenecks, wide and deep networks, regularizers, optimizers.

    The claim is that of the paper's abstract, for ReLU: within layers an order by mutual information is a good one, and
    over the whole network it is not as good. So, for each kind of network and both data sets, lowest first has to be
    better than random ablation within layers, and better there than over the whole network. It holds if all of these
    95 % intervals (Student's) lie above zero, and does not if one lies below. Since all of them have to, nothing is to
    be corrected for their number.

    With another optimizer, both effects have to be those of RMSProp within 5 points, by two one-sided tests of networks
    that start alike and see the samples in the same order. It does not hold if one differs by 5 points or more, and its
    interval does not hold zero.

    Args:
        studies: What `elsewhere_studies` returns.

    Returns:
        An answer for each sentence. It does not say "holds" unless all networks that it is about have been computed.
    """
    relu = [results for results in studies.values() if results.attrs["activation"] == "relu"]
    answers = [
        _answer_of(sentence, VARIANTS[variant][1], [one for one in relu if one.attrs["variant"] == variant], 2)
        for variant, sentence in _FUTURE.items()
    ]
    of_group = [one for one in relu if VARIANTS[one.attrs["variant"]][0] == "regularizer"]
    names = dict.fromkeys(VARIANTS[one.attrs["variant"]][1] for one in of_group)
    answers.append(_answer_of(_REGULARIZERS, ", ".join(names) or "–", of_group, 2 * _kinds_in("regularizer")))
    return [*answers, _answer_on_optimizers(relu)]


def _answer_of(sentence: str, tested: str, networks: Iterable[xr.DataTree], expected: int) -> Answer:
    within, less_whole = {}, {}
    for results in networks:
        name = f"{VARIANTS[results.attrs['variant']][1]}, {results.attrs['images']}"
        within[name] = gap_within_layers(results, _MI, "low")
        less_whole[name] = within[name] - gap_over_the_whole(results, _MI, "low")
    if not within:
        return Answer(sentence, tested, "cannot tell", "not computed yet")
    findings = [finding_of_interval(*student_interval(values)) for values in (*within.values(), *less_whole.values())]
    evidence = (
        f"{_holding(findings)}; within layers at least {_least(within)}; within layers less whole network at least "
        f"{_least(less_whole)}"
    )
    return _unless_incomplete(Answer(sentence, f"ReLU, {tested}", _weakest(findings), evidence), len(within), expected)


def _answer_on_optimizers(relu: Iterable[xr.DataTree]) -> Answer:
    by_key = {(one.attrs["images"], one.attrs["variant"]): one for one in relu}
    differences = {}
    for (images, variant), results in by_key.items():
        usual = by_key.get((images, "l2"))
        if VARIANTS[variant][0] != "optimizer" or usual is None:
            continue
        for name, effect in EFFECTS.items():
            one, other = effect(results, _MI, "low"), effect(usual, _MI, "low")
            both = min(len(one), len(other))
            differences[f"{name}, {VARIANTS[variant][1]}, {images}"] = one[:both] - other[:both]
    if not differences:
        return Answer(_OPTIMIZER, "–", "cannot tell", "not computed yet")
    findings = [_same(values) for values in differences.values()]
    largest = max(differences, key=lambda name: abs(differences[name].mean()))
    evidence = (
        f"{_holding(findings)}; largest difference from RMSProp {_with_student(differences[largest])} ({largest})"
    )
    answer = Answer(_OPTIMIZER, "ReLU: SGD with momentum and AdamW beside RMSProp", _weakest(findings), evidence)
    return _unless_incomplete(answer, len(differences) // len(EFFECTS), 2 * _kinds_in("optimizer"))


def _kinds_in(group: Group) -> int:
    return sum(one == group for one, _ in VARIANTS.values())


def _unless_incomplete(answer: Answer, computed: int, expected: int) -> Answer:
    # What some of the networks say may refute a sentence, but not answer for those that have not been computed.
    if computed >= expected:
        return answer
    finding: Finding = "does not hold" if answer.finding == "does not hold" else "cannot tell"
    evidence = f"only {computed} of {expected} kinds of networks computed; {answer.evidence}"
    return dataclasses.replace(answer, finding=finding, evidence=evidence)


def _same(values: Float[ndarray, " network"]) -> Finding:
    if equivalence_p(values, ALIKE) < 0.05:
        return "holds"
    low, high = student_interval(values)
    return "does not hold" if abs(values.mean()) >= ALIKE and (low > 0 or high < 0) else "cannot tell"


def _weakest(findings: Iterable[Finding]) -> Finding:
    order: tuple[Finding, ...] = ("does not hold", "cannot tell", "holds")
    return min(findings, key=order.index)


def _holding(findings: list[Finding]) -> str:
    holding, against = findings.count("holds"), findings.count("does not hold")
    return f"holds in {holding} of {len(findings)} comparisons, and not in {against}"


def _least(values: Mapping[str, Float[ndarray, " network"]]) -> str:
    name = min(values, key=lambda one: values[one].mean())
    return f"{_with_student(values[name])} ({name})"


def _with_student(values: Float[ndarray, " network"]) -> str:
    return f"{with_ends(float(values.mean()), *student_interval(values))} points, n = {len(values)}"
