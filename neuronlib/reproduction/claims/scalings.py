"""Results under several choices side by side: panels, and verdicts that depend on the choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from IPython.display import Markdown
from matplotlib.figure import Figure

from neuronlib.common.types import Activation, Scaling, scope_name, scopes
from neuronlib.reproduction.claims.claims import Claim, answers
from neuronlib.reproduction.claims.evidence import Answer
from neuronlib.reproduction.compute.sources import Archive, StoredArchive
from neuronlib.reproduction.design.settings import SETTINGS, names_of
from neuronlib.reproduction.pages.figures.grids import POINTS, small_panels, trim
from neuronlib.reproduction.pages.figures.panels import curves, legend_below
from neuronlib.reproduction.pages.tables.claims import MARKS, ours, told_and_paper
from neuronlib.reproduction.pages.tables.tables import table


def by_scaling(networks: int) -> dict[str, StoredArchive]:
    """What is stored under each scaling of the pixels.

    Args:
        networks: At most how many networks of each setting.

    Returns:
        An archive for each scaling.

    Example:
        >>> list(by_scaling(10))
        ['standard', 'symmetric', 'unit']
    """
    return {scaling: StoredArchive(networks=networks, scaling=scaling) for scaling in get_args(Scaling)}


def repeated(architecture: str, activation: Activation | None = None) -> list[str]:
    """The settings that are repeated under each scaling: those that the paper's figures and its Sec. V-D show.

    Args:
        architecture: The first part of their names, such as "small-fashion".
        activation: Which of its two activation functions; both unless given.

    Returns:
        Their names.

    Raises:
        ValueError: If there is no such architecture or activation function.

    Example:
        >>> repeated("cifar10")
        ['cifar10-relu-l2']
    """
    return [name for name in names_of(architecture, activation) if SETTINGS[name].panel]


@dataclass(frozen=True)
class Compared:
    """One claim, or one reading of it, answered by several archives.

    Attributes:
        claim: The claim.
        reading: How it is read, or "".
        answers: The answer of each archive.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredArchive
        >>> compare_claims({"standard": StoredArchive(Path("nowhere"))}, ["N5"])[0].depends is None
        True
    """

    claim: Claim
    reading: str
    answers: Mapping[str, Answer]

    @property
    def depends(self) -> bool | None:
        """Whether the verdict depends on the choice; None where some archive leaves it open."""
        said = {answer.verdict for answer in self.answers.values()}
        return None if "open" in said else len(said) > 1


def compare_claims(archives: Mapping[str, Archive], ids: Sequence[str] = ()) -> list[Compared]:
    """The paper's claims, answered by each of several archives.

    Args:
        archives: Results under each choice.
        ids: Which claims; none for all.

    Returns:
        One entry for each claim and reading.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredArchive
        >>> list(compare_claims({"unit": StoredArchive(Path("nowhere"))}, ["N5"])[0].answers)
        ['unit']
    """
    said = {choice: list(answers(archive, ids)) for choice, archive in archives.items()}
    return [
        Compared(some[0][0], some[0][1], dict(zip(said, (answer for _, _, answer in some), strict=True)))
        for some in zip(*said.values(), strict=True)
    ]


def verdicts_beside(compared: Sequence[Compared]) -> Markdown:
    """Claims with our number and verdict under each choice.

    Args:
        compared: The claims.

    Returns:
        To be the last expression of a cell; the last column says whether the verdict depends on the choice.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredArchive
        >>> compared = compare_claims({"unit": StoredArchive(Path("nowhere"))}, ["N5"])
        >>> print(verdicts_beside(compared).data.splitlines()[0])
        | claim | paper | unit | depends |
    """
    if not compared:
        return Markdown("None so far.")
    choices = list(compared[0].answers)
    rows = []
    for one in compared:
        here = [_verdict(one.answers[choice]) for choice in choices]
        depends = {True: "yes", False: "no", None: "open"}[one.depends]
        rows.append([*told_and_paper(one.claim, one.reading), *here, depends])
    return table(["claim", "paper", *choices, "depends"], rows)


def _verdict(answer: Answer) -> str:
    verdict = f"{MARKS[answer.verdict]} {answer.verdict}"
    return f"{ours(answer)}<br>{verdict}" if ours(answer) else verdict


def curves_beside(archives: Mapping[str, Archive], names: Sequence[str]) -> Figure:
    """Ablation curves of settings under each choice.

    Args:
        archives: Results under each choice: the columns.
        names: Settings.

    Returns:
        Small panels with one legend, a row for each layer of each setting and for its whole network; settings without
        results under any choice are left out.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredArchive
        >>> figure = curves_beside({"unit": StoredArchive(Path("nowhere"))}, ["mnist-relu-l2"])
        >>> figure.axes[0].texts[0].get_text()
        'none of them is computed yet'
    """
    there = [name for name in names if any(archive.has(name) for archive in archives.values())]
    rows = [(name, scope) for name in there for scope in scopes(SETTINGS[name].hidden)]
    figure, grid = small_panels(len(rows), len(archives), 1.9 * len(rows) + 0.6)
    for row, (name, scope) in zip(grid, rows, strict=True):
        for axes, (choice, archive) in zip(row, archives.items(), strict=True):
            curves(axes, archive, name, scope, title=f"{name}, {scope_name(scope)}, {choice}", points=POINTS)
            trim(axes, axes is row[0], "accuracy (%)")
    legend_below(figure)
    return figure
