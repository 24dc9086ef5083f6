"""Clocks, interleaved repetitions, and what the machine can do at most."""

import datetime
import json
import platform
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from neuronlib.common.progress import progress
from neuronlib.reproduction.store.atomic import write_bytes

COPIED = (2**20, 2**22, 2**24, 2**26, 2**28)
"""Bytes of the working sets whose copying is timed."""


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """How long something takes, on average over some times in a row."""
    start = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) / times


def interleaved(contestants: Mapping[str, Callable[[], float]], repetitions: int, title: str) -> dict[str, list[float]]:
    """Lets each contestant work once to warm up, then in turn, so that a change of the machine's speed meets all."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    with progress(total=(repetitions + 1) * len(contestants), desc=title) as bar:
        for repetition in range(repetitions + 1):
            for name, once in contestants.items():
                result = once()
                if repetition:
                    times[name].append(result)
                bar.update()
    return times


def machine() -> dict[str, Any]:
    """What absolute times are of."""
    models = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    caches = _lines("/sys/devices/system/cpu/cpu0/cache/index3/size") or ["0K"]
    return {
        "processor": (models or [platform.processor()])[0],
        "threads": torch.get_num_threads(),
        "cache_bytes": int(caches[0].rstrip("K")) * 1024,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "date": datetime.date.today().isoformat(),
    }


def write(folder: Path, name: str, content: dict[str, Any]) -> None:
    """A file that is there whole or not at all, with the machine it was measured on."""
    text = json.dumps({"machine": machine(), **content}, indent=1) + "\n"
    write_bytes(text.encode(), folder / f"{name}.json")
    print(f"wrote {folder / name}.json", flush=True)


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def limits(repetitions: int) -> dict[str, Any]:
    """The two ceilings: operations a second of a large matrix product, bytes a second of copies."""
    a, b, c = (torch.randn(1024, 1024) for _ in range(3))
    contestants: dict[str, Callable[[], float]] = {
        "product": lambda: 2 * 1024**3 / seconds(lambda: torch.mm(a, b, out=c), 10)
    }
    contestants |= {str(size): partial(_copied, size) for size in COPIED}
    measured = interleaved(contestants, repetitions, "ceilings")
    return {"operations_per_second": measured.pop("product"), "bytes_per_second": measured}


def _copied(size: int) -> float:
    source, target = torch.zeros(2, size // 8).unbind()
    return size / seconds(lambda: target.copy_(source), max(1, 2**28 // size))
