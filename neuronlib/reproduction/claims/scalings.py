"""Results under several choices side by side: panels, and verdicts that depend on the choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from neuronlib.common.choices import Activation, Scaling
from neuronlib.reproduction.claims.claims import answers
from neuronlib.reproduction.claims.table import Claim
from neuronlib.reproduction.claims.verdicts import Answer
from neuronlib.reproduction.compute.sources import Source, StoredResults
from neuronlib.reproduction.design.settings import SETTINGS, names_of


def by_scaling(networks: int) -> dict[str, StoredResults]:
    """What is stored under each scaling of the pixels.

    Args:
        networks: At most how many networks of each setting.

    Returns:
        An source for each scaling.

    Example:
        >>> list(by_scaling(10))
        ['standard', 'symmetric', 'unit']
    """
    return {scaling: StoredResults(networks=networks, scaling=scaling) for scaling in get_args(Scaling)}


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
    """One claim, or one reading of it, answered by several sources.

    Attributes:
        claim: The claim.
        reading: How it is read, or "".
        answers: The answer of each source.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredResults
        >>> compare_claims({"standard": StoredResults(Path("nowhere"))}, ["N5"])[0].depends is None
        True
    """

    claim: Claim
    reading: str
    answers: Mapping[str, Answer]

    @property
    def depends(self) -> bool | None:
        """Whether the verdict depends on the choice; None where some source leaves it open."""
        verdicts = {answer.verdict for answer in self.answers.values()}
        return None if "open" in verdicts else len(verdicts) > 1


def compare_claims(sources: Mapping[str, Source], ids: Sequence[str] = ()) -> list[Compared]:
    """The paper's claims, answered by each of several sources.

    Args:
        sources: Results under each choice.
        ids: Which claims; none for all.

    Returns:
        One entry for each claim and reading.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredResults
        >>> list(compare_claims({"unit": StoredResults(Path("nowhere"))}, ["N5"])[0].answers)
        ['unit']
    """
    by_choice = {choice: list(answers(source, ids)) for choice, source in sources.items()}
    return [
        Compared(beside[0][0], beside[0][1], dict(zip(by_choice, (answer for _, _, answer in beside), strict=True)))
        for beside in zip(*by_choice.values(), strict=True)
    ]
