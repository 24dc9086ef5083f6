"""Intervals that cover test images, too, beside those that cover networks alone."""

import numpy as np
from IPython.display import Markdown

from neuronlib.ablation.significance import bootstrap_interval, pigeonhole_interval
from neuronlib.reproduction.analysis.by_image import HEADLINES, Headline, differences_by_image
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.tables.numbers import NO_BREAK, rounded, signed, with_interval
from neuronlib.reproduction.pages.tables.tables import table
from neuronlib.reproduction.store.results import NotStored


def image_intervals(source: Source) -> Markdown:
    """Tabulate the front page's numbers with 95 % intervals over networks, over test images, and over both.

    Returns:
        A row for each number whose answers to single images are stored, in percentage points. The last column has the
        number of all stored networks, and by what factor its interval would be wider with test images.
    """
    rows = []
    for claim, headline in HEADLINES.items():
        try:
            values = differences_by_image(source.study(f"images-{headline.setting}"), headline)
        except NotStored:
            continue
        of_each = (values, False), (values.T, False), (values, True)
        ends = [pigeonhole_interval(each, images_vary) for each, images_vary in of_each]
        shown = [signed(float(values.mean())), *(f"[{signed(low)}, {signed(high)}]" for low, high in ends)]
        networks, images = values.shape
        told = f"**{claim}** {headline.told()} (n = {networks}, {images} images)"
        rows.append([told, *shown, _of_all_networks(source, headline, ends[1][1] - ends[1][0])])
    if not rows:
        return Markdown("Not computed yet.")
    return table(["number", "mean", "networks alone", "test images alone", "both", "all networks, wider by"], rows)


def _of_all_networks(source: Source, headline: Headline, width: float) -> str:
    # With more networks than those whose answers are stored, what images add stays as it is: variances add up.
    if not source.has(headline.setting):
        return ""
    values = headline.of_networks(source(headline.setting))
    low, high = bootstrap_interval(values)
    ratio = rounded(float(np.hypot(high - low, width) / (high - low)), ".2f") if high > low else "–"
    return f"{with_interval(values)}<br>{len(values)} networks, ×{NO_BREAK}{ratio}"
