"""Whether what is stored can be repeated: one network computed anew, and compared."""

import dataclasses
import json
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from neuronlib.common.checks import check
from neuronlib.common.numbers import Seed
from neuronlib.reproduction.compute.compute import compute
from neuronlib.reproduction.compute.scheduler import Where, compute_study
from neuronlib.reproduction.design.studies import ALL_STUDIES
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.encoding import decode_images
from neuronlib.reproduction.store.results import NotStored, job_path, stored_jobs, stored_study

# A logistic regression bounds what a whole layer says; on another number of threads its solver stops 1e-4 bits apart.
_SOLVER = 1e-3


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How a network computed anew differs from the stored one.

    Attributes:
        name: The setting or study.
        network: The network's number.
        accuracy: Largest difference of a whole network's accuracy: on validation and test samples after any epoch, in
            a study on pruning on test samples before and after further training. As a fraction. In a study of images,
            the share of them that the whole network answers differently, as ``curves`` without some neurons.
        counts: Largest difference of a joint count, as a fraction of the samples; 0 where no counts are stored.
        curves: Largest difference of the accuracy without some neurons, whatever they are replaced by, as a fraction.
        others: Largest difference of all else that is stored, each in its own unit: the training loss, how many neurons
            are dead or always on, what pairs and groups say; 0 in a study on pruning or of images.
    """

    name: str
    network: int
    accuracy: float
    counts: float
    curves: float
    others: float

    @property
    def identical(self) -> bool:
        """Whether there is no difference, as on the same machine, but for where a solver stopped."""
        return self.accuracy == self.counts == self.curves == 0 and self.others < _SOLVER

    @property
    def sound(self) -> bool:
        """Whether accuracies differ by less than 5 points, as between networks of one setting.

        Another machine or version of PyTorch rounds differently, and after some epochs a network is another one.
        """
        return self.accuracy < 0.05


def verify(names: Sequence[str], where: Where | None = None, seed: int = 0) -> Iterator[Verification]:
    """Yield a comparison for each setting or study: one of its stored networks with the same computed anew from images.

    ``seed`` decides which network of a setting it is; of a study it is the first. It is trained anew, not cached.

    Raises:
        ValueError: If there is no such setting or study, or the seed is negative.
        NotStored: If nothing is stored of one.
        StoreError: If what is stored is damaged.
    """
    check("seed", seed, Seed)
    where = where or Where()
    for name in names:
        before, after = _study_anew(name, where) if name in ALL_STUDIES else _setting_anew(name, where, seed)
        compared = _by_image if "ordered" in before else _pruned if "correct" in before else _ablated
        compared = _classified if "fine_counts" in before else compared
        compared = _layers if "group_information" in before else compared
        yield Verification(name=name, network=before.network.item(), **compared(before, after))


def _setting_anew(name: str, where: Where, seed: int) -> tuple[xr.Dataset, xr.Dataset]:
    jobs = list(stored_jobs(name, folder=where.results))
    if not jobs:
        raise NotStored(f'{name}: no networks are stored; "neuronlib run {name}" computes them')
    generator = np.random.default_rng(seed)
    job = jobs[generator.integers(len(jobs))]
    network = int(generator.integers(job.first, job.last + 1))
    before = netcdf.read(job_path(job, where.results / name), job.digest()).sel(network=[network])
    return before, compute(dataclasses.replace(job, first=network, last=network), where.images, where.device)


def _study_anew(name: str, where: Where) -> tuple[xr.Dataset, xr.Dataset]:
    before = stored_study(name, where.results).isel(network=[0])
    return before, compute_study(dataclasses.replace(ALL_STUDIES[name], networks=1), where.images, where.device)


def _ablated(before: xr.Dataset, after: xr.Dataset) -> dict[str, float]:
    # Older jobs lack what had not been thought of, and a network computed by itself has no fewer.
    apart = {name: _apart(part, after[name]) for name, part in before.items()}
    losses = {name for name, part in before.items() if _steps(part) or name == "lost"}
    accuracies = {"validation_accuracy", "test_accuracy"}
    return {
        "accuracy": max(apart[name] for name in accuracies),
        "counts": apart["counts"] / int(before["samples"].sum()),
        "curves": max(apart[name] for name in losses) / before.attrs["test_samples"],
        "others": max(apart[name] for name in apart.keys() - losses - accuracies - {"counts"}),
    }


def _pruned(before: xr.Dataset, after: xr.Dataset) -> dict[str, float]:
    samples = before.attrs["test_samples"]
    intact = (one.correct.sel(share=0) for one in (before, after))
    return {
        "accuracy": max(_apart(before.trained_on, after.trained_on), _apart(*intact)) / samples,
        "counts": 0.0,
        "curves": max(_apart(before.correct, after.correct), _apart(before.whole, after.whole)) / samples,
        "others": 0.0,
    }


def _classified(before: xr.Dataset, after: xr.Dataset) -> dict[str, float]:
    return {
        "accuracy": _apart(before.accuracy, after.accuracy),
        "counts": _apart(before.fine_counts, after.fine_counts) / int(before.fine_counts[0, 0].sum()),
        "curves": _apart(before.correct, after.correct) / json.loads(before.attrs["configuration"])["test_samples"],
        "others": _apart(before.scores, after.scores),
    }


def _layers(before: xr.Dataset, after: xr.Dataset) -> dict[str, float]:
    others = max(_apart(part, after[name]) for name, part in before.items())
    return {"accuracy": 0.0, "counts": 0.0, "curves": 0.0, "others": others}


def _by_image(before: xr.Dataset, after: xr.Dataset) -> dict[str, float]:
    # Share of the images with another answer, not the difference of accuracies, which is smaller.
    one, other = (decode_images(study) for study in (before, after))
    apart = {name: float(abs(one[name] - other[name]).mean("image").max()) for name in ("intact", "ordered", "random")}
    curves = max(apart["ordered"], apart["random"])
    return {"accuracy": apart["intact"], "counts": 0.0, "curves": curves, "others": 0.0}


def _apart(one: xr.DataArray, other: xr.DataArray) -> float:
    # Of a curve, losses from step to step are stored.
    one, other = xr.align(one.astype(np.float64), other.astype(np.float64), join="exact")
    if steps := _steps(one):
        one, other = one.cumsum(steps), other.cumsum(steps)
    same_missing = one.isnull() == other.isnull()
    return float(abs(one - other).fillna(0.0).where(same_missing, np.inf).max())


def _steps(part: xr.DataArray) -> list[Hashable]:
    return [dim for dim in part.dims if str(dim).startswith("step_")]
