"""What kills at random moments and an hour of work do to a store: ``python -m benchmarks.endurance --help``.

The command is the real one, with a setting of four networks that take seconds.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.timing import write
from neuronlib.common.progress import progress
from neuronlib.reproduction.compute import scheduler
from neuronlib.reproduction.store import netcdf

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "tiny.py"


def start(results: Path) -> subprocess.Popen:
    """The command, in a process of its own."""
    command = [sys.executable, str(TINY), "run", "tiny", "--results", str(results)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT)


def kills(count: int, seed: int) -> dict[str, Any]:
    """Kills the command at random moments, every second time as soon as it writes, and reads what is stored."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch, "whole", "results")
        begun = time.perf_counter()
        start(whole).wait()
        seconds = time.perf_counter() - begun
        expected = {path.name: netcdf.read(path) for path in _stored(whole)}
        outcome = {"kills": 0, "while_writing": 0, "finished": 0, "lost": 0, "altered": 0, "unreadable": 0}
        results = Path(scratch, "killed", "results")
        with progress(total=count, desc="kills") as bar:
            while outcome["kills"] < count:
                before = {path.name for path in _stored(results)}
                writing = bool(outcome["kills"] % 2)
                process = start(results)
                moment = time.perf_counter() + chance.uniform(0, 1.2 * seconds)
                while process.poll() is None and not (
                    any(_parts(results.parent)) if writing else time.perf_counter() > moment
                ):
                    time.sleep(0.0005)
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    outcome["kills"] += 1
                    outcome["while_writing"] += any(_parts(results.parent))
                    bar.update()
                process.wait()
                after = {path.name: path for path in _stored(results)}
                outcome["lost"] += len(before - set(after))
                for name, path in after.items():
                    try:
                        outcome["altered"] += not netcdf.read(path).equals(expected[name])
                    except netcdf.StoreError:
                        outcome["unreadable"] += 1
                if set(after) == set(expected) and process.returncode == 0:
                    outcome["finished"] += 1
                if set(after) == set(expected) or writing:
                    _clear(results.parent)
        return outcome


def _stored(results: Path) -> list[Path]:
    return sorted((results / "tiny").glob(f"[!.]*{netcdf.SUFFIX}"))


def _parts(folder: Path) -> Iterator[Path]:
    yield from folder.glob("*/*/.*.part")
    yield from folder.glob("weights/.*.part")


def _clear(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def hour(minutes: float, every: float) -> dict[str, Any]:
    """Runs in one process until the time is over, and notes memory, open files, threads and leftover files."""
    sys.path.insert(0, str(TINY.parent))
    from tiny import add_tiny

    notes: dict[str, list[float]] = {name: [] for name in ("minute", "jobs", "megabytes", "files", "threads", "left")}
    jobs: list[str] = []
    over = threading.Event()
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patch:
        add_tiny(patch)
        where = scheduler.Where(results=Path(scratch, "results"), weights=Path(scratch, "weights"), device="cpu")
        begun = time.perf_counter()

        def watch() -> None:
            own = psutil.Process()
            while not over.wait(every):
                now = {
                    "minute": (time.perf_counter() - begun) / 60,
                    "jobs": len(jobs),
                    "megabytes": own.memory_info().rss / 2**20,
                    "files": own.num_fds(),
                    "threads": own.num_threads(),
                    "left": len(netcdf.leftovers(Path(scratch))),
                }
                for name, value in now.items():
                    notes[name].append(round(value, 3))

        watching = threading.Thread(target=watch)
        watching.start()
        values, networks = 2, 0
        try:
            # Few networks more at a time, as each call begins with what is stored.
            while time.perf_counter() - begun < 60 * minutes:
                networks += 10
                scheduler.run([("tiny", networks)], where, report=jobs.append, values=values)
                if networks == 200:
                    values, networks = values + 1, 0
        finally:
            over.set()
            watching.join()
    return notes


def main() -> None:
    """Kills, then works; each writes its file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="how often it is killed (%(default)s)")
    parser.add_argument("--minutes", type=float, default=60, help="how long it works (%(default)s)")
    parser.add_argument("--every", type=float, default=10, help="seconds between two notes (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="decides when it is killed (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("results/bench"), help="where to write (%(default)s)")
    options = parser.parse_args()
    if options.kills:
        write(options.out, "kills", kills(options.kills, options.seed))
    if options.minutes:
        write(options.out, "hour", hour(options.minutes, options.every))


if __name__ == "__main__":
    main()
