import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuronlib.ablation.cumulative import ablate, mean_outputs
from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.choices import DIRECTIONS
from neuronlib.information.labelled import by_neuron
from neuronlib.information.measures import entropy, mutual_information
from neuronlib.information.measuring import measure
from neuronlib.reproduction.analysis.replications import CONCLUSIONS, VARIANTS, distance, seen_by
from neuronlib.reproduction.compute import scheduler as runner
from neuronlib.reproduction.compute.compute import images, networks_of
from neuronlib.reproduction.compute.faults import (
    active_share,
    fresh_subset,
    information_with_faults,
    with_faulty_measures,
)
from neuronlib.reproduction.compute.replicate import replicate
from neuronlib.reproduction.compute.scheduler import Where, run_studies
from neuronlib.reproduction.design.axes import FAULTY, REPLICATED
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.reproduction.design.studies import ALL_STUDIES, STUDIES, Study, study
from neuronlib.reproduction.store.encoding import decode
from neuronlib.reproduction.store.results import NotStored, stored_study

TABLES = arrays(np.int64, (2, 4), elements=st.integers(1, 50))


def published(counts: np.ndarray) -> float:
    """The replications' formula in nats, term by term, turned into bits."""
    p = counts / counts.sum()
    of_value, of_label = p.sum(axis=1), p.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        marginal = -(of_value * np.log(of_value)).sum()
        conditional = (of_label * (p / of_label * np.log(p / of_label))).sum()
    return (marginal - conditional) / np.log(2)


@given(TABLES)
def test_faulty_information_is_the_published_formula(counts):
    # float64: a few sums of logarithms, natural there.
    assert information_with_faults(counts) == pytest.approx(published(counts), abs=1e-12)


def test_faulty_information_has_no_value_where_a_cell_is_empty_as_the_published_formula():
    counts = np.array([[5, 0, 3], [2, 4, 1]])
    assert np.isnan(information_with_faults(counts)) and np.isnan(published(counts))


@given(TABLES)
def test_without_its_faults_it_is_mutual_information(counts):
    assert information_with_faults(counts, wrong_sign=False, undefined=False) == mutual_information(counts)
    assert information_with_faults(counts, undefined=False) >= entropy(counts) - 1e-12  # float64 rounds


def test_faults_turn_the_ranking_round():
    # Of neurons that are active for half of the samples, the faulty value is largest for those that say nothing.
    knowing, ignorant = np.array([[9, 1], [1, 9]]), np.array([[5, 5], [5, 5]])
    assert mutual_information(knowing) > mutual_information(ignorant)
    assert information_with_faults(knowing) < information_with_faults(ignorant)


def test_a_value_that_is_not_a_number_ranks_above_all_others_as_torch_does_it():
    values = torch.tensor([0.3, float("nan"), 0.9])
    assert torch.topk(values, 1).indices.tolist() == [1]
    copy, nearly, nothing = [[5, 0], [0, 5]], [[5, 1], [1, 5]], [[3, 3], [3, 3]]
    measured = with_faulty_measures(by_neuron(np.array([[copy, nearly, nothing]]), {"1": 3}, [0]))
    orders = ablation_orders(measured, "1", 0, seed=0, measures=FAULTY)
    assert orders.sel(order="published_information high", network=0).values.tolist() == [0, 2, 1]
    assert orders.sel(order="undefined_information low", network=0).values.tolist() == [2, 1, 0]


def test_fresh_subsets_are_not_nested_and_are_subsets():
    neurons = np.arange(100, 150)
    drawn = [set(fresh_subset(neurons, size, 0, "2", 3).tolist()) for size in range(51)]
    assert [len(subset) for subset in drawn] == list(range(51))
    assert all(subset <= set(neurons.tolist()) for subset in drawn)
    assert not any(drawn[n] <= drawn[n + 1] for n in range(10, 40))


@pytest.fixture(scope="module")
def few() -> tuple[Study, xr.Dataset]:
    setting = paper_setting("mnist-5k", "sigmoid", "l2", hidden=(8, 6), epochs=2)
    chosen = dataclasses.replace(STUDIES["replication-2layer"], setting=setting, networks=2, random_orders=2)
    return chosen, replicate(chosen)


def test_a_replication_holds_every_order_and_way(few):
    chosen, results = few
    assert results.attrs["digest"] == chosen.digest()
    for way in REPLICATED:
        for scope, neurons in (("1", 8), ("2", 6), ("whole", 14)):
            correct = decode(results, way)["curves"][scope].correct
            assert dict(correct.sizes) == {"network": 2, "order": 17, "step": neurons + 1}
            at_first = correct.sel(step=0)
            assert (at_first == at_first.isel(order=0)).all()
    zero, mean, shrunk = (decode(results, way)["curves"]["whole"].correct for way in REPLICATED)
    assert (zero != mean).any() and (mean != shrunk).any() and (zero != shrunk).any()


def test_curves_of_a_replication_are_of_the_samples_and_ways_that_they_are_named_after(few):
    chosen, results = few
    data = images(chosen.setting)
    networks, _ = networks_of(Job(setting=chosen.setting, first=0, last=1), data)
    measured = measure(networks, data.validation)
    np.testing.assert_array_equal(decode(results, "zero")["measures"].counts, measured.counts)
    means = mean_outputs(networks, data.train)
    shares = means.new_tensor(active_share(measured))
    ways: dict[str, tuple[Any, Any]] = {"zero": ("zero", None), "mean": (means, None), "shrunk": ("zero", shares)}
    for scope, (way, (constant, remains)) in itertools.product(("1", "2", "whole"), ways.items()):
        orders, steps = ablation_orders(measured, scope, 2, chosen.setting.seed), chosen.steps(scope)
        curves = decode(results, way)["curves"][scope].correct
        expected = ablate(networks, data.test, orders, constant, steps, remains).correct.sum("label")
        found = curves.sel(order=expected.order, step=steps).transpose(*expected.dims)
        np.testing.assert_array_equal(found, expected)
        neurons, size = np.sort(orders.values[0, 0]), steps[len(steps) // 2]
        some = xr.DataArray(
            [[fresh_subset(neurons, size, chosen.setting.seed, scope, k)] for k in range(2)],
            dims=("network", "order", "step"),
            coords={"network": [0, 1], "order": ["drawn"], "layer": scope},
        )
        ablated = ablate(networks, data.test, some, constant, [size], remains).correct.sum("label")
        np.testing.assert_array_equal(curves.sel(order="fresh 0", step=size), ablated.isel(order=0, step=0))


def test_neurons_that_always_are_active_are_not_changed_by_shrinking():
    counts = np.array([[[[0, 0], [5, 5]], [[5, 3], [0, 2]]]])
    np.testing.assert_allclose(active_share(by_neuron(counts, {"1": 2}, [0])), [[1, 0.2]])


def test_a_study_is_computed_once_and_read_back(tmp_path, monkeypatch, few):
    chosen, results = few
    monkeypatch.setitem(ALL_STUDIES, "early-version", chosen)
    calls: list[Study] = []

    def compute(study: Study, *_) -> xr.Dataset:
        calls.append(study)
        return results

    monkeypatch.setitem(runner._STUDIES, "replication", compute)
    with pytest.raises(NotStored, match='"neuronlib run early-version" computes it'):
        stored_study("early-version", tmp_path / "results")
    where = Where(results=tmp_path / "results", weights=tmp_path / "weights")
    lines: list[str] = []
    for _ in range(2):
        run_studies(["early-version"], where, report=lines.append)
    assert calls == [chosen] and len(lines) == 1
    xr.testing.assert_equal(stored_study("early-version", where.results), results)


def test_unknown_studies_and_impossible_ones_are_refused():
    with pytest.raises(ValueError, match="did you mean replication-2layer"):
        study("replication2layer")
    with pytest.raises(ValueError, match="networks = 0"):
        dataclasses.replace(STUDIES["early-version"], networks=0)


def test_arms_are_the_curves_they_stand_for(few):
    _, results = few
    balanced, shrunk = (decode(results, way)["curves"]["1"].correct for way in ("mean", "shrunk"))
    corrected, published = (
        seen_by(results, VARIANTS[name])["curves"]["1"].correct for name in ("corrected", "as published")
    )
    for direction in DIRECTIONS:
        ours, theirs = f"mutual_information {direction}", f"published_information {direction}"
        np.testing.assert_array_equal(corrected.sel(order=ours), balanced.sel(order=ours))
        np.testing.assert_array_equal(published.sel(order=ours), shrunk.sel(order=theirs))
    random = published.isel(order=np.flatnonzero(published.measure == "random"))
    np.testing.assert_array_equal(random.isel(order=0), shrunk.sel(order="fresh 0"))
    assert corrected.order.to_index().is_unique and (corrected.measure == "random").sum() == 2


def test_an_arm_with_one_fault_differs_from_the_corrected_one_in_that_alone(few):
    _, results = few
    trees = {name: seen_by(results, variant) for name, variant in VARIANTS.items()}
    apart = {
        (name, measure): float(max(distance(trees["corrected"], tree, measure, way, "1").max() for way in DIRECTIONS))
        for name, tree in trees.items()
        for measure in ("entropy", "kl_selectivity", "random")
    }
    assert apart["wrong sign alone", "entropy"] == apart["wrong sign alone", "random"] == 0
    assert apart["fresh subsets alone", "entropy"] == apart["fresh subsets alone", "kl_selectivity"] == 0
    assert apart["empty cells alone", "kl_selectivity"] == apart["empty cells alone", "random"] == 0
    assert apart["shrinking alone", "kl_selectivity"] > 0 < apart["fresh subsets alone", "random"]


def test_every_conclusion_is_one_number_a_network(few):
    _, results = few
    for variant in VARIANTS.values():
        for conclusion in CONCLUSIONS:
            assert np.isfinite(conclusion.value(seen_by(results, variant))).all()
            assert conclusion.value(seen_by(results, variant)).shape == (2,)


def test_each_network_is_measured_on_a_subset_of_its_own():
    assert len({tuple(fresh_subset(np.arange(30), 10, 0, "1", network)) for network in range(3)}) == 3
