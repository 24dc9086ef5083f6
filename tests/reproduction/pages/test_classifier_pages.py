import re

import numpy as np
import pytest
from classifier_results import made_up
from pages import rows

import neuronlib.reproduction as rp

pytestmark = pytest.mark.usefixtures("closed")

STUDIES = {
    "convolutional network, MNIST": made_up(gain=10),
    "convolutional network, CIFAR-10": made_up(networks=4, gain=10),
    "vision transformer, MNIST": made_up(gain=-5),
}


def test_networks_are_tabulated_with_their_number_and_accuracy():
    table = rows(rp.networks_table(STUDIES))
    assert len(table) == 3
    assert "1 234" in table[0] and "85.0 % (80.0 % to 90.0 %)" in table[0].replace("\N{NO-BREAK SPACE}", " ")


def test_every_layer_is_counted_once_on_one_side():
    told = rp.layers_told(STUDIES).splitlines()
    numbers = [[int(number) for number in re.findall(r"\d+", line)] for line in told]
    # Less harm, all, more harm, the rest: lowest first helps in the two studies that were made so.
    assert numbers[0] == [4, 6, 2, 0]
    assert numbers[1] == [2, 6, 4, 0]


def test_conclusions_follow_from_the_results():
    text = rp.classifier_conclusions(STUDIES).data
    assert "does more harm than random removal in 1 of 3 kinds of network, and less harm in 2" in text
    assert "in 10 of 10 networks by one bit, and in 0 by four values" in text


def test_criteria_are_compared_on_the_layers_that_all_of_them_order():
    gaps = rp.criterion_gaps(STUDIES)
    # Ten answers of a hundred, as a product of floats.
    np.testing.assert_allclose(gaps["feature-map rank"]["convolutional network, MNIST"], [10.0] * 3)
    np.testing.assert_allclose(gaps["entropy"]["vision transformer, MNIST"], [-5.0] * 3)
    assert set(rp.summary_gaps(STUDIES)) >= {"mean over positions", "each position a sample"}


def test_figures_have_a_panel_for_each_study_and_say_what_is_drawn():
    assert len(rp.measures_by_layer(STUDIES).axes) == 12
    gaps = rp.gaps_of_layers(STUDIES, "mutual_information")
    assert len(gaps.axes) == 3
    assert [text.get_text() for text in gaps.legends[0].get_texts()] == ["lowest first", "highest first"]
    assert len(rp.whole_curves(STUDIES, "mutual_information").axes) == 3
    beside = rp.beside_each_other(rp.summary_gaps(STUDIES), "points")
    assert [text.get_text() for text in beside.legends[0].get_texts()] == list(STUDIES)
    assert all(axes.get_xlabel() for axes in gaps.axes[-2:])
