"""Computing the paper's settings job by job into the store."""

import concurrent.futures
import contextlib
import dataclasses
import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr
from filelock import FileLock, Timeout

from neuronlib.common.choices import Device
from neuronlib.common.config import short_digest
from neuronlib.common.devices import resolve_device
from neuronlib.common.progress import progress
from neuronlib.common.regular_files import obstacle, unusable
from neuronlib.reproduction.compute.by_image import ablate_by_image
from neuronlib.reproduction.compute.classifier_study import measure_and_ablate_classifiers
from neuronlib.reproduction.compute.compute import compute, train_into
from neuronlib.reproduction.compute.pruning_study import compare_criteria
from neuronlib.reproduction.compute.replicate import replicate
from neuronlib.reproduction.compute.workers import each_done
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.protocol import EPOCHS, FIRST_PILOT, RunProtocol, best_epochs
from neuronlib.reproduction.design.settings import named
from neuronlib.reproduction.design.studies import AnyStudy, study
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.atomic import StoreError, check_writable
from neuronlib.reproduction.store.paths import RESULTS, weights_beside
from neuronlib.reproduction.store.results import NotStored, job_path, pilots, stored_jobs, study_path

_STUDIES: dict[str, Callable[..., xr.Dataset]] = {
    "replication": replicate,
    "pruning": compare_criteria,
    "images": ablate_by_image,
    "classifier": measure_and_ablate_classifiers,
}

WEIGHTS = weights_beside(RESULTS)
"""Where trained networks are cached, outside the repository's history, since they take gigabytes."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """Folders and device of a run: the store, the cache of trained networks, and the images, as `load` finds them."""

    results: Path = RESULTS
    weights: Path = WEIGHTS
    images: Path | None = None
    device: Device = "auto"


def run(
    wanted: Sequence[tuple[str, int]],
    where: Where | None = None,
    executor: concurrent.futures.Executor | None = None,
    report: Callable[[str], object] = print,
    epochs: Sequence[int] = (),
    **protocol: Any,
) -> None:
    """Compute what is missing of some settings; what is stored and sound stays, in jobs of whatever size.

    Each job is stored as soon as it is finished, so an interrupted run goes on where it stopped. A second run beside
    it leaves alone what the first is at.

    Args:
        wanted: Names of settings with the number of networks of each.
        where: Folders and device.
        executor: Who does the jobs of all settings, pilots first; unless given they are done in turn, one setting
            after the other.
        report: Called with one line for each job.
        epochs: After how many epochs networks are measured and ablated, which are trained once for all of them; as the
            pilots say unless given.
        protocol: Attributes of `RunProtocol` that are to differ.

    Raises:
        ValueError: If there is no such setting or device, or a number of networks is not from 1 to 1000.
        StoreError: If the store or the cache cannot be written.
    """
    where = where or Where()
    resolve_device(where.device)
    protocols = {}
    if not all(1 <= number <= EPOCHS[-1] for number in epochs):
        raise ValueError(f"epochs = {list(epochs)}: expected numbers from 1 to {EPOCHS[-1]}")
    for name, networks in wanted:
        protocols[name] = dataclasses.replace(RunProtocol.of(named(name)), **protocol)
        if not 1 <= networks <= FIRST_PILOT:
            raise ValueError(f"{name}: {networks} networks; expected 1 to {FIRST_PILOT}")
        protocols[name].job(named(name), 1, 0, 0)  # refuses options out of range before anything is computed
    _check_writable(where)
    for file in [*netcdf.leftovers(where.results), *netcdf.leftovers(where.weights)]:
        with contextlib.suppress(FileNotFoundError):  # its writer has finished meanwhile
            if time.time() - file.stat().st_mtime > 3600:
                file.unlink()
    # In turn, one setting is finished before the next is begun; side by side, nobody waits for a setting's last job.
    for some in [[one] for one in wanted] if executor is None else [wanted]:
        if not epochs:
            of_pilots = [(name, (RunProtocol.of(named(name)).pilot_job(named(name)),)) for name, _ in some]
            _work_through(of_pilots, where, executor, report)
        jobs: list[tuple[str, tuple[Job, ...]]] = []
        for name, networks in some:
            try:
                numbers = epochs or [best_epochs(pilots(name, where.results))]
            except NotStored:
                if not unusable(job_path(RunProtocol.of(named(name)).pilot_job(named(name)), where.results / name)):
                    report(f"{name}: skipped: another process is training its pilot networks")
                continue
            at_once: dict[range, list[Job]] = {}
            for number in numbers:
                chosen = dataclasses.replace(protocols[name], epochs=number)
                # Jobs that are there are among the wanted, too, so that a damaged one is computed anew as it was.
                present = [job for job in stored_jobs(name, chosen, where.results) if job.first < networks]
                for job in (*present, *chosen.jobs(named(name), number, networks, present)):
                    at_once.setdefault(job.networks, []).append(job)
            jobs += [(name, tuple(some_jobs)) for some_jobs in at_once.values()]
        _work_through(jobs, where, executor, report, groups=not epochs)


def run_study(name: str, where: Where | None = None, report: Callable[[str], object] = print) -> None:
    """Compute a study, unless it is stored and sound, and report it in one line.

    Raises:
        ValueError: If there is no such study or device.
        StoreError: If the store or the cache cannot be written.
    """
    where = where or Where()
    chosen, path = study(name), study_path(name, where.results)
    resolve_device(where.device)
    _check_writable(where)
    if not _is_sound(path, chosen.digest(), report):
        work = functools.partial(compute_study, chosen, where.images, where.device, where.weights)
        report(f"{name}: {_stored(work, path, chosen.digest(), where)}")


def compute_study(
    chosen: AnyStudy, root: Path | str | None = None, device: Device = "auto", cache: Path | None = None
) -> xr.Dataset:
    """Compute what a study finds, without storing it, as `replicate` and the like do by its kind."""
    return _STUDIES[chosen.kind](chosen, root, device, cache)


def _work_through(
    jobs: Sequence[tuple[str, tuple[Job, ...]]],
    where: Where,
    executor: concurrent.futures.Executor | None,
    report: Callable[[str], object],
    groups: bool = True,
) -> None:
    wanted = list(dict.fromkeys(jobs))  # a setting may be asked for twice, first with fewer networks
    missing = [
        (name, lacking, where, groups)
        for name, at_once in wanted
        if (
            lacking := tuple(
                job for job in at_once if not _is_sound(job_path(job, where.results / name), job.digest(), report)
            )
        )
    ]
    total = sum(len(job.networks) for _, at_once in wanted for job in at_once)
    done = total - sum(len(job.networks) for _, lacking, _, _ in missing for job in lacking)
    names = {name for name, _ in wanted}
    what = f"{len(names)} settings" if len(names) > 1 else "".join(names)
    with progress(total=total, initial=done, unit="network", desc=what) as bar:
        for (name, lacking, _, _), outcomes in each_done(_work, missing, executor):
            for job, outcome in zip(lacking, outcomes, strict=True):
                bar.update(len(job.networks))
                with bar.external_write_mode():
                    report(f"{name}, networks {job.first} to {job.last}: {outcome}")


def _check_writable(where: Where) -> None:
    for folder in (where.results, where.weights):
        check_writable(folder)


def _is_sound(path: Path, digest: str, report: Callable[[str], object]) -> bool:
    if what := unusable(path):
        # Nothing can be stored in its place, so nothing is computed for it.
        report(f"skipped: {path} is {what}: move it away")
        return True
    try:
        netcdf.read(path, digest)
    except FileNotFoundError:
        return False
    except StoreError as error:
        report(f"{error}; it is computed anew")
        return False
    return True


def _work(name: str, jobs: Sequence[Job], where: Where, groups: bool) -> list[str]:
    if len(jobs) > 1:
        train_into(where.weights, jobs, where.images, where.device)
    return [
        _stored(
            functools.partial(compute, job, where.images, where.device, where.weights, groups),
            job_path(job, where.results / name),
            job.digest(),
            where,
        )
        for job in jobs
    ]


def _stored(work: Callable[[], xr.Dataset], path: Path, digest: str, where: Where) -> str:
    # Stores in one folder share a cache, and have locks of their own.
    lock = where.weights / "locks" / f"{short_digest(str(path.resolve()))}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    if what := obstacle(lock):
        raise StoreError(f"{lock} is {what}: delete it")
    try:
        with FileLock(lock, timeout=0):
            if _is_sound(path, digest, lambda _: None):
                return "skipped: another process has stored it meanwhile"
            start = time.perf_counter()
            netcdf.write(work(), path)
            return f"{time.perf_counter() - start:.0f} s"
    except Timeout:
        return "skipped: another process is computing it"
