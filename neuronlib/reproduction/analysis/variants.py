"""The replications' curves as published, corrected, and with one fault each."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from neuronlib.reproduction.store.encoding import decode


@dataclass(frozen=True)
class Arm:
    """Which of the computed curves stand for the measures, for random ablation, and for balancing.

    Attributes:
        information: What is ordered by in place of mutual information.
        entropy: What is ordered by in place of entropy.
        random: "random" for nested orders, "fresh" for a new subset at each number of neurons.
        balancing: "mean" or "shrunk"; see `replicate`.

    Example:
        >>> ARMS["corrected"].balancing
        'mean'
    """

    information: str = "mutual_information"
    entropy: str = "entropy"
    random: str = "random"
    balancing: str = "mean"


ARMS = {
    "as published": Arm("published_information", "undefined_entropy", "fresh", "shrunk"),
    "corrected": Arm(),
    "wrong sign alone": Arm(information="wrong_sign"),
    "empty cells alone": Arm(information="undefined_information", entropy="undefined_entropy"),
    "shrinking alone": Arm(balancing="shrunk"),
    "fresh subsets alone": Arm(random="fresh"),
}
"""The three kinds of arms, with all faults, with none, and with one."""


def seen_by(study: xr.Dataset, arm: Arm, balanced: bool = True) -> xr.DataTree:
    """A replication's results as an arm has them, under the names of what they stand for.

    Args:
        study: What `replicate` returns.
        arm: The arm.
        balanced: Whether ablated neurons are balanced; without, they put out zero.

    Returns:
        The groups of `decode`, with the orders "entropy low" and so on, and random ones.

    Example:
        >>> from neuronlib.reproduction.design.studies import stored_study
        >>> study = stored_study("early-version")
        >>> arms = [seen_by(study, ARMS[name])["curves"].correct for name in ("wrong sign alone", "corrected")]
        >>> wrong, right = (correct.sel(order="entropy low") for correct in arms)
        >>> wrong.equals(right)
        True
    """
    tree = decode(study, arm.balancing if balanced else "zero")
    stands_for = {
        arm.entropy: "entropy",
        arm.information: "mutual_information",
        "kl_selectivity": "kl_selectivity",
        arm.random: "random",
    }
    for layer, node in tree["curves"].children.items():
        curves = node.to_dataset()
        curves = curves.isel(order=np.flatnonzero(np.isin(curves.measure, list(stands_for))))
        measures = [stands_for[measure] for measure in curves.measure.values.tolist()]
        ways = curves.direction.values.tolist()
        names = [
            f"{measure} {way if measure != 'random' else i}"
            for i, (measure, way) in enumerate(zip(measures, ways, strict=True))
        ]
        tree[f"curves/{layer}"] = xr.DataTree(curves.assign_coords(order=names, measure=("order", measures)))
    return tree
