import numpy as np
import pytest
import xarray as xr
from elsewhere_results import made_up
from pages import rows

import neuronlib.reproduction as rp

pytestmark = pytest.mark.usefixtures("closed")


def with_history(tree: xr.DataTree) -> xr.DataTree:
    accuracy = np.tile([0.8, 0.9, 0.9], (10, 1))
    history = xr.Dataset(
        {
            "training_loss": (("network", "epoch"), 1 - accuracy),
            "validation_accuracy": (("network", "epoch"), accuracy),
            "training_accuracy": ("network", np.linspace(0.91, 0.93, 10)),
        },
        {"network": range(10), "epoch": [1, 2, 3]},
    )
    tree["history"] = xr.DataTree(history)
    return tree


STUDIES = {
    "L2, ReLU, MNIST": made_up("l2", 6, -8),
    "narrow: 10-10, ReLU, MNIST": with_history(made_up("narrow", 6, -8)),
    "early stopping, ReLU, MNIST": with_history(made_up("stopping", 6, -8)),
    "Dropout, sigmoid, Fashion-MNIST": made_up("dropout", -6, 8, "Fashion-MNIST", "sigmoid"),
}


def test_training_is_tabulated_with_what_is_known():
    table = rows(rp.trained_elsewhere_table(STUDIES))
    assert len(table) == 4
    assert "| 10 | – | – | – | 90.0 (90.0 to 90.0) |" in table[0]
    assert "| 10 | 3 | 92.0 (91.0 to 93.0) | 0.100 | 90.0 (90.0 to 90.0) |" in table[1]
    assert "best: 2.0 (2 to 2)" in table[2]


def test_underfitting_is_told_beside_the_papers_networks():
    text = rp.underfitting_summary(STUDIES)
    assert "92.0 % [91.5, 92.5] of the training samples" in text and "networks 100-100 with L2: 90.0 %" in text
    assert "No narrow networks" in rp.underfitting_summary({})


def test_claims_are_tabulated_by_images():
    assert len(rows(rp.claims_elsewhere_table(STUDIES))) == 3
    assert rows(rp.claims_elsewhere_table(STUDIES, "not MNIST"))[0].startswith("| Dropout, sigmoid, Fashion-MNIST")


def test_the_list_counts_each_kind_on_its_side():
    text = rp.elsewhere_summary(STUDIES)
    assert "is, of 4 kinds of networks, better in 3 and worse in 1" in text
    assert "for all 8 tests" in text and "**Q49:** reproduced as the paper means it in 3 of 4 kinds" in text


def test_missing_studies_are_named_and_present_ones_are_not():
    text = rp.missing_elsewhere(STUDIES).data
    assert "`elsewhere-mnist-relu-l1`" in text and "elsewhere-mnist-relu-narrow" not in text


def test_the_figure_has_a_row_for_each_kind_sigmoid_last():
    figure = rp.effects_elsewhere(STUDIES)
    within, whole = figure.axes
    assert [label.get_text() for label in within.get_yticklabels()] == [
        "L2",
        "narrow: 10-10",
        "early stopping",
        "Dropout, sigmoid",
    ]
    assert (within.get_title(), whole.get_title()) == ("within layers", "whole network")
    assert [text.get_text() for text in figure.legends[0].get_texts()][:2] == ["lowest first", "highest first"]
