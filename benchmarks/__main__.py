"""Measures how fast the core is, against its rivals and the machine: ``python -m benchmarks --help``."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.contests import (
    Case,
    ablate_contest,
    group_contest,
    lattice_contest,
    measure_contest,
    train_contest,
    watch_contest,
)
from benchmarks.timing import limits, machine
from neuronlib.common.progress import progress
from neuronlib.data.files import DataError
from neuronlib.reproduction.store.atomic import write_bytes

NETWORKS = (1, 2, 5, 10, 20, 50, 100, 200)
SAMPLES = (1000, 2000, 5000, 10_000, 20_000, 50_000)


def write(folder: Path, name: str, content: dict[str, Any]) -> None:
    """A file that is there whole or not at all, with the machine it was measured on."""
    text = json.dumps({"machine": machine(), **content}, indent=1) + "\n"
    write_bytes(text.encode(), folder / f"{name}.json")
    print(f"wrote {folder / name}.json", flush=True)


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
    options = parser.parse_args(arguments)
    if options.repetitions < 1:
        parser.error(f"--repetitions {options.repetitions}: expected at least 1")
    quick, repetitions = options.quick, 1 if options.quick else options.repetitions
    sizes = (12, 500, 5) if quick else (200, 10_000, 16)
    chosen = {name for name in ("groups", "lattices", "watching") if getattr(options, name)}
    wanted = chosen or {"groups", "lattices", "watching"}
    if "groups" in wanted:
        write(options.out, "groups", group_contest(repetitions, *sizes))
    if "lattices" in wanted:
        write(options.out, "lattices", lattice_contest(repetitions, *((10, 3) if quick else (1000, 4))))
    if "watching" in wanted:
        write(options.out, "watching", watch_contest(repetitions, *((10, 2) if quick else (100, 4))))
    if chosen:
        return
    try:
        mnist = Case("mnist-5k" if quick else "mnist", options.data, steps=5 if quick else 300, compiling=not quick)
        cases = {"mnist": mnist}
        if not quick:
            cases["cifar10"] = Case("cifar10", options.data, steps=40)
    except DataError as error:
        sys.exit(str(error))
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
