"""The contest of the fourth assignment: a measure of importance against KL selectivity, on trained networks."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import xarray as xr
from numpy import ndarray

from neuronlib.ablation import curves as statistics
from neuronlib.ablation.cumulative import ablate
from neuronlib.ablation.orders import ranked
from neuronlib.common.randomness import permutation, stream
from neuronlib.common.scopes import layer_slice
from neuronlib.data.images import ImageData, load
from neuronlib.networks.ensemble import Ensemble
from neuronlib.pruning.saliency import layer_outputs
from neuronlib.pruning.selection import score_order
from neuronlib.reproduction.course.checks.importance import DEVELOPMENT, LAYERS, SETTINGS, Importance
from neuronlib.reproduction.course.report import Fact, examine
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.training.training import train


def contest(importance: Importance, settings: Sequence[str] = DEVELOPMENT, networks: int = 5) -> xr.DataArray:
    r"""Compare accuracy under a learner's measure and under KL selectivity, least important neurons ablated first.

    .. math:: \frac{1}{N + 1} \sum_{n=0}^{N} \left(a^\mathrm{yours}(n) - a^\mathrm{KL}(n)\right)

    Networks are trained on ``mnist-5k``. Measures see the validation samples; accuracy is measured on the test samples.

    Args:
        importance: The measure, as `check_importance` takes it.
        settings: Some of `DEVELOPMENT` and `HELD_OUT`.
        networks: Networks of each setting.

    Returns:
        Fractions; axes ``setting``, ``layer`` and ``network``. Coordinate ``fault`` (setting): the error that the
        measure raised, else ""; after an error the fractions are NaN.

    Raises:
        KeyError: If there is no such setting.

    Example:
        >>> contest(lambda outputs, labels, outgoing: outputs.std(axis=0), ["sigmoid-l2"], networks=1).shape
        (1, 2, 1)
    """
    data = load("mnist-5k")
    gains = np.full((len(settings), len(LAYERS), networks), np.nan)
    faults = []
    for place, name in enumerate(settings):
        ensemble = _trained(name, networks)

        def compete(place: int = place, ensemble: Ensemble = ensemble) -> None:
            gains[place] = [_gain(ensemble, data, layer, importance) for layer in LAYERS]

        faults += [fault or "" for _, fault, _ in examine(name, [Fact(name, compete)]).facts]
    coordinates = {"setting": list(settings), "layer": list(LAYERS), "network": range(networks)}
    found = xr.DataArray(gains, dims=("setting", "layer", "network"), coords=coordinates, name="gain")
    return found.assign_coords(fault=("setting", np.array(faults, dtype=str)))


@cache
def _trained(name: str, networks: int) -> Ensemble:
    activation, regularizer = SETTINGS[name]
    setting = paper_setting("mnist-5k", activation, regularizer, epochs=10, seed=41)
    return train(setting, load("mnist-5k"), range(networks))[0]


def _gain(ensemble: Ensemble, data: ImageData, layer: str, importance: Importance) -> ndarray:
    outputs = layer_outputs(ensemble, data, layer)
    leaving = ensemble.around(layer)[1].weight.cpu().numpy().astype(np.float64)
    neurons = layer_slice(ensemble.setting.hidden, layer)
    yours = []
    for k, network in enumerate(ensemble.networks):
        scores = np.asarray(importance(outputs[k].copy(), data.validation.labels.copy(), leaving[k].copy()))
        ties = permutation(stream(ensemble.setting.seed, "contest", layer, network), scores.size)
        yours.append(ranked(scores, "low", ties))
    theirs = score_order("KL selectivity", ensemble, data, layer)
    orders = xr.DataArray(
        np.stack([np.array(yours), theirs], axis=1) + neurons.start,
        dims=("network", "order", "step"),
        coords={"network": list(ensemble.networks), "order": ["yours", "KL selectivity"], "layer": layer},
    )
    curves = statistics.accuracy(ablate(ensemble, data.test, orders))
    return (curves.sel(order="yours") - curves.sel(order="KL selectivity")).mean("step").values
