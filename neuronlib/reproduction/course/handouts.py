"""Layout of a course by nbgrader: sources with solutions, and the versions that students get."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from neuronlib.common.regular_files import require_regular
from neuronlib.reproduction.book.chapters import KERNEL
from neuronlib.reproduction.course.assignments import ASSIGNMENTS, SECONDS_A_CELL, assignments
from neuronlib.reproduction.course.nbgrader import CONFIGURATION_FILE, nbgrader, succeeded
from neuronlib.reproduction.store.atomic import write_bytes

_CONFIGURATION = """\
# Written by `neuronlib assign`, for nbgrader's own commands in this folder.
c = get_config()
c.CourseDirectory.course_id = "neuronlib"
c.ClearSolutions.code_stub = {"python": "# Your code here\\nraise NotImplementedError()"}
c.OverwriteCells.add_missing_cells = True
c.Execute.timeout = %d
"""


def source(name: str) -> NotebookNode:
    """Read an assignment with its solution, as a notebook for nbgrader.

    A marker in the source says what its cell is: ``answer="entropy"`` is the learner's to write, ``check="…" points=3``
    gives points, ``given="…"`` is restored before grading if it was changed.

    Returns:
        The notebook.

    Raises:
        ValueError: If there is no such assignment.

    Example:
        >>> notebook = source("measures")
        >>> sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in notebook.cells)
        24
    """
    file = ASSIGNMENTS / f"{name}.py"
    if name not in assignments():
        raise ValueError(f"no assignment {name!r}; there are: {', '.join(assignments())}")
    notebook = jupytext.read(file, fmt="py:percent")
    notebook.metadata = NotebookNode(kernelspec=KERNEL)
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place}"
        cell.metadata = _for_nbgrader(cell.metadata)
    return notebook


def assign(folder: Path, names: Sequence[str] = (), force: bool = False) -> list[Path]:
    """Lay out a course: sources with solutions, and the versions to hand out.

    An existing configuration of nbgrader is kept.

    Args:
        folder: The course's folder, made if need be; nbgrader's own commands work there, too.
        names: The assignments; none for all.
        force: Replace existing sources that differ, for instance because a teacher has edited them.

    Returns:
        The notebooks to hand out, ``FOLDER/release/NAME/NAME.ipynb``.

    Raises:
        ValueError: If there is no such assignment, or an existing source differs.
        NeuronlibError: If nbgrader is not installed, or fails.
    """
    sources = {
        folder / "source" / name / f"{name}.ipynb": nbformat.writes(source(name)).encode()
        for name in names or assignments()
    }
    for file, content in sources.items():
        require_regular(file)
        if file.exists() and file.read_bytes() != content and not force:
            raise ValueError(f"{file} is there and differs, as where it was edited; --force replaces it")
    if not (folder / CONFIGURATION_FILE).exists():
        write_bytes((_CONFIGURATION % SECONDS_A_CELL).encode(), folder / CONFIGURATION_FILE)
    api = nbgrader(folder)
    for file, content in sources.items():
        write_bytes(content, file)
        succeeded(api.generate_assignment(file.stem), f"{file.stem}: no version to hand out could be made")
    return [folder / "release" / file.stem / file.name for file in sources]


def _for_nbgrader(marker: dict[str, Any]) -> NotebookNode:
    kinds = {"answer": (True, False), "check": (False, True), "given": (False, False)}
    kind = next((kind for kind in kinds if kind in marker), None)
    if kind is None:
        return NotebookNode()
    is_solution, is_graded = kinds[kind]
    roles = {"grade_id": marker[kind], "solution": is_solution, "grade": is_graded, "locked": not is_solution}
    points = {"points": marker["points"]} if is_graded else {}
    return NotebookNode(nbgrader=NotebookNode(**roles, **points, task=False, schema_version=3))
