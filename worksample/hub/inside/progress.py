"""How far a candidate is, told from what lies saved in their home; nothing of theirs is run.

What is read is the candidate's own, shown to nobody else: they may write into it what they like.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from worksample.exchange.folder import passport
from worksample.hub.inside import DISK_MB, NOTE
from worksample.workbook import packing, saving, tasks, verdicts

MB = 1 << 20
MOST_BYTES = 32 * MB  # of a notebook; reading more would hold up the server
MOST_ENTRIES = 50_000
BLOCK = 512  # bytes of st_blocks, whatever the file system
NOTE_BYTES = 2000

_read: dict[Path, tuple[tuple[int, int], list[Mapping[str, Any]]]] = {}


def attempts(home: Path) -> list[dict[str, Any]]:
    """Every folder in ``home`` that came with a package: its notebook, and what became of it."""
    folders = sorted(path.parent for path in home.glob("*/worksample.json"))
    return [_attempt(folder) for folder in folders if not folder.is_symlink()]


def _attempt(folder: Path) -> dict[str, Any]:
    facts, book = passport(folder), folder / f"{folder.name}.ipynb"
    said: dict[str, Any] = {
        "assignment": folder.name,
        "warm_up": facts.get("warm_up") is True,
        "notebook": "",
        "saved": "",
        "tasks": [],
    }
    try:
        found = book.stat()
    except OSError:
        return said
    moment = datetime.fromtimestamp(found.st_mtime, UTC).isoformat(timespec="seconds")
    said |= {"notebook": f"{folder.name}/{book.name}", "saved": moment}
    listed = facts.get("tasks")
    if found.st_size <= MOST_BYTES and isinstance(listed, list):
        cells = _cells(book, (found.st_mtime_ns, found.st_size))
        said["tasks"] = [_task(each, cells) for each in listed if isinstance(each, Mapping)]
    return said


def _cells(book: Path, version: tuple[int, int]) -> list[Mapping[str, Any]]:
    """The cells of a saved notebook; read again once it was saved again."""
    if _read.get(book, (None,))[0] != version:
        _read[book] = (version, packing.cells_of(saving.read(book)) or [])
    return _read[book][1]


def _task(task: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    named, said = tasks.by_name(cells), verdicts.saved(cells)
    listed = task.get("checks")
    checks = [str(each) for each in listed] if isinstance(listed, list) else []
    own = str(task.get("cell"))  # a check may be called as the cell that it looks at
    checks += [own] if own not in checks and own in said else []
    return {
        "title": str(task.get("title", "")),
        "state": tasks.state(task, named),
        "checks": [_check(each, said.get(each), named.get(own)) for each in checks],
    }


def _check(
    name: str, said: verdicts.Saved | None, answer: Mapping[str, Any] | None
) -> dict[str, Any]:
    if said is None:
        return {"name": name, "passed": None, "says": "", "before": False}
    ran = answer.get("execution_count") if answer else None
    before = isinstance(ran, int) and said.ran is not None and ran > said.ran
    verdict = said.verdict
    return {"name": name, "passed": verdict.passed, "says": verdict.says, "before": before}


class Room:
    """How much of the disk a home takes, counted anew after some seconds."""

    FRESH_SECONDS = 10.0

    def __init__(self, home: Path) -> None:
        self.home = home
        self._counted, self._used = float("-inf"), 0

    def said(self, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
        """Bytes used, allowed (None where nobody said), and free for anybody."""
        if time.monotonic() - self._counted > self.FRESH_SECONDS:
            self._used, self._counted = sum(_sizes(self.home)), time.monotonic()
        allowed = environment.get(DISK_MB, "")
        return {
            "used": self._used,
            "allowed": int(allowed) * MB if allowed.isdecimal() else None,
            "free": shutil.disk_usage(self.home).free,
        }


def _sizes(home: Path) -> Iterator[int]:
    entries = 0
    for folder, folders, files in os.walk(home):
        for each in (*folders, *files):
            entries += 1
            try:
                yield os.lstat(os.path.join(folder, each)).st_blocks * BLOCK
            except OSError:
                continue  # removed while we looked
        if entries > MOST_ENTRIES:
            return


def why_kernels_ended(home: Path) -> str:
    """The note that was left when a limit was passed; empty where there is none."""
    try:
        with (home / NOTE).open("rb") as file:
            return file.read(NOTE_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def installed() -> list[dict[str, str]]:
    """Name and version of every package that a notebook can import, by name."""
    found = {each.name: each.version for each in metadata.distributions() if each.name}
    return [{"name": name, "version": found[name]} for name in sorted(found, key=str.casefold)]
