"""Information measures and cumulative ablation of neurons, for many networks at once."""

import os
from typing import Any

# Threads that wait spin by default, which makes two busy programs on the same cores slow each other tenfold. A short
# spin costs nothing where the cores are free. OpenMP reads this when torch is loaded, so it has to be set before.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def __getattr__(name: str) -> Any:
    # prune needs torch, which is loaded only by what computes.
    if name == "prune":
        from neuronlib.pruning.prune import prune

        return prune
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
