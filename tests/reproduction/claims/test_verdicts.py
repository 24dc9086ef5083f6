"""Facts about the numbers that verdicts are made of."""

from collections.abc import Sequence

import numpy as np
import pytest
import xarray as xr

from neuronlib.ablation.significance import Comparison, wilcoxon_p
from neuronlib.information.labelled import by_neuron
from neuronlib.reproduction.analysis.effects import (
    gap,
    largest_harmless_ablation,
    mean_less_zero,
    random_loss,
    smallest_disabling_ablation,
)
from neuronlib.reproduction.analysis.replications import beside_random, deeper_is_more, high_over_low
from neuronlib.reproduction.claims import verdicts
from neuronlib.reproduction.claims.verdicts import (
    are_alike,
    are_mostly_positive,
    are_not_positive,
    are_positive,
    are_positive_in_a_few,
    is_count,
)


def around(mean: float, networks: int = 6) -> Comparison:
    return Comparison(values=mean + np.linspace(-1, 1, networks), name="a test", setting="a setting")


def curves(samples: int, **by_order: Sequence[float]) -> xr.DataTree:
    names = [name.replace("_", " ") for name in by_order]
    measures = [name.rsplit(" ", 1)[0] for name in names]
    found = xr.Dataset(
        {"correct": (("network", "order", "step"), [[*by_order.values()]]), "samples": samples},
        {"order": names, "measure": ("order", measures)},
    )
    return xr.DataTree.from_dict({"curves/1": found.assign_coords(step=range(found.sizes["step"]))})


def test_both_ends_of_a_curve_are_no_part_of_its_mean():
    results = curves(10, entropy_low=[9, 8, 7, 1], random_0=[9, 6, 6, 1])
    assert gap(results, "1", "entropy", "low") == pytest.approx([15])
    assert random_loss(results, "1") == pytest.approx([30])


def test_a_number_of_neurons_beyond_the_curve_is_refused():
    results = curves(10, entropy_low=[9, 8, 1], random_0=[9, 6, 1])
    assert gap(results, "1", "entropy", "low", step=1) == pytest.approx([20])
    for step in (-1, 3):
        with pytest.raises(ValueError, match=f"step = {step}: not evaluated; the curves hold 0 to 2"):
            gap(results, "1", "entropy", "low", step)


def test_the_mean_does_less_harm_by_what_random_ablation_costs_less():
    zero, mean = (curves(10, random_0=[9, each, 6, 1]) for each in (5, 8))
    assert mean_less_zero(zero, mean, "1") == pytest.approx(random_loss(zero, "1") - random_loss(mean, "1"))
    assert mean_less_zero(zero, mean, "1") == pytest.approx([15])


def test_harmless_is_at_most_two_points_less_and_disabled_at_most_ten_above_guessing():
    results = curves(1000, entropy_low=[900, 881, 879, 500, 201, 199])
    assert largest_harmless_ablation(results, "1", "entropy", "low").tolist() == [1]
    assert smallest_disabling_ablation(results, "1", "entropy", "low").tolist() == [5]


def test_two_points_exactly_are_harmless_at_every_accuracy():
    for whole in range(3000, 10000, 7):
        results = curves(10_000, entropy_low=[whole, whole - 200, whole - 201, 0])
        assert largest_harmless_ablation(results, "1", "entropy", "low").tolist() == [1]


def test_the_p_value_is_of_the_papers_variant():
    values = np.arange(1.0, 8.0)
    assert (
        Comparison(values=values, name="", setting="").p_value == wilcoxon_p(values) != wilcoxon_p(values, exact=True)
    )


def test_shown_is_the_test_that_speaks_most_against_a_claim_or_the_one_in_the_middle():
    assert are_alike([around(1), around(9), around(-3)]).ours == pytest.approx(9)
    assert are_not_positive([around(-5), around(3)]).ours == pytest.approx(3)
    assert are_positive_in_a_few([around(-5), around(5), around(-7)]).ours == pytest.approx(5)
    assert are_mostly_positive([around(-5), around(5), around(7)]).ours == pytest.approx(5)


def test_a_wide_interval_may_speak_more_against_a_claim_than_a_smaller_mean():
    wide, narrow = (
        Comparison(values=m + w * np.linspace(-1, 1, 6), name="", setting="") for m, w in ((5, 8), (3, 0.1))
    )
    assert wide.interval[0] < narrow.interval[0]
    assert are_positive([wide, narrow]).ours == pytest.approx(5)
    assert are_not_positive([wide, narrow]).ours == pytest.approx(3)
    assert are_alike([around(1), around(-9)]).ours == pytest.approx(-9)


def test_likeness_holds_in_every_test_or_in_most_or_not():
    assert are_alike([around(1), around(2), around(30)]).verdict == "direction only"
    assert are_alike([around(1), around(30)]).verdict == "not reproduced"


def test_half_of_all_cases_are_some():
    assert are_positive_in_a_few([around(5), around(-5)]).verdict == "reproduced"


def test_one_test_with_four_networks_leaves_a_claim_open():
    assert verdicts.FEWEST == 5
    assert are_positive([around(5), around(5, networks=5)]).verdict == "reproduced"
    assert are_positive([around(5), around(5, networks=4)]).verdict == "open"


def test_a_count_inside_our_interval_is_reproduced_and_bounds_are_a_tenth_and_a_factor_of_two():
    wide = Comparison(values=np.array([50.0] * 5 + [500.0] * 3), name="", setting="")
    low, high = wide.interval
    assert abs(wide.mean - 300) > 0.1 * 500 and low < 300 < high
    assert is_count(wide, 300, width=500).verdict == "reproduced"
    assert is_count(around(201), 250, width=500).verdict == "reproduced"
    assert is_count(around(195), 250, width=500).verdict == "direction only"
    assert is_count(around(499), 250, width=500).verdict == "direction only"
    assert is_count(around(501), 250, width=500).verdict == "not reproduced"


def test_conclusions_are_means_over_what_the_reports_show_positive_where_high_first_is_better():
    falls = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    later = [10, *(value + 0.5 for value in falls[1:])]
    between = [10, *(value + 0.25 for value in falls[1:])]
    results = curves(10, entropy_low=falls, entropy_high=later, random_0=between)
    # Shown are steps 0 to 4; at the first, nothing is ablated yet, and elsewhere it is half a sample of ten.
    assert high_over_low(results, "entropy", "1") == pytest.approx([4])
    assert beside_random(results, "entropy", "1") == pytest.approx([2])


def test_a_deeper_layer_is_more_where_its_neurons_vary_more():
    constant, varying = [[5, 5], [0, 0]], [[5, 0], [0, 5]]
    results = xr.DataTree.from_dict({"measures": by_neuron(np.array([[constant, varying]]), {"1": 1, "2": 1}, [0])})
    assert deeper_is_more(results, "entropy").tolist() == [1]
