"""The chapter on what neurons say together: figures, tables, and sentences that follow the numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from selection_results import filters, selection

from neuronlib.reproduction.design.studies import LENETS, SELECTIONS
from neuronlib.reproduction.pages.figures.selection import accuracy_of_filters, gains_of_selection
from neuronlib.reproduction.pages.tables.pruning import pruned_networks_table
from neuronlib.reproduction.pages.tables.selection import (
    by_layer_table,
    criterion_pairs_table,
    each_new_table,
    filters_table,
    filters_told,
    missing_studies,
    new_against_simple_table,
    selection_accuracy_table,
    selection_told,
)

TABLES = (
    *(by_layer_table, criterion_pairs_table, each_new_table, new_against_simple_table, selection_accuracy_table),
    *(pruned_networks_table, selection_told),
)


def test_without_studies_pages_say_so():
    assert all(make({}).data for make in (*TABLES, filters_table))
    assert "not computed yet" in selection_told({}).data and "not computed yet" in filters_told({}).data
    for draw in (gains_of_selection, accuracy_of_filters):
        assert draw({}).axes[0].texts[0].get_text() == "not computed yet"
    plt.close("all")
    told = missing_studies({"mnist-relu": selection()}, {}).data
    assert "selection-mnist-relu" not in told and "lenet-mnist" in told and "selection-fashion-sigmoid" in told
    everything = {name.removeprefix("selection-"): selection() for name in SELECTIONS}
    assert missing_studies(everything, {name.removeprefix("lenet-"): filters() for name in LENETS}).data == ""


def test_gains_are_drawn_for_the_criteria_that_were_tried():
    figure = gains_of_selection({"mnist-relu": selection(gain=300), "fashion-relu": selection(gain=100)})
    names = [[text.get_text() for text in axes.get_yticklabels()] for axes in figure.axes]
    assert "JMI" in names[0] and "JMI" not in names[2] and "random" not in names[0]
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    place = names[0].index("CMIM")
    assert np.asarray(marks[place].get_xdata()).tolist() == pytest.approx([3])
    plt.close(figure)


def test_each_number_of_filters_has_its_mark_where_it_was_tried():
    figure = accuracy_of_filters({"mnist": filters()})
    left, right = (sum(np.size(line.get_xdata()) == 1 for line in axes.lines) for axes in figure.axes)
    assert (left, right) == (7 * 3, 8 * 2)
    plt.close(figure)


def test_p_values_are_exact_and_adjusted_for_all_tests_of_a_table():
    studies = {"mnist-relu": selection(best=("mRMR", "CMIM"))}
    # Ten differences of one sign have the exact p-value 2 / 2**10; there are two ways and two rivals.
    rows = criterion_pairs_table(studies).data.splitlines()[2:]
    assert len(rows) == 2 and all(row.count("0.0078") == 2 for row in rows)


@pytest.mark.parametrize(("again", "said"), [(0, "none of 6 criteria"), (200, "1 of 6 criteria")])
def test_criteria_beat_random_removal_of_filters_only_where_re_training_leaves_their_lead(again, said):
    told = filters_told({"mnist": filters(lead=1000, again=again)}).data
    assert told.count(f"{said} surely beat") == 2 and "n = 5" in told


def test_sentences_name_what_was_chosen():
    told = selection_told({"mnist-relu": selection(best=("mRMR", "mRMR"), gain=300, again=100)}).data
    assert "+3.0 [+3.0, +3.0] points on the best simple one" in told and "mRMR against" in told
