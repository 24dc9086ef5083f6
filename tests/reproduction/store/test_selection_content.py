"""Stored studies of selections and of LeNet-5 with wrong content are refused in one line."""

import json

import numpy as np
import pytest
import xarray as xr
from selection_results import filters, selection

from neuronlib.reproduction.store.content import check_content


def checked(of: xr.Dataset) -> None:
    check_content({str(name): one for name, one in of.variables.items()}, of.attrs)


def test_sound_ones_are_accepted():
    checked(selection())
    checked(filters())


def with_entry(of: xr.Dataset, name: str, place: tuple[int, ...], value: float) -> xr.Dataset:
    of[name].values[place] = value
    return of


@pytest.mark.parametrize(
    ("forged", "message"),
    [
        (lambda: with_entry(selection(), "correct", (0, 0, 0, 0, 0), 20_000), "correct: expected numbers from -1"),
        (lambda: with_entry(selection(), "correct", (0, 0, 3, 1, 0), -1), "correct: missing after least squares"),
        (lambda: with_entry(selection(), "correct", (0, 0, 5, 2, 0), -1), "correct: missing after re-training"),
        (lambda: with_entry(selection(), "both", (0, 0, 0, 0, 0), -1), "both: expected numbers from 0"),
        (lambda: with_entry(selection(), "seconds", (0, 0), np.nan), "seconds: expected numbers"),
        (lambda: selection().isel(network=slice(1, None)), "network: expected"),
        (lambda: selection().drop_vars("both"), "both: missing"),
        (lambda: selection().assign_coords(first=selection().first[::-1].values), "first: expected"),
        (lambda: selection().assign_attrs(test_samples=5), "attribute test_samples: expected 10000"),
        (lambda: with_entry(filters(), "correct", (0, 0, 1, 0), -1), "correct: missing for a criterion"),
        (lambda: with_entry(filters(), "correct", (0, 2, 0, 0), -1), "correct: missing for a criterion"),
        (lambda: with_entry(filters(), "intact", (0,), 20_000), "intact: expected numbers from 0"),
        (lambda: filters().isel(filters=slice(1, None)), "filters: expected"),
        (lambda: filters().assign_coords(criterion=filters().criterion[::-1].values), "criterion: expected"),
    ],
)
def test_wrong_content_is_refused(forged, message):
    with pytest.raises(ValueError, match=message):
        checked(forged())


def test_a_configuration_of_no_study_is_refused():
    of = selection()
    wrong = json.loads(of.attrs["configuration"]) | {"networks": 0}
    with pytest.raises(ValueError, match="its configuration is of no job or study"):
        checked(of.assign_attrs(configuration=json.dumps(wrong)))
