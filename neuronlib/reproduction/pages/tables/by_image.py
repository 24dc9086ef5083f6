"""Intervals that cover test images, too, beside those that cover networks alone."""

import numpy as np
from IPython.display import Markdown
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval, pigeonhole_interval
from neuronlib.reproduction.analysis.by_image import differences_by_image
from neuronlib.reproduction.claims.questions import questions_of
from neuronlib.reproduction.claims.table import Claim, all_claims
from neuronlib.reproduction.claims.verdicts import Number
from neuronlib.reproduction.claims.words import number_in_short
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.tables.numbers import NO_BREAK, rounded, signed, with_interval
from neuronlib.reproduction.pages.tables.tables import table
from neuronlib.reproduction.store.results import NotStored

HEADLINES = ("N2", "N4", "N5", "N6", "N9")
"""The five numbers that the front page begins with."""


def image_intervals(source: Source) -> Markdown:
    """Tabulate the front page's numbers with 95 % intervals over networks, over test images, and over both.

    Returns:
        A row for each number whose answers to single images are stored, in percentage points. The last column has the
        number of all stored networks, and by what factor its interval would be wider with test images.
    """
    rows = []
    for claim in all_claims():
        if claim.id not in HEADLINES:
            continue
        try:
            values = by_image(source, claim)
        except NotStored:
            continue
        of_each = (values, False), (values.T, False), (values, True)
        ends = [pigeonhole_interval(each, images_vary) for each, images_vary in of_each]
        shown = [signed(float(values.mean())), *(f"[{signed(low)}, {signed(high)}]" for low, high in ends)]
        networks, images = values.shape
        told = f"**{claim.id}** {claim.settings}: {number_in_short(claim)} (n = {networks}, {images} images)"
        rows.append([told, *shown, _of_all_networks(source, claim, ends[1][1] - ends[1][0])])
    if not rows:
        return Markdown("Not computed yet.")
    return table(
        [
            "difference in accuracy (points)",
            "mean",
            "interval over networks",
            "over test images",
            "over both",
            "all networks, and how much wider with images",
        ],
        rows,
    )


def by_image(source: Source, claim: Claim) -> Float[ndarray, "network image"]:
    """Return a number of the front page for each network and test image; NotStored if it has not been computed."""
    ordered = None if claim.compares_layers else f"{claim.scope} {claim.measure_name} {claim.order}"
    return differences_by_image(source.study(f"images-{claim.settings}"), ordered)


def _of_all_networks(source: Source, claim: Claim, width: float) -> str:
    # With more networks than those whose answers are stored, what images add stays as it is: variances add up.
    question = questions_of(claim, source)[""]
    if not isinstance(question, Number):  # nothing is stored
        return ""
    values = np.asarray(question.tests[0].values)
    low, high = bootstrap_interval(values)
    ratio = rounded(float(np.hypot(high - low, width) / (high - low)), ".2f") if high > low else "–"
    return f"{with_interval(values)}<br>{len(values)} networks, ×{NO_BREAK}{ratio}"
