"""Jobs in several processes."""

import functools
import os
import select
import signal
import subprocess
import sys

import joblib
import pytest

from neuronlib.reproduction.cli import main as cli
from neuronlib.reproduction.compute.workers import ProcessLost, each_done, processes


def test_each_process_is_another_and_has_its_share_of_the_cores(monkeypatch):
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    before = dict(os.environ)
    with processes(2) as executor:
        assert executor is not None
        assert os.getpid() not in {executor.submit(os.getpid).result() for _ in range(4)}
        assert executor.submit(os.getenv, "OMP_NUM_THREADS").result() == str(max(1, joblib.cpu_count() // 2))
        assert executor.submit(os.getenv, "GLIBC_TUNABLES").result() == "glibc.malloc.hugetlb=1"
    assert dict(os.environ) == before


def test_what_the_user_tuned_stays_tuned(monkeypatch):
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=1")
    with processes(2) as executor:
        assert executor is not None
        assert executor.submit(os.getenv, "GLIBC_TUNABLES").result() == "glibc.malloc.check=1"
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.check=1"


def test_a_process_that_is_killed_ends_the_work_with_one_line():
    with pytest.raises(ProcessLost, match="finished jobs are kept: run it again with fewer processes"):
        with processes(2) as executor:
            assert executor is not None
            executor.submit(signal.raise_signal, signal.SIGKILL).result()


_TWO_AT_WORK = """
import time
from neuronlib.reproduction.compute.workers import processes

if __name__ == "__main__":
    with processes(2) as executor:
        for _ in range(2):
            executor.submit(print, "at work", flush=True).result()
        list(executor.map(time.sleep, [600, 600]))
"""


def test_when_the_first_process_is_killed_the_others_end(tmp_path):
    script = tmp_path / "two_at_work.py"
    script.write_text(_TWO_AT_WORK)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"at work\n"
        first.kill()
        # All of them hold the pipe's other end, which is closed once the last of them has ended. They would sleep for
        # ten minutes; a busy machine may take seconds to end them.
        while select.select([first.stdout], [], [], 60)[0]:
            if not first.stdout.readline():
                return
    pytest.fail("a process is still there a minute after the first was killed")


_INTERRUPTED = """
import signal, subprocess
from neuronlib.reproduction.cli.signals import Terminated, terminable
from neuronlib.reproduction.compute.workers import each_done, processes

if __name__ == "__main__":
    # Whoever started it may ignore interrupts, as a shell does for what it starts in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with terminable(), processes(2) as executor:
            # Processes of processes, as the kernels of chapters are.
            tasks = [(["sleep", seconds],) for seconds in ("0", "0", "600", "600", "600")]
            for _ in each_done(subprocess.run, tasks, executor):
                print("at work", flush=True)
    except Terminated:
        print("terminated", flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.parametrize("everybody", [True, False], ids=["as from a terminal", "the first process alone"])
@pytest.mark.parametrize(("number", "outcome"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "terminated")])
def test_a_signal_to_end_ends_all_processes(number, outcome, everybody, tmp_path):
    script = tmp_path / "interrupted.py"
    script.write_text(_INTERRUPTED)
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as first:
        assert first.stdout is not None
        assert [first.stdout.readline() for _ in range(2)] == ["at work\n"] * 2
        (os.killpg if everybody else os.kill)(first.pid, number)
        # To the end, which comes once no process is left that could write: they would sleep for ten minutes.
        assert first.communicate(timeout=60)[0] == f"{outcome}\n"
        assert first.returncode == 0


def test_work_that_has_not_begun_when_something_fails_is_not_begun(tmp_path):
    # More than the two processes can be at, and than the pool holds ready for them.
    tasks = [(["sh", "-c", f"sleep 0.2; touch {k}"],) for k in range(20)]
    with pytest.raises(ZeroDivisionError):
        with processes(2) as executor:
            for _ in each_done(functools.partial(subprocess.run, cwd=tmp_path, check=True), tasks, executor):
                raise ZeroDivisionError
    done = sorted(int(path.name) for path in tmp_path.iterdir())
    assert done == list(range(len(done))) and 1 <= len(done) <= 10


@pytest.mark.parametrize("count", [0, -3])
def test_no_processes_are_refused(count, capsys, tmp_path):
    arguments = ["run", "mnist-relu-l2", "--processes", str(count), "--results", str(tmp_path / "results")]
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err == f"neuronlib: processes = {count}: expected at least 1\n"
