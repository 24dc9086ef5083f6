import numpy as np
import pytest
from layer_results import made_up_curves, made_up_study
from pages import rows

import neuronlib as nl
import neuronlib.reproduction as rp
from neuronlib.reproduction.analysis.layer_shapes import READINGS
from neuronlib.reproduction.analysis.open_questions import Answer, finding_of_interval

pytestmark = pytest.mark.usefixtures("closed")

NAMES = [f"{one}-{activation}-l2" for one in ("mnist", "small-fashion") for activation in ("relu", "sigmoid")]
STUDIES = {name: made_up_study(name, (1.2 + k / 10, 1.7 + k / 10)) for k, name in enumerate(NAMES)}
POINTS = rp.points_of_layers({name: made_up_curves(name, 0.4 + k / 20) for k, name in enumerate(NAMES)}, STUDIES)


def test_each_setting_and_layer_has_a_bracket_in_the_column_of_its_architecture():
    figure = rp.brackets_by_layer(STUDIES)
    assert [axes.get_title() for axes in figure.axes[:2]] == ["MNIST\n100-100", "Fashion-MNIST\n20-20"]
    # Two settings of two layers: a line and two ends for each.
    assert [len(axes.lines) for axes in figure.axes] == [12] * 4
    ends = np.asarray(figure.axes[2].lines[0].get_ydata())
    np.testing.assert_allclose(ends, [0.9 * 1.22, 1.1 * 1.22])


def test_sigmoid_marks_are_hollow():
    axes = rp.groups_by_layer(STUDIES).axes[0]
    faces = [line.get_markerfacecolor() for line in axes.lines if line.get_marker() != "None"]
    assert [face == "white" for face in faces] == [False, True]


def test_each_reading_has_a_panel_with_a_point_for_each_layer_and_its_correlation():
    correlations = rp.shape_correlations(POINTS, resamples=50, within_architectures=True)
    figure = rp.one_point_a_layer(POINTS, correlations)
    assert len(figure.axes) == len(READINGS)
    for axes, reading in zip(figure.axes, READINGS, strict=True):
        assert sum(np.size(line.get_xdata()) for line in axes.lines) == 8
        assert axes.get_title().endswith("expected rising" if reading.sign > 0 else "expected falling")
    one = correlations.correlation.sel(shape="area", quantity="redundancy of groups").item()
    assert figure.axes[0].get_title().startswith(f"{one:+.2f}".replace("-", "−"))


@pytest.mark.parametrize("draw", [rp.brackets_by_layer, rp.groups_by_layer])
def test_figures_without_studies_say_so(draw):
    assert draw({}).axes[0].texts[0].get_text() == "none of them is computed yet"
    empty = rp.points_of_layers({}, {})
    assert rp.one_point_a_layer(empty, rp.shape_correlations(empty)).axes[0].texts


def test_tables_have_a_row_for_each_quantity_reading_and_study():
    within = rp.shape_correlations(POINTS, resamples=50, within_architectures=True)
    assert len(rows(rp.correlations_table(within))) == 7
    assert len(rows(rp.readings_table(within, within))) == len(READINGS)
    assert len(rows(rp.predictions_table(rp.predicted_elsewhere(POINTS)))) == 7
    first = rows(rp.layers_table(STUDIES))[0]
    assert [entry.strip() for entry in first.split("|")[2:-1]] == ["5", "4.0", "2.0", "+0.00", "10"]
    by_depth = [row.replace("\N{NO-BREAK SPACE}", " ") for row in rows(rp.depth_table(POINTS))]
    assert "| redundancy of groups | 4 | 4 | +0.500 [+0.500, +0.500] |" in by_depth


def test_small_groups_are_tabulated_with_what_they_need():
    counts = nl.information.group_counts(
        np.array([[s, t] for s in (0, 1) for t in (0, 1)] * 4, dtype=bool),
        np.array([0, 1, 1, 0] * 4),
        np.array([[0, 1]]),
        2,
    )[0]
    table = rp.invariants_table({"parity": nl.information.shannon_invariants(counts)}, {"parity": 1.415})
    assert rows(table) == ["| parity | 1.00 | 0.00 | 2.00 | 1.42 |"]


def test_answers_are_tabulated_with_the_papers_words():
    one = Answer("it holds", "what", finding_of_interval(-3, -1, -1), "−2 [−3, −1]")
    (row,) = rows(rp.open_questions_table([one]))
    assert row.startswith("| “it holds” | what | ") and "✔" in row


@pytest.mark.parametrize(
    ("ends", "finding"),
    [((1, 2), "holds"), ((-2, -1), "does not hold"), ((-1, 2), "cannot tell"), ((0, 1), "cannot tell")],
)
def test_a_finding_needs_the_whole_interval_on_one_side(ends, finding):
    assert finding_of_interval(*ends) == finding


def test_an_interval_that_is_not_known_cannot_tell():
    assert finding_of_interval(float("nan"), float("nan")) == "cannot tell"
