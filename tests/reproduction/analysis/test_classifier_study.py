from typing import get_args

import numpy as np
import pytest
from classifier_results import MEASURES, made_up

from neuronlib.common.choices import DatasetName
from neuronlib.reproduction.analysis.classifier_study import (
    DATASET_NAMES,
    agreement,
    as_paper_results,
    depth_trend,
    gap_by_layer,
)


def test_layers_are_numbered_as_computed_and_not_by_name():
    results = as_paper_results(made_up())
    assert list(results["curves"]) == ["1", "2", "whole"]
    assert results["measures"].layer.values.tolist() == ["1"] * 4 + ["2"] * 2
    assert results["curves"]["1"].step.values.tolist() == [0, 2, 4]
    assert results["curves"]["whole"].step.values.tolist() == [0, 3, 6]


def test_gaps_are_between_an_order_and_the_mean_of_random_orders():
    results = as_paper_results(made_up(gain=7))
    np.testing.assert_allclose(gap_by_layer(results, "entropy", "low"), 7)
    np.testing.assert_allclose(gap_by_layer(results, "entropy", "high"), -7)
    ranks = gap_by_layer(results, "feature-map rank")
    np.testing.assert_allclose(ranks[0], 7)
    assert np.isnan(ranks[1]).all()


def test_depth_trend_is_one_where_the_deeper_layer_says_more():
    # Mean entropy: 3/4 of a neuron's in the first layer, 1/2 in the second; mutual information the other way round.
    results = as_paper_results(made_up())
    np.testing.assert_allclose(depth_trend(results, "entropy"), -1)
    np.testing.assert_allclose(depth_trend(results, "mutual_information"), 1)


def test_agreement_is_that_of_ranks_and_missing_where_there_is_nothing_to_rank():
    study = made_up()
    # The first of four neurons says less and has the smallest score: its rank decides, as the others are tied.
    of_layers = agreement(study, "mutual_information", "incoming weights")
    expected = np.corrcoef([1, 3, 3, 3], [1, 2, 3, 4])[0, 1]
    np.testing.assert_allclose(of_layers[0], expected)
    np.testing.assert_allclose(of_layers[1], 1)
    assert np.isnan(agreement(study, "mutual_information", "feature-map rank")[1]).all()


@pytest.mark.parametrize("replacement", ["zero", "mean"])
def test_orders_without_curves_are_left_out(replacement):
    whole = as_paper_results(made_up(), replacement)["curves"]["whole"]
    assert "Taylor low" not in whole.order.values
    assert set(whole.measure.values) == {*MEASURES, "random"}


def test_all_images_that_the_chapter_takes_have_a_name():
    assert set(DATASET_NAMES) == set(get_args(DatasetName))
