"""The commands of a course: assign, grade.

What a command needs is imported when it is called, so that the others do not wait for it.
"""

import argparse
from typing import Any

from neuronlib.common.errors import NeuronlibError
from neuronlib.common.paths import expanded
from neuronlib.reproduction.cli.parsers import add_command
from neuronlib.reproduction.course.assignments import SECONDS_A_CELL, assignments


def add_commands(commands: Any) -> None:
    """Add the commands to what `argparse.ArgumentParser.add_subparsers` returned."""
    text = "lay out a course: the book's assignments with solutions, and the versions to hand out"
    assign = add_command(commands, "assign", text, examples=["mycourse", "mycourse measures ablation"])
    assign.set_defaults(command=_assign)
    _add_names(assign)
    assign.add_argument("--force", action="store_true", help="replace sources that are there and were edited")

    text = "grade what has been handed in, in FOLDER/submitted/STUDENT/NAME/NAME.ipynb"
    more = (
        "An assignment's own solution is graded first, and if it does not get full marks, as where a package is "
        "missing, nobody is graded. Points go to FOLDER/grades.csv, beside those given before, "
        "pages with each answer and what was said of it to FOLDER/feedback. Students' code runs apart from the checks "
        "and from all files of the course, as far as the system allows; the chapter on teaching says how far."
    )
    examples = ["mycourse", "mycourse measures --seconds 60", "mycourse --container IMAGE"]
    grade = add_command(commands, "grade", text, more, examples=examples)
    grade.set_defaults(command=_grade)
    _add_names(grade)
    grade.add_argument(
        "--seconds",
        type=int,
        default=SECONDS_A_CELL,
        metavar="N",
        help="after which a cell is interrupted and earns nothing (%(default)s)",
    )
    apart = grade.add_mutually_exclusive_group()
    apart.add_argument(
        "--sandbox",
        default="auto",
        metavar="NAME",
        help="shuts in students' code: bwrap (bubblewrap), namespaces, none, or auto, the first of these that works",
    )
    apart.add_argument(
        "--container", metavar="IMAGE", help="run it in containers of an image that has neuronlib, by podman or docker"
    )


def _add_names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=expanded, metavar="FOLDER", help="the course's folder")
    listed = ", ".join(assignments())
    parser.add_argument(
        "assignments", nargs="*", default=[], metavar="NAME", help=f"which; all unless given. There are: {listed}"
    )


def _assign(options: argparse.Namespace) -> None:
    from neuronlib.reproduction.course import handouts

    for handed_out in handouts.assign(options.folder, options.assignments, options.force):
        print(handed_out)


def _grade(options: argparse.Namespace) -> None:
    from neuronlib.reproduction.course import grading
    from neuronlib.reproduction.course.isolation import sandbox

    if options.seconds < 1:
        raise ValueError(f"--seconds {options.seconds}: expected at least 1")
    apart = sandbox.container(options.container) if options.container else sandbox.protection(options.sandbox)
    grades = grading.grade(options.folder, options.assignments, seconds=options.seconds, sandbox=apart)
    print(f"points are in {options.folder / 'grades.csv'}, pages for students in {options.folder / 'feedback'}")
    if failed := sum(grade.points is None for grade in grades):
        raise NeuronlibError(f"{failed} of {len(grades)} could not be graded; {options.folder / 'grades.csv'} says why")
