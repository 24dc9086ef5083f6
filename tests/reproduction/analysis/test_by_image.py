import numpy as np
import pytest

from neuronlib.reproduction.analysis.by_image import HEADLINES, differences_by_image
from neuronlib.reproduction.claims.claims import answers
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.design.protocol import best_epochs
from neuronlib.reproduction.design.studies import STUDIES
from neuronlib.reproduction.pages import front_page
from neuronlib.reproduction.pages.tables.by_image import image_intervals
from neuronlib.reproduction.store.results import of_kind, pilots

STORED = StoredResults()


def test_there_is_a_headline_for_each_number_of_the_front_page_and_it_is_that_claims_number():
    assert set(HEADLINES) == set(front_page._IN_SHORT)
    for claim, _, answer in answers(STORED, list(HEADLINES)):
        values = HEADLINES[claim.id].of_networks(STORED(HEADLINES[claim.id].setting))
        assert values.mean() == pytest.approx(answer.ours, abs=1e-9)  # points of some tens in float64
        assert len(values) == answer.n


@pytest.mark.parametrize("claim", HEADLINES)
def test_answers_to_single_images_sum_to_the_stored_curves(claim):
    headline = HEADLINES[claim]
    values = differences_by_image(STORED.study(f"images-{headline.setting}"), headline)
    networks = len(values)
    expected = headline.of_networks(STORED(headline.setting))[:networks]
    assert values.shape == (10, 10_000)
    # Curves are computed step by step, and round differently where two classes tie: for less than 5 of 10 000 images.
    np.testing.assert_allclose(values.mean(axis=1), expected, atol=0.05)


@pytest.mark.parametrize("name", of_kind("images"))
def test_networks_are_those_of_the_papers_setting(name):
    assert STUDIES[name].setting.epochs == best_epochs(pilots(name.removeprefix("images-")))


def test_the_table_has_a_row_for_each_number_with_counts_of_networks_and_images():
    rows = image_intervals(STORED).data.splitlines()[2:]
    assert [row.split("**")[1] for row in rows] == list(HEADLINES)
    assert all("n = 10, 10000 images" in row and "50\N{NO-BREAK SPACE}networks" in row for row in rows)
