"""Measures how fast the core is, against its rivals and the machine: ``python -m benchmarks --help``."""

import argparse
import functools
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
from benchmarks.processes import process_contest
from benchmarks.steps import step_contest
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
    parser.add_argument("--ablating", action="store_true", help="only points of ablation curves")
    parser.add_argument("--growth", action="store_true", help="only growth with networks and samples; needs no images")
    parser.add_argument("--cluster", action="store_true", help="only a cluster's scheduler, which needs no images")
    options = parser.parse_args(arguments)
    if options.repetitions < 1:
        parser.error(f"--repetitions {options.repetitions}: expected at least 1")
    quick, repetitions = options.quick, 1 if options.quick else options.repetitions
    sizes = (12, 500, 5) if quick else (200, 10_000, 16)

    @functools.cache
    def cases() -> dict[str, Case]:
        if quick:
            return {"mnist": Case("mnist-5k", options.data, steps=5, compiling=False)}
        return {"mnist": Case("mnist", options.data, steps=300), "cifar10": Case("cifar10", options.data, steps=40)}

    def steps() -> dict[str, Any]:
        processes = process_contest(repetitions, *((5, (2,), False) if quick else (300, (2, 6))))
        return {name: step_contest(case, repetitions) for name, case in cases().items()} | processes

    def ablating() -> dict[str, Any]:
        contests = {"mnist": ablate_contest(cases()["mnist"], repetitions, 1 if quick else 2, random_orders=10)}
        if not quick:
            # A point takes ten times as long.
            contests["cifar10"] = ablate_contest(cases()["cifar10"], min(repetitions, 3), networks=1, random_orders=1)
        return contests

    def growths() -> dict[str, Any]:
        if quick:
            tiny = growth([(1, 100)], compiling=False)
            return {"networks": tiny, "samples": tiny}
        return {"networks": growth([(k, 5000) for k in NETWORKS]), "samples": growth([(10, n) for n in SAMPLES])}

    contests: dict[str, Callable[[], dict[str, Any]]] = {
        "groups": lambda: group_contest(repetitions, *sizes),
        "lattices": lambda: lattice_contest(repetitions, *((10, 3) if quick else (1000, 4))),
        "watching": lambda: watch_contest(repetitions, *((10, 2) if quick else (100, 4))),
        "cluster": lambda: cluster_contest(repetitions, *(((1,), 10) if quick else (WORKERS, 1000))),
        "steps": steps,
        "limits": lambda: limits(repetitions),
        "training": lambda: {name: train_contest(case, repetitions) for name, case in cases().items()},
        "measuring": lambda: measure_contest(cases()["mnist"], repetitions, networks=2 if quick else 50),
        "ablating": ablating,
        "growth": growths,
    }
    chosen = [name for name in contests if getattr(options, name, False)]
    try:
        for name in chosen or contests:
            write(options.out, name, contests[name]())
    except DataError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
