"""IPython without a kernel: a cell's outputs are collected up to a limit, as a notebook holds them."""

import base64
import contextlib
import io
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

LARGEST_OUTPUTS = 2 * 2**20
"""Characters that are kept of a cell's outputs."""

_LONGEST_LINE, _LONGEST_TRACEBACK = 10_000, 100
_LEFT_OUT = "\n[output beyond this was left out]\n"


class Outputs:
    """Outputs of one cell, in order; what comes beyond a number of characters is left out, and said so once."""

    def __init__(self, limit: int = LARGEST_OUTPUTS) -> None:
        self.limit = limit
        self._left = limit
        self._collected: list[dict[str, Any]] = []
        self._names: dict[str, dict[str, Any]] = {}

    def write(self, name: str, text: str) -> None:
        """Add text of a stream, "stdout" or "stderr"."""
        if not text:
            return
        kept = text[: max(self._left, 0)]
        last = self._collected[-1] if self._collected else {}
        if last.get("name") != name:
            last = {"output_type": "stream", "name": name, "pieces": []}
            self._collected.append(last)
        last["pieces"].append(kept)
        self._spend(len(text))

    def add(self, output: dict[str, Any], data: dict[str, Any], name: str | None = None) -> None:
        """Add an output that is kept or left out as a whole; one of a known display name replaces the earlier one."""
        texts = {mime: _text(one) for mime, one in data.items() if isinstance(one, str | bytes)}
        size = sum(map(len, texts.values()))
        output = output | {"data": texts}
        if name in self._names:
            self._names[name] |= output
        elif size <= max(self._left, 0):
            self._collected.append(output)
            if name:
                self._names[name] = output
        self._spend(size)

    def error(self, output: dict[str, Any]) -> None:
        """Add an error, which is short and decides on points, whatever came before it."""
        self._collected.append(output)

    def clear(self) -> None:
        """Remove all, as `IPython.display.clear_output` does."""
        self._collected.clear()
        self._names.clear()
        self._left = self.limit

    def collected(self) -> list[dict[str, Any]]:
        """Return the outputs as a notebook holds them."""
        return [_whole(one) for one in self._collected]

    def _spend(self, size: int) -> None:
        if size > self._left >= 0:
            self._collected.append({"output_type": "stream", "name": "stdout", "pieces": [_LEFT_OUT]})
            self._left = -1
        elif self._left >= 0:
            self._left -= size


def _text(content: str | bytes) -> str:
    return content if isinstance(content, str) else base64.b64encode(content).decode()


def _whole(output: dict[str, Any]) -> dict[str, Any]:
    if "pieces" not in output:
        return output
    # A carriage return starts a line anew, as a bar of progress does.
    text = re.sub(r"^.*\r(?=[^\n])", "", "".join(output["pieces"]), flags=re.MULTILINE)
    return {"output_type": "stream", "name": output["name"], "text": text}


class _Stream(io.TextIOBase):
    def __init__(self, outputs: Outputs, name: str) -> None:
        self.outputs, self.stream = outputs, name

    def write(self, text: str) -> int:
        self.outputs.write(self.stream, text)
        return len(text)

    def writable(self) -> bool:
        return True


class _Publisher(DisplayPublisher):
    shell: "Shell"

    def publish(self, data: Any, *_: Any, transient: Any = None, **__: Any) -> None:
        name = (transient or {}).get("display_id")
        self.shell.outputs.add({"output_type": "display_data"}, data, name)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class _Hook(DisplayHook):
    shell: "Shell"

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.outputs.add({"output_type": "execute_result"}, format_dict)


class Shell(InteractiveShell):
    """An IPython that collects what a cell puts out."""

    outputs: Outputs = Outputs()
    settings: ClassVar[Config] = Config({"HistoryManager": {"enabled": False}})

    @classmethod
    def start(cls) -> "Shell":
        """Start the one shell of this process."""
        return cls.instance(config=cls.settings, display_pub_class=_Publisher, displayhook_class=_Hook)

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run a cell; errors are among its outputs."""
        self.outputs = Outputs()
        with self._collecting(self.outputs):
            self.run_cell(source, store_history=True)
        return self.outputs.collected()

    def call(self, name: str, arguments: list[Any], named: dict[str, Any]) -> Any:
        """Call a function that a cell has defined; what it prints is dropped."""
        with self._collecting(Outputs(limit=0)):
            return self.user_ns[name](*arguments, **named)

    @contextlib.contextmanager
    def _collecting(self, outputs: Outputs) -> Iterator[None]:
        out, error = _Stream(outputs, "stdout"), _Stream(outputs, "stderr")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            yield

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        lines = [line[:_LONGEST_LINE] for line in stb[-_LONGEST_TRACEBACK:]]
        output = {"output_type": "error", "ename": etype.__name__, "evalue": str(evalue)[:_LONGEST_LINE]}
        self.outputs.error(output | {"traceback": lines})
