"""What is made once a run, and shared by all processes that run its tests."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

_folder: Path | None = None


@pytest.fixture(scope="session", autouse=True)
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this run that all its processes have."""
    global _folder
    own = tmp_path_factory.getbasetemp()
    # pytest-xdist gives each of its workers a folder in that of the run
    _folder = (own.parent if own.name.startswith("popen-") else own) / "once"
    _folder.mkdir(exist_ok=True)
    return _folder


def once(name: str, make: Callable[[Path], object]) -> Path:
    """A folder with what ``make`` puts into it; whoever asks first makes it, the others wait.

    Nobody may change it afterwards: who wants to takes a copy.
    """
    assert _folder is not None, "ask for it in a test or a fixture, not while tests are collected"
    place = _folder / name
    with (_folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the process that holds it
        if not place.exists():
            half = _folder / f"{name}.half"
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            make(half)
            half.rename(place)
    return place
