"""LeNet-5 on few filters: which ones stay, and what is left of that choice once all networks are trained as long."""

import copy
import itertools
import time
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from jaxtyping import Int64
from numpy import ndarray
from torch import nn

from neuronlib.ablation.orders import ranked, tie_breakers
from neuronlib.common.choices import Device
from neuronlib.common.devices import resolve_device
from neuronlib.common.progress import progress
from neuronlib.common.randomness import torch_seed
from neuronlib.common.scopes import layer_slice
from neuronlib.data.images import ImageData, Samples
from neuronlib.information.measuring import measure
from neuronlib.information.quantizers import quantile_thresholds
from neuronlib.networks.interface import all_outputs
from neuronlib.networks.watched import watch
from neuronlib.pruning.joint import JOINT_CRITERIA, joint_order
from neuronlib.pruning.saliency import incoming
from neuronlib.reproduction.compute.classifiers import drawn, read_or_train, train_classifier
from neuronlib.reproduction.compute.compute import images_of, origin
from neuronlib.reproduction.design.axes import FILTER_CRITERIA, FILTERS, NEW_WEIGHTS, RETRAINED_FILTERS
from neuronlib.reproduction.design.digest import digest
from neuronlib.reproduction.design.studies import ClassifierStudy, LeNetStudy

WHOLE_FILTERS = (20, 50)
"""Filters of LeNet-5's convolutions before any is removed."""
_HIDDEN, _SIZE = 500, 5
# At 0.1, the classifiers' learning rate, a network of two and three filters diverged in a pilot of another seed, as
# LeNet-5 has no batch normalization.
_LEARNING_RATE = 0.02
_SAMPLES = 1000


class LeNet(nn.Sequential):
    """The layers of LeNet-5 in a row; see `lenet`."""

    conv1: nn.Conv2d
    conv2: nn.Conv2d
    hidden: nn.Linear


def lenet(shape: tuple[int, int, int], classes: int, filters: tuple[int, int] = WHOLE_FILTERS) -> LeNet:
    """Make LeNet-5 as it comes with Caffe, with weights that PyTorch draws at random.

    Source: LeCun, Bottou, Bengio, Haffner 1998, in the form that Sarvani and others 2022 prune. Deviation: ReLU behind
    the convolutions, as in their code and not in Caffe's; one hidden layer, where their code has a second.

    Args:
        shape: Channels, rows and columns of an image.
        classes: How many there are.
        filters: Filters of the two convolutions.

    Returns:
        A module that takes images by sample, channel, row and column, and gives a score for each class.
    """
    channels, side, _ = shape
    left = ((side - _SIZE + 1) // 2 - _SIZE + 1) // 2
    return LeNet(
        OrderedDict(
            conv1=nn.Conv2d(channels, filters[0], _SIZE),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(*filters, _SIZE),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flat=nn.Flatten(),
            hidden=nn.Linear(filters[1] * left**2, _HIDDEN),
            relu3=nn.ReLU(),
            scores=nn.Linear(_HIDDEN, classes),
        )
    )


def with_filters(model: LeNet, kept: tuple[Int64[ndarray, " first"], Int64[ndarray, " second"]]) -> LeNet:
    """Return a LeNet-5 with only these filters of its convolutions, and the weights that leave them."""
    first, second = (torch.from_numpy(np.sort(places)) for places in kept)
    smaller = copy.deepcopy(model)
    positions = model.hidden.in_features // model.conv2.out_channels
    columns = (second[:, None] * positions + torch.arange(positions)).flatten()
    state = model.state_dict()
    smaller.conv1 = nn.Conv2d(model.conv1.in_channels, len(first), _SIZE)
    smaller.conv2 = nn.Conv2d(len(first), len(second), _SIZE)
    smaller.hidden = nn.Linear(len(columns), _HIDDEN)
    smaller.load_state_dict(
        state
        | {
            "conv1.weight": state["conv1.weight"][first],
            "conv1.bias": state["conv1.bias"][first],
            "conv2.weight": state["conv2.weight"][second][:, first],
            "conv2.bias": state["conv2.bias"][second],
            "hidden.weight": state["hidden.weight"][:, columns],
        }
    )
    return smaller


def prune_filters(
    study: LeNetStudy, root: Path | str | None = None, device: Device = "auto", cache: Path | None = None
) -> xr.Dataset:
    """Train LeNet-5, remove all but a few filters by each criterion at once, and train all that is left as long.

    Channels are measured on the validation samples, by their mean over positions, before anything is removed. Mutual
    information and KL selectivity are of four values cut at quartiles; entropy, which these make equal, is of four
    values cut at equal distances. Criteria of what channels say together take one bit, cut at the median. Images come
    from ``root`` as `load` says, and trained networks from ``cache``.

    Returns:
        ``correct``: test samples classified correctly, by ``criterion`` (`FILTER_CRITERIA`, "random 0", … and "new
        weights"), ``filters`` kept, such as "2-3", what is done ``afterwards``, and ``network``; -1 where there is no
        such thing. ``intact``: the same of whole networks.
        ``seconds`` of training by ``criterion`` and ``filters`` for one network, NaN where there is none.

    Example:
        >>> results = prune_filters(LeNetStudy(dataset="mnist-5k", epochs=1, epochs_after=1, networks=1))
        >>> results.correct.dims
        ('criterion', 'filters', 'afterwards', 'network')
    """
    started, where = time.perf_counter(), resolve_device(device)
    attributes = origin(study, where.type)
    data = images_of(study.dataset, "paper", "standard", root)
    names = [*FILTER_CRITERIA, *(f"random {k}" for k in range(study.random_orders)), NEW_WEIGHTS]
    shape = (len(names), len(FILTERS), 2, study.networks)
    correct, spent = np.full(shape, -1, np.int16), np.zeros(shape[:2], np.float32)
    intact = np.zeros(study.networks, np.int16)
    with progress(total=study.networks * len(names), unit="criterion", desc="filters") as bar:
        for network in range(study.networks):
            model = _trained(study, network, data, where, cache)
            intact[network] = _right(model, data.test)
            orders = filter_orders(model, data, study, network)
            for (i, name), (j, filters) in itertools.product(enumerate(names), enumerate(FILTERS)):
                if name == NEW_WEIGHTS:
                    smaller = _new(data, filters, torch_seed(study.seed, "lenet", "new", network)).to(where)
                else:
                    kept = [order[-count:] for order, count in zip(orders[name], filters, strict=True)]
                    smaller = with_filters(model, (kept[0], kept[1])).to(where).eval()
                    correct[i, j, 0, network] = _right(smaller, data.test)
                if filters in RETRAINED_FILTERS:
                    start = time.perf_counter()
                    # All networks of a number meet the samples in the same order.
                    after = torch_seed(study.seed, "lenet", "after", network)
                    _train(smaller, data, study, study.epochs_after, after)
                    spent[i, j] += time.perf_counter() - start
                    correct[i, j, 1, network] = _right(smaller, data.test)
                bar.update(1 / len(FILTERS))
    results = xr.Dataset(
        {
            "correct": (("criterion", "filters", "afterwards", "network"), correct),
            "intact": ("network", intact),
            "seconds": (("criterion", "filters"), np.where(spent > 0, spent / study.networks, np.nan), {"units": "s"}),
        },
        {
            "criterion": names,
            "filters": filters_named(),
            "afterwards": ["nothing", "re-training"],
            "network": list(range(study.networks)),
        },
    )
    results.attrs = {
        "test_samples": len(data.test.labels),
        "computing": round(time.perf_counter() - started, 1),
        **attributes,
    }
    return results


def filters_named() -> list[str]:
    """Name the numbers of filters kept."""
    return [f"{first}-{second}" for first, second in FILTERS]


def filter_orders(
    model: nn.Module, data: ImageData, study: LeNetStudy, network: int
) -> dict[str, list[Int64[ndarray, " filter"]]]:
    """Order the filters of both convolutions by each criterion and at random, the first to be removed first."""
    example = torch.zeros(1, *data.shape, device=next(model.parameters()).device)
    watched = watch(model, example, layers=["relu1", "relu2"])
    quartiles = measure(watched, data.validation, values=4)
    uniform = measure(watched, data.validation, values=4, cuts="uniform")
    outputs = all_outputs(watched, data.validation)[0].astype(np.float64)
    bits = outputs > quantile_thresholds(outputs.T, 2)[:, 0]
    orders: dict[str, list[Int64[ndarray, " filter"]]] = {}
    for layer in watched.widths:
        here = layer_slice(watched.widths, layer)
        ties = tie_breakers(study.seed, "filters", layer, [network], watched.widths[layer])[0]
        scores = {
            "mutual information": quartiles.mutual_information.values[0, here],
            "KL selectivity": quartiles.kl_selectivity.values[0, here],
            "entropy": uniform.entropy.values[0, here],
            "incoming weights": incoming(watched, data, layer)[0],
        }
        for name, values in scores.items():
            orders.setdefault(name, []).append(ranked(values, "low", ties))
        for criterion in JOINT_CRITERIA:
            if criterion in FILTER_CRITERIA:
                order = joint_order(criterion, bits[:, here], data.validation.labels, len(data.label_names), ties)
                orders.setdefault(criterion, []).append(order)
        for k in range(study.random_orders):
            drawn = tie_breakers(study.seed, f"random filters {k}", layer, [network], watched.widths[layer])[0]
            orders.setdefault(f"random {k}", []).append(drawn)
    return orders


def _trained(study: LeNetStudy, network: int, data: ImageData, where: torch.device, cache: Path | None) -> LeNet:
    seed = torch_seed(study.seed, "lenet", network)
    model = _new(data, WHOLE_FILTERS, seed).to(where)
    known = {name: getattr(study, name) for name in ("dataset", "epochs", "batch", "seed")}
    path = None if cache is None else cache / f"lenet-{study.dataset}-{digest(known | {'network': network})}.pt"
    read_or_train(model, path, lambda: _train(model, data, study, study.epochs, seed))
    return model


def _new(data: ImageData, filters: tuple[int, int], seed: int) -> LeNet:
    return drawn(seed, lambda: lenet(data.shape, len(data.label_names), filters))


def _train(model: nn.Module, data: ImageData, study: LeNetStudy, epochs: int, seed: int) -> None:
    recipe = ClassifierStudy(
        architecture="convolutional", dataset=study.dataset, epochs=epochs, batch=study.batch, seed=study.seed
    )
    train_classifier(model, data.train, data.shape, recipe, seed, _LEARNING_RATE)


@torch.no_grad()
def _right(model: LeNet, samples: Samples) -> int:
    device = next(model.parameters()).device
    pixels = torch.from_numpy(samples.pixels).reshape(len(samples.labels), model.conv1.in_channels, -1)
    side = int(pixels.shape[2] ** 0.5)
    images = pixels.unflatten(2, (side, side)).split(_SAMPLES)
    answers = torch.cat([model(some.to(device)).argmax(dim=1).cpu() for some in images])
    return int((answers.numpy() == samples.labels).sum())
