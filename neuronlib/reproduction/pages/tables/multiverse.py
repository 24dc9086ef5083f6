"""Tables of the choices that the paper leaves open, and of what depends on them."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from IPython.display import Markdown

from neuronlib.common.choices import DatasetName
from neuronlib.reproduction.analysis.neurons import activity
from neuronlib.reproduction.claims.multiverse import EPOCHS, OURS, Compared, agreement, of_claims
from neuronlib.reproduction.claims.verdicts import Answer
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.tables.claims import FOUND, MARKS, marked, ours, told_and_paper
from neuronlib.reproduction.pages.tables.numbers import NO_BREAK, signed
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


def choices_table(compared: Sequence[Compared]) -> Markdown:
    """Tabulate how many claims hold under every choice, under some, under none."""
    rows = []
    for column, (what, best) in enumerate((("as the paper means it", "reproduced"), ("established", "established"))):
        holds = [
            [both[column] == best for both in of_choice.values()]
            for of_choice in of_claims(compared).values()
            if all(both[column] != "open" for both in of_choice.values())
        ]
        all_of_them, none = sum(map(all, holds)), sum(not any(some) for some in holds)
        left_open = len(of_claims(compared)) - len(holds)
        rows.append([what, all_of_them, len(holds) - all_of_them - none, none, left_open])
    return table(["holds", "under all nine", "under some", "under none", "open under at least one"], rows)


def claims_by_choice(compared: Sequence[Compared]) -> Markdown:
    """Tabulate the claims whose verdict or finding depends on the choice, with the signs of both under each.

    Returns:
        A column for each scaling, with a line for each number of epochs, the smallest first.
    """
    rows = []
    claims = {one.claim.id: one.claim for one in compared}
    for name, of_choice in of_claims(compared).items():
        both = list(of_choice.values())
        if len(set(both)) == 1 or any("open" in one for one in both):
            continue
        signs = [f"{MARKS[verdict]}{NO_BREAK}{FOUND[finding]}" for verdict, finding in both]
        cells = ["<br>".join(signs[start : start + len(EPOCHS)]) for start in range(0, len(signs), len(EPOCHS))]
        rows.append([told_and_paper(claims[name], "")[0], *cells])
    if not rows:
        return Markdown("None so far.")
    scalings = dict.fromkeys(choice.partition(",")[0] for choice in compared[0].answers)
    return table(["claim", *scalings], rows)


def agreement_table(compared: Sequence[Compared]) -> Markdown:
    """Tabulate how near our numbers are to the paper's under each choice; bold is the nearest, ▸ the book's own."""
    datasets: dict[str, DatasetName] = {"MNIST": "mnist", "Fashion-MNIST": "fashion-mnist"}
    distances = {title: agreement(compared, dataset) for title, dataset in datasets.items()}
    holds = of_claims(compared)
    asked = [of_choice for of_choice in holds.values() if all(verdict != "open" for verdict, _ in of_choice.values())]
    rows = []
    for choice in compared[0].answers:
        cells = [_nearest(some, choice) for some in distances.values()]
        kept = [sum(of_choice[choice][0] == "reproduced" for of_choice in asked)]
        rows.append([f"▸ {choice}" if choice == OURS else choice, *cells, *kept])
    headers = [f"{title}: mean distance from the paper's numbers (points)" for title in datasets]
    return table(["choice", *headers, f"reproduced, of {len(asked)} claims"], rows)


def _nearest(distances: Mapping[str, float], choice: str) -> str:
    text = signed(distances[choice], plus=False)
    return f"**{text}**" if distances[choice] == min(distances.values()) else text


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
