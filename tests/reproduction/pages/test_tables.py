import numpy as np
import pytest

from neuronlib.ablation.significance import Comparison
from neuronlib.reproduction.pages.tables.numbers import p_value, points
from neuronlib.reproduction.pages.tables.tables import table


def test_table_takes_rows_that_can_be_read_once():
    text = table(["name", "bits"], zip(["a", "b"], [0.5, 1.0], strict=True)).data
    assert text.splitlines()[2:] == ["| a | 0.500 |", "| b | 1.000 |"]


def test_numbers_have_a_real_minus_and_zero_has_none():
    assert table(["a", "b"], [[-0.5, -1e-9]]).data.splitlines()[2] == "| −0.500 | 0.000 |"


def test_columns_of_numbers_stand_right_and_those_of_words_left():
    rows: list[list[object]] = [
        ["mnist", 10, "+1.0 [+0.5, +2.0]", "✔ reproduced"],
        ["cifar10", "not computed yet", "–", ""],
    ]
    assert table(["data", "networks", "gap", "verdict"], rows).data.splitlines()[1] == "|:--|--:|--:|:--|"


def test_an_interval_a_p_value_a_name_and_a_date_stay_in_one_line():
    row = table(["a", "b"], [["mnist-relu-l2, layer 1", "+1.0 [+0.5, +2.0]<br>p = 0.01, 30 networks, 2026-11-22"]]).data
    name, numbers = row.splitlines()[2].strip("| ").split(" | ")
    assert name == '<span class="unbroken">mnist-relu-l2</span>, layer 1'
    assert numbers.split(" ") == [
        "+1.0",
        "[+0.5,\N{NO-BREAK SPACE}+2.0]<br>p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}0.01,",
        "30\N{NO-BREAK SPACE}networks,",
        "<span",
        'class="unbroken">2026-11-22</span>',
    ]


def test_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="a row of 1 entries under a header of 2"):
        table(["name", "bits"], [["a"]])


def test_one_network_shows_no_interval_and_no_p_value():
    nan = float("nan")
    assert points(Comparison(values=np.array([0.1]))) == "+10.0\N{NO-BREAK SPACE}[–,\N{NO-BREAK SPACE}–]"
    assert p_value(nan) == "–"
