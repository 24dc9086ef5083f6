"""The choices that the paper leaves open, crossed: how pixels are scaled, and how many epochs networks are trained."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from neuronlib.common.choices import Activation, DatasetName, Scaling
from neuronlib.reproduction.claims.claims import answers, favourably_read
from neuronlib.reproduction.claims.table import Claim
from neuronlib.reproduction.claims.verdicts import Answer, Finding, Verdict
from neuronlib.reproduction.compute.sources import Source, StoredResults
from neuronlib.reproduction.design.settings import SETTINGS, names_of
from neuronlib.reproduction.store.paths import RESULTS

NETWORKS: dict[DatasetName, int] = {"mnist": 10, "fashion-mnist": 10, "cifar10": 5}
"""How many networks of each setting every choice is answered from."""
EPOCHS: dict[str, int | None] = {"8 epochs": 8, "pilots' epochs": None, "30 epochs": 30}
"""The fewest and the most epochs that the paper allows itself, and between them as many as pilot networks say."""
OURS = "standard, pilots' epochs"
"""The book's own choice."""
DATASETS: dict[str, DatasetName] = {"MNIST": "mnist", "Fashion-MNIST": "fashion-mnist"}
"""Data sets that the paper's numbers are about; none is about CIFAR-10."""


def by_scaling(networks: int) -> dict[str, StoredResults]:
    """Return what is stored under each scaling of the pixels, at most so many networks of each setting."""
    return {scaling: StoredResults(networks=networks, scaling=scaling) for scaling in get_args(Scaling)}


def by_choice(folder: Path = RESULTS) -> dict[str, StoredResults]:
    """Return what is stored under each scaling after each number of epochs, of as many networks everywhere.

    Example:
        >>> list(by_choice())[:2]
        ['standard, 8 epochs', "standard, pilots' epochs"]
    """
    return {
        f"{scaling}, {name}": StoredResults(folder, NETWORKS, scaling, epochs)
        for scaling, (name, epochs) in itertools.product(get_args(Scaling), EPOCHS.items())
    }


def repeated(architecture: str, activation: Activation | None = None) -> list[str]:
    """Return the settings that are repeated under each choice: those that the paper's figures or its Sec. V-D show.

    Raises:
        ValueError: If there is no such architecture or activation function.

    Example:
        >>> repeated("cifar10")
        ['cifar10-relu-l2']
    """
    return [name for name in names_of(architecture, activation) if SETTINGS[name].panel]


@dataclass(frozen=True)
class Compared:
    """One claim under one ``reading``, "" if it has but one, answered under each choice."""

    claim: Claim
    reading: str
    answers: Mapping[str, Answer]


def compare_claims(sources: Mapping[str, Source], ids: Sequence[str] = ()) -> list[Compared]:
    """Compare what each source answers to each claim and reading; without ``ids``, to all claims."""
    by_source = {choice: list(answers(source, ids)) for choice, source in sources.items()}
    return [
        Compared(beside[0][0], beside[0][1], dict(zip(by_source, (answer for _, _, answer in beside), strict=True)))
        for beside in zip(*by_source.values(), strict=True)
    ]


def of_claims(compared: Sequence[Compared]) -> dict[str, dict[str, tuple[Verdict, Finding]]]:
    """Return each claim's verdict and finding under each choice, by the reading that favours the paper."""
    readings: dict[str, list[Compared]] = {}
    for one in compared:
        readings.setdefault(one.claim.id, []).append(one)
    return {
        name: {choice: favourably_read([one.answers[choice] for one in some]) for choice in some[0].answers}
        for name, some in readings.items()
    }


def agreement(compared: Sequence[Compared], dataset: DatasetName) -> dict[str, float]:
    r"""Measure how near our numbers of a data set are to the paper's, under each choice.

    .. math:: \frac{1}{N} \sum_i |m_i - p_i|

    Source: ours. Of a number with several readings about this data set, the nearest counts. Numbers that some choice
    leaves open are left out of all.

    Returns:
        The mean distance in percentage points, by choice; NaN without numbers.
    """
    distances: dict[str, list[list[float]]] = {}
    for one in compared:
        name = next(iter(one.answers.values())).setting
        if one.claim.kind == "number" and name in SETTINGS and SETTINGS[name].dataset == dataset:
            paper = float(one.claim.paper)
            values = [abs(answer.ours - paper) for answer in one.answers.values()]
            if not np.isnan(values).any():
                distances.setdefault(one.claim.id, []).append(values)
    nearest = [np.min(some, axis=0) for some in distances.values()]
    means = np.mean(nearest, axis=0).tolist() if nearest else [float("nan")] * len(compared[0].answers)
    return dict(zip(compared[0].answers, means, strict=True))


def nearest(compared: Sequence[Compared]) -> dict[str, str]:
    """Name the choice that is nearest to the paper's numbers of each data set that has any under all choices."""
    distances = {title: agreement(compared, dataset) for title, dataset in DATASETS.items()}
    return {
        title: min(some, key=some.__getitem__)
        for title, some in distances.items()
        if not np.isnan(list(some.values())).any()
    }
