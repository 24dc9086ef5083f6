"""Who does the jobs: this process, or several that share a machine's cores."""

import concurrent.futures
import contextlib
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import resource_tracker
from typing import Any

from joblib.externals import loky

from neuronlib.common import progress
from neuronlib.common.errors import NeuronlibError

Executor = concurrent.futures.Executor

# Large arrays come and go at every step; in pages of 2 MB the kernel has far less to do for them.
_HUGE_PAGES = "glibc.malloc.hugetlb=1"
# loky replaces a process that has come to use 300 MB more, as do those that keep CIFAR-10 for their next job.
_REPLACED = "A worker stopped while some jobs were given to the executor"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class ProcessLost(NeuronlibError):
    """A process ended before its work was done."""


@contextlib.contextmanager
def processes(count: int) -> Iterator[Executor | None]:
    """Start processes that do jobs side by side, each with its share of the cores.

    Small networks cannot use many cores at a time, and a part of the work can use only one; so on many cores, several
    processes get more done than one. Each needs memory of its own, about a gigabyte for MNIST. An interrupt ends them
    at once, whether all processes get the signal, as from a terminal, or this one alone.

    Yields:
        What `each_done` takes as ``executor``; None for a count of one, where this process does the work.

    Raises:
        ValueError: If there is to be none.
        KeyboardInterrupt: After the processes have ended.
        ProcessLost: If a process ended before its work was done.
    """
    if count < 1:
        raise ValueError(f"processes = {count}: expected at least 1")
    if count == 1:
        yield None
        return
    environment = {
        # A container or a batch system may give fewer cores than the machine has.
        "OMP_NUM_THREADS": str(max(1, loky.cpu_count() // count)),
        "GLIBC_TUNABLES": os.environ.get("GLIBC_TUNABLES", _HUGE_PAGES),
        # Bars of several processes would be drawn over each other.
        progress.VARIABLE: "0",
    }
    warnings.filterwarnings("ignore", message=_REPLACED)
    pool = loky.ProcessPoolExecutor(count, env=environment, initializer=_begin, initargs=(os.getpid(),))
    # Processes start with the first job. An interrupt waits until they know what to do at one; Python's tracker of
    # resources, which comes with the first process, lets interrupts through again once it is started.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        pool.submit(os.getpid)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    try:
        yield pool
    except loky.BrokenProcessPool:
        raise ProcessLost(
            "a process ended before its work was done, as where memory is short; finished jobs are kept: "
            "run it again with fewer processes"
        ) from None
    except KeyboardInterrupt:
        # What they are at may take an hour. What they write is whole or not there, whenever they end. They are stopped
        # first, as loky ends the processes of each before itself, which would begin another job.
        for worker in list(pool._processes.values()):
            with contextlib.suppress(ProcessLookupError):  # it got the signal too
                os.kill(worker.pid, signal.SIGSTOP)
        pool.shutdown(kill_workers=True)
        raise
    finally:
        pool.shutdown()


def each_done(
    work: Callable[..., Any],
    tasks: Iterable[tuple[Any, ...]],
    executor: Executor | None,
    name: Callable[..., str] | None = None,
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each task with the result of its work, in the order in which they are done.

    Without an executor this process does one task after the other. What has not begun when an error or an
    interrupt ends this is not begun. An executor that shows what it does, as a cluster's, shows tasks by ``name``.

    Example:
        >>> list(each_done(pow, [(2, 3), (3, 2)], None))
        [((2, 3), 8), ((3, 2), 9)]
    """
    if executor is None:
        for task in tasks:
            yield task, work(*task)
        return
    futures = {executor.submit(_Named(work, name(*task)) if name else work, *task): task for task in tasks}
    try:
        for future in concurrent.futures.as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


class _Named:
    """Work under another name."""

    def __init__(self, work: Callable[..., Any], name: str) -> None:
        self.work, self.__name__ = work, name

    def __call__(self, *task: Any) -> Any:
        return self.work(*task)


def _begin(first: int) -> None:
    # An interrupt reaches every process; only the first has something to say about it.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    threading.Thread(target=_end_with, args=(first,), daemon=True).start()


def _end_with(first: int) -> None:
    # Killed, the first process cannot end the others, which would work on and then wait for ever.
    while os.getppid() == first:
        time.sleep(1)
    os._exit(1)
