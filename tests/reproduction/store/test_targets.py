"""Whatever is written refuses to replace what is no regular file."""

import stat

import pytest
from pieces import small_piece
from strays import STRAYS, described

from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.atomic import StoreError, check_target, write_bytes


@pytest.mark.parametrize("kind", STRAYS)
def test_what_is_no_file_is_neither_replaced_nor_followed(tmp_path, kind):
    path = tmp_path / "it"
    STRAYS[kind](path)
    before = path.lstat()
    with pytest.raises(StoreError, match=f"it is {described(kind)}: expected a regular file; it is left as it is"):
        write_bytes(b"abc", path)
    with pytest.raises(ValueError, match=f"it is {described(kind)}: expected a regular file"):
        check_target(path)
    with pytest.raises(StoreError):
        netcdf.write(small_piece(), path)
    assert (path.lstat().st_mode, path.lstat().st_ino) == (before.st_mode, before.st_ino)
    assert [one.name for one in tmp_path.iterdir()] == ["it"]


def test_a_file_a_link_to_one_and_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link", "new"):
        check_target(tmp_path / name)
        write_bytes(b"abc", tmp_path / name)
    assert (tmp_path / "link").is_symlink()


COMMANDS = {
    "picture": ["claims", "--picture", "{}"],
    "forest": ["claims", "--forest", "{}"],
    "verdicts": ["claims", "--write", "{}"],
    "notebook": ["notebook", "s1_setup", "--force", "-o", "{}"],
    "export": ["notebook", "s1_setup", "--force", "--export", "-o", "{}"],
    "report": ["analyse", "none.pt2", "--samples", "none.npz", "-o", "{}"],
}


@pytest.mark.parametrize("kind", STRAYS)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_refuses_it_before_anything_is_computed(tmp_path, capsys, monkeypatch, command, kind):
    # Nothing is in this store, and there are no such files, which is found out later.
    path = tmp_path / "it"
    STRAYS[kind](path)
    before = stat.S_IFMT(path.lstat().st_mode)
    arguments = [one.format(path) for one in command]
    (tmp_path / "results").mkdir()
    more = ["--results", str(tmp_path / "results")] if command[0] == "claims" else []
    assert main([*arguments, *more]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"it is {described(kind)}" in line
    assert stat.S_IFMT(path.lstat().st_mode) == before


@pytest.mark.parametrize("kind", STRAYS)
def test_the_book_refuses_it_in_place_of_a_page_before_anything_is_computed(tmp_path, kind):
    from neuronlib.reproduction.book.build import build

    book = tmp_path / "book"
    (book / "profiles").mkdir(parents=True)
    (book / "profiles" / "some.toml").write_text("")
    (book / "chapter.py").write_text("# %%\nraise RuntimeError\n")
    STRAYS[kind](book / "chapter.ipynb")
    with pytest.raises(ValueError, match=rf"chapter.ipynb is {described(kind)}"):
        build("some", folder=book)


@pytest.mark.parametrize("kind", STRAYS)
def test_an_assignment_does_not_replace_it(tmp_path, kind, capsys):
    pytest.importorskip("nbgrader")
    course = tmp_path / "course"
    (course / "source" / "measures").mkdir(parents=True)
    STRAYS[kind](course / "source" / "measures" / "measures.ipynb")
    assert main(["assign", str(course), "measures", "--force"]) in (1, 2)
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (course / "source" / "measures" / "measures.ipynb").is_file()
