"""The core against its rivals: training, measuring and ablating, each on the same images."""

import itertools
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.images import ENDLESS, first
from benchmarks.rivals import LeanLoop, ReplicationLoop, TorchFuncEnsemble, as_images, captum_each_alone, hook_loop
from benchmarks.timing import interleaved, seconds
from neuronlib import plain
from neuronlib.ablation.cumulative import ablate
from neuronlib.ablation.curves import steps_through
from neuronlib.ablation.orders import ablation_orders
from neuronlib.ablation.subsets import ablate_sets, singles
from neuronlib.common.choices import DatasetName
from neuronlib.common.config import Setting
from neuronlib.common.scopes import WHOLE
from neuronlib.data.images import given, load
from neuronlib.information.groups.lattice import lattice
from neuronlib.information.groups.oinformation import of_triplets
from neuronlib.information.groups.pairs import each_pair
from neuronlib.information.groups.pid import broja
from neuronlib.information.groups.shared_exclusion import representational_complexity, shared_exclusion_atoms
from neuronlib.information.groups.tables import group_counts, random_groups
from neuronlib.information.measuring import measure
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.networks.initialization import initialize
from neuronlib.networks.watched import watch
from neuronlib.reproduction.analysis.performance import StepAccount
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.training import training

CPU = torch.device("cpu")


class Case:
    """One data set with its network, for the core and in the forms its rivals take."""

    def __init__(self, dataset: DatasetName, root: Path | None, steps: int, compiling: bool = True):
        self.compiling = compiling
        self.setting = paper_setting(dataset, regularizer="none", epochs=ENDLESS if compiling else 5)
        self.data = load(dataset, root)
        self.widths = (self.data.train.pixels.shape[1], *self.setting.hidden, len(self.data.label_names))
        self.account = StepAccount.of(self.widths, self.setting.batch_size)
        self.together = training.networks_in_cache(self.account.state_bytes, is_compiled=True)
        self.steps = min(steps, len(self.data.train.labels) // self.setting.batch_size)
        self.train = first(self.data.train, self.steps * self.setting.batch_size)
        unit = load(dataset, root, scaling="unit")
        samples = (first(unit.train, len(self.train.labels)), first(unit.validation, 200), unit.test)
        self.images = [as_images(some, self.data.shape) for some in samples]

    def loop(self) -> ReplicationLoop:
        """The first rival."""
        return ReplicationLoop(self.setting, self.widths, *self.images)

    def lean(self) -> LeanLoop:
        """The second rival."""
        return LeanLoop(self.setting, self.widths, self.train, self.data.validation, self.data.test)

    def epochs(self, setting: Setting, together: int = 0) -> Callable[[], float]:
        """The core: each call trains networks for one epoch; seconds for one network and step."""
        networks = together or self.together
        ensemble = initialize(setting, self.widths[0], self.widths[-1], range(networks))
        epochs = training._epochs(ensemble, *samples_on(CPU, self.train))
        return lambda: seconds(lambda: next(epochs)) / self.steps / networks

    def products(self, way: str = "") -> Callable[[], float]:
        """A step's matrix products and nothing else; seconds for one network and step.

        Args:
            way: "" as the core does; "weights turned" keeps transposed weights, "gradients turned" computes the
                transposes of the weights' gradients.
        """
        size, k = self.setting.batch_size, self.together
        layers = []
        for a, b in itertools.pairwise(self.widths):
            weight = torch.randn(k, b, a).mT if way == "weights turned" else torch.randn(k, a, b)
            gradient = torch.zeros(k, b, a).mT if way == "gradients turned" else torch.zeros(k, a, b)
            x, z, before = (torch.randn(k, size, n) / a for n in (a, b, a))
            layers.append((x, weight, z, gradient, before))

        def step() -> None:
            for position, (x, weight, z, gradient, before) in enumerate(layers):
                torch.bmm(x, weight, out=z)
                if way == "gradients turned":
                    torch.bmm(z.mT, x, out=gradient.mT)
                else:
                    torch.bmm(x.mT, z, out=gradient)
                if position:
                    torch.bmm(z, weight.mT, out=before)

        return lambda: seconds(step, self.steps) / k


def train_contest(case: Case, repetitions: int) -> dict[str, Any]:
    """Seconds for one network and step: the core, its regularizers, its rivals, and the matrix products alone."""
    loop, lean = case.loop(), case.lean()
    func = TorchFuncEnsemble(case.setting, case.widths, case.train, case.together)
    share = max(1, case.steps // 10)
    dropout = paper_setting(case.setting.dataset, regularizer="dropout", epochs=case.setting.epochs)
    contestants = {
        "core": case.epochs(case.setting),
        "core, Dropout": case.epochs(dropout),
        "core, batch normalization": case.epochs(replace(case.setting, batch_norm=True)),
        "core, not compiled": case.epochs(replace(case.setting, epochs=repetitions + 1)),
        "torch.func ensemble": lambda: seconds(func.step, share) / case.together,
        "lean loop": lambda: seconds(lean.step, share),
        "replication loop": lambda: seconds(loop.step, share),
        "matrix products alone": case.products(),
    }
    return {
        "widths": case.widths,
        "networks_together": case.together,
        "account": asdict(case.account),
        "seconds": interleaved(contestants, repetitions, f"training, {case.setting.dataset}"),
    }


def measure_contest(case: Case, repetitions: int, networks: int) -> dict[str, Any]:
    """Seconds for one network: joint counts of all neurons over the validation samples."""
    loop, lean, ensemble = case.loop(), case.lean(), trained(case, networks)
    samples = case.data.validation
    scale = len(samples.labels) / len(case.images[1])
    contestants = {
        "core": lambda: seconds(lambda: measure(ensemble, samples)) / networks,
        "lean loop": lambda: seconds(lean.counts),
        "replication loop": lambda: seconds(loop.counts) * scale,
    }
    return {
        "widths": case.widths,
        "networks": networks,
        "samples": len(samples.labels),
        "samples_of_replication_loop": len(case.images[1]),
        "seconds": interleaved(contestants, repetitions, f"measuring, {case.setting.dataset}"),
    }


def ablate_contest(case: Case, repetitions: int, networks: int, random_orders: int) -> dict[str, Any]:
    """Seconds for one point of one curve, on average over each layer's and the whole network's curves.

    Curves have as many points as those that the book stores.
    """
    loop, lean, ensemble = case.loop(), case.lean(), trained(case, networks)
    measured = measure(ensemble, case.data.validation)
    scopes = [*map(str, range(1, len(case.setting.hidden) + 1)), WHOLE]
    orders = {scope: ablation_orders(measured, scope, random_orders, seed=0) for scope in scopes}
    steps = {scope: steps_through(some.sizes["step"], 50) for scope, some in orders.items()}
    points = {scope: networks * some.sizes["order"] * len(steps[scope]) for scope, some in orders.items()}
    ours = {
        scope: partial(ablate, ensemble, case.data.test, some, steps=steps[scope]) for scope, some in orders.items()
    }
    gone = itertools.cycle(range(1, case.setting.hidden[0]))
    contestants = {scope: partial(seconds, work) for scope, work in ours.items()}
    times = interleaved(
        {
            **contestants,
            "lean loop": lambda: seconds(lambda: lean.point(list(range(next(gone)))), 10),
            "replication loop": lambda: seconds(lambda: loop.point(list(range(next(gone))))),
        },
        repetitions,
        f"ablating, {case.setting.dataset}",
    )
    everything = [sum(some) / sum(points.values()) for some in zip(*(times[scope] for scope in scopes), strict=True)]
    by_scope = {scope: [t / points[scope] for t in times.pop(scope)] for scope in scopes}
    return {
        "widths": case.widths,
        "networks": networks,
        "samples": len(case.data.test.labels),
        "points": points,
        "seconds": {"core": everything, **times},
        "seconds_by_scope": by_scope,
    }


def watch_contest(repetitions: int, samples: int, points: int) -> dict[str, Any]:
    """Seconds for one ablated state of each layer of a small CNN: points of a curve, and each channel by itself.

    A plain loop over hooks stands beside the curve; Captum, which ablates one group of channels at a time, beside the
    channels by themselves.
    """
    torch.manual_seed(0)
    model = small_cnn()
    images = torch.randn(samples, 3, 32, 32)
    data = given(images.flatten(1).numpy(), np.arange(samples) % 10)
    some = data.test
    networks = watch(model, images[:2])
    measured = measure(networks, some)
    contestants: dict[str, Callable[[], float]] = {}
    for layer, width in networks.widths.items():
        orders = ablation_orders(measured, layer, random_orders=1).isel(order=[0, -1])
        steps = steps_through(width, points, each_up_to=points)
        number = len(steps) * orders.sizes["order"]
        places = orders.values[0] - orders.values.min()
        work = partial(ablate, networks, some, orders, steps=steps)
        rival = partial(hook_loop, model, layer, images, some.labels, places, steps)
        contestants[f"core, layer {layer}"] = partial(_each, work, number)
        contestants[f"hook loop, layer {layer}"] = partial(_each, rival, number)
        alone = partial(ablate_sets, networks, data, layer, singles(networks, layer))
        captum = partial(captum_each_alone, model, layer, images, some.labels, width)
        contestants[f"core, each alone, layer {layer}"] = partial(_each, alone, width)
        contestants[f"Captum, each alone, layer {layer}"] = partial(_each, captum, width)
    return {
        "widths": networks.widths,
        "samples": samples,
        "seconds": interleaved(contestants, repetitions, "watching"),
    }


def _each(work: Callable[[], object], number: int) -> float:
    return seconds(work) / number


def small_cnn() -> nn.Sequential:
    """Four convolutions and two linear maps, for images of CIFAR-10's shape."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        first, second = nn.Conv2d(inputs, outputs, 3, padding=1), nn.Conv2d(outputs, outputs, 3, padding=1)
        return [first, nn.ReLU(), second, nn.ReLU(), nn.MaxPool2d(2)]

    head = [nn.Flatten(), nn.Linear(64 * 8 * 8, 128), nn.ReLU(), nn.Linear(128, 10)]
    return nn.Sequential(*block(3, 32), *block(32, 64), *head).eval()


def trained(case: Case, networks: int) -> Ensemble:
    """Networks after some steps, when their neurons are no longer as they were drawn."""
    data = replace(
        case.data, train=case.train, validation=first(case.data.validation, 10), test=first(case.data.test, 10)
    )
    return training.train(replace(case.setting, epochs=1), data, range(networks), "cpu")[0]


def group_contest(repetitions: int, neurons: int, samples: int, of_rival: int) -> dict[str, Any]:
    """Seconds for one triplet's O-information and one pair's decomposition, of random one-bit neurons."""
    from hoi.metrics import Oinfo

    active = np.random.default_rng(0).random((samples, neurons)) < 0.3
    labels = np.arange(samples) % 10
    few = active[:, :of_rival].astype(int)
    counts = each_pair(active[:, : neurons // 2], labels, 10)
    triplets, rivals = math.comb(neurons, 3), math.comb(of_rival, 3)
    rival = partial(Oinfo(few, verbose=False).fit, minsize=3, maxsize=3, method="binning")
    contestants = {
        "core, a triplet": lambda: seconds(lambda: of_triplets(active)) / triplets,
        "hoi, a triplet": lambda: seconds(rival) / rivals,
        "core, a BROJA pair": lambda: seconds(lambda: broja(counts)) / len(counts),
    }
    return {
        "neurons": neurons,
        "samples": samples,
        "triplets": triplets,
        "triplets_of_hoi": rivals,
        "pairs": len(counts),
        "seconds": interleaved(contestants, repetitions, "groups"),
    }


def lattice_contest(repetitions: int, groups: int, sources: int) -> dict[str, Any]:
    """Seconds for the decomposition of one group's information by shared exclusions, and for its complexity alone.

    The rivals go through the same lattice: our plain twin, and dit for two neurons, since three take it minutes.
    """
    import dit
    from dit.pid import PID_SX

    generator = np.random.default_rng(0)
    active, labels = generator.random((10_000, 2 * sources)) < 0.4, generator.integers(10, size=10_000)
    active[:, :sources] ^= labels[:, None] < 3
    counts = group_counts(active, labels, random_groups(active.shape[1], sources, groups, seed=0), 10)
    two = counts.reshape(groups, -1, 4, 10).sum(axis=1)
    states = itertools.product((0, 1), (0, 1), range(10))
    cells = {"".join(map(str, state)): p for state, p in zip(states, two[0].ravel() / len(labels), strict=True)}
    distribution = dit.Distribution(cells)
    contestants = {
        "core, all atoms": lambda: seconds(lambda: shared_exclusion_atoms(counts)) / groups,
        "core, complexity": lambda: seconds(lambda: representational_complexity(counts)) / groups,
        "plain, all atoms": lambda: seconds(lambda: plain.shared_exclusion_atoms(counts[0])),
        "core, two neurons": lambda: seconds(lambda: shared_exclusion_atoms(two)) / groups,
        "dit, two neurons": lambda: seconds(lambda: PID_SX(distribution, [[0], [1]], [2])),
    }
    return {
        "sources": sources,
        "groups": groups,
        "antichains": len(lattice(sources).antichains),
        "samples": len(labels),
        "seconds": interleaved(contestants, repetitions, "lattices"),
    }
