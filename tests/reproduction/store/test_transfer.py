"""Stores copied into each other, by fsspec."""

import secrets
from pathlib import Path

import fsspec
import pytest
import xarray as xr

from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.transfer import copy_results

NAMES = ["first/study-0123456789ab.nc.xz", "second/networks-00-01-ba9876543210.nc.xz"]


@pytest.fixture
def store(tmp_path) -> Path:
    for name in NAMES:
        digest = name[-18:-6]
        netcdf.write(xr.Dataset({"x": ("network", [1, 2])}, attrs={"digest": digest}), tmp_path / "store" / name)
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
    assert lines == [f"{store}/{NAMES[1]}: damaged, or of another configuration; left out"]
    assert [path.read_bytes() for path in target.rglob("*") if path.is_file()] == [b"mine"]


@pytest.mark.parametrize(
    ("source", "target", "code", "says"),
    [
        ("nowhere", "elsewhere", 2, "nowhere: no results; expected files such as"),
        ("s4://bucket/results", "elsewhere", 2, "s4://bucket/results: Protocol not known: s4; expected a folder"),
        ("{store}", "s4://x", 2, "s4://x: Protocol not known"),
        ("{store}", "{store}/first/study-0123456789ab.nc.xz", 1, "cannot be written: Not a directory"),
    ],
)
def test_what_cannot_be_copied_is_refused_in_one_line(source, target, code, says, store, capsys):
    assert main(["copy", source.format(store=store), target.format(store=store)]) == code
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_an_address_that_fails_is_named(store, capsys, monkeypatch):
    def broken(*_):
        raise ConnectionError("no route to host\nand more")

    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "pipe_file", broken)
    assert main(["copy", str(store), "memory://results"]) == 1
    assert capsys.readouterr().err == f"neuronlib: copying {store} to memory://results failed: no route to host\n"
