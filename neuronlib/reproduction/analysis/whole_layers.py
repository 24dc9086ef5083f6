"""Whole layers of the paper's networks: studies by setting, and answers to what the paper leaves open about them."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import xarray as xr
from jaxtyping import Float64
from numpy import ndarray
from scipy import stats

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import DatasetName, Device, Regularizer
from neuronlib.common.scopes import layer_names
from neuronlib.reproduction.analysis.layer_shapes import (
    READINGS,
    Reading,
    quantities_of_layer,
)
from neuronlib.reproduction.analysis.open_questions import Answer, Finding, finding_of_interval, with_ends
from neuronlib.reproduction.compute.sources import SourceName
from neuronlib.reproduction.design.settings import family_of, named
from neuronlib.reproduction.design.studies import LAYERS, LayerStudy
from neuronlib.reproduction.store.results import stored_study, study_path

SMALL = ("small-fashion-relu-none", "small-fashion-relu-dropout")
"""Settings that a page computes on the spot."""
_BOTTLENECK = ("cifar10-relu-l2", "funnel-cifar10-relu-l2")


def layer_studies(
    source: SourceName, dataset: DatasetName = "mnist-5k", networks: int = 2, epochs: int = 2, device: Device = "auto"
) -> dict[str, xr.Dataset]:
    """All studies of whole layers, read or computed on the spot.

    Args:
        source: "store" reads, and takes no heed of the other arguments; "live" computes those of `SMALL`.
        dataset: The images.
        networks: Networks of each setting.
        epochs: Passes over the training samples.
        device: Where to compute.

    Returns:
        What `measure_layers` returned, by the name of the setting.
    """
    if source == "store":
        names = {name.removeprefix("layers-"): name for name in LAYERS if study_path(name).is_file()}
        return {setting: stored_study(name) for setting, name in names.items()}
    from neuronlib.reproduction.compute.layer_study import measure_layers

    studies = {}
    for name in SMALL:
        setting = dataclasses.replace(named(name).with_epochs(epochs), dataset=dataset)
        study = LayerStudy(setting=setting, networks=networks, sizes=(2, 3, 4), groups=10)
        studies[name] = measure_layers(study, device=device)
    return studies


def change_with_depth(points: xr.Dataset) -> xr.DataArray:
    """Subtract each quantity of a setting's first layer from that of its last.

    Args:
        points: What `points_of_layers` returns.

    Returns:
        By ``setting`` and ``quantity``; positive where the last layer has more.

    Example:
        >>> quantities = (("point", "quantity"), [[1.0], [1.5], [2.0], [1.0]])
        >>> of = {"setting": ("point", ["a", "a", "b", "b"]), "layer": ("point", ["1", "2"] * 2), "quantity": ["r"]}
        >>> change_with_depth(xr.Dataset({"quantities": quantities}, of)).values.tolist()
        [[0.5], [-1.0]]
    """
    of_settings = _by_setting(points)
    return _of_quantities(points, [of[-1] - of[0] for of in of_settings.values()], "setting", list(of_settings))


def change_with_regularizer(points: xr.Dataset, regularizer: Regularizer, without: Regularizer) -> xr.DataArray:
    """Subtract each quantity of settings with one regularizer from those with another, the mean over layers.

    Args:
        points: What `points_of_layers` returns.
        regularizer: The regularizer asked about.
        without: The one that it is compared with.

    Returns:
        By ``family`` (architecture and activation function, such as "mnist-relu") and ``quantity``; families without
        one of the settings are left out.
    """
    of_settings = _by_setting(points)
    families = dict.fromkeys(family_of(name) for name in of_settings)
    compared = [one for one in families if {f"{one}-{regularizer}", f"{one}-{without}"} <= of_settings.keys()]
    changes = [
        of_settings[f"{one}-{regularizer}"].mean(axis=0) - of_settings[f"{one}-{without}"].mean(axis=0)
        for one in compared
    ]
    return _of_quantities(points, changes, "family", compared)


def _by_setting(points: xr.Dataset) -> dict[str, Float64[ndarray, "layer quantity"]]:
    # In the order of the settings, the first layer first.
    settings, values = points.setting.values, points.quantities.transpose("point", "quantity").values
    return {name: values[settings == name] for name in dict.fromkeys(settings.tolist())}


def _of_quantities(points: xr.Dataset, rows: Sequence[ndarray], axis: str, names: Sequence[str]) -> xr.DataArray:
    values = np.array(rows).reshape(-1, points.sizes["quantity"])
    return xr.DataArray(values, {axis: list(names), "quantity": points["quantity"].values}, (axis, "quantity"))


def brackets_apart(studies: Mapping[str, xr.Dataset]) -> tuple[int, int]:
    """Count the settings whose last layer is certainly more redundant than the first, and those where it is less.

    Returns:
        In how many the brackets of the average degree of redundancy lie apart, in each network to the same side: above,
        and below.
    """
    more = less = 0
    for study in studies.values():
        first, last = (study.redundancy.isel(layer=place) for place in (0, -1))
        more += bool((last.sel(end="low") > first.sel(end="high")).all())
        less += bool((last.sel(end="high") < first.sel(end="low")).all())
    return more, less


def answers_of_layers(points: xr.Dataset, within: xr.Dataset, studies: Mapping[str, xr.Dataset]) -> list[Answer]:
    """Answer the sentences of the paper on redundancy and synergy of whole layers.

    Args:
        points: What `points_of_layers` returns.
        within: What `shape_correlations` returns of them, within architectures.
        studies: What `layer_studies` returns.

    Returns:
        An answer for each sentence; one that lacks its studies cannot tell.
    """
    deeper = change_with_depth(points)
    dropout = change_with_regularizer(points, "dropout", "l2")
    more, less = brackets_apart(studies)
    settings = f"{len(studies)} settings"
    return [
        _of_reading("cumulative ablation reveals redundancy", READINGS[0], within, f"{points.sizes['point']} layers"),
        _of_reading("but may also hint at synergistic effects", READINGS[5], within, f"{points.sizes['point']} layers"),
        _of_change(
            "neurons in deeper layers exhibit a higher degree of redundancy",
            "last less first layer: redundancy of groups, in neurons",
            deeper.sel(quantity="redundancy of groups").values,
            1,
            f"{settings}; whole layers' brackets say more in {more} and less in {less}",
        ),
        _of_change(
            "A NN trained with Dropout … encourages redundancy",
            "Dropout less L2: redundancy of groups, in neurons",
            dropout.sel(quantity="redundancy of groups").values,
            1,
            f"{dropout.sizes['family']} pairs of settings",
        ),
        _of_change(
            "can be assumed to rely less on synergistic … information",
            "Dropout less L2: representational complexity, in neurons",
            dropout.sel(quantity="complexity").values,
            -1,
            f"{dropout.sizes['family']} pairs of settings",
        ),
        _of_bottleneck(studies),
        _of_cost(studies),
    ]


def _of_reading(sentence: str, reading: Reading, correlations: xr.Dataset, number: str) -> Answer:
    one = correlations.sel(shape=reading.shape, quantity=reading.quantity)
    low, high = float(one.low), float(one.high)
    return Answer(
        sentence,
        f"rank correlation of {reading.shape} and {reading.quantity}, within architectures",
        finding_of_interval(low, high, reading.sign),
        f"{_known(float(one.correlation), low, high)}, {number}",
    )


def _of_change(
    sentence: str, tested: str, changes: Float64[ndarray, " setting"], sign: Literal[-1, 1], number: str
) -> Answer:
    changes = changes[np.isfinite(changes)]
    low, high = bootstrap_interval(changes)
    mean = float(changes.mean()) if len(changes) else np.nan
    return Answer(sentence, tested, finding_of_interval(low, high, sign), f"{_known(mean, low, high)}, {number}")


def _of_bottleneck(studies: Mapping[str, xr.Dataset]) -> Answer:
    sentence = "This redundancy is higher in the 250-500-250-500 NN than in the 1000-750-500-250 NN"
    tested = "last layer, L2, the former less the latter: redundancy of groups, in neurons"
    if missing := [name for name in _BOTTLENECK if name not in studies]:
        return Answer(sentence, tested, "cannot tell", f"not computed: {', '.join(missing)}")
    values = [quantities_of_layer(studies[name], layer_names(named(name).hidden)[-1]) for name in _BOTTLENECK]
    one, other = (of["redundancy of groups"] for of in values)
    # Networks of two architectures are no pairs, and their variances differ.
    interval = stats.ttest_ind(one, other, equal_var=False).confidence_interval()
    finding = finding_of_interval(interval.low, interval.high)
    evidence = _known(float(one.mean() - other.mean()), interval.low, interval.high)
    return Answer(sentence, tested, finding, f"{evidence}, {len(one)} and {len(other)} networks")


def _of_cost(studies: Mapping[str, xr.Dataset]) -> Answer:
    seconds = [study.attrs["computing"] / study.sizes["network"] for study in studies.values()]
    finding: Finding = "holds" if seconds else "cannot tell"
    if not seconds:
        evidence = "not computed"
    else:
        ends = f"[{min(seconds):.0f}, {max(seconds):.0f}]"
        evidence = (
            f"{np.median(seconds):.0f} seconds a network {ends}, {len(seconds)} settings; "
            "of whole layers redundancy has two ends, vulnerability and synergy do not"
        )
    sentence = "An approximate PID, based on bounds and approximations, may be a computationally feasible way"
    return Answer(sentence, "time for all groups and brackets of a network's layers", finding, evidence)


def _known(number: float, low: float, high: float) -> str:
    return "too few for an interval" if np.isnan(low) else with_ends(number, low, high, digits=2)
