import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args
from unittest import mock

import pytest
import rooms

import neuronlib
from neuronlib.common.choices import DatasetName
from neuronlib.reproduction.book import build as book
from neuronlib.reproduction.book import chapters, notebooks
from neuronlib.reproduction.store.paths import BOOK

LIBRARY = Path(neuronlib.__file__).parent
# A page of answers that other chapters compute has nothing to choose and nothing to practise.
ANSWERS = "x6_open_questions"
WITHOUT_PARAMETERS = {"a1_deviations", ANSWERS}
TRIVIAL = """\
# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Trivial

# %% tags=["parameters"]
networks: int = 2  # networks trained
hidden: list[int] = [100, 100]  # widths of the hidden layers

# %%
import sys
print("networks", networks, flush=True)
print("hidden", sum(hidden), flush=True)
print("noise", file=sys.stderr)
if networks == 13:
    raise ValueError("networks = 13: brings bad luck")
"""


EVERY = {
    "network": "",
    "networks": 1,
    "hidden": [100],
    "dropout": [0.1],
    "learning_rate": 0.1,
    "batch_norm": False,
}
COMMANDS = ("neuronlib notebook every -p", "papermill")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "book"
    (folder / "profiles").mkdir(parents=True)
    (folder / "trivial.py").write_text(TRIVIAL)
    (folder / "profiles" / "smoke.toml").write_text("[trivial]\nnetworks = 3\n")
    return folder


def takes(chapter: str, name: str, value: object) -> bool:
    try:
        chapters.checked(chapter, {name: value})
    except ValueError:
        return False
    return True


def built(folder: Path, **overrides: object) -> list[str]:
    lines: list[str] = []
    book.build("smoke", overrides, folder, lines.append)
    return [re.sub(r" +[\d.]+ s", " ran", re.sub(" +unchanged", " unchanged", line)) for line in lines]


def printed(page: Path) -> str:
    cells = json.loads(page.read_text())["cells"]
    return "".join("".join(output["text"]) for cell in cells for output in cell.get("outputs", []))


@pytest.mark.parametrize("chapter", chapters.chapters())
def test_chapter_runs_under_the_smoke_profile(chapter):
    assert notebooks.execute(chapter, {}, "smoke").metadata["language_info"]["name"] == "python"


@pytest.mark.parametrize("chapter", chapters.chapters())
def test_every_line_of_a_parameters_cell_is_a_literal_that_is_known_annotated_explained_and_allowed(chapter):
    cells = [cell for cell in notebooks.export(chapter).cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(cells) == (chapter not in WITHOUT_PARAMETERS)
    lines = ast.parse("".join(cell.source for cell in cells)).body
    assert all(isinstance(line, ast.AnnAssign) for line in lines)
    declared = chapters.parameters(chapter)
    page = chapters.PAGES.get(chapter)
    fixed = page.parameters if page else {}
    written = {ast.unparse(line.target): line.value for line in lines if isinstance(line, ast.AnnAssign) and line.value}
    assert {name: ast.literal_eval(written[name]) for name in fixed} == fixed
    assert list(declared) == [name for name in written if name not in fixed]
    for name, parameter in declared.items():
        assert parameter.type != "None"
        assert parameter.comment
        chapters.checked(chapter, {name: parameter.default})


@pytest.mark.parametrize("name", ["smoke", "book", "paper"])
def test_profile_sets_only_what_the_chapters_have(name):
    chapters.profile(name)


@pytest.mark.parametrize("chapter", chapters.chapters())
def test_every_exercise_is_told_and_has_a_solution(chapter):
    cells = chapters.read(chapter).cells
    told = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    # What was meant to be told is a comment, in code or in text, where a line that begins a cell is misspelt.
    assert not [cell for cell in cells if cell.cell_type == "code" and re.search(r"^# ?(%|```)", cell.source, re.M)]
    assert not re.search("^%", told, re.M)
    exercises = re.findall(r"^```{exercise-start}\n:label: (\S+)", told, re.M)
    assert re.findall(r"^```{solution-start} (\S+)", told, re.M) == exercises
    for what in ("exercise", "solution"):
        assert told.count(f"```{{{what}-end}}") == len(exercises)
    assert exercises or chapter == ANSWERS or not re.match("[sx]", chapter)


def test_table_of_contents_lists_every_chapter():
    toc = (BOOK.parent / "_toc.yml").read_text()
    listed = set(re.findall(r"book/(\w+)", toc))
    assert listed == {*chapters.chapters(), *(path.stem for path in BOOK.glob("*.md"))}


def test_unknown_chapter_is_refused_with_the_nearest_and_the_list(folder):
    with pytest.raises(ValueError, match=r"^no chapter 'trivail'; did you mean trivial\? there are: trivial$"):
        notebooks.execute("trivail", {}, folder=folder)


def test_unknown_parameter_is_refused_with_what_is_allowed(folder):
    with pytest.raises(ValueError, match=r"did you mean networks\? there are: networks=2, hidden=\[100, 100\]$"):
        notebooks.execute("trivial", {"network": 3}, folder=folder)


@pytest.mark.parametrize("value", [0, -1, "3", 1.5, True, None, [3]])
def test_wrong_type_or_impossible_value_is_refused_in_one_line(folder, value):
    with pytest.raises(ValueError, match=r"^networks = .*: input should be [^\n]*$"):
        notebooks.execute("trivial", {"networks": value}, folder=folder)


@pytest.mark.parametrize(
    ("chapter", "name", "value", "message"),
    [
        ("x2_groups", "networks", 1, "networks = 1: input should be greater than or equal to 2, for x2_groups"),
        (
            "x1_replications",
            "dataset",
            "cifar10",
            "dataset = 'cifar10': input should be 'mnist-5k' or 'mnist', for x1_replications",
        ),
    ],
)
def test_a_value_that_the_chapter_says_it_does_not_take_is_refused(chapter, name, value, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        chapters.checked(chapter, {name: value})


@pytest.mark.parametrize("chapter", chapters.chapters())
def test_what_a_chapter_says_of_its_bounds_is_what_it_takes(chapter):
    for name, parameter in chapters.parameters(chapter).items():
        if name == "dataset":
            told = {*get_args(DatasetName)} & {*re.findall(r"[\w-]+", parameter.comment)}
            taken = {value for value in get_args(DatasetName) if takes(chapter, name, value)}
            assert taken == (told or {*get_args(DatasetName)})
        elif name in chapters.BOUNDS.get(chapter, {}) or "at least" in parameter.comment:
            (least,) = map(int, re.findall(r"at least (\d+)", parameter.comment))
            assert takes(chapter, name, least) and not takes(chapter, name, least - 1)


def test_bounds_are_of_parameters_that_the_chapters_have():
    for chapter, kinds in chapters.BOUNDS.items():
        assert kinds.keys() <= chapters.parameters(chapter).keys()


@pytest.mark.parametrize("name", chapters.PAGES)
def test_a_page_is_its_source_with_its_words(name):
    cells = chapters.read(name).cells
    assert not re.search(r"@\w+@", json.dumps(cells))
    assert not any("where" in cell.metadata for cell in cells)
    words = chapters.PAGES[name].words
    assert cells[0].source.splitlines()[1].endswith(f": {words['title']}")
    (parameters,) = (cell.source for cell in cells if "parameters" in cell.metadata.get("tags", []))
    assert f'architecture: str = "{words["architecture"]}"  #' in parameters
    with pytest.raises(ValueError, match=f"no parameter of {name} 'architecture'"):
        chapters.checked(name, {"architecture": "mnist"})


def test_labels_are_unique_in_the_book():
    told = [cell.source for name in chapters.chapters() for cell in chapters.read(name).cells]
    labels = re.findall(r"^\(([\w-]+)\)=$", "\n".join(told), re.M)
    assert len(labels) == len(set(labels)) and "sec-atlas-mnist" in labels
    figures = [
        cell.metadata["mystnb"]["figure"]["name"]
        for name in chapters.chapters()
        for cell in chapters.read(name).cells
        if "figure" in cell.metadata.get("mystnb", {})
    ]
    assert len(figures) == len(set(figures))
    assert {"fig-atlas-mnist-relu", "fig-scaling-mnist-sigmoid", "fig-scaling-cifar10"} <= set(figures)


@pytest.mark.parametrize("source", sorted(BOOK.glob("*.py")), ids=lambda path: path.stem)
def test_a_chapter_has_three_imports_at_most_and_no_function_over_eight_lines(source):
    tree = ast.parse(source.read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert len(imports) <= 3 and all(isinstance(node, ast.Import) for node in imports)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None and node.end_lineno - node.lineno < 8


@pytest.mark.parametrize(
    ("signature", "shown"),
    [
        ("PosixPath('/a/checkout/results')", "Path('results')"),
        ("WindowsPath('results')", "Path('results')"),
        ("PosixPath('/home/someone/data')", "Path('data')"),
        ("'/a/checkout'", "'/a/checkout'"),
    ],
)
def test_a_signature_names_no_folder_of_the_machine(signature, shown):
    assert rooms.without_machine(f"(folder={signature}, n=1)", Path("/a/checkout")) == f"(folder={shown}, n=1)"


def test_every_public_module_is_on_one_page_of_the_reference_and_every_name_of_the_front_door_on_the_first():
    pages = {path.stem: rooms.written(path.read_text()) for path in BOOK.glob("api*.md")}
    listed = re.findall(r"^\.\. automodule:: (\S+)$", "\n".join(pages.values()), re.M)
    files = [file.relative_to(BOOK.parent).with_suffix("").parts for file in LIBRARY.rglob("*.py")]
    public = {".".join(file) for file in files if not any(part.startswith("_") for part in file)}
    assert public <= set(listed) and len(listed) == len(set(listed))
    assert {name for name in listed if name not in public} <= {".".join(f[:-1]) for f in files if f[-1] == "__init__"}
    there = {*re.findall(r"^   ~\S+\.(\w+)$", pages["api"], re.M), *re.findall(r"`([A-Z_]+)`", pages["api"])}
    rooms_and_modules = {path.stem for path in LIBRARY.iterdir()}
    assert there == set(vars(neuronlib)["__all__"]) - rooms_and_modules


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[trivail]\nnetworks = 3", "no chapter 'trivail'; did you mean trivial"),
        ("[trivial]\nnetwork = 3", "no parameter of trivial 'network'; did you mean networks"),
        ("[trivial]\nnetworks = 0", "networks = 0: input should be greater"),
        ("trivial = 3", r"\[trivial\] = 3: expected a dictionary"),
        ("[trivial", "Expected ']'"),
    ],
)
def test_profile_with_an_error_is_refused_by_name(folder, text, message):
    (folder / "profiles" / "smoke.toml").write_text(text)
    with pytest.raises(ValueError, match=f"^profile smoke: {message}"):
        notebooks.execute("trivial", {}, "smoke", folder)


def test_parameter_unknown_to_the_library_is_refused(folder):
    (folder / "trivial.py").write_text(TRIVIAL.replace("networks:", "nets:"))
    with pytest.raises(ValueError, match="^trivial: .* does not know its parameter 'nets'$"):
        chapters.parameters("trivial", folder)


def test_paths_of_figures_are_written_to_a_hundredth_of_a_point_and_scales_are_not(folder):
    picture = '<g transform="scale(0.015625)"><path d="M 1.23456 -7.891011 L 2 3"/></g>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{picture}</svg>'
    (folder / "trivial.py").write_text(f"{TRIVIAL}\n# %%\nfrom IPython.display import SVG\nSVG({svg!r})\n")
    (output,) = notebooks.execute("trivial", {}, folder=folder).cells[-2].outputs
    svg = "".join(output.data["image/svg+xml"])
    assert 'd="M1.23 -7.89L2 3"' in svg and "scale(0.015625)" in svg


def test_a_page_says_how_to_run_it_as_it_stands(folder):
    notebook = notebooks.execute("trivial", {"networks": 4}, folder=folder)
    assert "    neuronlib notebook trivial -p networks=4 -o trivial.ipynb" in notebook.cells[-1].source.splitlines()
    assert "papermill in.ipynb out.ipynb -p networks 4" in notebook.cells[-1].source
    listed = chapters.how_to_run("trivial", {"hidden": [20, 20]}, folder)
    assert "-p 'hidden=[20, 20]'" in listed and "-y 'hidden: [20, 20]'" in listed


def as_papermill_reads(command: str) -> dict[str, object]:
    # What its command line makes of the options, of which only the last step, the execution, is left out.
    from papermill.cli import papermill

    with mock.patch("papermill.cli.execute_notebook") as called:
        papermill(shlex.split(command)[1:], standalone_mode=False)
    return called.call_args.kwargs["parameters"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("network", text) for text in ["123", "1e5", "True", "None", "null", "[1]", "a b.pt", "", '"quoted"', "-x"]),
        ("hidden", [20, 20]),
        ("dropout", [0.5, 1e-05]),
        ("learning_rate", 1e-05),
        ("batch_norm", True),
        ("networks", 3),
    ],
)
def test_the_printed_command_lines_give_what_was_given(tmp_path, name, value):
    # A chapter that has every parameter there is.
    lines = [f"{name}: {type(value).__name__} = {value!r}  # whatever" for name, value in EVERY.items()]
    (tmp_path / "every.py").write_text('# %% tags=["parameters"]\n' + "\n".join(lines) + "\n")
    told = chapters.how_to_run("every", {name: value}, tmp_path).splitlines()
    ours, theirs = (next(line.strip() for line in told if line.startswith(f"    {word} ")) for word in COMMANDS)
    arguments = shlex.split(ours)
    text = arguments[arguments.index("-p") + 1].partition("=")[2]
    assert chapters.from_text(name, text) == value
    assert as_papermill_reads(theirs) == {name: value}


def test_given_parameters_go_before_the_profile_and_both_reach_the_cells(folder, tmp_path):
    notebook = notebooks.execute("trivial", {"hidden": [5, 6, 7]}, "smoke", folder)
    notebooks.write(notebook, tmp_path / "out.ipynb")
    assert printed(tmp_path / "out.ipynb") == "networks 3\nhidden 18\n"
    (injected,) = (c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", []))
    assert "hide-input" in injected.metadata["tags"]


def test_figure_cell_keeps_the_image_alone_so_that_its_label_is_unique(folder):
    figure = '# %% mystnb={"figure": {"caption": "A line.", "name": "fig-line"}}'
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
    (folder / "trivial.py").write_text(f"{TRIVIAL}\n{figure}\n{plot}")
    (output,) = notebooks.execute("trivial", {}, folder=folder).cells[-2].outputs
    assert "image/png" in output.data


def test_running_again_gives_the_same_bytes(folder, tmp_path):
    for name in ("once", "again"):
        notebooks.write(notebooks.execute("trivial", {"networks": 5}, folder=folder), tmp_path / name)
    assert (tmp_path / "once").read_bytes() == (tmp_path / "again").read_bytes()


def test_failing_cell_is_named_in_one_line_and_leaves_no_page(folder):
    with pytest.raises(
        notebooks.ChapterFailed, match=r"^trivial, cell \[3\] 'import sys': ValueError: networks = 13: .*$"
    ):
        built(folder, networks=13)
    assert not list(folder.glob("*.ipynb*"))
    assert not list(folder.glob(".*"))


def test_killed_kernel_is_a_failed_chapter(folder):
    (folder / "trivial.py").write_text(TRIVIAL + "import os\nos.kill(os.getpid(), 9)\n")
    with pytest.raises(notebooks.ChapterFailed, match="^trivial: Kernel died$"):
        notebooks.execute("trivial", {}, folder=folder)


def test_page_is_run_again_only_if_something_changed(folder, tmp_path, monkeypatch):
    page = folder / "trivial.ipynb"
    library = tmp_path / "library"
    library.mkdir()
    monkeypatch.setattr(book, "_LIBRARY", library)
    assert built(folder) == ["trivial ran"]
    assert built(folder) == ["trivial unchanged"]

    (library / "measures.py").write_text("pass")
    assert built(folder) == ["trivial ran"]
    (folder / "profiles" / "smoke.toml").write_text("[trivial]\nnetworks = 4\n")
    assert built(folder) == ["trivial ran"]
    assert "networks 4" in printed(page)
    assert built(folder, networks=5) == ["trivial ran"]
    assert built(folder, networks=5, device="cpu") == ["trivial unchanged"]
    (folder / "trivial.py").write_text(TRIVIAL + "print(7)\n")
    assert built(folder, networks=5) == ["trivial ran"]
    (tmp_path / "requirements.txt").write_text("numpy==2.4.6")
    assert built(folder, networks=5) == ["trivial ran"]
    (library / "claims.csv").write_text("id,ours\n")
    assert built(folder, networks=5) == ["trivial ran"]
    page.write_text(page.read_text().replace("print(7)", "print(8)"))
    assert built(folder, networks=5) == ["trivial ran"]
    page.write_text("{")
    assert built(folder, networks=5) == ["trivial ran"]


def test_chapters_side_by_side_make_the_same_pages_as_one_after_the_other(folder, tmp_path):
    (folder / "other.py").write_text(TRIVIAL.replace("Trivial", "Other"))
    alone = shutil.copytree(folder, tmp_path / "alone" / "book")
    lines: list[str] = []
    book.build("smoke", {}, folder, lines.append, at_once=2)
    assert sorted(line.split()[0] for line in lines) == ["other", "trivial"]
    book.build("smoke", {}, alone, lines.append)
    for page in ("other.ipynb", "trivial.ipynb"):
        assert (folder / page).read_bytes() == (alone / page).read_bytes()


def test_a_chapter_that_fails_beside_another_is_named(folder):
    (folder / "other.py").write_text(TRIVIAL.replace("13", "3"))
    with pytest.raises(notebooks.ChapterFailed, match="^other, cell .* brings bad luck$"):
        book.build("smoke", {"networks": 3}, folder, at_once=2)
    assert not (folder / "other.ipynb").exists()


def test_page_of_a_chapter_that_is_gone_is_removed_and_other_notebooks_are_not(folder):
    assert built(folder) == ["trivial ran"]
    notebooks.write(notebooks.execute("trivial", {}, folder=folder), folder / "mine.ipynb")
    (folder / "scratch.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    (folder / "trivial.py").unlink()
    (folder / "profiles" / "smoke.toml").write_text("")
    assert built(folder) == []
    assert sorted(path.name for path in folder.glob("*.ipynb")) == ["mine.ipynb", "scratch.ipynb"]


def test_a_notebook_that_was_run_where_a_page_goes_is_not_overwritten(folder):
    page = folder / "trivial.ipynb"
    notebooks.write(notebooks.execute("trivial", {"networks": 5}, folder=folder), page)
    before = page.read_bytes()
    with pytest.raises(ValueError, match=r"trivial.ipynb: .* where a page of the book goes; move it elsewhere"):
        built(folder)
    assert page.read_bytes() == before


def test_notebook_edited_by_hand_is_no_longer_taken_for_generated(folder, tmp_path):
    path = tmp_path / "out.ipynb"
    notebooks.write(notebooks.export("trivial", folder), path)
    assert notebooks.record(path)["chapter"] == "trivial"
    path.write_text(path.read_text().replace("# Trivial", "# Mine"))
    assert not notebooks.record(path)


def test_plain_papermill_runs_an_exported_chapter(folder, tmp_path):
    notebooks.write(notebooks.export("trivial", folder), tmp_path / "x.ipynb")
    arguments = ["papermill", "x.ipynb", "out.ipynb", "-p", "networks", "3"]
    subprocess.run([sys.executable, "-m", *arguments], cwd=tmp_path, check=True, capture_output=True)
    assert "networks 3" in printed(tmp_path / "out.ipynb")


def test_a_page_depends_on_the_stored_results(folder, tmp_path, monkeypatch):
    file = tmp_path / "results" / "setting" / "networks-00.nc.xz"
    monkeypatch.setattr(book, "RESULTS", tmp_path / "results")
    lines = [built(folder)]
    for content in (b"1", b"2"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        lines += [built(folder)]
    (file.parent / f".{file.name}.abc.part").write_bytes(b"half")
    assert lines == 3 * [["trivial ran"]] and built(folder) == ["trivial unchanged"]
