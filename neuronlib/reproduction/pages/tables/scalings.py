"""Tables of the scaling of the pixels and what depends on it."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from IPython.display import Markdown

from neuronlib.reproduction.analysis.neurons import activity
from neuronlib.reproduction.claims.scalings import Compared
from neuronlib.reproduction.claims.verdicts import Answer
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.tables.claims import marked, ours, told_and_paper
from neuronlib.reproduction.pages.tables.tables import table


def verdicts_beside(compared: Sequence[Compared]) -> Markdown:
    """Tabulate claims with our number and verdict under each scaling; the last column compares verdicts."""
    if not compared:
        return Markdown("None so far.")
    choices = list(compared[0].answers)
    rows = []
    for one in compared:
        verdicts = [_verdict(one.answers[choice]) for choice in choices]
        depends = {True: "yes", False: "no", None: "open"}[one.depends]
        rows.append([*told_and_paper(one.claim, one.reading), *verdicts, depends])
    return table(["claim", "paper", *choices, "depends"], rows)


def _verdict(answer: Answer) -> str:
    verdict = marked(answer.verdict)
    return f"{ours(answer)}<br>{verdict}" if ours(answer) else verdict


def constant_shares(sources: Mapping[str, Source], names: Sequence[str]) -> Markdown:
    """Tabulate each layer's dead and always-on neurons after training, in percent (mean over networks)."""
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
