import csv
import functools
import re

import numpy as np
import pytest
import xarray as xr

from neuronlib.common.choices import DIRECTIONS, MEASURES
from neuronlib.information.labelled import by_neuron
from neuronlib.reproduction.analysis.effects import NOTHING_LEFT, area_between, area_p, smallest_disabling_ablation
from neuronlib.reproduction.analysis.neurons import lost_alone, rank_correlation
from neuronlib.reproduction.claims.claims import answers, favourably_read, in_every_reading
from neuronlib.reproduction.claims.history import CHANGES, verdicts_then
from neuronlib.reproduction.claims.multiverse import compare_claims
from neuronlib.reproduction.claims.questions import QUESTIONS, answer_claim, questions_of
from neuronlib.reproduction.claims.questions.comparisons import area
from neuronlib.reproduction.claims.table import TABLE, all_claims
from neuronlib.reproduction.claims.verdicts import (
    FINDINGS,
    VERDICTS,
    Alike,
    Answer,
    Differ,
    DifferOnBothSides,
    Number,
)
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.settings import FIG5B, SETTINGS
from neuronlib.reproduction.pages import front_page
from neuronlib.reproduction.pages.front_page import forest_picture, in_short, in_three, overview, write_verdicts
from neuronlib.reproduction.pages.tables.claims import (
    by_claim,
    changes_table,
    claims_table,
    counts_by_margin,
    margins_table,
    rules_table,
    verdict_counts,
)
from neuronlib.reproduction.pages.tables.discussion import simpsons_paradox
from neuronlib.reproduction.store.paths import BOOK
from neuronlib.reproduction.store.results import NotStored

NETWORKS = 6


@functools.cache
def made_up(name: str, replacement: str = "zero", values: int = 2) -> xr.DataTree:
    """Results of the right shape, with random content; of the same networks for each replacement."""
    networks, generator = (np.random.default_rng([values, *of.encode()]) for of in (name, f"{name} {replacement}"))
    setting = SETTINGS[name]
    counts = networks.integers(0, 50, (NETWORKS, sum(setting.hidden), values, 10))
    job = Job(setting=setting.with_epochs(8), first=0, last=NETWORKS - 1)
    kinds = [(measure, direction) for measure in MEASURES for direction in DIRECTIONS] + [("random", "random")]
    orders = {
        "order": [f"{measure} {direction}" for measure, direction in kinds[:-1]] + ["random 0"],
        "measure": ("order", [measure for measure, _ in kinds]),
        "direction": ("order", [direction for _, direction in kinds]),
    }
    curves = {}
    for scope in job.scopes:
        steps = job.steps(scope)
        lost = generator.integers(0, 9000 // len(steps), (NETWORKS, len(kinds), len(steps)))
        correct = xr.DataArray(10_000 - lost.cumsum(axis=2), dims=("network", "order", "step"), coords=orders)
        correct = correct.assign_coords(step=steps, network=range(NETWORKS), layer=scope)
        curves[f"curves/{scope}"] = xr.Dataset({"correct": correct, "samples": 10_000})
    alone = (("network", "neuron"), networks.integers(-5, 50, counts.shape[:2]))
    return xr.DataTree.from_dict(
        {
            "measures": by_neuron(counts, setting.with_epochs(8).widths, range(NETWORKS)).assign(lost=alone),
            **curves,
        }
    )


class MadeUp(StoredResults):
    def __call__(self, name, replacement="zero", values=2):
        return made_up(name, replacement, values)

    def study(self, name):
        axes = {"how": ["pooled", "by layer"], "operated": ["nothing"], "measure": list(MEASURES), "share": [0.0, 0.5]}
        correct = np.random.default_rng(0).integers(0, 100, (2, 1, len(MEASURES), 2, NETWORKS))
        whole = xr.DataArray(correct, axes, (*axes, "network"))
        return xr.Dataset({"whole": whole}, attrs={"test_samples": 100})


# What is asked of a source is remembered with it, so all tests share these two.
MADE_UP, STORED = MadeUp(), StoredResults(BOOK.parent / "results")


def answered(claim, source):
    return answer_claim(next(one for one in all_claims() if one.id == claim), source)


def test_made_up_results_differ_between_settings_and_replacements():
    curves = [
        made_up(name, how)["curves"]["1"].correct.values.tobytes() for name in SETTINGS for how in ("zero", "mean")
    ]
    assert len(set(curves)) == len(curves)


def test_every_claim_of_the_paper_has_a_question_and_every_question_a_claim():
    questions = {claim.id for claim in all_claims() if claim.kind != "number"}
    assert questions == QUESTIONS.keys()
    assert len(all_claims()) == 85


def test_claims_are_those_of_the_paper():
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"][0] for row in rows].count("N") == 14
    assert [row["id"][0] for row in rows].count("K") == 18
    assert [row["id"][0] for row in rows].count("Q") == 53


@pytest.mark.parametrize("claim", all_claims(), ids=lambda claim: claim.id)
def test_every_question_gets_an_answer_from_results(claim):
    for answer in answer_claim(claim, MADE_UP).values():
        assert answer.verdict in VERDICTS
        assert answer.finding in FINDINGS
        if answer.verdict == "open":
            assert answer.reason
        else:
            assert answer.low <= answer.ours <= answer.high
            assert answer.n == NETWORKS
            assert 0 <= answer.passed <= answer.tests
            assert 0 <= answer.established <= answer.tests
            assert answer.unit in {"points", "bits", "% of neurons", "neurons"}
            assert set(answer.setting.replace(" against ", ", ").split(", ")) <= SETTINGS.keys()


def test_claims_without_results_are_open_and_say_what_is_missing(tmp_path):
    for claim, _, answer in answers(StoredResults(tmp_path)):
        assert (answer.verdict, answer.finding) == ("open", "open"), claim.id
        assert answer.reason


def test_measures_of_real_counts_satisfy_the_exact_identities():
    answer = answered("Q51", MADE_UP)[""]
    assert answer.verdict == "reproduced"
    assert answer.tests == len(SETTINGS)


def test_a_setting_that_has_been_begun_leaves_an_identity_of_the_others_answered():
    class Begun(MadeUp):
        def __call__(self, name, replacement="zero", values=2):
            tree = super().__call__(name, replacement, values)
            return tree.isel(network=slice(2)) if name == FIG5B else tree

    answer = answered("Q51", Begun())[""]
    assert (answer.verdict, answer.tests) == ("reproduced", len(SETTINGS) - 1)


def test_areas_between_curves_that_do_not_differ_are_rarely_called_real():
    # At the level 0.05, of 200 tests at most 20, which binomial chance exceeds once in a thousand times.
    source = np.random.default_rng(5)
    walks = source.normal(size=(200, 10, 20)).cumsum(axis=2)
    found = [area_p(xr.DataArray(walk, dims=("network", "step"))) for walk in walks]
    assert 0 < sum(p < 0.05 for p in found) <= 20
    real = [area_p(xr.DataArray(walk + np.linspace(0, 30, 20), dims=("network", "step"))) for walk in walks[:20]]
    assert max(real) < 0.05


def test_networks_that_differ_to_both_sides_cancel_in_the_area_between_curves():
    curves = xr.DataArray([[0.0, 2, 0], [0, -2, 0], [0, 2, 0], [0, -1, 0]], dims=("network", "step"))
    assert area_between(curves).tolist() == [2, -2, 2, -1]


def test_no_p_value_of_sign_flips_is_zero():
    # Of forty signs none of 999 draws is all equal.
    assert area_p(xr.DataArray(np.ones((40, 4)), dims=("network", "step"))) == 1 / 1000


def test_curves_that_are_apart_are_tested_by_sign_flips():
    curves = xr.DataArray(np.random.default_rng(0).normal(size=(9, 6)), dims=("network", "step"))
    assert area(curves, "", "").p_value == area_p(curves)


@pytest.mark.parametrize("sign", [1, -1])
def test_departure_to_one_side_is_the_mean_difference(sign):
    one_sided = sign * np.abs(np.random.default_rng(8).normal(size=(NETWORKS, 7)))
    expected = one_sided[:, 1:-1].mean(axis=1)
    np.testing.assert_allclose(area_between(xr.DataArray(one_sided, dims=("network", "step"))), expected)


@pytest.mark.parametrize(("claim", "reading"), [("K7", "Funnel"), ("K8", "Funnel")])
def test_neurons_between_two_evaluated_steps_are_not_held_against_a_claim(claim, reading):
    # 72 of 500 neurons are active; evaluated is every tenth step, and no network works without all of them.
    results = made_up("funnel-cifar10-relu-l2").copy(deep=True)
    third = (results.measures.layer == "3").values
    results.measures["mutual_information"].values[:, third] = np.arange(500) < 72
    curves = results["curves"]["3"].to_dataset()
    high, steps = curves.order.str.endswith("high"), curves.step
    correct = xr.where(high, xr.where(steps < 72, 6000, 1000), xr.where(steps > 500 - 72, 1000, 6000))
    curves["correct"] = correct.broadcast_like(curves.correct)
    results["curves/3"] = xr.DataTree(curves)

    class Changed(MadeUp):
        def __call__(self, name, replacement="zero", values=2):
            return results

    assert answered(claim, Changed())[reading].verdict == "reproduced"


def test_nothing_left_is_nearer_to_guessing_than_almost_disabled():
    correct = (("network", "order", "step"), [[[90.0, 19.0, 13.0, 11.0]]])
    curves = xr.Dataset({"correct": correct, "samples": 100}, {"step": [0, 5, 10, 15], "order": ["entropy high"]})
    results = xr.DataTree.from_dict({"curves/1": curves})
    assert smallest_disabling_ablation(results, "1", "entropy", "high") == [5]
    assert smallest_disabling_ablation(results, "1", "entropy", "high", NOTHING_LEFT) == [15]


def test_a_claim_with_several_readings_is_counted_by_the_best_and_by_the_worst():
    said = [
        Answer(verdict="open", finding="open"),
        Answer(verdict="not reproduced", finding="refuted"),
        Answer(verdict="direction only", finding="small"),
        Answer(verdict="reproduced", finding="cannot tell"),
    ]
    assert favourably_read(said) == ("reproduced", "small")
    assert favourably_read(said[:2]) == ("not reproduced", "refuted")
    assert in_every_reading(said) == ("not reproduced", "refuted")
    assert in_every_reading([said[0], said[3]]) == ("open", "cannot tell")
    assert in_every_reading(said[2:]) == ("direction only", "small")


def test_missing_results_are_told_from_errors(monkeypatch):
    def broken(source):
        raise KeyError("a mistake in the program")

    monkeypatch.setitem(QUESTIONS, "K1", broken)
    with pytest.raises(KeyError):
        list(answers(MadeUp()))

    def missing(source):
        raise NotStored("mnist-relu-l2: nothing is stored")

    monkeypatch.setitem(QUESTIONS, "K1", missing)
    assert next(iter(answers(MadeUp(), ["K1"])))[2].reason == "not computed yet: mnist-relu-l2"


def test_table_of_claims_has_a_row_for_each_reading_and_no_markup_from_the_text():
    written = claims_table(MADE_UP, ["N1", "Q2"]).data
    # The style sheet makes cards of it on a phone.
    assert written.startswith('<div class="claims">\n\n| claim |') and written.endswith(" |\n\n</div>")
    lines = [line for line in written.splitlines() if line.startswith("| ")][1:]
    assert [re.sub("<a[^>]*>|</a>", "", line)[:8] for line in lines] == ["| **N1**", "| **N1**", "| **Q2**"]
    assert ["href" in line for line in lines] == [True, False, True]
    assert all(line.count(" | ") == 4 for line in lines)


def test_verdicts_of_all_claims_are_counted_once():
    counted = verdict_counts(answers(MADE_UP))
    assert [sum(counts.values()) for both in counted.values() for counts in both] == [85] * 4
    (favourable, found), (every, found_in_every) = counted.values()
    assert favourable["reproduced"] >= every["reproduced"]
    assert found["established"] >= found_in_every["established"]


@pytest.mark.parametrize("claim", all_claims(), ids=lambda claim: claim.id)
def test_a_likeness_is_not_lost_and_a_difference_not_won_by_a_wider_margin(claim):
    # Of made-up results too: what is similar within 2 points is so within 10, and what differs by 10 does by 2.
    narrow, wide = (answer_claim(claim, MADE_UP, margin) for margin in (2.0, 10.0))
    for question, before, after in zip(
        questions_of(claim, MADE_UP).values(), narrow.values(), wide.values(), strict=True
    ):
        if isinstance(question, Alike | Number):
            assert before.passed <= after.passed
        if isinstance(question, Differ | DifferOnBothSides):
            assert before.passed >= after.passed


def test_every_change_of_a_verdict_has_a_reason_and_every_reason_a_change():
    today = {name: favourably_read(some)[0] for name, some in by_claim(answers(STORED)).items()}
    stages = [{name: both[0] for name, both in then.items()} for then in verdicts_then().values()] + [today]
    for earlier, later, change in zip(stages[:-1], stages[1:], CHANGES, strict=True):
        assert {name for name in today if earlier[name] != later[name]} == set(change.why)
    assert "other networks" in changes_table(MADE_UP).data
    assert changes_table(STORED).data.count("\n") == 1 + sum(len(change.why) for change in CHANGES)


def test_verdicts_are_counted_under_each_margin_and_each_set_of_rules():
    rows = [row.split(" | ") for row in margins_table(counts_by_margin(MADE_UP)).data.splitlines()[2:]]
    assert [sum(int(cell.strip(" |")) for cell in row[2:]) for row in rows] == [2 * 85] * 6
    rows = [row.split(" | ") for row in rules_table(MADE_UP).data.splitlines()[2:]]
    assert [sum(int(cell.strip(" |")) for cell in row[2:]) for row in rows] == [85] * 6


def test_readme_counts_the_verdicts_of_the_stored_results(tmp_path, monkeypatch):
    monkeypatch.setattr(front_page, "StoredResults", lambda folder: STORED)
    root = BOOK.parent
    readme = root / "README.md"
    page = tmp_path / "README.md"
    page.write_text(readme.read_text())
    write_verdicts(root / "results", page)
    assert page.read_text() == readme.read_text(), 'results have changed: run "make verdicts"'


def test_the_answer_in_short_says_lower_where_the_gap_to_random_is_negative():
    told = in_short(STORED).splitlines()[2:]
    names = [re.findall(r"[NKQ]\d+", line)[-1] for line in told]
    signs = {claim.id: np.sign(answer.ours) for claim, _, answer in answers(STORED, names)}
    assert len(told) == 5
    assert [("points higher**" in line) - ("points lower**" in line) for line in told] == [
        signs[name] for name in names
    ]


def test_picture_of_readme_is_that_of_the_stored_results(tmp_path):
    root = BOOK.parent
    overview(STORED, tmp_path / "picture.svg")
    stored = (root / "book" / "_static" / "overview.svg").read_bytes()
    assert (tmp_path / "picture.svg").read_bytes() == stored, 'results have changed: run "make verdicts"'


def test_forest_of_the_first_page_is_that_of_the_stored_results(tmp_path):
    root = BOOK.parent
    forest_picture(STORED, tmp_path / "forest.svg")
    stored = (root / "book" / "_static" / "forest.svg").read_bytes()
    assert (tmp_path / "forest.svg").read_bytes() == stored, 'results have changed: run "make verdicts"'


def test_the_first_page_says_what_held_what_did_not_and_what_depends(tmp_path):
    counted = verdict_counts(answers(MADE_UP))
    (meant, found), _ = counted.values()
    held, failed, depends = in_three(MADE_UP, compare_claims({"one": MADE_UP, "other": MADE_UP})).split("\n\n")
    assert f"{meant['reproduced']} are reproduced" in held and f"{found['established']} (" in held
    assert f"{meant['not reproduced']} claims are not reproduced" in failed and f"{found['refuted']} (" in failed
    # Of two sources that are the same, no verdict differs; two claims are open whatever the results.
    assert "Of the 83 claims" in depends and " 0 change their verdict" in depends
    nowhere = StoredResults(tmp_path)
    held, failed, depends = in_three(nowhere, compare_claims({"nowhere": nowhere})).split("\n\n")
    assert "Of the paper's 85 claims, 0 are reproduced" in held
    assert depends.endswith("Other choices are not computed yet.")


def test_simpsons_paradox_is_counted_where_signs_are_sure():
    sure, unsure = np.full(5, 0.3), np.array([-0.9, -0.3, 0.2, 0.4, 0.9])
    said = simpsons_paradox(
        {
            "a relu": {"layer 1": sure, "layer 2": sure, "pooled": -sure},
            "b relu": {"layer 1": sure, "layer 2": unsure, "pooled": -sure},
            "c relu": {"layer 1": -sure, "layer 2": sure, "pooled": sure},
            "d sigmoid": {"layer 1": -sure, "layer 2": sure, "pooled": sure},
            "too few relu": {"layer 1": sure[:4], "layer 2": sure[:4], "pooled": -sure[:4]},
        }
    ).data
    assert "negative pooled in 1 of 4 settings: a relu." in said
    assert said.endswith("negative in 2 of 8 cases, 1 of them with ReLU.")


def test_verdicts_are_written_only_between_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Page\n")
    with pytest.raises(ValueError, match="expected the lines <!-- verdicts -->"):
        write_verdicts(tmp_path, page)
    assert page.read_text() == "# Page\n"
    for unreadable, message in [
        (tmp_path / "none.md", "none.md: cannot be read: No such file"),
        (tmp_path, "is a folder: expected a regular file"),
    ]:
        with pytest.raises(ValueError, match=message):
            write_verdicts(tmp_path, unreadable)
    page.write_bytes(b"# Page \xff\n")
    with pytest.raises(ValueError, match="page.md: expected a page written in UTF-8"):
        write_verdicts(tmp_path, page)


def test_simpsons_paradox_is_seen_in_made_up_neurons():
    # Within each layer more information goes with more loss; layer 2 has more information and less loss.
    information, lost = [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], [[7.0, 8.0, 9.0, 1.0, 2.0, 3.0]]
    axes = ("network", "neuron")
    measures = xr.Dataset(
        {"mutual_information": (axes, information), "lost": (axes, lost)},
        {"layer": ("neuron", ["1", "1", "1", "2", "2", "2"])},
    )
    results = xr.DataTree.from_dict({"measures": measures})
    found = {scope: rank_correlation(results, "mutual_information", scope).item() for scope in ("1", "2", "whole")}
    assert (found["1"], found["2"]) == (pytest.approx(1), pytest.approx(1))
    assert found["whole"] < 0


def test_networks_whose_single_neurons_were_not_ablated_are_left_out():
    axes = ("network", "neuron")
    values = {"entropy": (axes, [[0.1, 0.2], [0.2, 0.1]]), "lost": (axes, [[np.nan, np.nan], [3.0, 5.0]])}
    measures = xr.Dataset(values, {"layer": ("neuron", ["1", "1"])})
    assert rank_correlation(xr.DataTree.from_dict({"measures": measures}), "entropy", "1") == pytest.approx([-1])
    with pytest.raises(ValueError, match="single neurons have not been ablated"):
        lost_alone(xr.DataTree.from_dict({"measures": measures.isel(network=[0])}), "1")
    with pytest.raises(ValueError, match="single neurons have not been ablated"):
        lost_alone(xr.DataTree.from_dict({"measures": measures.drop_vars("lost")}), "1")


def test_neurons_that_all_cost_the_same_have_no_rank_correlation():
    axes = ("network", "neuron")
    measures = xr.Dataset(
        {"entropy": (axes, [[0.1, 0.2]]), "lost": (axes, [[0.0, 0.0]])}, {"layer": ("neuron", ["1", "1"])}
    )
    assert np.isnan(rank_correlation(xr.DataTree.from_dict({"measures": measures}), "entropy", "1")).all()
