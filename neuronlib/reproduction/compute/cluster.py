"""Jobs on a Dask cluster: its workers write through the same store, on a path that all machines share."""

import asyncio
import contextlib
import dataclasses
import logging
import os
import secrets
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from pathlib import Path
from typing import Any

import torch

from neuronlib.common import progress
from neuronlib.common.devices import resolve_device
from neuronlib.common.errors import NeuronlibError
from neuronlib.reproduction.compute.scheduler import Where, check_store
from neuronlib.reproduction.compute.workers import ProcessLost
from neuronlib.reproduction.design.digest import CORE_VERSION
from neuronlib.reproduction.store.atomic import StoreError

SECONDS_TO_COME_BACK = 600
"""How long a scheduler that is gone is waited for, as where it is started anew."""

_SECONDS_TO_ANSWER = 10
_ATTEMPTS = 3


class SchedulerLost(NeuronlibError):
    """The connection to a cluster's scheduler was lost; finished jobs are stored."""


def on_cluster(
    address: str, where: Where, work: Callable[[Executor], None], report: Callable[[str], object] = print
) -> None:
    """Do work on a cluster, and, when its scheduler was lost and has come back, what is left of it.

    Args:
        address: The scheduler's, such as ``tcp://host:8786``.
        where: Folders and device; every machine has the folders on the same path.
        work: Called with an executor, which does one job at a time on each accepted worker. Called again where the
            scheduler was lost, so it begins with what is missing, as `run` does.
        report: Called with one line for each refused worker, and where the scheduler is lost.

    Raises:
        ValueError: If it is no address.
        NeuronlibError: If Dask is not installed, no scheduler answers, no worker is accepted, or a job ends several
            workers.
        StoreError: If no worker can write the store.
    """
    deadline = 0.0
    while True:
        try:
            with cluster(address, where, report, deadline) as executor:
                work(executor)
                return
        except SchedulerLost as lost:
            report(f"{lost}; waiting for it, at most {SECONDS_TO_COME_BACK // 60} minutes")
            deadline = time.monotonic() + SECONDS_TO_COME_BACK


@contextlib.contextmanager
def cluster(
    address: str, where: Where, report: Callable[[str], object] = print, deadline: float = 0.0
) -> Iterator[Executor]:
    """Connect to a cluster and accept those of its workers, now and later, that compute what is computed here.

    A worker is refused, before it computes, if its version of the core or of PyTorch is another, if it does not see the
    store that is seen here or cannot write it, or if it lacks the device. A worker that cannot write any more, as on a
    full disk, gets no more jobs, and another does what it was at.

    Args:
        address: The scheduler's, such as ``tcp://host:8786``.
        where: Folders and device, as for `on_cluster`.
        report: Called with one line for each refused worker.
        deadline: Until when, by `time.monotonic`, a scheduler that does not answer is asked again.

    Yields:
        What does jobs, one at a time on each accepted worker. What workers are at when this ends, they finish.

    Raises:
        SchedulerLost: If the connection is lost.
        ValueError: If it is no address.
        NeuronlibError: If Dask is not installed, no scheduler answers, or no worker is accepted.
        ProcessLost: If a job ends several workers.
        StoreError: If no worker can write the store.
    """
    _check_address(address)
    try:
        import distributed
    except ImportError:
        raise NeuronlibError("Dask is not installed; pip install 'neuronlib[cluster]'") from None
    where = dataclasses.replace(
        where,
        results=where.results.absolute(),
        weights=where.weights.absolute(),
        images=where.images and where.images.absolute(),
    )
    check_store(where)
    name = f"neuronlib-{secrets.token_hex(8)}"
    mark = where.weights / "locks" / name
    client = _connected(address, deadline)
    jobs = _JobsOnce(client, name)
    refused: dict[str, str] = {}

    def refuse(worker: str, reason: str) -> None:
        if worker not in refused:
            refused[worker] = reason
            report(f"worker {worker}: refused: {reason}")

    async def hear(event: tuple[float, dict[str, Any]]) -> None:
        refuse(event[1]["worker"], event[1]["reason"])
        if event[1]["was_accepted"] and not await _accepted(client, name):
            jobs.give_up()

    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        client.subscribe_topic(name, hear)
        client.register_plugin(_acceptance(name, needs(where, mark)), name=name)
        reasons = client.run(lambda dask_worker: dask_worker.plugins[name].reason)
        for worker, reason in reasons.items():
            if reason:
                refuse(worker, reason)
        if reasons and all(reasons.values()):
            raise NeuronlibError(f"{address}: none of its {len(reasons)} workers can be used")
        if not reasons:
            report(f"{address}: no worker yet; waiting for one")
        yield jobs
    except (CancelledError, distributed.comm.CommClosedError):
        if jobs.given_up:
            raise StoreError(f"{address}: no worker is left that can be used") from None
        raise SchedulerLost(f"{address}: the scheduler was lost; finished jobs are stored") from None
    except distributed.KilledWorker as error:
        lost = f"{error.task}: {error.allowed_failures + 1} workers ended while they were at it"
        raise ProcessLost(f"{lost}, as where memory is short; finished jobs are stored") from None
    finally:
        mark.unlink(missing_ok=True)
        with contextlib.suppress(Exception):  # a scheduler that is gone has no plugins either
            client.unregister_worker_plugin(name)
        client.close(timeout=_SECONDS_TO_ANSWER)


def needs(where: Where, mark: Path) -> dict[str, Any]:
    """Say what a worker needs, in terms that one without neuronlib can read too: `fault_of_worker` takes it."""
    folders = {"results": str(where.results), "weights": str(where.weights)}
    return {**_versions(), **folders, "device": where.device, "mark": str(mark)}


def fault_of_worker(needed: dict[str, Any]) -> str:
    """Say why this process must not compute where `needs` are these; "" if it may."""
    for what, version in _versions().items():
        if version != needed[what]:
            return f"{what} {version} instead of {needed[what]}"
    where = Where(results=Path(needed["results"]), weights=Path(needed["weights"]), device=needed["device"])
    if not Path(needed["mark"]).exists():
        return f"it does not see the store {where.results}; every machine needs it on this path"
    try:
        check_store(where)
        resolve_device(where.device)
    except (StoreError, ValueError) as error:
        return str(error)
    # Its bars would come between the lines of its log.
    os.environ[progress.VARIABLE] = "0"
    return ""


def _versions() -> dict[str, Any]:
    return {"core version": CORE_VERSION, "torch": torch.__version__}


def _check_address(address: str) -> None:
    kind, _, rest = address.partition("://")
    host, _, port = rest.rpartition(":")
    if kind not in ("tcp", "tls", "ws", "wss") or not host or not port.isdecimal():
        raise ValueError(f"scheduler {address}: expected an address such as tcp://host:8786")


def _connected(address: str, deadline: float) -> Any:
    import distributed

    # What it has to say is said by the lines of this module.
    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
                return distributed.Client(address, timeout=_SECONDS_TO_ANSWER, set_as_default=False)
        except OSError:
            if time.monotonic() >= deadline:
                raise NeuronlibError(f'{address}: no scheduler answers; "dask scheduler" starts one') from None
            time.sleep(1)


async def _accepted(client: Any, name: str) -> list[str]:
    identity = await client.scheduler.identity(n_workers=-1)
    return [worker for worker, entry in identity["workers"].items() if entry["resources"].get(name)]


class _JobsOnce(Executor):
    """Jobs of a cluster, each at a worker that was accepted; a worker is at one at a time."""

    def __init__(self, client: Any, name: str) -> None:
        self._executor = client.get_executor(resources={name: 1}, pure=False, retries=_ATTEMPTS - 1)
        self._name = name
        self._submitted: list[Future] = []
        self.given_up = False

    def submit(self, work: Callable[..., Any], /, *task: Any, **more: Any) -> Future:
        future = self._executor.submit(_OrElsewhere(work, self._name), *task, **more)
        self._submitted.append(future)
        return future

    def give_up(self) -> None:
        self.given_up = True
        for future in self._submitted:
            if future.cancel():
                future.set_running_or_notify_cancel()  # wakes who waits for any of them


class _OrElsewhere:
    """Work that another worker takes over from one that cannot write."""

    def __init__(self, work: Callable[..., Any], name: str) -> None:
        self._work, self._resource, self.__name__ = work, name, getattr(work, "__name__", name)

    def __call__(self, *task: Any, **more: Any) -> Any:
        import distributed

        try:
            return self._work(*task, **more)
        except (StoreError, OSError) as error:
            worker = distributed.get_worker()
            # Before the scheduler hears of the failure and looks for a worker to try again.
            distributed.utils.sync(worker.loop, worker.set_resources, **{self._resource: 0})
            worker.log_event(self._resource, {"worker": worker.address, "reason": str(error), "was_accepted": True})
            raise


def _acceptance(name: str, needed: dict[str, Any]) -> Any:
    from distributed import WorkerPlugin

    # Defined here, its code travels with it: a worker that has no neuronlib, or another, can still say so.
    class Acceptance(WorkerPlugin):
        reason = ""

        async def setup(self, worker: Any) -> None:
            # In a thread, since loading PyTorch may take longer than a worker may be silent.
            self.reason = await asyncio.to_thread(self.examine)
            if self.reason:
                worker.log_event(name, {"worker": worker.address, "reason": self.reason, "was_accepted": False})
            else:
                await worker.set_resources(**{name: 1})

        def examine(self) -> str:
            try:
                from neuronlib.reproduction.compute.cluster import fault_of_worker

                return fault_of_worker(needed)
            except Exception as error:
                return f"neuronlib cannot be used there ({type(error).__name__}: {error})"

        async def teardown(self, worker: Any) -> None:
            await worker.set_resources(**{name: 0})

    return Acceptance()
