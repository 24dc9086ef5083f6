import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from neuronlib.reproduction.book import chapters
from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.design.studies import ALL_STUDIES
from neuronlib.reproduction.pages.tables.claims import LEAST, MOST
from neuronlib.reproduction.store.paths import BOOK, RESULTS
from neuronlib.reproduction.store.results import study_path

CHAPTER = """\
# %% [markdown]
# # Trivial

# %% tags=["parameters"]
networks: int = 2  # networks trained
dataset: str = "mnist-5k"  # the images
device: str = "auto"  # where to compute

# %%
print(networks, dataset, device, flush=True)
if networks == 13:
    raise RuntimeError("bad luck")
if networks == 99:
    import pathlib, time
    pathlib.Path("asleep").touch()
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the library with a book of one chapter."""
    here = BOOK.parent
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(here / "neuronlib", root / "neuronlib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(here / "_config.yml", root)
    (root / "_toc.yml").write_text("format: jb-book\nroot: book/index\nchapters:\n  - file: book/trivial\n")
    shutil.copytree(here / "book" / "profiles", root / "book" / "profiles")
    for profile in (root / "book" / "profiles").glob("*.toml"):
        profile.write_text("[trivial]\nnetworks = 3\n")
    for part in ("_ext", "_static"):
        shutil.copytree(here / "book" / part, root / "book" / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(here / "book" / "references.bib", root / "book")
    (root / "book" / "index.md").write_text("# Index\n")
    (root / "book" / "trivial.py").write_text(CHAPTER)
    return root


def neuronlib(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "neuronlib.reproduction.cli.main", *arguments]
    run = subprocess.run(command, cwd=checkout, text=True, capture_output=True)
    # What a kernel's message library prints, seldom, when the kernel is shut down is not the command's.
    run.stderr = re.sub(r"^Assertion failed: pfd\.revents.*\n", "", run.stderr, flags=re.MULTILINE)
    return run


@pytest.fixture
def pipe_that_nobody_reads():
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def test_no_arguments_print_help_with_examples(capsys):
    assert main([]) == 0
    assert "neuronlib notebook s4_fig3_mnist -p source=live -p networks=5" in capsys.readouterr().out


def test_help_and_version_wait_for_nothing_that_takes_seconds_to_load():
    code = "import sys; from neuronlib.reproduction.cli import main as cli; cli.main([]); cli.main(['--version']); "
    code += "print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(said.splitlines()[-1].split())
    assert not loaded & {"torch", "xarray", "scipy", "pandas", "nbformat", "jupytext", "papermill", "matplotlib"}


def test_a_log_shows_each_line_as_it_comes(monkeypatch, tmp_path):
    log, seen = io.BytesIO(), []
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(log))

    def run(*_, **__):
        print("one job")
        seen.append(log.getvalue())  # while the command is still at work

    monkeypatch.setattr("neuronlib.reproduction.compute.scheduler.run", run)
    assert main(["run", "mnist-relu-l2", "--results", str(tmp_path)]) == 0
    assert seen == [b"one job\n"]


def test_a_reader_who_has_read_enough_ends_the_command_without_complaint(pipe_that_nobody_reads):
    command = [sys.executable, "-m", "neuronlib.reproduction.cli.main", "notebook", "--list"]
    run = subprocess.run(command, stdout=pipe_that_nobody_reads, stderr=subprocess.PIPE)
    assert (run.returncode, run.stderr) == (141, b"")


def test_list_names_the_chapters(capsys):
    assert main(["notebook", "--list"]) == 0
    assert capsys.readouterr().out.split() == chapters.chapters()


def test_parameters_are_shown_with_default_and_comment(checkout):
    run = neuronlib(checkout, "notebook", "trivial", "--parameters")
    assert run.stdout.splitlines()[:2] == [
        "networks: int = 2  # networks trained",
        'dataset: str = "mnist-5k"  # the images',
    ]


def exit_code(line: str) -> int | str | None:
    try:
        return main(line.split())
    except SystemExit as stopped:
        return stopped.code


@pytest.mark.parametrize(
    "line",
    [
        "frobnicate",
        "notebook",
        "notebook s1_step",
        "notebook s1_setup -p network=3",
        "notebook s1_setup -p networks=three",
        "notebook s1_setup -p networks=0",
        "notebook s1_setup -p networks",
        "notebook s1_setup -p dataset=mnits",
        "notebook s1_setup --profile smok",
        "notebook s1_setup --export -p networks=3",
        "notebook s1_setup -o nowhere/out.ipynb",
        "notebook s1_setup -o mine.txt",
        "book --profile smok",
        "book --device tpu",
    ],
)
def test_bad_input_is_one_line_on_standard_error_and_exit_code_2(line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.txt").write_text("mine")
    assert exit_code(line) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(r"neuronlib: [^\n]+\n", printed.err)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_bad_input_ends_the_command_with_code_2(checkout):
    run = neuronlib(checkout, "notebook", "trivail")
    assert (run.returncode, run.stdout) == (2, "")
    assert re.fullmatch(r"neuronlib: [^\n]+\n", run.stderr)


def test_failing_cell_is_one_line_and_exit_code_1_without_output(checkout):
    run = neuronlib(checkout, "notebook", "trivial", "-p", "networks=13", "-o", "failed.ipynb")
    assert run.returncode == 1
    assert (
        run.stderr
        == "neuronlib: trivial, cell [3] 'print(networks, dataset, device, flush=True)': RuntimeError: bad luck\n"
    )
    assert not (checkout / "failed.ipynb").exists()


def test_values_are_read_as_json_and_else_as_text(checkout):
    run = neuronlib(checkout, "notebook", "trivial", "-p", "networks=5", "-p", "dataset=mnist", "-o", "out.ipynb")
    assert (run.returncode, run.stdout, run.stderr) == (0, "out.ipynb\n", "")
    assert "5 mnist auto" in (checkout / "out.ipynb").read_text()


def test_only_what_neuronlib_wrote_is_replaced_unless_forced(checkout):
    export = ("notebook", "trivial", "--export")
    folder = neuronlib(checkout, *export, "-o", "book")
    assert folder.returncode == 2 and "book is a folder" in folder.stderr
    output = checkout / "trivial.ipynb"
    assert [neuronlib(checkout, *export).returncode for _ in range(2)] == [0, 0]
    output.write_text(output.read_text().replace("# Trivial", "# Mine"))
    assert neuronlib(checkout, *export).returncode == 2
    assert "# Mine" in output.read_text()
    assert neuronlib(checkout, *export, "--force").returncode == 0
    assert "# Mine" not in output.read_text()


def test_interrupt_ends_with_code_130_and_no_traceback(checkout):
    command = [
        sys.executable,
        "-m",
        "neuronlib.reproduction.cli.main",
        "notebook",
        "trivial",
        "-p",
        "networks=99",
        "-o",
        "late.ipynb",
    ]

    def heed_interrupts() -> None:
        # A shell's job in the background ignores them, and so do the processes that it starts.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        command, cwd=checkout, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    ) as process:
        while not list(checkout.rglob("asleep")):
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr is not None
        assert process.stderr.read() == "neuronlib: interrupted\n"
    assert not (checkout / "late.ipynb").exists()


@pytest.fixture(scope="module")
def first_build(checkout: Path) -> subprocess.CompletedProcess[str]:
    return neuronlib(checkout, "book", "--profile", "smoke", "--device", "cpu")


def test_book_is_rendered_and_says_where_it_is_and_how_long_it_took(checkout, first_build):
    assert (first_build.returncode, first_build.stderr) == (0, "")
    index = checkout / "_build" / "html" / "index.html"
    assert re.search(r"^trivial +\d+\.\d s$", first_build.stdout, re.M)
    assert f"The book: {index}" in first_build.stdout
    assert index.is_file()
    assert "3 mnist-5k cpu" in (checkout / "_build" / "html" / "book" / "trivial.html").read_text()
    with zipfile.ZipFile(checkout / "_build" / "book.zip") as zipped:
        assert {Path(name) for name in zipped.namelist()} == {
            Path("book", path.relative_to(index.parent)) for path in index.parent.rglob("*") if path.is_file()
        }
        assert zipped.read("book/index.html") == index.read_bytes()


def test_changed_style_is_taken_where_no_page_has_changed(checkout, first_build):
    (checkout / "book" / "_static" / "book.css").write_text("p { color: red }\n")
    assert neuronlib(checkout, "book", "--profile", "smoke", "--device", "cpu").returncode == 0
    assert (checkout / "_build" / "html" / "_static" / "book.css").read_text() == "p { color: red }\n"


def test_warning_fails_the_book_every_time_until_it_is_cured(checkout, first_build):
    index = checkout / "book" / "index.md"
    index.write_text("# Index\n\n{ref}`nowhere`\n")
    for _ in range(2):
        run = neuronlib(checkout, "book", "--profile", "smoke", "--device", "cpu")
        assert run.returncode == 1
        assert "trivial                      unchanged" in run.stdout
        assert "nowhere" in run.stderr
        assert not (checkout / "_build" / "html" / "index.html").exists()
        assert not (checkout / "_build" / "book.zip").exists()
    index.write_text("# Index\n")


def test_book_outside_a_checkout_is_refused(checkout, tmp_path):
    shutil.copytree(checkout / "neuronlib", tmp_path / "neuronlib")
    shutil.copytree(checkout / "book", tmp_path / "neuronlib" / "_book")
    run = neuronlib(tmp_path, "book")
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "checkout" in run.stderr


def test_chapter_sees_the_data_folder_that_the_caller_named(checkout, monkeypatch):
    monkeypatch.setattr("neuronlib.reproduction.book.build.build", lambda *_, **__: None)
    monkeypatch.setattr("neuronlib.reproduction.book.build.render", lambda root: root)
    monkeypatch.setenv("NEURONLIB_DATA", "elsewhere")
    monkeypatch.setenv("NEURONLIB_RESULTS", str(RESULTS))  # the command sets it; so it is undone
    assert main(["book", "--data", "images"]) == 0
    assert os.environ["NEURONLIB_DATA"] == str(Path("images").resolve())


def test_settings_lists_all_forty_and_the_studies(capsys):
    assert main(["settings"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines.index("") == 40
    assert [line.split()[0] for line in lines[42:]] == list(ALL_STUDIES)
    assert lines[0].startswith("mnist-relu-none ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "mnist-rel-l2"], "no setting or study 'mnist-rel-l2'; did you mean mnist-relu-l2"),
        (["run", "early-versio"], "no setting or study 'early-versio'; did you mean early-version"),
        (["run", "early-version", "--networks", "5"], "early-version: a study is computed as it is"),
        (["run", "mnist-relu-l2", "--networks", "0"], "mnist-relu-l2: 0 networks; expected 1 to 1000"),
        (["run", "mnist-relu-l2", "--networks", "-3"], "mnist-relu-l2: -3 networks; expected 1 to 1000"),
        (["run", "mnist-relu-l2", "--grid", "0"], "points = 0: input should be greater than or equal to 1"),
        (["run", "mnist-relu-l2", "--networks", "1001"], "mnist-relu-l2: 1001 networks; expected 1 to 1000"),
        (["verify", "mnist-relu-l2", "--seed", "-1"], "seed = -1: input should be greater than or equal to 0"),
        (["doctor", "--data", "~nobody-of-that-name/x"], "~nobody-of-that-name/x: there is no such user"),
        (["run"], 'nothing to run: name one or more settings (see "neuronlib settings"), or pass --all'),
        (["run", "mnist-relu-l2", "--all"], "either name settings or say --all"),
        (["status", "mnst"], "no setting or study 'mnst'"),
        (["claims", "N99"], "no claim 'N99'; there are N1 to N14, K1 to K18 and Q1 to Q53"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments, message, tmp_path, capsys):
    assert main([*arguments, "--results", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"neuronlib: {message}")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_looked_at_is_refused_in_one_line(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["status", "--results", 300 * "x"])
    assert re.fullmatch(r"neuronlib: .*: File name too long \(see .*\)\n", capsys.readouterr().err)


def test_nobody_who_reads_the_version_is_no_error():
    command = [
        sys.executable,
        "-c",
        "import time; time.sleep(1); from neuronlib.reproduction.cli.main import main; exit(main())",
        "--version",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == ("", 141)


def test_chapters_see_the_folders_that_the_caller_named_from_wherever_they_run(monkeypatch):
    monkeypatch.setattr("neuronlib.reproduction.book.build.build", lambda *_, **__: None)
    monkeypatch.setattr("neuronlib.reproduction.book.build.render", lambda root: root)
    monkeypatch.setenv("NEURONLIB_DATA", "images")
    monkeypatch.setenv("NEURONLIB_RESULTS", "mine")
    assert main(["book"]) == 0
    assert os.environ["NEURONLIB_DATA"] == str(Path("images").absolute())
    assert os.environ["NEURONLIB_RESULTS"] == str(RESULTS)


def test_a_device_that_is_not_there_is_refused_before_anything_is_computed(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["run", "mnist-relu-l2", "--device", "cuda", "--results", str(tmp_path)]) == 2
    assert "there is no CUDA device here; use 'cpu' or 'auto'" in capsys.readouterr().err


def test_an_unwritable_store_is_refused_before_anything_is_computed(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["run", "mnist-relu-l2", "--results", str(tmp_path / "file" / "results")]) == 1
    assert re.fullmatch(r"neuronlib: \S+: cannot be written: Not a directory\n", capsys.readouterr().err)


def test_a_checkout_that_cannot_be_written_is_refused_before_anything_is_computed(tmp_path, capsys, monkeypatch):
    def computed(*_: object, **__: object) -> None:
        raise AssertionError("computed")

    (tmp_path / "_config.yml").touch()
    (tmp_path / "book").touch()  # no folder, as whoever runs the tests may write wherever there is one
    monkeypatch.setattr("neuronlib.reproduction.cli.main.BOOK", tmp_path / "book")
    monkeypatch.setattr("neuronlib.reproduction.book.build.build", computed)
    monkeypatch.setattr("neuronlib.reproduction.compute.sources.StoredResults", computed)
    assert main(["book"]) == 1
    for option in ("--write", "--picture", "--forest"):
        assert main(["claims", option, str(tmp_path / "book" / "file")]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert all(re.fullmatch(r"neuronlib: \S+book: cannot be written: .*", line) for line in lines)


def test_status_of_an_empty_store_says_that_nothing_is_there(tmp_path, capsys):
    assert main(["status", "--results", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "0 of 40 settings complete; 0 of 14 that the paper shows or names begun"


def test_status_names_what_was_computed_with_other_options_than_the_books(capsys):
    assert main(["status", "mnist-relu-dropout"]) == 0
    _, _, also, _ = capsys.readouterr().out.splitlines()
    others = [f"--scaling {scaling}{epochs}" for scaling in ("symmetric", "unit") for epochs in ("", " --epochs 8")]
    assert also.startswith("  also: 10 with --epochs 30, 10 with --epochs 8, 10 with --scaling symmetric, ")
    assert {f"10 with {options}" for options in (*others, "--values 4")} <= set(
        also.removeprefix("  also: ").split(", ")
    )


@pytest.mark.parametrize("name", ["", "file"])
@pytest.mark.parametrize("option", ["status --results", "run --data", "verify --data", "doctor --data", "book --data"])
def test_a_store_or_images_that_are_no_folder_are_refused(option, name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as stopped:
        main([*option.split(), name])
    assert stopped.value.code == 2 and f"{name!r} is no folder" in capsys.readouterr().err


def test_a_run_with_nothing_to_do_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("neuronlib.reproduction.compute.scheduler.run", lambda *_, **__: None)
    assert main(["run", "mnist-relu-l2", "--results", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "nothing is missing\n"


def test_status_tells_a_damaged_study(tmp_path, capsys):
    path = study_path("early-version", tmp_path)
    path.parent.mkdir()
    path.write_bytes(b"!")
    assert main(["status", "--results", str(tmp_path)]) == 0
    assert f"study, damaged: {path.name}" in capsys.readouterr().out


def test_verifying_an_empty_store_says_that_nothing_is_there(tmp_path, capsys):
    assert main(["verify", "--results", str(tmp_path)]) == 2
    assert "nothing is stored" in capsys.readouterr().err


def test_verdicts_are_written_from_a_whole_store_only(tmp_path, capsys):
    page = tmp_path / "README.md"
    page.write_text("kept")
    assert main(["claims", "N5", "--write", str(page)]) == 2
    assert "take all claims" in capsys.readouterr().err
    assert main(["claims", "--write", str(page), "--results", str(tmp_path / "none")]) == 2
    assert "there is no such folder of results" in capsys.readouterr().err
    assert page.read_text() == "kept"


def test_a_path_in_an_option_may_begin_with_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["notebook", "s2_measures", "--export", "--output=~/mine.ipynb"]) == 0
    assert (tmp_path / "mine.ipynb").is_file()


def test_claims_are_a_table_with_their_counts_below(tmp_path, capsys):
    assert main(["claims", "N10", "N11", "--results", str(tmp_path)]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    for verdict in ("as meant", "established"):
        assert [row[header.index(verdict) :].split()[0] for row in rows] == ["open", "open", "open"]
    assert main(["claims", "--results", str(tmp_path)]) == 0
    meant = "0 reproduced, 0 direction only, 0 not reproduced, 85 open"
    found = "0 established, 0 small, 0 cannot tell, 0 refuted, 85 open"
    assert capsys.readouterr().out.splitlines()[-4:] == [
        f"{how}, {what}"
        for how in (MOST, LEAST)
        for what in (f"as the paper means it: {meant}", f"established: {found}")
    ]


def test_a_single_claim_is_told_at_length(capsys):
    assert main(["claims", "N10"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert main(["claims", "N10", "--json"]) == 0
    readings = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["reading"] for one in readings] == ["against random", "against the whole network"]
    assert told.startswith(
        "N10: MNIST, ReLU with batch normalization and Dropout: ablating the 80 neurons of highest KL"
    )
    for text in (
        "Sec. V-C, Fig. 3(b); the paper: −13, p = 9.63e-10; ambiguous",
        "Asked: Accuracy without the 80",
        "History",
    ):
        assert text in told
    for one, rest in zip(readings, told.split("Reading: ")[1:], strict=True):
        assert rest.startswith(one["reading"])
        assert re.search(rf"it: . {one['verdict']}; established: . {one['finding']}\.", rest)
        assert f"{one['ours']:+.1f}".replace("-", "−") in rest


def test_a_single_claim_without_results_is_told_and_open(tmp_path, capsys):
    assert main(["claims", "Q22", "--results", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "Asked: The effect is missing altogether in layer 2" in told and "Open: not computed yet" in told


def test_a_margin_decides_what_is_similar(capsys):
    verdicts = []
    for margin in ("2", "10"):
        assert main(["claims", "Q33", "--json", "--margin", margin]) == 0
        verdicts.append(json.loads(capsys.readouterr().out)["verdict"])
    # A gap of 2.7 points is an effect for whoever counts 2, and none for whoever counts 10.
    assert verdicts == ["reproduced", "direction only"]
    for impossible in ("0", "-1", "100"):
        assert main(["claims", "Q33", "--margin", impossible]) == 2
        assert "expected percentage points above 0 and below 100" in capsys.readouterr().err


def test_claims_are_one_json_object_a_line(tmp_path, capsys):
    assert main(["claims", "N5", "N10", "--json", "--results", str(tmp_path)]) == 0
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["id"], one["verdict"], one["ours"]) for one in objects] == [("N5", "open", None)] + 2 * [
        ("N10", "open", None)
    ]
    assert {"id", "paper", "ours", "low", "high", "n", "p", "verdict", "setting"} <= objects[0].keys()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["mnist-relu-l2"], 1),
        (["--all"], min(4, len(os.sched_getaffinity(0)))),
        (["--all", "--processes", "3"], 3),
        (["--all", "--device", "cuda"], 1),
    ],
)
def test_all_settings_share_the_cores_but_not_a_gpu(arguments, expected, tmp_path, monkeypatch):
    counts = []

    @contextlib.contextmanager
    def counted(count):
        counts.append(count)
        yield None

    monkeypatch.setattr("torch.cuda.is_available", lambda: "cuda" in arguments)
    monkeypatch.setattr("neuronlib.common.devices._fault_of_kernels", lambda: "")
    monkeypatch.setattr("neuronlib.reproduction.compute.workers.processes", counted)
    monkeypatch.setattr("neuronlib.reproduction.compute.scheduler.run", lambda *_, **__: None)
    monkeypatch.setattr("neuronlib.reproduction.compute.scheduler.run_studies", lambda *_: None)
    assert main(["run", *arguments, "--results", str(tmp_path / "results")]) == 0
    assert counts == [expected]
