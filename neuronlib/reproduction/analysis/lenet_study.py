"""What is left of a criterion's advantage over random removal of LeNet-5's filters, once both are trained as long."""

from collections.abc import Mapping

import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import DatasetName, Device
from neuronlib.reproduction.compute.sources import SourceName
from neuronlib.reproduction.design.axes import FILTER_CRITERIA, NEW_WEIGHTS
from neuronlib.reproduction.design.studies import LENETS, LeNetStudy
from neuronlib.reproduction.store.results import stored_study, study_path

Studies = Mapping[str, xr.Dataset]
"""What `lenet_studies` returns."""


def lenet_studies(
    source: SourceName, dataset: DatasetName, networks: int, epochs: int, device: Device = "auto"
) -> dict[str, xr.Dataset]:
    """Read the stored studies of LeNet-5, or compute a small one on the spot.

    Args:
        source: "store" reads, and takes no heed of the other arguments; "live" computes.
        dataset: The images.
        networks: How many networks.
        epochs: Passes over the training samples before and after filters are removed.
        device: Where to compute.

    Returns:
        What `prune_filters` returned, by the data set.
    """
    if source == "store":
        stored = [name for name in LENETS if study_path(name).is_file()]
        return {name.removeprefix("lenet-"): stored_study(name) for name in stored}
    from neuronlib.reproduction.compute.lenet_study import prune_filters

    study = LeNetStudy(dataset=dataset, epochs=epochs, epochs_after=epochs, networks=networks, random_orders=1)
    return {dataset: prune_filters(study, device=device)}


def filters_accuracy(study: xr.Dataset, afterwards: str) -> xr.DataArray:
    """Return test accuracy by criterion, random removal being the mean over its orders.

    Args:
        study: What `prune_filters` returns.
        afterwards: "nothing" or "re-training".

    Returns:
        Percent, by ``criterion``, ``filters`` and ``network``; NaN where there is none.

    Example:
        >>> axes = ("criterion", "filters", "afterwards", "network")
        >>> names = ["CMIM", "random 0", "random 1", "new weights"]
        >>> correct = (axes, [[[[9]]], [[[4]]], [[[6]]], [[[-1]]]])
        >>> places = {"criterion": names, "filters": ["2-3"], "afterwards": ["nothing"]}
        >>> filters_accuracy(xr.Dataset({"correct": correct}, places, {"test_samples": 10}), "nothing").values.ravel()
        array([90., 50., nan])
    """
    correct = study.correct.sel(afterwards=afterwards, drop=True).astype("float64")
    accuracy = 100 * correct.where(correct >= 0) / study.attrs["test_samples"]
    names = study.criterion.values.tolist()
    drawn = [name for name in names if name.startswith("random ")]
    random = accuracy.sel(criterion=drawn).mean("criterion").expand_dims(criterion=["random"])
    measured = accuracy.sel(criterion=[name for name in FILTER_CRITERIA if name in names])
    return xr.concat([measured, random, accuracy.sel(criterion=[NEW_WEIGHTS])], dim="criterion")


def advantage(study: xr.Dataset, criterion: str, filters: str, afterwards: str) -> Float[ndarray, " network"]:
    """Subtract the accuracy of random removal from that of a criterion, in points.

    Args:
        study: What `prune_filters` returns.
        criterion: A criterion, or "new weights".
        filters: How many are kept, such as "2-3".
        afterwards: "nothing" or "re-training".

    Returns:
        One number for each network; NaN where there is none.
    """
    accuracy = filters_accuracy(study, afterwards).sel(filters=filters)
    return (accuracy.sel(criterion=criterion) - accuracy.sel(criterion="random")).values


def lost(study: xr.Dataset, criterion: str, filters: str) -> Float[ndarray, " network"]:
    """Subtract the accuracy after pruning and re-training from that of the whole network, in points."""
    whole = 100 * study.intact.astype("float64") / study.attrs["test_samples"]
    return (whole - filters_accuracy(study, "re-training").sel(criterion=criterion, filters=filters)).values


def retrained_filters(study: xr.Dataset) -> list[str]:
    """List the numbers of filters after which networks were re-trained."""
    return filters_accuracy(study, "re-training").dropna("filters", how="all").filters.values.tolist()
