import numpy as np
import pytest

from neuronlib.reproduction.claims.questions import questions_of
from neuronlib.reproduction.claims.table import all_claims
from neuronlib.reproduction.claims.verdicts import Number
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.design.protocol import best_epochs
from neuronlib.reproduction.design.studies import STUDIES
from neuronlib.reproduction.pages import front_page
from neuronlib.reproduction.pages.tables.by_image import HEADLINES, by_image, image_intervals
from neuronlib.reproduction.store.results import of_kind, pilots

STORED = StoredResults()


CLAIMS = [claim for claim in all_claims() if claim.id in HEADLINES]


def test_the_headlines_are_the_numbers_of_the_front_page():
    assert set(HEADLINES) == set(front_page._IN_SHORT)
    assert [claim.id for claim in CLAIMS] == list(HEADLINES)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_answers_to_single_images_sum_to_the_claims_number(claim):
    values = by_image(STORED, claim)
    networks = len(values)
    number = questions_of(claim, STORED)[""]
    assert isinstance(number, Number)
    assert values.shape == (10, 10_000)
    # Curves are computed step by step, and round differently where two classes tie: for less than 5 of 10 000 images.
    np.testing.assert_allclose(values.mean(axis=1), number.tests[0].values[:networks], atol=0.05)


@pytest.mark.parametrize("name", of_kind("images"))
def test_networks_are_those_of_the_papers_setting(name):
    assert STUDIES[name].setting.epochs == best_epochs(pilots(name.removeprefix("images-")))


def test_the_table_has_a_row_for_each_number_with_counts_of_networks_and_images():
    rows = image_intervals(STORED).data.splitlines()[2:]
    assert [row.split("**")[1] for row in rows] == list(HEADLINES)
    assert all("n = 10, 10000 images" in row and "50\N{NO-BREAK SPACE}networks" in row for row in rows)
