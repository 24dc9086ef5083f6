"""Execution of a submission: the student's cells in one process, the checks in another."""

import base64
import binascii
import math
import symtable
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode, v4

from neuronlib.reproduction.course.isolation import frames
from neuronlib.reproduction.course.isolation.processes import GRACE, CellProcess, NotebookError, cell_process
from neuronlib.reproduction.course.isolation.sandbox import Protection

CELLS_OF_TIME = 6
"""A notebook may take as long as this many cells that reach their limit."""

LARGEST_NOTEBOOK = 10 * 2**20
"""Characters that are kept of all outputs of a notebook."""

_TEXT = ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml")
# What a page of text and tables cannot show is shown as its text, such as xarray's foldable tables.
_INTERACTIVE = ("<svg", "<input", "<script")
_IMAGES = ("image/png", "image/jpeg")


@dataclass
class Execution:
    """Executes the notebooks of one assignment.

    Attributes:
        protection: The sandbox of each process.
        course: The course's folder, which no process sees.
        source: The assignment with its solution.
        files: Files that were handed out beside the notebook, by name.
        seconds: Time limit of a cell.
    """

    protection: Protection
    course: Path
    source: NotebookNode
    files: Mapping[str, bytes] = field(default_factory=dict)
    seconds: float = 300

    def execute(self, notebook: NotebookNode) -> None:
        """Execute a notebook in place.

        Answers and other cells of the student run in one process, checks in another, and given cells in both. In the
        process of the checks, the names that the solution's cells define are the student's: values as plain data,
        functions as stand-ins that call the student's process.

        Raises:
            NotebookError: If it cannot be executed to its end, or a check does not give points from 0 to its most.
        """
        self._end = time.monotonic() + CELLS_OF_TIME * self.seconds
        self._left = LARGEST_NOTEBOOK
        defined: set[str] = set()
        answers = {role["grade_id"]: cell for cell in self.source.cells if (role := _role(cell)) and role["solution"]}
        limit = CELLS_OF_TIME * self.seconds
        with (
            cell_process(self.protection, self.course, self.files, limit) as students,
            cell_process(self.protection, self.course, self.files, limit) as checks,
        ):
            for place, cell in enumerate(notebook.cells):
                if cell.cell_type != "code":
                    continue
                role = _role(cell)
                name = role["grade_id"] if role else f"cell {place + 1}"
                try:
                    if role and role["grade"] and not role["solution"]:
                        cell.outputs = self._checked(students, checks, cell.source, defined)
                        points_of(cell)
                        continue
                    cell.outputs = self._outputs(students, cell.source)
                    if role and role["locked"]:
                        self._checked(students, checks, cell.source, defined)
                except NotebookError as error:
                    raise NotebookError(f"{name}: {error}") from None
                if role and role["solution"]:
                    defined |= names_assigned(answers[name].source)

    def _time(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise NotebookError(f"the notebook took longer than {CELLS_OF_TIME * self.seconds:.0f} seconds")
        return min(self.seconds, left)

    def _outputs(self, students: CellProcess, source: str) -> list[NotebookNode]:
        seconds = self._time()
        reply = students.ask({"run": {"source": source, "seconds": seconds}}, seconds + GRACE)
        return self._trimmed(reply)

    def _checked(
        self, students: CellProcess, checks: CellProcess, source: str, defined: set[str]
    ) -> list[NotebookNode]:
        seconds = self._time()
        end = time.monotonic() + seconds
        if faults := self._bound(students, checks, sorted(names_used(source) & defined), seconds):
            return [v4.new_output("error", ename="TypeError", evalue=faults[0], traceback=[f"TypeError: {faults[0]}"])]
        checks.send(frames.packed({"run": {"source": source, "seconds": None}}))
        while True:
            reply = checks.reply(end - time.monotonic() + 2 * GRACE)
            if "call" not in reply:
                return self._trimmed(reply)
            left = end - time.monotonic()
            if left <= 0:
                late = {"late": f"interrupted after {seconds:.0f} seconds"}
                checks.send(frames.packed(late))
            else:
                students.send(frames.packed({"call": reply["call"] | {"seconds": left}}))
                checks.send(students.packed_reply(left + GRACE))

    def _bound(self, students: CellProcess, checks: CellProcess, names: list[str], seconds: float) -> list[str]:
        if not names:
            return []
        reply = students.ask({"read": {"names": names, "seconds": seconds}}, seconds * len(names) + GRACE)
        values = reply.get("values") if isinstance(reply, dict) else None
        if not isinstance(values, dict):
            raise NotebookError("its process answers with something else than values")
        bound = checks.ask({"bind": {name: values.get(name) for name in names}}, GRACE)
        return [str(one) for one in bound["faults"]]

    def _trimmed(self, reply: Any) -> list[NotebookNode]:
        try:
            outputs = [known for one in reply["outputs"] if (known := _known(one))]
        except (AttributeError, KeyError, TypeError, ValueError):
            raise NotebookError("its process answers with something else than outputs") from None
        self._left -= sum(len(str(one)) for one in outputs)
        if self._left < 0:
            outputs = [one for one in outputs if one.output_type == "error"]
            outputs.insert(0, v4.new_output("stream", text="[the notebook's outputs from here on were left out]\n"))
        return outputs


def _role(cell: NotebookNode) -> Mapping[str, Any] | None:
    role = cell.metadata.get("nbgrader")
    return role if role and "grade_id" in role else None


def _known(output: Any) -> NotebookNode | None:
    # An output is made anew of what a page can show, whatever the process has sent.
    kind = output["output_type"]
    if kind == "stream":
        name = "stderr" if output["name"] == "stderr" else "stdout"
        return v4.new_output("stream", name=name, text=str(output["text"]))
    if kind == "error":
        lines = [str(line) for line in output["traceback"]]
        return v4.new_output("error", ename=str(output["ename"]), evalue=str(output["evalue"]), traceback=lines)
    if kind in ("display_data", "execute_result"):
        data = {mime: text for mime, text in output["data"].items() if mime in _TEXT and isinstance(text, str)}
        data |= {mime: text for mime, text in output["data"].items() if mime in _IMAGES and _is_base64(text)}
        if "text/plain" in data and any(mark in data.get("text/html", "") for mark in _INTERACTIVE):
            del data["text/html"]
        return v4.new_output(kind, data=data) if data else None
    return None


def _is_base64(text: Any) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (AttributeError, binascii.Error, ValueError):
        return False
    return True


def points_of(cell: NotebookNode) -> float:
    """Return the points that an executed check gives: a finite number from 0 to its most, and 0 after an error.

    Raises:
        NotebookError: If it gives anything else.

    Example:
        >>> role = NotebookNode(points=2.0)
        >>> result = v4.new_output("execute_result", data={"text/plain": "nan"})
        >>> points_of(v4.new_code_cell(outputs=[result], metadata=NotebookNode(nbgrader=role)))
        Traceback (most recent call last):
        neuronlib.reproduction.course.isolation.processes.NotebookError: it gives 'nan', expected points from 0 to 2
    """
    most = float(cell.metadata["nbgrader"]["points"])
    if any(one.output_type == "error" for one in cell.outputs):
        return 0.0
    results = [one for one in cell.outputs if one.output_type == "execute_result"]
    if len(results) != 1:
        raise NotebookError("gives no number of points; see what comes before it")
    said = str(results[0].data.get("text/plain", ""))[:60]
    try:
        points = float(said)
    except ValueError:
        points = math.nan
    if not 0 <= points <= most:
        raise NotebookError(f"it gives {said!r}, expected points from 0 to {most:g}")
    return points


def names_assigned(source: str) -> set[str]:
    r"""Return the names that a cell defines.

    Example:
        >>> sorted(names_assigned("import math\ndef area(r):\n    square = r * r\n    return math.pi * square"))
        ['area', 'math']
    """
    table = _table(source)
    return {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()} if table else set()


def names_used(source: str) -> set[str]:
    r"""Return the names that a cell takes from other cells, or may take.

    Example:
        >>> sorted(names_used("def double(r):\n    return factor * r\ndouble(radius)"))
        ['double', 'factor', 'radius']
    """
    table = _table(source)
    return _globals(table) if table else set()


def _globals(table: symtable.SymbolTable) -> set[str]:
    own = {one.get_name() for one in table.get_symbols() if one.is_referenced() and one.is_global()}
    return own.union(*map(_globals, table.get_children()))


def _table(source: str) -> symtable.SymbolTable | None:
    try:
        return symtable.symtable(TransformerManager().transform_cell(source), "cell", "exec")
    except (SyntaxError, ValueError):
        return None
