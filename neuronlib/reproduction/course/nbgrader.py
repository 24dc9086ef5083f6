"""Access to nbgrader, which does the work of a course."""

import os
import re
import sys
from pathlib import Path
from typing import Any

from neuronlib.common.errors import NeuronlibError

CONFIGURATION_FILE = "nbgrader_config.py"


def nbgrader(folder: Path) -> Any:
    """Open nbgrader in a course's folder, with its configuration.

    Args:
        folder: The course's folder.

    Returns:
        An ``NbGraderAPI``.

    Raises:
        NeuronlibError: If nbgrader is not installed, or the configuration is missing or wrong.
    """
    try:
        from nbgrader.apps import NbGraderAPI
        from nbgrader.converters import Autograde
        from nbgrader.preprocessors import Execute
        from traitlets.config import Config, PyFileConfigLoader

        from neuronlib.reproduction.course.feedback import FeedbackExporter
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
    # nbgrader would execute notebooks in this process's own environment; grading does it apart.
    usual = Autograde.autograde_preprocessors.default()
    configuration.Autograde.autograde_preprocessors = [one for one in usual if one is not Execute]
    configuration.GenerateFeedback.exporter_class = FeedbackExporter
    configuration.NbGraderAPI.log_level = "INFO"
    return NbGraderAPI(config=configuration)


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
