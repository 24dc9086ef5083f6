"""What was chosen on some networks, and what it gains on others."""

import numpy as np
import pytest
from selection_results import filters, selection

from neuronlib.reproduction.analysis.lenet_study import (
    advantage,
    filters_accuracy,
    lenet_studies,
    lost,
    retrained_filters,
)
from neuronlib.reproduction.analysis.selection_study import (
    answers_of_selection,
    choice_by_layer,
    choice_of_pairs,
    chosen_accuracy,
    each_over_best_simple,
    halves,
    less,
    new_over_simple,
    selection_studies,
)
from neuronlib.reproduction.design.axes import RETRAINED_CRITERIA


def test_a_criterion_for_each_layer_gains_what_the_second_one_adds():
    study = selection(best=("mRMR", "CMIM"), gain=300)
    pairs = choice_of_pairs(study, "nothing")
    assert pairs.by_layer == ("mRMR", "CMIM")
    # One criterion for both layers is the best in one of them: three points behind.
    np.testing.assert_allclose(pairs.over_single, np.full(10, 3.0))
    np.testing.assert_allclose(pairs.over_simple, np.full(10, 6.0))
    layers = choice_by_layer(study, "nothing")
    assert layers.by_layer == ("mRMR", "CMIM")
    np.testing.assert_allclose(layers.over_single, np.full(10, 1.5))  # the mean over layers
    np.testing.assert_allclose(layers.over_simple, np.full(10, 3.0))


def test_the_same_criterion_in_both_layers_gains_nothing_on_itself():
    pairs = choice_of_pairs(selection(best=("entropy", "entropy")), "nothing")
    assert pairs.by_layer == ("entropy", "entropy") and pairs.single == pairs.simple == "entropy"
    assert not pairs.over_single.any() and not pairs.over_simple.any()


def test_what_is_good_in_networks_that_test_alone_is_not_chosen():
    study = selection(best=("CMIM", "CMIM"), gain=300)
    place = study.criterion.values.tolist().index("blanket")
    study.correct.values[place, :, 1:, 0, 10:] += 4000
    study.both.values[place, place, :, 0, 10:] += 4000
    assert halves(study) == (list(range(10)), list(range(10, 20)))
    assert choice_of_pairs(study, "nothing").single == "CMIM"
    assert new_over_simple(study, "nothing")[0] == "CMIM"
    assert less(study, "blanket", "CMIM", "nothing").mean() == pytest.approx(37)


def test_random_removal_is_no_candidate_and_what_was_not_re_trained_is_none_either():
    study = selection(best=("random", "random"), again=50)
    assert "random" not in (*choice_of_pairs(study, "nothing").by_layer, choice_by_layer(study, "nothing").single)
    assert chosen_accuracy(study, "re-training").criterion.values.tolist() == list(RETRAINED_CRITERIA)


def test_each_new_criterion_is_compared_over_all_networks_that_test():
    studies = {"one": selection(gain=300), "other": selection(gain=100)}
    found = each_over_best_simple(studies, "nothing")
    np.testing.assert_allclose(found["CMIM"], np.repeat([3.0, 1.0], 10))
    assert "JMI" in found and "JMI" not in each_over_best_simple(studies, "re-training")


def test_answers_are_for_the_three_sentences_and_none_without_studies():
    assert answers_of_selection({}) == []
    mixed = answers_of_selection({"mnist-relu": selection(best=("mRMR", "coverage"))})
    assert [one.finding for one in mixed] == ["holds", "holds", "holds"]
    assert "+3.0 [+3.0, +3.0] points with nothing done" in mixed[0].evidence and "n = 10 networks" in mixed[0].evidence
    same = answers_of_selection({"mnist-relu": selection(best=("outgoing weights", "outgoing weights"))})
    assert [one.finding for one in same] == ["cannot tell", "does not hold", "cannot tell"]


def test_random_removal_of_filters_is_the_mean_over_its_orders():
    study = filters(lead=1000, again=40)
    places = [study.criterion.values.tolist().index(f"random {k}") for k in range(2)]
    study.correct.values[places[0], 0, 1] += 20
    random = filters_accuracy(study, "re-training").sel(criterion="random", filters="2-3").values
    np.testing.assert_allclose(random, study.correct.values[places, 0, 1].mean(axis=0) / 100)
    np.testing.assert_allclose(advantage(study, "CMIM", "2-3", "nothing"), np.full(5, 10.0))
    np.testing.assert_allclose(
        advantage(study, "CMIM", "2-3", "re-training"), 0.4 - 0.1 + np.array([0, 1, 2, 0, 1]) / 100
    )
    np.testing.assert_allclose(lost(study, "random", "4-5"), 4 - np.array([0, 1, 2, 0, 1]) / 100)
    assert retrained_filters(study) == ["2-3", "4-5"]
    assert np.isnan(advantage(study, "new weights", "2-3", "nothing")).all()


def test_the_store_gives_what_is_there(monkeypatch, tmp_path):
    for module in ("selection_study", "lenet_study"):
        monkeypatch.setattr(
            f"neuronlib.reproduction.analysis.{module}.study_path", lambda name: tmp_path / f"{name}.nc"
        )
    assert selection_studies("store", "mnist-5k", 0, 0) == {} and lenet_studies("store", "mnist-5k", 0, 0) == {}
