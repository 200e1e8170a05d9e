"""What was worked out once from files, kept between processes; it can be thrown away at any time.

As with Python's own ``__pycache__``: an entry is named by the hash of everything that it follows
from, so none is ever out of date. It lies in ``$XDG_CACHE_HOME/worksample`` (``~/.cache``). Where
that folder is not this user's alone, or cannot be written, nothing is kept.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import os
import pickle
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from worksample import disk

MOST = 64  # entries; those that nobody asked for the longest are removed

Value = TypeVar("Value")

# an entry is data: nothing is called while it is read but what makes these
_ALLOWED = {"pathlib", "worksample.assignments.model", "worksample.limits"}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module not in _ALLOWED or "." in name:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a cache")
        return super().find_class(module, name)


def kept(kind: str, key: str, make: Callable[[], Value]) -> Value:
    """What ``make`` gives; from a file if this was asked for before.

    Args:
        kind: begins the file's name.
        key: a hash of all that the value follows from but our own code, which is added here.
    """
    folder = _folder()
    if folder is None:
        return make()
    name = hashlib.sha256(
        f"{key} {ours()} {sys.version}".encode("utf-8", "surrogateescape")
    ).hexdigest()
    path = folder / f"{kind}-{name[:32]}"
    with contextlib.suppress(Exception):  # not there, half of it, of another version: made anew
        found = cast(Value, _Reader(io.BytesIO(path.read_bytes())).load())
        os.utime(path)  # what is used is not among the oldest
        return found
    value = make()
    with contextlib.suppress(OSError):  # a full disk, one that cannot be written
        disk.replace(path, pickle.dumps(value))
        _prune(folder)
    return value


@functools.cache
def ours() -> str:
    """sha256 of all code of this package."""
    total = hashlib.sha256()
    here = Path(__file__).parent
    for place, folders, names in os.walk(here):
        folders[:] = sorted(each for each in folders if each not in ("__pycache__", "samples"))
        for name in sorted(names):
            if name.endswith(".py"):
                total.update(f"{os.path.relpath(place, here)}/{name}\0".encode())
                with open(os.path.join(place, name), "rb") as file:
                    total.update(hashlib.sha256(file.read()).digest())
    return total.hexdigest()


def _folder() -> Path | None:
    """Made at first use; None where it is not ours alone, or cannot be had."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(base) / "worksample"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = folder.lstat()
    except (OSError, RuntimeError):  # no home
        return None
    others = facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    mine = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid()
    return folder if mine and not others else None


def _prune(folder: Path) -> None:
    entries = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in entries[MOST:]:
        path.unlink(missing_ok=True)
