"""The assignments' sources: where they are, and what they are called."""

from neuronlib.reproduction.store.paths import BOOK

ASSIGNMENTS = BOOK / "assignments"
"""The folder of the assignments' sources, each with its solution."""
SECONDS_A_CELL = 300
"""After which a cell that is graded is interrupted and earns nothing."""


def assignments() -> list[str]:
    """The names of the book's assignments.

    Returns:
        The sources' names without suffix, sorted.

    Example:
        >>> assignments()
        ['ablation', 'importance', 'measures', 'replication']
    """
    return sorted(path.stem for path in ASSIGNMENTS.glob("*.py"))
