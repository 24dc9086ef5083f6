"""What a training step has to do at least, and what was measured of it."""

import json
import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuronlib.common.regular_files import read_regular
from neuronlib.data.images import Samples
from neuronlib.reproduction.store.paths import RESULTS

# Of a benchmark's file; the largest takes 30 kB.
_MOST_BYTES = 2**24
# float32.
_BYTES = 4
# An update reads weight, gradient and two averages, and writes the weight and both averages.
_UPDATE_ACCESSES = 7
# What is held of each weight between two steps, and its gradient.
_HELD = 4


@dataclass(frozen=True)
class StepAccount:
    r"""The least that a training step of one network computes and moves.

    For layers of :math:`n_i` inputs and outputs and :math:`N` samples,

    .. math:: F = 2 N \left(2 \sum_i n_{i-1} n_i + \sum_{i \ge 2} n_{i-1} n_i\right)

    since each layer multiplies once forward and once for its weights' gradient, and each but the first once more for
    what comes before it.

    Attributes:
        operations: Floating-point operations of the matrix products.
        update_bytes: Bytes that the optimizer reads and writes.
        state_bytes: Bytes of weights, gradients and the optimizer's averages.

    Example:
        >>> account = StepAccount.of((784, 100, 100, 10), batch_size=32)
        >>> account.operations, account.state_bytes
        (12147200, 1433760)
    """

    operations: int
    update_bytes: int
    state_bytes: int

    @classmethod
    def of(cls, widths: tuple[int, ...], batch_size: int) -> "StepAccount":
        """The account of one architecture.

        Args:
            widths: Inputs, hidden layers and labels.
            batch_size: Samples of a mini-batch.

        Returns:
            Operations and bytes.
        """
        products = [a * b for a, b in zip(widths[:-1], widths[1:], strict=True)]
        weights = sum(products) + sum(widths[1:])
        operations = 2 * batch_size * (3 * sum(products) - products[0])
        return cls(operations, _BYTES * _UPDATE_ACCESSES * weights, _BYTES * _HELD * weights)

    def limit(self, operations_per_second: float, bytes_per_second: float, together: int, cache_bytes: int) -> float:
        """The roofline: the longer of what products and the optimizer's memory traffic take at their ceilings.

        Args:
            operations_per_second: Peak of a large matrix product.
            bytes_per_second: Bandwidth of a copy that does not fit the cache.
            together: How many networks are trained together.
            cache_bytes: Size of the cache; traffic is free for as much of their state as fits it.

        Returns:
            Seconds for one network and step.
        """
        beyond_cache = max(0.0, 1 - cache_bytes / (together * self.state_bytes))
        return max(self.operations / operations_per_second, beyond_cache * self.update_bytes / bytes_per_second)


def read_benchmark(name: str, folder: Path | str = "") -> dict[str, Any]:
    """What `make bench` wrote.

    Args:
        name: "limits", "training", "steps", "measuring", "ablating", "growth", "groups", "lattices", "watching" or
            "first".
        folder: Where it wrote it; "" for the stored benchmark that the book shows.

    Returns:
        The file's content.

    Raises:
        ValueError: If there is no such file, or it cannot be read.

    Example:
        >>> read_benchmark("growth", "nowhere")
        Traceback (most recent call last):
        ValueError: nowhere/growth.json: no benchmark is stored there; "make bench" writes results/bench
    """
    path = (Path(folder) if folder else RESULTS / "bench") / f"{name}.json"
    try:
        content = json.loads(read_regular(path, _MOST_BYTES))
        if not isinstance(content, dict) or "machine" not in content or not _is_finite(content):
            raise ValueError("expected a machine and finite numbers by name")
        return content
    except FileNotFoundError:
        raise ValueError(f'{path}: no benchmark is stored there; "make bench" writes results/bench') from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f'{path}: not a benchmark ({error}); "make bench" writes it anew') from None


def _is_finite(content: Any) -> bool:
    # JSON as Python reads it has NaN and infinity.
    if isinstance(content, dict | list):
        return all(map(_is_finite, content.values() if isinstance(content, dict) else content))
    return not isinstance(content, float) or math.isfinite(content)


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """How many times as long as ours theirs takes, repetition by repetition.

    Args:
        ours: Times of interleaved repetitions.
        theirs: The other's times of the same repetitions.

    Returns:
        One ratio for each repetition.

    Raises:
        ValueError: If they do not have the same number of repetitions.

    Example:
        >>> ratios([1.0, 2.0], [10.0, 22.0])
        [10.0, 11.0]
    """
    if len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} and {len(theirs)} repetitions: expected as many of the one as of the other")
    return [other / own for own, other in zip(ours, theirs, strict=True)]


STEP_PARTS = (
    "matrix products",
    "update",
    "fetching images",
    "starting the program",
    "Dropout masks",
    "everything else",
)
"""What a training step consists of, in the order in which figures and tables have it."""

# The whole step, and the parts that were timed each by itself; masks are drawn with Dropout alone.
_STEPS = {
    "before": ("before", "products", "update", "fetch, before", "start, before"),
    "now": ("core", "products", "update", "fetch", "start"),
    "now, with Dropout": ("core, Dropout", "products", "update", "fetch", "start", "masks"),
}


def step_parts(seconds: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Divide the time of a training step into its parts.

    Each part was timed by itself, so "everything else" is what remains of the whole: activation functions, loss, sums
    of biases' gradients, the order of samples, and what parts take longer beside each other than alone. It is negative
    where parts take longer alone.

    Args:
        seconds: Interleaved times of "steps", as `read_benchmark` returns them of one network.

    Returns:
        For "before", "now" and "now, with Dropout", the seconds of each of `STEP_PARTS`: medians over repetitions.

    Example:
        >>> one = {"products": [3.0], "update": [1.0], "fetch": [0.5], "start": [0.25], "masks": [0.5]}
        >>> wholes = {"core": [6.0], "core, Dropout": [6.5], "before": [8.0]}
        >>> parts = step_parts(one | wholes | {"fetch, before": [1.0], "start, before": [1.5]})
        >>> parts["now"]["everything else"], parts["before"]["everything else"]
        (1.25, 1.5)
    """
    divided = {}
    for name, (whole, *parts) in _STEPS.items():
        times = [seconds[part] for part in parts]
        rest = [total - sum(some) for total, *some in zip(seconds[whole], *times, strict=True)]
        by_part = [*map(statistics.median, times), *[0.0] * (len(STEP_PARTS) - 1 - len(times)), statistics.median(rest)]
        divided[name] = dict(zip(STEP_PARTS, by_part, strict=True))
    return divided


def forward_pass(module: Any, samples: Samples, repetitions: int = 30) -> tuple[list[float], float]:
    """Measure the seconds of each of some passes of all samples through a module, and its accuracy as a fraction."""
    import torch

    pixels, labels = torch.from_numpy(samples.pixels), torch.from_numpy(samples.labels)
    seconds = []
    with torch.no_grad():
        for _ in range(repetitions):
            start = time.perf_counter()
            predicted = module(pixels).argmax(dim=1)
            seconds.append(time.perf_counter() - start)
    return seconds, float((predicted == labels).float().mean())
