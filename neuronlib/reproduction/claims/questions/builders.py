"""How the claims are asked of results: builders of the questions in `questions`.

Differences are put so that positive values support the claim.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence

import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.curves import random_accuracy
from neuronlib.ablation.significance import Comparison, kolmogorov_smirnov_p
from neuronlib.common.choices import DIRECTIONS, MEASURES, Direction, Measure, Replacement
from neuronlib.common.scopes import scope_name
from neuronlib.reproduction.analysis.effects import curves_of, departure, departure_p, gap, gap_curve, loss, random_loss
from neuronlib.reproduction.analysis.quantities import Quantity, in_percent, mean, spared, strength, width
from neuronlib.reproduction.analysis.thresholds import HARMLESS
from neuronlib.reproduction.claims.evidence import Answer, least
from neuronlib.reproduction.claims.verdicts import CLOSE, alike, count, number, positive
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.store.results import NotStored

Question = Callable[[Source], Answer]
SHORT = {"entropy": "entropy", "mutual_information": "MI", "kl_selectivity": "KL"}


def gap_test(
    source: Source,
    name: str,
    scope: str,
    measure: Measure,
    direction: Direction,
    sign: int = 1,
    step: int | None = None,
    replacement: Replacement = "zero",
) -> Comparison:
    values = sign * gap(source(name, replacement), scope, measure, direction, step)
    return Comparison(values=values, name=f"{scope_name(scope)}, {SHORT[measure]} {direction}, {name}", setting=name)


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
    return lambda source: number(
        gap_test(source, name, scope, measure, direction, 1, step, replacement), paper, significant
    )


def random_layers(name: str, step: int, paper: float) -> Question:
    def question(source: Source) -> Answer:
        first, second = (random_accuracy(curves_of(source(name), layer)).sel(step=step).values for layer in ("1", "2"))
        p = kolmogorov_smirnov_p(first, second)
        test = Comparison(values=100 * (first - second), name="layer 1 - layer 2", setting=name, p=p)
        return number(test, paper, True)

    return question


def lost_beyond(name: str, layer: str, measure: Measure, direction: Direction, step: int, paper: float) -> Question:
    def question(source: Source) -> Answer:
        values = -loss(source(name), layer, measure, direction, step)
        return number(Comparison(values=values, name="against the whole network", setting=name), paper, True)

    return question


Scope = tuple[str, str]
"""A setting and a layer."""


def gaps(
    scopes: Iterable[Scope],
    measures: Sequence[Measure],
    signs: dict[Direction, int],
    rule: Callable[[list[Comparison]], Answer] = positive,
    replacements: dict[str, Replacement] | None = None,
) -> Question:
    # One test for each setting, layer, measure and direction.
    def question(source: Source) -> Answer:
        return rule(
            [
                gap_test(source, name, scope, measure, direction, sign, None, (replacements or {}).get(name, "zero"))
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
    rule: Callable[[list[Comparison]], Answer] = alike,
    replacements: dict[str, Replacement] | None = None,
    left_out: Sequence[tuple[Measure, Direction]] = (),
    step: int | None = None,
) -> Question:
    # Orders whose curves resemble random ones, as a whole or after some ablated neurons.
    def question(source: Source) -> Answer:
        return rule(
            [
                apart(gap_curve(source(name, how), scope, measure, direction), text, name)
                if step is None
                else Comparison(values=gap(source(name, how), scope, measure, direction, step), name=text, setting=name)
                for name, scope in scopes
                for how in [(replacements or {}).get(name, "zero")]
                for measure in measures
                for direction in directions
                for text in [f"{scope_name(scope)}, {SHORT[measure]} {direction}, {name}"]
                if (measure, direction) not in left_out
            ]
        )

    return question


def apart(differences: xr.DataArray, name: str, setting: str) -> Comparison:
    # How far two curves are apart.
    return Comparison(values=departure(differences), name=name, setting=setting, p=departure_p(differences))


def strengths(
    names: Iterable[str], measures: Sequence[Measure], rule: Callable[[list[Comparison]], Answer]
) -> Question:
    # How much better lowest first is than highest first, in layer 1.
    def question(source: Source) -> Answer:
        return rule(
            [
                Comparison(
                    values=strength("1", measure)(source(name)),
                    name=f"layer 1, {SHORT[measure]} low - high, {name}",
                    setting=name,
                )
                for name in names
                for measure in measures
            ]
        )

    return question


def deeper(names: Iterable[str], measures: Sequence[Measure], shallow: str = "1", deep: str = "2") -> Question:
    return lambda source: positive(rises(source, names, measures, shallow, deep), "bits")


def rises(
    source: Source, names: Iterable[str], measures: Sequence[Measure], shallow: str, deep: str
) -> list[Comparison]:
    # Mean of a measure over a deeper layer less that over a shallower one.
    return [
        Comparison(
            values=mean(measure, deep)(source(name)) - mean(measure, shallow)(source(name)),
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
    return lambda source: count(
        Comparison(values=values(source(name)), name=f"layer {layer}", setting=name), paper, width(name, layer)
    )


def open(reason: str) -> Question:
    return lambda source: Answer(verdict="open", reason=reason)


def points(named: Sequence[tuple[str, str, Quantity]], how: Replacement = "zero") -> Question:
    # Percentage points, all of them positive where the claim holds.
    def question(source: Source) -> Answer:
        evidence = [Comparison(values=f(source(name, how)), name=text, setting=name) for name, text, f in named]
        return positive(evidence)

    return question


def paired(one: ndarray, other: ndarray) -> Float[ndarray, " network"]:
    # Network k of one setting and network k of another see the samples in the same order, and start from the same
    # weights where their architectures agree, so they are pairs.
    n = min(len(one), len(other))
    return one[:n] - other[:n]


def between(named: Sequence[tuple[str, str, str, Quantity]]) -> Question:
    # Of each of several quantities, one setting's less another's.
    def question(source: Source) -> Answer:
        return positive(
            [
                Comparison(values=paired(f(source(one)), f(source(other))), name=text, setting=f"{one} against {other}")
                for one, other, text, f in named
            ]
        )

    return question


def asked(question: Question, source: Source) -> Answer:
    # The answer; open where results are not stored.
    try:
        return question(source)
    except NotStored as error:
        return Answer(verdict="open", reason=f"not computed yet: {str(error).partition(':')[0]}")


def all_of(*questions: Question) -> Question:
    # A claim of several parts holds if each does; shown is the part that holds least.
    def question(source: Source) -> Answer:
        parts = [asked(part, source) for part in questions]
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
