"""The reproduction of the paper: its settings, stored results, claims, book, course and commands."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
