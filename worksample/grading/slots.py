"""Places among the attempts whose candidate code may run at the same time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from multiprocessing.synchronize import Semaphore

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}

_slots: Semaphore | None = None  # in a worker: that of its executor


def take_from(slots: Semaphore | None) -> None:
    """From now on a :func:`slot` of this process is one of ``slots``; None: there are enough."""
    global _slots
    _slots = slots


@contextlib.contextmanager
def slot() -> Iterator[None]:
    """Hold a place among those that may run candidate code now; waits for one.

    A worker that is killed keeps its place, but then its executor is replaced, places and all.
    """
    if _slots is None:
        yield
        return
    with _slots:
        yield
