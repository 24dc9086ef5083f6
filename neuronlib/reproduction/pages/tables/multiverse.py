"""Tables of the choices that the paper leaves open, and of what depends on them."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from IPython.display import Markdown

from neuronlib.reproduction.analysis.neurons import activity
from neuronlib.reproduction.claims.multiverse import DATASETS, EPOCHS, OURS, Compared, agreement, nearest, of_claims
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.tables.claims import FOUND, MARKS, told_and_paper
from neuronlib.reproduction.pages.tables.numbers import NO_BREAK, rounded, signed
from neuronlib.reproduction.pages.tables.tables import table, unbroken


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
    distances = {title: agreement(compared, dataset) for title, dataset in DATASETS.items()}
    holds = of_claims(compared)
    asked = [of_choice for of_choice in holds.values() if all(verdict != "open" for verdict, _ in of_choice.values())]
    rows = []
    for choice in compared[0].answers:
        cells = [_nearest(some, choice) for some in distances.values()]
        kept = [sum(of_choice[choice][0] == "reproduced" for of_choice in asked)]
        rows.append([f"▸ {choice}" if choice == OURS else choice, *cells, *kept])
    headers = [f"{title}: mean distance from the paper's numbers (points)" for title in DATASETS]
    return table(["choice", *headers, f"reproduced, of {len(asked)} claims"], rows)


def nearest_choices(compared: Sequence[Compared]) -> Markdown:
    """Say which choice is nearest to the paper's numbers of each data set, and whether one is nearest to all."""
    choices = nearest(compared)
    if not choices:
        return Markdown("No choice has all numbers yet.")
    told = "; ".join(f"for {title} it is *{choice}*" for title, choice in choices.items())
    same = set(choices.values())
    one = f"the same for all, *{same.pop()}*" if len(same) == 1 else "not the same for all"
    ours = "" if OURS in choices.values() else f" The book's own choice, *{OURS}*, is the nearest for none."
    return Markdown(
        f"Nearest to the paper: {told}; {one}.{ours} None of the fourteen numbers is about CIFAR-10, for which only "
        "the verdicts above can choose."
    )


def accuracy_by_choice(sources: Mapping[str, Source], names: Sequence[str]) -> Markdown:
    """Tabulate the test accuracy in percent and the number of networks of each setting under each choice."""
    rows = []
    for name in names:
        cells = []
        for source in sources.values():
            there = source.has(name)
            last = source(name)["history"].test_accuracy.isel(epoch=-1) if there else None
            cells.append(f"{rounded(100 * float(last.mean()), '.1f')} ({last.size})" if last is not None else "not yet")
        blocks = range(0, len(cells), len(EPOCHS))
        rows.append([unbroken(name), *("<br>".join(cells[start : start + len(EPOCHS)]) for start in blocks)])
    scalings = dict.fromkeys(choice.partition(",")[0] for choice in sources)
    epochs = ", ".join(EPOCHS)
    return table(["setting", *(f"{one}: accuracy in % (networks) after {epochs}" for one in scalings)], rows)


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
