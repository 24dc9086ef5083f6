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
    """Return what is stored under each scaling of the pixels, at most so many networks of each setting."""
    return {scaling: StoredResults(networks=networks, scaling=scaling) for scaling in get_args(Scaling)}


def repeated(architecture: str, activation: Activation | None = None) -> list[str]:
    """Return the settings that are repeated under each scaling: those that the paper's figures or its Sec. V-D show.

    Raises:
        ValueError: If there is no such architecture or activation function.

    Example:
        >>> repeated("cifar10")
        ['cifar10-relu-l2']
    """
    return [name for name in names_of(architecture, activation) if SETTINGS[name].panel]


@dataclass(frozen=True)
class Compared:
    """One claim under one ``reading``, "" if it has but one, answered by each source."""

    claim: Claim
    reading: str
    answers: Mapping[str, Answer]

    @property
    def depends(self) -> bool | None:
        """Whether the verdict depends on the choice; None where some source leaves it open."""
        verdicts = {answer.verdict for answer in self.answers.values()}
        return None if "open" in verdicts else len(verdicts) > 1


def compare_claims(sources: Mapping[str, Source], ids: Sequence[str] = ()) -> list[Compared]:
    """Compare what each source answers to each claim and reading; without ``ids``, to all claims."""
    by_choice = {choice: list(answers(source, ids)) for choice, source in sources.items()}
    return [
        Compared(beside[0][0], beside[0][1], dict(zip(by_choice, (answer for _, _, answer in beside), strict=True)))
        for beside in zip(*by_choice.values(), strict=True)
    ]
