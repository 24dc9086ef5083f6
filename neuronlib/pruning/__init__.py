"""Removing neurons for good, by criteria of the literature, with or without compensation."""

from neuronlib.common.door import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
