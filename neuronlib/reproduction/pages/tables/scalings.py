"""Tables of what depends on the scaling of the pixels."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from IPython.display import Markdown

from neuronlib.reproduction.analysis.neurons import activity
from neuronlib.reproduction.claims.scalings import Compared
from neuronlib.reproduction.claims.verdicts import Answer
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.tables.claims import MARKS, ours, told_and_paper
from neuronlib.reproduction.pages.tables.tables import table


def verdicts_beside(compared: Sequence[Compared]) -> Markdown:
    """Claims with our number and verdict under each choice.

    Args:
        compared: The claims.

    Returns:
        To be the last expression of a cell; the last column says whether the verdict depends on the choice.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredResults
        >>> compared = compare_claims({"unit": StoredResults(Path("nowhere"))}, ["N5"])
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


def constant_shares(sources: Mapping[str, Source], names: Sequence[str]) -> Markdown:
    """Dead and always-on neurons once training is over.

    Args:
        sources: Results under each choice.
        names: Settings.

    Returns:
        A table with percentages of each layer's neurons, means over networks; settings without results are left out.

    Example:
        >>> from pathlib import Path
        >>> from neuronlib.reproduction.compute.sources import StoredResults
        >>> print(constant_shares({"unit": StoredResults(Path("nowhere"))}, ["mnist-relu-l2"]).data.splitlines()[0])
        | setting | layer | unit: dead, always on (%) |
    """
    rows = []
    for name in names:
        there = {choice: source(name) for choice, source in sources.items() if source.has(name)}
        layers = np.unique(next(iter(there.values()))["measures"].layer).tolist() if there else []
        for layer in layers:
            rows.append([name, layer, *(_shares(there[one], layer) if one in there else "" for one in sources)])
    return table(["setting", "layer", *(f"{choice}: dead, always on (%)" for choice in sources)], rows)


def _shares(results: xr.DataTree, layer: str) -> str:
    active = activity(results, layer)
    return f"{100 * float((active == 0).mean()):.1f}, {100 * float((active == 1).mean()):.1f}"
