"""Cumulative ablation: orders, accuracies, and tests against random ablation."""

from neuronlib.common.door import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
