"""Protections around a process that runs students' code, by what the system offers."""

import functools
import os
import secrets
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from neuronlib.common.errors import NeuronlibError
from neuronlib.reproduction.store.paths import BOOK

Choice = Literal["auto", "bwrap", "namespaces", "none"]
CHOICES: tuple[str, ...] = get_args(Choice)

DISK = 512 * 2**20
"""Bytes of temporary files in a sandbox."""

MEMORY = 6 * 2**30
"""Bytes of memory for all processes of a notebook's sandbox."""

PROCESSES = 256
"""Processes and threads in a sandbox."""

MISSING = "install bubblewrap, as by: apt install bubblewrap"
"""What to do where students' code is not shut in."""

_NOBODY = "65534"
_PACKAGE = Path(__file__).parents[3]


@dataclass(frozen=True)
class Protection:
    """A way to run a command apart from the course.

    Attributes:
        name: One of `CHOICES`, or the container engine and its image.
        text: What it protects from, in words.
        command: Makes the whole command out of Python's arguments and the course's folder.
        complete: Other files and the network are out of reach.
        stop: The command that ends what killing the process does not end, as a container.
    """

    name: str
    text: str
    command: Callable[[Sequence[str], Path], list[str]]
    complete: bool = True
    stop: tuple[str, ...] = ()


def protection(choice: str = "auto") -> Protection:
    """Choose a protection.

    Args:
        choice: One of `CHOICES`; "auto" takes the first that works here, of "bwrap", "namespaces" and "none".

    Returns:
        The protection.

    Raises:
        ValueError: If there is no such choice.
        NeuronlibError: If it does not work here.

    Example:
        >>> protection("none").complete
        False
        >>> protection("jail")
        Traceback (most recent call last):
        ValueError: --sandbox jail: expected one of auto, bwrap, namespaces, none
    """
    if choice not in CHOICES:
        raise ValueError(f"--sandbox {choice}: expected one of {', '.join(CHOICES)}")
    for candidate in _candidates():
        if choice in ("auto", candidate.name) and _tried(candidate):
            return candidate
    raise NeuronlibError(f"--sandbox {choice}: it does not work here; {MISSING}, or choose another")


def works() -> list[str]:
    """List the protections that work here, the best one first."""
    return list(dict.fromkeys(candidate.name for candidate in _candidates() if _tried(candidate)))


def container(image: str) -> Protection:
    """Choose a container as protection.

    Args:
        image: An image in which the same version of neuronlib is installed, with its course packages.

    Returns:
        The protection, by podman or docker.

    Raises:
        NeuronlibError: If there is neither.
    """
    engine = shutil.which("podman") or shutil.which("docker")
    if engine is None:
        raise NeuronlibError(f"--container {image}: needs podman or docker, and found neither")
    name = f"neuronlib-{secrets.token_hex(8)}"
    limits = ["--memory", str(MEMORY), "--pids-limit", str(PROCESSES), "--ulimit", "core=0"]
    apart = ["--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    files = ["--tmpfs", f"/tmp:rw,exec,mode=1777,size={DISK}", "--workdir", "/tmp", "--user", f"{_NOBODY}:{_NOBODY}"]

    def command(arguments: Sequence[str], course: Path) -> list[str]:
        variables = [f"--env={key}={value}" for key, value in environment(Path("/tmp")).items() if key in _IN_CONTAINER]
        run = [engine, "run", "--rm", "--interactive", "--name", name]
        return [*run, *apart, *limits, *files, *variables, image, "python", *arguments]

    text = f"a container of {image}, without network and without sight of other files"
    return Protection(f"{Path(engine).name} {image}", text, command, stop=(engine, "kill", name))


def environment(own: Path) -> dict[str, str]:
    """Return the whole environment of a process of cells, which has nothing of the grader's secrets.

    Args:
        own: The folder where it may write.
    """
    import matplotlib

    variables = {
        "HOME": str(own),
        "TMPDIR": str(own),
        "USER": "student",
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(own / "matplotlib"),
        "MATPLOTLIBRC": str(Path(matplotlib.get_data_path()) / "matplotlibrc"),
        "IPYTHONDIR": str(own / "ipython"),
        "PYTHONDONTWRITEBYTECODE": "1",
        # Compiling takes longer than a notebook's few small networks do.
        "TORCHDYNAMO_DISABLE": "1",
    }
    if _PACKAGE.parent != Path(sysconfig.get_path("purelib")):
        variables["PYTHONPATH"] = str(_PACKAGE.parent)
    return variables | {name: os.environ[name] for name in ("NEURONLIB_DATA", "OMP_NUM_THREADS") if name in os.environ}


_IN_CONTAINER = ("HOME", "TMPDIR", "USER", "LANG", "MPLBACKEND", "MPLCONFIGDIR", "IPYTHONDIR", "TORCHDYNAMO_DISABLE")


@functools.cache
def _tried(candidate: Protection) -> bool:
    # Systems forbid namespaces in many ways, so the real command is tried.
    try:
        command = candidate.command(["-c", "pass"], Path("/nonexistent"))
        return subprocess.run(command, env=environment(Path("/tmp")), capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@functools.cache
def _candidates() -> list[Protection]:
    sight = "without network and without sight of other files"
    candidates = []
    if (bwrap := shutil.which("bwrap")) and (setpriv := shutil.which("setpriv")) and os.geteuid() == 0:
        # As another user of the system, whose number of processes can be limited.
        keep = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        other = [setpriv, "--reuid", _NOBODY, "--regid", _NOBODY, "--clear-groups", "--inh-caps=-all", "--no-new-privs"]
        candidates.append(Protection("bwrap", f"bubblewrap, {sight}", functools.partial(_bwrap, bwrap, keep, other)))
    if bwrap := shutil.which("bwrap"):
        apart = ["--unshare-user", "--uid", _NOBODY, "--gid", _NOBODY, "--cap-drop", "ALL"]
        candidates.append(Protection("bwrap", f"bubblewrap, {sight}", functools.partial(_bwrap, bwrap, apart, [])))
    if shutil.which("unshare") and shutil.which("setpriv"):
        text = "namespaces, without network and without sight of the course; your other files can be read and changed"
        candidates.append(Protection("namespaces", text, _namespaces, complete=False))
    text = "limits of time, memory and files alone; it can read and change whatever you can"
    return [*candidates, Protection("none", text, _plainly, complete=False)]


def _bwrap(bwrap: str, user: list[str], become: list[str], arguments: Sequence[str], course: Path) -> list[str]:
    command = [bwrap, "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid", "--unshare-net"]
    command += ["--unshare-uts", "--unshare-cgroup-try", *user]
    for programs in map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")):
        if programs.is_symlink():
            command += ["--symlink", str(programs.readlink()), str(programs)]
        elif programs.is_dir():
            command += ["--ro-bind", str(programs), str(programs)]
    # Before what is bound, which may lie in it.
    temporary = ["--size", str(DISK // 2), "--perms", "1777", "--tmpfs"]
    command += [*temporary, "/tmp"]
    bound = [Path("/usr"), Path("/tmp"), *_python()]
    paths = [*_SYSTEM, *_python(), *_interpreter(), *_images(course)]
    # The folders around them hold nothing else, and another user has to pass through.
    for folder in sorted({parent for path in paths for parent in path.parents[:-1]} - set(paths)):
        if not any(folder.is_relative_to(one) for one in bound):
            command += ["--perms", "0755", "--dir", str(folder)]
    for path in paths:
        command += ["--ro-bind-try", str(path), str(path)]
    # Solutions and the course stay out of sight wherever they are.
    for secret in (BOOK, course):
        if any(secret.is_relative_to(folder) for folder in bound):
            command += ["--size", "65536", "--tmpfs", str(secret), "--remount-ro", str(secret)]
    command += ["--proc", "/proc", "--dev", "/dev", *temporary, "/dev/shm"]
    # All that is left to write is of bounded size.
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
    return [*command, *become, sys.executable, *arguments]


_SYSTEM = [
    Path(path)
    for path in (
        "/etc/ld.so.cache",
        "/etc/alternatives",
        "/etc/fonts",
        "/etc/localtime",
        "/sys/devices/system/cpu",
        "/nix/store",
        "/gnu/store",
    )
]


def _python() -> list[Path]:
    # Folders that hold packages and nothing else; others on the path may be anybody's.
    packages = [Path(path) for path in (*site.getsitepackages(), site.getusersitepackages())]
    listed = [path for path in packages if str(path) in sys.path]
    return [Path(sys.base_prefix), Path(sys.prefix), *listed, _PACKAGE]


def _interpreter() -> list[Path]:
    # The links that lead from an environment's Python to the one that it was made with.
    links, path = [], Path(sys.executable)
    while path.is_symlink():
        path = path.parent / path.readlink()
        links.append(path)
    return [one for one in links if not any(one.is_relative_to(folder) for folder in _python())]


def _images(course: Path) -> list[Path]:
    folder = Path(os.environ.get("NEURONLIB_DATA") or "/nonexistent").absolute()
    return [] if course.is_relative_to(folder) else [folder]


def _namespaces(arguments: Sequence[str], course: Path) -> list[str]:
    # An empty folder lies over the course; without capabilities nobody can take it away.
    cover = 'test ! -d "$0" || mount -t tmpfs -o size=1m,ro none "$0"; exec "$@"'
    apart = ["unshare", "--user", "--map-root-user", "--net", "--ipc", "--uts", "--mount", "--pid", "--fork"]
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    return [*apart, "--kill-child", "--mount-proc", "sh", "-c", cover, str(course), *drop, sys.executable, *arguments]


def _plainly(arguments: Sequence[str], course: Path) -> list[str]:
    # A shell stands between, so that what kills its parent does not kill the grader.
    return ["/bin/sh", "-c", '"$0" "$@"; exit $?', sys.executable, *arguments]
