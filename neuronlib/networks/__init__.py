"""Networks side by side: the fully-connected ensemble, and networks that were trained elsewhere."""

from neuronlib.common.door import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
