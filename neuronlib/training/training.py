"""Training of all networks of a setting at once, each as if it were alone."""

import copy
import dataclasses
import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
import xarray as xr
from jaxtyping import Bool, Float, Int64, Shaped
from torch import Tensor

from neuronlib.common.checks import check
from neuronlib.common.choices import Device
from neuronlib.common.config import Setting
from neuronlib.common.devices import resolve_device
from neuronlib.common.entries import NetworkNumbers
from neuronlib.common.errors import NeuronlibError
from neuronlib.common.numbers import Count
from neuronlib.common.progress import progress
from neuronlib.common.randomness import permutation, stream
from neuronlib.common.scopes import layer_names
from neuronlib.data.images import ImageData, require_data
from neuronlib.information.counts import joint_counts
from neuronlib.information.quantizers import one_bit_thresholds
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.networks.initialization import initialize
from neuronlib.networks.layers import Layer
from neuronlib.training.backpropagation import loss_and_gradients
from neuronlib.training.compiling import compiled
from neuronlib.training.dropout import masks
from neuronlib.training.noise import input_noise
from neuronlib.training.optimizers import initial_state, update

# Bytes that the networks trained together take, with gradients and the optimizer's state: about half of a cache.
_CACHE = 2**24
# Steps from which on a program of its own for a setting saves more time than its compilation takes.
_WORTH_COMPILING = 10_000

_HISTORY = {"training_loss": "nat", "validation_accuracy": "fraction", "test_accuracy": "fraction"}
_ACTIVITY = ("dead", "always_on")


class DivergenceError(NeuronlibError):
    """Training whose loss is not a finite number."""


def train(
    setting: Setting,
    data: ImageData,
    networks: Count | NetworkNumbers,
    device: Device = "auto",
    start: Ensemble | None = None,
) -> tuple[Ensemble, xr.Dataset]:
    """Train networks on softmax cross-entropy by mini-batches.

    Each network draws its weights, its order of the samples, its Dropout masks and its noise from streams of its own.
    So network 7 is the same whichever others are trained beside it: to the last bit where each matrix of weights has a
    multiple of four entries, as in all settings of the paper; others lie differently in memory beside others, and may
    be rounded differently. Update rules are `torch.optim`'s.

    A setting of many steps is trained by a program that `torch.compile` makes of them, in a few seconds. It rounds
    differently from the plain functions, which run where there is no C++ compiler: there, networks differ from those
    trained elsewhere as much as on another kind of processor.

    Source: Amjad, Liu, Geiger 2021, Sec. V: RMSProp, learning rate 0.001, momentum 0.01, mini-batches of 32.
    Where the paper is silent: PyTorch's default initialization; weight decay on biases too; a new order of the
    samples in every epoch and network; the last mini-batch of an epoch may be smaller.

    With the setting's ``patience``, each network stops by itself, and has the weights of the epoch with the highest
    validation accuracy, the first of several. Its history repeats that epoch until there is a better one.

    ``networks`` says how many, or which numbers, each at least 0. The weights of ``start`` take the place of new ones;
    it stays as it is, and the optimizer starts anew.

    Returns:
        The trained networks, and their history with axes ``network`` and ``epoch``: ``training_loss`` (mean over the
        epoch's samples, each in its mini-batch, with Dropout, noise and smoothed labels, but without penalties, in
        nats), ``validation_accuracy`` and ``test_accuracy`` (fractions, after the epoch, without Dropout and noise).
        With an axis ``layer`` too, ``dead`` and ``always_on``: how many neurons are active, in the sense of the one-bit
        quantizer, for none and for all of the validation samples.

    Raises:
        DivergenceError: If a network's loss is not finite; names the setting, the network and the epoch.
        ValueError: If no network is asked for, one is asked for twice, the data are of another data set, the networks
            to start from are others or of another shape, or there is no such device.

    Example:
        >>> from neuronlib.data.images import load
        >>> setting = Setting(dataset="mnist-5k", hidden=(20,), dropout=(), epochs=2)
        >>> networks, history = train(setting, load("mnist-5k"), networks=[0, 1])
        >>> bool((history.validation_accuracy.isel(epoch=-1) > 0.8).all())
        True
    """
    final, history = train_with_snapshots(setting, data, networks, (), device, start)
    return final[setting.epochs], history


def train_with_snapshots(
    setting: Setting,
    data: ImageData,
    networks: Count | NetworkNumbers,
    epochs: Sequence[Count],
    device: Device = "auto",
    start: Ensemble | None = None,
) -> tuple[dict[int, Ensemble], xr.Dataset]:
    """Train networks as `train` does, and keep them as they were after some of the epochs.

    A snapshot is what training for so many epochs gives, to the last bit: nothing that is random depends on how many
    epochs are to come. (Only below 10 000 steps, where no program is compiled, it may be rounded otherwise.)

    Returns:
        Networks by the number of ``epochs``, those of the last among them, and the history of all epochs.

    Raises:
        DivergenceError: As `train` does.
        ValueError: As `train` does, or if a number of epochs is not from 1 to the setting's.

    Example:
        >>> from neuronlib.data.images import load
        >>> setting = Setting(dataset="mnist-5k", hidden=(20,), dropout=(), epochs=2)
        >>> after, history = train_with_snapshots(setting, load("mnist-5k"), networks=2, epochs=[1])
        >>> list(after), after[1].setting.epochs
        ([1, 2], 1)
    """
    if not all(1 <= epoch <= setting.epochs for epoch in epochs):
        raise ValueError(f"epochs = {list(epochs)}: expected numbers from 1 to the setting's {setting.epochs}")
    networks = checked_networks(setting, data, networks)
    if setting.batch_norm and (setting.batch_size == 1 or len(data.train.labels) % setting.batch_size == 1):
        raise ValueError(
            f"batch_size = {setting.batch_size}: gives a mini-batch of one sample out of "
            f"{len(data.train.labels)}, which batch normalization cannot take; choose another"
        )
    # A batch of one matrix takes another routine, which rounds differently: a lone network is trained beside its copy.
    beside = list(networks) * 2 if len(networks) == 1 else list(networks)
    where = resolve_device(device)
    train_set, validation_set, test_set = (samples_on(where, s) for s in (data.train, data.validation, data.test))
    inputs = train_set[0].shape[1]
    ensemble = initialize(setting, inputs, len(data.label_names), beside, where)
    if start is not None:
        _take_over(ensemble, start, networks)
    after = {epoch: _copy(ensemble, epoch) for epoch in sorted({*epochs} - {setting.epochs})}
    history = {name: np.empty((len(beside), setting.epochs)) for name in _HISTORY}
    history |= {name: np.empty((len(beside), setting.epochs, len(setting.hidden)), np.int64) for name in _ACTIVITY}
    with progress(total=len(beside) * setting.epochs, unit="network-epoch", desc="training") as bar:
        for part in slices_in_cache(ensemble, _is_worth_compiling(setting, len(train_set[1]))):
            some = ensemble.part(part)
            rows = {name: values[part] for name, values in history.items()}
            best, losses = _Best(some), _epochs(some, *train_set)
            for epoch in range(setting.epochs):
                if not best.stopped.all():
                    loss = next(losses)
                    diverged = ~np.isfinite(loss) & ~best.stopped
                    if diverged.any():
                        raise DivergenceError(
                            f"{setting.describe()} (seed {setting.seed}): network {some.networks[diverged.argmax()]} "
                            f"has training loss {loss[diverged][0]} in epoch {epoch + 1}; try a smaller learning rate"
                        )
                    rows["training_loss"][:, epoch] = loss
                    rows["validation_accuracy"][:, epoch] = some.accuracy(*validation_set).cpu()
                    rows["test_accuracy"][:, epoch] = some.accuracy(*test_set).cpu()
                    rows["dead"][:, epoch], rows["always_on"][:, epoch] = _constant(some, *validation_set)
                best.keep(some, rows, epoch)
                if epoch + 1 in after:
                    _overwrite(after[epoch + 1].part(part), best.networks)
                bar.update(len(some.networks))
            _overwrite(some, best.networks)
    asked = slice(len(networks))
    kept = {epoch: some.part(asked) for epoch, some in (after | {setting.epochs: ensemble}).items()}
    return kept, _labelled(history, beside, setting.hidden).isel(network=asked)


def checked_networks(setting: Setting, data: ImageData, networks: Count | NetworkNumbers) -> Sequence[int]:
    """Return the numbers of the networks to train.

    Raises:
        ValueError: If no network is asked for, one is asked for twice, or the data are of another data set.
    """
    if isinstance(networks, str) or not isinstance(networks, Sequence):
        networks = range(check("networks", networks, Count))
    if not networks or len(set(networks)) < len(networks) or min(networks) < 0:
        raise ValueError(f"networks = {list(networks)}: expected at least one, each once and at least 0")
    require_data(data)
    if data.name != setting.dataset:
        raise ValueError(f"the images are of {data.name}, but the setting asks for {setting.dataset}")
    return networks


def _copy(ensemble: Ensemble, epochs: int) -> Ensemble:
    setting = dataclasses.replace(ensemble.setting, epochs=epochs)
    return Ensemble(setting, ensemble.networks, copy.deepcopy(ensemble.layers))


def _overwrite(ensemble: Ensemble, other: Ensemble, which: Bool[Tensor, " network"] | None = None) -> None:
    for layer, its in zip(ensemble.layers, other.layers, strict=True):
        for tensor, value in zip(layer.tensors(), its.tensors(), strict=True):
            if which is None:
                tensor.copy_(value)
            else:
                tensor[which] = value[which]


class _Best:
    # What is kept of networks in training: themselves or, with early stopping, what each was after its best epoch.

    def __init__(self, trained: Ensemble):
        self._patience = trained.setting.patience
        self._waited = np.zeros(len(trained.networks), dtype=np.int64)
        self.networks = _copy(trained, trained.setting.epochs) if self._patience else trained

    @property
    def stopped(self) -> Bool[np.ndarray, " network"]:
        return self._waited >= self._patience if self._patience else np.zeros(len(self._waited), dtype=bool)

    def keep(self, trained: Ensemble, rows: dict[str, np.ndarray], epoch: int) -> None:
        if not self._patience:
            return
        accuracy, before = rows["validation_accuracy"], max(epoch - 1, 0)
        better = ~self.stopped & ((accuracy[:, epoch] > accuracy[:, before]) | (epoch == 0))
        self._waited = np.where(better, 0, self._waited + 1)
        for values in rows.values():
            values[~better, epoch] = values[~better, before]
        _overwrite(self.networks, trained, torch.from_numpy(better).to(trained.device))


def _take_over(ensemble: Ensemble, start: Ensemble, networks: Sequence[int]) -> None:
    if start.networks != tuple(networks):
        raise ValueError(f"start: networks {list(start.networks)}, expected {list(networks)}")
    ours, theirs = ([tensor for layer in some.layers for tensor in layer.tensors()] for some in (ensemble, start))
    if [tensor.shape[1:] for tensor in ours] != [tensor.shape[1:] for tensor in theirs]:
        raise ValueError(f"start: networks of {start.setting.describe()}, expected {ensemble.setting.describe()}")
    for one, other in zip(ours, theirs, strict=True):
        # A lone network has its copy beside it.
        one.copy_(other.expand_as(one))


def networks_in_cache(bytes_each: Count, is_compiled: bool = False) -> int:
    """Return how many networks are trained together on a CPU: what the cache holds, but at least two.

    An even number gives two threads as much to do. A compiled step has smaller fixed costs to share, so fewer networks
    leave more of the cache to their images.
    """
    return 2 * max(1, _CACHE // (2 if is_compiled else 1) // bytes_each // 2)


def slices_in_cache(ensemble: Ensemble, is_compiled: bool = False) -> list[slice]:
    """Return which networks are trained together: on a GPU all, elsewhere `networks_in_cache`."""
    networks = len(ensemble.networks)
    bytes_each = 16 * sum(tensor[0].numel() for tensor in ensemble.parameters())
    on_cpu = ensemble.device.type == "cpu"
    together = networks_in_cache(bytes_each, is_compiled) if on_cpu else networks
    pairs = max(1, networks // 2)
    edges = 2 * np.linspace(0, pairs, math.ceil(pairs / max(1, together // 2)) + 1).astype(int)
    edges[-1] = networks
    return [slice(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def _constant(
    ensemble: Ensemble, pixels: Float[Tensor, "sample feature"], labels: Int64[Tensor, " sample"]
) -> tuple[Int64[np.ndarray, "network layer"], Int64[np.ndarray, "network layer"]]:
    # How many neurons of each layer are never active, and how many always are.
    one_bit = one_bit_thresholds(ensemble.activation)
    counts = joint_counts(ensemble.outputs_in_chunks(pixels, labels), one_bit, int(labels.max()) + 1).sum(axis=-1)
    first = np.cumsum([0, *ensemble.setting.hidden[:-1]])
    dead, always_on = (np.add.reduceat(counts[..., value] == 0, first, axis=1, dtype=np.int64) for value in (1, 0))
    return dead, always_on


def _labelled(history: dict[str, np.ndarray], networks: Sequence[int], hidden: Sequence[int]) -> xr.Dataset:
    variables = {name: (("network", "epoch"), history[name], {"units": unit}) for name, unit in _HISTORY.items()}
    counts = {name: (("network", "epoch", "layer"), history[name]) for name in _ACTIVITY}
    epochs = np.arange(1, history["training_loss"].shape[1] + 1)
    coordinates = {"network": list(networks), "epoch": epochs, "layer": layer_names(hidden)}
    return xr.Dataset(variables | counts, coords=coordinates)


def _epochs(
    ensemble: Ensemble, pixels: Float[Tensor, "sample feature"], labels: Int64[Tensor, " sample"]
) -> Iterator[Float[np.ndarray, " network"]]:
    # Trains the ensemble in place; after each epoch, yields the mean training loss of each network.
    setting = ensemble.setting
    parameters = ensemble.parameters()
    state = initial_state(parameters)
    orders = [stream(setting.seed, "order", k) for k in ensemble.networks]
    dropout = [stream(setting.seed, "dropout", k) for k in ensemble.networks]
    noise = [stream(setting.seed, "noise", k) for k in ensemble.networks]
    steps = math.ceil(len(labels) / setting.batch_size)
    step = _step
    if _is_worth_compiling(setting, len(labels)):
        # What a step takes from the setting, and the shapes.
        kind = dataclasses.replace(setting, dataset="mnist", scaling="standard", epochs=1, seed=0, patience=0)
        step = compiled(_step, ensemble.device, (kind, *(tensor.shape for tensor in parameters)))
    fetch = Fetch(pixels, len(ensemble.networks), setting.batch_size)
    for _ in range(setting.epochs):
        order = torch.from_numpy(np.stack([permutation(source, len(labels)) for source in orders])).to(pixels.device)
        total = torch.zeros(len(ensemble.networks), device=pixels.device)
        for rows, kept, added in zip(
            order.split(setting.batch_size, dim=1),
            masks(setting, dropout, steps),
            input_noise(setting, noise, pixels.shape[1], steps),
            strict=True,
        ):
            some = None if kept is None else _copied(kept[:, : rows.shape[1]], pixels.device)
            inputs = fetch(rows)
            if added is not None:
                inputs += _copied(added[:, : rows.shape[1]], pixels.device)
            # A smaller last mini-batch has another shape, which is not worth a program of its own.
            full = rows.shape[1] == setting.batch_size
            with torch.no_grad():
                total += (step if full else _step)(setting, ensemble.layers, state, inputs, labels[rows], some)
        yield (total / len(labels)).cpu().numpy()


def _is_worth_compiling(setting: Setting, samples: int) -> bool:
    return math.ceil(samples / setting.batch_size) * setting.epochs >= _WORTH_COMPILING


class Fetch:
    """Fetches images into memory that is used again, which is several times as fast as indexing by a matrix."""

    def __init__(self, pixels: Float[Tensor, "sample feature"], networks: int, batch_size: int):
        self._pixels = pixels
        self._memory = pixels.new_empty(networks * batch_size, pixels.shape[1])

    def __call__(self, rows: Int64[Tensor, "network batch"]) -> Float[Tensor, "network batch feature"]:
        """Return the images of some rows, which stay until the next call."""
        fetched = self._memory[: rows.numel()]
        torch.index_select(self._pixels, 0, rows.flatten(), out=fetched)
        return fetched.view(*rows.shape, -1)


def _copied(
    numbers: Shaped[np.ndarray, "network batch any"], device: torch.device
) -> Shaped[Tensor, "network batch any"]:
    tensor = torch.from_numpy(numbers)
    # Only from pinned memory is a copy to a GPU made while the program goes on.
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


def _step(
    setting: Setting,
    layers: list[Layer],
    state: list[list[Tensor]],
    inputs: Float[Tensor, "network batch feature"],
    labels: Int64[Tensor, "network batch"],
    kept: Bool[Tensor, "network batch neuron"] | None,
) -> Float[Tensor, " network"]:
    losses, gradients = loss_and_gradients(
        layers, setting.activation, setting.dropout, inputs, labels, kept, setting.label_smoothing
    )
    update(setting, [tensor for layer in layers for tensor in layer.parameters()], gradients, state)
    return losses.sum(dim=1)
