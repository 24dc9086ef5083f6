"""One thing that is no file, in a store, among weights or in the book, stops no command."""

import os
from pathlib import Path

import pytest
from strays import STRAYS, described

from neuronlib.reproduction.book import chapters
from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.store.paths import RESULTS
from neuronlib.reproduction.store.results import study_path

SETTING = "small-fashion-relu-dropout"
UNDECODABLE = os.fsdecode(b"networks-00-09-\xff.nc.xz")
PLACES = [
    f"{SETTING}/networks-50-50-0123456789ab.nc.xz",
    study_path("early-version", Path()).as_posix(),
    f"{SETTING}/notes.txt",
    f"{SETTING}/{UNDECODABLE}",
    "networks.nc.xz",
]
"""Under the name of a job, of a study, and others."""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "results" / SETTING
    folder.mkdir(parents=True)
    for file in (RESULTS / SETTING).iterdir():
        os.link(file, folder / file.name)
    return tmp_path / "results"


@pytest.mark.parametrize("kind", STRAYS)
def test_status_and_claims_name_each_and_go_on(store, capsys, kind):
    for place in PLACES:
        (store / place).parent.mkdir(exist_ok=True)
        STRAYS[kind](store / place)
    if kind != "a folder":
        STRAYS[kind](store / "mnist-relu-l2")  # in place of a setting's folder
    for arguments, expected in (
        (["status"], "50/50"),
        (["status", "early-version"], "study, missing"),
        (["claims", "K1", "N1"], "open"),
    ):
        assert main([*arguments, "--results", str(store)]) == 0
        printed = capsys.readouterr()
        assert expected in printed.out and "damaged" not in printed.out
        lines = printed.err.splitlines()
        assert len(lines) == len(PLACES) + (kind != "a folder")
        assert all(line.startswith("neuronlib: left out: ") and line.endswith(f": {described(kind)}") for line in lines)


def test_a_foreign_file_under_a_name_that_cannot_be_decoded_is_called_damaged(store, capsys):
    (store / SETTING / UNDECODABLE).write_bytes(b"mine")
    assert main(["status", SETTING, "--results", str(store)]) == 0
    assert "damaged: networks-00-09-" in capsys.readouterr().out
    assert main(["claims", "K1", "--results", str(store)]) == 0


@pytest.mark.parametrize("kind", STRAYS)
def test_the_book_has_the_same_chapters_and_profiles(tmp_path, kind):
    for part in ("profiles", "one.py"):
        (tmp_path / part).mkdir() if part == "profiles" else (tmp_path / part).write_text("# %%\n")
    (tmp_path / "profiles" / "some.toml").write_text("")
    for name in ("two.py", "profiles/other.toml"):
        STRAYS[kind](tmp_path / name)
    assert chapters.chapters(tmp_path) == ["one"]
    assert chapters.profile("some", tmp_path) == {}
