"""Information measures and cumulative ablation of neurons, for many networks at once.

``import neuronlib as nl`` brings the names of ``__init__.pyi``, each loaded when it is first used, so that results are
read without PyTorch. Rooms such as ``nl.information`` have more; ``neuronlib.reproduction`` is about the paper.
"""

import os

from neuronlib.common.door import attach

# Threads that wait spin by default, which makes two busy programs on the same cores slow each other tenfold. A short
# spin costs nothing where the cores are free. OpenMP reads this when torch is loaded, so it has to be set before.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

__getattr__, __dir__, __all__ = attach(__name__, __file__)
