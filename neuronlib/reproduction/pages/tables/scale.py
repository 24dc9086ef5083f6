"""Tables of the chapter on scale: what a network costs, and what more of them take on more machines."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from IPython.display import Markdown

from neuronlib.reproduction.analysis.scale import Cost, hours
from neuronlib.reproduction.pages.tables.tables import table

TIMES = (1, 10, 100)
"""Multiples of the paper that the chapter counts."""
PLACES = {"a laptop": 8, "one big machine": 64, "40 tasks of a Slurm array, 16 cores each": 640, "Kubernetes": 5000}
"""Numbers of cores, by where they are."""


def cost_table(costs: Mapping[str, Cost]) -> Markdown:
    """Tabulate what a network of each architecture costs, and all of the paper's."""
    rows = [
        (
            name,
            cost.networks,
            cost.measured,
            f"{cost.core_seconds:.0f}",
            f"{cost.networks * cost.core_seconds / 3600:.1f}",
            f"{cost.size / 1e3:.0f}",
            f"{cost.networks * cost.size / 1e6:.1f}",
        )
        for name, cost in costs.items()
    ]
    total = (
        "all",
        sum(cost.networks for cost in costs.values()),
        sum(cost.measured for cost in costs.values()),
        "",
        f"{sum(cost.networks * cost.core_seconds for cost in costs.values()) / 3600:.1f}",
        "",
        f"{sum(cost.networks * cost.size for cost in costs.values()) / 1e6:.1f}",
    )
    header = ["architecture", "networks", "measured", "core-seconds each", "core-hours", "kB each", "MB"]
    return table(header, [*rows, total])


def places_table(costs: dict[str, Cost], rate: float) -> Markdown:
    """Tabulate how long multiples of the paper take in some places, and how large the store becomes."""
    size = sum(cost.networks * cost.size for cost in costs.values())
    header = ["where", "cores", *("the paper" if times == 1 else f"{times} × the paper" for times in TIMES)]
    rows = [
        (place, f"{cores:,}", *(_duration(hours(costs, times, np.array([float(cores)]), rate)[0]) for times in TIMES))
        for place, cores in PLACES.items()
    ]
    return table(header, [*rows, ("size of the store", "", *(_bytes(times * size) for times in TIMES))])


def saturation_table(measured: Mapping[str, Any], costs: Mapping[str, Cost]) -> Markdown:
    """Tabulate the scheduler's jobs a second by workers, with the workers that it could keep busy with real jobs."""
    seconds = _seconds_of_a_job(costs)
    rows = []
    for workers, rates in measured["jobs_per_second"].items():
        low, middle, high = np.quantile(rates, [0, 0.5, 1])
        rows.append((workers, f"{middle:,.0f} [{low:,.0f}, {high:,.0f}]", f"{float(f'{middle * seconds:.2g}'):,.0f}"))
    return table(["workers", "jobs a second", "workers kept busy by the book's jobs"], rows)


def _seconds_of_a_job(costs: Mapping[str, Cost]) -> float:
    jobs = sum(cost.networks / cost.together for cost in costs.values())
    return sum(cost.networks * cost.core_seconds for cost in costs.values()) / jobs


def most_jobs_per_second(measured: Mapping[str, Any]) -> float:
    """Return the largest median over numbers of workers."""
    return max(float(np.median(rates)) for rates in measured["jobs_per_second"].values())


def kills_told(kills: Mapping[str, Any]) -> Markdown:
    """Say what killing the command did to its store."""
    return Markdown(
        f"The command was killed {kills['kills']} times (signal 9) at random moments, of these "
        f"{kills['while_writing']} times while it wrote a file. Files lost: {kills['lost']}. "
        f"Files altered: {kills['altered']}. Files that could not be read: {kills['unreadable']}."
    )


def hour_told(notes: Mapping[str, Any]) -> Markdown:
    """Say how memory, open files and leftover files changed from the first tenth of the time to the last."""
    tenth = max(1, len(notes["minute"]) // 10)
    parts = []
    for name, words in (("megabytes", "memory (MB)"), ("files", "open files"), ("left", "temporary files")):
        first, last = np.median(notes[name][:tenth]), np.median(notes[name][-tenth:])
        parts.append(f"{words} {first:,.0f} at first, {last:,.0f} at the end")
    return Markdown(
        f"In {notes['minute'][-1]:.0f} minutes, one process finished {notes['jobs'][-1]:,.0f} jobs. "
        f"Medians over the first and the last tenth of the time: {'; '.join(parts)}."
    )


def _duration(value: float) -> str:
    if value >= 48:
        return f"{value / 24:,.0f} days"
    return f"{value:.0f} hours" if value >= 2 else f"{60 * value:.0f} minutes"


def _bytes(value: float) -> str:
    return f"{value / 1e9:.1f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"
