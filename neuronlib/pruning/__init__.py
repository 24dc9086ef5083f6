"""Removing neurons for good, by criteria of the literature, with or without compensation."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
