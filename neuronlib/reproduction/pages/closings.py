"""The last section of a chapter: what held, what failed, what is new, and one line to take along."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from IPython.display import Markdown
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import DIRECTIONS
from neuronlib.common.scopes import WHOLE
from neuronlib.reproduction.analysis.always_on import without_entropy
from neuronlib.reproduction.analysis.composition import emptied
from neuronlib.reproduction.analysis.effects import gap, strength
from neuronlib.reproduction.analysis.neurons import share_without_entropy
from neuronlib.reproduction.claims.claims import answers
from neuronlib.reproduction.claims.verdicts import Answer, Verdict
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import FIG3A, FIG4A, FIG4B, FIG5A, FIG5B
from neuronlib.reproduction.pages.tables.claims import MARKS, in_unit
from neuronlib.reproduction.pages.tables.discussion import Rows, mean_with_dropout, with_paradox
from neuronlib.reproduction.pages.tables.numbers import higher_or_lower, signed, with_interval
from neuronlib.reproduction.store.results import NotStored

_LEADS: Mapping[Verdict, str] = {
    "reproduced": "Held",
    "direction only": "Held in part",
    "not reproduced": "Failed",
    "open": "Open",
}


@dataclass(frozen=True)
class Said:
    """A sentence on what these networks say to a claim, in one reading of it, "" for the first.

    The sentence may name ``{difference}`` (a difference in points, in words), ``{ours}`` (our number with its interval
    and unit), ``{share}`` (the same in percent) and ``{passed}`` of ``{tests}``.
    """

    claim: str
    sentence: str
    reading: str = ""


@dataclass(frozen=True)
class Closing:
    """What a chapter says in the end.

    Attributes:
        said: Sentences on claims, each of which begins with whether the claim held.
        new: Sentences on what the paper does not say; it raises NotStored where results are missing.
        lesson: What to take along.
        rests_on: The verdicts that the lesson needs.
    """

    said: Sequence[Said]
    new: Callable[[Source], str]
    lesson: str
    rests_on: Mapping[str, Verdict]


def closing(source: Source, chapter: str) -> Markdown:
    """Write the closing section of a chapter from its results.

    Args:
        source: The results.
        chapter: The chapter's name, such as "s4_fig3_mnist".

    Returns:
        A list of sentences, and a line in bold: the lesson, or, where verdicts differ from those that the lesson needs,
        which do.
    """
    closed = CLOSINGS[chapter]
    lines = [_sentence(source, said) for said in closed.said]
    try:
        lines.append(f"**New.** {closed.new(source)}")
    except NotStored as missing:
        lines.append(f"**New.** Not computed yet: {str(missing).partition(':')[0]}.")
    return Markdown("\n".join([*(f"- {line}" for line in lines), "", _lesson(source, closed)]))


def discussion_closing(source: Source, correlations: Rows, differences: Rows) -> Markdown:
    """Write the closing section of the discussion.

    Args:
        source: The results.
        correlations: Rank correlations by setting, as `simpsons_paradox` takes them.
        differences: Ablation to the mean less ablation to zero by setting, as `mean_with_dropout` takes them.

    Returns:
        A list of sentences, and the lesson in bold.
    """
    lines = [_sentence(source, said) for said in _DISCUSSED]
    paradox = len(with_paradox(correlations))
    lines.append(f"**New.** By rank correlation, {paradox} of {len(correlations)} settings show Simpson's paradox.")
    lines.append(f"**New.** {mean_with_dropout(differences)}")
    return Markdown("\n".join([*(f"- {line}" for line in lines), "", _DISCUSSION_LESSON]))


def _sentence(source: Source, said: Said) -> str:
    answer = _answer(source, said.claim, said.reading)
    if np.isnan(answer.ours):
        return f"**Open.** {said.claim}: {answer.reason or 'not computed yet'}."
    ours = in_unit(answer.unit, answer.ours, answer.low, answer.high)
    told = said.sentence.format(
        difference=higher_or_lower(answer.ours, answer.low, answer.high),
        ours=f"{ours} {answer.unit}",
        share=f"{ours} %",
        passed=answer.passed,
        tests=answer.tests,
    )
    verdict = f"{said.claim} {MARKS[answer.verdict]} {answer.verdict}"
    return f"**{_LEADS[answer.verdict]}.** {told} (n = {answer.n}; {verdict})."


def _answer(source: Source, claim: str, reading: str = "") -> Answer:
    found = {name: answer for _, name, answer in answers(source, [claim])}
    # Where results are missing, a claim may be open as a whole.
    return found.get(reading) or next(iter(found.values()))


def _lesson(source: Source, closed: Closing) -> str:
    others = [
        f"{claim} is {verdict}"
        for claim, needed in closed.rests_on.items()
        if (verdict := _answer(source, claim).verdict) != needed
    ]
    if others:
        return f"**Take with you: these networks do not bear out the book's lesson, since {' and '.join(others)}.**"
    return f"**Take with you: {closed.lesson}**"


def _points(values: Float[ndarray, " network"]) -> str:
    return f"{higher_or_lower(float(values.mean()), *bootstrap_interval(values))} (n = {len(values)})"


def _silent(source: Source) -> str:
    shares = [100 * share_without_entropy(source(FIG5A), layer) for layer in ("1", "2")]
    first, second = (f"{with_interval(share, plus=False)} %" for share in shares)
    return (
        f"On CIFAR-10 with L2, {second} of the neurons of layer 2 have no entropy, against {first} in layer 1 "
        f"(n = {len(shares[0])}). A mean over such a layer describes hardly any of its neurons."
    )


def _both_ends(source: Source) -> str:
    highest = gap(source(FIG3A), WHOLE, "entropy", "high", 101)
    one = emptied(source(FIG3A), "entropy", "low", 101)
    return (
        f"Without the 101 neurons of *highest* entropy, accuracy is {_points(highest)} than without 101 random ones. "
        f"Ablating as many random neurons of layer {one.layer} alone, without any measure, gives a gap of "
        f"{with_interval(one.at_random)} points."
    )


def _network_by_network(source: Source) -> str:
    low, high = (gap(source(FIG3A), "1", "mutual_information", way, 80) for way in DIRECTIONS)
    return (
        f"The effect in layer 1 shows in single networks: lowest mutual information first is better than random in "
        f"{(low > 0).sum()} of {len(low)} networks, and highest first is worse in {(high < 0).sum()} of {len(high)}."
    )


def _by_size(source: Source) -> str:
    large, small = (strength(source(name), "1", "mutual_information") for name in (FIG4A, FIG4B))
    return (
        f"The two orders by mutual information lie {with_interval(large, plus=False)} points apart in layer 1 of the "
        f"large network, and {with_interval(small, plus=False)} points in the small one, averaged over the curve "
        f"(n = {len(large)} each)."
    )


def _always_on(source: Source) -> str:
    found = without_entropy(source(FIG5B), "2")
    with_one = found.always_on > 0
    if not with_one.any():
        return "No network of the funnel with L2 has an always-on neuron in layer 2."
    lost = found.lost[with_one]
    shown = with_interval(lost, plus=False) if len(lost) > 1 else signed(float(lost.mean()), plus=False)
    return (
        f"{with_one.sum()} of {len(with_one)} funnel networks with L2 have an always-on neuron in layer 2, at most "
        f"{found.always_on.max()} among the {found.constant.mean():.0f} without entropy. These networks lose {shown} "
        "points when their neurons without entropy are ablated."
    )


_DISCUSSED = [
    Said(
        "Q49",
        "For Simpson's paradox, lowest mutual information first has to be better than random within each layer; in the "
        "weaker layer the gap is {ours}",
        "lowest first",
    ),
    Said(
        "Q10",
        "With four values instead of two, {passed} of {tests} ablation curves stay similar; the farthest moves by "
        "{ours}",
    ),
]
_DISCUSSION_LESSON = (
    "**Take with you: say what replaces an ablated neuron, and rank neurons layer by layer. Both choices can change a "
    "conclusion; a finer quantizer seldom does.**"
)

CLOSINGS: Mapping[str, Closing] = {
    "s4_fig1_distributions": Closing(
        said=[
            Said(
                "Q2",
                "On MNIST the measures are larger in layer 2 in {passed} of {tests} comparisons; the smallest rise is "
                "{ours}",
            ),
            Said("Q7", "In the small network with Dropout, KL selectivity is {ours} larger in layer 1 than in layer 2"),
            Said(
                "Q6",
                "In the small network with L2, {passed} of {tests} measures rise with depth; the least clear one "
                "changes by {ours}",
            ),
            Said(
                "Q4",
                "On CIFAR-10, {passed} of {tests} measures rise from layer 2 to layer 4; the least favourable one "
                "changes by {ours}",
            ),
        ],
        new=_silent,
        lesson="with two hidden layers, a deeper neuron tells more about the class. In deep networks on CIFAR-10 most "
        "neurons tell nothing, so look at the distribution before you quote a mean.",
        rests_on={"Q2": "reproduced", "Q5": "reproduced"},
    ),
    "s4_fig2_whole": Closing(
        said=[
            Said(
                "N2",
                "On MNIST with Dropout, accuracy without the 101 neurons of lowest entropy is {difference} than "
                "without 101 random ones",
            ),
            Said(
                "Q14",
                "With ReLU and Dropout, lowest entropy or mutual information first is worse than random in {passed} of "
                "{tests} comparisons; the smallest gap is {ours}",
                "ReLU with Dropout",
            ),
            Said(
                "Q13",
                "With L2, where the paper sees no difference, {passed} of {tests} curves are similar to random "
                "ablation; the farthest lies {ours} away",
            ),
            Said(
                "Q15",
                "By KL selectivity, lowest first, {passed} of {tests} curves are similar to random ablation; the "
                "farthest lies {ours} away",
                "ReLU",
            ),
        ],
        new=_both_ends,
        lesson="one order over several layers compares layers before it compares neurons. Rank neurons only within "
        "their own layer.",
        rests_on={"N2": "reproduced"},
    ),
    "s4_fig3_mnist": Closing(
        said=[
            Said(
                "N5",
                "Without the 80 neurons of lowest mutual information in layer 1, accuracy is {difference} than without "
                "80 random ones",
            ),
            Said("N6", "Without the 80 of highest mutual information, it is {difference} than without 80 random ones"),
            Said(
                "Q22",
                "In layer 2 the paper sees no effect; after 80 neurons, {passed} of {tests} orders are similar to "
                "random ablation, and the farthest is {ours} away",
                "after 80 neurons",
            ),
            Said(
                "Q25",
                "With batch normalization, after 80 neurons of layer 1, {passed} of {tests} comparisons show no "
                "effect; the largest is {ours}",
                "after 80 neurons",
            ),
        ],
        new=_network_by_network,
        lesson="in the first layer of a ReLU network with Dropout, the neurons that tell least about the class can be "
        "spared. Do not carry this over to other layers or to batch normalization without a test.",
        rests_on={"N5": "reproduced", "N6": "reproduced"},
    ),
    "s4_fig4_fashion": Closing(
        said=[
            Said(
                "N13",
                "In layer 1 of the large network with L2, accuracy without the 80 neurons of lowest KL selectivity is "
                "{difference} than without 80 random ones",
            ),
            Said(
                "Q31",
                "In the small network, random ablation costs more with L2 than with Dropout in {passed} of "
                "{tests} layers; the smaller difference is {ours}",
            ),
            Said(
                "Q32",
                "The reversed effect of KL selectivity in the small network with Dropout appears in {passed} of "
                "{tests} orders; the less favourable gap is {ours}",
            ),
            Said(
                "Q35",
                "Its other curves should overlap with random ablation; in the layer that fits less, {passed} of "
                "{tests} do, and the farthest lies {ours} away",
            ),
        ],
        new=_by_size,
        lesson="the order of ablation matters most in the first layer of a large network. In a small network the "
        "order matters less, and the regularizer decides what ablation costs.",
        rests_on={"N13": "reproduced", "Q31": "reproduced"},
    ),
    "s4_fig5_cifar": Closing(
        said=[
            Said(
                "Q36",
                "In layers 2 to 4, all measures show which neurons matter in {passed} of {tests} comparisons; the "
                "smallest gap is {ours}",
            ),
            Said(
                "K12",
                "In the funnel with L2, {ours} of layer 4 are enough for full accuracy, where the paper counts 30",
            ),
            Said(
                "K14",
                "In the funnel with Dropout, {ours} of layer 3 are enough for full accuracy, where the paper counts 50",
            ),
            Said(
                "K5",
                "Accuracy should rise again between 500 and 600 ablated neurons of the funnel's layer 2; the less "
                "favourable change is {ours}",
            ),
            Said(
                "Q42",
                "The paper takes the neurons without entropy in the funnel's layer 2 to be always on; {share} are",
            ),
        ],
        new=_always_on,
        lesson="where most neurons of a layer are dead, every measure that ranks them last looks good. One bit cannot "
        "tell a dead neuron from an always-on one, and the network may depend on the always-on one.",
        rests_on={"K4": "reproduced", "Q42": "not reproduced"},
    ),
}
