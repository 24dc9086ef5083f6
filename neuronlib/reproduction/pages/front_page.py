"""Content of the first page and README.md: what held, counts of verdicts, five numbers, and pictures."""

import io
import math
from collections.abc import Sequence
from pathlib import Path

from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import Direction
from neuronlib.common.regular_files import require_regular
from neuronlib.common.scopes import WHOLE
from neuronlib.plots.curves import use_house_style
from neuronlib.reproduction.analysis.effects import gap
from neuronlib.reproduction.claims.claims import answers, favourably_read
from neuronlib.reproduction.claims.multiverse import Compared, by_choice, compare_claims, nearest, of_claims
from neuronlib.reproduction.claims.verdicts import MARGIN
from neuronlib.reproduction.compute.sources import Source, StoredResults
from neuronlib.reproduction.design.settings import FIG3A, SETTINGS
from neuronlib.reproduction.pages.figures.forest import forest
from neuronlib.reproduction.pages.figures.panels import curves, finish_curves
from neuronlib.reproduction.pages.figures.svg import shortened
from neuronlib.reproduction.pages.tables.claims import counts_table, marked, marked_finding, verdict_counts
from neuronlib.reproduction.pages.tables.numbers import higher_or_lower, signed
from neuronlib.reproduction.store.atomic import write_bytes

_IN_SHORT = {
    "N2": "Across layers: without the 101 of all 200 neurons that vary least (lowest entropy), accuracy is {ours} than "
    "without 101 drawn at random. {other_end}",
    "N5": "Within a layer: without the 80 of the first layer's 100 neurons that tell least about the class (lowest "
    "mutual information), it is {ours} than without 80 drawn at random.",
    "N6": "The other way round: without the 80 that tell most, it is {ours} than without 80 drawn at random.",
    "N9": "With sigmoid instead of ReLU: without the 80 neurons of the first layer that vary least, it is {ours} than "
    "without 80 drawn at random.",
    "N4": "Between layers: without 80 random neurons of the first layer, it is {ours} than without 80 of the second.",
}


def in_three(source: Source, compared: Sequence[Compared]) -> str:
    """Say in three paragraphs of Markdown what held, what did not, and what depends on what the paper leaves open."""
    counted = verdict_counts(answers(source))
    (meant, found), (every, found_in_every) = counted.values()
    total = sum(meant.values())
    held = (
        f"**What held.** Of the paper's {total} claims, {meant['reproduced']} are reproduced as the paper means them "
        f"({every['reproduced']}). A claim that can be read in several ways counts by the reading most in the paper's "
        f"favour; the number in brackets counts the reading least in its favour. Stricter tests establish "
        f"{found['established']} ({found_in_every['established']}): differences of at least {MARGIN:g} points, "
        "likenesses that pass a test of equivalence, and numbers where a replication should find them. "
        f"{_within_a_layer(source)}"
    )
    failed = (
        f"**What did not.** {meant['not reproduced']} claims are not reproduced ({every['not reproduced']}), and "
        f"stricter tests refute {found['refuted']} ({found_in_every['refuted']}). For another {found['small']} "
        f"({found_in_every['small']}), the differences are real but below {MARGIN:g} points. {_reconciliation(source)}"
    )
    return "\n\n".join((held, failed, _dependent(compared)))


def _within_a_layer(source: Source) -> str:
    numbers = _gaps_of(source, FIG3A, "1", (("low", 80), ("high", 80)))
    if not numbers:
        return ""
    low, high = numbers
    return (
        "In the first layer of ReLU networks on MNIST with Dropout, the network needs the neurons least that tell "
        f"least about the class. Without the 80 of lowest mutual information, accuracy is {low} than without 80 random "
        f"neurons. Without the 80 of highest, it is {high}."
    )


def _reconciliation(source: Source) -> str:
    numbers = [text for scope in (WHOLE, "1", "2") for text in _gaps_of(source, FIG3A, scope, (("low", None),))]
    if not numbers:
        return ""
    verdict, _ = favourably_read([answer for _, _, answer in answers(source, ["Q49"])])
    whole, first, second = numbers
    return (
        "The paper reconciles its results by saying that mutual information misleads across layers and guides within "
        f"each layer (Q49: {marked(verdict)}). Lowest first, averaged over the curve, accuracy is {whole} than with "
        f"random ablation over both layers. It is {first} in the first layer and {second} in the second."
    )


def _dependent(compared: Sequence[Compared]) -> str:
    asked = [
        of_choice for of_choice in of_claims(compared).values() if all(one[0] != "open" for one in of_choice.values())
    ]
    changing = sum(len({verdict for verdict, _ in of_choice.values()}) > 1 for of_choice in asked)
    text = (
        "**What depends on the scaling.** The paper does not say how pixels are scaled, nor for how many epochs each "
        "network was trained. This book scales them to mean 0 and deviation 1 *because pilot networks so scaled agreed "
        "best with the paper*. This choice favours the paper. "
    )
    if not asked:
        return f"{text}Other choices are not computed yet."
    headline = next((one.answers for one in compared if one.claim.id == "N2"), {})
    at = {scaling: headline.get(f"{scaling}, pilots' epochs") for scaling in ("standard", "symmetric", "unit")}
    shown = ", ".join(
        f"{signed(answer.ours)} ({scaling}, n = {answer.n})"
        for scaling, answer in at.items()
        if answer and not math.isnan(answer.ours)
    )
    choices = " and ".join(f"*{choice}* for {title}" for title, choice in nearest(compared).items())
    agreeing = f" The choice nearest to the paper's numbers is {choices}." if choices else ""
    return (
        f"{text}We ask the claims again under three scalings and three numbers of epochs. Of the {len(asked)} claims "
        f"that can be asked so, {changing} change their verdict. N2, the first number below, is {shown}.{agreeing}"
    )


def _gaps_of(source: Source, name: str, scope: str, ends: Sequence[tuple[Direction, int | None]]) -> list[str]:
    if not source.has(name):
        return []
    gaps = [gap(source(name), scope, "mutual_information", direction, step) for direction, step in ends]
    return [f"{_in_words(values)} (n = {len(values)})" for values in gaps]


def _in_words(values: Float[ndarray, " network"], bold: bool = False) -> str:
    return higher_or_lower(float(values.mean()), *bootstrap_interval(values), bold=bold)


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
            ours=higher_or_lower(answer.ours, answer.low, answer.high, bold=True),
            other_end=_other_end(source, answer.setting) if "{other_end}" in sentence else "",
        ).strip()
        paper = higher_or_lower(float(claim.paper))
        verdict = f"{marked(answer.verdict)}, {marked_finding(answer.finding)}"
        lines.append(f"{number}. {told} The paper: {paper}; {verdict}; n = {answer.n}, {claim.id}.")
    return "\n".join(lines)


def _other_end(source: Source, name: str) -> str:
    if not name:
        return ""
    told = _in_words(gap(source(name), WHOLE, "entropy", "high", 101), bold=True)
    return f"Without the 101 that vary *most* it is {told}, too: either order all but empties one layer."


def write_verdicts(folder: Path, page: Path) -> None:
    r"""Replace the lines between a Markdown page's marks by what held, by a folder of results.

    The marks are two lines, ``<!-- verdicts -->`` and ``<!-- end of verdicts -->``.

    Raises:
        ValueError: If the page cannot be read or lacks a mark.
        StoreError: If it cannot be written.
    """
    source = StoredResults(folder)
    try:
        require_regular(page)
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
    curves(left, source, FIG3A, WHOLE, title="neurons of all layers in one order")
    curves(right, source, FIG3A, "1", title="neurons of the first layer")
    finish_curves(figure, source, [FIG3A])
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
