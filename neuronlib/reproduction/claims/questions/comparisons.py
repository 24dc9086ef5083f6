"""Comparisons that the questions about claims are made of: one for each setting, layer, measure and direction.

Values are percentage points unless a name says otherwise. Gaps are accuracies of ordered less random ablation, and
changes those with ablation less without, so that negative is worse; each comparison says where a claim expects it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import DIRECTIONS, MEASURES, Direction, Measure, Replacement
from neuronlib.common.scopes import scope_name, scope_width
from neuronlib.reproduction.analysis.effects import (
    area_between,
    area_p,
    change,
    gap,
    gap_curve,
    random_change,
    strength,
)
from neuronlib.reproduction.analysis.neurons import mean_measure
from neuronlib.reproduction.claims.verdicts import All, Effect, Open, Question
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
Asked = Question | dict[str, Question]
"""What is asked for a claim, or for each reading of it."""


def asked(question: Callable[[], Question]) -> Question:
    """Ask a question, which is open where results are not stored."""
    try:
        return question()
    except NotStored as error:
        return not_computed(error)


def not_computed(error: NotStored) -> Open:
    """Leave a claim open for want of results."""
    return Open(f"not computed yet: {str(error).partition(':')[0]}")


def readings(questions: Mapping[str, Callable[[], Question]]) -> dict[str, Question]:
    """Ask each reading of a claim by itself, so that one that lacks results leaves the others."""
    return {reading: asked(question) for reading, question in questions.items()}


def all_of(*questions: Callable[[], Question]) -> All:
    """Ask each part of a claim."""
    return All([asked(question) for question in questions])


def width(name: str, layer: str) -> int:
    """Number of neurons of a setting's layer."""
    return scope_width(SETTINGS[name].hidden, layer)


def gaps(
    source: Source,
    scopes: Iterable[Scope],
    measures: Sequence[Measure],
    signs: Mapping[Direction, int],
    replacements: Mapping[str, Replacement] | None = None,
) -> list[Effect]:
    """Compare ordered with random ablation, over the curve; a sign of -1 says that worse is expected."""
    return [
        Effect(
            values=gap(source(name, (replacements or {}).get(name, "zero")), scope, measure, direction),
            name=f"{scope_name(scope)}, {SHORT[measure]} {direction}, {name}",
            setting=name,
            side=sign,
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
) -> list[Effect]:
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
                comparisons.append(Effect(values=values, name=text, setting=name))
    return comparisons


def area(differences: xr.DataArray, name: str, setting: str) -> Effect:
    """Compare two curves by the area between them."""
    return Effect(values=area_between(differences), name=name, setting=setting, p=area_p(differences))


def strengths(source: Source, names: Iterable[str], measures: Sequence[Measure]) -> list[Effect]:
    """Compare lowest first with highest first, in layer 1."""
    return [
        Effect(
            values=strength(source(name), "1", measure),
            name=f"layer 1, {SHORT[measure]} low - high, {name}",
            setting=name,
        )
        for name in names
        for measure in measures
    ]


def rises(
    source: Source, names: Iterable[str], measures: Sequence[Measure], shallow: str = "1", deep: str = "2"
) -> list[Effect]:
    """Compare the mean of a measure over a deeper layer with that over a shallower one, in bits."""
    return [
        Effect(
            values=mean_measure(source(name), measure, deep) - mean_measure(source(name), measure, shallow),
            name=f"{SHORT[measure]}, layer {deep} - {shallow}, {name}",
            setting=name,
        )
        for name in names
        for measure in measures
    ]


def of_each(source: Source, named: Iterable[tuple[str, str, Quantity]], side: int = 1) -> list[Effect]:
    """Take a quantity of each setting: name, text, quantity."""
    return [Effect(values=quantity(source(name)), name=text, setting=name, side=side) for name, text, quantity in named]


def shares_of_each(
    source: Source, named: Iterable[tuple[str, str, Quantity]], beyond: float, side: int = 1
) -> list[Effect]:
    """Take shares of neurons, as `of_each` does, in percent, and compare them with a share: ``beyond``."""
    return [
        Effect(values=100 * (share(source(name)) - beyond), name=text, setting=name, side=side, reference=100 * beyond)
        for name, text, share in named
    ]


def paired(one: ndarray, other: ndarray) -> Float[ndarray, " network"]:
    """Subtract network k of another setting from network k of one, which saw the samples in the same order."""
    n = min(len(one), len(other))
    return one[:n] - other[:n]


def between(source: Source, named: Iterable[tuple[str, str, str, Quantity]], side: int = 1) -> list[Effect]:
    """Compare a quantity of one setting with that of another: the one, the other, text, quantity."""
    return [
        Effect(
            values=paired(quantity(source(one)), quantity(source(other))),
            name=text,
            setting=f"{one} against {other}",
            side=side,
        )
        for one, other, text, quantity in named
    ]


def count_of(source: Source, name: str, layer: str, quantity: Quantity) -> Effect:
    """Count neurons of a layer in each network."""
    return Effect(values=quantity(source(name)), name=f"layer {layer}", setting=name)


def random_difference(results: xr.DataTree) -> Float[ndarray, " network"]:
    """Accuracy under random ablation in layer 1 less that in layer 2."""
    return random_change(results, "1") - random_change(results, "2")


def little_lost(source: Source, name: str, layer: str, step: int, replacement: Replacement = "zero") -> list[Effect]:
    """Change of accuracy, lowest first, after so many neurons."""
    return [
        Effect(
            values=change(source(name, replacement), layer, measure, "low", step),
            name=f"{step} ablated, {SHORT[measure]} low, {name}",
            setting=name,
        )
        for measure in MEASURES
    ]


def small_changes(source: Source, name: str) -> list[Effect]:
    """Change of accuracy, half the neurons of the last hidden layer gone."""
    layer = str(len(SETTINGS[name].hidden))
    half = width(name, layer) // 2
    results = source(name)
    changes = {f"random, {name}": random_change(results, layer, half)} | {
        f"{SHORT[measure]} low, {name}": change(results, layer, measure, "low", half) for measure in MEASURES
    }
    return [Effect(values=values, name=text, setting=name) for text, values in changes.items()]
