"""Tables and sentences of the chapter on rewarding information while networks are trained."""

from collections.abc import Iterable

from IPython.display import Markdown

from neuronlib.reproduction.analysis.reward_study import (
    ACCURACY,
    CALIBRATION,
    INFORMATION,
    LABELS,
    LOG_LOSS,
    OF_TERM,
    OUTCOMES,
    REDUNDANCY,
    ROBUSTNESS,
    Effect,
    Studies,
    chosen,
    missing_studies,
    nearest_to_middle,
    told,
)
from neuronlib.reproduction.compute.sources import SourceName
from neuronlib.reproduction.pages.tables.numbers import p_value, signed, with_interval
from neuronlib.reproduction.pages.tables.tables import markdown, table

_MAIN = (ACCURACY, CALIBRATION, ROBUSTNESS, REDUNDANCY)


def unrewarded_table(studies: Studies) -> Markdown:
    """Tabulate the networks of strength 0, which all others are compared with: means with 95 % intervals."""
    outcomes = (ACCURACY, CALIBRATION, LOG_LOSS, ROBUSTNESS, REDUNDANCY, INFORMATION)
    units = {"points": "%"}
    rows = []
    for dataset, of_dataset in studies.items():
        study = next(iter(of_dataset.values())).sel(strength=[0.0])
        values = [(outcome, outcome.of(study).values[0]) for outcome in outcomes]
        rows.append(
            [
                dataset,
                study.sizes["network"],
                *(with_interval(one, outcome.digits, plus=False) for outcome, one in values),
            ]
        )
    names = [f"{outcome.name} ({units.get(outcome.unit, outcome.unit)})" for outcome in outcomes]
    return table(["images", "n", *names], rows)


def missing_told(studies: Studies, source: SourceName) -> Markdown:
    """Say which of the chapter's studies are not stored yet; nothing if all are, or if the page computes its own."""
    missing = missing_studies(studies) if source == "store" else []
    return markdown(f"Not computed yet, and not shown: {'; '.join(missing)}." if missing else "")


def rewards_counted(effects: Iterable[Effect]) -> Markdown:
    """Count the strengths at which each outcome is higher and lower than without a reward, after correction."""
    effects = list(effects)
    columns = [(term, sign) for term in LABELS for sign in (1, -1)]
    rows = []
    for dataset in dict.fromkeys(effect.dataset for effect in effects):
        for outcome in OUTCOMES:
            some = chosen(effects, dataset=dataset, outcome=outcome)
            of_columns = [[one for one in chosen(some, term=term) if one.strength * sign > 0] for term, sign in columns]
            rows.append([dataset, outcome.name, *map(_higher_and_lower, of_columns)])
    names = [f"{LABELS[term]} {'rewarded' if sign > 0 else 'penalised'}" for term, sign in columns]
    return table(["images", "outcome", *names], rows)


def _higher_and_lower(effects: list[Effect]) -> str:
    if not effects:
        return "–"
    higher, lower = (sum(one.direction == way for one in effects) for way in (1, -1))
    parts = [f"{number} {word}" for number, word in ((higher, "higher"), (lower, "lower")) if number]
    return f"{', '.join(parts) or 'none'} of {len(effects)}"


def rewards_table(effects: Iterable[Effect], every: bool = False) -> Markdown:
    """Tabulate differences to strength 0 with interval, p-value, and both corrections.

    Args:
        effects: What `effects_of` returns.
        every: Whether to show all outcomes and strengths, instead of the four of the figure at the middle strengths.

    Returns:
        The table.
    """
    effects = list(effects)
    shown = effects if every else [one for one in effects if one.outcome in _MAIN and _is_middle(one, effects)]
    rows = [
        [
            one.dataset,
            LABELS[one.term],
            signed(one.strength, 2),
            one.outcome.name,
            told(one),
            p_value(one.comparison.p_value),
            p_value(one.holm),
            p_value(one.corrected),
        ]
        for one in shown
    ]
    header = ["images", "term", "strength", "outcome", "difference", "p", "p (Holm)", "p (sign flips)"]
    return table(header, rows)


def _is_middle(effect: Effect, effects: list[Effect]) -> bool:
    return abs(effect.strength) == abs(nearest_to_middle(effects).strength)


def correction_told(effects: Iterable[Effect]) -> Markdown:
    """Say how many comparisons are corrected for, and how small p-values can get."""
    effects = list(effects)
    if not effects:
        return markdown("Nothing is compared: an interval and a test take at least two networks.")
    networks = min(effect.comparison.networks for effect in effects)
    smallest = 2.0 ** (1 - networks)
    least = min(1.0, len(effects) * smallest)
    sure = sum(effect.direction != 0 for effect in effects)
    return markdown(
        f"There are {len(effects)} comparisons of {networks} networks. The exact Wilcoxon test of {networks} networks "
        f"gives p = {p_value(smallest)} at least, so Holm's method gives {p_value(least)} at least for the first of "
        f"them. Flips of signs can give p = {p_value(smallest)} however many comparisons there are. By them, {sure} "
        "comparisons are told from zero."
    )


def rewards_told(effects: Iterable[Effect]) -> Markdown:
    """Say for each term what the reward and the penalty do, at the middle strength and at how many of the strengths."""
    effects = list(effects)
    lines = []
    for term, label in LABELS.items():
        for sign, way in ((1, "rewarded"), (-1, "penalised")):
            some = [one for one in chosen(effects, term=term) if one.strength * sign > 0]
            parts = [
                f"{dataset}: {_sentence(chosen(some, dataset=dataset), OF_TERM[term].name)}"
                for dataset in dict.fromkeys(one.dataset for one in some)
            ]
            if parts:
                lines.append(f"**{label[0].upper()}{label[1:]} {way}.** {' '.join(parts)}")
    return markdown("\n".join(f"- {line}" for line in lines))


def _sentence(effects: list[Effect], rewarded: str) -> str:
    strength = nearest_to_middle(effects).strength
    parts = []
    for name in (rewarded, ACCURACY.name, ROBUSTNESS.name):
        of_name = [one for one in effects if one.outcome.name == name]
        for middle in (one for one in of_name if one.strength == strength):
            sure = "" if middle.direction else ", not told from zero"
            parts.append(f"{name} {told(middle)}{sure}")
    return f"at strength {signed(strength, 2)}, {'; '.join(parts)}."
