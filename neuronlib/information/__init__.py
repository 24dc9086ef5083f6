"""What neurons tell about the label, in bits, from joint counts of quantized outputs and labels."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
