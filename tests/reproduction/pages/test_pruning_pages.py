from typing import Any

import numpy as np
import pytest
import xarray as xr

from neuronlib.reproduction.analysis.pruning_study import gained, gained_by_repair, pruning_studies, retrained_shares
from neuronlib.reproduction.pages.figures.pruning import accuracy_by_share_kept, gains_of_repair, gains_over_random
from neuronlib.reproduction.pages.tables.pruning import pruned_accuracy_table, pruning_told, tally

AXES = ("criterion", "layer", "share", "afterwards", "network")
WAYS = ["nothing", "balancing", "least squares", "re-training"]
SHARES = [0.0, 0.5, 0.9]


def marks(axes: Any) -> list[tuple[float, int]]:
    lines = [line for line in axes.lines if line.get_marker() != "None"]
    return [(float(line.get_xdata()[0]), round(float(line.get_ydata()[0]))) for line in lines]


def study(trained: int, balanced: int) -> xr.Dataset:
    """Two networks of one layer and 1000 samples; `trained` and `balanced` are the criterion's, random has 500."""
    spread = np.array([0, 10])
    random = np.broadcast_to(500 + spread, (len(SHARES), len(WAYS), 2)).copy()
    mine = random.copy()
    mine[1:, 0] = 600 + spread
    mine[1:, 1] = balanced + spread
    mine[1:, 3] = trained + spread
    random[0, 3] = mine[0, 3] = -1
    whole = (("how", "operated", "measure", "share", "network"), np.full((2, 2, 3, 3, 2), 500) + spread)
    places = {"criterion": ["random", "mutual information"], "layer": ["1"], "share": SHARES, "afterwards": WAYS}
    places |= {"how": ["pooled", "by layer"], "operated": ["nothing", "balancing"]}
    places |= {"measure": ["entropy", "mutual_information", "kl_selectivity"]}
    correct = (AXES, np.array([random, mine])[:, None])
    return xr.Dataset({"correct": correct, "whole": whole}, places, {"test_samples": 1000})


@pytest.mark.parametrize(
    ("trained", "said"), [(505, "random removal is almost as good"), (700, "the choice still matters")]
)
def test_random_removal_is_said_to_be_as_good_only_where_the_best_criterion_leads_by_little(trained, said):
    assert said in pruning_told({"mnist-relu": study(trained, 600)}).data


@pytest.mark.parametrize(
    ("balanced", "said"), [(500, "often hurts ReLU"), (600, "does little in ReLU"), (900, "mostly helps ReLU")]
)
def test_balancing_is_said_to_help_or_to_hurt_where_intervals_say_so(balanced, said):
    assert f"**Balancing {said} networks.**" in pruning_told({"mnist-relu": study(505, balanced)}).data


def test_a_combination_whose_interval_holds_zero_counts_on_neither_side():
    assert tally([np.array([-1.0, 1.0]), np.array([1.0, 2.0]), np.array([-2.0, -1.0])]) == (1, 1, 3)


def test_marks_are_mean_gains_over_random_removal_which_has_no_row():
    studies = pruning_studies("store", "mnist-5k", 0, 0)
    figure = gains_over_random(studies)
    axes = figure.axes[0]
    criteria = [text.get_text() for text in axes.get_yticklabels()]
    assert len(criteria) == 12 and "random" not in criteria
    shares = retrained_shares(next(iter(studies.values())))
    expected = [
        (gained(study, criterion, "1", "nothing", shares).mean(), place)
        for place, criterion in enumerate(criteria)
        for study in studies.values()
    ]
    np.testing.assert_allclose(marks(axes), expected, atol=1e-9)  # means in float64


def test_repair_pools_the_networks_of_both_data_sets_by_activation():
    studies = pruning_studies("store", "mnist-5k", 0, 0)
    figure = gains_of_repair(studies)
    assert [axes.get_title() for axes in figure.axes] == [
        f"{activation}, layer {layer}, 20 networks" for layer in (1, 2) for activation in ("relu", "sigmoid")
    ]
    removed = studies["mnist-sigmoid"].share.values[1:].tolist()
    both = [
        gained_by_repair(studies[name], "random", "2", "least squares", removed)
        for name in ("mnist-sigmoid", "fashion-sigmoid")
    ]
    np.testing.assert_allclose(marks(figure.axes[3])[1], (np.concatenate(both).mean(), 0), atol=1e-9)


def test_bars_of_re_trained_networks_lie_where_networks_were_re_trained_and_nothing_is_kept_on_the_right():
    studies = pruning_studies("store", "mnist-5k", 0, 0)
    axes: Any = accuracy_by_share_kept(studies).axes[0]
    (bars,) = axes.collections[-1:]
    np.testing.assert_allclose(sorted(path.vertices[0, 0] for path in bars.get_paths()), [5, 10, 30, 50])
    assert axes.get_xlim() == (102, 0)


def test_a_treatment_that_a_criterion_does_not_have_is_an_empty_entry():
    studies = pruning_studies("store", "mnist-5k", 0, 0)
    rows = pruned_accuracy_table(studies, "1").data.splitlines()[2:]
    assert len(rows) == 4 * 13
    own = [row.split(" | ")[5].strip() != "" for row in rows]
    assert sum(own) == 4 * 3
