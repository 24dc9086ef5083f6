"""What may happen to a store that the real command fills: a disk that is full or read-only, a clock that goes back."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest
import xarray as xr
from tiny import ENVIRONMENT, ROOT, RUN, assert_same, contents

from neuronlib.reproduction.compute.scheduler import Where, run

pytestmark = pytest.mark.usefixtures("tiny")


def assert_finished(results: Path, undisturbed: dict[str, xr.Dataset]) -> None:
    """The command, given again, does what is missing, and the store is that of a run that nothing happened to."""
    again = subprocess.run([*RUN, str(results)], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert_same(contents(results), undisturbed)


def on_a_small_disk(folder: Path, script: str) -> subprocess.CompletedProcess:
    """Run a shell's script where the folder is a file system of its own, and keep what is on it at the end."""
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*namespace, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a file system of their own")
    (folder / "disk").mkdir()
    (folder / "kept").mkdir()
    whole = f"set -u\ncd {folder}\n{script}\ncode=$?\ncp -r disk/. kept\nexit $code"
    return subprocess.run([*namespace, "bash", "-c", whole], env=ENVIRONMENT, capture_output=True, text=True)


def test_a_full_disk_ends_a_run_with_one_line_and_loses_nothing(tmp_path, undisturbed):
    command = " ".join([*RUN, str(tmp_path / "disk" / "results")])
    done = on_a_small_disk(tmp_path, f"mount -t tmpfs -o size=16k tmpfs disk\n{command}")
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1].endswith("cannot be written: No space left on device")
    assert "Traceback" not in done.stderr
    stored = contents(tmp_path / "kept" / "results")
    for name, dataset in stored.items():
        xr.testing.assert_equal(dataset, undisturbed[name])
    assert_finished(tmp_path / "kept" / "results", undisturbed)


def test_a_disk_that_becomes_read_only_ends_a_run_with_one_line_and_loses_nothing(tmp_path, undisturbed):
    command = " ".join([*RUN, str(tmp_path / "disk" / "results")])
    script = f"""
mount -t tmpfs tmpfs disk
mkfifo lines
{command} > lines &
run=$!
read_only() {{
    kill -STOP $run
    mount -o remount,ro disk 2> /dev/null; local failed=$?
    kill -CONT $run
    return $failed
}}
# The pilots' line is read as it is written, and the run stands still until the disk has changed: it may be at writing.
while read -r line; do
    case $line in *1000*) until read_only; do sleep 0.001; done ;; esac
done < lines
wait $run"""
    done = on_a_small_disk(tmp_path, script)
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1].endswith("cannot be written: Read-only file system")
    assert "Traceback" not in done.stderr
    stored = contents(tmp_path / "kept" / "results")
    assert 1 <= len(stored) < len(undisturbed)
    assert_finished(tmp_path / "kept" / "results", undisturbed)


def test_a_store_that_is_deleted_during_a_run_is_filled_by_the_next(tmp_path, undisturbed):
    results = tmp_path / "results"
    with subprocess.Popen([*RUN, str(results)], cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as at:
        while at.poll() is None and not list(results.glob("tiny/networks*")):
            time.sleep(0.005)
        for folder in (results, tmp_path / "weights"):
            shutil.rmtree(folder, ignore_errors=True)
        error = at.communicate()[1]
    # It may have been at writing just then.
    assert at.returncode == 0 or (at.returncode == 1 and error.splitlines()[-1].startswith("neuronlib: "))
    assert "Traceback" not in error
    assert_finished(results, undisturbed)


def test_a_clock_that_is_set_back_changes_nothing(tmp_path, undisturbed, monkeypatch):
    where = Where(results=tmp_path / "results", weights=tmp_path / "weights", device="cpu")
    part = where.results / "tiny" / ".networks-00-01.nc.xz.0123.part"
    part.parent.mkdir(parents=True)
    part.touch()
    now = time.time()
    # A day back after each look at it.
    days = iter(range(10_000))
    monkeypatch.setattr(time, "time", lambda: now - 86_400 * next(days))
    run([("tiny", 4)], where, report=list)
    assert part.exists()  # its writer may be at work
    part.unlink()
    assert_same(contents(where.results), undisturbed)
