"""Submissions, read as files that anybody may have made: only regular ones, of bounded size, and cells alone."""

import os
import stat
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

from neuronlib.reproduction.course.isolation.processes import NotebookError

LARGEST = 10 * 2**20
"""Bytes of the largest notebook."""

MOST_CELLS = 1000

_FOR_NBGRADER = "*?[]{}"


def printable(name: str) -> str:
    """Return a name without bytes that are no text, or characters that a terminal obeys."""
    text = os.fsencode(name).decode(errors="replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def fault_of_name(student: str) -> str:
    """Say why the name of a student's folder cannot be used, else ""."""
    if student != printable(student):
        return "expected a folder's name of printable characters in UTF-8; rename it"
    if student != student.strip() or set(student) & set(_FOR_NBGRADER):
        return f"nbgrader takes no folder's name with {' '.join(_FOR_NBGRADER)} or spaces around it; rename it"
    return ""


def read(folder: Path, student: str, name: str) -> tuple[bytes, list[str]]:
    """Read what a student has handed in, without following a link.

    Args:
        folder: The folder of all submissions.
        student: The student's folder in it.
        name: The assignment.

    Returns:
        The notebook's content, and the names of other files beside it.

    Raises:
        NotebookError: If there is no such notebook, or it or a folder is a link, a device, or too large.
    """
    submitted = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    opened = [submitted]
    try:
        for part in (student, name):
            opened.append(_opened(part, os.O_DIRECTORY, opened[-1], "a folder"))
        beside = sorted(os.listdir(opened[-1]))  # noqa: PTH208  # of a folder that is open, whatever its name leads to by now
        if f"{name}.ipynb" not in beside:
            listed = ", ".join(map(printable, beside[:20])) or "nothing"
            raise NotebookError(f"expected {name}.ipynb, found {listed}")
        opened.append(_opened(f"{name}.ipynb", os.O_NONBLOCK, opened[-1], "a file"))
        found = os.fstat(opened[-1])
        if not stat.S_ISREG(found.st_mode):
            raise NotebookError(f"{name}.ipynb: expected a regular file; put a copy in its place")
        if found.st_nlink > 1:
            raise NotebookError(f"{name}.ipynb has another name elsewhere (a hard link); put a copy in its place")
        if found.st_size > LARGEST:
            raise NotebookError(f"{name}.ipynb has {found.st_size / 1e6:.0f} MB; expected at most {LARGEST / 1e6:.0f}")
        with os.fdopen(opened.pop(), "rb") as file:
            content = file.read(LARGEST + 1)
    finally:
        for handle in opened:
            os.close(handle)
    others = {f"{name}.ipynb", "timestamp.txt", ".ipynb_checkpoints", ".DS_Store", "feedback"}
    return content, [printable(one) for one in beside if one not in others]


def _opened(part: str, kind: int, folder: int, expected: str) -> int:
    try:
        if stat.S_ISLNK(os.lstat(part, dir_fd=folder).st_mode):
            raise NotebookError(f"{printable(part)} is a link; put {expected} in its place")
        return os.open(part, os.O_RDONLY | os.O_NOFOLLOW | kind, dir_fd=folder)
    except OSError as error:
        raise NotebookError(f"{printable(part)}: {error.strerror}; expected {expected}") from None


def cells_alone(content: bytes, source: NotebookNode) -> NotebookNode:
    """Return a submission as cells of text, each with the role that its cell has in the source.

    Outputs, attachments and metadata are the student's to write, and none of them is kept.

    Args:
        content: The submitted file.
        source: The assignment with its solution.

    Returns:
        The notebook.

    Raises:
        NotebookError: If it is no notebook, or a cell of the source is missing or stands there more than once.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about identifiers of cells, which are made anew
            cells = nbformat.reads(content.decode(), as_version=4).cells
            given = [(str(cell.cell_type), _text(cell.source), _grade_id(cell.metadata)) for cell in cells]
    except (Exception, RecursionError) as error:  # whatever the file makes nbformat raise
        raise NotebookError(
            f"it is no notebook: {printable(str(error).splitlines()[0] if str(error) else '')[:200]}"
        ) from None
    if len(given) > MOST_CELLS:
        raise NotebookError(f"expected at most {MOST_CELLS} cells, found {len(given)}")
    roles = {cell.metadata.nbgrader["grade_id"]: cell for cell in source.cells if "nbgrader" in cell.metadata}
    marked = [grade_id for _, _, grade_id in given if grade_id is not None and grade_id in roles]
    if doubled := sorted({one for one in marked if marked.count(one) > 1}):
        raise NotebookError(
            f"{', '.join(doubled)}: more than once in the notebook, as where it was copied or split; join them "
            "into one and grade again"
        )
    # nbgrader restores a missing check alone.
    needed = [name for name, cell in roles.items() if not cell.metadata.nbgrader["grade"]]
    if missing := [one for one in needed if one not in marked]:
        raise NotebookError(
            f"{', '.join(missing)}: missing in the notebook; copy back from what was handed out and grade again"
        )
    python = NotebookNode(name="python", pygments_lexer="ipython3")
    notebook = v4.new_notebook(metadata=NotebookNode(source.metadata, language_info=python))
    for place, (kind, text, grade_id) in enumerate(given):
        new = v4.new_code_cell if kind == "code" else v4.new_markdown_cell
        cell = new(text, id=f"cell-{place}")
        if grade_id in roles:
            cell.metadata.nbgrader = NotebookNode(roles[grade_id].metadata.nbgrader)
        notebook.cells.append(cell)
    return notebook


def _text(source: Any) -> str:
    if not isinstance(source, str):
        raise TypeError("expected the text of a cell")
    return source.encode(errors="replace").decode()


def _grade_id(metadata: Any) -> str | None:
    role = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    name = role.get("grade_id") if isinstance(role, Mapping) else None
    return name if isinstance(name, str) else None
