"""One process with two threads against two with a thread each: ``python -m benchmarks.processes 1 4 300 1`` is one."""

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.images import ENDLESS, random_images
from benchmarks.timing import interleaved, seconds
from neuronlib.networks.ensemble import samples_on
from neuronlib.networks.initialization import initialize
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.training import training


def process_contest(repetitions: int, steps: int, together: tuple[int, ...], compiling: bool = True) -> dict[str, Any]:
    """Seconds for one network and step of MNIST: one process with two threads, two processes with one thread each."""
    with contextlib.ExitStack() as running:

        def start(threads: int, k: int) -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "benchmarks.processes", *map(str, (threads, k, steps, int(compiling)))]
            return running.enter_context(subprocess.Popen(command, stdin=-1, stdout=-1, text=True))

        contestants = {}
        for k in together:
            contestants[f"one process, {k} networks"] = partial(_at_once, [start(2, k)])
            contestants[f"two processes, {k} networks each"] = partial(_at_once, [start(1, k), start(1, k)])
        return {"seconds": interleaved(contestants, repetitions, "processes")}


def _at_once(processes: Sequence[subprocess.Popen[str]]) -> float:
    for one in processes:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    answers = [one.stdout.readline() for one in processes if one.stdout is not None]
    return float(np.mean([float(answer) for answer in answers])) / len(processes)


def main(threads: int, together: int, steps: int, compiling: int) -> None:
    """For each line that comes, trains an epoch and prints the seconds of one network and step."""
    torch.set_num_threads(threads)
    setting = paper_setting("mnist", regularizer="none", epochs=ENDLESS if compiling else 5)
    data = random_images(steps * setting.batch_size)
    ensemble = initialize(setting, 784, 10, range(together))
    epochs = training._epochs(ensemble, *samples_on(torch.device("cpu"), data.train))
    for _ in sys.stdin:
        print(seconds(lambda: next(epochs)) / steps / together, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
