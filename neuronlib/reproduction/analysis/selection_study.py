"""What studies of criteria that compare neurons say: what was chosen on some networks, and what it gains on others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.ablation.significance import bootstrap_interval
from neuronlib.common.choices import DatasetName, Device
from neuronlib.reproduction.analysis.open_questions import Answer, finding_of_interval, with_ends
from neuronlib.reproduction.analysis.pruning_study import after
from neuronlib.reproduction.compute.sources import SourceName
from neuronlib.reproduction.design.axes import CHOSEN_SHARES, SELECTED_AFTERWARDS, SIMPLE_CRITERIA, TOGETHER_CRITERIA
from neuronlib.reproduction.design.studies import SELECTIONS
from neuronlib.reproduction.store.results import stored_study, study_path

Networks = Float[ndarray, " network"]
"""One number for each network."""

Studies = Mapping[str, xr.Dataset]
"""What `selection_studies` returns."""


def selection_studies(
    source: SourceName, dataset: DatasetName = "mnist-5k", networks: int = 4, epochs: int = 1, device: Device = "auto"
) -> dict[str, xr.Dataset]:
    """Read all stored studies, or compute a small one on the spot.

    Args:
        source: "store" reads, and takes no heed of the other arguments; "live" computes one kind of network.
        dataset: The images.
        networks: How many networks; the first half chooses, the second half tests.
        epochs: Passes over the training samples.
        device: Where to compute.

    Returns:
        What `compare_selections` returned, by the kind of network; of those that are to be read, what is stored.
    """
    if source == "store":
        stored = [name for name in SELECTIONS if study_path(name).is_file()]
        return {name.removeprefix("selection-"): stored_study(name) for name in stored}
    from neuronlib.reproduction.compute.selection_study import compare_selections

    name, first = next(iter(SELECTIONS.items()))
    short = name.removeprefix("selection-")
    return {short: compare_selections(first.smaller(dataset, networks, epochs), device=device)}


@dataclass(frozen=True)
class Chosen:
    """Criteria chosen on one half of the networks, and what they leave of accuracy in the other half.

    Attributes:
        by_layer: The best criterion of each layer.
        single: The best criterion for both layers.
        simple: The best one for both layers of those that compare no neurons.
        over_single: Accuracy with ``by_layer`` less that with ``single``, in points, for each network that tests.
        over_simple: Accuracy with ``by_layer`` less that with ``simple``.
    """

    by_layer: tuple[str, ...]
    single: str
    simple: str
    over_single: Networks
    over_simple: Networks


def halves(study: xr.Dataset) -> tuple[list[int], list[int]]:
    """Return the numbers of the networks that choose, and of those that test.

    Example:
        >>> halves(xr.Dataset(coords={"network": [0, 1, 2, 3]}))
        ([0, 1], [2, 3])
    """
    networks = study.network.values.tolist()
    return networks[: len(networks) // 2], networks[len(networks) // 2 :]


def chosen_accuracy(study: xr.Dataset, afterwards: str) -> xr.DataArray:
    """Average test accuracy over the shares at which criteria are chosen.

    Args:
        study: What `compare_selections` returns.
        afterwards: What is done after removal.

    Returns:
        Percent, by ``criterion``, ``layer`` and ``network``, for the criteria that this was tried for.
    """
    # Counts are stored in 16 bits, whose fractions would have 32, too few for equal differences to be ties.
    exact = study.assign(correct=study.correct.astype(np.float64))
    accuracy = 100 * after(exact, afterwards).sel(share=list(CHOSEN_SHARES)).mean("share")
    return accuracy.dropna("criterion", how="any")


def choice_by_layer(study: xr.Dataset, afterwards: str) -> Chosen:
    """Choose a criterion for each layer when one layer is pruned at a time; accuracy is the mean over layers.

    Args:
        study: What `compare_selections` returns.
        afterwards: What is done after removal.

    Returns:
        Random removal is no candidate.
    """
    accuracy = chosen_accuracy(study, afterwards).drop_sel(criterion="random")
    choose, test = halves(study)
    known, asked = accuracy.sel(network=choose).mean("network"), accuracy.sel(network=test)
    layers = accuracy.layer.values.tolist()
    by_layer = tuple(_best(known.sel(layer=layer)) for layer in layers)
    single = _best(known.mean("layer"))
    simple = _best(known.mean("layer").sel(criterion=_simple(accuracy)))
    of_layers = [asked.sel(layer=layer, criterion=one).values for layer, one in zip(layers, by_layer, strict=True)]
    mixed = np.mean(of_layers, axis=0)
    rivals = (mixed - asked.sel(criterion=one).mean("layer").values for one in (single, simple))
    return Chosen(by_layer, single, simple, *rivals)


def choice_of_pairs(study: xr.Dataset, operated: str) -> Chosen:
    """Choose the best pair of criteria when both layers are pruned at once.

    Args:
        study: What `compare_selections` returns.
        operated: What is done after removal, "nothing" or "least squares".

    Returns:
        Random removal is no candidate.
    """
    accuracy = 100 * study.both.sel(operated=operated).mean("chosen_share") / study.attrs["test_samples"]
    accuracy = accuracy.drop_sel(first="random", second="random")
    choose, test = halves(study)
    known, asked = accuracy.sel(network=choose).mean("network"), accuracy.sel(network=test)
    names = accuracy.first.values.tolist()
    place = np.unravel_index(known.transpose("first", "second").values.argmax(), (len(names),) * 2)
    one, other = (names[k] for k in place)
    same = xr.DataArray(
        [float(known.sel(first=name, second=name)) for name in names], {"criterion": names}, "criterion"
    )
    single, simple = _best(same), _best(same.sel(criterion=[name for name in names if name in SIMPLE_CRITERIA]))
    mixed = asked.sel(first=one, second=other).values
    rivals = (mixed - asked.sel(first=name, second=name).values for name in (single, simple))
    return Chosen((one, other), single, simple, *rivals)


def new_over_simple(study: xr.Dataset, afterwards: str) -> tuple[str, str, Networks]:
    """Compare the best criterion of what neurons say together with the best of the others, both for both layers.

    Args:
        study: What `compare_selections` returns.
        afterwards: What is done after removal.

    Returns:
        The two, chosen on the first half of the networks, and the difference in points on the second half: the mean
        over layers.
    """
    accuracy = chosen_accuracy(study, afterwards).mean("layer")
    choose, test = halves(study)
    known, asked = accuracy.sel(network=choose).mean("network"), accuracy.sel(network=test)
    new = _best(known.sel(criterion=[name for name in known.criterion.values.tolist() if name in TOGETHER_CRITERIA]))
    simple = _best(known.sel(criterion=_simple(accuracy)))
    return new, simple, asked.sel(criterion=new).values - asked.sel(criterion=simple).values


def less(study: xr.Dataset, one: str, other: str, afterwards: str) -> Networks:
    """Subtract the accuracy that one criterion leaves from that of another, in the networks that test.

    Args:
        study: What `compare_selections` returns.
        one: A criterion.
        other: The criterion it is compared with.
        afterwards: What is done after removal.

    Returns:
        Points, the mean over layers and over the shares at which criteria are chosen.
    """
    asked = chosen_accuracy(study, afterwards).mean("layer").sel(network=halves(study)[1])
    return asked.sel(criterion=one).values - asked.sel(criterion=other).values


def each_over_best_simple(studies: Studies, afterwards: str) -> dict[str, Networks]:
    """Compare each criterion of what neurons say together with the best of the others, over all networks that test.

    Args:
        studies: What `selection_studies` returns.
        afterwards: What is done after removal.

    Returns:
        By criterion, points of all networks; the best of the others is chosen for each kind of network.
    """
    found: dict[str, list[Networks]] = {}
    for study in studies.values():
        _, simple, _ = new_over_simple(study, afterwards)
        for name in chosen_accuracy(study, afterwards).criterion.values.tolist():
            if name in TOGETHER_CRITERIA:
                found.setdefault(name, []).append(less(study, name, simple, afterwards))
    return {name: np.concatenate(values) for name, values in found.items()}


def answers_of_selection(studies: Studies) -> list[Answer]:
    """Answer the three sentences of the paper's Sec. VI on pruning; none where nothing was computed."""
    if not studies:
        return []
    kinds = f"{len(studies)} kinds of network" if len(studies) > 1 else "1 kind of network"
    mixed = {
        way: np.concatenate([choice_of_pairs(study, way).over_single for study in studies.values()])
        for way in SELECTED_AFTERWARDS[:2]
    }
    trained = np.concatenate([choice_by_layer(study, "re-training").over_single for study in studies.values()])
    beyond = {
        way: np.concatenate(
            [less(study, new_over_simple(study, way)[0], "outgoing weights", way) for study in studies.values()]
        )
        for way in ("nothing", "re-training")
    }
    covered = {
        way: np.concatenate([less(study, "coverage", "KL selectivity", way) for study in studies.values()])
        for way in SELECTED_AFTERWARDS[:2]
    }
    return [
        Answer(
            "it may be useful to employ different quantities when pruning different layers",
            "the best pair of criteria, one for each layer, against the best single one, all chosen on other networks; "
            "half or nine tenths of both layers removed, nothing done",
            _finding(mixed["nothing"]),
            f"{_told(mixed['nothing'])} points with nothing done, {_told(mixed['least squares'])} after least squares; "
            f"one layer at a time, re-trained: {_told(trained)}. {_networks(mixed['nothing'], kinds)}",
        ),
        Answer(
            "one requires measures of neuron redundancy beyond a simple comparison of in- and outgoing weights",
            "the best criterion of what neurons say together, chosen on other networks, against outgoing weights; one "
            "layer at a time, nothing done",
            _finding(beyond["nothing"]),
            f"{_told(beyond['nothing'])} points with nothing done, {_told(beyond['re-training'])} after re-training. "
            f"{_networks(beyond['nothing'], kinds)}",
        ),
        Answer(
            "allow selecting a subset of neurons such that each class in C is represented",
            "coverage of the classes by spectra against KL selectivity, which it is to replace; one layer at a time, "
            "nothing done",
            _finding(covered["nothing"]),
            f"{_told(covered['nothing'])} points with nothing done, {_told(covered['least squares'])} after least "
            f"squares. {_networks(covered['nothing'], kinds)}",
        ),
    ]


def _finding(values: Networks):
    return finding_of_interval(*bootstrap_interval(values))


def _told(values: Networks) -> str:
    return with_ends(float(values.mean()), *bootstrap_interval(values))


def _networks(values: Networks, kinds: str) -> str:
    return f"n = {len(values)} networks of {kinds}"


def _best(accuracy: xr.DataArray) -> str:
    return str(accuracy.criterion.values[accuracy.values.argmax()])


def _simple(accuracy: xr.DataArray) -> list[str]:
    return [name for name in accuracy.criterion.values.tolist() if name in SIMPLE_CRITERIA]
