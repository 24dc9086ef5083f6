"""Training of all networks of a setting at once, each as if it were alone."""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
import xarray as xr
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from neuronlib.config import Setting
from neuronlib.data import ImageData
from neuronlib.ensemble import Ensemble, initialize, samples_on
from neuronlib.progress import progress
from neuronlib.randomness import permutation, stream
from neuronlib.types import Device

# Networks that are trained together. Their weights and the optimizer's state should fit into the cache.
_TOGETHER = 10
# Mini-batches for which Dropout's random words are drawn at a time, which bounds their memory.
_STEPS_DRAWN = 50

_HISTORY = {"training_loss": "nat", "validation_accuracy": "fraction", "test_accuracy": "fraction"}


class DivergenceError(RuntimeError):
    """Training produced a loss that is not a finite number.

    Example:
        >>> issubclass(DivergenceError, RuntimeError)
        True
    """


def train(
    setting: Setting, data: ImageData, networks: Sequence[int], device: Device = "auto"
) -> tuple[Ensemble, xr.Dataset]:
    """Networks trained on softmax cross-entropy by mini-batches.

    Each network draws its weights, its order of the samples and its Dropout masks from streams of its own, so
    network 7 is the same whichever others are trained beside it. Update rules are `torch.optim`'s.

    Source: Amjad, Liu, Geiger 2021, Sec. V: RMSProp, learning rate 0.001, momentum 0.01, mini-batches of 32.
    Where the paper is silent: PyTorch's default initialization; weight decay on biases too; a new order of the
    samples in every epoch and network; the last mini-batch of an epoch may be smaller.

    Args:
        setting: What to train.
        data: The setting's images.
        networks: Numbers of the networks, each at least 0.
        device: Where to compute.

    Returns:
        The trained networks, and their history with axes ``network`` and ``epoch``: ``training_loss`` (mean over
        the epoch's mini-batches, with Dropout, in nats), ``validation_accuracy`` and ``test_accuracy`` (fractions,
        after the epoch, without Dropout).

    Raises:
        DivergenceError: If a network's loss is not finite; names the setting, the network and the epoch.
        ValueError: If no network is asked for, one is asked for twice, the data are of another data set, or there
            is no such device.

    Example:
        >>> from neuronlib.data import load
        >>> setting = Setting(dataset="mnist-5k", hidden=(20,), dropout=(), epochs=2)
        >>> networks, history = train(setting, load("mnist-5k"), networks=[0, 1])
        >>> bool((history.validation_accuracy.isel(epoch=-1) > 0.8).all())
        True
    """
    if not networks or len(set(networks)) < len(networks) or min(networks) < 0:
        raise ValueError(f"networks = {list(networks)}: expected at least one, each once and at least 0")
    if data.name != setting.dataset:
        raise ValueError(f"the images are of {data.name}, but the setting asks for {setting.dataset}")
    if setting.batch_norm and len(data.train.labels) % setting.batch_size == 1:
        raise ValueError(
            f"batch_size = {setting.batch_size}: leaves a last mini-batch of one sample out of "
            f"{len(data.train.labels)}, which batch normalization cannot take; choose another"
        )
    # A batch of one matrix takes another routine, which rounds differently: a lone network is trained beside its copy.
    beside = list(networks) * 2 if len(networks) == 1 else list(networks)
    where = resolve_device(device)
    train_set, validation_set, test_set = (samples_on(where, s) for s in (data.train, data.validation, data.test))
    inputs = train_set[0].shape[1]
    ensemble = initialize(setting, inputs, len(data.label_names), beside, where)
    history = {name: np.empty((len(beside), setting.epochs)) for name in _HISTORY}
    with progress(total=len(beside) * setting.epochs, unit="network-epoch", desc="training") as bar:
        for part in _slices(len(beside)):
            some = ensemble.part(part)
            for epoch, loss in enumerate(_epochs(some, *train_set)):
                if not np.isfinite(loss).all():
                    network = some.networks[int(np.argmin(np.isfinite(loss)))]
                    raise DivergenceError(
                        f"{setting.describe()} (seed {setting.seed}): network {network} has training loss "
                        f"{loss[~np.isfinite(loss)][0]} in epoch {epoch + 1}; try a smaller learning rate"
                    )
                history["training_loss"][part, epoch] = loss
                history["validation_accuracy"][part, epoch] = some.accuracy(*validation_set).cpu()
                history["test_accuracy"][part, epoch] = some.accuracy(*test_set).cpu()
                bar.update(len(some.networks))
    return ensemble.part(slice(len(networks))), _labelled(history, beside).isel(network=slice(len(networks)))


def resolve_device(device: Device) -> torch.device:
    """The device to compute on.

    Args:
        device: "auto" is CUDA where there is a device, else the CPU.

    Returns:
        A device that is there.

    Raises:
        ValueError: If CUDA is asked for and there is no such device.

    Example:
        >>> resolve_device("cpu")
        device(type='cpu')
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device = 'cuda': there is no CUDA device here; use 'cpu' or 'auto'")
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(device)


def _slices(networks: int) -> list[slice]:
    edges = np.linspace(0, networks, math.ceil(networks / _TOGETHER) + 1).astype(int)
    return [slice(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def _labelled(history: dict[str, np.ndarray], networks: Sequence[int]) -> xr.Dataset:
    variables = {name: (("network", "epoch"), history[name], {"units": unit}) for name, unit in _HISTORY.items()}
    epochs = np.arange(1, history["training_loss"].shape[1] + 1)
    return xr.Dataset(variables, coords={"network": list(networks), "epoch": epochs})


def _epochs(
    ensemble: Ensemble, pixels: Float[Tensor, "sample feature"], labels: Int64[Tensor, " sample"]
) -> Iterator[Float[np.ndarray, " network"]]:
    # Trains the ensemble in place; after each epoch, yields the mean training loss of each network.
    setting = ensemble.setting
    # Leaves of their own that share the ensemble's memory: the optimizer's updates are the ensemble's.
    trainable = ensemble.part(slice(None))
    for parameter in trainable.parameters():
        parameter.requires_grad_()
    optimizer = _optimizer(setting, trainable.parameters())
    orders = [stream(setting.seed, "order", k) for k in ensemble.networks]
    masks = [stream(setting.seed, "dropout", k) for k in ensemble.networks]
    steps = math.ceil(len(labels) / setting.batch_size)
    for _ in range(setting.epochs):
        order = torch.from_numpy(np.stack([permutation(source, len(labels)) for source in orders])).to(pixels.device)
        total = torch.zeros(len(ensemble.networks), device=pixels.device)
        for rows, kept in zip(order.split(setting.batch_size, dim=1), _kept(setting, masks, steps), strict=True):
            some = None if kept is None else kept[:, : rows.shape[1]].to(pixels.device, non_blocking=True)
            logits = trainable.training_logits(pixels[rows], some)
            losses = F.cross_entropy(logits.flatten(0, 1), labels[rows].flatten(), reduction="none").view_as(rows)
            optimizer.zero_grad()
            losses.mean(dim=1).sum().backward()
            optimizer.step()
            total += losses.detach().sum(dim=1)
        yield (total / len(labels)).cpu().numpy()


def _optimizer(setting: Setting, parameters: list[Tensor]) -> torch.optim.Optimizer:
    # The rules act on each number by itself, so for stacked networks they are those of each network alone.
    rate, decay = setting.learning_rate, setting.weight_decay
    if setting.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=rate, weight_decay=decay)
    return torch.optim.RMSprop(parameters, lr=rate, weight_decay=decay, momentum=setting.momentum)


def _kept(
    setting: Setting, sources: list[np.random.PCG64], steps: int
) -> Iterator[Bool[Tensor, "network sample neuron"] | None]:
    # Masks of one mini-batch after the other, from 16 random bits for each output: that rounds a probability to a
    # multiple of 2**-16, by less than 0.00002.
    if not setting.dropout:
        yield from itertools.repeat(None, steps)
        return
    thresholds = np.minimum(np.round(np.array(setting.dropout) * 2**16), 2**16 - 1)
    dropped_below = np.repeat(thresholds, setting.hidden).astype(np.uint16)
    shape = (setting.batch_size, sum(setting.hidden))
    outputs = math.prod(shape)
    words = math.ceil(outputs / 4)
    for start in range(0, steps, _STEPS_DRAWN):
        drawn = min(_STEPS_DRAWN, steps - start)
        kept = np.empty((drawn, len(sources), *shape), dtype=bool)
        for position, source in enumerate(sources):
            bits = source.random_raw(drawn * words).astype("<u8").view("<u2").reshape(drawn, 4 * words)
            np.greater_equal(bits[:, :outputs].reshape(drawn, *shape), dropped_below, out=kept[:, position])
        yield from torch.from_numpy(kept)
