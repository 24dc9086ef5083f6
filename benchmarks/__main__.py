"""Measures how fast the core is, against its rivals and the machine: ``python -m benchmarks --help``."""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.cluster import cluster_contest
from benchmarks.contests import (
    Case,
    ablate_contest,
    group_contest,
    lattice_contest,
    measure_contest,
    train_contest,
    watch_contest,
)
from benchmarks.steps import process_contest, step_contest
from benchmarks.timing import limits, write
from neuronlib.common.progress import progress
from neuronlib.data.files import DataError

NETWORKS = (1, 2, 5, 10, 20, 50, 100, 200)
WORKERS = (2, 4, 8)
SAMPLES = (1000, 2000, 5000, 10_000, 20_000, 50_000)


def growth(sizes: list[tuple[int, int]], compiling: bool = True) -> list[dict[str, Any]]:
    """Time and memory of some networks with some samples, each size in a process of its own."""
    grown = []
    with progress(total=len(sizes), desc="growth") as bar:
        for networks, samples in sizes:
            command = [sys.executable, "-m", "benchmarks.growth", str(networks), str(samples), str(int(compiling))]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
            grown.append({"networks": networks, "samples": samples, **json.loads(done.stdout)})
            bar.update()
    return grown


def main(arguments: list[str] | None = None) -> None:
    """Measures everything, or with --quick hardly anything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--data", type=Path, help="where MNIST and CIFAR-10 are (NEURONLIB_DATA, else data)")
    parser.add_argument("--out", type=Path, default=Path("results/bench"), help="where to write (%(default)s)")
    parser.add_argument("--repetitions", type=int, default=7, help="of each contestant (%(default)s)")
    parser.add_argument(
        "--quick", action="store_true", help="try it out in a minute, on mnist-5k; numbers mean nothing"
    )
    parser.add_argument("--groups", action="store_true", help="only pairs and triplets, which need no images")
    parser.add_argument("--lattices", action="store_true", help="only groups of four neurons, which need no images")
    parser.add_argument("--watching", action="store_true", help="only a small CNN, which needs no images")
    parser.add_argument("--steps", action="store_true", help="only a training step, part by part")
    parser.add_argument("--cluster", action="store_true", help="only a cluster's scheduler, which needs no images")
    options = parser.parse_args(arguments)
    if options.repetitions < 1:
        parser.error(f"--repetitions {options.repetitions}: expected at least 1")
    quick, repetitions = options.quick, 1 if options.quick else options.repetitions
    sizes = (12, 500, 5) if quick else (200, 10_000, 16)
    without_images: dict[str, Callable[[], dict[str, Any]]] = {
        "groups": lambda: group_contest(repetitions, *sizes),
        "lattices": lambda: lattice_contest(repetitions, *((10, 3) if quick else (1000, 4))),
        "watching": lambda: watch_contest(repetitions, *((10, 2) if quick else (100, 4))),
        "cluster": lambda: cluster_contest(repetitions, *(((1,), 10) if quick else (WORKERS, 1000))),
    }
    chosen = [name for name in without_images if getattr(options, name)]
    for name in chosen or ([] if options.steps else without_images):
        write(options.out, name, without_images[name]())
    if chosen and not options.steps:
        return
    try:
        mnist = Case("mnist-5k" if quick else "mnist", options.data, steps=5 if quick else 300, compiling=not quick)
        cases = {"mnist": mnist}
        if not quick:
            cases["cifar10"] = Case("cifar10", options.data, steps=40)
    except DataError as error:
        sys.exit(str(error))
    processes = process_contest(repetitions, *((5, (2,), False) if quick else (300, (2, 6))))
    write(options.out, "steps", {name: step_contest(case, repetitions) for name, case in cases.items()} | processes)
    if options.steps:
        return
    write(options.out, "limits", limits(repetitions))
    write(options.out, "training", {name: train_contest(case, repetitions) for name, case in cases.items()})
    write(options.out, "measuring", measure_contest(mnist, repetitions, networks=2 if quick else 50))
    write(options.out, "ablating", ablate_contest(mnist, repetitions, networks=1 if quick else 2))
    if quick:
        tiny = growth([(1, 100)], compiling=False)
        grown = {"networks": tiny, "samples": tiny}
    else:
        grown = {"networks": growth([(k, 5000) for k in NETWORKS]), "samples": growth([(10, n) for n in SAMPLES])}
    write(options.out, "growth", grown)


if __name__ == "__main__":
    main()
