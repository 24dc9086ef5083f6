"""Criteria of what neurons say together, compared on the same networks."""

import dataclasses

import numpy as np
import pytest

from neuronlib.networks.ensemble import samples_on
from neuronlib.pruning.compensation import moments, only, refitted
from neuronlib.pruning.joint import JOINT_CRITERIA
from neuronlib.pruning.selection import CRITERIA, select
from neuronlib.reproduction.compute.compute import images
from neuronlib.reproduction.compute.selection_study import compare_selections
from neuronlib.reproduction.design.axes import (
    CHOSEN_SHARES,
    PRUNED_SHARES,
    RETRAINED_CRITERIA,
    SELECTED_CRITERIA,
    SIMPLE_CRITERIA,
    TOGETHER_CRITERIA,
)
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.reproduction.design.studies import SELECTIONS, STUDIES, SelectionStudy
from neuronlib.training.training import train

STUDY = SelectionStudy(setting=paper_setting("mnist-5k", regularizer="l2", hidden=(8, 6), epochs=2), networks=2)


@pytest.fixture(scope="module")
def results():
    return compare_selections(STUDY, device="cpu")


@pytest.fixture(scope="module")
def trained():
    data = images(STUDY.setting)
    return train(STUDY.setting, data, [0, 1], "cpu")[0], data


def test_criteria_are_known_and_those_of_studies_of_pruning_or_new():
    assert set(SIMPLE_CRITERIA) < set(CRITERIA) and TOGETHER_CRITERIA == JOINT_CRITERIA
    assert set(RETRAINED_CRITERIA) < set(SELECTED_CRITERIA)


def test_settings_and_epochs_are_those_of_the_studies_of_pruning():
    for name, one in SELECTIONS.items():
        assert one.setting == STUDIES[name.replace("selection-", "pruning-")].setting and one.networks == 20


def test_every_criterion_layer_and_share_is_there_and_nothing_removed_changes_nothing(results):
    correct = results.correct
    assert correct.shape == (len(SELECTED_CRITERIA), 2, len(PRUNED_SHARES), 3, 2)
    whole = correct.sel(share=0, afterwards=["nothing", "least squares"])
    assert (whole == whole.isel(criterion=0, layer=0, afterwards=0)).all()
    again = correct.criterion.isin(RETRAINED_CRITERIA) & correct.share.isin(CHOSEN_SHARES)
    assert ((correct.sel(afterwards="re-training") >= 0) == again).all()
    assert (correct.sel(afterwards=["nothing", "least squares"]) >= 0).all()


@pytest.mark.parametrize("layer", ["1", "2"])
def test_pruning_one_layer_is_what_the_library_does(results, trained, layer):
    ensemble, data = trained
    kept = select("CMIM", ensemble, data, layer, STUDY.setting.seed).kept(4 if layer == "1" else 3)
    known = moments(ensemble, data, layer)
    for way, operated in {"nothing": ensemble, "least squares": refitted(ensemble, layer, kept, known)}.items():
        accuracy = only(operated, layer, kept).accuracy(*samples_on(ensemble.device, data.test))
        stored = results.correct.sel(criterion="CMIM", layer=layer, share=0.5, afterwards=way)
        np.testing.assert_array_equal(stored, (accuracy * len(data.test.labels)).round())


def test_both_layers_lose_what_the_criterion_of_each_chose_in_the_intact_network(results, trained):
    ensemble, data = trained
    first = select("mRMR", ensemble, data, "1", STUDY.setting.seed).kept(4)
    second = select("entropy", ensemble, data, "2", STUDY.setting.seed).kept(3)
    test = samples_on(ensemble.device, data.test)
    accuracy = only(only(ensemble, "1", first), "2", second).accuracy(*test)
    pair = results.both.sel(first="mRMR", second="entropy", chosen_share=0.5)
    np.testing.assert_array_equal(pair.sel(operated="nothing"), (accuracy * len(data.test.labels)).round())
    refit = only(refitted(ensemble, "1", first, moments(ensemble, data, "1")), "1", first)
    both = only(refitted(refit, "2", second, moments(refit, data, "2")), "2", second)
    accuracy = both.accuracy(*test)
    np.testing.assert_array_equal(pair.sel(operated="least squares"), (accuracy * len(data.test.labels)).round())


def test_a_network_is_pruned_alike_whichever_others_there_are(results):
    alone = compare_selections(dataclasses.replace(STUDY, networks=1), device="cpu")
    np.testing.assert_array_equal(alone.both.sel(network=0), results.both.sel(network=0))
