"""What neurons tell about the label, in bits, from joint counts of quantized outputs and labels."""

from neuronlib.common.door import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
