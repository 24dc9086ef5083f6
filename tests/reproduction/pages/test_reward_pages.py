import pytest
from pages import rows
from reward_results import both

import neuronlib.reproduction as rp

pytestmark = pytest.mark.usefixtures("closed")


@pytest.fixture(scope="module")
def effects():
    return rp.effects_of(both())


def test_figures_have_a_column_for_each_data_set_and_a_row_for_each_outcome(effects):
    figure = rp.effects_by_strength(effects)
    assert len(figure.axes) == 8
    assert [axes.get_title() for axes in figure.axes[:2]] == ["MNIST", "Fashion-MNIST"]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["−0.3", "0", "0.3"]
    layer = rp.layer_by_strength(both())
    assert len(layer.axes) == 8
    names = [text.get_text() for text in layer.legends[0].get_texts()]
    assert names == ["mutual information", "KL selectivity", "class selectivity"]


def test_marks_are_filled_where_a_difference_is_told_from_zero():
    of_nothing = rp.effects_by_strength(rp.effects_of(both(gain=0.0))).axes[0]
    of_much = rp.effects_by_strength(rp.effects_of(both(gain=5.0))).axes[0]

    def faces(axes):
        return [line.get_markerfacecolor() for line in axes.lines if line.get_marker() == "s"]

    assert set(faces(of_nothing)) == {"white"}
    assert faces(of_much).count("white") == 1  # strength 0


def test_tables_show_the_middle_strengths_or_everything(effects):
    assert len(rows(rp.rewards_table(effects))) == 2 * 3 * 2 * 4
    assert len(rows(rp.rewards_table(effects, every=True))) == len(effects)
    counted = rows(rp.rewards_counted(effects))
    assert len(counted) == 2 * 15
    assert "| MNIST | test accuracy | 1 higher of 1 | 1 lower of 1 |" in counted[0]
    assert len(rows(rp.unrewarded_table(both()))) == 2


def test_sentences_follow_from_the_effects(effects):
    told = rp.correction_told(effects).data
    assert (
        "180 comparisons of 10 networks" in told
        and "gives p = 0.002 at least" in told
        and "gives 0.35 at least" in told
    )
    lines = rp.rewards_told(effects).data.splitlines()
    assert len(lines) == 6
    assert lines[0].startswith(
        "- **Mutual information rewarded.** MNIST: at strength +0.30, mean mutual information +0.0"
    )


def test_pages_without_studies_say_so():
    assert "Nothing is compared" in rp.correction_told([]).data
    assert "MNIST, mutual information" in rp.missing_told({}, "store").data
    assert rp.missing_told({}, "live").data == ""
    assert rp.missing_told(both(), "store").data == ""
    for figure in (rp.effects_by_strength([]), rp.layer_by_strength({})):
        assert figure.axes[0].texts[0].get_text() == "not computed yet"
    assert rows(rp.rewards_table([])) == rows(rp.rewards_counted([])) == rows(rp.unrewarded_table({})) == []
