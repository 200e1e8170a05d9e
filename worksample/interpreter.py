"""How this package starts Python: nothing is imported from where somebody happens to stand.

A grader's shell may stand in a candidate's folder. ``python -c``, ``python -m`` and the processes
that multiprocessing starts look for every module in the working directory first, so a ``pickle.py``
there would be run as the grader.
"""

from __future__ import annotations

import atexit
import functools
import gc
import os
import sys
from pathlib import Path

FOLDER = "/"  # where a process of ours stands that needs no other place


def command(*arguments: str) -> list[str]:
    """The command that runs this interpreter with ``arguments``, its path free of the folder."""
    return [sys.executable, "-P", *arguments]


def guard() -> None:
    """No interpreter that is started from now on, by whomever below, looks in its folder either.

    For what has no command of ours to change: multiprocessing, and programs that others start.
    """
    os.environ["PYTHONSAFEPATH"] = "1"


def leave_folder() -> None:
    """This process imports nothing from its working directory any more; for a command's start.

    It does so after ``python -m``. A folder that this package itself lies in stays. What is read
    before any word of ours (the environment's own ``PYTHONPATH``, say) is the user's to choose.
    """
    here, ours = os.path.realpath(os.curdir), Path(__file__).resolve().parents[1]
    if Path(here) != ours:
        sys.path[:] = [place for place in sys.path if place and os.path.realpath(place) != here]


@functools.cache
def end_quickly() -> None:
    """This process will end without looking for garbage among all that it has imported.

    For a command's start. Python looks several times while it ends, which takes half a second of
    processor time once nbgrader is loaded; the system takes all memory back anyway.
    """
    atexit.register(gc.freeze)
