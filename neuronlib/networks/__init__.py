"""Networks side by side: the fully-connected ensemble, and networks that were trained elsewhere."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
