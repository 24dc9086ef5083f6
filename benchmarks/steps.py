"""Where the time of a training step goes, before and after, and what was tried to shorten it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.contests import CPU, Case
from benchmarks.timing import interleaved, seconds
from neuronlib.common.randomness import permutation, stream
from neuronlib.networks.ensemble import samples_on
from neuronlib.networks.initialization import initialize
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.training import training
from neuronlib.training.compiling import compiled
from neuronlib.training.dropout import masks
from neuronlib.training.optimizers import initial_state, update

TOGETHER = {"mnist": (2, 4, 6, 8, 12, 16, 24), "cifar10": (2, 3, 4)}
"""How many networks are tried together."""


def step_contest(case: Case, repetitions: int) -> dict[str, Any]:
    """Seconds for one network and step: whole steps, their parts each by itself, and other ways to do a part."""
    dataset = case.setting.dataset
    dropout = paper_setting(dataset, regularizer="dropout", epochs=case.setting.epochs)
    tried = TOGETHER.get(dataset, (2, 3))
    pixels = torch.from_numpy(case.train.pixels)
    contestants = {
        "before": guarded_epochs(case),
        "core": case.epochs(case.setting),
        "core, Dropout": case.epochs(dropout),
        "start, before": _start(case, _guarded(case)),
        "start": _start(case, _program(case, training._step, "tiny")),
        "fetch, before": _fetching(case, lambda rows: pixels[rows]),
        "fetch": _fetching(case, training.Fetch(pixels, case.together, case.setting.batch_size)),
        "masks": _masks(case, dropout),
        "products": case.products(),
        "update": _update(case),
        **{f"{way}: {name}": work for way, some in _other_ways(case).items() for name, work in some.items()},
        **{f"together: {k}": case.epochs(case.setting, k) for k in tried},
    }
    times = interleaved(contestants, repetitions, f"a step, {dataset}")
    return {"networks_together": case.together, "seconds": times}


def _guarded(case: Case) -> Callable[..., Tensor]:
    # A compiled step as it was before: PyTorch looks at all arguments first, and takes its options anew each time.
    if not case.compiling:
        return training._step
    program = torch.compile(training._step, dynamic=False, fullgraph=True)

    def step(*arguments: Any) -> Tensor:
        with torch._dynamo.config.patch(recompile_limit=1000, accumulated_recompile_limit=1000), torch.no_grad():
            return program(*arguments)

    return step


def _program(case: Case, function: Callable[..., Any], kind: str) -> Callable[..., Any]:
    return compiled(function, CPU, (kind, case.setting, case.together)) if case.compiling else function


def guarded_epochs(case: Case) -> Callable[[], float]:
    """The core as it was before: each call trains for one epoch."""
    ensemble = initialize(case.setting, case.widths[0], case.widths[-1], range(case.together))
    state = initial_state(ensemble.parameters())
    pixels, labels = samples_on(CPU, case.train)
    step = _guarded(case)

    def epoch() -> None:
        total = torch.zeros(case.together)
        for rows in _rows(case):
            total += step(case.setting, ensemble.layers, state, pixels[rows], labels[rows], None)

    return lambda: seconds(epoch) / case.steps / case.together


def _rows(case: Case, at_once: int = 1) -> Iterator[Tensor]:
    sources = [stream(0, "order", k) for k in range(case.together)]
    order = np.stack([permutation(source, len(case.train.labels)) for source in sources])
    yield from torch.from_numpy(order).split(at_once * case.setting.batch_size, dim=1)


def _start(case: Case, step: Callable[..., Tensor]) -> Callable[[], float]:
    # Networks that are so small that nothing but the start of their program takes time.
    setting = replace(case.setting, hidden=(2,) * len(case.setting.hidden), batch_size=2)
    ensemble = initialize(setting, 2, 2, range(case.together))
    state = initial_state(ensemble.parameters())
    inputs, labels = torch.randn(case.together, 2, 2), torch.zeros(case.together, 2, dtype=torch.int64)

    def once() -> None:
        with torch.no_grad():
            step(setting, ensemble.layers, state, inputs, labels, None)

    return lambda: seconds(once, 10 * case.steps) / case.together


def _fetching(case: Case, fetch: Callable[[Tensor], object], at_once: int = 1) -> Callable[[], float]:
    rows = list(_rows(case, at_once))
    return lambda: seconds(lambda: [fetch(some) for some in rows]) / case.steps / case.together


def _other_ways(case: Case) -> dict[str, dict[str, Callable[[], float]]]:
    # Of fetching and of the products.
    pixels, size, k = torch.from_numpy(case.train.pixels), case.setting.batch_size, case.together
    low, high = float(pixels.min()), float(pixels.max())
    as_bytes = ((pixels - low) * (255 / (high - low))).round().to(torch.uint8)
    memory = torch.empty(k * size, pixels.shape[1])

    def from_bytes(rows: Tensor) -> Tensor:
        torch.mul(as_bytes.index_select(0, rows.flatten()), (high - low) / 255, out=memory)
        return memory.add_(low)

    four = training.Fetch(pixels, k, 4 * size)
    fetching = {
        "new memory each time": _fetching(case, lambda rows: pixels.index_select(0, rows.flatten())),
        "four mini-batches at once": _fetching(case, four, 4),
        "pixels as bytes": _fetching(case, from_bytes),
    }
    return {"fetch": fetching, "products": {way: case.products(way) for way in ("weights turned", "gradients turned")}}


def _masks(case: Case, setting: Any) -> Callable[[], float]:
    sources = [stream(0, "dropout", k) for k in range(case.together)]
    return lambda: seconds(lambda: list(masks(setting, sources, case.steps))) / case.steps / case.together


def _update(case: Case) -> Callable[[], float]:
    parameters = initialize(case.setting, case.widths[0], case.widths[-1], range(case.together)).parameters()
    state, gradients = initial_state(parameters), [1e-6 * torch.randn_like(each) for each in parameters]
    program = _program(case, update, "whole")

    def once() -> None:
        with torch.no_grad():
            program(case.setting, parameters, gradients, state)

    return lambda: seconds(once, case.steps) / case.together
