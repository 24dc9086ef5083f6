"""Facts about the panels of claims, most of them of made-up tests."""

import re
from pathlib import Path

import numpy as np
import pytest

from neuronlib.reproduction.claims.claims import answers
from neuronlib.reproduction.claims.history import CHANGES, history_of
from neuronlib.reproduction.claims.questions import QUESTIONS
from neuronlib.reproduction.claims.table import all_claims
from neuronlib.reproduction.claims.verdicts import (
    Alike,
    All,
    Count,
    Differ,
    DifferOnBothSides,
    DoNotDiffer,
    Number,
    Open,
)
from neuronlib.reproduction.claims.verdicts import (
    Effect as Difference,
)
from neuronlib.reproduction.claims.words import compared, expected, place
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.pages.figures.strips import Marks, Strip, strip_plot
from neuronlib.reproduction.pages.tables.claims import OF_CHAPTER, claims_table
from neuronlib.reproduction.pages.tables.each_claim import MOST_ROWS, claim_as_text, claim_index, claim_panels

NETWORKS = 20
EMPTY = Path("nowhere")


def around(mean: float, name: str = "", side: int = 1, networks: int = NETWORKS, width: float = 1.0) -> Difference:
    values = mean + width * np.linspace(-1, 1, networks)
    return Difference(values=values, name=name or f"a test around {mean:g}", setting="a-setting", side=side)


@pytest.fixture
def panel(monkeypatch):
    """The panel of Q22 where a made-up question is asked in its place."""

    def written(asked) -> str:
        monkeypatch.setitem(QUESTIONS, "Q22", lambda source: asked)
        return panels(claim_panels(StoredResults(EMPTY), "Q").data)["Q22"]

    return written


def panels(page: str) -> dict[str, str]:
    _, *parts = re.split(r'<h3 id="claim-(\w+)">', page)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def rows(panel: str) -> list[str]:
    return re.findall(r"<li>.*?</li>", panel)


def names(panel: str) -> list[str]:
    return [re.sub("<.*?>", "", name) for name in re.findall(r'"strip-name">(.*?)</span>', "".join(rows(panel)))]


def test_every_claim_has_a_panel_and_its_anchor_in_the_papers_order():
    found = panels(claim_panels(StoredResults(EMPTY)).data)
    assert list(found) == [claim.id for claim in all_claims()]
    listed = re.findall(r'<a href="#claim-(\w+)">\1</a> ○ ○', claim_index(StoredResults(EMPTY)).data)
    assert listed == list(found)


def test_a_panel_leads_to_the_scoreboard_and_to_the_chapter_and_both_lead_to_it():
    source = StoredResults(EMPTY)
    scoreboard = claims_table(source, scoreboard=True).data
    for claim, panel in panels(claim_panels(source).data).items():
        chapters = [f"{name}.html" for name, ids in OF_CHAPTER.items() if claim in ids]
        assert re.findall('href="([^"]*)"', panel) == [f"s5_claims.html#claim-{claim}", *chapters]
        assert f'<span id="claim-{claim}"><a href="s5_each_claim.html#claim-{claim}">{claim}</a></span>' in scoreboard
    for chapter, ids in OF_CHAPTER.items():
        told = claims_table(source, ids).data
        assert all(f'<a href="s5_each_claim.html#claim-{claim}">{claim}</a>' in told for claim in ids), chapter


def test_those_tests_are_shown_that_speak_most_against_the_claim_and_it_says_how_many_are_left_out(panel):
    told = panel(Alike(tests=[around(mean) for mean in range(15)]))
    assert names(told) == [f"a test around {mean}, a-setting" for mean in range(14, 2, -1)]
    assert "those of 15 tests that speak most against it; grey: ±5 points. 3 more are left out." in told
    assert "left out" not in panel(Alike(tests=[around(mean) for mean in range(12)]))
    assert "1 more is left out." in panel(Alike(tests=[around(mean) for mean in range(13)]))


def test_readings_and_parts_share_the_rows(panel):
    tests = [around(mean) for mean in range(30)]
    two = All([Differ(tests=tests), DoNotDiffer(tests=tests[:1])])
    told = panel({"one": two, "other": Alike(tests=tests)})
    assert [len(rows(figure)) for figure in told.split("<figure")[1:]] == [6, 1, 5]
    assert MOST_ROWS == 12


def test_the_test_whose_numbers_the_scoreboard_shows_is_among_the_rows_and_in_bold(panel):
    told = panel(Differ(quantifier="most", tests=[around(mean) for mean in range(31)]))
    assert names(told)[-1] == "a test around 15, a-setting"
    assert ["<strong>" in row for row in rows(told)] == [False] * 11 + [True]
    assert "Here +15.0 " in told
    # Of several parts, that which holds least.
    told = panel(All([Differ(tests=[around(9), around(8)]), Differ(tests=[around(7), around(-9)])]))
    assert [name for name, row in zip(names(told), rows(told), strict=True) if "<strong>" in row] == [
        "a test around -9, a-setting"
    ]


def test_a_row_names_its_side_only_where_sides_differ(panel):
    assert names(panel(Differ(tests=[around(9), around(8)]))) == [f"a test around {n}, a-setting" for n in (8, 9)]
    assert set(names(panel(Differ(tests=[around(9), around(-8, side=-1)])))) == {
        "a test around 9, a-setting, above 0 expected",
        "a test around -8, a-setting, below 0 expected",
    }


def test_a_panel_tells_the_two_verdicts_and_why_a_claim_is_open(panel):
    told = panel(Alike(tests=[around(3), around(0)]))
    assert told.startswith("Q22: ✔ reproduced; ◐ small</h3>")
    assert "As the paper means it: ✔ reproduced (2 of 2 tests); established: ◐ small (1 of 2 tests)." in told
    few = panel(Alike(tests=[around(3, networks=4)]))
    assert "○ open" in few and "4 networks are too few" in few and len(rows(few)) == 1
    assert panel(Open("a reason")).count("a reason") == 1
    assert "<figure" not in panel(Open("a reason"))


def test_the_text_of_claims_is_no_markup():
    told = claim_panels(StoredResults(EMPTY)).data
    assert "the paper: &gt; 1/2." in told
    assert not re.search(r"\n\s*\n(?!<div class=\"claim\">)", told)  # an empty line would end the HTML


def test_a_number_shows_the_papers_value_and_p_and_where_replications_lie():
    source = StoredResults()
    told = panels(claim_panels(source, "N").data)["N5"]
    ((_, _, answer),) = answers(source, ["N5"])
    assert "the paper: +21.9, p = 7.55e-10 (floor)" in told
    assert f"lies between {answer.predicted[0]:+.1f} and {answer.predicted[1]:+.1f} in 95 % of cases" in told
    assert f"{answer.n} networks from " in told
    assert "stroke-dasharray" in told  # the line of the paper's value


def test_a_strip_plot_has_a_tick_a_network_and_a_text_for_those_who_do_not_see_it():
    strips = [
        Strip(name="one", values=np.array([0.0, 5.0, 10.0]), mean=5.0, interval=(2.0, 8.0)),
        Strip(name="a < b", values=np.array([4.0, 4.0]), mean=4.0, interval=(4.0, 4.0), strong=True),
    ]
    plot = strip_plot(strips, "Two rows.", "points", Marks(lines=[0], band=(-2, 2)), left_out=7)
    assert [row.count("v12") for row in rows(plot)] == [3, 1]  # two equal values are one tick
    assert re.findall('aria-label="(.*?)"', plot) == ["3 networks from 0 to 10 points", "2 networks from 4 to 4 points"]
    assert "<strong>a &lt; b</strong>" in plot
    assert "<figcaption>Two rows. 7 more are left out.</figcaption>" in plot
    # From -2 to 10, with 3 % to spare on either side.
    scale = 12 * 1.06
    for value, part in ((0, "x1"), (2, "x1"), (5, "cx")):
        assert f'{part}="{100 * (value + 2.36) / scale:.1f}%"' in rows(plot)[0]
    assert all(f'<rect x="{100 * 0.36 / scale:.1f}%" width="{100 * 4 / scale:.1f}%"' in row for row in rows(plot))


def test_one_network_has_a_tick_and_a_mean_but_no_interval():
    nan = float("nan")
    plot = strip_plot([Strip(name="one", values=np.array([3.0]), mean=3.0, interval=(nan, nan))], "One.", "bits")
    assert "nan" not in plot and plot.count("<circle") == 1 and 'stroke-width="3"' not in plot


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (Alike(tests=[around(0)] * 3), "All 3 tests have to be nearer to zero than δ = 4 points or not significant"),
        (Differ(tests=[around(9)] * 2), "Both tests have to lie above 0, by δ = 4 points or more, with p < 0.05."),
        (Differ(tests=[around(9)], unit="bits"), "The mean has to lie above 0, with p < 0.05."),
        (Differ(tests=[around(9)] * 9, quantifier="most"), "More than half of 9 tests have to lie above 0"),
        (Differ(tests=[around(9)] * 9, quantifier="a few"), "Some of 9 tests, but at most half of them, have to"),
        (DoNotDiffer(tests=[around(0, side=-1)] * 3), "None of 3 tests may lie below 0, by δ = 4 points or more"),
        (DifferOnBothSides(tests=[around(0)] * 3), "Of 3 tests, at least one has to lie above zero and one below"),
        (
            Number(tests=[around(0)], paper=-7.5, significant=True, networks=50),
            "The mean has to have the paper's sign, with p < 0.05, and to be nearer than δ = 4 points to the paper's",
        ),
        (
            Number(tests=[around(0)], paper=0.3, significant=False, networks=50),
            "The mean has to be nearer than δ = 4 points to the paper's +0.3 and, as in the paper, not significant",
        ),
        (Count(tests=[around(0)], paper=70, width=250), "The mean has to be no farther than 25 from the paper's 70"),
        (Open("it is"), "Open: it is."),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_is_expected_is_told_in_words(question, sentence):
    (told,) = expected(question, margin=4)
    assert told.startswith(sentence)
    assert expected(All([question, All([question])]), margin=4) == [told, told]


def test_every_claim_says_where_it_stands_and_what_is_compared():
    for claim in all_claims():
        assert re.match(r"(Sec|Fig)\. [IV\d]", place(claim))
        assert compared(claim).endswith(".") and len(compared(claim)) > 20
    of = {claim.id: compared(claim) for claim in all_claims()}
    assert of["N6"].startswith("Accuracy without the 80 neurons of highest mutual information in layer 1, less")
    assert "ablated to their mean" in of["N7"]
    assert of["N4"] == "Accuracy without 80 neurons of layer 1 drawn at random, less that without as many of layer 2."


def test_the_history_gives_a_reason_where_a_verdict_changed():
    today = {claim.id: answer.verdict for claim, _, answer in answers(StoredResults(EMPTY))}
    for claim in today:
        first, before, last = history_of(claim, ("reproduced", "reproduced"))
        assert bool(before.why) == (claim in CHANGES[0].why) == (first.verdicts[0] != before.verdicts[0])
        assert bool(last.why) == (claim in CHANGES[1].why and before.verdicts[0] != "reproduced")
        assert last.verdicts == ("reproduced", "reproduced")


def test_a_panel_in_a_terminal_keeps_to_its_width(monkeypatch):
    monkeypatch.setitem(QUESTIONS, "Q22", lambda source: Alike(tests=[around(mean) for mean in range(15)]))
    (claim,) = (claim for claim in all_claims() if claim.id == "Q22")
    lines = claim_as_text(claim, StoredResults(EMPTY), width=60).splitlines()
    assert max(map(len, lines)) <= 60
    assert sum("a test around" in line for line in lines) == MOST_ROWS + 1  # and the one whose numbers are shown
    assert "  3 more" in lines
