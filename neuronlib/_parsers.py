"""Parsers of the command ``neuronlib``: their help says what a command does, and shows how it is called."""

import argparse
import textwrap
from collections.abc import Sequence
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """A parser that refuses a wrong argument in one line.

    Example:
        >>> Parser(prog="neuronlib").format_usage().strip()
        'usage: neuronlib [-h]'
    """

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and stop.

        Args:
            message: What is wrong.
        """
        self.exit(2, f"neuronlib: {message} (see {self.prog} --help)\n")


def add_command(
    commands: Any, name: str, text: str, more: str = "", *, examples: Sequence[str]
) -> argparse.ArgumentParser:
    """Add a command.

    Args:
        commands: What `argparse.ArgumentParser.add_subparsers` returned.
        name: The command.
        text: What it does, a clause without capital and full stop.
        more: Further sentences about it.
        examples: Arguments that it can be called with.

    Returns:
        Its parser.

    Example:
        >>> commands = Parser(prog="neuronlib").add_subparsers()
        >>> print(add_command(commands, "count", "count to N", examples=["--to 3"]).epilog)
        examples:
          neuronlib count --to 3
    """
    said = f"{text[0].upper()}{text[1:]}" + (f". {more}" if more else "")
    return commands.add_parser(
        name,
        help=text,
        description=textwrap.fill(said, 79),
        epilog="\n".join(["examples:", *(f"  neuronlib {name} {one}".rstrip() for one in examples)]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
