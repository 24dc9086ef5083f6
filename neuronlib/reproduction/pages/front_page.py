"""Content of the first page and README.md: counts of verdicts, the answer in five sentences, and a picture."""

import io
import math
from pathlib import Path

from neuronlib.common.scopes import WHOLE
from neuronlib.plots.curves import use_house_style
from neuronlib.reproduction.claims.claims import answers
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.pages.figures.panels import curves, legend_below
from neuronlib.reproduction.pages.figures.svg import shortened
from neuronlib.reproduction.pages.tables.claims import counts_table, marked, marked_finding
from neuronlib.reproduction.pages.tables.numbers import rounded
from neuronlib.reproduction.store.atomic import write_bytes

_IN_SHORT = {
    "N2": "Across layers: without the 101 of all 200 neurons that vary least (lowest entropy), accuracy is {ours} than "
    "without 101 drawn at random",
    "N5": "Within a layer: without the 80 of the first layer's 100 neurons that tell least about the class (lowest "
    "mutual information), it is {ours} than without 80 drawn at random",
    "N6": "The other way round: without the 80 that tell most, it is {ours} than without 80 drawn at random",
    "N9": "With sigmoids in place of ReLU: without the 80 of the first layer that vary least, it is {ours} than "
    "without 80 drawn at random",
    "N4": "Between layers: without 80 neurons of the first drawn at random, it is {ours} than without 80 of the second",
}


def in_short(source: Source) -> str:
    """List the answer for MNIST networks with Dropout in Markdown: our number, the paper's, and the verdict."""
    lines = ["In short, for MNIST networks with Dropout (points of test accuracy, means with 95 % intervals):", ""]
    answered = {claim.id: (claim, answer) for claim, _, answer in answers(source, list(_IN_SHORT))}
    for number, (name, sentence) in enumerate(_IN_SHORT.items(), start=1):
        claim, answer = answered[name]
        told = sentence.format(ours=_compared(answer.ours, answer.low, answer.high))
        paper = _compared(float(claim.paper))
        verdict = f"{marked(answer.verdict)}, {marked_finding(answer.finding)}"
        lines.append(f"{number}. {told} (the paper: {paper}; {verdict}; n = {answer.n}, {claim.id}).")
    return "\n".join(lines)


def _compared(number: float, low: float = math.nan, high: float = math.nan) -> str:
    if math.isnan(number):
        return "(not computed yet)"
    sign, word = (1, "higher") if number > 0 else (-1, "lower")
    if math.isnan(low):
        return f"{rounded(sign * number, '.1f')} {word}"
    interval = ", ".join(rounded(end, ".1f") for end in sorted((sign * low, sign * high)))
    return f"**{rounded(sign * number, '.1f')} points {word}** [{interval}]"


def write_verdicts(source: Source, page: Path) -> None:
    r"""Replace the lines between a Markdown page's marks by the counts of verdicts and the answer in short.

    The marks are two lines, ``<!-- verdicts -->`` and ``<!-- end of verdicts -->``.

    Raises:
        ValueError: If the page cannot be read or lacks a mark.
        StoreError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> from neuronlib.reproduction.compute.sources import StoredResults
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     page = Path(folder) / "page.md"
        ...     _ = page.write_text("<!-- verdicts -->\n<!-- end of verdicts -->\n")
        ...     write_verdicts(StoredResults(Path("nowhere")), page)
        ...     print(page.read_text().partition("In short")[0])
        <!-- verdicts -->
        | claims | ✔ reproduced | ◐ direction only | ✘ not reproduced | ○ open | in all |
        |:--|--:|--:|--:|--:|--:|
        | favourably read | 0 | 0 | 0 | 85 | 85 |
        | in every reading | 0 | 0 | 0 | 85 | 85 |
        <BLANKLINE>
        From 0 networks of 0 of the 40 settings.
        <BLANKLINE>
    """
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
    counted = counts_table(source).data
    computed = [source(name).attrs["networks"] for name in SETTINGS if source.has(name)]
    told = f"From {sum(computed)} networks of {len(computed)} of the {len(SETTINGS)} settings."
    write_bytes(f"{before}{mark}{counted}\n\n{told}\n\n{in_short(source)}\n{end}{after}".encode(), page)


def overview(source: Source, file: Path) -> None:
    """Draw the picture of README and of the first page as SVG; the same results give the same bytes."""
    import matplotlib.pyplot as plt

    use_house_style()
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.6), sharey=True)
    curves(left, source, "mnist-relu-dropout", WHOLE, title="neurons of all layers in one order")
    curves(right, source, "mnist-relu-dropout", "1", title="neurons of the first layer")
    legend_below(figure)
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    plt.close(figure)
    write_bytes(shortened(drawn.getvalue()).encode(), file)
