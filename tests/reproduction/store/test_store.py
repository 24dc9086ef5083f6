import lzma
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pieces import small_piece

from neuronlib.reproduction.design import digest as digest_module
from neuronlib.reproduction.design.digest import digest
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.atomic import StoreError, check_writable, write_bytes
from neuronlib.reproduction.store.netcdf import read, write

RESULTS = small_piece()
OTHER = small_piece(seed=1)
DIGEST = RESULTS.digest
NAME = f"networks-03-04-{DIGEST}.nc.xz"


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "setting" / NAME
    write(RESULTS, path)
    return path


def test_what_is_read_is_what_was_written(stored):
    xr.testing.assert_identical(read(stored, DIGEST), RESULTS)


def test_other_programs_read_the_unpacked_file(stored, tmp_path):
    (tmp_path / "plain.nc").write_bytes(lzma.decompress(stored.read_bytes()))
    with xr.open_dataset(tmp_path / "plain.nc") as opened:
        xr.testing.assert_identical(opened.load(), RESULTS)


def test_all_results_in_git_are_less_than_45_megabytes():
    stored = (Path(__file__).parents[3] / "results").rglob(f"*{netcdf.SUFFIX}")
    assert 0 < sum(file.stat().st_size for file in stored) < 45e6


THREADS = """
import concurrent.futures, sys
from pathlib import Path
from neuronlib.reproduction.store.netcdf import read, write
from pieces import small_job, small_piece

def there_and_back(k):
    path = Path(sys.argv[1]) / f"{k}.nc.xz"
    piece = small_piece(small_job(last=3 + k))
    write(piece, path)
    return read(path, piece.digest).equals(piece)

with concurrent.futures.ThreadPoolExecutor(4) as executor:
    assert all(executor.map(there_and_back, range(100)))
"""


def test_threads_write_and_read_at_once(tmp_path):
    # In a process of its own, as netCDF's library would end it.
    run = subprocess.run([sys.executable, "-c", THREADS, tmp_path], cwd=Path(__file__).parents[2], capture_output=True)
    assert run.returncode == 0, run.stderr


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_truncated_file_is_refused(stored, data):
    whole = stored.read_bytes()
    cut = stored.with_name("cut.nc.xz")
    cut.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(StoreError, match=r'cut.nc.xz: damaged .*"neuronlib run" computes it anew'):
        read(cut)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_with_one_changed_bit_is_refused(stored, data):
    content = bytearray(stored.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    changed = stored.with_name("changed.nc.xz")
    changed.write_bytes(content)
    with pytest.raises(StoreError, match=r"changed.nc.xz: damaged"):
        read(changed)


@pytest.mark.parametrize("content", [b"", b"a note", lzma.compress(b"not netCDF")])
def test_a_foreign_file_is_refused(tmp_path, content):
    (tmp_path / "foreign.nc.xz").write_bytes(content)
    with pytest.raises(StoreError, match="foreign.nc.xz: damaged or not a result of neuronlib"):
        read(tmp_path / "foreign.nc.xz")


def test_results_of_another_configuration_are_refused(stored):
    with pytest.raises(StoreError, match=f"holds results of configuration {DIGEST} instead of fedcba"):
        read(stored, "fedcba")


def test_a_full_disk_leaves_what_was_there(stored, monkeypatch):
    before = stored.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="nc.xz: cannot be written: No space left on device"):
        write(OTHER, stored)
    assert stored.read_bytes() == before
    assert [path.name for path in stored.parent.iterdir()] == [stored.name]


def test_a_folder_that_cannot_be_flushed_is_no_unwritten_file(stored, monkeypatch):
    original = os.fsync

    def refused(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").is_dir():
            raise OSError(22, os.strerror(22))
        original(handle)

    monkeypatch.setattr(os, "fsync", refused)
    write(OTHER, stored)
    xr.testing.assert_identical(read(stored), OTHER)


def test_a_second_writer_in_the_midst_of_a_first_disturbs_neither(tmp_path, monkeypatch):
    original = os.fsync

    def meanwhile(handle: int) -> None:
        monkeypatch.setattr(os, "fsync", original)
        write_bytes(b"second", tmp_path / "file")
        original(handle)

    monkeypatch.setattr(os, "fsync", meanwhile)
    write_bytes(b"first", tmp_path / "file")  # begun before the second, ended after it
    assert (tmp_path / "file").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_who_may_read_a_file_is_left_to_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write_bytes(b"abc", tmp_path / "file")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_a_link_stays_one_and_what_it_leads_to_is_written(stored, tmp_path):
    link = tmp_path / "link.nc.xz"
    link.symlink_to(stored)
    write_bytes(b"abc", link)
    assert link.is_symlink() and stored.read_bytes() == b"abc"


def test_a_file_that_cannot_be_read_is_not_called_damaged(stored, monkeypatch):
    def refused(path: Path, most: int) -> bytes:
        raise OSError(5, os.strerror(5), str(path))

    monkeypatch.setattr(netcdf, "read_regular", refused)
    with pytest.raises(OSError, match="Input/output error: '.*nc.xz'"):
        read(stored)
    assert [one.fault for one in netcdf.examined(stored.parent)] == ["Input/output error"]


def test_linked_folders_are_examined_and_links_to_nothing_are_not(tmp_path):
    write(RESULTS, tmp_path / "elsewhere" / NAME)
    results = tmp_path / "results"
    results.mkdir()
    (results / "setting").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "study-fedcba.nc.xz").symlink_to(tmp_path / "nowhere")
    assert [(one.path.name, one.fault) for one in netcdf.examined(results)] == [(NAME, "")]


@pytest.mark.parametrize(
    "name", ["networks-03-05-{}.nc.xz", "networks-00-00-{}.nc.xz", "networks-03-04-0123456789ab.nc.xz", "{}.nc.xz"]
)
def test_a_piece_under_another_name_is_called_damaged(tmp_path, name):
    write(RESULTS, tmp_path / name.format(DIGEST))
    assert [one.fault for one in netcdf.examined(tmp_path)] == ["damaged"]


def test_a_folder_that_cannot_be_written_is_refused_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Not a directory"):
        check_writable(tmp_path / "file" / "results")


def test_what_a_killed_writer_left_is_found_and_is_no_result(tmp_path):
    names = [".mnist.pt.abc.part", ".networks.nc.xz.abc.part"]
    for name in [*names, ".somebody-elses.abc.part"]:
        write_bytes(b"half", tmp_path / "setting" / name)
    assert [path.name for path in netcdf.leftovers(tmp_path)] == names
    assert not list(tmp_path.rglob("networks*"))


def test_a_new_version_of_the_core_has_other_digests(monkeypatch):
    before = digest({"epochs": 8})
    monkeypatch.setattr(digest_module, "CORE_VERSION", digest_module.CORE_VERSION + 1)
    assert digest({"epochs": 8}) != before
