"""Who does the jobs: this process, or several that share a machine's cores."""

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from neuronlib.common import progress
from neuronlib.common.errors import NeuronlibError

_THREADS = "OMP_NUM_THREADS"
_MEMORY = "GLIBC_TUNABLES"
# Large arrays come and go at every step; in pages of 2 MB the kernel has far less to do for them.
_HUGE_PAGES = "glibc.malloc.hugetlb=1"


class ProcessLost(NeuronlibError):
    """A process ended before its work was done.

    Example:
        >>> issubclass(ProcessLost, NeuronlibError)
        True
    """


@contextlib.contextmanager
def processes(count: int) -> Iterator[concurrent.futures.Executor | None]:
    """Processes that do jobs side by side, each with its share of the cores.

    Small networks cannot use many cores at a time, and a part of the work can use only one; so on many cores, several
    processes get more done than one. Each needs memory of its own, about a gigabyte for MNIST.

    Args:
        count: How many; with one, the work is done in this process.

    Yields:
        What `run` takes as ``executor``. Work that has not begun when the context ends by an error or
        an interrupt is not begun.

    Raises:
        ValueError: If there is to be none.
        ProcessLost: If a process ended before its work was done.

    Example:
        >>> with processes(1) as executor:
        ...     print(executor)
        None
    """
    if count < 1:
        raise ValueError(f"processes = {count}: expected at least 1")
    if count == 1:
        yield None
        return
    # Forking would copy PyTorch's threads in an unknown state.
    pool = concurrent.futures.ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=_begin)
    before = {name: os.environ.get(name) for name in (_THREADS, _MEMORY)}
    # The libraries that compute read them when they are loaded, which in the new processes is at once.
    os.environ[_THREADS] = str(max(1, (os.cpu_count() or 1) // count))
    os.environ.setdefault(_MEMORY, _HUGE_PAGES)
    try:
        yield pool
    except BrokenProcessPool:
        raise ProcessLost(
            "a process ended before its work was done, as where memory is short; finished jobs are kept: "
            "run it again with fewer processes"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def each_done(
    work: Callable[..., Any], tasks: Iterable[tuple[Any, ...]], executor: concurrent.futures.Executor | None
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Do jobs, and yield the result of each when it is done.

    Args:
        work: What is done with each task.
        tasks: Its arguments, for each job.
        executor: Who does it; None for this process, one job after the other.

    Yields:
        Task and result, in the order in which they are done.

    Example:
        >>> list(each_done(pow, [(2, 3), (3, 2)], None))
        [((2, 3), 8), ((3, 2), 9)]
    """
    if executor is None:
        for task in tasks:
            yield task, work(*task)
        return
    futures = {executor.submit(work, *task): task for task in tasks}
    for future in concurrent.futures.as_completed(futures):
        yield futures[future], future.result()


def _begin() -> None:
    # An interrupt reaches every process; only the first has something to say about it.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    # Bars of several processes would be drawn over each other.
    os.environ[progress.VARIABLE] = "0"
    threading.Thread(target=_end_with_the_first, daemon=True).start()


def _end_with_the_first() -> None:
    # Killed, the first process cannot end the others, which would work on and then wait for ever.
    first = multiprocessing.parent_process()
    if first is not None:
        first.join()
        os._exit(1)
