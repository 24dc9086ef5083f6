"""The reproduction of the paper: its settings, stored results, claims, book, course and commands."""

from neuronlib.common.door import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
