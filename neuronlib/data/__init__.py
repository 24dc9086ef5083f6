"""Images and samples: read, verified, divided into three parts, and scaled."""

from neuronlib.common.door import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
