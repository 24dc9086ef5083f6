"""What comparisons of pruning criteria say: accuracies, gains over random removal, and limits."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import DatasetName, Device, Measure
from neuronlib.reproduction.compute.sources import SourceName
from neuronlib.reproduction.design.studies import STUDIES
from neuronlib.reproduction.store.paths import RESULTS
from neuronlib.reproduction.store.results import of_kind, stored_study

TOLERATED = 0.01
"""Fraction of accuracy whose loss is tolerated."""


def pruning_studies(
    source: SourceName, dataset: DatasetName, networks: int, epochs: int, device: Device = "auto"
) -> dict[str, xr.Dataset]:
    """All comparisons, read or computed on the spot.

    Args:
        source: "store" reads, and takes no heed of the other arguments; "live" computes.
        dataset: The images; of kinds of network that then are the same, the first stays.
        networks: Networks of each kind.
        epochs: Passes over the training samples.
        device: Where to compute.

    Returns:
        What `compare_criteria` returned, by the kind of network; of those that are to be read,
        what is stored.

    Example:
        >>> list(pruning_studies("store", "mnist", 0, 0))[0]
        'mnist-relu'
    """
    there = RESULTS if source == "store" else None
    wanted = {name.removeprefix("pruning-"): name for name in of_kind("pruning", there)}
    if source == "store":
        return {short: stored_study(name) for short, name in wanted.items()}
    from neuronlib.reproduction.compute.pruning_study import compare_criteria

    smaller = {short: STUDIES[name].smaller(dataset, networks, epochs, 1) for short, name in wanted.items()}
    different: dict[str, str] = {}
    for short, one in smaller.items():
        different.setdefault(one.digest(), short)
    return {short: compare_criteria(smaller[short], device=device) for short in different.values()}


def after(study: xr.Dataset, afterwards: str) -> xr.DataArray:
    """Test accuracy once neurons are removed.

    Args:
        study: What `compare_criteria` returns.
        afterwards: What is done then; one of `AFTERWARDS`.

    Returns:
        Fractions by ``criterion``, ``layer``, ``share`` and ``network``; NaN where there is none.

    Example:
        >>> axes = ("criterion", "layer", "share", "afterwards", "network")
        >>> correct = (axes, np.array([[[[[9]], [[-1]]]]]))
        >>> study = xr.Dataset({"correct": correct}, {"afterwards": ["nothing"]}, {"test_samples": 10})
        >>> after(study, "nothing").values.ravel()
        array([0.9, nan])
    """
    correct = study.correct.sel(afterwards=afterwards, drop=True)
    return correct.where(correct >= 0) / study.attrs["test_samples"]


def retrained_shares(study: xr.Dataset) -> list[float]:
    """List the shares removed after which networks were re-trained."""
    return after(study, "re-training").dropna("share", how="all").share.values.tolist()


def pruned_curves(study: xr.Dataset, criteria: Sequence[str], layer: str, afterwards: str) -> dict[str, xr.DataArray]:
    """Accuracy against the share of a layer that is removed, as `compared_curves` takes it.

    Args:
        study: What `compare_criteria` returns.
        criteria: Which.
        layer: The layer, such as "1".
        afterwards: What is done then.

    Returns:
        By criterion; ``step`` is the share in percent.

    Example:
        >>> axes = ("criterion", "layer", "share", "afterwards", "network")
        >>> places = {"criterion": ["random"], "layer": ["1"], "share": [0.0, 0.5], "afterwards": ["nothing"]}
        >>> study = xr.Dataset({"correct": (axes, np.array([[[[[9]], [[5]]]]]))}, places, {"test_samples": 10})
        >>> pruned_curves(study, ["random"], "1", "nothing")["random"].step.values
        array([ 0., 50.])
    """
    here = after(study, afterwards).sel(layer=layer).rename(share="step")
    here = here.assign_coords(step=100 * here.step).dropna("step", how="all")
    return {criterion: here.sel(criterion=criterion) for criterion in criteria}


def gained(
    study: xr.Dataset, criterion: str, layer: str, afterwards: str, shares: Sequence[float] | None = None
) -> Float[ndarray, " network"]:
    """Compute how much more accuracy a criterion leaves than random removal with the same done afterwards.

    Args:
        study: What `compare_criteria` returns.
        criterion: The criterion that chose the neurons.
        layer: The layer, such as "1".
        afterwards: What is done after removal.
        shares: Shares removed; all that were tried unless given.

    Returns:
        Percentage points, the mean over the shares.

    Example:
        >>> axes = ("criterion", "layer", "share", "afterwards", "network")
        >>> places = {"criterion": ["random", "mine"], "layer": ["1"], "share": [0.5], "afterwards": ["nothing"]}
        >>> study = xr.Dataset({"correct": (axes, np.array([[[[[5]]]], [[[[7]]]]]))}, places, {"test_samples": 10})
        >>> gained(study, "mine", "1", "nothing").round(6)
        array([20.])
    """
    accuracy = after(study, afterwards).sel(layer=layer, share=slice(None) if shares is None else list(shares))
    return 100 * (accuracy.sel(criterion=criterion) - accuracy.sel(criterion="random")).mean("share").values


def gained_by_repair(
    study: xr.Dataset, criterion: str, layer: str, repair: str, shares: Sequence[float]
) -> Float[ndarray, " network"]:
    """Compute how much more accuracy a repair leaves than no repair, of the same neurons.

    Args:
        study: What `compare_criteria` returns.
        criterion: The criterion that chose the neurons.
        layer: The layer, such as "1".
        repair: What is done after removal, such as "balancing".
        shares: Shares removed.

    Returns:
        Percentage points, the mean over the shares; negative where the repair does harm.

    Example:
        >>> axes, ways = ("criterion", "layer", "share", "afterwards", "network"), ["nothing", "balancing"]
        >>> places = {"criterion": ["mine"], "layer": ["1"], "share": [0.5], "afterwards": ways}
        >>> study = xr.Dataset({"correct": (axes, np.array([[[[[5], [7]]]]]))}, places, {"test_samples": 10})
        >>> gained_by_repair(study, "mine", "1", "balancing", [0.5]).round(6)
        array([20.])
    """
    chosen = {"criterion": criterion, "layer": layer, "share": list(shares)}
    return 100 * (after(study, repair) - after(study, "nothing")).sel(chosen).mean("share").values


def in_place_of_training(
    study: xr.Dataset, criterion: str, layer: str, afterwards: str
) -> dict[float, Float[ndarray, " network"]]:
    """Accuracy with surgery less that with re-training, in points.

    Args:
        study: What `compare_criteria` returns.
        criterion: Which.
        layer: The layer, such as "1".
        afterwards: Which surgery.

    Returns:
        By the share removed, where networks were re-trained; one number for each network, negative where re-training is
        better.

    Example:
        >>> axes, ways = ("criterion", "layer", "share", "afterwards", "network"), ["balancing", "re-training"]
        >>> places = {"criterion": ["mine"], "layer": ["1"], "share": [0.5], "afterwards": ways}
        >>> study = xr.Dataset({"correct": (axes, np.array([[[[[5], [7]]]]]))}, places, {"test_samples": 10})
        >>> in_place_of_training(study, "mine", "1", "balancing")[0.5].round(6)
        array([-20.])
    """
    operated, trained = (after(study, way).sel(criterion=criterion, layer=layer) for way in (afterwards, "re-training"))
    both = (100 * (operated - trained)).dropna("share", how="all")
    return {float(share): both.sel(share=share).values for share in both.share}


def limit(study: xr.Dataset, criterion: str, layer: str, afterwards: str) -> str:
    """The largest share that can be removed before the mean accuracy falls by more than one point.

    Args:
        study: What `compare_criteria` returns.
        criterion: Which.
        layer: The layer, such as "1".
        afterwards: What is done then.

    Returns:
        Such as "70 %": accuracy has not fallen by more at this share, nor at a smaller one that was tried; or "below
        50 %" if it has at the smallest.

    Example:
        >>> axes = ("criterion", "layer", "share", "afterwards", "network")
        >>> places = {"criterion": ["mine"], "layer": ["1"], "share": [0.0, 0.5, 0.9], "afterwards": ["nothing"]}
        >>> correct = (axes, np.array([[[[[900]], [[895]], [[500]]]]]))
        >>> limit(xr.Dataset({"correct": correct}, places, {"test_samples": 1000}), "mine", "1", "nothing")
        '50 %'
    """
    whole = after(study, "nothing").sel(criterion=criterion, layer=layer, share=0).mean()
    tried = after(study, afterwards).sel(criterion=criterion, layer=layer).mean("network").dropna("share")
    fallen = (tried < whole - TOLERATED).values
    first = int(np.argmax(fallen)) if fallen.any() else len(fallen)
    shares = [f"{100 * float(share):.0f} %" for share in tried.share]
    return shares[first - 1] if first else f"below {shares[0]}"


def by_layer_less_pooled(study: xr.Dataset, measure: Measure, operated: str = "nothing") -> Float[ndarray, " network"]:
    """How much more accuracy is left when each layer loses the same share than when all neurons are ranked together.

    Args:
        study: What `compare_criteria` returns.
        measure: What neurons are ranked by, the lowest removed first.
        operated: "nothing" or "balancing".

    Returns:
        Percentage points, the mean over the shares that were tried; positive where pruning layer by layer is better.

    Example:
        >>> axes, places = ("how", "operated", "measure", "share", "network"), {"how": ["pooled", "by layer"]}
        >>> places |= {"operated": ["nothing"], "measure": ["entropy"]}
        >>> study = xr.Dataset({"whole": (axes, np.array([[[[[5]]]], [[[[7]]]]]))}, places, {"test_samples": 10})
        >>> by_layer_less_pooled(study, "entropy").round(6)
        array([20.])
    """
    here = study.whole.sel(measure=measure, operated=operated) / study.attrs["test_samples"]
    return 100 * (here.sel(how="by layer") - here.sel(how="pooled")).mean("share").values
