import dataclasses
import itertools

import numpy as np
import pytest
import torch
import xarray as xr
from reference import tiny_images

from neuronlib.ablation.cumulative import Outputs, ablate, mean_outputs
from neuronlib.ablation.orders import ablation_orders
from neuronlib.common.choices import MEASURES
from neuronlib.common.config import Setting
from neuronlib.information.measuring import measure
from neuronlib.networks.ensemble import samples_on
from neuronlib.pruning.compensation import balanced, moments, only, refitted
from neuronlib.pruning.selection import CRITERIA, select
from neuronlib.reproduction.compute import scheduler as runner
from neuronlib.reproduction.compute.compute import images, networks_of
from neuronlib.reproduction.compute.pruning_study import (
    _all_layers,
    _by_standing,
    _pruned,
    compare_criteria,
)
from neuronlib.reproduction.design.axes import AFTERWARDS, COMPARED_CRITERIA, PRUNED_SHARES, RETRAINED_SHARES
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.protocol import best_epochs
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.reproduction.design.studies import ALL_STUDIES, STUDIES, Study
from neuronlib.reproduction.store.results import of_kind, pilots
from neuronlib.training.training import train


def test_all_criteria_for_linear_maps_are_compared():
    assert COMPARED_CRITERIA == CRITERIA


def test_comparison_holds_every_criterion_layer_and_share():
    study = Study(
        kind="pruning", setting=paper_setting("mnist-5k", regularizer="l2", hidden=(8, 6), epochs=2), networks=2
    )
    results = compare_criteria(study, device="cpu")
    correct = results.correct
    assert dict(correct.sizes) == {
        "criterion": 13,
        "layer": 2,
        "share": len(PRUNED_SHARES),
        "afterwards": 5,
        "network": 2,
    }
    whole = correct.sel(share=0, afterwards=["nothing", "balancing"])
    assert (whole == whole.isel(criterion=0, layer=0, afterwards=0)).all()
    assert (correct.sel(afterwards=["nothing", "balancing", "least squares"]) >= 0).all()
    assert ((correct.sel(afterwards="re-training") >= 0) == correct.share.isin(RETRAINED_SHARES)).all()
    has_own = correct.criterion.isin(["Srinivas-Babu", "NoiseOut", "DivNet"])
    assert ((correct.sel(afterwards="own surgery") >= 0) == has_own).all()
    assert list(AFTERWARDS) == correct.afterwards.values.tolist() and (results.seconds > 0).all()

    data = images(study.setting)
    networks, _ = networks_of(Job(setting=study.setting, first=0, last=1), data, "cpu")
    test = samples_on(networks.device, data.test)

    def right(ensemble):
        return (ensemble.accuracy(*test) * len(data.test.labels)).round().numpy()

    def further(ensemble):
        setting = dataclasses.replace(ensemble.setting, epochs=study.epochs_after)
        return train(setting, data, ensemble.networks, "cpu", start=ensemble)[0]

    random = correct.sel(criterion="random", layer="1")
    plain = only(networks, "1", select("random", networks, data, "1", study.setting.seed).kept(4))
    np.testing.assert_array_equal(random.sel(share=0, afterwards="nothing"), right(networks))
    np.testing.assert_array_equal(random.sel(share=0.5, afterwards="re-training"), right(further(plain)))
    np.testing.assert_array_equal(results.trained_on, right(further(networks)))


def test_nothing_removed_leaves_the_accuracy_as_it_was_however_neurons_are_ranked(trained):
    ensemble, data = trained
    whole = _all_layers(ensemble, data, seed=0)
    assert (whole.sel(share=0) == whole.sel(share=0).isel(how=0, operated=0, measure=0)).all()


def test_ranked_by_standing_layers_lose_the_same_share_and_pooled_they_need_not():
    draw, widths = np.random.default_rng(0), (8, 6)
    # Without ties; every neuron of layer 2 is above every one of layer 1.
    values = {name: (("network", "neuron"), draw.random((3, 14)) + np.repeat([0, 1], widths)) for name in MEASURES}
    pooled = xr.Dataset(values, {"network": range(3), "layer": ("neuron", np.repeat(["1", "2"], widths))})
    for measured, expected in ((_by_standing(pooled, widths), [4, 3]), (pooled, [7, 0])):
        half = ablation_orders(measured, "whole", 0, 0).sel(order="entropy low").values[:, :7]
        gone = [np.bincount(pooled.layer.values[row].astype(int) - 1, minlength=2).tolist() for row in half]
        assert gone == [expected] * 3


def test_a_standing_keeps_each_layers_order_and_all_layers_go_at_one_pace(trained):
    ensemble, data = trained
    measured = measure(ensemble, data.validation)
    standing = _by_standing(measured, ensemble.setting.hidden)
    for name, layer, k in itertools.product(MEASURES, np.unique(measured.layer), range(3)):
        here = (measured.layer == layer).values
        values, places = measured[name].values[k, here], standing[name].values[k, here]
        # Of equal value, of equal place.
        np.testing.assert_array_equal(values[:, None] < values, places[:, None] < places)
        assert places.mean() == pytest.approx((len(places) + 1) / 2 / len(places))


@pytest.mark.parametrize("name", of_kind("pruning"))
def test_pruned_networks_are_those_of_the_papers_setting(name):
    setting = name.removeprefix("pruning-") + "-l2"
    assert STUDIES[name].setting.epochs == best_epochs(pilots(setting))


def test_studies_are_computed_by_what_their_kind_says():
    assert {one.kind for one in ALL_STUDIES.values()} == set(runner._STUDIES)
    assert (
        dataclasses.replace(STUDIES["pruning-mnist-relu"], networks=5).digest()
        != STUDIES["pruning-mnist-relu"].digest()
    )


def small_networks():
    data = tiny_images(train=80)
    setting = Setting(dataset="mnist-5k", hidden=(8, 6), dropout=(), batch_size=8, epochs=20)
    return train(setting, data, range(3), "cpu")[0], data


def test_what_a_study_stores_of_all_layers_is_what_ablation_in_that_order_gives():
    ensemble, data = small_networks()
    whole, measured = _all_layers(ensemble, data, seed=0), measure(ensemble, data.validation)
    steps = [round(share * 14) for share in PRUNED_SHARES]
    hows = {"pooled": measured, "by layer": _by_standing(measured, (8, 6))}
    ways: dict[str, Outputs] = {"nothing": "zero", "balancing": mean_outputs(ensemble, data.train)}
    for (how, values), (way, constant) in itertools.product(hows.items(), ways.items()):
        orders = ablation_orders(values, "whole", 0, 0)
        curve = ablate(ensemble, data.test, orders, constant).correct.sum("label")
        for name in MEASURES:
            expected = curve.sel(order=f"{name} low", step=steps).transpose("step", "network")
            found = whole.sel(how=how, operated=way, measure=name).transpose("share", "network")
            # Several neurons at once are summed in another order, which may move a near-tie.
            assert abs(found.values - expected.values).max() <= 1
    assert (whole.sel(how="pooled") != whole.sel(how="by layer")).any()


def test_what_is_done_after_removing_has_the_place_that_is_named_after_it():
    ensemble, data = small_networks()
    known, chosen = moments(ensemble, data, "1"), select("random", ensemble, data, "1", 0)
    study = Study(kind="pruning", setting=ensemble.setting, networks=3)
    found = dict(_pruned(ensemble, data, "1", chosen, known, study, "cpu"))
    share, kept, pixels = PRUNED_SHARES.index(0.5), chosen.kept(4), torch.from_numpy(data.test.pixels)
    operated = {
        "nothing": ensemble,
        "balancing": balanced(ensemble, "1", kept, known),
        "least squares": refitted(ensemble, "1", kept, known),
    }
    for afterwards, expected in operated.items():
        smaller = found[share, AFTERWARDS.index(afterwards)]
        assert torch.equal(smaller.logits(pixels), only(expected, "1", kept).logits(pixels))
