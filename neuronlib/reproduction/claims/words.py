"""A claim's test in words: its place in the paper, what is compared, and what the tests have to be like."""

import ast
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

from neuronlib.common.scopes import WHOLE, scope_name
from neuronlib.reproduction.claims.questions import QUESTIONS
from neuronlib.reproduction.claims.table import Claim
from neuronlib.reproduction.claims.verdicts import (
    CLOSE_SHARE,
    MARGIN,
    Alike,
    Count,
    Differ,
    DifferOnBothSides,
    DoNotDiffer,
    Effect,
    Expectation,
    Number,
    Open,
    Quantifier,
    Question,
    parts_of,
)

_MEASURES = {"MI": "mutual information", "KL sel.": "KL selectivity"}
_HOW_MANY: Mapping[Quantifier, str] = {
    "every": "all {tests} tests have",
    "most": "more than half of {tests} tests have",
    "a few": "some of {tests} tests, but at most half of them, have",
}
_SIGNIFICANT = "with p < 0.05"


def place(claim: Claim) -> str:
    """Return where in the paper a claim stands.

    Example:
        >>> from neuronlib.reproduction.claims.table import all_claims
        >>> place(all_claims()[0])
        'Sec. V-B, Fig. 2(a)'
    """
    first, *others = re.sub(r"\bFig ", "Fig. ", claim.where).split(", ")
    section = first if first.startswith("Fig") else f"Sec. {first}"
    return ", ".join([section, *(f"Fig. {part}" if part[0].isdigit() else part for part in others)])


def compared(claim: Claim) -> str:
    """Return what is compared: for a number, its gap; else, what the question's function says of itself.

    Example:
        >>> from neuronlib.reproduction.claims.table import all_claims
        >>> compared(all_claims()[4]).partition(",")[0]
        'Accuracy without the 80 neurons of lowest mutual information in layer 1'
    """
    if claim.kind != "number":
        return _docstring(QUESTIONS[claim.id]).partition("\n")[0].strip()
    if claim.compares_layers:
        at_random = f"{claim.step} neurons of layer 1 drawn at random"
        return f"Accuracy without {at_random}, less that without as many of layer 2."
    neurons = f"the {claim.step} neurons of {claim.order}est {_MEASURES.get(claim.measure, claim.measure)}"
    where = "the whole network" if claim.scope == WHOLE else scope_name(claim.scope)
    to_mean = " (ablated to their mean)" if claim.replacement == "mean" else ""
    return f"Accuracy without {neurons} in {where}{to_mean}, less that without as many drawn at random."


def number_in_short(claim: Claim) -> str:
    """Return what a number is about in a few words: layer, order and number of ablated neurons.

    Example:
        >>> from neuronlib.reproduction.claims.table import all_claims
        >>> number_in_short(all_claims()[4]), number_in_short(all_claims()[3])
        ('layer 1, 80 of lowest mutual information', 'layer 1 minus layer 2, 80 random neurons')
    """
    if claim.compares_layers:
        return f"layer 1 minus layer 2, {claim.step} random neurons"
    measure = _MEASURES.get(claim.measure, claim.measure)
    to_mean = ", to the mean" if claim.replacement == "mean" else ""
    return f"{scope_name(claim.scope)}, {claim.step} of {claim.order}est {measure}{to_mean}"


def expected(question: Question, margin: float = MARGIN) -> list[str]:
    """Return what the tests of each part of a question have to be like, as the paper means it.

    Args:
        question: The question.
        margin: δ in percentage points.

    Returns:
        A text for each part.

    Example:
        >>> import numpy as np
        >>> expected(Differ(tests=[Effect(values=np.arange(9.0), side=-1)]))
        ['The mean has to lie below 0, by δ = 5 points or more, with p < 0.05.']
    """
    return [_told(part, margin) for part in parts_of(question)]


def side_of(test: Effect, unit: str) -> str:
    """Say on which side of what a test's mean is looked for, such as "above 50 %"."""
    percent = " %" if unit == "% of neurons" else ""
    return f"{'above' if test.side > 0 else 'below'} {test.reference:g}{percent}"


def _told(part: Expectation | Open, margin: float) -> str:
    if isinstance(part, Open):
        return f"Open: {part.reason}."
    text = _expectation(part, margin)
    return f"{text[0].upper()}{text[1:]}.{_which_p(part)}"


def _expectation(part: Expectation, margin: float) -> str:
    tests = len(part.tests)
    by = f", by δ = {margin:g} points or more" if part.unit == "points" else ""
    match part:
        case Differ():
            return f"{_have(tests, part.quantifier)} to lie {_sides(part)}{by}, {_SIGNIFICANT}"
        case Alike():
            near = f"nearer to zero than δ = {margin:g} points or " if by else ""
            return f"{_have(tests, part.quantifier)} to be {near}not significant (p ≥ 0.05)"
        case DoNotDiffer():
            none = "the mean may not" if tests == 1 else f"none of {tests} tests may"
            return f"{none} lie {_sides(part)}{by}, {_SIGNIFICANT}; the other side is as good as zero"
        case DifferOnBothSides():
            return f"of {tests} tests, at least one has to lie above zero and one below{by}, {_SIGNIFICANT}"
        case Number():
            value = f"{part.paper:+g}".replace("-", "−")
            near = f"nearer than δ = {margin:g} points to the paper's {value}"
            if part.significant:
                return f"the mean has to have the paper's sign, {_SIGNIFICANT}, and to be {near}"
            return f"the mean has to be {near} and, as in the paper, not significant (p ≥ 0.05)"
        case Count():
            near = f"no farther than {CLOSE_SHARE * part.width:g} from the paper's {part.paper:g}"
            about = f"a tenth of the layer's {part.width} neurons"
            return f"the mean has to be {near} ({about}), or its interval to hold that, and right to a factor of two"
        case _:
            raise TypeError(f"{type(part).__name__}: no words for it")


def _have(tests: int, quantifier: Quantifier) -> str:
    if tests == 1:
        return "the mean has"
    return "both tests have" if tests == 2 and quantifier == "every" else _HOW_MANY[quantifier].format(tests=tests)


def _sides(part: Expectation) -> str:
    sides = {side_of(test, part.unit) for test in part.tests}
    return sides.pop() if len(sides) == 1 else "on the side of 0 that each row names"


def _which_p(part: Expectation) -> str:
    if not _all_given(part.tests):
        return ""
    if isinstance(part, Number):
        return " The p-value is that of the two-sample Kolmogorov–Smirnov test."
    return " Each is the area between two mean curves, and its p-value is that of sign flips."


def _all_given(tests: Sequence[Effect]) -> bool:
    return all(test.p is not None for test in tests)


def _docstring(function: Callable[..., object]) -> str:
    # From the source where there is none, as where Python is told to optimize (PYTHONOPTIMIZE=2).
    if function.__doc__ is not None:
        return function.__doc__
    named = {one.name: one for one in _definitions(inspect.getmodule(function)) if isinstance(one, ast.FunctionDef)}
    return (ast.get_docstring(named[function.__name__]) or "") if function.__name__ in named else ""


def _definitions(module: ModuleType | None) -> list[ast.stmt]:
    return [] if module is None else ast.parse(inspect.getsource(module)).body
