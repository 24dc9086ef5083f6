"""Names of layers, and of what can be ablated: each layer by itself, and the whole network."""

from collections.abc import Sequence

WHOLE = "whole"
"""Stands in place of a layer for the neurons of all hidden layers together."""


def layer_names(hidden: Sequence[int]) -> list[str]:
    """What hidden layers are called.

    Args:
        hidden: Widths of the hidden layers.

    Returns:
        "1", "2", ….

    Example:
        >>> layer_names((100, 100))
        ['1', '2']
    """
    return [str(index + 1) for index in range(len(hidden))]


def layer_slice(hidden: Sequence[int], layer: str) -> slice:
    """Where a layer's neurons are among those of all hidden layers.

    Args:
        hidden: Widths of the hidden layers.
        layer: The layer, such as "1".

    Returns:
        A slice.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> layer_slice((100, 50), "2")
        slice(100, 150, None)
    """
    if layer not in layer_names(hidden):
        raise ValueError(f"layer = {layer!r}: expected one of {', '.join(map(repr, layer_names(hidden)))}")
    start = sum(hidden[: int(layer) - 1])
    return slice(start, start + hidden[int(layer) - 1])


def layer_width(hidden: Sequence[int], layer: str) -> int:
    """How many neurons a layer has.

    Args:
        hidden: Widths of the hidden layers.
        layer: The layer, such as "1".

    Returns:
        Its width.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> layer_width((100, 50), "2")
        50
    """
    here = layer_slice(hidden, layer)
    return here.stop - here.start


def scopes(hidden: Sequence[int]) -> list[str]:
    """What can be ablated: each hidden layer by itself, and the whole network.

    Args:
        hidden: Widths of the hidden layers.

    Returns:
        "1", "2", … and "whole".

    Example:
        >>> scopes((100, 100))
        ['1', '2', 'whole']
    """
    return [*layer_names(hidden), WHOLE]


def scope_width(hidden: Sequence[int], scope: str) -> int:
    """How many neurons can be ablated.

    Args:
        hidden: Widths of the hidden layers.
        scope: A layer, such as "1", or "whole".

    Returns:
        Neurons of the layer, or of all.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> scope_width((250, 500), "2"), scope_width((250, 500), WHOLE)
        (500, 750)
    """
    return sum(hidden) if scope == WHOLE else layer_width(hidden, scope)


def scope_name(scope: str) -> str:
    """A scope in words.

    Args:
        scope: A layer, such as "1", or "whole".

    Returns:
        Such as "layer 1".

    Example:
        >>> scope_name(WHOLE)
        'whole network'
    """
    return "whole network" if scope == WHOLE else f"layer {scope}"
