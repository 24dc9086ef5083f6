from neuronlib.reproduction.claims.verdicts import FINDINGS, VERDICTS
from neuronlib.reproduction.pages.figures.margins import score_against_margin
from neuronlib.reproduction.pages.tables.claims import LEAST, MOST


def counted(first: int) -> tuple[dict, dict]:
    meant, found = dict.fromkeys(VERDICTS, 1), dict.fromkeys(FINDINGS, 2)
    return {**meant, "reproduced": first}, {**found, "refuted": first}


def test_each_margin_and_reading_has_a_bar_of_all_its_claims():
    counts = {2.0: {MOST: counted(5), LEAST: counted(3)}, 10.0: {MOST: counted(7), LEAST: counted(4)}}
    figure = score_against_margin(counts)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [f"{margin} points, {how} in favour" for margin in (2, 10) for how in ("most", "least")]
    for axes, others in zip(figure.axes, (3, 8), strict=True):
        lengths = [sum(bars[place].get_width() for bars in axes.containers) for place in range(4)]
        assert lengths == [others + first for first in (5, 3, 7, 4)]
        legend = axes.get_legend()
        assert legend is not None and len(legend.get_texts()) == len(axes.containers)
