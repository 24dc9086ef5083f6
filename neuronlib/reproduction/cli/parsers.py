"""Parsers of the command ``neuronlib``: their help says what a command does, and shows how it is called."""

import argparse
import os
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from neuronlib.common.paths import expanded
from neuronlib.reproduction.store.paths import RESULTS

SIDE_BY_SIDE = min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
"""Processes that a command uses unless told: as many as there are cores, at most 4, since each needs memory."""


class Parser(argparse.ArgumentParser):
    """A parser that refuses a wrong argument in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and stop."""
        self.exit(2, f"neuronlib: {message} (see {self.prog} --help)\n")


def folder(text: str) -> Path:
    """Return the path of a folder that an option names, which may begin with ``~`` and need not exist.

    Raises:
        ArgumentTypeError: If it is empty, or there is something that is no folder, or that cannot be told.
    """
    path = expanded(text)
    try:
        no_folder = path.exists() and not path.is_dir()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error.strerror}") from None
    if not text or no_folder:
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return path


def add_command(
    commands: Any, name: str, text: str, more: str = "", *, examples: Sequence[str]
) -> argparse.ArgumentParser:
    """Return the parser of a new command; ``text`` is a clause without capital and full stop, ``more`` has sentences.

    Example:
        >>> commands = Parser(prog="neuronlib").add_subparsers()
        >>> print(add_command(commands, "count", "count to N", examples=["--to 3"]).epilog)
        examples:
          neuronlib count --to 3
    """
    sentence = f"{text[0].upper()}{text[1:]}" + (f". {more}" if more else "")
    return commands.add_parser(
        name,
        help=text,
        description=textwrap.fill(sentence, 79),
        epilog="\n".join(["examples:", *(f"  neuronlib {name} {one}".rstrip() for one in examples)]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_names(parser: argparse.ArgumentParser, everything: str) -> None:
    """Let a command be told which settings, and which store; ``everything`` says what ``--all`` means."""
    parser.add_argument(
        "settings", nargs="*", default=[], metavar="NAME", help='settings or studies; "neuronlib settings" lists them'
    )
    parser.add_argument("--all", action="store_true", help=everything)
    parser.add_argument("--results", type=folder, default=RESULTS, metavar="DIR", help="the store (%(default)s)")


def wanted_names(options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Return the settings and the studies that were named; neither with ``--all``, or where nothing was said.

    Raises:
        ValueError: If there is no such setting or study, or some are named beside ``--all``.

    Example:
        >>> parser = Parser()
        >>> add_names(parser, "all 40")
        >>> wanted_names(parser.parse_args(["mnist-relu-l2"]))
        (['mnist-relu-l2'], [])
        >>> wanted_names(parser.parse_args(["mnist-relu-l2", "--all"]))
        Traceback (most recent call last):
        ValueError: either name settings or say --all
    """
    from neuronlib.common.checks import did_you_mean
    from neuronlib.reproduction.design.settings import SETTINGS
    from neuronlib.reproduction.design.studies import ALL_STUDIES

    if options.settings and options.all:
        raise ValueError("either name settings or say --all")
    for name in options.settings:
        if name not in SETTINGS and name not in ALL_STUDIES:
            hint = did_you_mean(name, [*SETTINGS, *ALL_STUDIES])
            raise ValueError(f'no setting or study {name!r}; {hint}"neuronlib settings" lists all')
    settings = [name for name in options.settings if name in SETTINGS]
    return settings, [name for name in options.settings if name in ALL_STUDIES]
