"""Facts about the numbers that verdicts are made of."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
import xarray as xr

from neuronlib.ablation.significance import Comparison, equivalence_p, replication_interval, wilcoxon_p
from neuronlib.information.labelled import by_neuron
from neuronlib.reproduction.analysis.effects import (
    area_between,
    gap,
    largest_harmless_ablation,
    mean_less_zero,
    random_change,
    smallest_disabling_ablation,
)
from neuronlib.reproduction.analysis.replications import beside_random, deeper_is_more, high_over_low
from neuronlib.reproduction.claims import verdicts
from neuronlib.reproduction.claims.questions.comparisons import all_of
from neuronlib.reproduction.claims.verdicts import (
    Alike,
    All,
    Answer,
    Count,
    Differ,
    DifferOnBothSides,
    DoNotDiffer,
    Effect,
    Number,
    Open,
    outcome,
)
from neuronlib.reproduction.store.results import NotStored


def around(mean: float, networks: int = 6, width: float = 1.0) -> Effect:
    return Effect(values=mean + width * np.linspace(-1, 1, networks), name="a test", setting="a setting")


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
    assert random_change(results, "1") == pytest.approx([-30])


def test_a_number_of_neurons_beyond_the_curve_is_refused():
    results = curves(10, entropy_low=[9, 8, 1], random_0=[9, 6, 1])
    assert gap(results, "1", "entropy", "low", step=1) == pytest.approx([20])
    for step in (-1, 3):
        with pytest.raises(ValueError, match=f"step = {step}: not evaluated; the curves hold 0 to 2"):
            gap(results, "1", "entropy", "low", step)


def test_the_mean_does_less_harm_by_what_random_ablation_costs_less():
    zero, mean = (curves(10, random_0=[9, each, 6, 1]) for each in (5, 8))
    assert mean_less_zero(zero, mean, "1") == pytest.approx(random_change(mean, "1") - random_change(zero, "1"))
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
    assert Comparison(values=values).p_value == wilcoxon_p(values) != wilcoxon_p(values, exact=True)


def test_identical_distributions_are_never_different():
    # Each of 200 has mean zero; by chance one in twenty is significant, and none of these means reaches the margin.
    for values in np.random.default_rng(0).normal(0, 3, (200, 50)):
        assert outcome(Comparison(values=values), 5) in {"alike", "different, but small"}


def test_half_the_margin_with_many_networks_is_different_but_small():
    for values in np.random.default_rng(1).normal(2.5, 3, (100, 200)):
        assert outcome(Comparison(values=values), 5) == "different, but small"


def test_three_times_the_margin_is_never_alike():
    for values in np.random.default_rng(2).normal(15, 10, (200, 20)):
        assert outcome(Comparison(values=values), 5) in {"different", "cannot tell"}


def test_of_five_noisy_networks_nothing_can_be_told():
    assert outcome(Comparison(values=np.array([-14.0, -6.0, 1.0, 8.0, 15.0])), 5) == "cannot tell"
    assert Alike(tests=[Effect(values=np.array([-14.0, -6.0, 1.0, 8.0, 15.0]))]).judged().finding == "cannot tell"
    assert Differ(tests=[Effect(values=np.array([-14.0, -6.0, 1.0, 8.0, 15.0]))]).judged().finding == "cannot tell"


def test_alike_is_the_two_one_sided_tests_and_no_other():
    values = np.random.default_rng(3).normal(1, 4, 30)
    for margin in (1.5, 2.0, 3.0, 5.0):
        alike = outcome(Comparison(values=values), margin) in {"alike", "different, but small"}
        assert alike == (abs(values.mean()) < margin and equivalence_p(values, margin) < 0.05)


def test_what_is_claimed_is_established_small_unknown_or_refuted():
    up, small, flat, down = around(20), around(2.5, 20), around(0, 20), around(-20)
    unknown = around(3, 6, width=9)
    found = [Differ(tests=[test]).judged().finding for test in (up, small, unknown, flat, down)]
    assert found == ["established", "small", "cannot tell", "refuted", "refuted"]
    found = [Alike(tests=[test]).judged().finding for test in (flat, small, unknown, up, down)]
    assert found == ["established", "small", "cannot tell", "refuted", "refuted"]
    found = [DoNotDiffer(tests=[test]).judged().finding for test in (down, flat, small, unknown, up)]
    assert found == ["established", "established", "small", "cannot tell", "refuted"]


def test_no_gap_is_similar_and_different_as_the_paper_means_it():
    for mean in (0, 2.7, 4.9, 5.1, 9.7):
        test = around(mean, 20)
        assert (Differ(tests=[test]).judged().verdict == "reproduced") != (
            Alike(tests=[test]).judged().verdict == "reproduced"
        )


def test_a_difference_has_to_hold_in_every_test_on_its_own_side():
    up, flat, down = around(20), around(0.1), around(-20)
    assert Differ(tests=[up, up]).judged().verdict == "reproduced"
    assert Differ(tests=[up, dataclasses.replace(down, side=-1)]).judged().verdict == "reproduced"
    assert Differ(tests=[up, flat]).judged().verdict == "direction only"
    assert Differ(tests=[up, down]).judged().verdict == "not reproduced"
    assert Differ(tests=[up, flat, down]).judged().ours == pytest.approx(-20)


def test_bits_and_shares_of_neurons_have_no_margin():
    assert Differ(tests=[around(2)]).judged().verdict == "direction only"
    for unit in ("bits", "% of neurons"):
        assert Differ(tests=[around(2)], unit=unit).judged().finding == "established"


def test_a_share_is_shown_as_it_is_and_tested_against_what_is_claimed():
    answer = Differ(tests=[dataclasses.replace(around(20), reference=50.0)], unit="% of neurons").judged()
    assert (answer.ours, answer.verdict) == (pytest.approx(70), "reproduced")
    assert answer.low < 70 < answer.high


def test_likeness_is_a_small_gap_or_none_that_is_significant():
    assert Alike(tests=[around(4, 10)]).judged().verdict == "reproduced"
    assert Alike(tests=[around(11, 10, width=60)]).judged().verdict == "reproduced"
    assert Alike(tests=[around(6, 10)]).judged().verdict == "not reproduced"
    assert Alike(tests=[around(1), around(2), around(30)]).judged().verdict == "direction only"


def test_most_is_more_than_half():
    small, large = around(3), around(30)
    assert Alike(tests=[small, small, large], quantifier="most").judged().verdict == "reproduced"
    assert Alike(tests=[small, small, large], quantifier="most").judged().ours == pytest.approx(3)
    assert Alike(tests=[small, large], quantifier="most").judged().verdict == "not reproduced"
    up, slightly, down = around(20), around(0.1), around(-20)
    assert Differ(tests=[up, up, down], quantifier="most").judged().verdict == "reproduced"
    assert Differ(tests=[up, slightly, down], quantifier="most").judged().verdict == "direction only"
    assert Differ(tests=[up, up, down, down], quantifier="most").judged().verdict == "not reproduced"
    assert Differ(tests=[up, up, down], quantifier="most").judged().finding == "established"
    assert Differ(tests=[up, down, down], quantifier="most").judged().finding == "refuted"


def test_a_few_cases_are_some_but_not_most():
    up, down = around(20), around(-20)
    few = [Differ(tests=tests, quantifier="a few").judged() for tests in ([up, down, down], [up, up, down], [down] * 2)]
    assert [answer.verdict for answer in few] == ["reproduced", "direction only", "not reproduced"]
    assert [answer.finding for answer in few] == ["established", "refuted", "refuted"]


def test_not_better_is_anything_but_surely_better():
    worse, perhaps, better = around(-20), around(0.1), around(20)
    assert DoNotDiffer(tests=[worse, perhaps]).judged().verdict == "reproduced"
    assert DoNotDiffer(tests=[worse, worse, better]).judged().verdict == "direction only"
    assert DoNotDiffer(tests=[worse, better]).judged().verdict == "not reproduced"
    assert DoNotDiffer(tests=[worse, worse, better]).judged().passed == 2
    assert DoNotDiffer(tests=[worse, perhaps, better]).judged().ours == pytest.approx(20)


def test_inconsistent_is_what_lies_surely_on_both_sides():
    up, slightly_down, down = around(20), around(-0.1), around(-20)
    assert DifferOnBothSides(tests=[up, up, down]).judged().verdict == "reproduced"
    assert DifferOnBothSides(tests=[up, up, down]).judged().ours == pytest.approx(-20)
    assert DifferOnBothSides(tests=[up, down, down]).judged().ours == pytest.approx(20)
    assert DifferOnBothSides(tests=[up, slightly_down]).judged().verdict == "direction only"
    one_side = DifferOnBothSides(tests=[up, up]).judged()
    assert (one_side.verdict, one_side.finding) == ("not reproduced", "refuted")


def number(test: Effect, paper: float, significant: bool = True) -> Answer:
    return Number(tests=[test], paper=paper, significant=significant, networks=50).judged()


def test_a_number_is_the_papers_if_it_has_its_sign_and_significance_and_is_near():
    assert number(around(20, 10), 21.9).verdict == "reproduced"
    assert number(around(16, 10), 21.9).verdict == "direction only"
    assert number(around(-20, 10), 21.9).verdict == "not reproduced"
    assert number(around(-2, 10), 2).verdict == "not reproduced"
    assert number(around(2, 10, width=15), 6).verdict == "direction only"


def test_of_a_number_that_is_not_significant_the_sign_does_not_count():
    assert number(around(0.1, 10), -0.2, significant=False).verdict == "reproduced"
    for sign in (1, -1):
        # Ten networks that agree in sign are significant; a small difference that is real is not none.
        assert number(around(4 * sign, 10), 0.3, significant=False).verdict == "direction only"
        assert number(around(30 * sign, 10), 0.3, significant=False).verdict == "not reproduced"


def test_a_number_is_established_inside_the_prediction_interval_and_small_nearby():
    spread = np.linspace(-6, 6, 50)
    low, high = replication_interval(20 + spread, 20.0, 50)
    found = [number(Effect(values=20 + off + spread), 20.0) for off in (0, (high - low) / 2 - 0.01, 2.5, 20)]
    assert [answer.finding for answer in found] == ["established", "established", "small", "refuted"]
    assert found[0].predicted == (pytest.approx(low), pytest.approx(high))


def test_nineteen_in_twenty_replications_fall_into_the_prediction_interval():
    # Of 2000, 1900 are expected; binomial chance exceeds 50 more or less once in 2000 times (deviation 9.7).
    generator = np.random.default_rng(4)
    inside = 0
    for original, replication in generator.normal(0, 1, (2000, 2, 30)):
        low, high = replication_interval(replication, float(original.mean()), 30)
        inside += low <= replication.mean() <= high
    assert abs(inside - 1900) < 35


@pytest.mark.parametrize(("p", "significant"), [(0.049, True), (0.051, False)])
def test_five_percent_divides_what_is_significant_from_what_is_not(p, significant):
    far = dataclasses.replace(around(11, 10), p=p)
    assert (Alike(tests=[far]).judged().verdict == "reproduced") is not significant
    assert (outcome(far, 5) == "different") is significant
    near = dataclasses.replace(around(20, 10), p=p)
    for paper in (True, False):
        assert (number(near, 21.9, paper).verdict == "reproduced") is (paper == significant)


def test_a_p_value_that_is_given_decides_and_is_shown():
    chance = Alike(tests=[dataclasses.replace(around(11, 10), p=0.5)]).judged()
    assert (chance.verdict, chance.p) == ("reproduced", 0.5)


def test_curves_that_cross_the_random_one_do_not_resemble_it():
    steps = np.arange(11)
    crossing = xr.DataArray(40 * np.sign(5 - steps) * np.ones((6, 1)), dims=("network", "step"))
    assert crossing.mean().item() == 0
    area = area_between(crossing)
    assert area == pytest.approx(8 / 9 * 40)  # of nine steps between the ends, the middle one has no difference
    assert Alike(tests=[Effect(values=area)]).judged().verdict == "not reproduced"


def test_a_claim_of_several_parts_is_refuted_by_one_whatever_is_open():
    reproduced, half, refuted = (Differ(tests=[around(mean)]) for mean in (20, 2, -20))
    is_open = Open("of another kind")
    assert All([reproduced, half]).judged().verdict == "direction only"
    assert All([reproduced, is_open]).judged().verdict == "open"
    assert All([is_open, refuted]).judged().verdict == "not reproduced"
    assert All([is_open, refuted]).judged().finding == "refuted"
    assert All([All([reproduced, is_open]), half]).judged().parts == 3

    def not_stored():
        raise NotStored("mnist-relu-l2: nothing is stored")

    assert all_of(lambda: refuted, not_stored).judged().verdict == "not reproduced"
    answer = all_of(lambda: reproduced, not_stored).judged()
    assert (answer.verdict, answer.reason) == ("open", "not computed yet: mnist-relu-l2")


def test_shown_is_the_test_that_is_least_established_and_speaks_most_against_a_claim():
    assert Alike(tests=[around(1), around(9), around(-12)]).judged().ours == pytest.approx(-12)
    # Not even significant, a mean of 4 is no answer; one of 2.5 that surely differs, but by less than 5, is against it.
    unsure, small = around(4, 6, width=12), around(2.5, 20)
    assert Alike(tests=[unsure, small]).judged().ours == pytest.approx(2.5)
    assert Differ(tests=[around(-5), around(20), around(-7)], quantifier="a few").judged().ours == pytest.approx(20)


def test_networks_are_those_of_the_test_that_is_shown():
    few, many = around(20, 10), around(1, 40)
    answer = Differ(tests=[few, many]).judged()
    assert (answer.ours, answer.n) == (pytest.approx(1), 40)


def test_one_test_with_four_networks_leaves_a_claim_open():
    assert verdicts.FEWEST == 5
    assert Differ(tests=[around(20), around(20, 5)]).judged().verdict == "reproduced"
    answer = Differ(tests=[around(20), around(20, 4)]).judged()
    assert (answer.verdict, answer.finding, answer.reason) == ("open", "open", "4 networks are too few")


def count(test: Effect, paper: float, width: int = 500) -> Answer:
    return Count(tests=[test], paper=paper, width=width).judged()


def test_a_count_is_right_to_a_tenth_of_the_width_and_a_factor_of_two():
    assert [count(around(ours), 250).verdict for ours in (240, 201, 195, 499, 501)] == [
        "reproduced", "reproduced", "direction only", "direction only", "not reproduced",
    ]  # fmt: skip
    assert [count(around(ours), 250).finding for ours in (240, 195, 501)] == ["established", "refuted", "refuted"]
    # In a wide layer a tenth of the width forgives more than a factor of two.
    assert (count(around(19), 50).verdict, count(around(19), 50).finding) == ("not reproduced", "refuted")
    assert count(around(26), 50).verdict == "reproduced"
    assert np.isnan(count(around(240), 250).p)


def test_a_count_inside_our_interval_is_reproduced_but_not_established():
    wide = Effect(values=np.array([50.0] * 5 + [500.0] * 3))
    low, high = wide.interval
    assert abs(wide.mean - 300) > 0.1 * 500 and low < 300 < high
    assert (count(wide, 300).verdict, count(wide, 300).finding) == ("reproduced", "cannot tell")


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
