import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from neuronlib.ablation.curves import accuracy, compare_with_random, random_accuracy
from neuronlib.ablation.significance import (
    Comparison,
    bootstrap_interval,
    holm,
    kolmogorov_smirnov_p,
    wilcoxon_p,
    wilcoxon_p_values,
)

ROUNDING = 1e-12


def curves(networks=6, shift=0.0, names=range(6), seed=0):
    """Accuracies that fall from 0.9; ordered ablation is `shift` above random ablation at step 2."""
    random = np.random.default_rng(seed)
    values = np.full((networks, 3, 3), 0.9) - 0.1 * np.arange(3) + 0.01 * random.random((networks, 3, 3))
    values[:, 0, 2] = values[:, 1:, 2].mean(axis=1) + shift + 0.001 * np.arange(networks)
    orders = ["entropy low", "random 0", "random 1"]
    return xr.DataArray(
        values,
        dims=("network", "order", "step"),
        coords={"network": list(names)[:networks], "order": orders, "step": [0, 1, 2]},
    ).assign_coords(measure=("order", ["entropy", "random", "random"]))


def test_fifty_differences_of_one_sign_give_the_papers_smallest_p_value():
    # The paper prints it as 7.55e-10, cut off after two digits.
    assert wilcoxon_p(np.arange(1.0, 51.0)) == pytest.approx(7.557e-10, rel=1e-3)


@pytest.mark.parametrize(
    ("rank_sum", "printed", "digit"),
    [(4, 9.63e-10, 1e-12), (26, 3.56e-9, 1e-11), (129, 9e-7, 1e-7), (191, 1.6e-5, 1e-6)],
)
def test_papers_other_p_values_belong_to_whole_rank_sums(rank_sum, printed, digit):
    differences, missing = np.arange(1.0, 51.0), rank_sum
    for rank in range(50, 0, -1):
        if rank <= missing:
            differences[rank - 1] *= -1
            missing -= rank
    # Less than one of the last digit that the paper prints, which it rounds or cuts off.
    assert wilcoxon_p(differences) == pytest.approx(printed, rel=0, abs=digit)


def test_exact_p_value_of_one_sign_is_a_power_of_two():
    assert wilcoxon_p(np.arange(1.0, 11.0), exact=True) == pytest.approx(2.0**-9, rel=1e-9)


@pytest.mark.parametrize(("separated", "printed"), [(50, 1.98e-29), (42, 3.68e-18)])
def test_kolmogorov_smirnov_gives_the_papers_p_values(separated, printed):
    ours = np.concatenate([np.arange(separated) + 1000.0, np.arange(50 - separated, dtype=float)])
    theirs = np.arange(50) + 0.5 - 8 * (separated < 50)
    # Printed to three digits.
    assert kolmogorov_smirnov_p(ours, theirs) == pytest.approx(printed, rel=5e-3)


def test_no_difference_at_all_has_p_value_one_and_one_network_none():
    assert wilcoxon_p(np.zeros(5)) == 1
    assert np.isnan(wilcoxon_p(np.array([0.2])))


def test_what_is_left_by_rounding_is_no_difference_and_breaks_no_tie():
    noise = 0.0982 - np.full((50, 10), 0.0982).mean(axis=1)
    assert noise.any()
    assert wilcoxon_p(noise) == 1
    steps = np.arange(1, 51) // 5 * 1e-4
    assert wilcoxon_p(steps + noise) == wilcoxon_p(steps)


def test_mean_gap_is_the_mean_of_paired_differences():
    shifted = curves(shift=0.2)
    comparison = compare_with_random(shifted, "entropy", "low", step=2)
    assert comparison.mean == pytest.approx(0.2 + 0.001 * 2.5, abs=ROUNDING)
    assert comparison.interval[0] <= comparison.mean <= comparison.interval[1]
    assert comparison.networks == 6
    differences = shifted.sel(order="entropy low", step=2) - random_accuracy(shifted.sel(step=2))
    assert comparison.interval == bootstrap_interval(differences.values)
    assert comparison.p_value == wilcoxon_p(differences.values)


def test_random_accuracy_is_the_mean_over_random_orders_alone():
    values = curves(shift=0.5).sel(step=2)
    np.testing.assert_allclose(random_accuracy(values), values.isel(order=[1, 2]).mean("order"), atol=ROUNDING)


def test_missing_steps_and_missing_random_orders_are_refused():
    with pytest.raises(ValueError, match="step = 80: not evaluated; the curves hold 0 to 2"):
        compare_with_random(curves(), "entropy", "low", step=80)
    # A layer of two neurons beside a wider one holds nothing beyond its last.
    padded = curves().pad(step=(0, 3), constant_values=np.nan).assign_coords(step=range(6))
    with pytest.raises(ValueError, match="step = 4: not evaluated; the curves hold 0 to 2"):
        compare_with_random(padded, "entropy", "low", step=4)
    with pytest.raises(ValueError, match="no random order"):
        random_accuracy(curves().isel(order=[0]))


def test_bootstrap_interval_covers_the_mean_about_as_often_as_it_says():
    random = np.random.default_rng(0)
    inside = 0
    for repetition in range(200):
        low, high = bootstrap_interval(random.normal(size=20), seed=repetition)
        inside += low <= 0 <= high
    # Expected 190; a bootstrap of 20 values falls a little short, and 200 trials scatter by 3.
    assert 174 <= inside <= 199


def test_bootstrap_interval_is_the_same_for_the_same_seed():
    values = np.arange(10.0) ** 2
    assert bootstrap_interval(values, seed=3) == bootstrap_interval(values, seed=3)


# Below the ninth decimal nothing is a difference.
@given(st.just(0.0) | st.floats(1e-9, 1), st.integers(2, 9))
def test_interval_of_equal_values_is_the_value(value, size):
    assert bootstrap_interval(np.full(size, value)) == (value, value)


def test_rounding_is_no_difference():
    values = np.full(6, 1.4e-15)  # as the mean of ten equal accuracies is not quite each of them
    assert bootstrap_interval(values) == bootstrap_interval(-values) == (0, 0)
    assert Comparison(values=values, name="", setting="").mean == 0


def test_one_network_has_no_interval():
    assert np.isnan(bootstrap_interval(np.array([0.3]))).all()


def test_an_interval_over_networks_of_which_one_has_no_number_is_none():
    assert np.isnan(bootstrap_interval(np.array([0.3, 0.4, np.nan]))).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_the_p_value_and_bonferroni(p_values):
    raw = np.array(p_values)
    adjusted = holm(raw)
    assert (adjusted >= raw).all()
    assert (adjusted <= np.minimum(raw * len(raw), 1) + ROUNDING).all()
    assert (np.diff(adjusted[np.argsort(raw)]) >= 0).all()


def test_holm_by_hand():
    # Sorted: 0.01 * 4, 0.02 * 3, then 0.03 * 2 equals it, and 0.9 stays.
    np.testing.assert_allclose(holm(np.array([0.9, 0.01, 0.03, 0.02])), [0.9, 0.04, 0.06, 0.06], atol=ROUNDING)


def test_accuracy_by_label_weighs_labels_by_their_samples():
    dataset = xr.Dataset({"correct": (("step", "label"), [[9, 5, 0]]), "samples": ("label", [10, 30, 0])})
    np.testing.assert_allclose(accuracy(dataset, by_label=True)[0], [0.9, 1 / 6, np.nan])
    assert accuracy(dataset).item() == 14 / 40


def test_tests_are_scipys():
    differences = np.random.default_rng(0).normal(size=30)
    expected = stats.wilcoxon(differences, correction=False, method="asymptotic").pvalue
    assert wilcoxon_p(differences) == expected


def test_many_tests_at_once_are_each_by_itself():
    # Ties, zeros, a row of zeros alone: what ablation curves have at their ends.
    differences = np.random.default_rng(0).normal(0.3, 1, (40, 12)).round(1)
    differences[0], differences[1, :5], differences[2] = 0, 0, 1
    found = wilcoxon_p_values(differences)
    for row, value in zip(differences, found, strict=True):
        expected = 1 if not row.any() else stats.wilcoxon(row, correction=False, method="asymptotic").pvalue
        assert value == expected
    assert np.isnan(wilcoxon_p_values(differences[:, :1])).all()


def test_an_interval_holds_95_percent_and_corrects_for_bias_and_skewness():
    values = np.random.default_rng(0).exponential(size=25)
    expected = stats.bootstrap((values,), np.mean, confidence_level=0.95, method="BCa", rng=np.random.default_rng(4))
    assert bootstrap_interval(values, seed=4) == tuple(expected.confidence_interval)
