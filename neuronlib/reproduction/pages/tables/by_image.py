"""Intervals that cover test images, too, beside those that cover networks alone."""

from IPython.display import Markdown

from neuronlib.ablation.significance import pigeonhole_interval
from neuronlib.reproduction.analysis.by_image import HEADLINES, differences_by_image
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.pages.tables.numbers import rounded, signed, with_interval
from neuronlib.reproduction.pages.tables.tables import table
from neuronlib.reproduction.store.results import NotStored


def image_intervals(source: Source) -> Markdown:
    """Tabulate the front page's numbers with 95 % intervals over networks alone, and over networks and test images.

    Returns:
        A row for each number whose answers to single images are stored, in percentage points.
    """
    rows = []
    for claim, headline in HEADLINES.items():
        try:
            values = differences_by_image(source.study(f"images-{headline.setting}"), headline)
        except NotStored:
            continue
        alone, both = (pigeonhole_interval(values, images_vary) for images_vary in (False, True))
        wider = (both[1] - both[0]) / (alone[1] - alone[0]) if alone[1] > alone[0] else float("nan")
        here = [signed(float(values.mean())), *(f"[{signed(low)}, {signed(high)}]" for low, high in (alone, both))]
        all_networks = headline.of_networks(source(headline.setting)) if source.has(headline.setting) else None
        stored = "" if all_networks is None else f"{with_interval(all_networks)}, {len(all_networks)} networks"
        networks, images = values.shape
        rows.append([f"**{claim}** {headline.told()}", f"{networks}, {images}", *here, rounded(wider, ".2f"), stored])
    if not rows:
        return Markdown("Not computed yet.")
    heads = ["mean", "networks alone", "networks and test images", "width ratio", "in the other chapters"]
    return table(["number", "networks, images", *heads], rows)
