"""Stored results of the paper's 40 settings: which there are, and all networks of one as labelled arrays."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import xarray as xr

from neuronlib.common.choices import Replacement
from neuronlib.common.errors import NeuronlibError
from neuronlib.common.regular_files import unusable
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.protocol import FIRST_PILOT, RunProtocol, best_epochs
from neuronlib.reproduction.design.settings import PaperSetting, named
from neuronlib.reproduction.design.studies import ALL_STUDIES, Kind, study
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.encoding import decode, history_of, joined
from neuronlib.reproduction.store.paths import RESULTS


def job_path(job: Job, folder: Path) -> Path:
    """The file of a job's results in a setting's folder."""
    return folder / f"networks-{job.first:02}-{job.last:02}-{job.digest()}{netcdf.SUFFIX}"


class NotStored(NeuronlibError):
    """Results that have not been computed yet."""


def pilots(name: str, folder: Path = RESULTS) -> xr.Dataset:
    """Return the history of a setting's pilot networks: loss and accuracies by ``network`` and ``epoch``.

    Raises:
        ValueError: If there is no such setting.
        NotStored: If they have not been computed.
        StoreError: If their file is damaged.

    Example:
        >>> pilots("mnist-relu-l2", Path("nowhere"))
        Traceback (most recent call last):
        neuronlib.reproduction.store.results.NotStored: mnist-relu-l2: nothing is stored; ...
    """
    setting = named(name)
    job = RunProtocol.of(setting).pilot_job(setting)
    encoded = _read(job_path(job, folder / name), job.digest(), _nothing(name, folder))
    return history_of(encoded).assign_attrs(encoded.attrs)


def stored_jobs(name: str, protocol: RunProtocol | None = None, folder: Path = RESULTS) -> Iterator[Job]:
    """Yield the jobs of a setting whose files are there, the first networks first, without reading these files.

    Networks are those ablated by the book's protocol unless another is given. Pilots are left out.

    Raises:
        ValueError: If there is no such setting.
        NotStored: If not even its pilots have been computed, unless the protocol says how many epochs.
        StoreError: If the file of its pilots is damaged.
    """
    epochs = protocol.epochs if protocol and protocol.epochs else best_epochs(pilots(name, folder))
    if (folder / name).is_dir():
        yield from jobs_in(folder / name, named(name), epochs, protocol)


def jobs_in(folder: Path, setting: PaperSetting, epochs: int, protocol: RunProtocol | None = None) -> Iterator[Job]:
    """Find the jobs that `stored_jobs` yields, where the number of epochs is known."""
    protocol = protocol or RunProtocol.of(setting)
    # Of jobs that overlap, the longer comes first, and the shorter adds nothing.
    names = {path: netcdf.FILE_NAME.fullmatch(path.name) for path in folder.iterdir()}
    matches = [name for path, name in names.items() if name and name[1] and not unusable(path)]
    ranges = [(int(match[1]), int(match[2]), match[3]) for match in matches]
    ahead = -1
    for first, last, digest in sorted(ranges, key=lambda entry: (entry[0], -entry[1], entry[2])):
        job = protocol.job(setting, epochs, first, last)
        if job.digest() == digest and first < FIRST_PILOT and last > ahead:
            yield job
            ahead = last


def stored(
    name: str,
    replacement: Replacement = "zero",
    networks: int | None = None,
    protocol: RunProtocol | None = None,
    folder: Path = RESULTS,
) -> xr.DataTree:
    """Return all stored networks of a setting, or the first ``networks``.

    They are those ablated by the book's protocol unless another is given. The groups are those of `decode`. The
    attributes are ``name``, ``networks`` (how many) and those of `summary`.

    Raises:
        ValueError: If there is no such setting.
        NotStored: If nothing of it is stored, or no curves with this replacement.
        StoreError: If a file is damaged.

    Example:
        >>> stored("mnist-relu-l2", folder=Path("nowhere"))
        Traceback (most recent call last):
        neuronlib.reproduction.store.results.NotStored: mnist-relu-l2: nothing is stored; ...
    """
    wanted: list[tuple[Job, list[int]]] = []
    count = 0
    for job in stored_jobs(name, protocol, folder):
        # An overlapping job adds only what is beyond those before it.
        fresh = [k for k in job.networks if k >= count and (networks is None or k < networks)]
        if fresh:
            wanted.append((job, fresh))
            count = fresh[-1] + 1

    def part(job: Job, fresh: list[int]) -> netcdf.Variables:
        encoded = netcdf.read_variables(job_path(job, folder / name), job.digest())
        return encoded if len(fresh) == len(job.networks) else encoded.of_networks(fresh)

    # Unpacking takes as long as the rest, and leaves the interpreter to other threads.
    with ThreadPoolExecutor() as threads:
        parts = list(threads.map(part, *zip(*wanted, strict=True))) if wanted else []
    if not parts:
        usual = RunProtocol.of(named(name))
        protocol = protocol or usual
        options = usual.options(protocol.scaling, protocol.values, protocol.points, protocol.epochs)
        command = f"neuronlib run {name} {options}".rstrip()
        raise NotStored(f'{name}: no networks are stored; "{command}" computes them')
    tree = decode(joined(parts), replacement)
    if "curves" not in tree.children:
        raise NotStored(f"{name}: no curves with ablation to {replacement} are stored")
    tree.attrs = {"name": name, "networks": count, **summary([part.attributes for part in parts])}
    return tree


def summary(attributes: Sequence[dict]) -> dict[str, str | int | float]:
    """Summarize the attributes of several jobs' results.

    Returns:
        ``epochs``, ``random_orders``, ``device``, ``torch`` (version), ``date`` (first and last), and the total seconds
        of ``training``, ``measuring`` and ``ablating``.
    """
    dates = sorted({one["date"] for one in attributes})
    configuration = json.loads(attributes[0]["configuration"])
    seconds = {name: round(sum(one[name] for one in attributes), 1) for name in ("training", "measuring", "ablating")}
    return {
        "epochs": configuration["setting"]["epochs"],
        "random_orders": configuration["random_orders"],
        "device": " and ".join(sorted({one["device"] for one in attributes})),
        "torch": " and ".join(sorted({one["torch"] for one in attributes})),
        "date": dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}",
        **seconds,
    }


def _read(path: Path, digest: str, missing: str) -> xr.Dataset:
    # What is no file to be read is left out, as `jobs_in` leaves it out.
    if not unusable(path):
        with contextlib.suppress(FileNotFoundError):
            return netcdf.read(path, digest)
    raise NotStored(missing)


def _nothing(name: str, folder: Path) -> str:
    stale = any((folder / name).glob(f"*{netcdf.SUFFIX}"))
    what = "what is stored is of another configuration or version of the core" if stale else "nothing is stored"
    return f'{name}: {what}; "neuronlib run {name}" computes it'


def of_kind(kind: Kind, folder: Path | None = None) -> list[str]:
    """Return the names of all studies of a kind, or of those that are stored in a folder, if one is given.

    Example:
        >>> of_kind("replication")
        ['replication-2layer', 'replication-3layer', 'early-version']
    """
    names = [name for name, one in ALL_STUDIES.items() if one.kind == kind]
    return [name for name in names if folder is None or study_path(name, folder).is_file()]


def study_path(name: str, folder: Path = RESULTS) -> Path:
    """Return the file of a study's results, which may not exist; ValueError if there is no such study."""
    return folder / name / f"study-{study(name).digest()}{netcdf.SUFFIX}"


def stored_study(name: str, folder: Path = RESULTS) -> xr.Dataset:
    """Return what is stored of a study, with attributes that say how, where and when it was computed.

    Raises:
        ValueError: If there is no such study.
        NotStored: If it has not been computed.
        StoreError: If its file is damaged.

    Example:
        >>> stored_study("early-version", Path("nowhere"))
        Traceback (most recent call last):
        neuronlib.reproduction.store.results.NotStored: early-version: nothing is stored; ...
    """
    missing = f'{name}: nothing is stored; "neuronlib run {name}" computes it'
    return _read(study_path(name, folder), study(name).digest(), missing)
