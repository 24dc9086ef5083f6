"""States whose tensors are sorted by name, as safetensors writes them, and not in the order of the layers."""

import re
from collections.abc import Iterator, Mapping
from operator import itemgetter

from torch import Tensor

# A search that has not ended by then is one that many orders pass.
_TRIES = 10_000


def in_order_of_use(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Put the linear maps and batch normalizations of a state into the one order in which they form a row.

    Layers whose names differ in numbers alone, such as "0" and "2" or "fc1" and "fc2", are in the order of the numbers.
    Each layer takes as many values as the one before it gives.

    Returns:
        The same tensors, layer by layer.

    Raises:
        ValueError: If no order is such, or several are.

    Example:
        >>> import torch
        >>> wide, narrow = torch.zeros(3, 4), torch.zeros(2, 3)
        >>> list(in_order_of_use({"hidden.weight": narrow, "input.weight": wide}))
        ['input.weight', 'hidden.weight']
    """
    by_layer: dict[str, dict[str, Tensor]] = {}
    for name, tensor in state.items():
        by_layer.setdefault(name.rpartition(".")[0], {})[name] = tensor
    queues: dict[str, list[tuple[list[int], str]]] = {}
    for layer in by_layer:
        numbers = [int(number) for number in re.findall(r"\d+", layer)]
        queues.setdefault(re.sub(r"\d+", "#", layer), []).append((numbers, layer))
    widths = {layer: _widths(layer, tensors) for layer, tensors in by_layer.items()}
    rows = [[layer for _, layer in sorted(queue, key=itemgetter(0))] for queue in queues.values()]
    if len(rows) == 1:
        (order,) = rows
    else:
        orders = _orders(rows, widths, [], iter(range(_TRIES)))
        order = next(orders, [])
        if not order or next(orders, None) is not None:
            several = "several orders" if order else "no order"
            raise ValueError(
                f"of the layers {', '.join(map(repr, by_layer))}, {several} make a row, and this kind of file keeps "
                "none: number the layers' names, or use torch.save(network.state_dict(), path)"
            )
    return {name: tensor for layer in order for name, tensor in by_layer[layer].items()}


def _widths(layer: str, tensors: Mapping[str, Tensor]) -> tuple[int, ...]:
    # Outputs and inputs of a linear map, or the neurons of a batch normalization.
    for of_layer in ("running_mean", "weight", "bias"):
        tensor = tensors.get(f"{layer}.{of_layer}" if layer else of_layer)
        if tensor is not None:
            return tuple(tensor.shape)
    return ()


def _orders(
    rows: list[list[str]], widths: Mapping[str, tuple[int, ...]], before: list[str], tries: Iterator[int]
) -> Iterator[list[str]]:
    if not any(rows):
        if len(widths[before[-1]]) == 2:
            yield before
        return
    for place, row in enumerate(rows):
        if next(tries, None) is None:
            return
        if row and _follows(widths[row[0]], [widths[layer] for layer in before]):
            rest = [*rows[:place], row[1:], *rows[place + 1 :]]
            yield from _orders(rest, widths, [*before, row[0]], tries)


def _follows(width: tuple[int, ...], before: list[tuple[int, ...]]) -> bool:
    if not before:
        return len(width) == 2
    # Batch normalization is right behind a linear map.
    return len(width) > 0 and width[-1] == before[-1][0] and (len(width) == 2 or len(before[-1]) == 2)
