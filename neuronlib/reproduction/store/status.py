"""What of the paper's settings is stored, and what is missing, stale or damaged."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuronlib.reproduction.design.jobs import STAGES, Job
from neuronlib.reproduction.design.protocol import FIRST_PILOT, RunProtocol, best_epochs
from neuronlib.reproduction.design.settings import PaperSetting, named
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.paths import RESULTS
from neuronlib.reproduction.store.results import job_path, jobs_in, pilots


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is stored of a setting.

    Attributes:
        name: The setting.
        panel: The figure of the paper that shows it, or the section that names it; "" if none does.
        epochs: The chosen number of epochs, or None without pilots.
        networks: How many networks are stored.
        wanted: How many the paper has.
        stale: Files of another version of the core or another configuration.
        damaged: Files that are damaged, hold what they should not, or belong under another name.
        unread: Files that reading failed for, and why, by name.
        others: How many networks were computed with other options of ``neuronlib run`` than the book's, by option.
        seconds: How long a network takes on all cores, as far as those that are stored tell, or None.
    """

    name: str
    panel: str
    epochs: int | None
    networks: int
    wanted: int
    stale: tuple[str, ...]
    damaged: tuple[str, ...]
    unread: Mapping[str, str]
    others: Mapping[str, int]
    seconds: float | None


def status(names: Sequence[str], folder: Path = RESULTS) -> list[Status]:
    """Return what is stored of each setting, after reading and verifying every file.

    Raises:
        ValueError: If there is no such setting.
    """
    settings = {name: named(name) for name in names}
    # All at once, so that some files are unpacked while others are read.
    files: dict[str, list[netcdf.Examined]] = {name: [] for name in settings}
    for one in netcdf.examined(*(folder / name for name in settings)):
        files[one.path.relative_to(folder).parts[0]].append(one)
    return [_status(name, setting, folder, files[name]) for name, setting in settings.items()]


def _status(name: str, setting: PaperSetting, folder: Path, files: Sequence[netcdf.Examined]) -> Status:
    sound = {path: attributes for path, attributes, fault in files if not fault}
    current: dict[Path, Job] = {}
    epochs = None
    pilot = RunProtocol.of(setting).pilot_job(setting)
    if job_path(pilot, folder / name) in sound:
        epochs = best_epochs(pilots(name, folder))
        current[job_path(pilot, folder / name)] = pilot
        for job in jobs_in(folder / name, setting, epochs):
            if job_path(job, folder / name) in sound:
                current[job_path(job, folder / name)] = job
    configurations = {path: json.loads(attributes["configuration"]) for path, attributes in sound.items()}
    numbers = {k for job in current.values() for k in job.networks if k < FIRST_PILOT}
    finished = [sound[path] for path, job in current.items() if job.replacements]
    # Jobs that were computed before a stage was thought of lack it.
    spent = [sum(attributes.get(stage, 0.0) for stage in STAGES) * _share(attributes) for attributes in finished]
    return Status(
        name=name,
        panel=setting.panel,
        epochs=epochs,
        networks=len(numbers),
        wanted=setting.networks,
        stale=tuple(
            path.name
            for path, _, fault in files
            if fault == "stale" or (not fault and not _is_of(configurations[path]["setting"], setting))
        ),
        damaged=tuple(path.name for path, _, fault in files if fault == "damaged"),
        unread={path.name: fault for path, _, fault in files if fault not in ("", "stale", "damaged")},
        others=_others(configurations.values(), setting, epochs),
        seconds=float(sum(spent) / len(numbers)) if numbers else None,
    )


def _share(attributes: Mapping[str, Any]) -> float:
    # How much of the cores a job had, as where several were computed side by side. Older jobs do not say.
    cores = os.cpu_count() or 1
    return min(1.0, attributes.get("threads", cores) / cores) if attributes["device"] == "cpu" else 1.0


def _others(configurations: Iterable[Mapping[str, Any]], setting: PaperSetting, epochs: int | None) -> dict[str, int]:
    protocol = RunProtocol.of(setting)
    networks: dict[str, set[int]] = {}
    for configuration in configurations:
        if not configuration["replacements"]:
            continue
        trained = configuration["setting"]["epochs"]
        # Without pilots nothing tells how many epochs are right; once they are there again, what is stored may be.
        options = protocol.options(
            configuration["setting"]["scaling"],
            configuration["values"],
            configuration["points"],
            None if trained == epochs or epochs is None else trained,
        )
        if options:
            networks.setdefault(options, set()).update(range(configuration["first"], configuration["last"] + 1))
    return {options: len(numbers) for options, numbers in sorted(networks.items())}


def _is_of(stored: Mapping[str, Any], setting: PaperSetting) -> bool:
    # Other quantizers, scalings and numbers of epochs than the book's are results in their own right.
    choice = setting.with_epochs(stored["epochs"], scaling=stored["scaling"])
    return stored == json.loads(json.dumps(choice.configuration()))
