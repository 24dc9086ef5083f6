"""Numbers of figures, equations and exercises that cannot be mistaken for the paper's Fig. 1 to 5 and Eq. (1) to (5).

Numbered chapters keep theirs, such as Fig. 5.1. Sphinx counts all other pages as one, without a chapter's number; each of
them gets the code that its file begins with, such as Fig. X1.2 in ``x1_replications``. Pages of the same code share one
count, in the order of the table of contents. Any other page counts as chapter 0.
"""

import re
from collections import defaultdict
from pathlib import PurePosixPath

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_CODE = re.compile(r"([a-z]\d+)_")


def code(page: str) -> str:
    """Return the code that a page's numbers begin with.

    Args:
        page: The page's name, as Sphinx has it.

    Returns:
        Such as "X1" for ``book/x1_replications``, and "0" for a name without a code.
    """
    found = _CODE.match(PurePosixPath(page).name)
    return found[1].upper() if found else "0"


def _number(_: Sphinx, env: BuildEnvironment) -> list[str]:
    # The pages stand in the order of the table of contents, in which Sphinx has just counted them.
    counts: dict[tuple[str, str], int] = defaultdict(int)
    changed = []
    for page, kinds in env.toc_fignumbers.items():
        for kind, numbers in kinds.items():
            for name, number in numbers.items():
                if len(number) == 1:
                    counts[kind, code(page)] += 1
                    # Sphinx joins the parts with dots, whatever they are.
                    numbers[name] = (code(page), counts[kind, code(page)])  # type: ignore[assignment]
                    changed.append(page)
    return changed


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx.

    Args:
        app: The build.

    Returns:
        What Sphinx is to know of this extension.
    """
    # After Sphinx's own handler of this event, which counts.
    app.connect("env-get-updated", _number, priority=900)
    return {"parallel_read_safe": True}
