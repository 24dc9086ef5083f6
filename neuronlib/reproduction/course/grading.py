"""Grading by nbgrader: points for submissions, and pages of feedback."""

import csv
import dataclasses
import io
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from filelock import FileLock

from neuronlib.common.errors import NeuronlibError
from neuronlib.reproduction.course.assignments import SECONDS_A_CELL
from neuronlib.reproduction.course.nbgrader import CONFIGURATION_FILE, most_points, nbgrader, succeeded
from neuronlib.reproduction.store.atomic import check_writable, write_bytes


class GradingRefused(NeuronlibError):
    """An assignment's own solution does not get full marks here, so nobody's work can be graded."""


@dataclass(frozen=True)
class Grade:
    """A student's grade.

    Attributes:
        student: The name of the student's folder.
        assignment: The assignment.
        points: Points earned, or None if the notebook could not be graded.
        out_of: Points that can be earned.
        note: The reason why it could not be graded, else "".
    """

    student: str
    assignment: str
    points: float | None
    out_of: float
    note: str = ""


_ENDLESS = "a cell ran too long and could not be interrupted, as where it catches whatever is raised"
_COLUMNS = [field.name for field in dataclasses.fields(Grade)]


def grade(
    folder: Path,
    names: Sequence[str] = (),
    report: Callable[[str], object] = print,
    seconds: int = SECONDS_A_CELL,
) -> list[Grade]:
    """Grade submissions, after the assignment's own solution has got full marks here.

    Writes ``FOLDER/grades.csv``, where earlier grades of other students and assignments stay, and, for each student,
    ``FOLDER/feedback/STUDENT/NAME/NAME.html``.

    Args:
        folder: A course's folder that `assign` has laid out, with notebooks in
            ``submitted/STUDENT/NAME/NAME.ipynb``.
        names: The assignments; none for all that were handed out.
        report: Called with one line for each step.
        seconds: Time limit of a cell; a cell that exceeds it is interrupted and earns nothing.

    Returns:
        A grade for each student and assignment; a grade that could not be given says why.

    Raises:
        ValueError: If nothing was handed out, or nothing handed in, or ``grades.csv`` has other columns.
        GradingRefused: If the solution does not get full marks, for instance because a package is missing.
        NeuronlibError: If nbgrader is not installed, or its configuration or gradebook was lost.
    """
    handed_out = sorted(path.parent.name for path in folder.glob("source/*/*.ipynb"))
    if not handed_out:
        raise ValueError(f'{folder}: nothing was handed out; neuronlib assign "{folder}" does it')
    if unknown := set(names) - set(handed_out):
        raise ValueError(f"{', '.join(sorted(unknown))} was not handed out; there are: {', '.join(handed_out)}")
    handed_in = {
        name: sorted(path.parent.name for path in folder.glob(f"submitted/*/{name}") if path.is_dir())
        for name in names or handed_out
    }
    if not any(handed_in.values()):
        raise ValueError(f"{folder / 'submitted'}: expected notebooks in STUDENT/NAME/NAME.ipynb, and found none")
    # Refused before anything is run.
    check_writable(folder)
    _given_before(folder / "grades.csv")
    grades = []
    api = nbgrader(folder, seconds)
    for name, students in handed_in.items():
        if students:
            _solution_is_right(folder, name, seconds)
            report(f"{name}: its solution gets full marks here")
        for student in students:
            grades.append(_graded(api, folder, name, student))
            report(_line(grades[-1]))
            _enter(grades[-1], folder / "grades.csv")
    return grades


def _enter(grade: Grade, file: Path) -> None:
    # Another run or a teacher may have changed the table since this run began.
    with FileLock(file.with_name(".grades.lock")):
        given = _given_before(file)
        given[grade.student, grade.assignment] = list(dataclasses.astuple(grade))
        write_bytes(_table(given.values()).encode(), file)


def _solution_is_right(folder: Path, name: str, seconds: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        course = Path(scratch)
        shutil.copytree(folder / "source" / name, course / "source" / name)
        shutil.copytree(folder / "source" / name, course / "submitted" / "solution" / name)
        shutil.copy(folder / CONFIGURATION_FILE, course)
        api = nbgrader(course, seconds)
        succeeded(api.generate_assignment(name), f"{name}: its source cannot be used")
        own = _graded(api, course, name, "solution")
        if own.points != own.out_of:
            executed = course / "autograded" / "solution" / name / f"{name}.ipynb"
            why = own.note or next(_errors(executed), "see its cells")
            raise GradingRefused(
                f"{name}: its own solution gets {own.points or 0:g} of {own.out_of:g} points here ({why}), so nobody "
                "is graded; mend the environment, or the solution"
            )


def _errors(executed: Path) -> Iterator[str]:
    for cell in nbformat.read(executed, as_version=4).cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"{output.ename}: {output.evalue}"


def _graded(api: Any, folder: Path, name: str, student: str) -> Grade:
    grade = _attempt(api, folder, name, student)
    if grade.points is None:  # existing feedback is about another notebook
        shutil.rmtree(folder / "feedback" / student / name, ignore_errors=True)
    return grade


def _attempt(api: Any, folder: Path, name: str, student: str) -> Grade:
    out_of = most_points(api, name, folder)
    if student != _printable(student):
        note = "expected a folder's name in UTF-8; rename it"
        return Grade(_printable(student), name, None, out_of, note)
    found = sorted(_printable(path.name) for path in (folder / "submitted" / student / name).iterdir())
    if f"{name}.ipynb" not in found:
        return Grade(student, name, None, out_of, f"expected {name}.ipynb, found {', '.join(found) or 'nothing'}")
    if hiding := [one for one in found if Path(one).stem == "neuronlib"]:
        note = f"{hiding[0]} beside the notebook takes the package's place; remove it and grade again"
        return Grade(student, name, None, out_of, note)
    if fault := _doubled_or_missing(folder, name, student):
        return Grade(student, name, None, out_of, fault)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # from nbgrader about its own database
            succeeded(api.autograde(name, student), "could not be graded")
            succeeded(api.generate_feedback(name, student), "no feedback could be written")
    except NeuronlibError as error:
        note = _ENDLESS if "CellTimeoutError" in str(error) else str(error)
        return Grade(student, name, None, out_of, note)
    if silent := _without_points(folder / "autograded" / student / name / f"{name}.ipynb"):
        return Grade(student, name, None, out_of, f"{silent}: gives no number of points; see what comes before it")
    with api.gradebook as gradebook:
        return Grade(student, name, float(gradebook.find_submission(name, student).score), out_of)


def _without_points(executed: Path) -> str:
    # nbgrader gives all points of a check that ends without a number.
    cells = [one for one in nbformat.read(executed, as_version=4).cells if one.cell_type == "code"]
    checks = [one for one in cells if one.metadata.get("nbgrader", {}).get("grade")]
    kinds = {one.metadata.nbgrader["grade_id"]: {output.output_type for output in one.outputs} for one in checks}
    return ", ".join(name for name, outputs in kinds.items() if not outputs & {"execute_result", "error"})


def _doubled_or_missing(folder: Path, name: str, student: str) -> str:
    # nbgrader stops at a copied cell, restores a check only behind its answer, and never restores a given cell.
    try:
        marked = [cell["grade_id"] for cell in _marked(folder / "submitted" / student / name / f"{name}.ipynb")]
    except Exception:  # nbgrader itself reports a file that is no notebook
        return ""
    if doubled := sorted({one for one in marked if marked.count(one) > 1}):
        return (
            f"{', '.join(doubled)}: more than once in the notebook, as where it was copied or split; join them "
            "into one and grade again"
        )
    needed = [cell["grade_id"] for cell in _marked(folder / "source" / name / f"{name}.ipynb") if not cell["grade"]]
    if missing := [one for one in needed if one not in marked]:
        return f"{', '.join(missing)}: missing in the notebook; copy back from what was handed out and grade again"
    return ""


def _marked(file: Path) -> list[dict[str, Any]]:
    cells = nbformat.read(file, as_version=4).cells
    return [cell.metadata["nbgrader"] for cell in cells if "grade_id" in cell.metadata.get("nbgrader", {})]


def _printable(name: str) -> str:
    # File names from another system's archive need not be valid text.
    return os.fsencode(name).decode(errors="replace")


def _line(grade: Grade) -> str:
    result = grade.note if grade.points is None else f"{grade.points:g} of {grade.out_of:g} points"
    return f"{grade.assignment}, {grade.student}: {result}"


def _given_before(file: Path) -> dict[tuple[str, str], list[Any]]:
    if not file.exists():
        return {}
    try:
        header, *rows = [row for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))) if row] or [[]]
    except UnicodeDecodeError:
        raise ValueError(f"{file}: expected a table in UTF-8; save it so, or rename the file") from None
    if header == [";".join(_COLUMNS)]:
        raise ValueError(f"{file}: its columns are separated by semicolons; save it with commas")
    if header != _COLUMNS:
        raise ValueError(f"{file}: expected the columns {', '.join(_COLUMNS)}; rename the file, or remove it")
    if wrong := [row for row in rows if len(row) != len(_COLUMNS)]:
        raise ValueError(f"{file}: expected {len(_COLUMNS)} columns, found {','.join(wrong[0])!r}; mend or rename it")
    return {(student, name): [student, name, *others] for student, name, *others in rows}


def _table(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    table.writerows(rows)
    return text.getvalue()
