"""What studies of other architectures say, in the form of the paper's results, so that the same analyses take them."""

import json

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import spearman
from neuronlib.common.choices import DatasetName, Device, Replacement
from neuronlib.common.scopes import WHOLE
from neuronlib.information.labelled import by_neuron
from neuronlib.reproduction.analysis.effects import gap
from neuronlib.reproduction.compute.sources import SourceName
from neuronlib.reproduction.design.studies import CLASSIFIERS, FINE, ClassifierStudy
from neuronlib.reproduction.store.results import stored_study, study_path

ARCHITECTURE_NAMES = {
    "convolutional": "convolutional network",
    "residual": "residual network",
    "transformer": "vision transformer",
}
"""What each architecture is called on pages."""
DATASET_NAMES: dict[DatasetName, str] = {
    "mnist": "MNIST",
    "mnist-5k": "mnist-5k",
    "fashion-mnist": "Fashion-MNIST",
    "cifar10": "CIFAR-10",
}
"""What the data sets are called on pages."""


def classifier_studies(
    source: SourceName, dataset: DatasetName = "mnist-5k", networks: int = 2, epochs: int = 2, device: Device = "auto"
) -> dict[str, xr.Dataset]:
    """All studies of other architectures, read or computed on the spot.

    Args:
        source: "store" reads, and takes no heed of the other arguments; "live" computes.
        dataset: The images.
        networks: Networks of each architecture.
        epochs: Passes over the training samples.
        device: Where to compute.

    Returns:
        What `measure_and_ablate_classifiers` returned, by architecture and data set, as "vision transformer, MNIST".
    """
    if source == "store":
        return {title(one): stored_study(name) for name, one in CLASSIFIERS.items() if study_path(name).is_file()}
    from neuronlib.reproduction.compute.classifier_study import measure_and_ablate_classifiers

    studies = {}
    for architecture in dict.fromkeys(one.architecture for one in CLASSIFIERS.values()):
        study = ClassifierStudy(
            architecture=architecture,
            dataset=dataset,
            epochs=epochs,
            networks=networks,
            random_orders=2,
            points=2,
            test_samples=100,
        )
        studies[title(study)] = measure_and_ablate_classifiers(study, device=device)
    return studies


def title(study: ClassifierStudy) -> str:
    """Return a study's name on pages."""
    return f"{ARCHITECTURE_NAMES[study.architecture]}, {DATASET_NAMES[study.dataset]}"


def layers_of(study: xr.Dataset) -> list[str]:
    """Return the names of a study's layers, the first computed first."""
    return list(dict.fromkeys(study.layer.values.tolist()))


def as_paper_results(study: xr.Dataset, replacement: Replacement = "zero", summary: str = "mean") -> xr.DataTree:
    """Bring a study into the form of the paper's results: groups ``measures`` and ``curves``.

    Args:
        study: What `measure_and_ablate_classifiers` returns.
        replacement: The output of an ablated channel or feature.
        summary: What a channel's value is for the measures, one of ``summary``, or "four values" of the mean. Curves
            are those of orders by the mean.

    Returns:
        Layers are called "1", "2", … in the order in which they are computed; ``step`` is how many neurons are ablated.

    Example:
        >>> axes = ("replacement", "scope", "order", "network", "share")
        >>> correct = np.array([[[[[9, 5, 1]], [[9, 8, 1]]]] * 2])
        >>> study = xr.Dataset(
        ...     {
        ...         "counts": (("summary", "network", "neuron", "value", "label"), np.ones((1, 1, 4, 2, 2), int)),
        ...         "correct": (axes, correct),
        ...     },
        ...     {
        ...         "summary": ["mean"],
        ...         "network": [0],
        ...         "layer": ("neuron", ["gelu"] * 4),
        ...         "replacement": ["zero"],
        ...         "scope": ["gelu", "whole"],
        ...         "order": ["entropy low", "random 0"],
        ...         "share": [0.0, 0.5, 1.0],
        ...     },
        ...     {"configuration": '{"test_samples": 10}'},
        ... )
        >>> as_paper_results(study)["curves"]["1"].step.values
        array([0, 2, 4])
    """
    names = layers_of(study)
    widths = {str(k + 1): int((study.layer == name).sum()) for k, name in enumerate(names)}
    counts = study.fine_counts if summary == FINE else study.counts.sel(summary=summary)
    groups = {"measures": by_neuron(counts.values.astype(np.int64), widths, study.network.values.tolist())}
    for place, scope in enumerate(study.scope.values.tolist()):
        name = WHOLE if scope == WHOLE else str(place + 1)
        width = sum(widths.values()) if scope == WHOLE else widths[name]
        correct = study.correct.sel(replacement=replacement, scope=scope, drop=True)
        correct = correct.transpose("network", "order", "share")
        correct = correct.isel(order=np.flatnonzero((correct >= 0).all(("network", "share"))))
        orders = correct.order.values.tolist()
        measures = ["random" if order.startswith("random") else order.rpartition(" ")[0] for order in orders]
        directions = ["random" if order.startswith("random") else order.rpartition(" ")[2] for order in orders]
        groups[f"curves/{name}"] = xr.Dataset(
            {
                "correct": (("network", "order", "step"), correct.values.astype(np.int64)),
                "samples": int(json.loads(study.attrs["configuration"])["test_samples"]),
            },
            {
                "network": study.network.values,
                "order": orders,
                "measure": ("order", measures),
                "direction": ("order", directions),
                "step": [round(share * width) for share in study.share.values],
                "layer": name,
            },
        )
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {"networks": study.sizes["network"]}
    return tree


def gap_by_layer(results: xr.DataTree, criterion: str, direction: str = "low") -> Float[ndarray, "layer network"]:
    """Accuracy of ordered less that of random ablation, the mean over the curve, for each layer by itself.

    Args:
        results: What `as_paper_results` returns.
        criterion: A measure, or another criterion that layers were ordered by.
        direction: Whether its lowest or its highest values are ablated first.

    Returns:
        Percentage points; NaN for layers that the criterion does not order.
    """
    rows = []
    for scope, curves in results["curves"].items():
        if scope == WHOLE:
            continue
        ordered = f"{criterion} {direction}" in curves.order.values
        missing = np.full(curves.sizes["network"], np.nan)
        rows.append(gap(results, scope, criterion, direction) if ordered else missing)  # type: ignore[arg-type]
    return np.array(rows)


def depth_trend(results: xr.DataTree, measure: str) -> Float[ndarray, " network"]:
    """Spearman's correlation between a layer's depth and the mean of a measure over its neurons, network by network."""
    means = results["measures"].to_dataset()[measure].groupby("layer").mean("neuron")
    depth = means.layer.astype(float).values
    return np.array([_spearman(of_network, depth) for of_network in means.transpose("network", "layer").values])


def agreement(study: xr.Dataset, measure: str, criterion: str) -> Float[ndarray, "layer network"]:
    """Spearman's correlation between a measure of channels and a published criterion, layer by layer.

    Args:
        study: What `measure_and_ablate_classifiers` returns.
        measure: A measure, of the mean over positions.
        criterion: One of ``criterion``.

    Returns:
        From -1 to 1; NaN for layers without the criterion, and where all values of one of the two are equal.
    """
    measures = as_paper_results(study)["measures"].to_dataset()[measure].values
    scores = study.scores.sel(criterion=criterion).transpose("network", "neuron").values
    rows = []
    for name in layers_of(study):
        chosen = np.flatnonzero(study.layer.values == name)
        pairs = zip(measures[:, chosen], scores[:, chosen], strict=True)
        rows.append([_spearman(values, score) for values, score in pairs])
    return np.array(rows)


def _spearman(one: Float[ndarray, " neuron"], other: Float[ndarray, " neuron"]) -> float:
    if not np.isfinite(other).all() or not np.ptp(one) or not np.ptp(other):
        return float("nan")
    return spearman(one, other)
