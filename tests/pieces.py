"""Stored pieces that are made up, and sound."""

import json
from typing import Any

import numpy as np
import xarray as xr

from neuronlib.common.config import Setting
from neuronlib.information.labelled import by_neuron
from neuronlib.reproduction.design.digest import CORE_VERSION
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.store.encoding import encode

_ORIGIN = dict.fromkeys(("date", "device", "torch", "numpy", "neuronlib", "machine"), "cpu")
_SECONDS = dict.fromkeys(("loading", "training", "measuring", "ablating", "grouping"), 1.5)


def small_job(first: int = 3, last: int = 4, **choices: Any) -> Job:
    """Networks that are not ablated."""
    setting = Setting(dataset="mnist-5k", hidden=(4, 3), dropout=(), epochs=2)
    return Job(setting=setting, first=first, last=last, replacements=(), **choices)


def small_piece(job: Job | None = None, seed: int = 0) -> xr.Dataset:
    """Results of such networks, with random numbers."""
    job = job or small_job()
    draw = np.random.default_rng(seed)
    networks, epochs = list(job.networks), range(1, job.setting.epochs + 1)
    shape = (len(networks), len(epochs))
    history = xr.Dataset(
        {
            name: (("network", "epoch"), draw.random(shape))
            for name in ("training_loss", "validation_accuracy", "test_accuracy")
        },
        {"network": networks, "epoch": epochs},
    )
    active = draw.integers(0, 81, (len(networks), sum(job.setting.hidden), 10))
    counts = np.stack([80 - active, active], axis=2)
    encoded = encode(history, by_neuron(counts, job.setting.widths, networks), {})
    configuration = {"configuration": json.dumps(job.configuration()), "digest": job.digest(), "core": CORE_VERSION}
    return encoded.assign_attrs(**configuration, **_ORIGIN, **_SECONDS)
