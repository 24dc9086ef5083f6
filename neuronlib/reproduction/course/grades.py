"""The table of grades: a CSV file that a spreadsheet opens without running what a name says."""

import csv
import dataclasses
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from neuronlib.reproduction.store.atomic import write_bytes


@dataclass(frozen=True)
class Grade:
    """A student's grade.

    Attributes:
        student: The name of the student's folder.
        assignment: The assignment.
        points: Points earned, or None if the notebook could not be graded.
        out_of: Points that can be earned.
        note: The reason why it could not be graded, or the files that grading left out, else "".
    """

    student: str
    assignment: str
    points: float | None
    out_of: float
    note: str = ""


_COLUMNS = [field.name for field in dataclasses.fields(Grade)]

# Spreadsheets take these for the beginning of a formula, some of them after spaces or in their wide forms.
_FORMULA = re.compile(r"[\s']*[=+\-@|%＝＋－＠]|[\t\r\n]")


def enter(grade: Grade, file: Path) -> None:
    """Write a grade into the table, in place of an earlier one of the same student and assignment."""
    # Another run or a teacher may have changed the table since this run began.
    with FileLock(file.with_name(".grades.lock")):
        given = given_before(file)
        given[grade.student, grade.assignment] = list(dataclasses.astuple(grade))
        write_bytes(_table(given.values()).encode(), file)


def given_before(file: Path) -> dict[tuple[str, str], list[Any]]:
    """Read the rows of a table of grades, which may not exist yet.

    Returns:
        Each row by student and assignment.

    Raises:
        ValueError: If it is no table of grades.
    """
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
    given = [[without_quote(one) for one in row] for row in rows]
    return {(student, name): [student, name, *others] for student, name, *others in given}


def quoted(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula.

    Returns:
        The text, and text that is no formula as it is.

    Example:
        >>> quoted("=cmd()"), quoted("'=x"), quoted("'t Hooft"), without_quote(quoted("=cmd()"))
        ("'=cmd()", "''=x", "'t Hooft", '=cmd()')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def without_quote(text: str) -> str:
    """Return text as it was before `quoted`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def _table(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    table.writerows([quoted(one) if isinstance(one, str) else one for one in row] for row in rows)
    return text.getvalue()
