import dataclasses
import json

import numpy as np
import pytest
import torch
import xarray as xr

from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.choices import TERMS
from neuronlib.common.config import Setting
from neuronlib.data.images import load
from neuronlib.information.measuring import measure
from neuronlib.pruning.compensation import only
from neuronlib.reproduction.compute.reward_study import calibration_error, reward_networks
from neuronlib.reproduction.compute.scheduler import Where, run_studies
from neuronlib.reproduction.design.studies import ALL_STUDIES, REWARDS, RewardStudy
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.atomic import StoreError
from neuronlib.reproduction.store.results import stored_study, study_path
from neuronlib.training.rewarded import train_at_strengths

SMALL = RewardStudy(
    setting=Setting(dataset="mnist-5k", hidden=(9, 6), dropout=(), batch_size=128, epochs=1),
    term="mutual_information",
    strengths=(-1.0, 0.0, 1.0),
    networks=2,
    random_orders=2,
    points=10,
)


@pytest.fixture(scope="module")
def computed():
    return reward_networks(SMALL)


def test_accuracy_measures_and_pruning_are_those_of_the_trained_networks(computed):
    data = load("mnist-5k")
    trained, _ = train_at_strengths(SMALL.setting, data, 2, SMALL.term, SMALL.strengths, SMALL.temperature)
    pixels, labels = torch.from_numpy(data.test.pixels), torch.from_numpy(data.test.labels)
    for strength, ensemble in trained.items():
        here = computed.sel(strength=strength)
        measured = measure(ensemble, data.validation)
        np.testing.assert_allclose(
            here.measures.sel(measure="mutual_information"), measured.mutual_information, atol=1e-6
        )
        intact = here.correct.isel(layer=0, order=0, share=0) / 1000
        np.testing.assert_allclose(intact, ensemble.accuracy(pixels, labels))
        # Half of the last layer ablated to zero is half of it removed.
        orders = ablation_orders(measured, "2", 2, SMALL.setting.seed, ["mutual_information"])
        kept = orders.sel(order="mutual_information low").values[:, 3:] - 9
        pruned = here.correct.sel(layer="2", order="mutual_information low", share=0.5)
        np.testing.assert_allclose(only(ensemble, "2", kept).accuracy(pixels, labels) * 1000, pruned, atol=1)


def test_random_orders_are_the_same_at_all_strengths():
    data = load("mnist-5k")
    trained, _ = train_at_strengths(SMALL.setting, data, 2, SMALL.term, SMALL.strengths)
    drawn = [
        ablation_orders(measure(one, data.validation), "2", 2, 0).sel(order=["random 0", "random 1"]).values
        for one in trained.values()
    ]
    assert all(np.array_equal(drawn[0], one) for one in drawn)


def test_calibration_error_is_the_mean_distance_by_bins():
    draw = np.random.default_rng(0)
    probabilities = draw.dirichlet([0.3] * 4, size=500)
    labels = draw.integers(4, size=500)
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    expected = 0.0
    for low in np.arange(15) / 15:
        inside = (confidence > low) & (confidence <= low + 1 / 15)
        if inside.any():
            expected += inside.sum() / 500 * abs(correct[inside].mean() - confidence[inside].mean())
    assert calibration_error(torch.from_numpy(probabilities), torch.from_numpy(labels)) == pytest.approx(expected)


def test_there_is_a_study_for_each_term_and_data_set_with_strength_zero_to_compare():
    assert {(one.setting.dataset, one.term) for one in REWARDS.values()} == {
        (dataset, term) for dataset in ("mnist", "fashion-mnist") for term in TERMS
    }
    settings = {json.dumps(dataclasses.asdict(one.setting) | {"dataset": ""}) for one in REWARDS.values()}
    assert len(settings) == 1


def test_a_stored_study_is_read_as_computed(computed, tmp_path, monkeypatch):
    monkeypatch.setitem(ALL_STUDIES, "small", SMALL)
    where = Where(results=tmp_path / "results", weights=tmp_path / "weights")
    run_studies(["small"], where, report=lambda line: None)
    xr.testing.assert_equal(stored_study("small", where.results), computed)


def entry(name, value):
    def forge(of):
        values = of[name].values.copy()
        values.reshape(-1)[-1] = value
        return of.assign({name: (of[name].dims, values)})

    return forge


@pytest.mark.parametrize(
    "forge",
    [
        entry("correct", 2000),
        entry("calibration_error", 1.5),
        entry("measures", np.nan),
        entry("information", 4.0),
        entry("used", 7),
        lambda of: of.assign_coords(strength=[-1.0, 0.0, 2.0]),
        lambda of: of.assign(correct=of.correct + (of.order == "random 0").astype(np.int32)),
        lambda of: of.drop_vars("log_loss"),
        lambda of: of.isel(network=slice(1, None)),
        lambda of: of.assign_attrs(validation_samples=8),
    ],
)
def test_a_forged_study_is_refused(computed, forge, tmp_path, monkeypatch):
    monkeypatch.setitem(ALL_STUDIES, "small", SMALL)
    path = study_path("small", tmp_path)
    netcdf.write(forge(computed.copy(deep=True)), path)
    with pytest.raises(StoreError, match=path.name):
        stored_study("small", tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strengths": (1.0,)}, "strengths = .*: expected different numbers, with 0 among them"),
        ({"strengths": (0.0, 1.0, 1.0)}, "strengths = .*: expected different numbers"),
        ({"strengths": (0.0, float("inf"))}, "strengths.*: .*finite"),
        ({"term": "entropy"}, "term = 'entropy'"),
        ({"networks": 0}, "networks = 0"),
        ({"setting": Setting()}, "without Dropout and batch normalization"),
    ],
)
def test_impossible_studies_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(SMALL, **changes)
