"""How the claims are asked of results: builders of the questions in `questions`.

Differences are put so that positive values support the claim.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence

import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.curves import random_accuracy
from neuronlib.ablation.significance import kolmogorov_smirnov_p
from neuronlib.common.types import DIRECTIONS, MEASURES, Direction, Measure, Replacement, scope_name
from neuronlib.reproduction.analysis.effects import curves_of, departure, departure_p, gap, gap_curve, loss, random_loss
from neuronlib.reproduction.analysis.quantities import Quantity, in_percent, mean, spared, strength, width
from neuronlib.reproduction.analysis.thresholds import HARMLESS
from neuronlib.reproduction.claims.evidence import Answer, Evidence, least
from neuronlib.reproduction.claims.verdicts import CLOSE, alike, count, number, positive
from neuronlib.reproduction.compute.sources import Archive
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.store.results import NotStored

Question = Callable[[Archive], Answer]
SHORT = {"entropy": "entropy", "mutual_information": "MI", "kl_selectivity": "KL"}


def gap_test(
    archive: Archive,
    name: str,
    scope: str,
    measure: Measure,
    direction: Direction,
    sign: int = 1,
    step: int | None = None,
    replacement: Replacement = "zero",
) -> Evidence:
    values = sign * gap(archive(name, replacement), scope, measure, direction, step)
    return Evidence(values=values, name=f"{scope_name(scope)}, {SHORT[measure]} {direction}, {name}", setting=name)


def gap_number(
    name: str,
    scope: str,
    measure: Measure,
    direction: Direction,
    step: int,
    paper: float,
    significant: bool = True,
    replacement: Replacement = "zero",
) -> Question:
    return lambda archive: number(
        gap_test(archive, name, scope, measure, direction, 1, step, replacement), paper, significant
    )


def random_layers(name: str, step: int, paper: float) -> Question:
    def question(archive: Archive) -> Answer:
        first, second = (random_accuracy(curves_of(archive(name), layer)).sel(step=step).values for layer in ("1", "2"))
        p = kolmogorov_smirnov_p(first, second)
        test = Evidence(values=100 * (first - second), name="layer 1 - layer 2", setting=name, p=p)
        return number(test, paper, True)

    return question


def lost_beyond(name: str, layer: str, measure: Measure, direction: Direction, step: int, paper: float) -> Question:
    def question(archive: Archive) -> Answer:
        values = -loss(archive(name), layer, measure, direction, step)
        return number(Evidence(values=values, name="against the whole network", setting=name), paper, True)

    return question


Scope = tuple[str, str]
"""A setting and a layer."""


def gaps(
    scopes: Iterable[Scope],
    measures: Sequence[Measure],
    signs: dict[Direction, int],
    rule: Callable[[list[Evidence]], Answer] = positive,
    replacements: dict[str, Replacement] | None = None,
) -> Question:
    # One test for each setting, layer, measure and direction.
    def question(archive: Archive) -> Answer:
        return rule(
            [
                gap_test(archive, name, scope, measure, direction, sign, None, (replacements or {}).get(name, "zero"))
                for name, scope in scopes
                for measure in measures
                for direction, sign in signs.items()
            ]
        )

    return question


BETTER_AND_WORSE: dict[Direction, int] = {"low": 1, "high": -1}


def resembling_random(
    scopes: Iterable[Scope],
    measures: Sequence[Measure] = MEASURES,
    directions: Sequence[Direction] = DIRECTIONS,
    rule: Callable[[list[Evidence]], Answer] = alike,
    replacements: dict[str, Replacement] | None = None,
    left_out: Sequence[tuple[Measure, Direction]] = (),
    step: int | None = None,
) -> Question:
    # Orders whose curves resemble random ones, as a whole or after some ablated neurons.
    def question(archive: Archive) -> Answer:
        return rule(
            [
                apart(gap_curve(archive(name, how), scope, measure, direction), text, name)
                if step is None
                else Evidence(values=gap(archive(name, how), scope, measure, direction, step), name=text, setting=name)
                for name, scope in scopes
                for how in [(replacements or {}).get(name, "zero")]
                for measure in measures
                for direction in directions
                for text in [f"{scope_name(scope)}, {SHORT[measure]} {direction}, {name}"]
                if (measure, direction) not in left_out
            ]
        )

    return question


def apart(differences: xr.DataArray, name: str, setting: str) -> Evidence:
    # How far two curves are apart.
    return Evidence(values=departure(differences), name=name, setting=setting, p=departure_p(differences))


def strengths(names: Iterable[str], measures: Sequence[Measure], rule: Callable[[list[Evidence]], Answer]) -> Question:
    # How much better lowest first is than highest first, in layer 1.
    def question(archive: Archive) -> Answer:
        return rule(
            [
                Evidence(
                    values=strength("1", measure)(archive(name)),
                    name=f"layer 1, {SHORT[measure]} low - high, {name}",
                    setting=name,
                )
                for name in names
                for measure in measures
            ]
        )

    return question


def deeper(names: Iterable[str], measures: Sequence[Measure], shallow: str = "1", deep: str = "2") -> Question:
    return lambda archive: positive(rises(archive, names, measures, shallow, deep), "bits")


def rises(
    archive: Archive, names: Iterable[str], measures: Sequence[Measure], shallow: str, deep: str
) -> list[Evidence]:
    # Mean of a measure over a deeper layer less that over a shallower one.
    return [
        Evidence(
            values=mean(measure, deep)(archive(name)) - mean(measure, shallow)(archive(name)),
            name=f"{SHORT[measure]}, layer {deep} - {shallow}, {name}",
            setting=name,
        )
        for name in names
        for measure in measures
    ]


def shares(named: Sequence[tuple[str, str, Quantity]]) -> Question:
    # Differences of shares, in percentage points.
    return points([(name, text, in_percent(share)) for name, text, share in named])


def neuron_count(name: str, layer: str, paper: float, values: Quantity) -> Question:
    return lambda archive: count(
        Evidence(values=values(archive(name)), name=f"layer {layer}", setting=name), paper, width(name, layer)
    )


def open(reason: str) -> Question:
    return lambda archive: Answer(verdict="open", reason=reason)


def points(named: Sequence[tuple[str, str, Quantity]], how: Replacement = "zero") -> Question:
    # Percentage points, all of them positive where the claim holds.
    def question(archive: Archive) -> Answer:
        evidence = [Evidence(values=f(archive(name, how)), name=text, setting=name) for name, text, f in named]
        return positive(evidence)

    return question


def paired(one: ndarray, other: ndarray) -> Float[ndarray, " network"]:
    # Network k of one setting and network k of another see the samples in the same order, and start from the same
    # weights where their architectures agree, so they are pairs.
    n = min(len(one), len(other))
    return one[:n] - other[:n]


def between(named: Sequence[tuple[str, str, str, Quantity]]) -> Question:
    # Of each of several quantities, one setting's less another's.
    def question(archive: Archive) -> Answer:
        return positive(
            [
                Evidence(values=paired(f(archive(one)), f(archive(other))), name=text, setting=f"{one} against {other}")
                for one, other, text, f in named
            ]
        )

    return question


def asked(question: Question, archive: Archive) -> Answer:
    # The answer; open where results are not stored.
    try:
        return question(archive)
    except NotStored as error:
        return Answer(verdict="open", reason=f"not computed yet: {str(error).partition(':')[0]}")


def all_of(*questions: Question) -> Question:
    # A claim of several parts holds if each does; shown is the part that holds least.
    def question(archive: Archive) -> Answer:
        parts = [asked(part, archive) for part in questions]
        verdict = least(part.verdict for part in parts)
        shown = next(part for part in parts if part.verdict == verdict)
        return dataclasses.replace(shown, parts=sum(part.parts for part in parts))

    return question


def random_difference(name: str) -> tuple[str, str, Quantity]:
    return name, f"layer 1 - layer 2, {name}", lambda results: random_loss(results, "1") - random_loss(results, "2")


def small_loss(name: str) -> list[tuple[str, str, Quantity]]:
    # In the last hidden layer, half the neurons gone.
    layer = str(len(SETTINGS[name].hidden))
    half = width(name, layer) // 2
    return [
        (name, f"{CLOSE:g} less the loss, random, {name}", lambda results: CLOSE - random_loss(results, layer, half)),
        *((name, f"{CLOSE:g} less the loss, {SHORT[m]} low, {name}", spared(layer, m, half, CLOSE)) for m in MEASURES),
    ]


def little_lost(name: str, layer: str, step: int, replacement: Replacement = "zero") -> Question:
    text = f"{HARMLESS:g} less the loss"
    return points(
        [(name, f"{text}, {SHORT[m]}, {name}", spared(layer, m, step, HARMLESS)) for m in MEASURES], replacement
    )
