"""How many jobs a second a cluster's scheduler hands out: made-up jobs of a millisecond, by number of workers."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import distributed

from neuronlib.common.progress import progress
from neuronlib.reproduction.compute.cluster import cluster
from neuronlib.reproduction.compute.scheduler import Where
from neuronlib.reproduction.compute.workers import each_done

JOB = 0.001
"""Seconds of a job."""


def cluster_contest(repetitions: int, workers: tuple[int, ...], jobs: int) -> dict[str, Any]:
    """Jobs a second, for each number of workers, all of one scheduler on this machine."""
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        where = Where(results=Path(scratch, "results"), weights=Path(scratch, "weights"))
        for count in progress(iterable=workers, desc="cluster"):
            with _cluster(count, scratch) as address, cluster(address, where, lambda _: None) as executor:
                _rate(executor, jobs)  # to warm up
                rates[str(count)] = [_rate(executor, jobs) for _ in range(repetitions)]
    return {"jobs": jobs, "seconds_of_a_job": JOB, "jobs_per_second": rates}


def _rate(executor: Executor, jobs: int) -> float:
    begun = time.perf_counter()
    for _ in each_done(time.sleep, [(JOB,)] * jobs, executor, lambda _: "a_job-networks-0-to-9"):
        pass
    return jobs / (time.perf_counter() - begun)


@contextmanager
def _cluster(workers: int, scratch: str) -> Iterator[str]:
    file = Path(scratch, f"scheduler-{workers}-{time.monotonic_ns()}.json")
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": scratch}
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    started = [subprocess.Popen([*scheduler, "--no-dashboard", "--scheduler-file", file], **quiet)]
    started += [subprocess.Popen([*worker, "--scheduler-file", file], **quiet) for _ in range(workers)]
    try:
        while not file.exists():
            time.sleep(0.1)
        with distributed.Client(scheduler_file=str(file), timeout=120, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)
            address = client.scheduler.address
        yield address
    finally:
        for one in started:
            one.kill()
        for one in started:
            one.wait()
