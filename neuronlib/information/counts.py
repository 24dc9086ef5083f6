"""Joint counts of quantized outputs and labels, for all neurons of all networks in one pass."""

from collections.abc import Iterable
from typing import Annotated

import torch
from jaxtyping import Float, Int64
from numpy import ndarray
from torch import Tensor

from neuronlib.common.entries import CUTS, LabelCount

# One chunk's counts are summed in float32 by a matrix product, which is exact for whole numbers up to 2**24.
_LARGEST_CHUNK = 2**24


def joint_counts(
    chunks: Iterable[tuple[Float[Tensor, "network sample neuron"], Int64[Tensor, " sample"]]],
    thresholds: Annotated[Float[ndarray, " threshold"] | Float[ndarray, "network neuron threshold"], CUTS],
    labels: LabelCount,
) -> Int64[ndarray, "network neuron value label"]:
    r"""Count how often each neuron has each value together with each label.

    .. math:: n(t, y) = \left|\{\ell : Q(t_j(x_\ell)) = t,\ y_\ell = y\}\right|

    Source: Amjad, Liu, Geiger 2021, Eq. (2), before division by the number of samples.

    Args:
        chunks: Outputs of all neurons for some samples and those samples' labels, chunk by chunk, on any device.
        thresholds: A quantizer of `quantize`: shape ``(threshold,)`` for all neurons, or
            ``(network, neuron, threshold)``; increasing.
        labels: Number of labels; labels are ``0 … labels - 1``.

    Returns:
        Exact counts; summed over values and labels they give the number of samples for every neuron.

    Raises:
        ValueError: If there are no chunks, one is too large to count exactly, a label is none of these, thresholds
            decrease, or an output is NaN.

    Example:
        >>> import numpy as np
        >>> outputs = torch.tensor([[[0.0], [2.0], [0.5]]])
        >>> joint_counts([(outputs, torch.tensor([0, 1, 1]))], np.array([0.0]), labels=2)
        array([[[[1, 0], [0, 2]]]])
    """
    above: Tensor | None = None
    undefined: Tensor | None = None
    for outputs, chunk_labels in chunks:
        if len(chunk_labels) > _LARGEST_CHUNK:
            raise ValueError(f"a chunk of {len(chunk_labels)} samples: at most {_LARGEST_CHUNK} are counted exactly")
        if ((chunk_labels < 0) | (chunk_labels >= labels)).any():
            low, high = int(chunk_labels.min()), int(chunk_labels.max())
            raise ValueError(f"labels hold {low} to {high}: expected 0 to {labels - 1}")
        if thresholds.ndim == 3 and outputs.shape[::2] != thresholds.shape[:2]:
            raise ValueError(f"thresholds of shape {thresholds.shape}: the outputs are of shape {tuple(outputs.shape)}")
        if above is not None and outputs.shape[::2] != above.shape[:2]:
            raise ValueError("chunks of unequal widths: expected the same networks and neurons in each")
        cuts = torch.as_tensor(thresholds, dtype=outputs.dtype, device=outputs.device)
        members = torch.nn.functional.one_hot(chunk_labels, labels).to(torch.float32)
        counted = _counts_above(outputs, cuts, members)
        above = counted if above is None else above + counted
        isnan = outputs.isnan().any()
        undefined = isnan if undefined is None else undefined | isnan
    if above is None or undefined is None:
        raise ValueError("no chunks: counts need at least one chunk of samples")
    if undefined.item():
        raise ValueError("outputs hold NaN: no value can be counted for them")
    # above[v] counts outputs beyond threshold v, so the values between are neighbours' differences.
    return (above[..., :-1, :] - above[..., 1:, :]).cpu().numpy()


def _counts_above(
    outputs: Tensor, cuts: Tensor, members: Float[Tensor, "sample label"]
) -> Int64[Tensor, "network neuron threshold label"]:
    # Labels, of which there are few, are the rows: as columns they would make the product several times slower.
    of_label = members.T.expand(len(outputs), -1, -1)
    everything = members.sum(dim=0).unsqueeze(1).expand(len(outputs), -1, outputs.shape[2])
    rows = [everything]
    for cut in cuts.unbind(dim=-1):
        beyond = (outputs > cut.unsqueeze(-2)) if cut.ndim else (outputs > cut)
        rows.append(of_label @ beyond.to(torch.float32))
    rows.append(torch.zeros_like(everything))
    return torch.stack(rows, dim=-1).permute(0, 2, 3, 1).to(torch.int64)
