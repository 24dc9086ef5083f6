"""Stores copied into each other, by fsspec."""

import secrets
from pathlib import Path

import fsspec
import pytest
from pieces import small_job, small_piece

from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.results import job_path
from neuronlib.reproduction.store.transfer import copy_results

JOBS = {"first": small_job(0, 1), "second": small_job(2, 3)}
NAMES = [str(job_path(job, Path(name))) for name, job in JOBS.items()]


@pytest.fixture
def store(tmp_path) -> Path:
    for name, job in zip(NAMES, JOBS.values(), strict=True):
        netcdf.write(small_piece(job), tmp_path / "store" / name)
    return tmp_path / "store"


def test_what_is_copied_to_an_object_store_and_back_is_the_same(store, tmp_path):
    address = f"memory://{secrets.token_hex(4)}/results"
    assert copy_results(str(store), address) == 2
    assert copy_results(str(store), address) == 0
    assert copy_results(address, str(tmp_path / "back")) == 2
    for name in NAMES:
        assert (tmp_path / "back" / name).read_bytes() == (store / name).read_bytes()


def test_what_is_there_stays_and_what_is_damaged_is_named_and_left_out(store, tmp_path):
    target = tmp_path / "target"
    (target / "first").mkdir(parents=True)
    (target / NAMES[0]).write_bytes(b"mine")
    (store / NAMES[1]).write_bytes(b"!")
    lines: list[str] = []
    assert copy_results(str(store), str(target), lines.append) == 0
    assert lines == [f"{store}/{NAMES[1]}: damaged; left out"]
    assert [path.read_bytes() for path in target.rglob("*") if path.is_file()] == [b"mine"]


@pytest.mark.parametrize(
    ("source", "target", "code", "says"),
    [
        ("nowhere", "elsewhere", 2, "nowhere: no results; expected files such as"),
        ("s4://bucket/results", "elsewhere", 2, "s4://bucket/results: Protocol not known: s4; expected a folder"),
        ("{store}", "s4://x", 2, "s4://x: Protocol not known"),
        ("{store}", "{store}/{name}", 1, "cannot be written: Not a directory"),
    ],
)
def test_what_cannot_be_copied_is_refused_in_one_line(source, target, code, says, store, capsys):
    assert main(["copy", source.format(store=store), target.format(store=store, name=NAMES[0])]) == code
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_an_address_that_fails_is_named(store, capsys, monkeypatch):
    def broken(*_):
        raise ConnectionError("no route to host\nand more")

    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "pipe_file", broken)
    assert main(["copy", str(store), "memory://results"]) == 1
    assert capsys.readouterr().err == f"neuronlib: copying {store} to memory://results failed: no route to host\n"
