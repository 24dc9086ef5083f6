import os
from pathlib import Path

import pytest
from strays import STRAYS, described

from neuronlib.common.regular_files import NotRegular, obstacle, open_regular, read_regular, unusable


@pytest.mark.parametrize("kind", STRAYS)
def test_what_is_no_file_is_named_and_never_opened(tmp_path, kind):
    STRAYS[kind](tmp_path / "it")
    assert obstacle(tmp_path / "it") == unusable(tmp_path / "it") == described(kind)
    with pytest.raises(NotRegular, match=f"it is {described(kind)}: expected a regular file"):
        read_regular(tmp_path / "it", 10)


@pytest.mark.parametrize("kind", ["nothing", "a file", "a link to a file"])
def test_a_file_a_link_to_one_and_nothing_are_no_obstacle(tmp_path, kind):
    path = tmp_path / "it"
    if kind != "nothing":
        (tmp_path / "file").write_bytes(b"abc")
        path = tmp_path / "file"
    if kind == "a link to a file":
        path = tmp_path / "link"
        path.symlink_to("file")
    assert obstacle(path) == unusable(path) == ""


def test_what_lies_under_a_file_or_a_loop_is_not_there(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "loop").symlink_to("loop")
    for folder in ("file", "loop", "nowhere"):
        assert obstacle(tmp_path / folder / "it") == ""
        with pytest.raises(FileNotFoundError):
            read_regular(tmp_path / folder / "it", 10)


def test_a_file_that_becomes_a_pipe_meanwhile_does_not_block(tmp_path, monkeypatch):
    (tmp_path / "it").write_bytes(b"abc")
    original = os.open

    def too_late(path: Path, *arguments: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return original(path, *arguments)

    monkeypatch.setattr(os, "open", too_late)
    with pytest.raises(NotRegular):
        open_regular(tmp_path / "it")


def test_at_most_so_many_bytes_are_read(tmp_path):
    (tmp_path / "it").write_bytes(b"abc")
    assert read_regular(tmp_path / "it", 3) == b"abc"
    with pytest.raises(ValueError, match="it: holds more than 0 MB"):
        read_regular(tmp_path / "it", 2)
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(2**33)
    with pytest.raises(ValueError, match="sparse: holds more than 1 MB"):
        read_regular(tmp_path / "sparse", 10**6)


def test_a_file_without_permission_is_named(tmp_path, monkeypatch):
    (tmp_path / "it").write_bytes(b"abc")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # whoever may do anything is never refused
    assert unusable(tmp_path / "it") == "a file that cannot be read"
