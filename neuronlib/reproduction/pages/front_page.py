"""Content of the first page and README.md: what held, counts of verdicts, five numbers, and pictures."""

import io
import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import Direction
from neuronlib.common.scopes import WHOLE
from neuronlib.plots.curves import use_house_style
from neuronlib.reproduction.analysis.effects import gap
from neuronlib.reproduction.claims.claims import answers
from neuronlib.reproduction.claims.multiverse import Compared, by_choice, compare_claims, nearest, of_claims
from neuronlib.reproduction.claims.verdicts import MARGIN
from neuronlib.reproduction.compute.sources import Source, StoredResults
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.pages.figures.forest import forest
from neuronlib.reproduction.pages.figures.panels import curves, legend_below
from neuronlib.reproduction.pages.figures.svg import shortened
from neuronlib.reproduction.pages.tables.claims import counts_table, marked, marked_finding, verdict_counts
from neuronlib.reproduction.pages.tables.numbers import rounded, signed, with_interval
from neuronlib.reproduction.store.atomic import write_bytes

_IN_SHORT = {
    "N2": "Across layers: without the 101 of all 200 neurons that vary least (lowest entropy), accuracy is {ours} than "
    "without 101 drawn at random. {other_end}",
    "N5": "Within a layer: without the 80 of the first layer's 100 neurons that tell least about the class (lowest "
    "mutual information), it is {ours} than without 80 drawn at random.",
    "N6": "The other way round: without the 80 that tell most, it is {ours} than without 80 drawn at random.",
    "N9": "With sigmoids in place of ReLU: without the 80 of the first layer that vary least, it is {ours} than "
    "without 80 drawn at random.",
    "N4": "Between layers: without 80 neurons of the first drawn at random, it is {ours} than without 80 of the "
    "second.",
}


def in_three(source: Source, compared: Sequence[Compared]) -> str:
    """Say in three paragraphs of Markdown what held, what did not, and what depends on what the paper leaves open."""
    counted = verdict_counts(answers(source))
    (meant, found), (every, found_in_every) = counted.values()
    total = sum(meant.values())
    held = (
        f"**What held.** Of the paper's {total} claims, {meant['reproduced']} are reproduced as the paper means them "
        f"({every['reproduced']} in every reading), and {found['established']} ({found_in_every['established']}) are "
        f"established: their differences are at least {MARGIN:g} points and significant, their likenesses pass a test "
        f"of equivalence, their numbers lie where a replication's should. {_within_a_layer(source)}"
    )
    failed = (
        f"**What did not.** {meant['not reproduced']} claims are not reproduced ({every['not reproduced']} in every "
        f"reading), and {found['refuted']} ({found_in_every['refuted']}) are refuted; of {found['small']} "
        f"({found_in_every['small']}) all that differs does so by less than {MARGIN:g} points. "
        f"{_reconciliation(source)}"
    )
    return "\n\n".join((held, failed, _dependent(compared)))


def _within_a_layer(source: Source) -> str:
    numbers = _gaps_of(source, "mnist-relu-dropout", "1", (("low", 80), ("high", 80)))
    if not numbers:
        return ""
    return (
        "Within the first layer of ReLU networks on MNIST, neurons that tell little about the class are needed less "
        f"than others (without the 80 of least mutual information {numbers[0]} points against random ablation, without "
        f"the 80 of most {numbers[1]})."
    )


def _reconciliation(source: Source) -> str:
    numbers = [
        text for scope in (WHOLE, "1", "2") for text in _gaps_of(source, "mnist-relu-dropout", scope, (("low", None),))
    ]
    if not numbers:
        return ""
    return (
        "Among them is the paper's own reconciliation (Q49), that mutual information misleads across layers and guides "
        f"within each: lowest first, over the curve, it is {numbers[0]} points against random ablation over both "
        f"layers, {numbers[1]} in the first and {numbers[2]} in the second."
    )


def _dependent(compared: Sequence[Compared]) -> str:
    asked = [
        of_choice for of_choice in of_claims(compared).values() if all(one[0] != "open" for one in of_choice.values())
    ]
    changing = sum(len({verdict for verdict, _ in of_choice.values()}) > 1 for of_choice in asked)
    text = (
        "**What depends on the scaling.** The paper does not say how pixels are scaled, nor for how many epochs each "
        "network was trained. This book scales them to mean 0 and deviation 1 *because pilot networks so scaled agreed "
        "best with the paper*, which favours the paper. "
    )
    if not asked:
        return f"{text}Other choices are not computed yet."
    headline = next((one.answers for one in compared if one.claim.id == "N2"), {})
    at = {scaling: headline.get(f"{scaling}, pilots' epochs") for scaling in ("standard", "symmetric", "unit")}
    shown = ", ".join(
        f"{signed(answer.ours)} ({scaling})" for scaling, answer in at.items() if answer and not math.isnan(answer.ours)
    )
    choices = " and ".join(f"*{choice}* for {title}" for title, choice in nearest(compared).items())
    agreeing = f" Nearest to the paper's numbers is {choices}." if choices else ""
    return (
        f"{text}Of the {len(asked)} claims that can be asked under three scalings and three numbers of epochs, "
        f"{changing} change their verdict; N2, the first number below, is {shown}.{agreeing}"
    )


def _gaps_of(source: Source, name: str, scope: str, ends: Sequence[tuple[Direction, int | None]]) -> list[str]:
    if not source.has(name):
        return []
    results = source(name)
    return [with_interval(gap(results, scope, "mutual_information", direction, step)) for direction, step in ends]


def in_short(source: Source) -> str:
    """List five numbers for MNIST networks with Dropout in Markdown: ours, the paper's, and the verdicts."""
    lines = [
        "Five numbers of MNIST networks with Dropout (points of test accuracy, 95 % intervals over networks):",
        "",
    ]
    answered = {claim.id: (claim, answer) for claim, _, answer in answers(source, list(_IN_SHORT))}
    for number, (name, sentence) in enumerate(_IN_SHORT.items(), start=1):
        claim, answer = answered[name]
        told = sentence.format(
            ours=_compared(answer.ours, answer.low, answer.high),
            other_end=_other_end(source, answer.setting) if "{other_end}" in sentence else "",
        ).strip()
        paper = _compared(float(claim.paper))
        verdict = f"{marked(answer.verdict)}, {marked_finding(answer.finding)}"
        lines.append(f"{number}. {told} The paper: {paper}; {verdict}; n = {answer.n}, {claim.id}.")
    return "\n".join(lines)


def _other_end(source: Source, name: str) -> str:
    if not name:
        return ""
    other = gap(source(name), WHOLE, "entropy", "high", 101)
    told = _compared(float(other.mean()), *bootstrap_interval(other))
    return f"Without the 101 that vary *most* it is {told}, too: either order all but empties one layer."


def _compared(number: float, low: float = math.nan, high: float = math.nan) -> str:
    if math.isnan(number):
        return "(not computed yet)"
    sign, word = (1, "higher") if number > 0 else (-1, "lower")
    if math.isnan(low):
        return f"{rounded(sign * number, '.1f')} {word}"
    interval = ", ".join(rounded(end, ".1f") for end in sorted((sign * low, sign * high)))
    return f"**{rounded(sign * number, '.1f')} points {word}** [{interval}]"


def write_verdicts(folder: Path, page: Path) -> None:
    r"""Replace the lines between a Markdown page's marks by what held, by a folder of results.

    The marks are two lines, ``<!-- verdicts -->`` and ``<!-- end of verdicts -->``.

    Raises:
        ValueError: If the page cannot be read or lacks a mark.
        StoreError: If it cannot be written.
    """
    source = StoredResults(folder)
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{page}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{page}: expected a page written in UTF-8") from None
    before, mark, rest = text.partition("<!-- verdicts -->\n")
    _, end, after = rest.partition("<!-- end of verdicts -->\n")
    if not mark or not end:
        raise ValueError(f"{page}: expected the lines <!-- verdicts --> and <!-- end of verdicts -->")
    compared = compare_claims(by_choice(folder))
    computed = [source(name).attrs["networks"] for name in SETTINGS if source.has(name)]
    origin = f"From {sum(computed)} networks of {len(computed)} of the {len(SETTINGS)} settings."
    told = "\n\n".join((in_three(source, compared), counts_table(source).data, origin, in_short(source)))
    write_bytes(f"{before}{mark}{told}\n{end}{after}".encode(), page)


def overview(source: Source, file: Path) -> None:
    """Draw the first picture of README and of the first page as SVG; the same results give the same bytes."""
    import matplotlib.pyplot as plt

    use_house_style()
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.6), sharey=True)
    curves(left, source, "mnist-relu-dropout", WHOLE, title="neurons of all layers in one order")
    curves(right, source, "mnist-relu-dropout", "1", title="neurons of the first layer")
    legend_below(figure)
    _write_svg(figure, file)


def forest_picture(source: Source, file: Path) -> None:
    """Draw the paper's numbers beside ours as SVG, for the first page."""
    use_house_style()
    _write_svg(forest(source), file)


def _write_svg(figure: Figure, file: Path) -> None:
    import matplotlib.pyplot as plt

    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    plt.close(figure)
    write_bytes(shortened(drawn.getvalue()).encode(), file)
