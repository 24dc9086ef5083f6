"""What the first hour costs, in seconds, memory and disk: ``python -m benchmarks.first --help``."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from benchmarks.timing import interleaved, seconds, write
from neuronlib.common.progress import progress
from neuronlib.reproduction.analysis.performance import read_benchmark

ROOT = Path(__file__).parents[1]

STARTS = {
    "python, which does nothing": ["-c", ""],
    "import neuronlib": ["-c", "import neuronlib"],
    "import neuronlib and torch": ["-c", "import neuronlib as nl; nl.train"],
    "neuronlib --help": ["-m", "neuronlib", "--help"],
}
"""What is started, each time in a process of its own."""

# One epoch of five mini-batches of MNIST's shape, by as many networks as fit into the cache.
_STEPS = ["-m", "benchmarks.processes", "2", "4", "5"]

SETTINGS = ("mnist-relu-dropout", "small-fashion-relu-dropout", "cifar10-relu-dropout", "funnel-cifar10-relu-dropout")
"""One of each architecture, with Dropout, whose masks take memory."""

CHAPTER = "s1_setup"
"""The first chapter that a reader runs."""


def starts(repetitions: int) -> dict[str, list[float]]:
    """Seconds until a process has started and ended."""
    contestants = {name: partial(seconds, partial(_python, arguments)) for name, arguments in STARTS.items()}
    return interleaved(contestants, repetitions, "starts")


def first_steps(repetitions: int, compiling: bool = True) -> dict[str, list[float]]:
    """Seconds from the start of a process until its first epoch of training, of five steps, has ended."""
    with tempfile.TemporaryDirectory() as kept:
        contestants: dict[str, Callable[[], float]] = {"not compiled": lambda: seconds(lambda: _first_epoch("0", kept))}
        if compiling:
            contestants["compiled by an earlier process"] = lambda: seconds(lambda: _first_epoch("1", kept))
            contestants["compiled for the first time"] = _anew
        return interleaved(contestants, repetitions, "first steps")


def _anew() -> float:
    with tempfile.TemporaryDirectory() as empty:
        return seconds(lambda: _first_epoch("1", empty))


def _first_epoch(compiling: str, programs: str) -> None:
    _python([*_STEPS, compiling], input="\n", env={**os.environ, "TORCHINDUCTOR_CACHE_DIR": programs})


def _python(arguments: list[str], **options: Any) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE, **options)


def memory(names: tuple[str, ...], data: Path | None) -> dict[str, int]:
    """Peak bytes of ``neuronlib run``, for five networks, an epoch of training, and curves of four steps."""
    peaks = {}
    for name in progress(iterable=names, desc="memory"):
        with tempfile.TemporaryDirectory() as scratch:
            work = ["--networks", "5", "--epochs", "1", "--grid", "4", "--results", f"{scratch}/results"]
            where = ["--data", str(data)] if data else []
            command = [sys.executable, "-m", "neuronlib", "run", name, *work, *where]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
                peaks[name] = _peak(process)
            if process.returncode:
                raise subprocess.CalledProcessError(process.returncode, command)
    return peaks


def _peak(process: subprocess.Popen[bytes]) -> int:
    # The command and those that it starts, together, looked at twenty times a second.
    most = 0
    command = psutil.Process(process.pid)
    while process.poll() is None:
        total = 0
        try:
            for one in (command, *command.children(recursive=True)):
                total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
        most = max(most, total)
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            pass
    return most


def from_a_clone(tests: bool) -> dict[str, dict[str, float]]:
    """Seconds and bytes from a clone to the first chapter, the book and, if that is asked for, the tests."""
    with tempfile.TemporaryDirectory() as scratch:
        clone = Path(scratch, "clone")
        chapter = [".venv/bin/neuronlib", "notebook", CHAPTER, "--profile", "smoke", "-o", "chapter.ipynb"]
        steps = {
            "clone": ["git", "clone", "--quiet", f"file://{ROOT}", str(clone)],
            "packages": ["make", "--silent", "env"],
            "first chapter": chapter,
            "book, smoke profile": ["make", "--silent", "book", "PROFILE=smoke"],
            **({"tests": ["make", "--silent", "test"]} if tests else {}),
        }
        times: dict[str, float] = {}
        sizes: dict[str, float] = {}
        with progress(total=len(steps), desc="from a clone") as bar:
            for name, command in steps.items():
                cwd = clone if clone.exists() else Path(scratch)
                times[name] = seconds(partial(subprocess.run, command, check=True, stdout=sys.stderr, cwd=cwd))
                if name in ("clone", "packages", "book, smoke profile"):
                    sizes[name] = _bytes_of(clone) - sum(sizes.values())
                bar.update()
    return {"seconds": times, "bytes": sizes}


def _bytes_of(folder: Path) -> int:
    # Of the disk: packages are linked to the installer's store where that can be done, which counts all the same.
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def main(arguments: list[str] | None = None) -> None:
    """Measures all of it, or with --quick hardly anything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first", description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5, help="of each start and first step (%(default)s)")
    parser.add_argument("--data", type=Path, help="where MNIST and CIFAR-10 are (NEURONLIB_DATA, else data)")
    parser.add_argument("--out", type=Path, default=Path("results/bench"), help="where to write (%(default)s)")
    parser.add_argument(
        "--quick", action="store_true", help="try it out in half a minute, without settings and a clone"
    )
    parser.add_argument("--clone", action="store_true", help="only the clone; all else stays as the file has it")
    parser.add_argument("--tests", action="store_true", help="run the tests in the clone too, which takes long")
    options = parser.parse_args(arguments)
    if options.repetitions < 1:
        parser.error(f"--repetitions {options.repetitions}: expected at least 1")
    if not options.quick and shutil.which("git") is None:
        parser.error("git was not found; the clone is made with it")
    content: dict[str, Any] = {"memory": {}, "seconds": {}, "bytes": {}}
    if options.clone:
        content = read_benchmark("first", options.out)
        del content["machine"]
    else:
        repetitions = 1 if options.quick else options.repetitions
        content |= {"starts": starts(repetitions), "first_steps": first_steps(repetitions, not options.quick)}
    # A part takes minutes, so each is written as it is done.
    if not (options.quick or options.clone):
        content |= {"memory": memory(SETTINGS, options.data)}
        write(options.out, "first", content)
    if not options.quick:
        content |= from_a_clone(options.tests)
    write(options.out, "first", content)


if __name__ == "__main__":
    main()
