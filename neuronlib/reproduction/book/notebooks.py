"""Chapters as notebooks: exported, executed by papermill, and written."""

import asyncio
import contextlib
import hashlib
import json
import signal
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from neuronlib.common.errors import NeuronlibError
from neuronlib.common.progress import hidden
from neuronlib.common.regular_files import read_regular
from neuronlib.reproduction.book.chapters import KERNEL, checked, how_to_run, profile, read
from neuronlib.reproduction.pages.figures.svg import shortened
from neuronlib.reproduction.store.atomic import write_bytes
from neuronlib.reproduction.store.paths import BOOK

MOST_BYTES = 2**28
"""Bytes that a notebook may hold; the book's largest takes 2 MB."""


class ChapterFailed(NeuronlibError):
    """A cell of a chapter raised an exception, or its kernel died."""


def export(chapter: str, folder: Path = BOOK) -> NotebookNode:
    """Read a chapter as a notebook without outputs, fit for plain papermill; the same for the same source."""
    return _normalised(read(chapter, folder), {"chapter": chapter})


def execute(
    chapter: str, given: Mapping[str, Any], using: str | None = None, folder: Path = BOOK, cwd: Path | None = None
) -> NotebookNode:
    """Return a chapter with outputs: given values go before those of the profile ``using``, and these before its own.

    The last cell says how to run it. Beside outputs, nothing changes from run to run. The kernel runs in ``cwd``, or
    in the current directory, by this Python, without a user's settings of Python, Jupyter or matplotlib.

    Raises:
        ValueError: If there is no such chapter or profile, or if a parameter is unknown or a value wrong.
        ChapterFailed: If a cell raises or the kernel dies, in one line that names the chapter, the cell and the error.

    Example:
        >>> execute("s1_setup", {"networks": 1.5})
        Traceback (most recent call last):
        ValueError: networks = 1.5: input should be a valid integer
    """
    import papermill

    from neuronlib.reproduction.book.kernel import ThisPython

    values = checked(chapter, given, folder)
    if using is not None:
        values = profile(using, folder).get(chapter, {}) | values
    try:
        # In a folder of its own, IPython finds neither a user's settings nor files to run first.
        with tempfile.TemporaryDirectory() as scratch:
            notebook = papermill.execute_notebook(
                export(chapter, folder),
                None,
                values,
                kernel_name=KERNEL["name"],
                kernel_manager_class=ThisPython,
                progress_bar={"desc": chapter, "leave": False, "dynamic_ncols": True, "disable": hidden()},
                cwd=cwd,
                on_cell_start=_let_interrupts_through,
                # The kernel warns of itself at every start.
                extra_arguments=["--log-level=CRITICAL", f"--ipython-dir={scratch}"],
            )
    except papermill.PapermillExecutionError as error:
        first_line = error.source.strip().partition("\n")[0]
        last_line = error.evalue.strip().rpartition("\n")[2]
        where = f"{chapter}, cell [{error.exec_count}] {first_line!r}"
        raise ChapterFailed(f"{where}: {error.ename}: {last_line}") from None
    except RuntimeError as error:
        raise ChapterFailed(f"{chapter}: {str(error).strip()}") from None
    notebook.cells.append(new_markdown_cell(how_to_run(chapter, values, folder)))
    return _normalised(notebook, {"chapter": chapter, "parameters": values})


def write(notebook: NotebookNode, path: Path) -> None:
    """Write or replace a notebook's file, wholly or not at all; raise StoreError if that fails."""
    write_bytes(f"{nbformat.writes(notebook)}\n".encode(), path)


def record(path: Path) -> dict[str, Any]:
    """Return what neuronlib noted in a notebook; empty unless it wrote it and nobody has edited its cells since.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write(export("s1_setup"), Path(folder) / "s1_setup.ipynb")
        ...     record(Path(folder) / "s1_setup.ipynb")["chapter"]
        's1_setup'
        >>> record(Path("no such notebook.ipynb"))
        {}
    """
    try:
        notebook = json.loads(read_regular(path, MOST_BYTES))
        note = notebook["metadata"]["neuronlib"]
        return note if note["cells"] == _fingerprint(notebook["cells"]) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


async def _let_interrupts_through(**_: Any) -> None:
    # nbclient takes an interrupt for its own and would report a dead kernel in its place
    with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)


def _fingerprint(cells: Iterable[Mapping[str, Any]]) -> str:
    sources = ["".join(cell["source"]) for cell in cells]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def _normalised(notebook: NotebookNode, note: dict[str, Any]) -> NotebookNode:
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        tags = cell.metadata.pop("tags", [])
        if "injected-parameters" in tags:
            tags.append("hide-input")
        if tags:
            cell.metadata["tags"] = tags
        if cell.cell_type == "code":
            cell.outputs = [_lighter(output) for output in _merged(cell.outputs)]
        if "figure" in cell.metadata.get("mystnb", {}):
            # caption and label are for one output, and what a plotting function returns would be another
            cell.outputs = [output for output in cell.outputs if _is_image(output)] or cell.outputs
    kept = {name: notebook.metadata[name] for name in ("language_info",) if name in notebook.metadata}
    cells = _fingerprint(notebook.cells)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "neuronlib": note | {"cells": cells}} | kept)
    return notebook


def _lighter(output: NotebookNode) -> NotebookNode:
    svg = output.get("data", {}).get("image/svg+xml")
    if svg is not None:
        output.data["image/svg+xml"] = shortened("".join(svg))
    return output


def _is_image(output: NotebookNode) -> bool:
    return any(kind.startswith("image/") for kind in output.get("data", {}))


def _merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    # how a stream is cut into pieces depends on timing; standard error holds only noise of the kernel's
    merged: list[NotebookNode] = []
    for output in outputs:
        if output.get("name") == "stderr":
            continue
        if merged and output.get("name") == "stdout" == merged[-1].get("name"):
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged
