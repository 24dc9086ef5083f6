"""What rewarding information while networks are trained does: differences to the same networks without a reward."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import Comparison, holm, sign_flip_p_values, wilcoxon_p
from neuronlib.common.choices import TERMS, DatasetName, Device, Term
from neuronlib.common.config import Setting
from neuronlib.common.scopes import layer_names, layer_slice
from neuronlib.reproduction.analysis.classifier_study import DATASET_NAMES
from neuronlib.reproduction.analysis.open_questions import Answer, Finding, with_ends
from neuronlib.reproduction.compute.sources import SourceName
from neuronlib.reproduction.design.studies import REWARDS
from neuronlib.reproduction.store.paths import RESULTS
from neuronlib.reproduction.store.results import stored_study, study_path

Studies = Mapping[str, Mapping[Term, xr.Dataset]]
"""What `reward_studies` returns."""

LABELS: dict[Term, str] = {
    "mutual_information": "mutual information",
    "kl_selectivity": "KL selectivity",
    "class_selectivity": "class selectivity",
}
"""What the terms are called on pages."""


_LIVE = (50, 25)
"""Widths of networks that a page trains on the spot."""
FACTOR = 2.5
"""By how much Leavitt and Morcos could reduce class selectivity without an impact on accuracy."""
MARGIN = 0.5
"""Points of accuracy whose loss counts as no impact; chosen before any result of these studies was seen."""
MIDDLE = 0.3
"""The strength in the middle of those chosen beforehand, which sentences are about."""


def reward_studies(
    source: SourceName, dataset: DatasetName = "mnist-5k", networks: int = 2, epochs: int = 2, device: Device = "auto"
) -> dict[str, dict[Term, xr.Dataset]]:
    """All studies of rewards, read or computed on the spot.

    Args:
        source: "store" reads what there is, and takes no heed of the other arguments; "live" computes.
        dataset: The images.
        networks: Networks of each strength.
        epochs: Passes over the training samples.
        device: Where to compute.

    Returns:
        What `reward_networks` returned, by data set and term. A data set without a stored study is left out.
    """
    studies: dict[str, dict[Term, xr.Dataset]] = {}
    if source == "store":
        for name, one in REWARDS.items():
            if study_path(name, RESULTS).is_file():
                studies.setdefault(DATASET_NAMES[one.setting.dataset], {})[one.term] = stored_study(name)
        return studies
    from neuronlib.reproduction.compute.reward_study import reward_networks

    usual = next(iter(REWARDS.values()))
    smaller = dataclasses.replace(
        usual,
        setting=dataclasses.replace(usual.setting, dataset=dataset, epochs=epochs, hidden=_LIVE),
        strengths=(-1.0, 0.0, 1.0),
        networks=networks,
        random_orders=1,
        points=10,
    )
    each = {term: dataclasses.replace(smaller, term=term) for term in TERMS}
    return {DATASET_NAMES[dataset]: {term: reward_networks(study, device=device) for term, study in each.items()}}


def missing_studies(studies: Studies) -> list[str]:
    """List the names of the studies that are not among some, as "Fashion-MNIST, KL selectivity"."""
    return [
        f"{DATASET_NAMES[one.setting.dataset]}, {LABELS[one.term]}"
        for one in REWARDS.values()
        if one.term not in studies.get(DATASET_NAMES[one.setting.dataset], {})
    ]


def _accuracy(study: xr.Dataset, layer: int, orders: str) -> xr.DataArray:
    # In percent, by strength, network and share; the mean over random orders, or the ordered one.
    chosen = [name for name in study.order.values.tolist() if name.startswith(orders)]
    correct = study.correct.isel(layer=layer).sel(order=chosen).mean("order")
    return 100 * correct / study.attrs["test_samples"]


def _area(layer: int, orders: str) -> Callable[[xr.Dataset], xr.DataArray]:
    return lambda study: _accuracy(study, layer, orders).integrate("share")


def _pruned(share: float, orders: str) -> Callable[[xr.Dataset], xr.DataArray]:
    return lambda study: _accuracy(study, -1, orders).sel(share=share, method="nearest", drop=True)


def _mean_measure(name: str) -> Callable[[xr.Dataset], xr.DataArray]:
    return lambda study: of_last_layer(study).sel(measure=name, drop=True).mean("neuron")


def of_last_layer(study: xr.Dataset) -> xr.DataArray:
    """Select the measures of the last hidden layer's neurons, by ``strength``, ``network``, ``neuron``, ``measure``."""
    hidden = Setting(**json.loads(study.attrs["configuration"])["setting"]).hidden
    return study.measures.isel(neuron=layer_slice(hidden, layer_names(hidden)[-1])).astype(np.float64)


def _redundancy(study: xr.Dataset) -> xr.DataArray:
    alone = of_last_layer(study).sel(measure="mutual_information", drop=True).sum("neuron")
    return alone / study.information.where(study.information > 0)


@dataclass(frozen=True)
class Outcome:
    """What is compared between strengths.

    Attributes:
        name: What it is, in a few words.
        unit: Its unit.
        of: From a study to one number for each strength and network.
        better: +1 if larger is better, -1 if smaller is, 0 if neither.
        digits: Decimals to show.
    """

    name: str
    unit: str
    of: Callable[[xr.Dataset], xr.DataArray]
    better: int = 1
    digits: int = 1


ACCURACY = Outcome("test accuracy", "points", _pruned(0.0, "random"), digits=2)
CALIBRATION = Outcome("calibration error", "points", lambda study: 100 * study.calibration_error, better=-1, digits=2)
LOG_LOSS = Outcome("log loss", "nats", lambda study: study.log_loss, better=-1, digits=3)
ROBUSTNESS = Outcome("random ablation, last layer", "points", _area(-1, "random"))
REDUNDANCY = Outcome("redundancy", "neurons", _redundancy, better=0)
INFORMATION = Outcome("mean mutual information", "bits", _mean_measure("mutual_information"), better=0, digits=3)
KL = Outcome("mean KL selectivity", "bits", _mean_measure("kl_selectivity"), better=0, digits=3)
SELECTIVITY = Outcome("mean class selectivity", "", _mean_measure("class_selectivity"), better=0, digits=3)
OUTCOMES = (
    *(ACCURACY, CALIBRATION, LOG_LOSS, ROBUSTNESS),
    Outcome("lowest information first, last layer", "points", _area(-1, "mutual")),
    Outcome("random ablation, layer 1", "points", _area(0, "random")),
    Outcome("lowest information first, layer 1", "points", _area(0, "mutual")),
    Outcome("half pruned at random", "points", _pruned(0.5, "random")),
    Outcome("half pruned, lowest information", "points", _pruned(0.5, "mutual")),
    Outcome("nine tenths pruned at random", "points", _pruned(0.9, "random")),
    Outcome("nine tenths pruned, lowest information", "points", _pruned(0.9, "mutual")),
    *(REDUNDANCY, INFORMATION, KL, SELECTIVITY),
)
"""Everything that is compared, and corrected for together."""
OF_TERM: dict[Term, Outcome] = {
    "mutual_information": INFORMATION,
    "kl_selectivity": KL,
    "class_selectivity": SELECTIVITY,
}
"""What each term rewards, as it is measured afterwards, on validation samples and with hard bits."""


@dataclass(frozen=True)
class Effect:
    """A difference to strength 0, over the same networks.

    Attributes:
        dataset: The images, as pages call them.
        term: What was rewarded.
        strength: How much; negative for a penalty.
        outcome: What is compared.
        without: Mean of the outcome without a reward.
        comparison: Differences, one for each network, with their interval and the p-value of the exact Wilcoxon
            signed-rank test.
        holm: That p-value, corrected by Holm's method for all effects of all studies.
        corrected: The p-value of flips of signs, corrected for all effects of all studies.
    """

    dataset: str
    term: Term
    strength: float
    outcome: Outcome
    without: float
    comparison: Comparison
    holm: float = float("nan")
    corrected: float = float("nan")

    @property
    def direction(self) -> int:
        """+1 if the difference is an increase after correction, -1 if it is a decrease, 0 if it cannot be told."""
        return int(np.sign(self.comparison.mean)) if self.corrected < 0.05 else 0


def effects_of(studies: Studies) -> list[Effect]:
    """Compare each strength with strength 0 in everything, and correct for all of these comparisons together.

    Differences are paired by network. One that is not known for every network is left out.

    Returns:
        By data set, term, outcome and strength, in this order; none for fewer than two networks.
    """
    effects = [
        Effect(dataset, term, strength, outcome, float(outcome.of(study).sel(strength=0.0).mean()), comparison)
        for dataset, of_dataset in studies.items()
        for term, study in of_dataset.items()
        if study.sizes["network"] > 1
        for outcome in OUTCOMES
        for strength, comparison in _compared(study, outcome)
    ]
    if not effects:
        return []
    p_values = np.array([effect.comparison.p_value for effect in effects])
    of_holm = holm(p_values)
    # All studies of the book have the same networks; a longer one is corrected with what it shares with others.
    fewest = min(effect.comparison.networks for effect in effects)
    corrected = sign_flip_p_values(np.stack([effect.comparison.values[:fewest] for effect in effects]))
    return [
        dataclasses.replace(effect, holm=float(of_holm[place]), corrected=float(corrected[place]))
        for place, effect in enumerate(effects)
    ]


def _compared(study: xr.Dataset, outcome: Outcome) -> Iterable[tuple[float, Comparison]]:
    differences = difference_to_none(study, outcome)
    for strength in differences.strength.values.tolist():
        values = differences.sel(strength=strength).values
        if strength and np.isfinite(values).all():
            yield strength, Comparison(values=values, name=outcome.name, p=wilcoxon_p(values, exact=True))


def difference_to_none(study: xr.Dataset, outcome: Outcome) -> xr.DataArray:
    """Subtract a network's outcome without a reward from its outcome at each strength."""
    values = outcome.of(study).transpose("strength", "network")
    return values - values.sel(strength=0.0, drop=True)


def dead_neurons(study: xr.Dataset) -> Float[ndarray, "strength network"]:
    """Return which share of the last hidden layer's neurons is constant, in percent."""
    entropy = of_last_layer(study).sel(measure="entropy").transpose("strength", "network", "neuron").values
    return 100 * (entropy == 0).mean(axis=2)


def chosen(effects: Iterable[Effect], **wanted: Any) -> list[Effect]:
    """Select effects by their attributes, such as ``term="kl_selectivity"``."""
    return [one for one in effects if all(getattr(one, name) == value for name, value in wanted.items())]


def nearest_to_middle(effects: Iterable[Effect]) -> Effect:
    """Return the effect whose strength is nearest to the middle of the scale, in size."""
    return min(effects, key=lambda one: abs(np.log(abs(one.strength) / MIDDLE)))


_REWARDED = (
    "once it is understood that deeper layers are characterized by higher mutual information with the class variable, "
    "this characteristic can be explicitly rewarded by designing appropriate loss function terms"
)
_HARMFUL = (
    "regularizing to increase class selectivity significantly decreased test accuracy across all models and datasets"
)


_SPARED = "we could reduce class selectivity by a factor of 2.5 with no impact on test accuracy"


def answers_of_rewards(effects: Iterable[Effect]) -> list[Answer]:
    """Answer the paper's sentence on rewarding mutual information, and that of Leavitt and Morcos on class selectivity.

    A sentence holds if, in every data set, at least one strength moves the outcome as expected after correction for
    all comparisons, and none moves it the other way. It does not hold if, in every data set, at least one moves it the
    other way and none as expected. That accuracy is kept holds if, in every data set, the interval of some penalty that
    divides the quantity by `FACTOR` lies above -`MARGIN`, and does not hold if those of all such penalties lie below.

    Returns:
        The answers, each with the difference at the middle strength.
    """
    effects = list(effects)
    asked: list[tuple[str, str, Term, int, Outcome, int]] = [
        (_REWARDED, "can mutual information be raised?", "mutual_information", 1, INFORMATION, 1),
        (_REWARDED, "is accuracy higher with the reward?", "mutual_information", 1, ACCURACY, 1),
        (_REWARDED, "is random ablation less harmful with the reward?", "mutual_information", 1, ROBUSTNESS, 1),
        (f"Leavitt, Morcos 2021: {_HARMFUL}", "does the reward lower accuracy?", "class_selectivity", 1, ACCURACY, -1),
        (f"Leavitt, Morcos 2021: {_HARMFUL}", "the same of information", "mutual_information", 1, ACCURACY, -1),
    ]
    answers = []
    for sentence, tested, term, sign, outcome, expected in asked:
        some = [one for one in chosen(effects, term=term, outcome=outcome) if one.strength * sign > 0]
        answers.append(Answer(sentence, tested, _finding(some, expected), _evidence(some)))
    without: tuple[tuple[str, Term], ...] = (
        ("is accuracy kept with class selectivity divided by 2.5?", "class_selectivity"),
        ("the same of mutual information", "mutual_information"),
    )
    for tested, term in without:
        answers.append(Answer(f"Leavitt, Morcos 2021: {_SPARED}", tested, *_kept_with_less(effects, term)))
    return answers


def _kept_with_less(effects: Iterable[Effect], term: Term) -> tuple[Finding, str]:
    # Whether penalties that divide what they penalise by the factor leave accuracy where it is, within the margin.
    findings, parts = [], []
    penalised = [one for one in chosen(effects, term=term) if one.strength < 0]
    for dataset in dict.fromkeys(one.dataset for one in penalised):
        some = chosen(penalised, dataset=dataset)
        measured = [one for one in chosen(some, outcome=OF_TERM[term]) if one.direction < 0]
        lowered = [one for one in measured if one.without >= FACTOR * (one.without + one.comparison.mean)]
        accuracies = {one.strength: one for one in chosen(some, outcome=ACCURACY)}
        kept = [one for one in lowered if accuracies[one.strength].comparison.interval[0] > -MARGIN]
        lost = [one for one in lowered if accuracies[one.strength].comparison.interval[1] < -MARGIN]
        findings.append(
            "holds" if kept else "does not hold" if lowered and len(lost) == len(lowered) else "cannot tell"
        )
        # The strongest such penalty that keeps accuracy, else the weakest one.
        best = min(kept, key=lambda one: one.strength) if kept else max(lowered or some, key=lambda one: one.strength)
        parts.append(
            f"{dataset}: at strength {best.strength:g}, {OF_TERM[term].name} "
            f"{told(chosen(some, outcome=OF_TERM[term], strength=best.strength)[0])} and accuracy "
            f"{told(accuracies[best.strength])} ({best.comparison.networks} networks)"
        )
    agreed = findings[0] if len(set(findings)) == 1 else "cannot tell"
    return agreed, "; ".join(parts) or "not computed yet"  # type: ignore[return-value]


def _finding(effects: list[Effect], expected: int) -> Finding:
    moves = [
        {one.direction for one in effects if one.dataset == dataset}
        for dataset in dict.fromkeys(e.dataset for e in effects)
    ]
    if not moves:
        return "cannot tell"
    for finding, way in (("holds", expected), ("does not hold", -expected)):
        if all(way in of_dataset and -way not in of_dataset for of_dataset in moves):
            return finding  # type: ignore[return-value]
    return "cannot tell"


def _evidence(effects: list[Effect]) -> str:
    parts = []
    for dataset in dict.fromkeys(effect.dataset for effect in effects):
        some = chosen(effects, dataset=dataset)
        middle = nearest_to_middle(some)
        raised, lowered = (sum(one.direction == way for one in some) for way in (1, -1))
        parts.append(
            f"{dataset}: {told(middle)} at strength {middle.strength:g}; of {len(some)} strengths, higher at {raised} "
            f"and lower at {lowered} after correction ({middle.comparison.networks} networks)"
        )
    return "; ".join(parts) or "not computed yet"


def told(effect: Effect) -> str:
    """Say a difference with its interval and unit."""
    numbers = with_ends(effect.comparison.mean, *effect.comparison.interval, effect.outcome.digits)
    return f"{numbers} {effect.outcome.unit}".strip()
