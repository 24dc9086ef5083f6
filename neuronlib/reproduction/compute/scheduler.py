"""Computing the paper's settings job by job into the store."""

import contextlib
import dataclasses
import functools
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr
from filelock import FileLock, Timeout

from neuronlib.common.choices import Device
from neuronlib.common.config import short_digest
from neuronlib.common.devices import resolve_device
from neuronlib.common.errors import NeuronlibError
from neuronlib.common.progress import progress
from neuronlib.common.regular_files import obstacle, unusable
from neuronlib.reproduction.compute.by_image import ablate_by_image
from neuronlib.reproduction.compute.classifier_study import measure_and_ablate_classifiers
from neuronlib.reproduction.compute.compute import compute, train_into
from neuronlib.reproduction.compute.elsewhere import measure_and_ablate
from neuronlib.reproduction.compute.layer_study import measure_layers
from neuronlib.reproduction.compute.lenet_study import prune_filters
from neuronlib.reproduction.compute.pruning_study import compare_criteria
from neuronlib.reproduction.compute.replicate import replicate
from neuronlib.reproduction.compute.reward_study import reward_networks
from neuronlib.reproduction.compute.selection_study import compare_selections
from neuronlib.reproduction.compute.workers import Executor, each_done
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
    "elsewhere": measure_and_ablate,
    "classifier": measure_and_ablate_classifiers,
    "layers": measure_layers,
    "rewarded": reward_networks,
    "selection": compare_selections,
    "lenet": prune_filters,
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


class Shard(NamedTuple):
    """A part of the work: every job whose number, divided by ``of``, leaves ``number`` - 1.

    Which jobs these are depends on what is wanted alone, and not on what is stored, so that shards that start at
    different times divide the same work.
    """

    number: int = 1
    of: int = 1

    def has(self, job: int) -> bool:
        """Tell whether the job of this number, counted from 0, is in the shard."""
        return job % self.of == self.number - 1

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Return the shard that ``I/N`` names; ValueError unless I is from 1 to N."""
        number, _, of = text.partition("/")
        if number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
            return cls(int(number), int(of))
        raise ValueError(f"shard {text}: expected I/N with I from 1 to N, as in 1/8")


WHOLE = Shard()


class AnotherRun(NeuronlibError):
    """Some of what is wanted is being computed by another run, and is left to it."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h: try again later


class Outcome(NamedTuple):
    """What became of a job: a few words, and whether it was left to another run."""

    words: str
    left: bool = False


def run(
    wanted: Sequence[tuple[str, int]],
    where: Where | None = None,
    executor: Executor | None = None,
    report: Callable[[str], object] = print,
    epochs: Sequence[int] = (),
    shard: Shard = WHOLE,
    **protocol: Any,
) -> None:
    """Compute what is missing of some settings; what is stored and sound stays, in jobs of whatever size.

    Each job is stored as soon as it is finished, so an interrupted run goes on where it stopped. A second run beside
    it leaves alone what the first is at.

    Args:
        wanted: Names of settings with the number of networks of each.
        where: Folders and device.
        executor: Who does the jobs of all settings, pilots first: processes of this machine, or a cluster; unless given
            they are done in turn, one setting after the other.
        report: Called with one line for each job.
        epochs: After how many epochs networks are measured and ablated, which are trained once for all of them; as the
            pilots say unless given.
        shard: The part of the jobs to do. Every shard needs the pilots of its settings; those that another computes are
            waited for.
        protocol: Attributes of `RunProtocol` that are to differ.

    Raises:
        ValueError: If there is no such setting or device, or a number of networks is not from 1 to 1000.
        StoreError: If the store or the cache cannot be written.
        AnotherRun: At the end, if another run is at some of the jobs.
    """
    where = where or Where()
    protocols = {}
    if not all(1 <= number <= EPOCHS[-1] for number in epochs):
        raise ValueError(f"epochs = {list(epochs)}: expected numbers from 1 to {EPOCHS[-1]}")
    for name, networks in wanted:
        protocols[name] = dataclasses.replace(RunProtocol.of(named(name)), **protocol)
        if not 1 <= networks <= FIRST_PILOT:
            raise ValueError(f"{name}: {networks} networks; expected 1 to {FIRST_PILOT}")
        protocols[name].job(named(name), 1, 0, 0)  # refuses options out of range before anything is computed
    _prepare(where, executor)
    first_job = _first_jobs(wanted, protocols)
    left: set[str] = set()
    # In turn, one setting is finished before the next is begun; side by side, nobody waits for a setting's last job.
    for some in [[one] for one in wanted] if executor is None and shard.of == 1 else [wanted]:
        if not epochs:
            left |= _compute_pilots([name for name, _ in some], where, executor, report, shard)
        jobs: list[tuple[str, tuple[Job, ...]]] = []
        for name, networks in some:
            try:
                numbers = epochs or [best_epochs(pilots(name, where.results))]
            except NotStored:
                if not unusable(job_path(_pilot_job(name), where.results / name)):
                    report(f"{name}: skipped: another process is training its pilot networks")
                continue
            at_once: dict[range, list[Job]] = {}
            for number in numbers:
                chosen = dataclasses.replace(protocols[name], epochs=number)
                # Jobs that are there are among the wanted, too, so that a damaged one is computed anew as it was.
                present = [job for job in stored_jobs(name, chosen, where.results) if job.first < networks]
                for job in (*present, *chosen.jobs(named(name), number, networks, present)):
                    if shard.has(first_job[name] + job.first // chosen.together):
                        at_once.setdefault(job.networks, []).append(job)
            jobs += [(name, tuple(some_jobs)) for some_jobs in at_once.values()]
        left |= _work_through(jobs, where, executor, report, groups=not epochs)
    _tell_left(left)


def _first_jobs(wanted: Sequence[tuple[str, int]], protocols: Mapping[str, RunProtocol]) -> dict[str, int]:
    # Jobs of all settings are numbered one after the other.
    most: dict[str, int] = {}
    for name, networks in wanted:
        most[name] = max(networks, most.get(name, 0))
    first, count = {}, 0
    for name, networks in most.items():
        first[name] = count
        count += -(-networks // protocols[name].together)
    return first


def _compute_pilots(
    names: Sequence[str],
    where: Where,
    executor: Executor | None,
    report: Callable[[str], object],
    shard: Shard,
) -> set[str]:
    jobs = [(name, (_pilot_job(name),)) for name in dict.fromkeys(names)]
    # Each shard begins elsewhere, so that few are at the same pilots.
    begin = (shard.number - 1) * len(jobs) // shard.of
    left = _work_through([*jobs[begin:], *jobs[:begin]], where, executor, report)
    if shard.of == 1 or not left:
        return left
    report(f"waiting for pilots that others compute: {', '.join(sorted(left))}")
    return _work_through(jobs, where, executor, report, wait=True)


def _pilot_job(name: str) -> Job:
    return RunProtocol.of(named(name)).pilot_job(named(name))


def run_studies(
    names: Sequence[str],
    where: Where | None = None,
    executor: Executor | None = None,
    report: Callable[[str], object] = print,
    shard: Shard = WHOLE,
) -> None:
    """Compute studies, unless they are stored and sound, and report each in one line.

    Raises:
        ValueError: If there is no such study or device.
        StoreError: If the store or the cache cannot be written.
        AnotherRun: At the end, if another run is at one of them.
    """
    where = where or Where()
    chosen = {name: study(name) for number, name in enumerate(names) if shard.has(number)}
    _prepare(where, executor)
    missing = [
        (name, one, where)
        for name, one in chosen.items()
        if not _is_sound(study_path(name, where.results), one.digest(), report)
    ]
    left: set[str] = set()
    for (name, *_), outcome in each_done(_study, missing, executor, lambda name, *_: name):
        report(f"{name}: {outcome.words}")
        left |= {name} if outcome.left else set()
    _tell_left(left)


def compute_study(
    chosen: AnyStudy, root: Path | str | None = None, device: Device = "auto", cache: Path | None = None
) -> xr.Dataset:
    """Compute what a study finds, without storing it, as `replicate` and the like do by its kind."""
    return _STUDIES[chosen.kind](chosen, root, device, cache)


def _study(name: str, chosen: AnyStudy, where: Where) -> Outcome:
    work = functools.partial(compute_study, chosen, where.images, where.device, where.weights)
    return _stored(work, study_path(name, where.results), chosen.digest(), where)


def _work_through(
    jobs: Sequence[tuple[str, tuple[Job, ...]]],
    where: Where,
    executor: Executor | None,
    report: Callable[[str], object],
    groups: bool = True,
    wait: bool = False,
) -> set[str]:
    # Which jobs were left to another run.
    wanted = list(dict.fromkeys(jobs))  # a setting may be asked for twice, first with fewer networks
    missing = [
        (name, lacking, where, groups, wait)
        for name, at_once in wanted
        if (
            lacking := tuple(
                job for job in at_once if not _is_sound(job_path(job, where.results / name), job.digest(), report)
            )
        )
    ]
    total = sum(len(job.networks) for _, at_once in wanted for job in at_once)
    done = total - sum(len(job.networks) for _, lacking, *_ in missing for job in lacking)
    names = {name for name, _ in wanted}
    what = f"{len(names)} settings" if len(names) > 1 else "".join(names)
    left: set[str] = set()
    with progress(total=total, initial=done, unit="network", desc=what) as bar:
        for (name, lacking, *_), outcomes in each_done(_work, missing, executor, _task_name):
            for job, outcome in zip(lacking, outcomes, strict=True):
                what = f"{name}, networks {job.first} to {job.last}"
                left |= {what} if outcome.left else set()
                bar.update(len(job.networks))
                with bar.external_write_mode():
                    report(f"{what}: {outcome.words}")
    return left


def _task_name(name: str, jobs: Sequence[Job], *_: object) -> str:
    # A scheduler's pages group tasks by what comes before the first number that is a word by itself.
    return f"{name.replace('-', '_')}-networks-{jobs[0].first}-to-{jobs[0].last}"


def _tell_left(left: Collection[str]) -> None:
    if left:
        raise AnotherRun(
            f"another run is at {len(left)} of these jobs; they are there when it has ended, or else run this again"
        )


def _prepare(where: Where, executor: Executor | None) -> None:
    if executor is None:  # whoever else does the jobs may have a device that is not here
        resolve_device(where.device)
    check_store(where)
    for file in [*netcdf.leftovers(where.results), *netcdf.leftovers(where.weights)]:
        with contextlib.suppress(FileNotFoundError):  # its writer has finished meanwhile
            if time.time() - file.stat().st_mtime > 3600:
                file.unlink()


def check_store(where: Where) -> None:
    """Raise StoreError unless results and trained networks can be written."""
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


def _work(name: str, jobs: Sequence[Job], where: Where, groups: bool, wait: bool) -> list[Outcome]:
    if len(jobs) > 1:
        train_into(where.weights, jobs, where.images, where.device)
    return [
        _stored(
            functools.partial(compute, job, where.images, where.device, where.weights, groups),
            job_path(job, where.results / name),
            job.digest(),
            where,
            wait,
        )
        for job in jobs
    ]


def _stored(work: Callable[[], xr.Dataset], path: Path, digest: str, where: Where, wait: bool = False) -> Outcome:
    # Stores in one folder share a cache, and have locks of their own.
    lock = where.weights / "locks" / f"{short_digest(str(path.resolve()))}.lock"
    try:
        with _locked(lock, wait):
            if _is_sound(path, digest, lambda _: None):
                return Outcome("skipped: another process has stored it meanwhile")
            start = time.perf_counter()
            netcdf.write(work(), path)
            return Outcome(f"{time.perf_counter() - start:.0f} s")
    except Timeout:
        return Outcome("skipped: another process is computing it", left=True)


@contextlib.contextmanager
def _locked(path: Path, wait: bool) -> Iterator[None]:
    if what := obstacle(path):
        raise StoreError(f"{path} is {what}: delete it")
    lock = FileLock(path, timeout=-1 if wait else 0)
    with contextlib.ExitStack() as held:
        # Some disks that machines share know no locks. Two runs may then do the same job, to the same end.
        with contextlib.suppress(NotImplementedError):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                held.enter_context(lock)
            except Timeout:
                raise
            except OSError as error:
                raise StoreError(f"{path}: cannot be written: {error.strerror}") from None
        yield
