"""Criteria of what neurons say together, compared on the same networks with the paper's measures and others."""

import itertools
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from neuronlib.common.choices import Device
from neuronlib.common.devices import resolve_device
from neuronlib.common.progress import progress
from neuronlib.common.scopes import layer_names
from neuronlib.data.images import ImageData
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.pruning.compensation import moments, only, refitted
from neuronlib.pruning.selection import Selection, select
from neuronlib.reproduction.compute.compute import images, networks_of, origin
from neuronlib.reproduction.compute.pruning_study import correct_answers, neurons_left, trained_further
from neuronlib.reproduction.design.axes import (
    CHOSEN_SHARES,
    PRUNED_SHARES,
    RETRAINED_CRITERIA,
    SELECTED_AFTERWARDS,
    SELECTED_CRITERIA,
)
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.studies import SelectionStudy

_Chosen = Mapping[tuple[str, str], Selection]
_Test = tuple[torch.Tensor, torch.Tensor]


def compare_selections(
    study: SelectionStudy, root: Path | str | None = None, device: Device = "auto", cache: Path | None = None
) -> xr.Dataset:
    """Prune the same networks by each criterion, layer by layer, and both layers by each pair of criteria.

    All criteria that look at images see the same validation samples, of the networks before anything is removed. Images
    come from ``root`` as `load` says, and trained networks from ``cache`` as `networks_of` says.

    Returns:
        ``correct``: test samples classified correctly, by ``criterion``, ``layer``, ``share`` removed, what is done
        ``afterwards``, and ``network``; -1 where there is no such thing. ``both``: the same with a ``chosen_share`` of
        both layers removed, by the criterion of the ``first`` and of the ``second`` layer and what is ``operated``
        (nothing, least squares). ``trained_on``: the same of whole networks after as much further training.
        ``seconds`` of each ``criterion`` and ``layer`` for one network.

    Example:
        >>> from neuronlib.reproduction.design.settings import paper_setting
        >>> setting = paper_setting("mnist-5k", hidden=(6, 5), epochs=1)
        >>> results = compare_selections(SelectionStudy(setting=setting, networks=1))
        >>> results.both.dims
        ('first', 'second', 'chosen_share', 'operated', 'network')
    """
    started, where = time.perf_counter(), resolve_device(device)
    attributes = origin(study, where.type)
    data = images(study.setting, root)
    ensemble, _ = networks_of(Job(setting=study.setting, first=0, last=study.networks - 1), data, device, cache)
    test = samples_on(where, data.test)
    layers = layer_names(study.setting.hidden)
    shape = (len(SELECTED_CRITERIA), len(layers), len(PRUNED_SHARES), len(SELECTED_AFTERWARDS), study.networks)
    correct, seconds = np.full(shape, -1, np.int16), np.zeros(shape[:2], np.float32)
    known = {layer: moments(ensemble, data, layer) for layer in layers}
    chosen: dict[tuple[str, str], Selection] = {}
    # What removal in the second layer does not change is computed once.
    before = ensemble.hidden_outputs(test[0])[0]
    right = {
        layers[0]: lambda one: correct_answers(one, test),
        layers[1]: lambda one: _right_behind(one, before, test[1]),
    }
    with progress(total=len(SELECTED_CRITERIA) * len(layers), unit="criterion", desc="selecting") as bar:
        for (i, criterion), (j, layer) in itertools.product(enumerate(SELECTED_CRITERIA), enumerate(layers)):
            start = time.perf_counter()
            chosen[criterion, layer] = select(criterion, ensemble, data, layer, study.setting.seed)
            seconds[i, j] = (time.perf_counter() - start) / study.networks
            for place, share in enumerate(PRUNED_SHARES):
                kept = chosen[criterion, layer].kept(neurons_left(ensemble, layer, share))
                plain = only(ensemble, layer, kept)
                correct[i, j, place, 0] = right[layer](plain)
                repaired = refitted(ensemble, layer, kept, known[layer])
                correct[i, j, place, 1] = right[layer](only(repaired, layer, kept))
                if share in CHOSEN_SHARES and criterion in RETRAINED_CRITERIA:
                    again = trained_further(plain, data, study.epochs_after, device)
                    correct[i, j, place, 2] = correct_answers(again, test)
            bar.update()
    both = np.zeros((len(SELECTED_CRITERIA),) * 2 + (len(CHOSEN_SHARES), 2, study.networks), np.int16)
    for at, answers in _both_layers(ensemble, data, chosen, test):
        both[at] = answers
    trained_on = trained_further(ensemble, data, study.epochs_after, device)
    names = list(SELECTED_CRITERIA)
    results = xr.Dataset(
        {
            "correct": (("criterion", "layer", "share", "afterwards", "network"), correct),
            "both": (("first", "second", "chosen_share", "operated", "network"), both),
            "trained_on": ("network", correct_answers(trained_on, test)),
            "seconds": (("criterion", "layer"), seconds, {"units": "s"}),
        },
        {
            **{"criterion": names, "first": names, "second": names},
            **{"layer": layers, "share": list(PRUNED_SHARES), "chosen_share": list(CHOSEN_SHARES)},
            **{"afterwards": list(SELECTED_AFTERWARDS), "operated": list(SELECTED_AFTERWARDS[:2])},
            "network": list(ensemble.networks),
        },
    )
    results.attrs = {
        "test_samples": len(data.test.labels),
        "computing": round(time.perf_counter() - started, 1),
        **attributes,
    }
    return results


def _both_layers(
    ensemble: Ensemble, data: ImageData, chosen: _Chosen, test: _Test
) -> Iterator[tuple[tuple[int, int, int, int], np.ndarray]]:
    # Correct answers of networks that lost a share of both layers, with their place. What is kept was chosen in the
    # intact networks; the second layer is refitted to what the first, once pruned and refitted, leaves of its outputs.
    first, second = ensemble.widths
    known = moments(ensemble, data, first)
    for (i, one), (place, share) in itertools.product(enumerate(SELECTED_CRITERIA), enumerate(CHOSEN_SHARES)):
        kept = chosen[one, first].kept(neurons_left(ensemble, first, share))
        plain = only(ensemble, first, kept)
        refit = only(refitted(ensemble, first, kept, known), first, kept)
        known_behind, before = moments(refit, data, second), plain.hidden_outputs(test[0])[0]
        for j, other in enumerate(SELECTED_CRITERIA):
            behind = chosen[other, second].kept(neurons_left(ensemble, second, share))
            repaired = refitted(refit, second, behind, known_behind)
            for way, smaller in enumerate((plain, repaired)):
                yield (i, j, place, way), _right_behind(only(smaller, second, behind), before, test[1])


@torch.no_grad()
def _right_behind(ensemble: Ensemble, before: torch.Tensor, labels: torch.Tensor) -> np.ndarray:
    # As `correct_answers`, of two layers, where the first one's outputs are known.
    second, scores = ensemble.layers[1:]
    answers = scores(ensemble.activate(second(before))).argmax(dim=2)
    return (answers == labels).sum(dim=1).cpu().numpy().astype(np.int16)
