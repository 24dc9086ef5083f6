"""Tables and sentences of the chapter on what neurons say together."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import xarray as xr
from IPython.display import Markdown
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import holm, wilcoxon_p
from neuronlib.reproduction.analysis.lenet_study import advantage, filters_accuracy, lost, retrained_filters
from neuronlib.reproduction.analysis.selection_study import (
    Chosen,
    choice_by_layer,
    choice_of_pairs,
    chosen_accuracy,
    each_over_best_simple,
    new_over_simple,
)
from neuronlib.reproduction.design.axes import FILTER_CRITERIA, NEW_WEIGHTS, SELECTED_AFTERWARDS
from neuronlib.reproduction.design.studies import LENETS, SELECTIONS
from neuronlib.reproduction.pages.tables.numbers import p_value, with_interval, with_student
from neuronlib.reproduction.pages.tables.tables import table

Networks = Float[ndarray, " network"]
"""One number for each network."""

Studies = Mapping[str, xr.Dataset]
"""What `selection_studies` or `lenet_studies` returns."""

# Of so few networks, the exact distribution of the Wilcoxon statistic is taken.
_FEW = 20


def missing_studies(selections: Studies, lenets: Studies) -> Markdown:
    """Say which studies of the chapter are not stored yet, and the command that computes them; nothing if none is."""
    wanted = [(f"selection-{name}", name in selections) for name in _short(SELECTIONS, "selection-")]
    wanted += [(f"lenet-{name}", name in lenets) for name in _short(LENETS, "lenet-")]
    missing = [name for name, there in wanted if not there]
    if not missing:
        return Markdown("")
    return Markdown(f"Not computed yet, so missing from this page: `neuronlib run {' '.join(missing)}` computes it.")


def criterion_pairs_table(studies: Studies) -> Markdown:
    """Tabulate the best pair of criteria against the best single one and the best simple one, both layers pruned."""
    return _choices_table(studies, [(way, choice_of_pairs) for way in SELECTED_AFTERWARDS[:2]])


def by_layer_table(studies: Studies) -> Markdown:
    """Tabulate the best criterion of each layer against the best single one and the best simple one, by treatment."""
    return _choices_table(studies, [(way, choice_by_layer) for way in SELECTED_AFTERWARDS])


def _choices_table(studies: Studies, ways: Iterable[tuple[str, Callable[[xr.Dataset, str], Chosen]]]) -> Markdown:
    cases = [(name, way, choose(study, way)) for way, choose in ways for name, study in studies.items()]
    gaps = [one for _, _, chosen in cases for one in (chosen.over_single, chosen.over_simple)]
    adjusted = iter(_adjusted(gaps))
    rows = [
        [
            f"{name} ({len(chosen.over_single)})",
            way,
            ", ".join(chosen.by_layer),
            *(chosen.single, with_interval(chosen.over_single), p_value(next(adjusted))),
            *(chosen.simple, with_interval(chosen.over_simple), p_value(next(adjusted))),
        ]
        for name, way, chosen in cases
    ]
    header = ["networks (n)", "afterwards", "by layer", "best single", "gain", "p", "best simple", "gain", "p"]
    return table(header, rows)


def new_against_simple_table(studies: Studies) -> Markdown:
    """Tabulate the best criterion of what neurons say together against the best of the others."""
    cases = [
        (name, way, *new_over_simple(study, way)) for way in SELECTED_AFTERWARDS for name, study in studies.items()
    ]
    adjusted = _adjusted([values for *_, values in cases])
    rows = [
        [f"{name} ({len(values)})", way, new, simple, with_interval(values), p_value(p)]
        for (name, way, new, simple, values), p in zip(cases, adjusted, strict=True)
    ]
    return table(["networks (n)", "afterwards", "together", "best simple", "gain", "p"], rows)


def each_new_table(studies: Studies) -> Markdown:
    """Tabulate each criterion of what neurons say together against the best of the others, over all that test."""
    cases = [
        (way, name, values)
        for way in SELECTED_AFTERWARDS
        for name, values in (each_over_best_simple(studies, way) if studies else {}).items()
    ]
    adjusted = _adjusted([values for *_, values in cases])
    rows = [
        [way, name, with_interval(values), len(values), p_value(p)]
        for (way, name, values), p in zip(cases, adjusted, strict=True)
    ]
    return table(["afterwards", "criterion", "gain over the best simple one", "n", "p"], rows)


def selection_accuracy_table(studies: Studies) -> Markdown:
    """Tabulate test accuracy in percent, averaged over the two shares removed, by criterion, layer and treatment."""
    rows = []
    for name, study in studies.items():
        accuracies = {way: chosen_accuracy(study, way) for way in SELECTED_AFTERWARDS}
        for criterion in study.criterion.values.tolist():
            for layer in study.layer.values.tolist():
                entries = [
                    with_interval(accuracy.sel(criterion=criterion, layer=layer).values, plus=False)
                    if criterion in accuracy.criterion
                    else ""
                    for accuracy in accuracies.values()
                ]
                rows.append([f"{name} ({study.sizes['network']})", criterion, layer, *entries])
    return table(["networks (n)", "removed by", "layer", *SELECTED_AFTERWARDS], rows)


def filters_table(studies: Studies) -> Markdown:
    """Tabulate LeNet-5's accuracy on few filters: points over random removal, before and after re-training."""
    rows = []
    for study in studies.values():
        for filters in study.filters.values.tolist():
            again = ["random"] if filters in retrained_filters(study) else []
            for criterion in (*FILTER_CRITERIA, NEW_WEIGHTS, *again):
                gains = [
                    "" if criterion == "random" else _or_empty(advantage(study, criterion, filters, way), digits)
                    for way, digits in (("nothing", 1), ("re-training", 2))
                ]
                missed = _or_empty(lost(study, criterion, filters), 2, plus=False)
                rows.append([filters.replace("-", " and "), criterion, *gains, missed])
    header = [
        "filters kept",
        "removed by",
        "over random, nothing done",
        "over random, re-trained",
        "points lost, re-trained",
    ]
    return table(header, rows)


def _or_empty(values: Networks, digits: int, plus: bool = True) -> str:
    return "" if np.isnan(values).any() else with_student(values, digits, plus)


def selection_told(studies: Studies) -> Markdown:
    """Sum up the comparison of criteria, a paragraph for each finding."""
    if not studies:
        return Markdown("The comparison of criteria is not computed yet.")
    gain, test = _over_simple(studies, "nothing", 1)
    gain_later, test_later = _over_simple(studies, "re-training", 2)
    together = f"The best such criterion gains {gain} on the best simple one {test}"
    lines = [
        _pairs_told(studies),
        f"**What neurons say together, nothing done.** {together}",
        f"**After one epoch of re-training.** The gain is {gain_later} {test_later}",
    ]
    return Markdown("\n".join(f"- {line}" for line in lines))


def filters_told(studies: Studies) -> Markdown:
    """Sum up what is left of the advantage over random removal of LeNet-5's filters."""
    if not studies:
        return Markdown("LeNet-5 is not computed yet.")
    told = []
    for study in studies.values():
        names = [name for name in FILTER_CRITERIA if name in filters_accuracy(study, "nothing").criterion]
        for filters in retrained_filters(study):
            kept = filters.replace("-", " and ")
            before, later = (
                {name: advantage(study, name, filters, way) for name in names} for way in ("nothing", "re-training")
            )
            p_values = dict(zip(names, _adjusted(list(later.values()), _student_p), strict=True))
            best = max(names, key=lambda name: later[name].mean())
            sure = [name for name in names if p_values[name] < 0.05 and later[name].mean() > 0]
            worse = [name for name in names if p_values[name] < 0.05 and later[name].mean() < 0]
            told.append(
                f"- **With {kept} filters, {len(sure) or 'none'} of {len(names)} criteria surely beats random removal "
                f"re-trained as long.** Accuracy with mutual information minus that with random removal is "
                f"{with_student(before['mutual information'])} points with nothing done. It is "
                f"{with_student(later['mutual information'], 2)} once both are re-trained. The best of {len(names)} "
                f"criteria, {best}, then has {with_student(later[best], 2)} (adjusted p = {p_value(p_values[best])}). "
                f"Surely worse than random removal: {', '.join(worse) or 'none'}. Random removal loses "
                f"{with_student(lost(study, 'random', filters), 2, plus=False)} points of the whole network's "
                f"accuracy (n = {study.sizes['network']})."
            )
    return Markdown("\n".join(told))


def _pairs_told(studies: Studies) -> str:
    chosen = [choice_of_pairs(study, "nothing") for study in studies.values()]
    single = np.concatenate([one.over_single for one in chosen])
    simple = np.concatenate([one.over_simple for one in chosen])
    p = _adjusted([single, simple])
    return (
        f"**Different criteria in the two layers.** With half or nine tenths of both layers removed and nothing done, "
        f"the best pair gains {with_interval(single)} points on the best single criterion (adjusted p = "
        f"{p_value(p[0])}) and {with_interval(simple)} on the best simple one (adjusted p = {p_value(p[1])}; "
        f"n = {len(single)})."
    )


def _over_simple(studies: Studies, way: str, digits: int) -> tuple[str, str]:
    # What the best criterion of what neurons say together gains on the best simple one; the test, and which they are.
    each = {name: new_over_simple(study, way) for name, study in studies.items()}
    values = np.concatenate([gain for *_, gain in each.values()])
    which = ", ".join(f"{new} against {simple} in {name}" for name, (new, simple, _) in each.items())
    return f"{with_interval(values, digits)} points", f"(p = {p_value(_p(values))}, n = {len(values)}): {which}."


def _adjusted(values: Sequence[Networks], test: Callable[[Networks], float] | None = None) -> Float[ndarray, " test"]:
    # Of several tests at once, after Holm. Where there are too few networks for a test, nothing is sure.
    return holm(np.array([np.nan_to_num((test or _p)(one), nan=1.0) for one in values]))


def _p(values: Networks) -> float:
    return wilcoxon_p(values, exact=len(values) <= _FEW)


def _student_p(values: Networks) -> float:
    from scipy import stats

    return float(stats.ttest_1samp(values, 0.0).pvalue) if len(values) > 1 and values.any() else 1.0


def _short(names: Iterable[str], prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in names]
