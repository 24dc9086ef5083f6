"""Training of all networks of a setting at once."""

from neuronlib.common.door import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
