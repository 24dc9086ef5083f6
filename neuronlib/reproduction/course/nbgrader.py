"""Access to nbgrader, which does the work of a course."""

import atexit
import functools
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from neuronlib.common.errors import NeuronlibError
from neuronlib.reproduction.course.assignments import SECONDS_A_CELL

CONFIGURATION_FILE = "nbgrader_config.py"


def nbgrader(folder: Path, seconds: int = SECONDS_A_CELL) -> Any:
    """Open nbgrader in a course's folder, with its configuration.

    Args:
        folder: The course's folder.
        seconds: Time limit of a cell.

    Returns:
        An ``NbGraderAPI``.

    Raises:
        NeuronlibError: If nbgrader is not installed, or the configuration is missing or wrong.
    """
    try:
        from nbgrader.apps import NbGraderAPI
        from traitlets.config import Config, PyFileConfigLoader

        from neuronlib.reproduction.book.kernel import ThisPython
    except ImportError as error:
        raise NeuronlibError(f"{error}; pip install 'neuronlib[course]'") from error
    # nbgrader calls a command of this environment by name, which is not on PATH unless the environment is activated.
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])
    file = folder / CONFIGURATION_FILE
    if not file.is_file():
        raise NeuronlibError(f'{file} is missing; neuronlib assign "{folder}" writes it')
    try:
        configuration = Config(PyFileConfigLoader(file.name, path=str(folder)).load_config())
    except Exception as error:  # whatever a teacher's Python raises
        raise NeuronlibError(f"{file}: {type(error).__name__}: {error}") from error
    configuration.CourseDirectory.root = str(folder.resolve())
    configuration.Execute.timeout = seconds
    # The kernel is this Python's, whichever are installed, and warns of itself at every start.
    configuration.Execute.kernel_manager_class = ThisPython
    configuration.Execute.extra_arguments = ["--log-level=CRITICAL", f"--ipython-dir={_folder_without_settings()}"]
    configuration.NbGraderAPI.log_level = "INFO"
    return NbGraderAPI(config=configuration)


@functools.cache
def _folder_without_settings() -> str:
    # Where IPython finds neither a user's settings nor files to run first.
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def most_points(api: Any, name: str, folder: Path) -> float:
    """Look up in nbgrader's gradebook how many points an assignment gives.

    Returns:
        The points.

    Raises:
        NeuronlibError: If the gradebook does not know the assignment, for instance because its file was lost.
    """
    from nbgrader.api import MissingEntry

    try:
        with api.gradebook as gradebook:
            return float(gradebook.find_assignment(name).max_score)
    except MissingEntry:
        raise NeuronlibError(f'{name} is not in the gradebook; neuronlib assign "{folder}" {name} enters it') from None


def succeeded(result: dict[str, Any], otherwise: str) -> None:
    """Raise an error if nbgrader failed.

    Args:
        result: The result of a call of nbgrader.
        otherwise: Beginning of the message.

    Raises:
        NeuronlibError: If it failed, with the reason from its log.
        KeyboardInterrupt: If an interrupt is the reason.

    Example:
        >>> succeeded({"success": False, "log": "OSError: no space left"}, "could not be graded")
        Traceback (most recent call last):
        neuronlib.common.errors.NeuronlibError: could not be graded: OSError: no space left
    """
    # nbgrader reports Ctrl-C as a failure like any other.
    if (result.get("error") or "").rstrip().endswith("KeyboardInterrupt"):
        raise KeyboardInterrupt
    if not result["success"]:
        log = (result.get("log") or "").splitlines()
        said = [line.strip() for line in log if re.match(r" *\w+(\.\w+)*(Error|Exception)\b", line)]
        raise NeuronlibError(f"{otherwise}: {[*log, 'nbgrader does not say why', *said][-1]}")
