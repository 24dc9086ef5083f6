import concurrent.futures
import dataclasses
import hashlib
import io
import itertools
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from filelock import FileLock
from strays import STRAYS, described
from tiny import TINY

from neuronlib.ablation.curves import EVERY_STEP
from neuronlib.common.choices import MEASURES
from neuronlib.common.config import Setting, short_digest
from neuronlib.experiment import run
from neuronlib.information.labelled import by_neuron
from neuronlib.reproduction.analysis.effects import curves_of
from neuronlib.reproduction.compute import compute as computing
from neuronlib.reproduction.compute import doctor
from neuronlib.reproduction.compute import scheduler as runner
from neuronlib.reproduction.compute import verify as verification
from neuronlib.reproduction.design import digest, protocol
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.protocol import RunProtocol, best_epochs, paper_order
from neuronlib.reproduction.design.settings import SETTINGS, paper_setting
from neuronlib.reproduction.design.studies import ALL_STUDIES, Study
from neuronlib.reproduction.store import content, netcdf
from neuronlib.reproduction.store import status as audit
from neuronlib.reproduction.store.atomic import StoreError, write_bytes
from neuronlib.reproduction.store.encoding import decode, encode
from neuronlib.reproduction.store.results import NotStored, job_path, stored, stored_jobs
from neuronlib.reproduction.store.weights import load_networks

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("tiny")


@pytest.fixture
def where(tmp_path: Path) -> runner.Where:
    return runner.Where(results=tmp_path / "results", weights=tmp_path / "weights", device="cpu")


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("computed")
    where = runner.Where(results=folder / "results", weights=folder / "weights", device="cpu")
    runner.run([("tiny", 4)], where, report=lambda line: None)
    return folder


@pytest.fixture
def filled(where: runner.Where, computed: Path) -> runner.Where:
    """A store with four networks."""
    shutil.copytree(computed / "results", where.results)
    shutil.copytree(computed / "weights", where.weights)
    return where


@pytest.fixture
def lines() -> list[str]:
    return []


def files(where: runner.Where) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((where.results / "tiny").glob("networks-*"))}


def sound(where: runner.Where, name: str) -> xr.Dataset:
    (path,) = (where.results / "tiny").glob(name)
    return netcdf.read(path)


def test_a_run_stores_pilots_and_jobs_and_a_second_run_does_nothing(where, lines):
    runner.run([("tiny", 4)], where, report=lines.append)
    assert [line.partition(":")[0] for line in lines] == [
        "tiny, networks 1000 to 1001", "tiny, networks 0 to 1", "tiny, networks 2 to 3",
    ]  # fmt: skip
    before = files(where)
    runner.run([("tiny", 4)], where, report=lines.append)
    assert len(lines) == 3
    assert files(where) == before


def test_stored_networks_are_those_that_are_trained_all_at_once(filled):
    tree = stored("tiny", folder=filled.results)
    setting = TINY.with_epochs(tree.attrs["epochs"])
    at_once = run(setting, networks=4, random_orders=2, device="cpu")
    xr.testing.assert_equal(tree["measures"].counts, at_once["measures"].counts)
    for layer, curves in at_once["curves"].items():
        np.testing.assert_array_equal(tree["curves"][layer].correct, curves.correct.sum("label"))
    # Histories are stored in float32.
    np.testing.assert_allclose(tree["history"].test_accuracy, at_once["history"].test_accuracy, rtol=1e-7)


def test_what_a_neuron_costs_alone_is_stored_and_is_the_first_step_of_its_curve(filled):
    tree = stored("tiny", folder=filled.results)
    measures = tree["measures"].to_dataset()
    for layer, network in itertools.product(["1", "2"], [0, 3]):
        lost = measures.lost.sel(network=network).values[measures.layer.values == layer]
        curve = tree["curves"][layer].correct.sel(network=network)
        for measure in MEASURES:
            values = measures[measure].sel(network=network)[measures.layer.values == layer].values
            first = np.flatnonzero(values == values.max())
            step = (curve.isel(step=0) - curve.isel(step=1)).sel(order=f"{measure} high")
            assert step.item() in lost[first]


def test_activity_by_epoch_is_stored_and_may_be_missing_of_older_jobs(filled):
    tree = stored("tiny", folder=filled.results)
    dead = tree["history"].dead
    assert dead.sizes["layer"] == len(TINY.hidden)
    # What training counts after the last epoch is what the measures were made of.
    counts = tree["measures"].counts.sum("label").sel(value=1)
    recounted = (counts == 0).groupby(tree["measures"].layer).sum()
    np.testing.assert_array_equal(dead.isel(epoch=-1).transpose(*recounted.dims), recounted)
    older, newer = stored_jobs("tiny", folder=filled.results)
    path = job_path(older, filled.results / "tiny")
    netcdf.write(
        netcdf.read(path).drop_vars(
            ["dead", "always_on", "lost", "used", "pairs", "triplets", "information", "layer", "part", "quantile"]
        ),
        path,
    )
    mixed = stored("tiny", folder=filled.results)["history"]
    assert stored("tiny", folder=filled.results)["groups"].network.values.tolist() == list(newer.networks)
    assert mixed.dead.isnull().any(["epoch", "layer"]).values.tolist() == [True, True, False, False]
    xr.testing.assert_equal(mixed.dead.sel(network=list(newer.networks)), dead.sel(network=list(newer.networks)))


def test_curves_to_the_mean_are_stored_beside_those_to_zero(filled):
    zero, mean = (
        stored("tiny", replacement, folder=filled.results)["curves"]["1"].correct for replacement in ("zero", "mean")
    )
    assert zero.isel(step=0).equals(mean.isel(step=0))
    assert not zero.equals(mean)


def test_more_networks_are_added_to_those_that_are_stored(where, lines):
    runner.run([("tiny", 3)], where, report=lines.append)
    before = files(where)
    runner.run([("tiny", 4)], where, report=lines.append)
    assert before.items() < files(where).items()
    tree = stored("tiny", folder=where.results)
    assert tree["curves"]["1"].network.values.tolist() == [0, 1, 2, 3]
    assert stored("tiny", networks=3, folder=where.results)["curves"]["1"].network.values.tolist() == [0, 1, 2]


def test_networks_of_a_smaller_job_are_not_computed_again(where, lines, filled):
    whole = stored("tiny", folder=filled.results)
    shutil.rmtree(where.results)
    runner.run([("tiny", 3)], where, report=lambda line: None)
    runner.run([("tiny", 4)], where, report=lines.append)
    assert [line.partition(":")[0] for line in lines] == ["tiny, networks 3 to 3"]
    xr.testing.assert_equal(stored("tiny", folder=where.results)["curves"], whole["curves"])


def test_fewer_networks_than_a_stored_job_has_are_not_computed_again(filled, lines):
    runner.run([("tiny", 1)], filled, report=lines.append)
    assert lines == []


def test_a_damaged_job_is_computed_anew_as_it_was_though_fewer_networks_are_wanted(filled, lines):
    name = sorted(files(filled))[0]
    before = sound(filled, name)
    (filled.results / "tiny" / name).write_bytes(b"!")
    runner.run([("tiny", 1)], filled, report=lines.append)
    assert lines[1].startswith("tiny, networks 0 to 1: ")
    xr.testing.assert_equal(sound(filled, name), before)


@pytest.mark.parametrize("fault", ["truncated", "changed", "foreign", "of another configuration"])
def test_a_damaged_job_is_named_and_computed_anew(filled, lines, fault):
    whole = files(filled)
    name = sorted(whole)[0]
    path = filled.results / "tiny" / name
    before = netcdf.read(path)
    other = whole[sorted(whole)[1]]
    path.write_bytes(
        {"truncated": whole[name][:-9], "changed": b"\0" + whole[name][1:], "foreign": b"!"}.get(fault, other)
    )
    with pytest.raises(StoreError, match=name):
        stored("tiny", folder=filled.results)
    runner.run([("tiny", 4)], filled, report=lines.append)
    assert name in lines[0]
    assert lines[0].endswith("; it is computed anew")
    assert lines[1].startswith("tiny, networks 0 to 1: ")
    xr.testing.assert_equal(netcdf.read(path), before)


def test_a_forged_job_is_named_and_computed_anew(filled, lines):
    name = sorted(files(filled))[0]
    path = filled.results / "tiny" / name
    before = netcdf.read(path)
    netcdf.write(before.assign_attrs(core=99), path)
    (one,) = audit.status(["tiny"], filled.results)
    assert (one.networks, one.damaged, one.stale) == (2, (), (name,))
    with pytest.raises(StoreError, match=f"{name}: .*stale: of version 99 of the core, and this is 1"):
        stored("tiny", folder=filled.results)
    runner.run([("tiny", 4)], filled, report=lines.append)
    assert name in lines[0] and lines[0].endswith("; it is computed anew")
    xr.testing.assert_equal(netcdf.read(path), before)


@pytest.mark.parametrize("kind", STRAYS)
@pytest.mark.parametrize("place", ["networks-00-01-*", "networks-1000-*"])
def test_nothing_is_computed_for_what_is_no_file_and_the_rest_goes_on(filled, lines, monkeypatch, kind, place):
    monkeypatch.setattr(runner, "compute", lambda *_: pytest.fail("computed"))
    (path,) = (filled.results / "tiny").glob(place)
    path.unlink()
    STRAYS[kind](path)
    runner.run([("tiny", 4)], filled, report=lines.append)
    assert lines == [f"skipped: {path} is {described(kind)}: move it away"]
    assert audit.status(["tiny"], filled.results)[0].damaged == ()
    if place == "networks-00-01-*":
        (one,) = verification.verify(["tiny"], filled)
        assert one.network in (2, 3)


@pytest.mark.parametrize("kind", STRAYS)
def test_networks_that_cannot_be_kept_are_measured(filled, kind):
    job = next(iter(stored_jobs("tiny", folder=filled.results)))
    path = computing.cached_networks(filled.weights, job.setting, job.first, job.last)
    path.unlink()
    STRAYS[kind](path)
    with pytest.warns(UserWarning, match=f"{path.name} is {described(kind)}: .* these networks are measured, and not"):
        results = computing.compute(job, cache=filled.weights)
    xr.testing.assert_equal(results, netcdf.read(job_path(job, filled.results / "tiny")))


@pytest.mark.parametrize(
    "forge",
    [
        lambda saved: [],
        lambda saved: {},
        lambda saved: saved | {"layers": saved["layers"][:-1]},
        lambda saved: saved | {"layers": [[tensor[:1] for tensor in layer] for layer in saved["layers"]]},
        lambda saved: saved | {"layers": [[layer[0]] for layer in saved["layers"]]},
        lambda saved: saved | {"layers": [[*layer, *layer] for layer in saved["layers"]]},
        lambda saved: saved | {"layers": [[layer[0].mT, layer[1]] for layer in saved["layers"]]},
        lambda saved: saved | {"networks": [7, 8]},
        lambda saved: saved | {"history": {}},
    ],
)
def test_forged_networks_with_a_sound_seal_are_trained_anew(filled, forge):
    job = next(iter(stored_jobs("tiny", folder=filled.results)))
    path = computing.cached_networks(filled.weights, job.setting, job.first, job.last)
    saved = torch.load(io.BytesIO(path.read_bytes()[32:]), weights_only=True)
    body = io.BytesIO()
    torch.save(forge(saved), body)
    path.write_bytes(hashlib.sha256(body.getvalue()).digest() + body.getvalue())
    with pytest.raises(StoreError, match=f"{path.name}: holds other networks than its name says; delete it"):
        load_networks(path, job.setting, job.networks, torch.device("cpu"))


def test_status_tells_damaged_and_stale_files_from_sound_ones(filled, monkeypatch):
    name = sorted(files(filled))[0]
    (filled.results / "tiny" / name).write_bytes(b"!")
    (one,) = audit.status(["tiny"], filled.results)
    assert (one.networks, one.damaged, one.stale) == (2, (name,), ())
    monkeypatch.setattr(content, "CORE_VERSION", digest.CORE_VERSION + 1)
    monkeypatch.setattr(digest, "CORE_VERSION", digest.CORE_VERSION + 1)
    (one,) = audit.status(["tiny"], filled.results)
    assert (one.networks, one.epochs, len(one.stale)) == (0, None, 2)


@pytest.mark.parametrize("foreign", [False, True], ids=["another job", "no result of ours"])
def test_status_and_doctor_tell_what_lies_under_a_wrong_name(filled, foreign):
    name, other = sorted(files(filled))[:2]
    path = filled.results / "tiny" / name
    if foreign:
        netcdf.write(xr.Dataset(), path)
    else:
        shutil.copy(path.with_name(other), path)
    (one,) = audit.status(["tiny"], filled.results)
    assert (one.networks, one.damaged, one.stale) == (2, (name,), ())
    (found,) = (one for one in doctor.examine(results=filled.results) if one.what == "results")
    assert found.state == "wrong" and name in found.text


def test_status_counts_a_job_that_had_half_the_cores_for_half_its_seconds(filled, monkeypatch):
    (threads,) = {int(netcdf.read(path).threads) for path in (filled.results / "tiny").glob("networks-*")}
    seconds = []
    for times in (1, 2):
        monkeypatch.setattr(os, "cpu_count", lambda times=times: times * threads)
        (one,) = audit.status(["tiny"], filled.results)
        assert one.seconds is not None
        seconds.append(one.seconds)
    assert seconds[1] == pytest.approx(seconds[0] / 2)


def test_other_quantizers_and_scalings_are_stored_beside_the_books_and_are_not_stale(filled, lines):
    runner.run([("tiny", 2)], filled, report=lines.append, values=4)
    runner.run([("tiny", 2)], filled, report=lines.append, scaling="unit")
    (one,) = audit.status(["tiny"], filled.results)
    assert (one.networks, one.stale) == (4, ())
    assert dict(one.others) == {"--scaling unit": 2, "--values 4": 2}
    chosen = dataclasses.replace(RunProtocol.of(TINY), values=4)
    assert stored("tiny", protocol=chosen, folder=filled.results)["measures"].sizes["value"] == 4
    assert stored("tiny", folder=filled.results)["measures"].sizes["value"] == 2
    chosen = dataclasses.replace(RunProtocol.of(TINY), values=8, scaling="unit")
    with pytest.raises(NotStored, match='tiny: no networks are stored; "neuronlib run tiny --scaling unit --values 8"'):
        stored("tiny", protocol=chosen, folder=filled.results)


def test_after_several_epochs_networks_are_stored_as_if_trained_for_each_alone(filled, lines, monkeypatch):
    pilots_say = stored("tiny", folder=filled.results)
    own = pilots_say.attrs["epochs"]
    elsewhere = dataclasses.replace(filled, results=filled.results.parent / "other", weights=filled.weights / "other")
    trained = []
    original = computing.train_with_snapshots

    def counted(setting, *others):
        trained.append(setting.epochs)
        return original(setting, *others)

    monkeypatch.setattr(computing, "train_with_snapshots", counted)
    runner.run([("tiny", 2)], elsewhere, report=lines.append, epochs=[1, own, 3])
    assert trained == [3]
    assert lines and all("networks 0 to 1" in line for line in lines)  # no pilots, as none decide anything
    for epochs in {1, own, 3}:
        chosen = dataclasses.replace(RunProtocol.of(TINY), epochs=epochs)
        tree = stored("tiny", protocol=chosen, folder=elsewhere.results)
        assert tree.attrs["epochs"] == tree["history"].sizes["epoch"] == epochs
    tree = stored("tiny", protocol=dataclasses.replace(RunProtocol.of(TINY), epochs=own), folder=elsewhere.results)
    some = stored("tiny", networks=2, folder=filled.results)
    xr.testing.assert_identical(tree["measures"].to_dataset(), some["measures"].to_dataset())
    for layer, curves in some["curves"].items():
        xr.testing.assert_identical(tree["curves"][layer].to_dataset(), curves.to_dataset())


def test_networks_after_other_epochs_are_stored_beside_the_books_and_are_not_stale(filled, lines):
    other = {1, 2, 3} - {stored("tiny", folder=filled.results).attrs["epochs"]}
    runner.run([("tiny", 2)], filled, report=lines.append, epochs=sorted(other))
    (entry,) = audit.status(["tiny"], filled.results)
    assert not entry.stale and entry.networks == 4
    assert entry.others == {f"--epochs {number}": 2 for number in other}


@pytest.mark.parametrize("epochs", [[0], [31]])
def test_epochs_beyond_the_papers_are_refused(where, epochs):
    with pytest.raises(ValueError, match="expected numbers from 1 to 30"):
        runner.run([("tiny", 2)], where, epochs=epochs)


def test_a_store_of_another_core_version_is_never_shown(filled, monkeypatch):
    monkeypatch.setattr(content, "CORE_VERSION", digest.CORE_VERSION + 1)
    monkeypatch.setattr(digest, "CORE_VERSION", digest.CORE_VERSION + 1)
    with pytest.raises(NotStored, match="tiny: what is stored is of another configuration or version of the core"):
        stored("tiny", folder=filled.results)


def test_trained_networks_are_taken_from_the_cache(filled, lines, monkeypatch):
    before = sound(filled, "networks-00-01-*")
    for path in (filled.results / "tiny").glob("networks-00-*"):
        path.unlink()
    monkeypatch.setattr(computing, "train", None)
    runner.run([("tiny", 2)], filled, report=lines.append)
    xr.testing.assert_equal(sound(filled, "networks-00-01-*"), before)


def test_networks_from_the_cache_say_where_they_were_trained_and_how_long_it_took(filled, monkeypatch):
    before = sound(filled, "networks-00-01-*").attrs
    for path in (filled.results / "tiny").glob("networks-00-*"):
        path.unlink()
    monkeypatch.setattr(computing, "provenance", lambda device: {"device": "another", "torch": "another"})
    runner.run([("tiny", 2)], filled, report=lambda line: None)
    after = sound(filled, "networks-00-01-*").attrs
    assert [after[name] for name in ("device", "torch", "training")] == [
        before[name] for name in ("device", "torch", "training")
    ]


def test_a_damaged_cache_is_trained_anew(filled, lines):
    before = sound(filled, "networks-00-01-*")
    for path in [*(filled.results / "tiny").glob("networks-00-*")]:
        path.unlink()
    for path in filled.weights.glob("*.pt"):
        path.write_bytes(path.read_bytes()[:-1])
    runner.run([("tiny", 2)], filled, report=lines.append)
    xr.testing.assert_equal(sound(filled, "networks-00-01-*"), before)


def test_cached_networks_under_a_wrong_name_are_trained_anew(tmp_path):
    tiny, narrow = (paper_setting("mnist-5k", hidden=hidden, epochs=1) for hidden in ((8, 6), (8, 5)))
    wanted = Job(setting=tiny, first=2, last=3)
    for other in (Job(setting=tiny, first=0, last=1), Job(setting=narrow, first=2, last=3)):
        for job in (other, wanted):
            computing.networks_of(job, computing.images(job.setting), "cpu", tmp_path)
        there, wrong = (computing.cached_networks(tmp_path, p.setting, p.first, p.last) for p in (other, wanted))
        shutil.copy(there, wrong)
        found, _ = computing.networks_of(wanted, computing.images(tiny), "cpu", tmp_path)
        assert found.networks == (2, 3)
        assert [layer.bias.shape[1] for layer in found.layers] == [8, 6, 10]


def test_networks_that_cannot_be_kept_are_measured_all_the_same(filled, lines, monkeypatch):
    before = sound(filled, "networks-00-01-*")
    for path in [*(filled.results / "tiny").glob("networks-00-*"), *filled.weights.glob("*.pt")]:
        path.unlink()

    def full(*arguments):
        raise StoreError("weights: cannot be written: No space left on device")

    monkeypatch.setattr(computing, "save_networks", full)
    with pytest.warns(UserWarning, match="No space left on device; these networks are measured, and not kept"):
        runner.run([("tiny", 2)], filled, report=lines.append)
    xr.testing.assert_equal(sound(filled, "networks-00-01-*"), before)


def test_a_cache_that_cannot_be_written_is_said_before_anything_is_computed(where, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(computing, "train", None)
    with pytest.raises(StoreError, match="file/weights: cannot be written"):
        runner.run([("tiny", 2)], dataclasses.replace(where, weights=tmp_path / "file" / "weights"))


def test_an_executor_computes_the_same_jobs(where, lines, tmp_path, computed):
    where = dataclasses.replace(where, results=computed / "results")
    other = dataclasses.replace(where, results=tmp_path / "other", weights=tmp_path / "other weights")
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        runner.run([("tiny", 4)], other, executor, report=lines.append)
    assert files(where).keys() == files(other).keys()
    for name in files(where):
        xr.testing.assert_equal(sound(where, name), sound(other, name))


def test_with_an_executor_a_setting_that_is_asked_for_twice_is_computed_once(where, lines):
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        runner.run([("tiny", 2), ("tiny", 4)], where, executor, report=lines.append)
    done = ["1000 to 1001", "0 to 1", "2 to 3"]
    assert sorted(line.partition(":")[0] for line in lines) == sorted(f"tiny, networks {which}" for which in done)


def test_an_error_in_a_job_ends_the_run(where, lines, monkeypatch):
    def broken(*arguments):
        raise StoreError("networks: cannot be written: No space left on device")

    monkeypatch.setattr(netcdf, "write", broken)
    with pytest.raises(StoreError, match="No space left"):
        runner.run([("tiny", 4)], where, report=lines.append)
    assert lines == []


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from neuronlib.reproduction.compute import scheduler as runner
from tiny import add_tiny
import pytest
add_tiny(pytest.MonkeyPatch())
if {moment!r} == "while writing":
    written = []
    flush = os.fsync
    def killing(handle):
        written.append(handle)
        if len(written) > 8:
            os.kill(os.getpid(), signal.SIGKILL)
        flush(handle)
    os.fsync = killing
def report(line):
    print(line, flush=True)
    if {moment!r} == "between jobs" and "networks 0 to 1" in line:
        os.kill(os.getpid(), signal.SIGKILL)
where = runner.Where(results=Path({results!r}), weights=Path({weights!r}), device="cpu")
try:
    runner.run([("tiny", 4)], where, report=report)
except runner.AnotherRun as error:
    sys.exit(error.exit_code)
"""


def command(where: runner.Where, moment: str = "") -> list[str]:
    code = KILLED.format(
        tests=str(ROOT / "tests"), moment=moment, results=str(where.results), weights=str(where.weights)
    )
    return [sys.executable, "-c", code]


@pytest.mark.parametrize("moment", ["between jobs", "while writing"])
def test_a_killed_run_goes_on_where_it_stopped(where, lines, moment, computed):
    killed = subprocess.run(command(where, moment), cwd=ROOT, text=True, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    for name in files(where):
        sound(where, name)
    before = files(where)
    assert before
    runner.run([("tiny", 4)], where, report=lines.append)
    assert before.items() < files(where).items()
    uninterrupted = dataclasses.replace(where, results=computed / "results")
    for name in files(uninterrupted):
        xr.testing.assert_equal(sound(where, name), sound(uninterrupted, name))


def test_two_runs_at_once_lose_and_mix_nothing(where):
    runs = [subprocess.Popen(command(where), cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate()[0] for process in runs]
    assert {process.returncode for process in runs} <= {0, runner.AnotherRun.exit_code}, outputs
    runner.run([("tiny", 4)], where, report=lambda line: None)
    assert stored("tiny", folder=where.results)["curves"]["1"].sizes["network"] == 4
    assert not netcdf.leftovers(where.results)


def test_what_another_run_is_at_is_left_to_it(where, lines):
    path = job_path(RunProtocol.of(TINY).pilot_job(TINY), where.results / "tiny")
    lock = where.weights / "locks" / f"{short_digest(str(path.resolve()))}.lock"
    lock.parent.mkdir(parents=True)
    with FileLock(lock), pytest.raises(runner.AnotherRun, match="another run is at 1 of these jobs"):
        runner.run([("tiny", 2)], where, report=lines.append)
    assert lines == [
        "tiny, networks 1000 to 1001: skipped: another process is computing it",
        "tiny: skipped: another process is training its pilot networks",
    ]


def test_what_a_killed_writer_left_is_removed_unless_it_may_be_at_work(where):
    folders = (where.results / "tiny", where.weights)
    names = [".networks.nc.xz.{}.part", ".mnist-5k.pt.{}.part"]
    for folder, name in zip(folders, names, strict=True):
        for which in ("old", "new"):
            write_bytes(b"half", folder / name.format(which))
        os.utime(folder / name.format("old"), (0, 0))
    runner.run([], where)
    left = [path.name for folder in folders for path in netcdf.leftovers(folder)]
    assert left == [name.format("new") for name in names]


def test_what_another_run_has_stored_before_the_lock_is_got_is_not_computed_again(where, lines, computed, monkeypatch):
    class Late(FileLock):
        def __enter__(self):
            shutil.copytree(computed / "results", where.results, dirs_exist_ok=True)
            return super().__enter__()

    monkeypatch.setattr(runner, "FileLock", Late)
    monkeypatch.setattr(runner, "compute", lambda *_: pytest.fail("computed again"))
    runner.run([("tiny", 4)], where, report=lines.append)
    assert lines == ["tiny, networks 1000 to 1001: skipped: another process has stored it meanwhile"]


def test_runs_into_two_stores_that_share_a_cache_do_not_wait_for_each_other(where, lines, tmp_path, monkeypatch):
    other = dataclasses.replace(where, results=tmp_path / "other")

    def while_the_other_runs(*arguments: Any) -> xr.Dataset:
        monkeypatch.undo()
        runner.run([("tiny", 1)], other, report=lines.append)
        return computing.compute(*arguments)

    monkeypatch.setattr(runner, "compute", while_the_other_runs)
    runner.run([("tiny", 1)], where, report=lines.append)
    assert len(files(where)) == len(list((other.results / "tiny").glob("networks-*"))) == 2
    assert len(lines) == 4 and not any("another process" in line for line in lines)


@pytest.mark.parametrize("part", ["mean_1", "training_loss"])
def test_verification_looks_at_all_that_is_stored(filled, part):
    for path in (filled.results / "tiny").glob("networks-0*"):
        found = netcdf.read(path)
        # More than a solver that stops earlier explains, and a sample at the last step.
        more = 0.002 if part == "training_loss" else (found.step_1 == found.step_1.max()).astype(np.int16)
        netcdf.write(found.assign({part: found[part] + more}).assign_attrs(found.attrs), path)
    (one,) = verification.verify(["tiny"], filled)
    assert not one.identical and one.accuracy == one.counts == 0


def test_a_network_computed_anew_is_the_stored_one(filled):
    (one,) = verification.verify(["tiny"], filled)
    assert one.identical
    assert one.sound


def test_verification_tells_another_network(filled, monkeypatch):
    original = verification.compute

    def different(job, *arguments):
        setting = dataclasses.replace(job.setting, seed=1)
        return original(dataclasses.replace(job, setting=setting), *arguments)

    monkeypatch.setattr(verification, "compute", different)
    (one,) = verification.verify(["tiny"], filled)
    assert not one.identical


@pytest.mark.parametrize("kind", ["replication", "pruning", "images"])
def test_the_first_network_of_a_study_computed_anew_is_the_stored_one(where, kind, monkeypatch):
    setting = Setting(dataset="mnist-5k", hidden=(8, 6), activation="sigmoid", epochs=1)
    small = Study(kind=kind, setting=setting, networks=2, random_orders=2)
    monkeypatch.setitem(ALL_STUDIES, "small", small)
    runner.run_studies(["small"], where, report=lambda line: None)
    (one,) = verification.verify(["small"], where)
    assert one.identical

    other = dataclasses.replace(small, networks=1, setting=dataclasses.replace(setting, seed=1))
    monkeypatch.setattr(verification, "compute_study", lambda *given: runner.compute_study(other, *given[1:]))
    (one,) = verification.verify(["small"], where)
    assert one.curves > 0


@pytest.mark.parametrize("networks", [0, -3])
def test_a_number_of_networks_below_one_is_refused(where, networks):
    with pytest.raises(ValueError, match=f"tiny: {networks} networks; expected 1 to 1000"):
        runner.run([("tiny", networks)], where)


def test_without_its_pilots_a_setting_has_no_stale_networks(computed, tmp_path):
    shutil.copytree(computed / "results", tmp_path / "results")
    for pilots in (tmp_path / "results" / "tiny").glob("networks-1000*"):
        pilots.unlink()
    (found,) = audit.status(["tiny"], tmp_path / "results")
    assert (found.networks, found.stale, found.damaged) == (0, (), ())


def test_curves_that_are_not_divided_are_not_computed_anew_for_another_grid():
    for name, differs in [("mnist-relu-l2", False), ("cifar10-relu-l2", True)]:
        book, other = (dataclasses.replace(RunProtocol.of(SETTINGS[name]), points=n) for n in (50, 10))
        digests = {chosen.job(SETTINGS[name], 8, 0, 4).digest() for chosen in (book, other)}
        assert len(digests) == 1 + differs


def test_every_setting_is_in_the_order_of_computation_and_those_shown_come_first():
    order = paper_order()
    assert {name for name, _ in order} == SETTINGS.keys()
    shown = [name for name, setting in SETTINGS.items() if setting.panel]
    assert len(shown) == 14
    assert [name for name, _ in order][: len(shown)] == shown
    final = dict(order)
    assert all(final[name] == setting.networks for name, setting in SETTINGS.items())
    large = [name for name, setting in SETTINGS.items() if setting.dataset == "cifar10" and not setting.panel]
    assert order[-2 * len(large) :] == [(name, 10) for name in large] + [(name, final[name]) for name in large]


def test_the_first_epoch_within_one_standard_error_of_the_best_is_chosen(monkeypatch):
    # Means .80, .88, .90, .89; the best epoch's deviation is .0283, so its standard error .02, and .88 suffices.
    accuracy = np.array([[0.80, 0.88, 0.92, 0.89], [0.80, 0.88, 0.88, 0.89]])
    history = xr.Dataset({"validation_accuracy": (("network", "epoch"), accuracy)}, {"epoch": [1, 2, 3, 4]})
    monkeypatch.setattr(protocol, "EPOCHS", range(1, 5))
    assert best_epochs(history) == 2


def test_pilots_too_few_to_choose_from_are_refused():
    history = xr.Dataset({"validation_accuracy": (("network", "epoch"), np.ones((1, 3)))}, {"epoch": [1, 2, 3]})
    with pytest.raises(ValueError, match="at least 2 networks"):
        best_epochs(history)
    for epochs in ([1, 2], [2, 3]):
        history = xr.Dataset({"validation_accuracy": (("network", "epoch"), np.ones((2, 2)))}, {"epoch": epochs})
        with pytest.raises(ValueError, match="after each of 8 to 30 epochs"):
            best_epochs(history)


def test_a_job_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="^networks 3 to 1: the last comes before the first$"):
        Job(setting=Setting(), first=3, last=1)


def test_curves_that_were_not_computed_are_refused_by_name(where):
    runner.run([("tiny", 1)], where, report=lambda line: None, replacements=("zero",))
    chosen = dataclasses.replace(RunProtocol.of(TINY), replacements=("zero",))
    with pytest.raises(NotStored, match="^tiny: no curves with ablation to mean are stored$"):
        stored("tiny", "mean", protocol=chosen, folder=where.results)
    with pytest.raises(ValueError, match="^layer = '3': ablated were 1, 2, whole$"):
        curves_of(stored("tiny", protocol=chosen, folder=where.results), "3")


@pytest.mark.parametrize("width", [5, 200, 250, 1003])
def test_curves_are_evaluated_from_nothing_to_everything(width):
    job = Job(setting=Setting(hidden=(width,), dropout=()), first=0, last=0)
    steps = job.steps("1")
    assert steps[0] == 0
    assert steps[-1] == width
    assert steps == sorted(set(steps))
    assert len(steps) == (width + 1 if width <= EVERY_STEP else len(range(0, width, width // 50)) + 1)


def test_a_job_is_the_same_from_a_list_and_a_study_of_an_unknown_kind_is_refused():
    setting = Setting(hidden=(5,), dropout=())
    kinds: Any = (["zero"], ("zero",))
    one, other = (Job(setting=setting, first=0, last=0, replacements=replacements) for replacements in kinds)
    assert hash(one) == hash(other) and one.digest() == other.digest()
    with pytest.raises(ValueError, match="kind = 'prunning': input should be 'replication', 'pruning', 'images' or"):
        Study(kind="prunning", setting=setting)  # type: ignore[arg-type]


def test_numbers_that_do_not_fit_are_refused():
    counts = np.zeros((1, 1, 2, 2), dtype=np.int64)
    counts[0, 0, 1, 1] = 70_000
    with pytest.raises(ValueError, match="a number beyond 0 to 65535 cannot be stored"):
        encode(xr.Dataset(), by_neuron(counts, {"1": 1}, [0]), {})


def test_finer_quantizers_are_stored_with_all_their_values():
    setting = TINY.with_epochs(1)
    encoded = computing.compute(Job(setting=setting, first=0, last=1, replacements=(), values=4), device="cpu")
    counts = decode(encoded)["measures"].counts
    assert counts.sizes["value"] == 4
    assert (counts.sum(["value", "label"]) == 800).all()
