"""What is answered so far, how much time has gone, and the zip to hand in."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import struct
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from worksample.workbook import packing
from worksample.workbook.answers import answers_folder
from worksample.workbook.trace import unwritten

PASSPORT = Path("worksample.json")  # which candidate and assignment; comes with the package
STARTED = Path(".started")
EARLIEST, LATEST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)  # in a zip
SHOWN = 20  # names of files


def clock(minutes: float) -> None:
    """Print when the work began and until when it goes; the first call begins it.

    ``minutes`` is the assignment's; yours, with an extra time agreed with you and for a revision,
    stand in ``worksample.json``. Only you see this: no score depends on it.
    """
    yours = passport().get("minutes")
    if isinstance(yours, int | float) and 0 < yours < float("inf"):
        minutes = yours
    start = _started()
    end = start + timedelta(minutes=minutes)
    now = datetime.now()
    print(f"Started {start:%H:%M}, {minutes:g} minutes: until {end:%H:%M} (now {now:%H:%M})")


def _started() -> datetime:
    """When the clock was first asked for; now, where that cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        return datetime.fromisoformat(STARTED.read_text("utf-8").strip())
    now = datetime.now().replace(second=0, microsecond=0)
    STARTED.write_text(now.isoformat(timespec="minutes"), "utf-8")
    return now


def passport() -> dict[str, Any]:
    """``worksample.json``; empty where there is none, as when the notebook is graded."""
    try:
        found = json.loads(PASSPORT.read_text("utf-8-sig"))  # an editor may have put a mark first
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def overview(answers: Mapping[str, str]) -> None:
    """Print which of the ``answers`` (name -> what it is) are recorded, and what isn't yet."""
    folder = answers_folder()
    for name, title in answers.items():
        there = (folder / f"{name}.json").is_file()
        print(f"{'recorded' if there else 'MISSING ':9} {title}")
    for name in unwritten():
        print(
            f"MISSING   trace {name}: its points are not in the cell yet, run that cell once more"
        )


def pack() -> None:
    """Write the zip to hand in: this folder's notebooks as saved, and your own files beside them.

    Says what is in it and what is not. Each file's time stands in the zip in UTC.
    """
    notebooks = sorted(Path().glob("*.ipynb"))
    if not notebooks or "WORKSAMPLE_ANSWERS" in os.environ:  # as when it is run again at grading
        print("There is no notebook in this folder, so there is nothing to pack.")
        return
    facts = passport()
    name = str(facts.get("assignment", notebooks[0].stem))
    target = Path(f"{name}{packing.PACKED}")
    own = packing.own_files(Path(), facts.get("given", ()))
    with _replaced(target) as zipped:
        for path in [*own.files, *([PASSPORT] if PASSPORT.is_file() else [])]:
            _write(zipped, f"{name}/{path.as_posix()}", path)
    _say_packed(notebooks, own)
    print(f"→ {target}: hand in this file. Changed something since? Save, then run this again.")


def _say_packed(notebooks: list[Path], own: packing.Own) -> None:
    for path in (path for path in notebooks if path in own.files):
        saved = datetime.fromtimestamp(path.stat().st_mtime)
        print(f"{path.name}, as saved at {saved:%H:%M}")
    if len(notebooks) > 1:
        print("The one that holds your answers is graded: delete the others if they are not needed")
    others = [path.as_posix() for path in own.files if path not in notebooks]
    if others:
        print(f"with {len(others)} files of your own: {_few(others)}")
    if own.left_out:
        print(f"NOT in it, {len(own.left_out)} in all:")
        for left, why in own.left_out[:SHOWN]:
            print(f"  {left} ({why})")


def _few(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


@contextmanager
def _replaced(target: Path) -> Iterator[zipfile.ZipFile]:
    """The zip is there when it is whole; what stops half-way leaves the one before."""
    fresh = target.with_name(f".{target.name}")
    try:
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as zipped:
            yield zipped
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _write(zipped: zipfile.ZipFile, name: str, path: Path) -> None:
    saved = max(0, int(path.stat().st_mtime))
    local = time.localtime(saved)[:6]  # all that a zip knows by itself, from 1980 to 2107
    info = zipfile.ZipInfo(name, min(max(local, EARLIEST), LATEST))
    info.extra = struct.pack("<HHBI", 0x5455, 5, 1, min(saved, 2**31 - 1))  # and in UTC
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.create_system = 3
    zipped.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
