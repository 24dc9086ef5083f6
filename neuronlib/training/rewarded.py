r"""Training that rewards or penalises what the neurons of the last hidden layer say of the class.

The measures of `neuronlib.information` count samples, so they have no gradient. Here a neuron's bit is soft:

.. math:: s_\ell = \operatorname{sigmoid}\left(\frac{z_\ell}{\tau\,\sigma_z}\right)

:math:`z` is the pre-activation, :math:`\sigma_z` its standard deviation over the mini-batch, and :math:`\tau` the
temperature. Dividing by the deviation means that larger weights alone earn nothing. For :math:`\tau \to 0` the bit is
that of the paper: whether a ReLU neuron's output is above 0, or a sigmoid neuron's above 0.5.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import one_hot

from neuronlib.common.checks import check, did_you_mean
from neuronlib.common.choices import TERMS, Device, Term
from neuronlib.common.config import Setting
from neuronlib.common.devices import resolve_device
from neuronlib.common.entries import EACH_ONCE, FINITE, LabelCount, NetworkNumbers
from neuronlib.common.numbers import Count, Finite, Positive
from neuronlib.common.progress import progress
from neuronlib.common.randomness import permutation, stream
from neuronlib.data.images import ImageData
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.networks.initialization import initialize
from neuronlib.networks.layers import Layer
from neuronlib.training.optimizers import initial_state, update
from neuronlib.training.training import DivergenceError, Fetch, checked_networks, slices_in_cache

TEMPERATURE = 0.25
"""Deviations of a pre-activation over which its bit is soft: neurons near their threshold keep a gradient."""

# Below single precision's rounding of a probability; keeps logarithms and roots finite where a probability is zero.
_TINY = 1e-12


def rewarded_term(
    term: Term | str,
    z: Annotated[Float[Tensor, "network sample neuron"], FINITE],
    outputs: Annotated[Float[Tensor, "network sample neuron"], FINITE],
    labels: Int64[Tensor, "network sample"],
    label_count: LabelCount,
    temperature: Positive = TEMPERATURE,
) -> Float[Tensor, "network neuron"]:
    r"""Return a differentiable surrogate of what each neuron says of the class, on a mini-batch.

    With soft counts :math:`n(1, y) = \sum_{\ell: y_\ell = y} s_\ell` and :math:`n(0, y) = n(y) - n(1, y)` in place of
    counts, and :math:`\hat p` their shares, the terms are

    .. math::
        \text{mutual information} &= \sum_{t, y} \hat p(t, y) \log_2 \frac{\hat p(t, y)}{\hat p(t)\, \hat p(y)} \\
        \text{KL selectivity} &= \max_y \sum_t \hat p(t|y) \log_2 \frac{\hat p(t|y)}{\hat p(t)} \\
        \text{class selectivity} &=
        \frac{\mu_\mathrm{max} - \mu_{-\mathrm{max}}}{\mu_\mathrm{max} + \mu_{-\mathrm{max}} + \epsilon}

    where :math:`\mu_\mathrm{max}` is the largest mean output of a class and :math:`\mu_{-\mathrm{max}}` the mean of the
    other classes' means. A class without samples in the mini-batch contributes nothing. A neuron whose
    pre-activation is constant says nothing: its term is 0 and so is its gradient.

    Source: Amjad, Liu, Geiger 2021, Sec. VI, suggest loss terms and state none; soft counts are ours. Class selectivity
    is that of Leavitt, Morcos 2021, of outputs, with :math:`\epsilon = 10^{-7}`.

    Args:
        term: "mutual_information" or "kl_selectivity", in bits, or "class_selectivity", from 0 to 1.
        z: Pre-activations of a layer.
        outputs: Its outputs, at least 0.
        labels: The label of each sample, which may differ from network to network.
        label_count: Number of labels.
        temperature: :math:`\tau`; class selectivity has none.

    Returns:
        One number for each neuron. Towards temperature 0, the measure of `neuronlib.information` on the mini-batch.

    Raises:
        ValueError: If there is no such term, or shapes or labels do not fit together.

    Example:
        >>> z = torch.tensor([[[1.0], [2.0], [-2.0], [-1.0]]])
        >>> labels = torch.tensor([[0, 0, 1, 1]])
        >>> for temperature in (1.0, 0.1):
        ...     print(rewarded_term("mutual_information", z, z.relu(), labels, 2, temperature))
        tensor([[0.1398]])
        tensor([[0.9896]])
    """
    if term not in TERMS:
        raise ValueError(f"term = {term!r}: {did_you_mean(term, TERMS)}expected one of {', '.join(TERMS)}")
    if z.shape != outputs.shape or labels.shape != z.shape[:2] or 0 in z.shape:
        raise ValueError(
            f"z {tuple(z.shape)}, outputs {tuple(outputs.shape)}, labels {tuple(labels.shape)}: expected numbers for "
            "the same networks, samples and neurons"
        )
    if bool(((labels < 0) | (labels >= label_count)).any()):
        raise ValueError(f"labels hold {int(labels.min())} to {int(labels.max())}: expected 0 to {label_count - 1}")
    members = one_hot(labels, label_count).to(z.dtype)
    if term == "class_selectivity":
        return _class_selectivity(outputs, members)
    shares = _soft_shares(z, members, temperature)
    return _mutual_information(shares) if term == "mutual_information" else _kl_selectivity(shares)


def _soft_shares(
    z: Float[Tensor, "network sample neuron"], members: Float[Tensor, "network sample label"], temperature: float
) -> Float[Tensor, "network neuron 2 label"]:
    # Joint probabilities of soft bit and label.
    deviation = (z.var(dim=1, keepdim=True, correction=0) + _TINY).sqrt()
    logits = z / (temperature * deviation)
    # The probability of bit 0 is no difference, which rounding could make negative.
    counts = [torch.bmm(bits.mT, members) for bits in ((-logits).sigmoid(), logits.sigmoid())]
    return torch.stack(counts, dim=2) / z.shape[1]


def _times_log(p: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    # p log2 p, with a finite gradient at 0.
    return p * p.clamp_min(_TINY).log2()


def _mutual_information(shares: Float[Tensor, "network neuron 2 label"]) -> Float[Tensor, "network neuron"]:
    of_value, of_label = shares.sum(dim=3), shares.sum(dim=2)
    joint = _times_log(shares).sum(dim=(2, 3))
    return joint - _times_log(of_value).sum(dim=2) - _times_log(of_label).sum(dim=2)


def _kl_selectivity(shares: Float[Tensor, "network neuron 2 label"]) -> Float[Tensor, "network neuron"]:
    of_value, of_label = shares.sum(dim=3, keepdim=True), shares.sum(dim=2, keepdim=True)
    given_label = shares / of_label.clamp_min(_TINY)
    divergences = _times_log(given_label) - given_label * of_value.clamp_min(_TINY).log2()
    # Of a class without samples all entries are 0, and no divergence is smaller.
    return divergences.sum(dim=2).amax(dim=2)


def _class_selectivity(
    outputs: Float[Tensor, "network sample neuron"], members: Float[Tensor, "network sample label"]
) -> Float[Tensor, "network neuron"]:
    of_label = members.sum(dim=1).unsqueeze(1)
    means = torch.bmm(outputs.mT, members) / of_label.clamp_min(1)
    largest = means.amax(dim=2)
    others = (means.sum(dim=2) - largest) / ((of_label > 0).sum(dim=2) - 1).clamp_min(1)
    # With one class there is nothing to compare.
    compared = ((of_label > 0).sum(dim=2) > 1).to(means.dtype)
    return compared * (largest - others) / (largest + others + 1e-7)


def train_rewarding(
    setting: Setting,
    data: ImageData,
    networks: Count | NetworkNumbers,
    term: Term = "mutual_information",
    strength: Finite = 0.1,
    temperature: Positive = TEMPERATURE,
    device: Device = "auto",
) -> tuple[Ensemble, xr.Dataset]:
    r"""Train networks on cross-entropy and on what their last hidden layer says of the class.

    .. math:: \text{loss} = \text{cross-entropy} - \alpha \cdot \frac{1}{n} \sum_j \text{term}_j

    over the :math:`n` neurons of the last hidden layer, on each mini-batch. Strength :math:`\alpha > 0` rewards,
    :math:`\alpha < 0` penalises, and 0 trains as `train` does, but for rounding. Network 7 starts with the same weights
    and sees the same samples in the same order whatever the strength, so networks of two strengths are pairs.

    Source: Amjad, Liu, Geiger 2021, Sec. VI: "this characteristic can be explicitly rewarded by designing appropriate
    loss function terms". Leavitt, Morcos 2021, for class selectivity. Deviation: they take all layers, here it is the
    last hidden one.

    Args:
        setting: What the networks are, without Dropout and batch normalization. A mini-batch of 32 has few samples of
            each of ten classes; 128 is a better choice of ``batch_size``.
        data: Images of the setting's data set.
        networks: How many networks, or their numbers.
        term: What is rewarded, see `rewarded_term`.
        strength: :math:`\alpha`, in nats for each bit; for class selectivity in nats.
        temperature: How soft bits are, see `rewarded_term`.
        device: Where to compute.

    Returns:
        The trained networks, and by ``network`` and ``epoch`` the ``training_loss`` (cross-entropy in nats) and the
        mean ``term``, both means over the epoch's mini-batches.

    Raises:
        DivergenceError: If a network's loss is not finite.
        ValueError: If there is no such term, the setting has Dropout or batch normalization, no network is asked for,
            one is asked for twice, or the data are of another data set.

    Example:
        >>> from neuronlib.data.images import load
        >>> setting = Setting(dataset="mnist-5k", hidden=(20,), dropout=(), batch_size=128, epochs=2)
        >>> _, plain = train_rewarding(setting, load("mnist-5k"), networks=2, strength=0.0)
        >>> _, rewarded = train_rewarding(setting, load("mnist-5k"), networks=2, strength=3.0)
        >>> bool((rewarded.term > plain.term).isel(epoch=-1).all())
        True
    """
    trained, history = train_at_strengths(setting, data, networks, term, (strength,), temperature, device)
    return trained[strength], history.sel(strength=strength, drop=True)


def train_at_strengths(
    setting: Setting,
    data: ImageData,
    networks: Count | NetworkNumbers,
    term: Term,
    strengths: Annotated[Sequence[Finite], EACH_ONCE],
    temperature: Positive = TEMPERATURE,
    device: Device = "auto",
) -> tuple[dict[float, Ensemble], xr.Dataset]:
    """Train the same networks at several strengths as `train_rewarding` does at one, side by side.

    Returns:
        The networks by strength, and the history with an axis ``strength`` too.

    Raises:
        DivergenceError: As `train_rewarding` does.
        ValueError: As `train_rewarding` does, or if there is no strength, or one is given twice or not finite.
    """
    numbers = checked_networks(setting, data, networks)
    if setting.dropout or setting.batch_norm:
        raise ValueError(f"{setting.describe()}: expected a setting without Dropout and batch normalization")
    strengths = [check("strength", strength, Finite) for strength in strengths]
    if not strengths or len(set(strengths)) < len(strengths):
        raise ValueError(f"strengths = {strengths}: expected at least one, each once")
    check("term", term, Term)
    check("temperature", temperature, Positive)
    where = resolve_device(device)
    pairs = [(network, strength) for network in numbers for strength in strengths]
    # A lone network is trained beside its copy, as `train` does.
    beside = pairs * 2 if len(pairs) == 1 else pairs
    ensemble = initialize(
        setting, data.train.pixels.shape[1], len(data.label_names), [network for network, _ in beside], where
    )
    factors = torch.tensor([strength for _, strength in beside], device=where)
    history = np.empty((2, len(beside), setting.epochs))
    with progress(total=len(beside) * setting.epochs, unit="network-epoch", desc=f"training with {term}") as bar:
        for part in slices_in_cache(ensemble):
            some, its_factors = ensemble.part(part), factors[part]
            for epoch, means in enumerate(_epochs(some, its_factors, term, temperature, data)):
                if not np.isfinite(means).all():
                    place = int(np.argmin(np.isfinite(means).all(axis=0)))
                    raise DivergenceError(
                        f"{setting.describe()} (seed {setting.seed}): network {some.networks[place]} at strength "
                        f"{float(its_factors[place]):g} has a loss that is not finite in epoch {epoch + 1}; "
                        "try a smaller strength"
                    )
                history[:, part, epoch] = means
                bar.update(len(some.networks))
    each = {
        strength: ensemble.part(slice(place, len(pairs), len(strengths))) for place, strength in enumerate(strengths)
    }
    by_pair = history[:, : len(pairs)].reshape(2, len(numbers), len(strengths), setting.epochs)
    axes = ("network", "strength", "epoch")
    labelled = xr.Dataset(
        {"training_loss": (axes, by_pair[0], {"units": "nat"}), "term": (axes, by_pair[1])},
        {"network": list(numbers), "strength": strengths, "epoch": np.arange(1, setting.epochs + 1)},
    )
    return each, labelled


def _epochs(
    ensemble: Ensemble, strengths: Float[Tensor, " network"], term: Term, temperature: float, data: ImageData
) -> Iterator[Float[np.ndarray, "2 network"]]:
    # Trains the ensemble in place; after each epoch, yields each network's mean cross-entropy and mean term.
    setting = ensemble.setting
    pixels, labels = samples_on(ensemble.device, data.train)
    parameters = ensemble.parameters()
    # The same memory, so that the rule's updates reach it.
    learnt = [tensor.detach().requires_grad_() for tensor in parameters]
    state = initial_state(parameters)
    orders = [stream(setting.seed, "order", k) for k in ensemble.networks]
    steps = math.ceil(len(labels) / setting.batch_size)
    fetch = Fetch(pixels, len(ensemble.networks), setting.batch_size)
    for _ in range(setting.epochs):
        order = torch.from_numpy(np.stack([permutation(source, len(labels)) for source in orders])).to(pixels.device)
        total = torch.zeros(2, len(ensemble.networks), device=pixels.device)
        for rows in order.split(setting.batch_size, dim=1):
            losses, rewards = _loss_and_term(
                ensemble, learnt, fetch(rows), labels[rows], term, len(data.label_names), temperature
            )
            gradients = torch.autograd.grad((losses - strengths * rewards).sum(), learnt)
            with torch.no_grad():
                update(setting, parameters, list(gradients), state)
                total += torch.stack([losses, rewards])
        yield (total / steps).cpu().numpy()


def _loss_and_term(
    ensemble: Ensemble,
    learnt: Sequence[Tensor],
    inputs: Float[Tensor, "network sample feature"],
    labels: Int64[Tensor, "network sample"],
    term: Term,
    label_count: int,
    temperature: float,
) -> tuple[Float[Tensor, " network"], Float[Tensor, " network"]]:
    layers = [Layer(weight, bias) for weight, bias in zip(learnt[::2], learnt[1::2], strict=True)]
    z, outputs = inputs, inputs
    for layer in layers[:-1]:
        z = layer.affine(outputs)
        outputs = ensemble.activate(z)
    log_probabilities = layers[-1].affine(outputs).log_softmax(dim=2)
    losses = -log_probabilities.gather(2, labels.unsqueeze(2)).squeeze(2).mean(dim=1)
    rewards = rewarded_term(term, z, outputs, labels, label_count, temperature).mean(dim=1)
    return losses, rewards
