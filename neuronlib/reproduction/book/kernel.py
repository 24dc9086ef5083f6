"""The kernel that chapters run in: this Python, without what a user has set for Python, Jupyter or matplotlib."""

import os
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec

# Of Python's own variables, those that say where things are.
_KEPT = frozenset(
    f"PYTHON{name}"
    for name in "DONTWRITEBYTECODE HOME NOUSERSITE PATH PYCACHEPREFIX SAFEPATH USERBASE UTF8 UNBUFFERED".split()
)
_OTHERS = ("IPYTHON", "JPY_", "JUPYTER", "MATPLOTLIB", "MPL", "PYTHON")


def environment() -> dict[str, str]:
    """Return this process's environment without variables that change what a chapter shows, or which Python runs it.

    Example:
        >>> "MPLBACKEND" in environment(), "PATH" in environment()
        (False, True)
    """
    import matplotlib

    cleaned = {name: value for name, value in os.environ.items() if name in _KEPT or not name.startswith(_OTHERS)}
    # A user's own file matplotlibrc is not read; the folder of fonts that matplotlib has found stays where it is.
    cleaned["MATPLOTLIBRC"] = str(Path(matplotlib.get_data_path()) / "matplotlibrc")
    if "MPLCONFIGDIR" in os.environ:
        cleaned["MPLCONFIGDIR"] = os.environ["MPLCONFIGDIR"]
    return cleaned


class ThisPython(AsyncKernelManager):
    """A kernel of the Python that runs this, whichever kernels are installed."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """What is started."""
        from ipykernel.kernelspec import get_kernel_dict

        return KernelSpec(**get_kernel_dict())

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]  # a method in the base class too
        """Start it in the cleaned `environment`."""
        await super().start_kernel(**options | {"env": environment()})
