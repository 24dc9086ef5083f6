"""How the paper's settings are divided into jobs, and how many epochs each takes."""

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import xarray as xr

from neuronlib.ablation.curves import EVERY_STEP
from neuronlib.common.choices import Replacement, Scaling
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.settings import SETTINGS, PaperSetting

EPOCHS = range(8, 31)
"""The numbers of epochs that the paper allows itself, Sec. V."""

FIRST_PILOT = 1000
"""Pilot networks bear numbers from here on, so that none of them is among the networks reported."""


@dataclass(frozen=True, kw_only=True)
class RunProtocol:
    """How the networks of a setting are ablated, and into which jobs that is divided.

    Attributes:
        replacements: What ablated neurons put out.
        random_orders: Random ablation orders for each network and layer.
        points: Into how many equal steps a curve of more than 200 neurons is divided.
        values: Values of the quantizer.
        scaling: How pixels are scaled.
        epochs: How many epochs networks are trained; None for as many as the pilots, whose scaling is "standard", say.
        together: Networks of a job.
        pilots: Networks from whose validation accuracy the number of epochs is chosen.
    """

    replacements: tuple[Replacement, ...] = ("zero", "mean")
    random_orders: int = 10
    points: int = 50
    values: int = 2
    scaling: Scaling = "standard"
    epochs: int | None = None
    together: int = 10
    pilots: int = 5

    @classmethod
    def of(cls, setting: PaperSetting) -> "RunProtocol":
        """Return the book's protocol, leaner for CIFAR-10, whose networks take ten to forty times as long."""
        if setting.dataset == "cifar10":
            return cls(replacements=("zero",), random_orders=1, together=5, pilots=2)
        return cls()

    def job(self, setting: PaperSetting, epochs: int, first: int, last: int) -> Job:
        """Return the job of networks ``first`` to ``last``."""
        job = Job(
            setting=setting.with_epochs(epochs, scaling=self.scaling),
            first=first,
            last=last,
            replacements=self.replacements,
            random_orders=self.random_orders,
            points=self.points,
            values=self.values,
        )
        # Curves of few neurons are not divided, so with other points they are the same job.
        return job if sum(setting.hidden) > EVERY_STEP else dataclasses.replace(job, points=Job.points)

    def jobs(self, setting: PaperSetting, epochs: int, networks: int, stored: Collection[Job] = ()) -> list[Job]:
        """Return the jobs that compute networks 0, 1, … beside those of the stored jobs, at most `together` in each.

        Example:
            >>> from neuronlib.reproduction.design.settings import named
            >>> protocol, setting = RunProtocol(together=5), named("cifar10-relu-l2")
            >>> [one.networks for one in protocol.jobs(setting, 9, 12, [protocol.job(setting, 9, 0, 2)])]
            [range(3, 5), range(5, 10), range(10, 12)]
        """
        present = {k for job in stored for k in job.networks}
        blocks = [range(a, min(a + self.together, networks)) for a in range(0, networks, self.together)]
        missing = [[k for k in block if k not in present] for block in blocks]
        return [self.job(setting, epochs, some[0], some[-1]) for some in missing if some]

    def options(self, scaling: str, values: int, points: int, epochs: int | None = None) -> str:
        """Return the options of ``neuronlib run`` for what differs from this protocol; "" if nothing does.

        Example:
            >>> RunProtocol().options("unit", 8, 50)
            '--scaling unit --values 8'
        """
        given = {
            "--scaling": (scaling, self.scaling),
            "--epochs": (epochs, self.epochs),
            "--values": (values, self.values),
            "--grid": (points, self.points),
        }
        return " ".join(f"{name} {value}" for name, (value, own) in given.items() if value != own)

    def pilot_job(self, setting: PaperSetting) -> Job:
        """Return the job of the pilots, trained for the largest number of epochs and not ablated."""
        last = FIRST_PILOT + self.pilots - 1
        return Job(setting=setting.with_epochs(EPOCHS[-1]), first=FIRST_PILOT, last=last, replacements=())


def best_epochs(pilots: xr.Dataset) -> int:
    r"""Return the number of epochs that pilot networks suggest by the one-standard-error rule.

    It is the smallest from 8 to 30 whose mean validation accuracy over the :math:`K` pilots is at most one standard
    error below the largest,

    .. math:: \bar a(e) \ge \bar a(e^*) - \frac{s(e^*)}{\sqrt{K}}, \qquad e^* = \arg\max_e \bar a(e)

    Source: Hastie, Tibshirani, Friedman, *The Elements of Statistical Learning*, Sec. 7.10. The paper chose between 8
    and 30 epochs for each setting and does not say how.

    Args:
        pilots: ``validation_accuracy`` by ``network`` and ``epoch``.

    Raises:
        ValueError: If there are fewer than two pilots, or an epoch from 8 to 30 is missing.

    Example:
        >>> accuracy = np.stack([np.linspace(0.8, 0.9, 30), np.linspace(0.81, 0.89, 30)])
        >>> best_epochs(xr.Dataset({"validation_accuracy": (("network", "epoch"), accuracy)}, {"epoch": range(1, 31)}))
        29
    """
    if pilots.sizes["network"] < 2 or not set(EPOCHS) <= set(pilots.epoch.values.tolist()):
        raise ValueError("pilots: expected the accuracy of at least 2 networks after each of 8 to 30 epochs")
    allowed = np.isin(pilots.epoch.values, EPOCHS)
    epochs = pilots.epoch.values[allowed]
    accuracy = pilots.validation_accuracy.transpose("network", "epoch").values[:, allowed]
    mean = accuracy.mean(axis=0)
    best = mean.argmax()
    error = accuracy[:, best].std(ddof=1) / np.sqrt(len(accuracy))
    return int(epochs[mean >= mean[best] - error].min())


def paper_order() -> list[tuple[str, int]]:
    """Return all 40 settings, with the number of networks, in the order in which they are computed.

    First are those that the paper shows or names, then the rest of MNIST and Fashion-MNIST, then ten networks of each
    other setting of CIFAR-10, then all of them.
    """
    large = {name for name, setting in SETTINGS.items() if setting.dataset == "cifar10"}
    shown = [name for name, setting in SETTINGS.items() if setting.panel]
    rest = [name for name in SETTINGS if name not in shown]
    stages = [
        *((name, SETTINGS[name].networks) for name in shown),
        *((name, SETTINGS[name].networks) for name in rest if name not in large),
        *((name, 10) for name in rest if name in large),
        *((name, SETTINGS[name].networks) for name in rest if name in large),
    ]
    return stages
