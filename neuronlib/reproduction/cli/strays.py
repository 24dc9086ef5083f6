"""What is in a store, or among trained networks, and is left out by every command."""

import os
import sys
from pathlib import Path


def name_strays(*folders: Path, inside: bool = True) -> None:
    """Write what `neuronlib.reproduction.store.netcdf.strays` finds to standard error, one line each."""
    from neuronlib.reproduction.store.netcdf import strays

    for folder in folders:
        for path, what in strays(folder, inside).items():
            # A name may have bytes that no text has.
            name = os.fsencode(path).decode(errors="backslashreplace")
            print(f"neuronlib: left out: {name}: {what}", file=sys.stderr)
