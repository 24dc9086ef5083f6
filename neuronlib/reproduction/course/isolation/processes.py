"""A process of cells as the grader sees it: it is asked, watched, and ended with all that it has started."""

import base64
import contextlib
import ctypes
import importlib.metadata
import json
import os
import selectors
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from neuronlib.common.errors import NeuronlibError
from neuronlib.reproduction.course.isolation import frames
from neuronlib.reproduction.course.isolation.sandbox import DISK, MEMORY, PROCESSES, Protection, environment

GRACE = 10.0
"""Seconds that a process has to answer after its cell should have been interrupted."""

_START = 120.0
_LOOK = 0.25
_SUBREAPER = 36  # of Linux's prctl


class NotebookError(NeuronlibError):
    """A notebook that cannot be graded, with the reason."""


class CellProcess:
    """A process that runs cells in a sandbox.

    Raises:
        NotebookError: From its methods, if it has ended, does not answer in time, takes too much memory, or answers
            with something else than a message.
    """

    def __init__(self, process: subprocess.Popen[bytes], errors: Path) -> None:
        self.process = process
        self.errors = errors
        self._replies = selectors.DefaultSelector()
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._replies.register(process.stdout, selectors.EVENT_READ)

    def ask(self, message: Any, seconds: float) -> Any:
        """Send a message and return the reply."""
        self.send(frames.packed(message))
        return self.reply(seconds)

    def send(self, content: bytes) -> None:
        """Send a packed message."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(content)
            self.process.stdin.flush()
        except OSError:
            raise NotebookError("its process has ended") from None

    def reply(self, seconds: float) -> Any:
        """Wait for the next message."""
        content = self.packed_reply(seconds)[frames.HEADER.size :]
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise NotebookError("its process answers with something else than a result") from None

    def packed_reply(self, seconds: float) -> bytes:
        """Wait for the next message, and return it as it came."""
        deadline = time.monotonic() + seconds
        header = self._bytes(frames.HEADER.size, deadline)
        (size,) = frames.HEADER.unpack(header)
        if size > frames.LARGEST:
            raise NotebookError("its process answers with something else than a result")
        return header + self._bytes(size, deadline)

    def _bytes(self, number: int, deadline: float) -> bytes:
        assert self.process.stdout is not None
        received = bytearray()
        while len(received) < number:
            if not self._replies.select(_LOOK):
                self._watch(deadline)
                continue
            part = os.read(self.process.stdout.fileno(), number - len(received))
            if not part:
                raise NotebookError(f"its process has ended{self._why()}")
            received += part
        return bytes(received)

    def _watch(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise NotebookError("a cell ran too long and could not be interrupted, as where it catches all exceptions")
        processes = [self.process.pid, *(one.pid for one in _descendants(self.process.pid))]
        if sum(map(_memory, processes)) > MEMORY:
            raise NotebookError(f"its processes took more than {MEMORY / 2**30:.0f} GB of memory")

    def _why(self) -> str:
        said = self.errors.read_bytes()[:1000].decode(errors="replace").strip()
        return f": {said.splitlines()[-1]}" if said else ""


def _memory(process: int) -> int:
    try:
        return int(psutil.Process(process).memory_info().rss)
    except psutil.Error:
        return 0


@contextlib.contextmanager
def cell_process(
    protection: Protection, course: Path, files: Mapping[str, bytes], seconds: float
) -> Iterator[CellProcess]:
    """Start a process of cells; when the body ends, it is ended, and so is all that it has started.

    Args:
        protection: Its sandbox.
        course: The course's folder, which it does not see.
        files: The content of each file that it finds in its folder.
        seconds: Time that it may take altogether.

    Yields:
        The process.

    Raises:
        NotebookError: If it cannot be started.
    """
    limits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": int(seconds) * (os.cpu_count() or 1),
        "RLIMIT_DATA": MEMORY,
        "RLIMIT_FSIZE": DISK,
        "RLIMIT_NOFILE": 1024,
        # Where all of a user's processes count, those that are there count, too.
        "RLIMIT_NPROC": PROCESSES + _threads(),
    }
    before = {one.pid for one in _descendants(os.getpid())}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, _adopting():
        own = Path("/tmp") if protection.complete else Path(scratch)
        errors = Path(scratch, ".errors")
        module = ["-P", "-m", "neuronlib.reproduction.course.isolation.worker"]
        with errors.open("wb") as said:
            process = subprocess.Popen(
                protection.command(module, course),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=environment(own),
                cwd="/" if protection.complete else scratch,
                start_new_session=True,
            )
        try:
            cells = CellProcess(process, errors)
            contents = {name: base64.b64encode(content).decode() for name, content in files.items()}
            ready = cells.ask({"limits": limits, "files": contents}, _START)
            version = importlib.metadata.version("neuronlib")
            if ready != {"ready": version}:
                raise NotebookError(f"its sandbox has another version of neuronlib; expected {version}")
            yield cells
        finally:
            _end(process, before)
            if protection.stop:
                subprocess.run(protection.stop, capture_output=True, timeout=60)


def _threads() -> int:
    mine = (one.info for one in psutil.process_iter(["uids", "num_threads"]))
    return sum(one["num_threads"] or 0 for one in mine if one["uids"] and one["uids"].real == os.getuid())


def _descendants(process: int) -> list[psutil.Process]:
    try:
        return psutil.Process(process).children(recursive=True)
    except psutil.Error:
        return []


@contextlib.contextmanager
def _adopting() -> Iterator[None]:
    # What a process of cells has left behind becomes a child of this process, where it can be seen and ended.
    set_option: Callable[..., int] = getattr(ctypes.CDLL(None), "prctl", lambda *_: 0)
    set_option(_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        set_option(_SUBREAPER, 0, 0, 0, 0)


def _is_over(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True


def _end(process: subprocess.Popen[bytes], before: set[int]) -> None:
    started: list[psutil.Process] = []
    deadline = time.monotonic() + GRACE
    # What is started meanwhile is ended in the next round.
    while time.monotonic() < deadline:
        started = [one for one in _descendants(os.getpid()) if one.pid not in before]
        running = [one for one in started if not _is_over(one)]
        if not running:
            break
        for one in running:
            with contextlib.suppress(psutil.Error):
                one.kill()
        time.sleep(0.01)
    process.kill()
    process.wait()
    for one in started:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(one.pid, os.WNOHANG)
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            pipe.close()  # type: ignore[union-attr]  # both are pipes
