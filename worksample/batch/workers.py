"""Processes that work for a batch, and how they start without importing everything again.

Short attempts cost less than the start of what grades them: libraries for tables, databases and
notebooks take seconds to import, in the command, in each worker, in what runs its checks and in
the sandboxes. So a command that grades calls :func:`prepare` first; then the sandboxes' preloaded
parent starts beside the command's own imports, and workers are forked from the command once
these are done, as is, from each worker, the process that runs checks.

An attempt spends half of its time waiting: for a fork, for namespaces, for a kernel to answer. So
there are more workers than cores, and each asks for a
:func:`~worksample.grading.slots.slot` before it runs what a candidate
wrote: no more of that is under way than was asked for, as one attempt should not slow another.

A process is only forked while it has a single thread, before anything was read for a batch. Where
that does not hold (a notebook server, a test), and after a worker was killed, workers are fresh
processes that import for themselves.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing.synchronize import Semaphore
from typing import Any

from worksample import interpreter
from worksample.grading.slots import ONE_THREAD, take_from
from worksample.sandbox.inside import confine

Start = Callable[[], Executor]

SHARED = ("pandas",)  # it starts no thread, which a fork would not have
PER_SLOT = 2  # workers that grade: one runs candidate code, the other prepares or finishes

_prepared = False


def prepare(unsafe: bool = False) -> None:
    """Get ready to grade: call it before anything heavy is imported. Does no harm twice.

    Args:
        unsafe: sandboxes will not be asked for.
    """
    global _prepared
    if "numpy" not in sys.modules:
        os.environ.update(ONE_THREAD)  # read when they are loaded; a fork would not have theirs
        _prepared = True
    if not unsafe:
        _start_parent()


def _start_parent() -> None:
    from worksample.errors import WorksampleError
    from worksample.sandbox import forked

    # what is wrong is told when a sandbox is asked for
    with contextlib.suppress(WorksampleError):
        forked.Forked.find().begin()


def can_fork() -> bool:
    """Whether this process may be forked now."""
    return _prepared and threading.active_count() == 1


def import_once(libraries: Iterable[str]) -> None:
    """Import what grading's forks would otherwise each import; before the first is made."""
    for name in SHARED:
        if name in libraries and can_fork():
            importlib.import_module(name)


class Pool:
    """Makes executors for so many tasks at a time; the first has been forked already, if it could.

    Args:
        grading: the tasks are attempts: they run checks, and wait for a slot.
    """

    def __init__(self, tasks: int, *, grading: bool = True) -> None:
        self._tasks, self._grading = tasks, grading
        self._ready = _forked(tasks, grading) if can_fork() else None

    def __call__(self) -> Executor:
        """An executor, which belongs to the caller."""
        executor, self._ready = self._ready, None
        return executor or _fresh(self._tasks, self._grading)

    def close(self) -> None:
        """End what was forked and never asked for."""
        if self._ready is not None:
            self._ready.shutdown(cancel_futures=True)
            self._ready = None


def _forked(tasks: int, grading: bool) -> Executor:
    executor = _executor("fork", tasks, grading, fork_checkhost=grading)
    executor.submit(os.getpid)  # this is when it forks, all of them at once
    return executor


def _fresh(tasks: int, grading: bool) -> Executor:
    return _executor("spawn", tasks, grading, fork_checkhost=False)


def _executor(method: str, tasks: int, grading: bool, fork_checkhost: bool) -> Executor:
    interpreter.guard()
    context: Any = multiprocessing.get_context(method)
    slots = context.Semaphore(tasks) if grading else None
    return ProcessPoolExecutor(
        tasks * PER_SLOT if grading else tasks,
        mp_context=context,
        initializer=_begin,
        initargs=(os.getpid(), fork_checkhost, slots),
    )


def _begin(coordinator: int, fork_checkhost: bool, slots: Semaphore | None) -> None:
    """In a worker: nobody is left behind when the coordinator is killed."""
    take_from(slots)
    interpreter.end_quickly()
    confine.prctl(confine.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != coordinator:  # it was killed before this
        os._exit(1)
    # the coordinator's objects are not ours to finish: connections among them
    gc.freeze()
    if fork_checkhost:
        from worksample.grading import checkhost

        checkhost.fork()
