import io
import lzma
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuronlib.common import unpacking
from neuronlib.common.unpacking import Damaged, check_archive, unpack_xz


def archive(path: Path, compression: int = zipfile.ZIP_STORED, size: int = 1000) -> Path:
    with zipfile.ZipFile(path, "w", compression) as new:
        new.writestr("some", bytes(size))
        new.writestr("other", np.arange(50).tobytes())
    return path


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_sound_archive_is_given_back_from_its_beginning(tmp_path, compression):
    with archive(tmp_path / "it.zip", compression).open("rb") as file:
        assert check_archive(file).namelist() == ["some", "other"]
        assert file.tell() == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_with_one_bit_changed_the_members_are_the_same_or_it_is_refused(tmp_path, data):
    whole = archive(tmp_path / "it.zip").read_bytes()
    content = bytearray(whole)
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    (tmp_path / "changed.zip").write_bytes(content)
    with zipfile.ZipFile(io.BytesIO(whole)) as before, (tmp_path / "changed.zip").open("rb") as file:
        try:
            after = check_archive(file)
        except Damaged as error:
            assert "\n" not in str(error)
        else:
            assert [after.read(one) for one in after.namelist()] == [before.read(one) for one in before.namelist()]


def test_a_small_archive_may_unpack_to_little_more_than_the_largest_data_set(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "UNPACKED_ANYWAY", 10**4)
    with (
        archive(tmp_path / "it.zip", zipfile.ZIP_DEFLATED, 10**6).open("rb") as file,
        pytest.raises(Damaged, match="unpacks to 1 MB, which is too much for its size; write it uncompressed"),
    ):
        check_archive(file)
    with archive(tmp_path / "it.zip", zipfile.ZIP_STORED, 10**6).open("rb") as file:
        check_archive(file)


def test_a_member_is_unpacked_to_no_more_than_the_directory_says(tmp_path):
    content = bytearray(archive(tmp_path / "it.zip", zipfile.ZIP_DEFLATED, 10**6).read_bytes())
    start = content.index(b"PK\x01\x02")
    content[start + 24 : start + 28] = struct.pack("<I", 10)
    (tmp_path / "it.zip").write_bytes(content)
    with (tmp_path / "it.zip").open("rb") as file, pytest.raises(Damaged, match="does not have its checksum"):
        check_archive(file)


def test_xz_unpacks_no_further_than_it_may():
    content = lzma.compress(bytes(10**6))
    assert len(unpack_xz(content, 10**6)) == 10**6
    with pytest.raises(Damaged, match="unpacks to more than 1 MB"):
        unpack_xz(content, 10**6 - 1)


@pytest.mark.parametrize("content", [b"", b"abc", lzma.compress(b"abc")[:-1], lzma.compress(b"abc") + b"more"])
def test_what_is_not_xz_or_not_alone_is_refused(content):
    with pytest.raises(Damaged):
        unpack_xz(content, 100)


def test_a_header_that_asks_for_gigabytes_of_memory_is_refused():
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**30}]
    with pytest.raises(Damaged, match="[Mm]emory"):
        unpack_xz(lzma.compress(b"abc", filters=filters), 100)
