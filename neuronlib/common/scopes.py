"""Names of layers and of scopes; a scope is one layer, or the whole network."""

from collections.abc import Sequence

WHOLE = "whole"
"""Scope of all hidden layers together."""


def layer_names(hidden: Sequence[int]) -> list[str]:
    """Name the hidden layers: "1", "2", …."""
    return [str(index + 1) for index in range(len(hidden))]


def layer_slice(hidden: Sequence[int], layer: str) -> slice:
    """Return the slice of a layer's neurons among those of all hidden layers.

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
    """Count the neurons of a layer."""
    neurons = layer_slice(hidden, layer)
    return neurons.stop - neurons.start


def scopes(hidden: Sequence[int]) -> list[str]:
    """List what can be ablated: each hidden layer ("1", "2", …), and the whole network ("whole")."""
    return [*layer_names(hidden), WHOLE]


def scope_width(hidden: Sequence[int], scope: str) -> int:
    """Count the neurons of a layer, or of the whole network."""
    return sum(hidden) if scope == WHOLE else layer_width(hidden, scope)


def scope_name(scope: str) -> str:
    """Put a scope into words: "layer 1", or "whole network"."""
    return "whole network" if scope == WHOLE else f"layer {scope}"
