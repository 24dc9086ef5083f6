"""Sentences and tables about the reader's own network say what its curves hold."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from neuronlib.reproduction.pages.own_network import OwnNetwork, own_accuracy_table, own_gap_table, own_sentences

MEASURES = ("entropy", "mutual_information", "kl_selectivity")


def made(low: float, high: float, random_orders: int = 20, bits: float = 0.5) -> OwnNetwork:
    """Make a network of four neurons whose half-ablated accuracy is as given, and 0.5 for all random orders."""
    orders = [(measure, way) for measure in MEASURES for way in ("low", "high")]
    middle = [low, high] * 3 + [0.5] * random_orders
    names = [" ".join(order) for order in orders] + [f"random {k}" for k in range(random_orders)]
    curves = xr.DataArray(
        [[[0.8, accuracy, 0.1] for accuracy in middle]],
        dims=("network", "order", "step"),
        coords={
            "network": [0],
            "order": names,
            "step": [0, 2, 4],
            "measure": ("order", [measure for measure, _ in orders] + ["random"] * random_orders),
            "direction": ("order", [way for _, way in orders] + ["random"] * random_orders),
        },
    )
    values = {measure: (("network", "neuron"), np.full((1, 4), bits)) for measure in MEASURES}
    # The first neuron is never active.
    active = np.array([0, 5, 5, 5])
    counts = (("network", "neuron", "value", "label"), np.stack([10 - active, active], axis=1)[None, :, :, None])
    measured = xr.Dataset(values | {"counts": counts}, {"layer": ("neuron", ["a"] * 4)})
    samples: Any = SimpleNamespace(labels=np.array([0, 0, 0, 1] * 25))
    networks: Any = SimpleNamespace(networks=(0,), widths={"a": 4})
    return OwnNetwork(networks, SimpleNamespace(validation=samples, test=samples), measured, {"a": curves})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("own", "finding"),
    [
        (made(0.8, 0.2), "entropy tells which neurons are needed. Lowest entropy first: +10.0 points"),
        (made(0.2, 0.8), "neurons with low entropy are needed. Lowest entropy first: −10.0 points"),
        (made(0.5, 0.5), "no measure tells in both directions which neurons are needed"),
        (made(0.8, 0.2, random_orders=18), "too few random orders to tell an effect from chance"),
        (made(0.8, 0.2, bits=0.0), "all 4 neurons are either always or never active"),
    ],
)
def test_each_layer_is_told_by_its_curves(own, finding):
    assert own_sentences(own)[1].startswith(f"**layer a**: {finding}")


def test_numbers_of_a_layer_are_those_of_its_curves():
    (accuracy, of_layer) = own_sentences(made(0.8, 0.2))
    # Wilson's interval for 80 of 100 is 0.711 to 0.867.
    assert accuracy == (
        "The network classifies 80.0 [71.1, 86.7] % of 100 samples correctly. "
        "The commonest label alone would be right for 75.0 %."
    )
    assert "20 of 20 random orders do more harm. Highest entropy first: −10.0 points" in of_layer
    assert of_layer.endswith(
        "Ablating 2 of 4 neurons at random changes accuracy by −30.0 points. Never active: 1 of its 4 neurons."
    )


def test_tables_have_a_row_for_each_measure_and_count_random_orders():
    header, rows = own_gap_table(made(0.8, 0.2))
    assert len(header) == len(rows[0]) and len(rows) == 3
    assert rows[1] == ["layer a", "mutual information", "+10.0", "20 of 20", "−10.0", "0 of 20"]
    assert own_accuracy_table(made(0.8, 0.2))[1] == [[1, 100, 100, "80.0 [71.1, 86.7]", "75.0"]]
