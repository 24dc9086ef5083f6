"""The pages of the library's reference, written from the package itself: no module or name is listed by hand.

A line ``{room}`` with a package's name in braces stands for all its modules, and ``{door}`` for the names that
``neuronlib.__all__`` has, group by group. A path among values and defaults is shown from the checkout on.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import desc_signature
from sphinx.application import Sphinx

_ROOT = Path(__file__).parents[2]
_ROOM = re.compile(r"^\{room\} (\S+)$", re.M)
_PATH = re.compile(r"(?:Posix|Windows)Path\('([^']*)'\)")
_DOOR = re.compile(r"^\{door\}$", re.M)


def modules(room: str, root: Path = _ROOT) -> Iterator[str]:
    """The public modules of a room, or those that stand beside the rooms.

    Args:
        room: A package below ``neuronlib``, for all that is in it, or ``neuronlib`` itself, for what is in no room.
        root: The folder that holds the package.

    Yields:
        Names, a package before its modules.
    """
    folder = root.joinpath(*room.split("."))
    if room == "neuronlib":
        files = sorted(folder.glob("[!_]*.py"))
    else:
        files = sorted(folder.rglob("*.py"))
    for file in files:
        parts = file.relative_to(root).with_suffix("").parts
        if parts[-1] == "__init__":
            yield ".".join(parts[:-1])
        elif not any(part.startswith("_") for part in parts):
            yield ".".join(parts)


def door(stub: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The groups of names in a front door.

    Args:
        stub: The door's text, imports under comments.

    Yields:
        For each comment, it and the name of each import's home, by the name.
    """
    groups = re.split(r"^# (.*)\n", stub, flags=re.M)[1:]
    for title, imports in zip(groups[::2], groups[1::2], strict=True):
        yield (
            title.rstrip("."),
            {
                name.name: f"neuronlib.{line.module}.{name.name}"
                for line in ast.parse(imports).body
                if isinstance(line, ast.ImportFrom) and line.module
                for name in line.names
            },
        )


def _documented(name: str) -> str:
    package = (_ROOT.joinpath(*name.split(".")) / "__init__.py").is_file()
    option = "" if package else "   :members:\n"
    return f"## {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n{option}```\n"


def _room(line: re.Match[str]) -> str:
    return "\n".join(map(_documented, modules(line[1])))


def _group(title: str, names: dict[str, str]) -> str:
    constants = [f"`{name}`" for name in names if name.isupper()]
    others = [f"   ~{home}\n" for name, home in names.items() if not name.isupper()]
    table = "".join([".. autosummary::\n   :nosignatures:\n\n", *others])
    also = f"\nConstants: {', '.join(constants)}.\n" if constants else ""
    return f"## {title}\n\n```{{eval-rst}}\n{table}```\n{also}"


def _front_door(_: re.Match[str]) -> str:
    stub = (_ROOT / "neuronlib" / "__init__.pyi").read_text(encoding="utf-8")
    return "\n".join(_group(title, names) for title, names in door(stub) if names)


def written(source: str) -> str:
    """A page with its rooms and its door in place of the lines that stand for them.

    Args:
        source: The page as it lies in the book's folder.

    Returns:
        The page that is rendered.
    """
    return _DOOR.sub(_front_door, _ROOM.sub(_room, source))


def _write(_: Sphinx, name: str, source: list[str]) -> None:
    if Path(name).name.startswith("api"):
        source[0] = written(source[0])


def without_machine(text: str, root: Path = _ROOT) -> str:
    """A signature that names no folder of the machine that renders it.

    Args:
        text: Part of a signature.
        root: The checkout.

    Returns:
        The text, with paths below the checkout from there on, and of others only the last part.
    """

    def shown(path: re.Match[str]) -> str:
        whole = Path(path[1])
        if whole.is_relative_to(root):
            return f"Path({whole.relative_to(root).as_posix()!r})"
        return (
            f"Path({whole.name!r})"
            if whole.is_absolute()
            else f"Path({whole.as_posix()!r})"
        )

    return _PATH.sub(shown, text)


def _forget_machine(_: Sphinx, document: nodes.document) -> None:
    for signature in document.findall(desc_signature):
        for text in list(signature.findall(nodes.Text)):
            if "Path('" in text:
                text.parent.replace(text, nodes.Text(without_machine(str(text))))


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages of the reference as Sphinx reads them.

    Args:
        app: The build.

    Returns:
        That files may be read in parallel.
    """
    app.connect("source-read", _write)
    app.connect("doctree-read", _forget_machine)
    return {"parallel_read_safe": True}
