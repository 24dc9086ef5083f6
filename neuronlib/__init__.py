"""Information measures and cumulative ablation of neurons, for many networks at once."""

import os

# Threads that wait spin by default, which makes two busy programs on the same cores slow each other tenfold. A short
# spin costs nothing where the cores are free. OpenMP reads this when torch is loaded, so it has to be set before.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
