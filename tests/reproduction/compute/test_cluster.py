"""Jobs on a real Dask cluster: a scheduler and workers, each in a process of its own."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import distributed
import pytest
import torch
import xarray as xr
from tiny import ENVIRONMENT, ROOT, RUN, assert_same, contents

from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.compute import cluster as clusters
from neuronlib.reproduction.compute.cluster import fault_of_worker, needs
from neuronlib.reproduction.compute.scheduler import Shard, Where
from neuronlib.reproduction.design.digest import CORE_VERSION

pytestmark = pytest.mark.usefixtures("tiny")
SECONDS = 300  # a busy machine takes up to a minute to start each of the processes


def assert_equal(results: Path, expected: dict[str, xr.Dataset]) -> None:
    # Processes that are killed may leave temporary files.
    assert_same(contents(results, "[!.]*"), expected)


class Cluster:
    """A scheduler and its workers."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.folder = folder
        self.processes: list[subprocess.Popen] = []
        self.start_scheduler()

    def start(self, *command: str, **more: Any) -> subprocess.Popen:
        with (self.folder / f"{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *command], stdout=log, stderr=log, cwd=self.folder, env=ENVIRONMENT, **more
            )
        self.processes.append(process)
        return process

    def start_scheduler(self) -> None:
        program = ["-m", "distributed.cli.dask_scheduler", "--no-dashboard", "--host", "127.0.0.1"]
        self.scheduler = self.start(*program, "--port", str(self.port))

    def start_worker(self, before: str = "", **more: Any) -> subprocess.Popen:
        code = f"{before}\nfrom distributed.cli.dask_worker import main\nmain()"
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder)]
        return self.start("-c", code, self.address, *options, **more)

    @contextlib.contextmanager
    def client(self) -> Iterator[distributed.Client]:
        with distributed.Client(self.address, timeout=SECONDS, set_as_default=False) as client:
            yield client

    def wait_for_workers(self, count: int) -> None:
        with self.client() as client:
            client.wait_for_workers(count, timeout=SECONDS)

    def end(self) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


@pytest.fixture
def start_cluster(tmp_path) -> Iterator[Callable[[int], Cluster]]:
    started: list[Cluster] = []

    def start(workers: int) -> Cluster:
        started.append(Cluster(tmp_path))
        for _ in range(workers):
            started[0].start_worker()
        if workers:
            started[0].wait_for_workers(workers)
        return started[0]

    yield start
    for one in started:
        one.end()


def start_run(cluster: Cluster, results: Path) -> subprocess.Popen:
    command = [*RUN, str(results), "--scheduler", cluster.address]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=ENVIRONMENT
    )


def busy(client: distributed.Client) -> dict[str, str]:
    """A job for each worker that is at one."""

    def processing(dask_scheduler: distributed.Scheduler) -> dict[str, list[str]]:
        return {
            address: [str(task.key) for task in worker.processing] for address, worker in dask_scheduler.workers.items()
        }

    at = client.run_on_scheduler(processing)
    return {worker: keys[0] for worker, keys in at.items() if keys}


def until_busy(cluster: Cluster, workers: int = 1) -> dict[str, str]:
    with cluster.client() as client:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if len(at := busy(client)) >= workers:
                return at
            time.sleep(0.02)
    pytest.fail("no worker got a job")


@pytest.mark.slow
def test_a_worker_that_is_killed_at_work_loses_nothing(start_cluster, tmp_path, undisturbed):
    cluster = start_cluster(2)
    with start_run(cluster, tmp_path / "results") as running:
        at = until_busy(cluster)
        # Pages of the scheduler show the setting and its networks.
        assert all(key.startswith("tiny-networks-") for key in at.values())
        (name,) = list(at)[:1]
        with cluster.client() as client:
            process = client.run(os.getpid, workers=[name])
        os.kill(next(iter(process.values())), signal.SIGKILL)
        output = running.communicate(timeout=SECONDS)[0]
    assert running.returncode == 0, output
    assert_equal(tmp_path / "results", undisturbed)
    assert not list((tmp_path / "weights" / "locks").glob("run-*"))


@pytest.mark.slow
def test_a_scheduler_that_is_started_anew_loses_nothing(start_cluster, tmp_path, undisturbed):
    cluster = start_cluster(2)
    with start_run(cluster, tmp_path / "results") as running:
        until_busy(cluster)
        cluster.scheduler.kill()
        cluster.scheduler.wait()
        cluster.start_scheduler()
        # Workers end with their scheduler; what started them, such as Slurm or Kubernetes, starts them again.
        for _ in range(2):
            cluster.start_worker()
        output = running.communicate(timeout=SECONDS)[0]
    assert running.returncode == 0, output
    assert "the scheduler was lost; finished jobs are stored; waiting for it" in output
    assert_equal(tmp_path / "results", undisturbed)


SILENT = "import logging; logging.disable()"  # its log could not be written either


def full_disk() -> None:
    """Let this process write no file of more than a hundred bytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


@pytest.mark.slow
def test_what_a_worker_with_a_full_disk_cannot_store_another_does(start_cluster, tmp_path, undisturbed):
    cluster = start_cluster(1)
    cluster.start_worker(SILENT, preexec_fn=full_disk)
    cluster.wait_for_workers(2)
    with start_run(cluster, tmp_path / "results") as running:
        output = running.communicate(timeout=SECONDS)[0]
    assert running.returncode == 0, output
    assert "refused: " in output and "cannot be written: File too large" in output
    assert_equal(tmp_path / "results", undisturbed)


@pytest.mark.slow
def test_where_no_worker_can_write_the_run_says_so(start_cluster, tmp_path):
    cluster = start_cluster(0)
    cluster.start_worker(SILENT, preexec_fn=full_disk)
    cluster.wait_for_workers(1)
    with start_run(cluster, tmp_path / "results") as running:
        output = running.communicate(timeout=SECONDS)[0]
    assert running.returncode == 1
    assert output.splitlines()[-1] == f"neuronlib: {cluster.address}: no worker is left that can be used"
    assert not list((tmp_path / "results" / "tiny").glob("*"))


@pytest.mark.slow
def test_workers_of_another_core_or_without_neuronlib_are_refused(start_cluster, tmp_path):
    cluster = start_cluster(0)
    cluster.start_worker("import neuronlib.reproduction.design.digest as one; one.CORE_VERSION = 99")
    cluster.start_worker("import sys; sys.modules['neuronlib.reproduction'] = None")
    cluster.wait_for_workers(2)
    with start_run(cluster, tmp_path / "results") as running:
        *lines, last = running.communicate(timeout=SECONDS)[0].splitlines()
    assert running.returncode == 1
    assert last == f"neuronlib: {cluster.address}: none of its 2 workers can be used"
    reasons = sorted(line.partition("refused: ")[2] for line in lines)
    assert reasons[0] == f"core version 99 instead of {CORE_VERSION}"
    assert reasons[1].startswith("neuronlib cannot be used there (ModuleNotFoundError")


@pytest.mark.slow
def test_two_shards_at_once_do_each_job_once(tmp_path, undisturbed):
    command = [*RUN, str(tmp_path / "results"), "--shard"]
    shards = [
        subprocess.Popen([*command, f"{k}/2"], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=ENVIRONMENT)
        for k in (1, 2)
    ]
    outputs = [shard.communicate(timeout=SECONDS)[0] for shard in shards]
    assert [shard.returncode for shard in shards] == [0, 0], outputs
    assert_equal(tmp_path / "results", undisturbed)
    assert "tiny, networks 0 to 1" in outputs[0] and "tiny, networks 2 to 3" in outputs[1]
    assert "tiny, networks 2 to 3" not in outputs[0] and "tiny, networks 0 to 1" not in outputs[1]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shards_share_all_jobs(count):
    jobs = range(20)
    assert sorted(job for k in range(count) for job in jobs if Shard(k + 1, count).has(job)) == list(jobs)


@pytest.mark.parametrize("text", ["0/3", "4/3", "2", "a/b", "-1/2", "1/2/3", "1/", "1/0", "²/3"])
def test_a_shard_that_is_none_is_refused(text, tmp_path, capsys):
    assert main(["run", "tiny", "--results", str(tmp_path / "results"), f"--shard={text}"]) == 2
    assert capsys.readouterr().err == f"neuronlib: shard {text}: expected I/N with I from 1 to N, as in 1/8\n"


@pytest.mark.parametrize("address", ["localhost", "http://host:8786", "tcp://host", "tcp://:8786", "tcp://host:x"])
def test_what_is_no_address_of_a_scheduler_is_refused(address, tmp_path, capsys):
    assert main(["run", "tiny", "--results", str(tmp_path / "results"), "--scheduler", address]) == 2
    assert capsys.readouterr().err == f"neuronlib: scheduler {address}: expected an address such as tcp://host:8786\n"


def test_a_scheduler_that_does_not_answer_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(clusters, "_SECONDS_TO_ANSWER", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        assert main(["run", "tiny", "--results", str(tmp_path / "results"), "--scheduler", address]) == 1
    assert capsys.readouterr().err == f'neuronlib: {address}: no scheduler answers; "dask scheduler" starts one\n'


@pytest.mark.parametrize("fault", ["", "core version", "torch", "store", "device"])
def test_a_worker_is_accepted_only_if_it_computes_the_same_into_the_same_store(fault, tmp_path, monkeypatch):
    monkeypatch.setenv("NEURONLIB_PROGRESS", "1")
    mark = tmp_path / "mark"
    if fault != "store":
        mark.touch()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    where = Where(results=tmp_path, weights=tmp_path, device="cuda" if fault == "device" else "auto")
    needed = needs(where, mark)
    reason = fault_of_worker(needed | ({fault: "0"} if fault in needed else {}))
    assert bool(reason) == bool(fault) and fault in reason
