"""The book: its pages brought up to date, chapter by chapter, and rendered by Jupyter Book."""

import hashlib
import importlib.util
import io
import json
import platform
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from neuronlib.common.errors import NeuronlibError
from neuronlib.common.progress import progress
from neuronlib.common.regular_files import open_regular, unusable
from neuronlib.reproduction.book import chapters, notebooks
from neuronlib.reproduction.book.kernel import environment
from neuronlib.reproduction.compute.workers import each_done, processes
from neuronlib.reproduction.store.atomic import check_target, write_bytes
from neuronlib.reproduction.store.paths import BOOK, RESULTS

_LIBRARY = Path(__file__).parents[2]


class RenderingFailed(NeuronlibError):
    """Jupyter Book reported an error or a warning."""


def build(
    profile: str = "book",
    overrides: Mapping[str, Any] | None = None,
    folder: Path = BOOK,
    report: Callable[[str], object] = print,
    at_once: int = 1,
) -> None:
    """Execute every chapter on which something has changed since its page was written.

    A page depends on its source, its parameters, the stored results, the book's tables, the library, the pinned
    packages and Python's version. It does not depend on where the images lie: they are checked against known
    digests.

    Overrides reach each chapter that has the parameter, and ``report`` is called with a line for each chapter. Chapters
    that run side by side share the cores.

    Raises:
        ValueError: If the profile or an override is wrong, or no chapter is to be run at once.
        StoreError: If a page cannot be written.
        ChapterFailed: If a cell raises; that chapter's page is left as it was.

    Example:
        >>> build("no such profile")
        Traceback (most recent call last):
        ValueError: no profile 'no such profile'; there are: book, paper, smoke
    """
    table = chapters.profile(profile, folder)
    for written in (*(folder / f"{chapter}.ipynb" for chapter in chapters.chapters(folder)), zip_path(folder.parent)):
        check_target(written)
    plan: dict[str, dict[str, Any]] = {}
    for chapter in chapters.chapters(folder):
        declared = chapters.parameters(chapter, folder)
        wanted = {name: value for name, value in (overrides or {}).items() if name in declared}
        plan[chapter] = table.get(chapter, {}) | chapters.checked(chapter, wanted, folder)

    # What "neuronlib notebook" wrote has no digest, and may be hours of work.
    noted = {page: notebooks.record(page) for page in folder.glob("*.ipynb")}
    for page, note in noted.items():
        if note and "digest" not in note and page.stem in plan:
            raise ValueError(f'{page}: "neuronlib notebook" wrote it where a page of the book goes; move it elsewhere')
        if "digest" in note and page.stem not in plan:
            page.unlink()

    common = _digests(folder)
    changed = []
    for chapter, values in plan.items():
        digest = _digest(chapters.source_of(chapter, folder), values, common)
        if noted.get(folder / f"{chapter}.ipynb", {}).get("digest") == digest:
            report(f"{chapter:<28} unchanged")
        else:
            changed.append((chapter, values, folder, digest))
    # Long sources run long, on the whole; where they come last, the other processes wait for them.
    changed.sort(key=lambda task: -chapters.source_of(task[0], folder).stat().st_size)
    with (
        processes(min(at_once, max(1, len(changed)))) as executor,
        progress(total=len(changed), unit="chapter", desc="book") as bar,
    ):
        for (chapter, *_), seconds in each_done(_write_page, changed, executor):
            bar.update()
            with bar.external_write_mode():
                report(f"{chapter:<28} {seconds:7.1f} s")


def zip_path(root: Path) -> Path:
    """The file of all rendered pages, in the folder of the book's configuration."""
    return root / "_build" / "book.zip"


def _write_page(chapter: str, values: dict[str, Any], folder: Path, digest: str) -> float:
    start = time.perf_counter()
    notebook = notebooks.execute(chapter, values, folder=folder, cwd=folder.parent)
    notebook.metadata["neuronlib"]["digest"] = digest
    notebooks.write(notebook, folder / f"{chapter}.ipynb")
    return time.perf_counter() - start


def render(root: Path) -> Path:
    """Return the first page of the book, rendered to HTML by ``_config.yml`` and ``_toc.yml``; a warning is an error.

    All pages also go to ``_build/book.zip``, to hand on or to put on a server.

    Raises:
        FileNotFoundError: If there is no such folder.
        RenderingFailed: If Jupyter Book is not installed, fails or warns; the message is its output.
    """
    if importlib.util.find_spec("jupyter_book") is None:
        raise RenderingFailed("Jupyter Book is not installed; pip install 'neuronlib[book]'")
    jupyter_book = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    zipped = zip_path(root)
    zipped.unlink(missing_ok=True)  # it would pass for what is rendered now, if that is interrupted
    # All pages: where none has changed, Sphinx takes no changed style or extension, and warns of nothing a second time
    command = [sys.executable, "-c", jupyter_book, "build", ".", "--all", "-W", "-n", "--keep-going", "-q"]
    run = subprocess.run(
        command, cwd=root, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    index = root / "_build" / "html" / "index.html"
    if run.returncode != 0 or not index.is_file():
        # What was warned of is in it, and it would pass for a book
        shutil.rmtree(root / "_build", ignore_errors=True)
        raise RenderingFailed(f"Jupyter Book, exit code {run.returncode}:\n{run.stdout.strip()}")
    write_bytes(archive(index.parent), zipped)
    return index


def archive(pages: Path) -> bytes:
    r"""Zip a folder's files under ``book/``: the same files give the same bytes, whenever they were written.

    Returns:
        What the zip holds.

    Example:
        >>> archive(Path("no such folder"))[:4]
        b'PK\x05\x06'
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(path for path in pages.rglob("*") if path.is_file()):
            # Neither the file's date nor its rights: all are of 1980 and readable.
            entry = zipfile.ZipInfo(f"book/{file.relative_to(pages).as_posix()}")
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            zipped.writestr(entry, file.read_bytes())
    return content.getvalue()


def _digests(folder: Path) -> dict[str, str]:
    # Of the files on which every page depends. The library's .pyi say what its doors offer, its .csv what is claimed.
    library = [path for kind in ("py", "pyi", "csv") for path in _LIBRARY.rglob(f"*.{kind}")]
    results = [path for path in RESULTS.glob("*/[!.]*.*") if path.is_file() and not unusable(path)]
    digests = {
        f"{root.name}/{path.relative_to(root).as_posix()}": _digest_of(path)
        for root, files in ((_LIBRARY, library), (RESULTS, results))
        for path in files
    }
    packages = folder.parent / "requirements.txt"
    return digests | ({packages.name: _sha256(packages.read_bytes())} if packages.exists() else {})


def _digest(source: Path, values: dict[str, Any], common: dict[str, str]) -> str:
    inputs = {
        "source": _sha256(source.read_bytes()),
        "files": common,
        "values": values,
        "python": platform.python_version(),
    }
    return _sha256(json.dumps(inputs, sort_keys=True).encode())


def _digest_of(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
