"""Names and folder of the assignments' sources."""

from neuronlib.reproduction.store.paths import BOOK

ASSIGNMENTS = BOOK / "assignments"
"""The folder of the assignments' sources, each with its solution."""
SECONDS_A_CELL = 300
"""Time limit of a graded cell; a cell that exceeds it is interrupted and earns nothing."""


def assignments() -> list[str]:
    """List the names of the book's assignments, sorted."""
    return sorted(path.stem for path in ASSIGNMENTS.glob("*.py"))
