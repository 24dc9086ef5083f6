"""The command ``neuronlib``: run chapters with parameters, build the book, compute the results it shows."""

import argparse
import importlib.metadata
import io
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from neuronlib.common.choices import Device
from neuronlib.common.errors import NeuronlibError
from neuronlib.common.paths import expanded
from neuronlib.reproduction.cli import analyse as analyse_commands
from neuronlib.reproduction.cli import course as course_commands
from neuronlib.reproduction.cli import inspect as commands
from neuronlib.reproduction.cli import run as run_commands
from neuronlib.reproduction.cli.parsers import SIDE_BY_SIDE, Parser, add_command, folder
from neuronlib.reproduction.cli.signals import Terminated, terminable
from neuronlib.reproduction.store.paths import BOOK, RESULTS

# Not the docstring, which Python leaves out where it is told to optimize.
_DESCRIPTION = "The command neuronlib: run chapters with parameters, build the book, compute the results it shows."
_EXAMPLES = """\
examples:
  neuronlib notebook --list
  neuronlib notebook s4_fig3_mnist --parameters
  neuronlib notebook s4_fig3_mnist -p source=live -p networks=5 -o out.ipynb
  neuronlib book --profile smoke
  neuronlib run mnist-relu-dropout --networks 10
  neuronlib status
  neuronlib claims N5 N6
  neuronlib analyse model.pt2 --samples samples.npz
  neuronlib assign mycourse
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, or with the process's own.

    Returns:
        The exit code: 0 if all went well, 1 if a run failed, 2 for a wrong argument, 75 if what was left is being
        computed by another run, 130 after an interrupt, 141 if nobody reads the output any more, 143 after SIGTERM.

    Example:
        >>> main(["notebook", "--list"])
        a1_deviations
        a2_atlas
        ...
        x6_pruning
        0
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A log of hours of work shows each line as it comes; a terminal that has no ✔ shows a ?.
        sys.stdout.reconfigure(line_buffering=True, errors="replace")
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what fails is raised as well
    try:
        if options.version:
            print(f"neuronlib {importlib.metadata.version('neuronlib')}")
        elif "command" not in options:
            parser.print_help()
        else:
            with terminable(), warnings.catch_warnings():
                warnings.showwarning = _warn
                options.command(options)
    except ValueError as error:
        return _complain(error, 2)
    except BrokenPipeError:
        # Whoever reads the output, such as head, has read enough. What is left would be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except NeuronlibError as error:
        return _complain(error, error.exit_code)
    except OSError as error:
        return _complain(error, 1)
    except Terminated:
        return _complain("terminated", 143)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="neuronlib",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="show the version and stop")
    subcommands = parser.add_subparsers(title="commands", metavar="COMMAND")

    text = "run one chapter and write it with its outputs"
    notebook = add_command(
        subcommands,
        "notebook",
        text,
        examples=[
            "--list",
            "s4_fig3_mnist --parameters",
            "s4_fig3_mnist -p source=live -p networks=5 -o out.ipynb",
            "s4_fig3_mnist --profile paper",
            "s4_fig3_mnist --export",
        ],
    )
    notebook.set_defaults(command=_notebook)
    notebook.add_argument("chapter", nargs="?", metavar="CHAPTER", help="which one; --list names them")
    notebook.add_argument("--list", action="store_true", help="name the chapters and stop")
    notebook.add_argument("--parameters", action="store_true", help="show what the chapter can be run with and stop")
    notebook.add_argument("--export", action="store_true", help="write it without running it, for plain papermill")
    notebook.add_argument(
        "-p",
        dest="given",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=_assignment,
        help="a parameter; numbers, true, false and [lists] are written as in JSON, anything else is text",
    )
    notebook.add_argument("--profile", help="start from this profile's parameters: smoke, book or paper")
    notebook.add_argument(
        "-o", "--output", type=expanded, metavar="FILE", help="where to; CHAPTER.ipynb here unless given"
    )
    notebook.add_argument("--force", action="store_true", help="replace FILE even if neuronlib did not write it")

    text = "run the chapters on which something has changed, and render the book"
    whole = add_command(
        subcommands, "book", text, examples=["", "--profile smoke --processes 1", "--profile paper --device cuda"]
    )
    whole.set_defaults(command=_book)
    whole.add_argument("--profile", default="book", help="smoke, book or paper; book unless given")
    whole.add_argument("--data", type=folder, metavar="DIR", help="where the images are, or are to be downloaded to")
    whole.add_argument("--device", choices=get_args(Device), help="where to compute; as each chapter says unless given")
    whole.add_argument(
        "--processes",
        type=int,
        default=SIDE_BY_SIDE,
        metavar="N",
        help="run N chapters side by side, each with its share of the cores (%(default)s)",
    )
    commands.add_commands(subcommands)
    run_commands.add_commands(subcommands)
    analyse_commands.add_commands(subcommands)
    course_commands.add_commands(subcommands)
    return parser


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r}: expected NAME=VALUE")
    return name, value


def _notebook(options: argparse.Namespace) -> None:
    from neuronlib.reproduction.book import chapters, notebooks
    from neuronlib.reproduction.store.atomic import check_target

    if options.list:
        print("\n".join(chapters.chapters()))
        return
    if options.chapter is None:
        raise ValueError(f"which chapter? There are: {', '.join(chapters.chapters())}")
    if options.parameters:
        known = chapters.parameters(options.chapter)
        if not known:
            print(f"{options.chapter} takes no parameters")
        for name, parameter in known.items():
            print(f"{name}: {parameter.type} = {json.dumps(parameter.default)}  # {parameter.comment}")
        return
    if options.export and (options.given or options.profile):
        raise ValueError("--export takes no parameters; give them to papermill")

    output = options.output or Path(f"{options.chapter}.ipynb")
    if not output.parent.is_dir():
        raise ValueError(f"{output}: there is no folder {output.parent}")
    if output.is_dir():
        raise ValueError(f"{output} is a folder; expected the name of a notebook, as {output / options.chapter}.ipynb")
    check_target(output)
    if output.exists() and not options.force and not notebooks.record(output):
        raise ValueError(f"{output} was not written by neuronlib, or edited since; --force replaces it")
    if options.export:
        notebook = notebooks.export(options.chapter)
    else:
        given = {name: chapters.from_text(name, text) for name, text in options.given}
        notebook = notebooks.execute(options.chapter, given, options.profile)
    notebooks.write(notebook, output)
    print(output)


def _book(options: argparse.Namespace) -> None:
    from neuronlib.data.images import images_folder
    from neuronlib.reproduction.book import build as book
    from neuronlib.reproduction.store.atomic import check_writable

    root = BOOK.parent
    if not (root / "_config.yml").is_file():
        raise ValueError("the book is built in a checkout of the repository, not from an installed package")
    # Kernels run in another folder, from which a relative path leads elsewhere.
    os.environ["NEURONLIB_RESULTS"] = str(RESULTS)
    if options.data or os.environ.get("NEURONLIB_DATA"):
        os.environ["NEURONLIB_DATA"] = str(images_folder(options.data))
    overrides = {} if options.device is None else {"device": options.device}
    # Pages, and what is rendered of them, are written here.
    for written in (BOOK, root / "_build" if (root / "_build").exists() else root):
        check_writable(written)
    start = time.perf_counter()
    book.build(options.profile, overrides, at_once=options.processes)
    rendering = time.perf_counter()
    index = book.render(root)
    end = time.perf_counter()
    print(f"{'rendering':<28} {end - rendering:7.1f} s")
    print(f"{'in all':<28} {end - start:7.1f} s")
    print(f"The book: {index}")


def _warn(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"neuronlib: {message}", file=sys.stderr)


def _complain(error: object, code: int) -> int:
    print(f"neuronlib: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
