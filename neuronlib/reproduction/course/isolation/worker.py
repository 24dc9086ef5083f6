"""A process of cells: runs them, and answers for the functions and values that they define.

The grader starts two for each notebook. The student's cells run in one. The checks run in the other, where a student's
function is a stand-in: its arguments go to the first process and its result comes back, as plain data.
"""

import base64
import importlib.metadata
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from neuronlib.reproduction.course.isolation import frames, plain_data
from neuronlib.reproduction.course.isolation.shell import Shell


class CellTimeoutError(BaseException):
    """A cell, or a function that a check called, ran too long."""


class StudentFunction:
    """A stand-in for a student's function, which runs in the process of the student's cells."""

    def __init__(self, name: str, ask: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self.name = name
        self._ask = ask

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the student's function, and change the arguments that it has changed."""
        call = {"name": self.name, "arguments": plain_data.encode(list(arguments)), "named": plain_data.encode(named)}
        reply = self._ask({"call": call})
        if "late" in reply:
            raise CellTimeoutError(reply["late"])
        if "raised" in reply:
            name, message = map(str, reply["raised"])
            raise _error(name, message)
        for place, changed in reply["changed"]:
            _change(arguments[place], plain_data.decode(changed))
        return plain_data.decode(reply["result"])


def _error(name: str, message: str) -> Exception:
    # Checks tell what is not written yet from what fails; of other errors they say the name.
    kind = NotImplementedError if name == "NotImplementedError" else Exception
    return type(name if name.isidentifier() else "Exception", (kind,), {})(message)


def _change(argument: Any, changed: Any) -> None:
    # A check sees what a student's function does to what it is given.
    if isinstance(argument, list):
        argument[:] = changed
    elif isinstance(argument, dict | set):
        argument.clear()
        argument.update(changed)
    else:
        argument[...] = changed


class _Worker:
    def __init__(self, requests: BinaryIO, replies: int) -> None:
        self.requests, self.replies = requests, replies
        self.shell = Shell.start()

    def serve(self) -> None:
        while True:
            try:
                ((kind, content),) = frames.read(self.requests).items()
            except EOFError:
                return
            self.reply({"run": self.run, "read": self.read, "bind": self.bind, "call": self.call}[kind](content))

    def reply(self, message: dict[str, Any]) -> None:
        try:
            content = memoryview(frames.packed(message))
        except ValueError as error:
            content = memoryview(frames.packed({"raised": ["ValueError", str(error)]}))
        while content:
            content = content[os.write(self.replies, content) :]

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        self.reply(message)
        return frames.read(self.requests)

    def run(self, content: dict[str, Any]) -> dict[str, Any]:
        with _Alarm(content["seconds"]):
            outputs = self.shell.run(content["source"])
        return {"outputs": outputs}

    def read(self, content: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name in content["names"]:
            if name not in self.shell.user_ns:
                continue
            value = self.shell.user_ns[name]
            try:
                with _Alarm(content["seconds"]):
                    values[name] = {"function": True} if callable(value) else {"data": plain_data.encode(value)}
            except BaseException as error:
                values[name] = {"fault": f"{name}: {type(error).__name__}: {error}"}
        return {"values": values}

    def bind(self, values: dict[str, Any]) -> dict[str, Any]:
        faults = []
        for name, value in values.items():
            self.shell.user_ns.pop(name, None)
            if value is None:
                continue
            if "function" in value:
                self.shell.user_ns[name] = StudentFunction(name, self.ask)
            elif "data" in value:
                self.shell.user_ns[name] = plain_data.decode(value["data"])
            else:
                faults.append(str(value["fault"]))
        return {"faults": faults}

    def call(self, content: dict[str, Any]) -> dict[str, Any]:
        try:
            arguments = plain_data.decode(content["arguments"])
            before = [plain_data.encode(one) for one in arguments]
            with _Alarm(content["seconds"]):
                result = self.shell.call(content["name"], arguments, plain_data.decode(content["named"]))
                after = [plain_data.encode(one) for one in arguments]
                changed = [[place, one] for place, one in enumerate(after) if one != before[place]]
                return {"result": plain_data.encode(result), "changed": changed}
        except CellTimeoutError as error:
            return {"late": str(error)}
        except BaseException as error:  # whatever a student's function raises, SystemExit included
            return {"raised": [type(error).__name__, str(error)[:2000]]}


class _Alarm:
    """Interrupt the body after a number of seconds; never, for None."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        def late(*_: Any) -> None:
            raise CellTimeoutError(f"interrupted after {self.seconds:.0f} seconds")

        if self.seconds is not None:
            signal.signal(signal.SIGALRM, late)
            signal.setitimer(signal.ITIMER_REAL, max(self.seconds, 0.01))

    def __exit__(self, *_: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit(limits: dict[str, int]) -> None:
    for name, most in limits.items():
        kind = getattr(resource, name)
        _, allowed = resource.getrlimit(kind)
        most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(kind, (most, most))


def main() -> None:
    """Serve the grader, which is at the other end of standard input and output."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    begin = frames.read(requests)
    _limit(begin["limits"])
    folder = tempfile.mkdtemp(prefix="notebook-")
    for name, content in begin["files"].items():
        file = Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(content))
    os.chdir(folder)
    sys.path.insert(0, folder)
    worker = _Worker(requests, replies)
    worker.reply({"ready": importlib.metadata.version("neuronlib")})
    worker.serve()


if __name__ == "__main__":
    main()
