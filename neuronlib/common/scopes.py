"""Names of layers and of scopes; a scope is one layer, or the whole network."""

from collections.abc import Mapping, Sequence

from neuronlib.common.numbers import Count

WHOLE = "whole"
"""Scope of all hidden layers together."""

Widths = Sequence[Count] | Mapping[str, Count]
"""Numbers of neurons of each layer, in their order; layers have a name, or are called "1", "2", …."""


def layer_names(hidden: Widths) -> list[str]:
    """Name the hidden layers: "1", "2", … unless they have names."""
    return list(hidden) if isinstance(hidden, Mapping) else [str(index + 1) for index in range(len(hidden))]


def layer_slice(hidden: Widths, layer: str) -> slice:
    """Return the slice of a layer's neurons among those of all hidden layers.

    Raises:
        ValueError: If there is no such layer.

    Example:
        >>> layer_slice((100, 50), "2"), layer_slice({"conv": 6, "head": 5}, "conv")
        (slice(100, 150, None), slice(0, 6, None))
    """
    names = layer_names(hidden)
    if layer not in names:
        raise ValueError(f"layer = {layer!r}: expected one of {', '.join(map(repr, names))}")
    widths, place = _widths(hidden), names.index(layer)
    start = sum(widths[:place])
    return slice(start, start + widths[place])


def layer_width(hidden: Widths, layer: str) -> int:
    """Count the neurons of a layer."""
    neurons = layer_slice(hidden, layer)
    return neurons.stop - neurons.start


def scopes(hidden: Widths) -> list[str]:
    """List what can be ablated: each hidden layer ("1", "2", …), and the whole network ("whole")."""
    return [*layer_names(hidden), WHOLE]


def scope_width(hidden: Widths, scope: str) -> int:
    """Count the neurons of a layer, or of the whole network."""
    return sum(_widths(hidden)) if scope == WHOLE else layer_width(hidden, scope)


def scope_name(scope: str) -> str:
    """Put a scope into words: "layer 1", or "whole network"."""
    return "whole network" if scope == WHOLE else f"layer {scope}"


def _widths(hidden: Widths) -> list[int]:
    return list(hidden.values() if isinstance(hidden, Mapping) else hidden)
