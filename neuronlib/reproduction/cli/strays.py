"""What is in a store, or among trained networks, and is left out by every command."""

import sys
from pathlib import Path


def name_strays(*folders: Path, inside: bool = True) -> None:
    """Write what `neuronlib.reproduction.store.netcdf.strays` finds to standard error, one line each."""
    from neuronlib.reproduction.store.netcdf import strays

    for folder in folders:
        for path, what in strays(folder, inside).items():
            print(f"neuronlib: left out: {path}: {what}", file=sys.stderr)
