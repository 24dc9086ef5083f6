"""Grading by nbgrader: points for submissions, and pages of feedback."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from neuronlib.common.errors import NeuronlibError
from neuronlib.reproduction.course import submissions
from neuronlib.reproduction.course.assignments import SECONDS_A_CELL
from neuronlib.reproduction.course.execution import Execution
from neuronlib.reproduction.course.grades import Grade, enter, given_before
from neuronlib.reproduction.course.isolation.processes import NotebookError
from neuronlib.reproduction.course.isolation.sandbox import MISSING, Protection, protection
from neuronlib.reproduction.course.nbgrader import CONFIGURATION_FILE, most_points, nbgrader, succeeded
from neuronlib.reproduction.store.atomic import check_writable


class GradingRefused(NeuronlibError):
    """An assignment's own solution does not get full marks here, so nobody's work can be graded."""


def grade(
    folder: Path,
    names: Sequence[str] = (),
    report: Callable[[str], object] = print,
    seconds: int = SECONDS_A_CELL,
    sandbox: Protection | None = None,
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
        sandbox: The protection from students' code; None for the best that works here.

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
        name: sorted(
            path.parent.name for path in folder.glob(f"submitted/*/{name}") if path.is_dir() or path.is_symlink()
        )
        for name in names or handed_out
    }
    if not any(handed_in.values()):
        raise ValueError(f"{folder / 'submitted'}: expected notebooks in STUDENT/NAME/NAME.ipynb, and found none")
    # Refused before anything is run.
    check_writable(folder)
    given_before(folder / "grades.csv")
    sandbox = sandbox or protection()
    if not sandbox.complete:
        report(f"students' code runs under {sandbox.text}; {MISSING}")
    grades = []
    api = nbgrader(folder)
    for name, students in handed_in.items():
        if students:
            _solution_is_right(folder, name, seconds, sandbox)
            report(f"{name}: its solution gets full marks here")
        for student in students:
            grades.append(_graded(api, folder, name, student, seconds, sandbox))
            report(_line(grades[-1]))
            enter(grades[-1], folder / "grades.csv")
    return grades


def _solution_is_right(folder: Path, name: str, seconds: int, sandbox: Protection) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        course = Path(scratch)
        shutil.copytree(folder / "source" / name, course / "source" / name)
        shutil.copytree(folder / "source" / name, course / "submitted" / "solution" / name)
        if (folder / "release" / name).is_dir():
            shutil.copytree(folder / "release" / name, course / "release" / name)
        shutil.copy(folder / CONFIGURATION_FILE, course)
        api = nbgrader(course)
        succeeded(api.generate_assignment(name), f"{name}: its source cannot be used")
        own = _graded(api, course, name, "solution", seconds, sandbox)
        if own.points != own.out_of:
            executed = course / "autograded" / "solution" / name / f"{name}.ipynb"
            why = next(_errors(executed), own.note or "see its cells") if executed.exists() else own.note
            raise GradingRefused(
                f"{name}: its own solution gets {own.points or 0:g} of {own.out_of:g} points here ({why}), so nobody "
                "is graded; mend the environment, or the solution"
            )


def _errors(executed: Path) -> Iterator[str]:
    for cell in nbformat.read(executed, as_version=4).cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"{output.ename}: {output.evalue}"


def _graded(api: Any, folder: Path, name: str, student: str, seconds: int, sandbox: Protection) -> Grade:
    grade = Grade(submissions.printable(student), name, None, most_points(api, name, folder))
    try:
        if fault := submissions.fault_of_name(student):
            raise NotebookError(fault)
        content, beside = submissions.read(folder / "submitted", student, name)
        source = nbformat.read(folder / "source" / name / f"{name}.ipynb", as_version=4)
        notebook = submissions.cells_alone(content, source)
        execution = Execution(sandbox, folder.resolve(), source, _handed_out(folder / "release" / name), seconds)
        points = _entered(api, folder, name, student, notebook, execution)
    except NeuronlibError as error:
        # Existing feedback is about another notebook.
        shutil.rmtree(folder / "feedback" / student / name, ignore_errors=True)
        return replace(grade, note=submissions.printable(str(error)))
    left_out = f"graded without {', '.join(beside[:20])}, not handed out with it" if beside else ""
    return replace(grade, points=points, note=left_out)


def _entered(
    api: Any, folder: Path, name: str, student: str, notebook: nbformat.NotebookNode, execution: Execution
) -> float:
    failures: list[NotebookError] = []

    def execute(notebook: nbformat.NotebookNode, resources: Any) -> tuple[nbformat.NotebookNode, Any]:
        try:
            execution.execute(notebook)
        except NotebookError as error:
            failures.append(error)
            raise
        return notebook, resources

    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from nbgrader about its own database
        staged = Path(scratch, student, name)
        staged.mkdir(parents=True)
        nbformat.write(notebook, staged / f"{name}.ipynb")
        _copy_timestamp(folder / "submitted" / student / name / "timestamp.txt", staged)
        api.coursedir.submitted_directory = scratch
        preprocessors = api.config.Autograde.autograde_preprocessors
        api.config.Autograde.autograde_preprocessors = [execute, *preprocessors]
        try:
            graded = api.autograde(name, student)
        finally:
            api.config.Autograde.autograde_preprocessors = preprocessors
        if failures:
            raise failures[0]
        succeeded(graded, "could not be graded")
        succeeded(api.generate_feedback(name, student), "no feedback could be written")
    with api.gradebook as gradebook:
        return float(gradebook.find_submission(name, student).score)


def _copy_timestamp(file: Path, staged: Path) -> None:
    # nbgrader notes there when it collected the notebook.
    if file.is_file() and not file.is_symlink() and file.stat().st_size < 100:
        shutil.copy(file, staged)


def _handed_out(release: Path) -> dict[str, bytes]:
    files = [path for path in release.rglob("*") if path.is_file() and path.suffix != ".ipynb"]
    return {str(path.relative_to(release)): path.read_bytes() for path in files}


def _line(grade: Grade) -> str:
    if grade.points is None:
        return f"{grade.assignment}, {grade.student}: {grade.note}"
    aside = f" ({grade.note})" if grade.note else ""
    return f"{grade.assignment}, {grade.student}: {grade.points:g} of {grade.out_of:g} points{aside}"
