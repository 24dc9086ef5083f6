"""What this package asks of nbgrader, which does the work of a course."""

import os
import re
import sys
from pathlib import Path
from typing import Any

from neuronlib.common.errors import NeuronlibError
from neuronlib.reproduction.course.assignments import SECONDS_A_CELL

CONFIGURATION_FILE = "nbgrader_config.py"


def nbgrader(folder: Path, seconds: int = SECONDS_A_CELL) -> Any:
    """nbgrader, at work in a course's folder.

    Args:
        folder: The course's folder, with its configuration.
        seconds: After which a cell is interrupted.

    Returns:
        An ``NbGraderAPI``.

    Raises:
        NeuronlibError: If nbgrader is not installed, or the configuration is missing or wrong.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = (Path(folder) / CONFIGURATION_FILE).write_text("c = get_config()")
        ...     type(nbgrader(Path(folder))).__name__
        'NbGraderAPI'
    """
    try:
        from nbgrader.apps import NbGraderAPI
        from traitlets.config import Config, PyFileConfigLoader
    except ImportError as error:
        raise NeuronlibError(f"{error}; pip install 'neuronlib[course]'") from error
    # nbgrader calls a command of this environment by its name, which an environment that is not activated hides.
    here = str(Path(sys.executable).parent)
    if here not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([here, os.environ["PATH"]])
    file = folder / CONFIGURATION_FILE
    if not file.is_file():
        raise NeuronlibError(f'{file} is missing; neuronlib assign "{folder}" writes it')
    try:
        configuration = Config(PyFileConfigLoader(file.name, path=str(folder)).load_config())
    except Exception as error:  # whatever a teacher's Python raises
        raise NeuronlibError(f"{file}: {type(error).__name__}: {error}") from error
    configuration.CourseDirectory.root = str(folder.resolve())
    configuration.Execute.timeout = seconds
    configuration.NbGraderAPI.log_level = "INFO"
    return NbGraderAPI(config=configuration)


def most_points(api: Any, name: str, folder: Path) -> float:
    """How many points an assignment gives, by nbgrader's gradebook.

    Args:
        api: What `nbgrader` returned.
        name: The assignment.
        folder: The course's folder, for the message.

    Returns:
        The points.

    Raises:
        NeuronlibError: If the gradebook does not know the assignment, as where its file was lost.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = (Path(folder) / CONFIGURATION_FILE).write_text("c = get_config()")
        ...     most_points(nbgrader(Path(folder)), "measures", Path("course"))
        Traceback (most recent call last):
        neuronlib.common.errors.NeuronlibError: measures is not in the gradebook; ...
    """
    from nbgrader.api import MissingEntry

    try:
        with api.gradebook as gradebook:
            return float(gradebook.find_assignment(name).max_score)
    except MissingEntry:
        raise NeuronlibError(f'{name} is not in the gradebook; neuronlib assign "{folder}" {name} enters it') from None


def succeeded(result: dict[str, Any], otherwise: str) -> None:
    """Refuse to go on where nbgrader could not do something.

    Args:
        result: What it returned.
        otherwise: What that means, for the message.

    Raises:
        NeuronlibError: If it did not succeed, with what its log says of the reason.
        KeyboardInterrupt: If that is why.

    Example:
        >>> succeeded({"success": False, "log": "OSError: no space left"}, "could not be graded")
        Traceback (most recent call last):
        neuronlib.common.errors.NeuronlibError: could not be graded: OSError: no space left
    """
    # nbgrader takes Ctrl-C for one more reason why a notebook could not be graded.
    if (result.get("error") or "").rstrip().endswith("KeyboardInterrupt"):
        raise KeyboardInterrupt
    if not result["success"]:
        log = (result.get("log") or "").splitlines()
        said = [line.strip() for line in log if re.match(r" *\w+(\.\w+)*(Error|Exception)\b", line)]
        raise NeuronlibError(f"{otherwise}: {[*log, 'nbgrader does not say why', *said][-1]}")
