"""Inputs of any type, layout and number of samples, and labels of any type, are watched as a plain loop does it."""

from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader
from watchable import ablated_by_a_hook

import neuronlib as nl
from neuronlib.networks.watched import watch

TYPES = (torch.float64, torch.float32, torch.bfloat16, torch.float16)
LAYOUTS = {
    "contiguous": lambda x: x.contiguous(),
    "channels last": lambda x: x.to(memory_format=torch.channels_last),
    "every other": lambda x: torch.stack([x, -x], dim=-1).flatten(-2)[..., ::2],
    "transposed": lambda x: x.mT.contiguous().mT,
    "backwards": lambda x: x.flip(0).contiguous().flip(0),
}
LABELS = {
    "int32": torch.int32,
    "uint8": torch.uint8,
    "int64": torch.int64,
    "float": torch.float32,
    "double column": torch.float64,
}


def whole_numbers(generator, shape, kind):
    # Sums of their products are whole and below 256: exact in all types, whatever the order of addition.
    return torch.randint(-1, 2, shape, generator=generator).to(kind)


def of_whole_numbers(classes, kind, generator):
    model = nn.Sequential(
        nn.Conv2d(2, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(12, 6), nn.ReLU(), nn.Linear(6, classes)
    )
    for parameter in model.parameters():
        parameter.data = whole_numbers(generator, parameter.shape, torch.float32)
    # Sums reach 9 in the first map, 4 * 9 + 1 in the second, and 6 * 37 + 1 in the third.
    model.get_parameter("3.weight").data[:, 4:] = 0
    return model.to(kind).eval()


@settings(deadline=None, max_examples=60)
@given(
    kind=st.sampled_from(TYPES),
    layout=st.sampled_from(list(LAYOUTS)),
    labels=st.sampled_from(list(LABELS)),
    classes=st.sampled_from([1, 2, 1000]),
    batch=st.integers(1, 5),
    seed=st.integers(0, 1000),
)
def test_measures_are_finite_and_ablation_is_that_of_a_plain_loop(kind, layout, labels, classes, batch, seed):
    generator = torch.Generator().manual_seed(seed)
    model = of_whole_numbers(classes, kind, generator)
    inputs = LAYOUTS[layout](whole_numbers(generator, (7, 2, 3, 3), kind))
    right = torch.randint(0, min(max(classes, 2), 200), (7,), generator=generator)
    given_labels = right.to(LABELS[labels])
    given_labels = given_labels[:, None] if "column" in labels else given_labels
    parts = list(zip(inputs.split(batch), given_labels.split(batch), strict=True))
    # Without collation, which would lay the inputs out anew.
    batches: Any = DataLoader(parts, batch_size=None)  # type: ignore[arg-type]
    networks = watch(model, inputs[:batch])
    measured = nl.measure(networks, batches)
    assert all(np.isfinite(measured[name]).all() for name in nl.MEASURES)
    start = 0
    for name, layer in networks.layers.items():
        orders = nl.ablation_orders(measured, name, random_orders=1, seed=seed)
        correct = nl.ablate(networks, batches, orders).correct.sum("label").values[0]
        for order, step in np.ndindex(correct.shape):
            gone = orders.values[0, order, :step] - start
            constant = torch.zeros(len(gone), dtype=kind)
            answers = ablated_by_a_hook(model, inputs, name, layer.axis, gone, constant)
            assert correct[order, step] == (answers == right).sum()
        start += layer.neurons
