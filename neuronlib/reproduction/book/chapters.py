"""The chapters: where their sources are, which share one, and what each may be asked for."""

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import nbformat
from nbformat import NotebookNode
from pydantic import Field

from neuronlib.common.checks import check, did_you_mean
from neuronlib.common.choices import DatasetName, Device, Regularizer, Replacement
from neuronlib.common.config import Setting
from neuronlib.common.numbers import Count
from neuronlib.common.regular_files import unusable
from neuronlib.reproduction.compute.sources import SourceName
from neuronlib.reproduction.design.settings import ARCHITECTURES, TITLES
from neuronlib.reproduction.store.paths import BOOK

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
"""The kernel of every chapter, whatever its source says; papermill refuses a notebook that names none."""

PARAMETERS: dict[str, Any] = {
    **get_type_hints(Setting, include_extras=True),
    "networks": Count,
    "random_orders": Count,
    "points": Count,
    "replacement": Replacement,
    "device": Device,
    "regularizer": Regularizer,
    "benchmark": str,
    "network": str,
    "samples": str,
    "source": SourceName,
    "images": Literal["", DatasetName],
}
"""Name and kind of everything a chapter may take as a parameter."""

# The chapters that build networks of 28 x 28 images; an interval over networks takes two.
_GREY = Literal["mnist-5k", "mnist", "fashion-mnist"]
_SEVERAL = Annotated[Count, Field(ge=2)]
BOUNDS: dict[str, dict[str, Any]] = {
    "s3_examples": {"dataset": _GREY},
    "s5_discussion": {"dataset": _GREY, "networks": _SEVERAL},
    "x1_replications": {"dataset": Literal["mnist-5k", "mnist"], "networks": _SEVERAL},
    "x2_groups": {"dataset": _GREY, "networks": _SEVERAL},
    "x3_pruning": {"dataset": _GREY, "networks": _SEVERAL},
    "x5_convolutional": {"networks": _SEVERAL},
    "x6_layers": {"dataset": _GREY, "networks": _SEVERAL},
    "x6_learning": {"dataset": _GREY, "networks": _SEVERAL},
    "x6_pruning": {"dataset": _GREY, "networks": Annotated[Count, Field(ge=4)]},
    "x6_elsewhere": {"dataset": _GREY, "networks": _SEVERAL},
}
"""Kinds of the parameters of which a chapter takes less than `PARAMETERS` has, by chapter."""


@dataclass(frozen=True)
class Parameter:
    """One line of a chapter's cell tagged ``parameters``: annotation, default, and the comment that explains it."""

    type: str
    default: Any
    comment: str


@dataclass(frozen=True)
class Page:
    """A chapter that shares its source with others.

    Attributes:
        source: Name of the source.
        parameters: Values that the page fixes, by parameter of the source.
        words: Texts in place of ``@name@`` in the source's text and captions, by name. A cell with ``where`` in its
            metadata is on the pages that have these words.
    """

    source: str
    parameters: dict[str, Any]
    words: dict[str, str]


def _page(source: str, architecture: str, **words: str) -> Page:
    words |= {"architecture": architecture, "title": TITLES[architecture]}
    return Page(source, {"architecture": architecture}, words)


_FIGURES = "figures"
_WITH_TEXT = "figures and its Sec. V-D"

PAGES = {
    f"a2_atlas_{name.replace('-', '_')}": _page(
        "a2_atlas_architecture", name, layers={2: "two", 4: "four"}[len(hidden)]
    )
    for name, (_, hidden) in ARCHITECTURES.items()
} | {
    f"a4_sensitivity_{name.replace('-', '_')}": _page("a4_sensitivity_architecture", name, parts=parts, figures=figures)
    for name, parts, figures in (
        ("mnist", _FIGURES, "two"),
        ("fashion", _WITH_TEXT, "one"),
        ("small-fashion", _WITH_TEXT, "one"),
        ("cifar10", _FIGURES, "one"),
    )
}
"""The chapters that share a source, by name."""


def chapters(folder: Path = BOOK) -> list[str]:
    """Return the sorted names of the chapters: sources that make one, and the pages of sources that make several.

    Example:
        >>> "s1_setup" in chapters(), "a2_atlas_mnist" in chapters(), "a2_atlas_architecture" in chapters()
        (True, True, False)
    """
    sources = {path.stem for path in folder.glob("*.py") if not unusable(path)}
    pages = {name for name, page in PAGES.items() if page.source in sources}
    return sorted(sources - {PAGES[name].source for name in pages} | pages)


def source_of(chapter: str, folder: Path = BOOK) -> Path:
    """Return the file that a chapter is read from."""
    return folder / f"{PAGES[chapter].source if chapter in PAGES else chapter}.py"


def parameters(chapter: str, folder: Path = BOOK) -> dict[str, Parameter]:
    """Return what a chapter can be run with, by name and in its order, without what its page fixes.

    Raises:
        ValueError: If there is no such chapter, or if it has a parameter that the library does not know.

    Example:
        >>> parameters("s1_setup")["epochs"].comment
        'passes over the training samples'
    """
    import papermill

    fixed = PAGES[chapter].parameters if chapter in PAGES else {}
    found = papermill.inspect_notebook(read(chapter, folder))
    found = {name: line for name, line in found.items() if name not in fixed}
    for name in found.keys() - PARAMETERS.keys():
        raise ValueError(f"{chapter}: PARAMETERS does not know its parameter {name!r}")
    return {
        name: Parameter(line["inferred_type_name"], ast.literal_eval(line["default"]), line["help"])
        for name, line in found.items()
    }


def checked(chapter: str, given: Mapping[str, Any], folder: Path = BOOK) -> dict[str, Any]:
    """Return a chapter's parameters as papermill can write them; what it cannot take is refused in one line.

    Raises:
        ValueError: If the chapter or a parameter is unknown, or if a value is of the wrong type or out of range, for
            any chapter or for this one.

    Example:
        >>> checked("s1_setup", {"networks": 3})
        {'networks': 3}
        >>> checked("s1_setup", {"networks": 0})
        Traceback (most recent call last):
        ValueError: networks = 0: input should be greater than or equal to 1
    """
    allowed = parameters(chapter, folder)
    for name in given:
        shown = [f"{key}={json.dumps(parameter.default)}" for key, parameter in allowed.items()]
        _refuse_unknown(f"parameter of {chapter}", name, allowed, shown)
    values = {name: check(name, value, PARAMETERS[name]) for name, value in given.items()}
    for name, kind in BOUNDS.get(chapter, {}).items():
        if name in values:
            try:
                check(name, values[name], kind)
            except ValueError as error:
                raise ValueError(f"{error}, for {chapter}") from None
    # papermill has lists, but would make a tuple a string
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def from_text(name: str, text: str) -> Any:
    """Return a parameter's value as a command line has it: written as in JSON, unless the parameter is a text.

    Example:
        >>> from_text("networks", "3"), from_text("network", "3"), from_text("network", "mine.pt")
        (3, '3', 'mine.pt')
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if PARAMETERS.get(name) is str and not isinstance(value, str) else value


def _as_text(value: Any) -> str:
    # What `from_text` makes the value of again.
    is_plain = isinstance(value, str) and not value.startswith('"')
    return value if is_plain else json.dumps(value)


def _for_papermill(name: str, value: Any) -> str:
    # It takes "123" and "True" for no text unless told so, and knows lists and truth values as YAML alone.
    if isinstance(value, str):
        return f" -r {name} {shlex.quote(value)}"
    if isinstance(value, list | bool):
        # 1e-05 is a number in JSON and a text in YAML, where 1.0e-05 is one.
        text = re.sub(r"(?<![\d.])(\d+)e", r"\1.0e", json.dumps(value))
        return f" -y {shlex.quote(f'{name}: {text}')}"
    return f" -p {name} {shlex.quote(json.dumps(value))}"


def how_to_run(chapter: str, given: Mapping[str, Any], folder: Path = BOOK) -> str:
    """Return Markdown with the commands, ours and plain papermill's, that run a page again with what it was given.

    Example:
        >>> print(how_to_run("s1_setup", {"networks": 3}).splitlines()[2])
            neuronlib notebook s1_setup -p networks=3 -o s1_setup.ipynb
    """
    known = parameters(chapter, folder)
    chosen = "".join(f" -p {shlex.quote(f'{name}={_as_text(value)}')}" for name, value in given.items())
    for_papermill = "".join(_for_papermill(name, value) for name, value in given.items())
    lines = [
        "Run this chapter yourself, as it stands here:",
        "",
        f"    neuronlib notebook {chapter}{chosen} -o {chapter}.ipynb",
        "",
    ]
    if known:
        listed = ", ".join(f"`{name}` ({parameter.comment})" for name, parameter in known.items())
        lines += [f"With `-p NAME=VALUE`, other values can be given for: {listed}.", ""]
    lines += [
        "Or by plain papermill:",
        "",
        f"    neuronlib notebook {chapter} --export -o in.ipynb",
        f"    papermill in.ipynb out.ipynb{for_papermill}",
    ]
    return "\n".join(lines)


def profile(name: str, folder: Path = BOOK) -> dict[str, dict[str, Any]]:
    """Return what ``profiles/<name>.toml`` sets, checked: by chapter, values by parameter.

    Raises:
        ValueError: If there is no such profile, or if it has an unknown chapter or parameter or a wrong value.

    Example:
        >>> profile("smoke")["s1_setup"]["networks"]
        2
    """
    files = {path.stem: path for path in sorted((folder / "profiles").glob("*.toml")) if not unusable(path)}
    _refuse_unknown("profile", name, files)
    try:
        tables = tomllib.loads(files[name].read_text(encoding="utf-8"))
        return {
            chapter: checked(chapter, check(f"[{chapter}]", values, dict[str, Any]), folder)
            for chapter, values in tables.items()
        }
    except ValueError as error:
        raise ValueError(f"profile {name}: {error}") from None


def read(chapter: str, folder: Path = BOOK) -> NotebookNode:
    """Read a chapter's source as a notebook without outputs; an unknown name raises ValueError."""
    import jupytext

    _refuse_unknown("chapter", chapter, chapters(folder))
    notebook = jupytext.read(source_of(chapter, folder))
    if chapter in PAGES:
        notebook.cells = _cells_of(PAGES[chapter], notebook.cells)
    notebook.metadata["kernelspec"] = dict(KERNEL)
    return notebook


def _cells_of(page: Page, cells: Iterable[NotebookNode]) -> list[NotebookNode]:
    kept = []
    for cell in cells:
        if cell.metadata.pop("where", {}).items() <= page.words.items():
            if "parameters" in cell.metadata.get("tags", []):
                for name, value in page.parameters.items():
                    begin, end = re.escape(f"{name}: {type(value).__name__} = "), "(?=  #|$)"
                    cell.source = re.sub(f"(?m)(?<=^{begin}).*?{end}", json.dumps(value), cell.source)
            filled = json.dumps(cell)
            for name, word in page.words.items():
                filled = filled.replace(f"@{name}@", word)
            kept.append(nbformat.from_dict(json.loads(filled)))
    return kept


def _refuse_unknown(what: str, name: str, known: Iterable[str], shown: Iterable[str] = ()) -> None:
    known = list(known)
    if name not in known:
        listed = ", ".join(shown or known) or "none"
        raise ValueError(f"no {what} {name!r}; {did_you_mean(name, known)}there are: {listed}")
