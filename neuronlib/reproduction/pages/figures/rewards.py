"""Figures of the chapter on rewarding information: what changes with the strength of the reward."""

from collections.abc import Container, Iterable, Mapping, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import Term
from neuronlib.plots.curves import subplots
from neuronlib.reproduction.analysis.reward_study import (
    ACCURACY,
    CALIBRATION,
    LABELS,
    OF_TERM,
    REDUNDANCY,
    ROBUSTNESS,
    Effect,
    Studies,
    chosen,
    dead_neurons,
)
from neuronlib.reproduction.pages.figures.panels import not_computed_yet

SHOWN = (ACCURACY, CALIBRATION, ROBUSTNESS, REDUNDANCY)
"""Outcomes with a row of panels."""
_STYLES: dict[Term, tuple[str, str]] = {
    "mutual_information": ("#D55E00", "s"),
    "kl_selectivity": ("#009E73", "^"),
    "class_selectivity": ("#0072B2", "o"),
}
_LABELLED = (-3.0, -0.3, 0.0, 0.3, 3.0)


def effects_by_strength(effects: Iterable[Effect]) -> Figure:
    """Draw the difference to strength 0 against strength: a row for each outcome, a column for each data set.

    Args:
        effects: What `effects_of` returns.

    Returns:
        A line for each term: means over networks with 95 % intervals. Marks are filled where the difference is told
        from zero after correction.
    """
    effects = list(effects)
    datasets = list(dict.fromkeys(effect.dataset for effect in effects))
    if not datasets:
        return not_computed_yet()
    figure, grid = _grid(len(SHOWN), len(datasets))
    for row, outcome in zip(grid, SHOWN, strict=True):
        for axes, dataset in zip(row, datasets, strict=True):
            some = chosen(effects, dataset=dataset, outcome=outcome)
            for term in LABELS:
                _line(axes, chosen(some, term=term), term, _strengths(effects))
            axes.axhline(0, color="#404040", lw=0.8)
            _ticks(axes, _strengths(effects))
        row[0].set_ylabel(f"{outcome.name}\n(difference, {outcome.unit})", fontsize=8)
    _finish(figure, grid, datasets)
    return figure


def layer_by_strength(studies: Studies) -> Figure:
    """Draw what the last hidden layer looks like against strength: mean measures, and how many neurons are constant.

    Args:
        studies: What `reward_studies` returns.

    Returns:
        A line for each term: means over networks with 95 % intervals; a column for each data set.
    """
    if not studies:
        return not_computed_yet()
    names = [*(f"{outcome.name}\n({outcome.unit or 'index'})" for outcome in OF_TERM.values()), "constant neurons\n(%)"]
    figure, grid = _grid(len(names), len(studies))
    for column, of_dataset in zip(grid.T, studies.values(), strict=True):
        for term, study in of_dataset.items():
            strengths = study.strength.values.tolist()
            for axes, values in zip(column, _looks(study), strict=True):
                _draw(axes, dict(enumerate(values)), term, filled=range(len(strengths)))
                _ticks(axes, strengths)
    for row, name in zip(grid, names, strict=True):
        row[0].set_ylabel(name, fontsize=8)
        for axes in row:
            axes.set_ylim(bottom=0)
    _finish(figure, grid, list(studies))
    return figure


def _looks(study: xr.Dataset) -> list[Float[ndarray, "strength network"]]:
    means = [outcome.of(study).transpose("strength", "network").values for outcome in OF_TERM.values()]
    return [*means, dead_neurons(study)]


def _grid(rows: int, columns: int) -> tuple[Figure, np.ndarray]:
    return subplots(rows, columns, figsize=(3.4 * columns + 0.4, 1.75 * rows + 0.8), squeeze=False)


def _strengths(effects: Iterable[Effect]) -> list[float]:
    return sorted({0.0, *(effect.strength for effect in effects)})


def _line(axes: Axes, effects: Sequence[Effect], term: Term, strengths: Sequence[float]) -> None:
    if not effects:
        return
    places = {strengths.index(effect.strength): effect for effect in effects}
    values = {place: effect.comparison.values for place, effect in places.items()}
    nothing = np.zeros_like(effects[0].comparison.values)
    values = dict(sorted((values | {strengths.index(0.0): nothing}).items()))
    _draw(axes, values, term, filled=[place for place, effect in places.items() if effect.direction])


def _draw(axes: Axes, values: Mapping[int, Float[ndarray, " network"]], term: Term, filled: Container[int]) -> None:
    colour, marker = _STYLES[term]
    shift = 0.18 * (list(_STYLES).index(term) - 1)
    axes.plot([place + shift for place in values], [one.mean() for one in values.values()], color=colour, lw=0.9)
    for place, one in values.items():
        axes.plot([place + shift] * 2, bootstrap_interval(one), color=colour, lw=1.3)
        face = colour if place in filled else "white"
        axes.plot(place + shift, one.mean(), lw=0, color=colour, marker=marker, ms=4, mfc=face)


def _ticks(axes: Axes, strengths: Sequence[float]) -> None:
    # On a scale of ranks: strengths are spaced evenly on a logarithmic scale, but for 0.
    shown = _LABELLED if set(_LABELLED) <= set(strengths) else strengths
    names = [f"{strength:g}".replace("-", "\N{MINUS SIGN}") if strength in shown else "" for strength in strengths]
    axes.set_xticks(range(len(strengths)), names, fontsize=8)
    axes.set_xlim(-0.5, len(strengths) - 0.5)
    axes.tick_params(axis="y", labelsize=8)


def _finish(figure: Figure, grid: np.ndarray, datasets: Sequence[str]) -> None:
    for axes, dataset in zip(grid[0], datasets, strict=False):
        axes.set_title(dataset, fontsize=9)
    for axes in grid[-1]:
        axes.set_xlabel("strength: penalised < 0 < rewarded", fontsize=8)
    marks = [
        Line2D([], [], color=colour, marker=marker, ms=4, lw=0.9, label=f"{LABELS[term]}")
        for term, (colour, marker) in _STYLES.items()
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=3 if grid.shape[1] > 1 else 1, fontsize=8)
