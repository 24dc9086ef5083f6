"""Facts about the checks of assignments, and about how they are graded."""

import csv
import os
import re
import shutil

import nbformat
import numpy as np
import pytest
from scipy import stats

from neuronlib.common.errors import NeuronlibError
from neuronlib.information import measures
from neuronlib.reproduction import course
from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.course import grading, handouts
from neuronlib.reproduction.course.assignments import assignments

NOT_WRITTEN = "raise NotImplementedError()"
NATS = """
def entropy(counts):
    p = counts.sum(axis=1) / counts.sum()
    return -(p[p > 0] * np.log(p[p > 0])).sum()
"""
SIGN = """
def mutual_information(counts):
    joint = counts / counts.sum()
    given_label = joint / joint.sum(axis=0)
    there = joint > 0
    return entropy(counts) - (joint[there] * np.log2(given_label[there])).sum()
"""


def nothing(*_):
    raise NotImplementedError


def lost(report):
    return [says for says, fault, _ in report.facts if fault]


def entropy_in_nats(counts):
    return measures.entropy(counts) * np.log(2)


def entropy_with_nan(counts):
    p = counts.sum(axis=1) / counts.sum()
    return -(p * np.log2(p)).sum()


def information_with_wrong_sign(counts):
    return 2 * measures.entropy(counts) - measures.mutual_information(counts)


def selectivity_on_average(counts):
    return measures.mutual_information(counts)


@pytest.mark.parametrize(
    "check", [course.check_entropy, course.check_mutual_information, course.check_kl_selectivity, course.check_curve]
)
def test_what_is_not_written_earns_nothing_and_is_called_so(check):
    report = check(nothing)
    assert report.points == 0
    assert {fault for _, fault, _ in report.facts} == {"not written yet"}


@pytest.mark.parametrize(
    ("check", "wrong", "fewer"),
    [
        (course.check_entropy, entropy_in_nats, 2),
        (course.check_entropy, entropy_with_nan, 1),
        (course.check_mutual_information, information_with_wrong_sign, 2),
        (course.check_mutual_information, lambda counts: "much", 4),
        (course.check_kl_selectivity, selectivity_on_average, 2),
        (course.check_kl_selectivity, lambda counts: None, 3),
    ],
)
def test_wrong_measure_loses_the_points_of_what_is_wrong(check, wrong, fewer):
    report = check(wrong)
    assert report.out_of - report.points == fewer


@pytest.mark.parametrize("name", ["entropy", "mutual_information", "kl_selectivity"])
def test_drawn_tables_tell_the_measures_apart(name):
    right = getattr(measures, name)
    assert course.check_measure_on_drawn_tables(name, right).points == 2
    others = {"entropy", "mutual_information", "kl_selectivity"} - {name}
    assert all(course.check_measure_on_drawn_tables(name, getattr(measures, other)).points == 0 for other in others)


def test_numbers_to_be_found_are_not_told():
    zeros = dict.fromkeys(("entropy", "mutual_information", "kl_selectivity"), 0)
    told = str(course.check_by_hand(dict.fromkeys(course.BY_HAND, zeros))) + str(course.check_bias(0))
    assert "it gives 0" in told and ", not" not in told


def test_rounding_to_two_decimals_is_right_by_hand():
    rounded = {
        neuron: {name: round(float(getattr(measures, name)(counts)), 2) for name in ("entropy", "mutual_information")}
        | {"kl_selectivity": round(float(measures.kl_selectivity(counts)), 2)}
        for neuron, counts in course.BY_HAND.items()
    }
    assert course.check_by_hand(rounded).points == 6


def accuracies(outputs, weights, biases, labels, order):
    found = []
    for step in range(len(order) + 1):
        outputs[:, order[:step]] = 0
        found.append(((outputs @ weights + biases).argmax(axis=1) == labels).mean())
    return np.array(found)


def test_ablating_in_place_loses_one_point():
    assert lost(course.check_curve(accuracies)) == ["the outputs that it is given are left as they were"]


def ablated(*numbers):
    # Curves with something wrong: at each step, as many of the order as said.
    def curve(outputs, weights, biases, labels, order):
        found = []
        for number in numbers:
            kept = np.setdiff1d(np.arange(len(order)), order[:number])
            found.append(((outputs[:, kept] @ weights[kept] + biases).argmax(axis=1) == labels).mean())
        return np.array(found)

    return curve


@pytest.mark.parametrize(
    "curve",
    [
        ablated(0, 6, 6, 6, 6, 6, 6),
        ablated(0, 2, 3, 4, 5, 6, 6),
        ablated(0, 0, 1, 2, 3, 4, 6),
        lambda outputs, weights, biases, labels, order: accuracies(
            outputs.copy(), weights, biases, labels, order[::-1]
        ),
        lambda outputs, weights, biases, labels, order: accuracies(
            outputs.copy(), weights, biases, labels, np.arange(6)
        ),
    ],
    ids=["all at once", "one too many", "one too few", "reversed", "as they stand"],
)
def test_wrong_order_or_number_loses_the_point_of_each_step_and_right_numbers_are_not_told(curve):
    report = course.check_curve(curve)
    assert lost(report) == ["each step takes one neuron more, in the order given"]
    assert ", not" not in str(report)


def test_answers_of_single_precision_are_right():
    def curve(outputs, *others):
        return accuracies(outputs.copy(), *others).astype(np.float32)

    assert course.check_curve(curve).points == 5
    for name in ("entropy", "mutual_information", "kl_selectivity"):
        measure = getattr(measures, name)

        def single(counts, measure=measure):
            return float(np.float32(measure(counts)))

        assert course.check_measure_on_drawn_tables(name, single).points == 2


def test_constant_and_information_in_nats_have_not_the_symmetry_of_information():
    assert course.check_mutual_information(lambda counts: 0.0).points == 2
    in_nats = course.check_mutual_information(lambda counts: measures.mutual_information(counts) * np.log(2))
    assert lost(in_nats)[-1] == "exchanging values and labels changes nothing"


def test_curve_without_its_first_point_is_told_so():
    short = course.check_curve(lambda *given: accuracies(*given)[1:])
    assert lost(short)[0] == "it has a point for each number of neurons, none and all included"


def test_gap_with_the_wrong_sign_loses_all_its_points():
    assert course.check_gap(lambda ordered, random: (random.mean(axis=1) - ordered).mean()).points == 0


def t_by_hand(gaps):
    t = gaps.mean() / (gaps.std(ddof=1) / np.sqrt(len(gaps)))
    return 2 * (1 - stats.t.cdf(abs(t), len(gaps) - 1))


def sign_flips(gaps):
    signs = np.random.default_rng(0).choice([-1, 1], size=(9999, len(gaps)))
    flipped = abs((signs * gaps).mean(axis=1))
    return (1 + (flipped >= abs(gaps.mean()) - 1e-12).sum()) / 10000


@pytest.mark.parametrize(
    ("test", "says"),
    [
        (lambda ordered, random: stats.wilcoxon(ordered - random[:, 0]).pvalue, None),
        (lambda ordered, random: stats.ttest_rel(ordered, random.mean(axis=1)).pvalue, None),
        (lambda ordered, random: t_by_hand(ordered - random.mean(axis=1)), None),
        (lambda ordered, random: sign_flips(ordered - random.mean(axis=1)), None),
        (lambda ordered, random: 0.0, "significant where"),
        (lambda ordered, random: stats.mannwhitneyu(ordered, random.mean(axis=1)).pvalue, "each network is compared"),
        (lambda ordered, random: stats.wilcoxon((ordered[:, None] - random).ravel()).pvalue, "random orders of one"),
        (
            lambda ordered, random: stats.wilcoxon(ordered - random.mean(axis=1), alternative="greater").pvalue,
            "it is two-sided",
        ),
    ],
    ids=[
        "one random order",
        "t-test",
        "t by hand",
        "sign flips",
        "constant",
        "not paired",
        "orders taken for networks",
        "one-sided",
    ],
)
def test_any_paired_test_will_do_and_others_lose_the_point_of_their_fault(test, says):
    missing = lost(course.check_p_value(test))
    assert missing == [] if says is None else any(fact.startswith(says) for fact in missing)


@pytest.mark.parametrize("name", course.LAWS)
def test_published_fault_breaks_its_law_and_does_not_count_as_mended(name):
    namespace: dict = {}
    code = next(cell for cell in handouts.source("replication").cells if "def nesting" in cell.source)
    exec(code.source, namespace)
    assert course.check_repair(name, namespace[name]).points == 0
    assert course.check_counterexample(name, namespace[name], None).points == 0


@pytest.mark.parametrize(
    ("name", "example", "message"),
    [
        ("replacement", [np.nan, 1.0], "NaN or infinity"),
        ("information", [[np.inf, 1], [1, 1]], "NaN or infinity"),
        ("information", [[-1, 2], [2, 2]], "no counts"),
        ("ranking", [[[0.5, 0.5], [0, 1]]], "no counts"),
        ("ranking", [[[1, 1], [0, 0]], [[0, 0], [0, 0]]], "a neuron without samples"),
        ("nesting", (5, np.nan), "NaN or infinity"),
    ],
)
def test_what_is_no_input_of_a_function_shows_none_of_its_faults(name, example, message):
    def wrong(*given):
        raise AssertionError(f"asked for {given}")

    ((_, fault, _),) = course.check_counterexample(name, wrong, example).facts
    assert fault is not None and message in fault


def test_ranking_that_takes_neurons_with_an_empty_value_for_dead_is_not_mended():
    def ranking(counts):
        p = counts.sum(axis=2) / counts.sum(axis=(1, 2))[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.argsort(np.nan_to_num(-(p * np.log2(p)).sum(axis=1)))[::-1]

    assert lost(course.check_repair("ranking", ranking)) == ["it ranks neurons of four values, too"]


def test_sets_of_neurons_may_be_sets():
    def nesting(neurons, seed):
        order = np.random.default_rng(seed).permutation(neurons)
        return [set(order[:size]) for size in range(neurons + 1)]

    assert course.check_repair("nesting", nesting).points == 2


@pytest.mark.parametrize(
    ("importance", "says"),
    [
        (lambda outputs, labels, outgoing: np.arange(len(outgoing)), "a neuron's importance does not depend"),
        (lambda outputs, labels, outgoing: 1 / outputs.std(axis=0), "one finite number"),
        (lambda outputs, labels, outgoing: outputs[0], "the order of the samples"),
        (lambda outputs, labels, outgoing: np.multiply(outputs, 2, out=outputs).mean(axis=0), "what it is given"),
    ],
)
def test_measure_that_is_none_is_told_why(importance, says):
    assert any(fact.startswith(says) for fact in lost(course.check_importance(importance)))


def test_measure_gains_nothing_over_itself():
    def selectivity(outputs, labels, outgoing):
        values = (outputs > 0.5).astype(np.int64)
        counts = np.zeros((values.shape[1], 2, 10), dtype=np.int64)
        for neuron in range(values.shape[1]):
            np.add.at(counts[neuron], (values[:, neuron], labels), 1)
        return measures.kl_selectivity(counts)

    # Neurons of the same selectivity go in another order.
    np.testing.assert_allclose(course.contest(selectivity, ["sigmoid-l2"], networks=1), 0, atol=0.01)


def test_measure_that_fails_on_one_setting_loses_that_setting_alone(capsys):
    def noisy(outputs, labels, outgoing):
        np.log(outputs.std(axis=0) * 0)  # a warning, which nbgrader gives no points for if it is seen
        if outputs.min() > 0:  # sigmoid
            raise ArithmeticError("too much")
        return outputs.std(axis=0)

    gains = course.contest(noisy, ["sigmoid-l2", "relu-dropout"], networks=2)
    assert capsys.readouterr().err == ""
    assert gains.isnull().all(["layer", "network"]).values.tolist() == [True, False]
    told = [fault for _, fault, _ in course.check_contest(gains).facts]
    assert told[:2] == ["your code raises ArithmeticError: too much"] * 2
    assert all("raises" not in (fault or "") for fault in told[2:])


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    handouts.assign(folder)
    return folder


def handed_in(folder, student, name, change=lambda notebook: None):
    notebook = nbformat.read(folder / "source" / name / f"{name}.ipynb", as_version=4)
    change(notebook)
    file = folder / "submitted" / student / name / f"{name}.ipynb"
    file.parent.mkdir(parents=True)
    nbformat.write(notebook, file)


@pytest.mark.parametrize("name", assignments())
def test_version_to_hand_out_holds_no_solution_and_no_hidden_test(laid_out, name):
    cells = nbformat.read(laid_out / "release" / name / f"{name}.ipynb", as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert not re.search("SOLUTION|HIDDEN|HELD_OUT|drawn_tables", code)
    answers = [cell for cell in handouts.source(name).cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert code.count(NOT_WRITTEN) == len(answers)


@pytest.mark.parametrize("name", assignments())
def test_every_solution_stands_between_marks_and_every_mark_is_closed(name):
    for cell in handouts.source(name).cells:
        for mark in ("SOLUTION", "HIDDEN TESTS"):
            assert cell.source.count(f"### BEGIN {mark}") == cell.source.count(f"### END {mark}")
        if cell.metadata.get("nbgrader", {}).get("solution"):
            assert cell.source.count("### BEGIN SOLUTION") == 1


def answering(grade_id, code):
    def change(notebook):
        (cell,) = (cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
        cell.source = code

    return change


def without_checks(notebook):
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]


@pytest.fixture(scope="module")
def graded(laid_out):
    wrong = {
        "nats": answering("entropy", NATS),
        "sign": answering("mutual_information", SIGN),
        "mean": answering("kl_selectivity", "def kl_selectivity(counts):\n    return mutual_information(counts)"),
        "deleted": without_checks,
        "endless": answering("bias", "while True:\n    pass"),
        "mute": answering("entropy", NATS + 'get_ipython().ast_node_interactivity = "none"'),
    }
    for student, change in wrong.items():
        handed_in(laid_out, student, "measures", change)
    handed_in(laid_out, "forged", "measures")
    (laid_out / "submitted" / "forged" / "measures" / "neuronlib.py").write_text("course = None")
    handed_in(laid_out, "misspelt", "measures")
    there = laid_out / "submitted" / "misspelt" / "measures"
    (there / "measures.ipynb").rename(there / os.fsdecode(b"L\xf6sung.ipynb"))
    handed_in(laid_out, "broken", "measures")
    (laid_out / "submitted" / "broken" / "measures" / "measures.ipynb").write_text("not a notebook")
    # The endless loop is the only cell that gets near to the limit.
    return {grade.student: grade for grade in grading.grade(laid_out, ["measures"], seconds=20)}


@pytest.mark.parametrize("name", assignments())
def test_solution_gets_full_marks_and_what_was_handed_out_gets_none(tmp_path, name, capfd):
    handouts.assign(tmp_path, [name])
    shutil.copytree(tmp_path / "release" / name, tmp_path / "submitted" / "empty" / name)
    lines: list[str] = []
    # It is refused unless the solution gets full marks.
    (grade,) = grading.grade(tmp_path, [name], report=lines.append)
    assert (grade.student, grade.points) == ("empty", 0) and grade.out_of > 0
    assert lines == [f"{name}: its solution gets full marks here", f"{name}, empty: 0 of {grade.out_of:g} points"]
    # A kernel warns of itself at every start, which is nothing that a teacher can do anything about.
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("student", "points"),
    [
        ("nats", 24 - 2 - 2),
        ("sign", 24 - 2 - 2 - 2),
        ("mean", 24 - 2 - 2),
        ("deleted", 24),
        ("endless", 22),
        ("mute", 24 - 2 - 2),  # what a student sets for cells changes no check
        ("forged", 24),  # a file beside the notebook does not take a package's place
    ],
)
def test_answers_earn_what_they_are_worth(graded, student, points):
    assert graded[student].points == points


def test_a_notebook_of_another_name_is_told_and_gets_no_page(graded, laid_out):
    grade = graded["misspelt"]
    assert grade.points is None
    assert grade.note == "expected measures.ipynb, found L\N{REPLACEMENT CHARACTER}sung.ipynb"
    assert not (laid_out / "feedback" / "misspelt").exists()


def test_files_beside_the_notebook_are_named_and_left_out(graded):
    assert graded["forged"].note == "graded without neuronlib.py, not handed out with it"


def test_what_cannot_be_read_is_said_and_the_others_are_graded(graded, laid_out):
    grade = graded["broken"]
    assert grade.points is None and grade.note
    with (laid_out / "grades.csv").open() as file:
        table = {row["student"]: row for row in csv.DictReader(file)}
    assert table.keys() == graded.keys()
    assert table["broken"]["points"] == "" and table["deleted"]["points"] == "24.0"


def test_students_get_a_page_with_what_was_said_of_their_answers(graded, laid_out):
    page = (laid_out / "feedback" / "nats" / "measures" / "measures.html").read_text()
    assert "it gives 0.6931, not 1" in page


def test_nobody_is_graded_where_the_solution_does_not_work(laid_out, tmp_path):
    shutil.copytree(laid_out / "source" / "replication", tmp_path / "source" / "replication")
    shutil.copy(laid_out / "nbgrader_config.py", tmp_path)
    file = tmp_path / "source" / "replication" / "replication.ipynb"
    file.write_text(file.read_text().replace("import numpy as np", "import a_package_that_is_not_here as np"))
    handed_in(tmp_path, "ada", "replication")
    with pytest.raises(grading.GradingRefused, match="ModuleNotFoundError: No module named 'a_package_that_is_not"):
        grading.grade(tmp_path)
    assert not (tmp_path / "grades.csv").exists()


def test_sources_that_a_teacher_has_edited_are_replaced_by_force_only(tmp_path, capsys):
    handouts.assign(tmp_path, ["measures"])
    handouts.assign(tmp_path, ["measures"])
    file, configuration = tmp_path / "source" / "measures" / "measures.ipynb", tmp_path / "nbgrader_config.py"
    ours, edited = file.read_bytes(), file.read_bytes().replace(b"entropy", b"disorder")
    file.write_bytes(edited)
    configuration.write_text(configuration.read_text() + "c.Execute.timeout = 7\n")
    assert main(["assign", str(tmp_path), "measures"]) == 2
    assert "--force replaces it" in capsys.readouterr().err
    assert file.read_bytes() == edited
    assert main(["assign", str(tmp_path), "measures", "--force"]) == 0
    assert file.read_bytes() == ours
    assert configuration.read_text().endswith("timeout = 7\n")


def test_grades_given_before_stay_and_a_notebook_of_another_name_is_told(tmp_path):
    handouts.assign(tmp_path, ["measures"])
    table = tmp_path / "grades.csv"
    table.write_text("student,points\nada,3\n")
    misnamed = tmp_path / "submitted" / "ada" / "measures"
    misnamed.mkdir(parents=True)
    (misnamed / "measures (1).ipynb").write_text("{}")
    with pytest.raises(ValueError, match="expected the columns student, assignment, points"):
        grading.grade(tmp_path, report=lambda line: None)
    table.write_text(
        "student,assignment,points,out_of,note\nada,ablation,3.0,9.0,\nada,measures,,24.0,could not be read\n"
    )
    (grade,) = grading.grade(tmp_path, report=lambda line: None)
    assert (grade.points, grade.note) == (None, "expected measures.ipynb, found measures (1).ipynb")
    with table.open() as file:
        rows = {row["assignment"]: row for row in csv.DictReader(file)}
    assert rows["ablation"]["points"] == "3.0"
    assert rows["measures"]["note"] == grade.note


def test_doubled_and_missing_cells_are_named_and_old_feedback_is_removed(tmp_path):
    handouts.assign(tmp_path, ["measures"])
    old = tmp_path / "feedback" / "copied" / "measures" / "measures.html"
    old.parent.mkdir(parents=True)
    old.write_text("Score: 24.0 / 24.0")

    def copied(notebook):
        place = next(i for i, cell in enumerate(notebook.cells) if cell.metadata.get("nbgrader"))
        notebook.cells.insert(place, nbformat.NotebookNode(notebook.cells[place], id="another"))

    def without(*ids):
        def change(notebook):
            notebook.cells = [
                cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") not in ids
            ]

        return change

    handed_in(tmp_path, "copied", "measures", copied)
    handed_in(tmp_path, "task gone", "measures", without("bias", "check_bias"))
    handed_in(tmp_path, "given gone", "measures", without("imports"))
    notes = {grade.student: grade.note for grade in grading.grade(tmp_path, report=lambda line: None)}
    assert "imports: more than once in the notebook" in notes["copied"]
    assert "bias: missing in the notebook" in notes["task gone"]
    assert "imports: missing in the notebook" in notes["given gone"]
    assert not old.exists()


@pytest.mark.parametrize(
    ("content", "message"), [(b"\xff\xfe\x00", "expected a table in UTF-8"), (b"ada,measures\n", "expected 5 columns")]
)
def test_a_table_of_grades_that_cannot_be_read_is_named(tmp_path, content, message):
    handouts.assign(tmp_path, ["measures"])
    handed_in(tmp_path, "ada", "measures")
    header = b"" if content.startswith(b"\xff") else b"student,assignment,points,out_of,note\n\n"
    (tmp_path / "grades.csv").write_bytes(header + content)
    with pytest.raises(ValueError, match=f"grades.csv: {message}"):
        grading.grade(tmp_path, report=lambda line: None)


def test_a_spreadsheets_table_is_read_or_told_what_it_lacks(tmp_path, monkeypatch):
    handouts.assign(tmp_path, ["measures"])
    (tmp_path / "submitted" / "ada" / "measures").mkdir(parents=True)
    table = tmp_path / "grades.csv"
    table.write_text("student;assignment;points;out_of;note\nbob;measures;3;24;\n")
    with pytest.raises(ValueError, match="grades.csv: its columns are separated by semicolons; save it with commas"):
        grading.grade(tmp_path, report=lambda line: None)
    table.write_bytes("\ufeffstudent,assignment,points,out_of,note\r\nbob,measures,3,24,\r\n".encode())

    def elsewhere(*_):  # while this run is at work, another one enters a grade
        with table.open("a") as file:
            file.write("eve,ablation,1.0,14.0,\n")

    monkeypatch.setattr(grading, "_solution_is_right", elsewhere)
    grading.grade(tmp_path, report=lambda line: None)
    assert [line.split(",")[0] for line in table.read_text().splitlines()] == ["student", "bob", "eve", "ada"]


def test_an_interrupt_ends_grading_and_leaves_what_was_given(tmp_path, monkeypatch):
    handouts.assign(tmp_path, ["measures"])
    handed_in(tmp_path, "ada", "measures")
    table, page = tmp_path / "grades.csv", tmp_path / "feedback" / "ada" / "measures" / "measures.html"
    table.write_text("student,assignment,points,out_of,note\nada,measures,12.0,24.0,\n")
    page.parent.mkdir(parents=True)
    page.write_text("12 of 24")
    monkeypatch.setattr(grading, "_solution_is_right", lambda *_: None)

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("nbgrader.converters.autograde.Autograde.start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grading.grade(tmp_path, report=lambda line: None)
    assert table.read_text().splitlines()[1:] == ["ada,measures,12.0,24.0,"]
    assert page.read_text() == "12 of 24"


def test_a_lost_gradebook_and_a_lost_or_wrong_configuration_are_told(tmp_path, capsys):
    handouts.assign(tmp_path, ["measures"])
    handed_in(tmp_path, "ada", "measures")
    (tmp_path / "gradebook.db").unlink()
    assert main(["grade", str(tmp_path)]) == 1
    assert f'measures is not in the gradebook; neuronlib assign "{tmp_path}" measures' in capsys.readouterr().err
    (tmp_path / "nbgrader_config.py").write_text("c = get_config(\n")
    assert main(["grade", str(tmp_path)]) == 1
    assert "nbgrader_config.py: SyntaxError: '(' was never closed" in capsys.readouterr().err
    (tmp_path / "nbgrader_config.py").unlink()
    assert main(["grade", str(tmp_path)]) == 1
    assert f'nbgrader_config.py is missing; neuronlib assign "{tmp_path}" writes it' in capsys.readouterr().err


def test_wrong_folders_and_names_are_refused_in_one_line(tmp_path, capsys):
    assert main(["grade", str(tmp_path)]) == 2
    assert "nothing was handed out" in capsys.readouterr().err
    assert main(["assign", str(tmp_path), "knitting"]) == 2
    assert "no assignment 'knitting'; there are: ablation" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert main(["grade", str(tmp_path), "--seconds", "0"]) == 2


def test_an_assignment_that_was_not_handed_out_is_not_graded(laid_out):
    with pytest.raises(ValueError, match="^knitting was not handed out; there are: ablation, "):
        grading.grade(laid_out, ["knitting", "measures"])


def test_without_nbgrader_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "nbgrader.apps", None)
    with pytest.raises(NeuronlibError, match=r"pip install 'neuronlib\[course\]'"):
        handouts.assign(tmp_path)
