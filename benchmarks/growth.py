"""Time and memory of one size of work, in a process of its own: ``python -m benchmarks.growth NETWORKS SAMPLES 1``."""

import json
import statistics
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.images import first, random_images
from benchmarks.timing import interleaved, seconds
from neuronlib.ablation.cumulative import ablate
from neuronlib.ablation.orders import ablation_orders
from neuronlib.information.measuring import measure
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.training import training

STEPS = tuple(range(0, 101, 10))
REPETITIONS = 3


def main(networks: int, samples: int, compiling: bool) -> None:
    """Prints seconds of training an epoch, measuring and ablating the first layer, and the memory all that took."""
    data = random_images(samples)
    setting = paper_setting("mnist", regularizer="none", epochs=1)
    warm_up = replace(data, train=first(data.train, 64), validation=first(data.test, 8), test=first(data.test, 8))
    if compiling:
        training._WORTH_COMPILING = 0
    training.train(setting, warm_up, range(networks), "cpu")
    before = _status("VmRSS")
    ensemble, _ = training.train(setting, data, range(networks), "cpu")
    orders = ablation_orders(measure(ensemble, data.validation), "1", random_orders=10, seed=0)
    work = {
        "training": lambda: seconds(lambda: training.train(setting, data, range(networks), "cpu")),
        "measuring": lambda: seconds(lambda: measure(ensemble, data.validation)),
        "ablating": lambda: seconds(lambda: ablate(ensemble, data.test, orders, steps=STEPS)),
    }
    times = interleaved(work, REPETITIONS, "growth")
    medians = {stage: statistics.median(some) for stage, some in times.items()}
    print(json.dumps({**medians, "bytes": _status("VmHWM") - before}))


def _status(entry: str) -> int:
    # Memory of this process in bytes; getrusage would count what the parent had when it started this one.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(entry):
            return 1024 * int(line.split()[1])
    raise OSError(f"/proc/self/status has no entry {entry}; growth is measured on Linux")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1")
