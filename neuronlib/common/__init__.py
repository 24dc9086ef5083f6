"""Settings, checks, errors, random numbers, devices, progress bars, for every room."""

from neuronlib.common.door import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
