"""Comparisons that the questions about claims are made of: one for each setting, layer, measure and direction.

Values are percentage points unless a name says otherwise, and positive where a claim holds.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import Comparison
from neuronlib.common.choices import DIRECTIONS, MEASURES, Direction, Measure, Replacement
from neuronlib.common.scopes import scope_name, scope_width
from neuronlib.reproduction.analysis.effects import (
    HARMLESS,
    area_between,
    area_p,
    gap,
    gap_curve,
    loss,
    random_loss,
    strength,
)
from neuronlib.reproduction.analysis.neurons import mean_measure
from neuronlib.reproduction.claims.verdicts import CLOSE, Answer, least
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.store.results import NotStored

MI: Measure = "mutual_information"
KL: Measure = "kl_selectivity"
H: Measure = "entropy"
INFORMATION: tuple[Measure, ...] = (MI, KL)
ENTROPY_AND_MI: tuple[Measure, ...] = (H, MI)
SHORT = {"entropy": "entropy", "mutual_information": "MI", "kl_selectivity": "KL"}
BETTER_AND_WORSE: dict[Direction, int] = {"low": 1, "high": -1}
"""Lowest first is better than random ablation, highest first is worse."""
MANY = 0.25
"""Share of a layer that counts as many."""

Scope = tuple[str, str]
"""A setting and a layer."""
Quantity = Callable[[xr.DataTree], Float[ndarray, " network"]]
"""One number for each network of a setting."""
Answers = Answer | dict[str, Answer]
"""The answer to a claim, or one for each reading of it."""


def asked(question: Callable[[], Answer]) -> Answer:
    """Answer a question; the answer is open where results are not stored."""
    try:
        return question()
    except NotStored as error:
        return not_computed(error)


def not_computed(error: NotStored) -> Answer:
    """Leave a claim open for want of results."""
    return Answer(verdict="open", reason=f"not computed yet: {str(error).partition(':')[0]}")


def readings(questions: Mapping[str, Callable[[], Answer]]) -> dict[str, Answer]:
    """Answer each reading of a claim by itself, so that one that lacks results leaves the others."""
    return {reading: asked(question) for reading, question in questions.items()}


def all_of(*questions: Callable[[], Answer]) -> Answer:
    """Answer a claim of several parts: it holds if each does, and the part that holds least is shown."""
    parts = [asked(question) for question in questions]
    verdict = least(part.verdict for part in parts)
    shown = next(part for part in parts if part.verdict == verdict)
    return dataclasses.replace(shown, parts=sum(part.parts for part in parts))


def width(name: str, layer: str) -> int:
    """Number of neurons of a setting's layer."""
    return scope_width(SETTINGS[name].hidden, layer)


def gaps(
    source: Source,
    scopes: Iterable[Scope],
    measures: Sequence[Measure],
    signs: Mapping[Direction, int],
    replacements: Mapping[str, Replacement] | None = None,
) -> list[Comparison]:
    """Compare ordered with random ablation, over the curve; a sign of -1 makes worse positive."""
    return [
        Comparison(
            values=sign * gap(source(name, (replacements or {}).get(name, "zero")), scope, measure, direction),
            name=f"{scope_name(scope)}, {SHORT[measure]} {direction}, {name}",
            setting=name,
        )
        for name, scope in scopes
        for measure in measures
        for direction, sign in signs.items()
    ]


def distances(
    source: Source,
    scopes: Iterable[Scope],
    measures: Sequence[Measure] = MEASURES,
    directions: Sequence[Direction] = DIRECTIONS,
    replacements: Mapping[str, Replacement] | None = None,
    left_out: Sequence[tuple[Measure, Direction]] = (),
    step: int | None = None,
) -> list[Comparison]:
    """Compare ordered with random ablation for likeness: the area between the curves, or the gap at a step."""
    comparisons = []
    for name, scope in scopes:
        results = source(name, (replacements or {}).get(name, "zero"))
        for measure, direction in ((m, d) for m in measures for d in directions if (m, d) not in left_out):
            text = f"{scope_name(scope)}, {SHORT[measure]} {direction}, {name}"
            if step is None:
                comparisons.append(area(gap_curve(results, scope, measure, direction), text, name))
            else:
                values = gap(results, scope, measure, direction, step)
                comparisons.append(Comparison(values=values, name=text, setting=name))
    return comparisons


def area(differences: xr.DataArray, name: str, setting: str) -> Comparison:
    """Compare two curves by the area between them."""
    return Comparison(values=area_between(differences), name=name, setting=setting, p=area_p(differences))


def strengths(source: Source, names: Iterable[str], measures: Sequence[Measure]) -> list[Comparison]:
    """Compare lowest first with highest first, in layer 1."""
    return [
        Comparison(
            values=strength(source(name), "1", measure),
            name=f"layer 1, {SHORT[measure]} low - high, {name}",
            setting=name,
        )
        for name in names
        for measure in measures
    ]


def rises(
    source: Source, names: Iterable[str], measures: Sequence[Measure], shallow: str = "1", deep: str = "2"
) -> list[Comparison]:
    """Compare the mean of a measure over a deeper layer with that over a shallower one, in bits."""
    return [
        Comparison(
            values=mean_measure(source(name), measure, deep) - mean_measure(source(name), measure, shallow),
            name=f"{SHORT[measure]}, layer {deep} - {shallow}, {name}",
            setting=name,
        )
        for name in names
        for measure in measures
    ]


def of_each(
    source: Source, named: Iterable[tuple[str, str, Quantity]], replacement: Replacement = "zero"
) -> list[Comparison]:
    """Take a quantity of each setting that is positive where a claim holds: name, text, quantity."""
    return [
        Comparison(values=quantity(source(name, replacement)), name=text, setting=name)
        for name, text, quantity in named
    ]


def shares_of_each(source: Source, named: Iterable[tuple[str, str, Quantity]]) -> list[Comparison]:
    """Take differences of shares of neurons, as `of_each` does, in percentage points."""
    return [Comparison(values=100 * share(source(name)), name=text, setting=name) for name, text, share in named]


def paired(one: ndarray, other: ndarray) -> Float[ndarray, " network"]:
    """Subtract network k of another setting from network k of one, which saw the samples in the same order."""
    n = min(len(one), len(other))
    return one[:n] - other[:n]


def between(source: Source, named: Iterable[tuple[str, str, str, Quantity]]) -> list[Comparison]:
    """Compare a quantity of one setting with that of another: the one, the other, text, quantity."""
    return [
        Comparison(
            values=paired(quantity(source(one)), quantity(source(other))),
            name=text,
            setting=f"{one} against {other}",
        )
        for one, other, text, quantity in named
    ]


def count_of(source: Source, name: str, layer: str, quantity: Quantity) -> Comparison:
    """Count neurons of a layer in each network."""
    return Comparison(values=quantity(source(name)), name=f"layer {layer}", setting=name)


def random_difference(results: xr.DataTree) -> Float[ndarray, " network"]:
    """Loss under random ablation in layer 1 less that in layer 2."""
    return random_loss(results, "1") - random_loss(results, "2")


def little_lost(
    source: Source, name: str, layer: str, step: int, replacement: Replacement = "zero"
) -> list[Comparison]:
    """Distance of the loss, lowest first, below what is harmless."""
    return [
        Comparison(
            values=HARMLESS - loss(source(name, replacement), layer, measure, "low", step),
            name=f"{HARMLESS:g} less the loss, {SHORT[measure]}, {name}",
            setting=name,
        )
        for measure in MEASURES
    ]


def small_losses(source: Source, name: str) -> list[Comparison]:
    """Distance of the loss below what counts as alike, half the neurons of the last hidden layer gone."""
    layer = str(len(SETTINGS[name].hidden))
    half = width(name, layer) // 2
    results = source(name)
    losses = {f"random, {name}": random_loss(results, layer, half)} | {
        f"{SHORT[measure]} low, {name}": loss(results, layer, measure, "low", half) for measure in MEASURES
    }
    return [
        Comparison(values=CLOSE - values, name=f"{CLOSE:g} less the loss, {text}", setting=name)
        for text, values in losses.items()
    ]
