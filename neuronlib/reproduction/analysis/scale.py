"""What the paper's networks cost, in processor time and in bytes, and how long more of them take on more cores."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from neuronlib.reproduction.design.jobs import STAGES
from neuronlib.reproduction.design.protocol import RunProtocol
from neuronlib.reproduction.design.settings import ARCHITECTURES, SETTINGS, names_of
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.paths import RESULTS
from neuronlib.reproduction.store.results import NotStored, job_path, stored_jobs

# Jobs that were computed before their threads were noted had the two of the machine that computed them all.
_THREADS = 2


@dataclass(frozen=True)
class Cost:
    """What networks of an architecture cost.

    Attributes:
        networks: How many the paper has, of all its settings.
        measured: From how many networks the other two are.
        core_seconds: Processor time of a network, from loading to its last curve: seconds times threads.
        size: Bytes of its stored results.
        together: Networks of a job.
    """

    networks: int
    measured: int
    core_seconds: float
    size: float
    together: int


def costs(folder: Path = RESULTS) -> dict[str, Cost]:
    """Return what a network of each architecture cost, by the stored jobs of the book's protocol.

    Raises:
        NotStored: If nothing is stored of an architecture.
    """
    return {name: _cost(name, folder) for name in ARCHITECTURES}


def _cost(architecture: str, folder: Path) -> Cost:
    seconds, size, count = 0.0, 0, 0
    names = names_of(architecture)
    for name in names:
        try:
            paths = {job_path(job, folder / name): job for job in stored_jobs(name, folder=folder)}
        except NotStored:
            continue
        for path, job in paths.items():
            spent = netcdf.read_variables(path).attributes
            if set(STAGES) - {"loading"} <= set(spent) and json.loads(spent["configuration"])["replacements"]:
                seconds += sum(spent.get(stage, 0.0) for stage in STAGES) * spent.get("threads", _THREADS)
                size += path.stat().st_size
                count += len(job.networks)
    if not count:
        raise NotStored(f"{architecture}: nothing is stored that says what a network costs")
    wanted = sum(SETTINGS[name].networks for name in names)
    return Cost(wanted, count, float(seconds) / count, size / count, RunProtocol.of(SETTINGS[names[0]]).together)


def hours(
    costs: dict[str, Cost], times: float, cores: Float[ndarray, " machine"], jobs_per_second: float = np.inf
) -> Float[ndarray, " machine"]:
    r"""Return how long the paper's networks take, ``times`` as many, on some numbers of cores.

    Each job has one core, and no core waits as long as there are jobs, so that it takes

    .. math:: \max\Big(\frac{1}{C} \sum_j t_j,\ \max_j t_j,\ \frac{J}{r}\Big)

    for :math:`J` jobs of :math:`t_j` seconds, :math:`C` cores, and a scheduler that hands out :math:`r` jobs a second.

    Args:
        costs: What `costs` returns.
        times: How many times the paper's networks.
        cores: Numbers of cores, at least 1.
        jobs_per_second: What a scheduler hands out; without bound if there is none, as for shards.

    Returns:
        Hours.

    Example:
        >>> one = {"mnist": Cost(networks=100, measured=10, core_seconds=36.0, size=1.0, together=10)}
        >>> hours(one, 1, np.array([1.0, 10.0, 1000.0]))
        array([1. , 0.1, 0.1])
    """
    total = times * sum(cost.networks * cost.core_seconds for cost in costs.values())
    longest = max(cost.together * cost.core_seconds for cost in costs.values())
    jobs = times * sum(cost.networks / cost.together for cost in costs.values())
    return np.maximum(total / cores, max(longest, jobs / jobs_per_second)) / 3600
