"""What is answered so far, how much time has gone, and the zip to hand in."""

from __future__ import annotations

import contextlib
import json
import stat
import struct
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import fill
from typing import Any

from worksample.workbook import packing, saving
from worksample.workbook import tasks as tasks_of
from worksample.workbook.answers import answers_folder, is_graded
from worksample.workbook.verdicts import FAILED, PASSED, last_verdict

# The one way to hand in, in these words in every notebook and in every package
HAND_IN = (
    "**Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then "
    "writes the zip to send back, and says what is in it, how large it is and its fingerprint, "
    "which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the "
    "right instead."
)

PASSPORT = Path("worksample.json")  # which candidate and assignment; comes with the package
STARTED = Path(".started")
EARLIEST, LATEST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)  # in a zip
SHOWN = 20  # names of files
WIDTH = 96  # characters of a line that is read with ease
SAID = 120  # characters of what a check said, in the list of tasks


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


def overview(answers: Mapping[str, str] | None = None) -> None:
    """Print every task: empty, as it came or answered, and what its visible checks said.

    Args:
        answers: as in notebooks that were sent out before: name -> what it is. Where the tasks
            are not known, it says which of these are recorded.
    """
    if is_graded():
        return
    saving.ask()
    books = saving.notebooks()
    saved = [cell for path in books for cell in saving.cells_of(path)]
    tasks = _tasks(saved) if answers is None or "tasks" in passport() else []
    if tasks:
        cells = tasks_of.by_name(saved)
        print(f"Your tasks, as saved at {_clock(saving.saved_at(books))}:")
        _say_tasks(tasks, cells)
    else:
        _say_recorded(answers or {})
    for name in _unwritten():
        print(f"{FAILED} trace {name}: its points are not in its cell yet, run that cell once more")


def _unwritten() -> list[str]:
    """Traces that were moved and are not in their cell; without a trace there are no widgets."""
    trace = sys.modules.get("worksample.workbook.trace")
    return trace.unwritten() if trace is not None else []


def _tasks(saved: Sequence[tasks_of.Cell]) -> list[Mapping[str, Any]]:
    """As they were sent; without ``worksample.json`` the notebook's own, as they are."""
    listed = passport().get("tasks")
    if not isinstance(listed, list):
        return [{**task, "came": None} for task in tasks_of.of_cells(saved)]
    return [each for each in listed if isinstance(each, Mapping)]


def _say_tasks(tasks: Sequence[Mapping[str, Any]], cells: Mapping[str, tasks_of.Cell]) -> None:
    width = max(len(str(task.get("title", ""))) for task in tasks)
    for task in tasks:
        checks = [str(check) for check in task.get("checks", ())]
        own = str(task.get("cell"))  # a check may be called as the cell that it looks at
        checks += [own] if own not in checks and last_verdict(own) else []
        said = [_said(check) for check in checks]
        head = f"  {tasks_of.state(task, cells):<11} {task.get('title', '')!s:<{width}}"
        line = f"{head}  {'; '.join(said)}".rstrip()
        # beside each other only where they fit: a page breaks lines in the middle of a word
        print("\n      ".join([head.rstrip(), *said]) if said[1:] and len(line) > WIDTH else line)


def _said(check: str) -> str:
    verdict = last_verdict(check)
    if verdict and len(verdict.says) > SAID:
        verdict = replace(verdict, says=verdict.says[:SAID] + " …")
    return str(verdict) if verdict else f"{check}: its check was not run"


def _say_recorded(answers: Mapping[str, str]) -> None:
    folder = answers_folder()
    for name, title in answers.items():
        there = (folder / f"{name}.json").is_file()
        print(f"{'recorded' if there else 'MISSING ':9} {title}")


def submit() -> None:
    """Write the zip to hand in: this folder's notebooks as saved, and your own files beside them.

    Says what is in it and what is not, how large it is, and its fingerprint, which the receipt
    repeats. Where a cell ran whose text is not saved yet, it says so and writes nothing. Each
    file's time stands in the zip in UTC.
    """
    notebooks = saving.in_folder()
    if not notebooks or is_graded():
        print("There is no notebook in this folder, so there is nothing to pack.")
        return
    facts = passport()
    name = str(facts.get("assignment", notebooks[0].stem))
    target = Path(f"{name}{packing.PACKED}")
    fresh = saving.ask()
    if behind := saving.unsaved():
        _say_behind(behind, target)
        return
    own = packing.own_files(Path(), facts.get("given", ()))
    packed = {path: saving.read(path) for path in own.files}  # once: an editor may save meanwhile
    with _replaced(target) as zipped:
        for path in [*own.files, *([PASSPORT] if PASSPORT.is_file() else [])]:
            data = packed.get(path) or path.read_bytes()
            _write(zipped, f"{name}/{path.as_posix()}", path, data)
    _say_packed(notebooks, own, fresh)
    print(f"→ {target}, {_size(target.stat().st_size)}, fingerprint {_fingerprint(packed)}")
    print("  Send this file back; your receipt repeats the fingerprint.")
    print("  Changed something since? Save, then run this again.")


def pack() -> None:
    """What :func:`submit` is called in notebooks that were sent out before."""
    submit()


def _say_behind(behind: Sequence[str], target: Path) -> None:
    print(f"{FAILED} Nothing was packed: the saved notebook is older than what you ran.")
    print(f"  Not saved yet: {'; '.join(_line(text) for text in behind[:3])}")
    if len(behind) > 3:
        print(f"  and {len(behind) - 3} more cells")
    print("  Save (Ctrl+S, on a Mac ⌘S), then run this cell again.")
    if target.is_file():
        print(f"  {target} is from {_clock(target.stat().st_mtime)}, and does not hold them.")


def _line(text: str) -> str:
    first = text.splitlines()[0]
    return first if len(first) <= 60 and first == text else f"{first[:60]} …"


def _fingerprint(packed: Mapping[Path, bytes]) -> str:
    books = [data for path, data in packed.items() if packing.is_notebook(path)]
    others = {p.as_posix(): data for p, data in packed.items() if not packing.is_notebook(p)}
    return packing.fingerprint(books, others)


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, round(size / 1024))} kB"


def _clock(when: float) -> str:
    return f"{datetime.fromtimestamp(when):%H:%M}"


def _say_packed(notebooks: list[Path], own: packing.Own, fresh: bool) -> None:
    for path in (path for path in notebooks if path in own.files):
        print(f"{PASSED} {path.name}, as saved at {_clock(path.stat().st_mtime)}")
    if not fresh:
        print("  What you wrote after that is not in it.")
    if len(notebooks) > 1:
        print("  The one that holds your answers is graded: delete the others if not needed.")
    tree = passport().get("work")
    if isinstance(tree, dict):
        _say_tree([path for path in own.files if _is_of_tree(path)], tree)
    others = [
        path.as_posix()
        for path in own.files
        if path not in notebooks and not (isinstance(tree, dict) and _is_of_tree(path))
    ]
    if others:
        files = "file" if len(others) == 1 else "files"
        told = f"{PASSED} {len(others)} {files} of your own: {_few(others)}"
        print(fill(told, WIDTH, subsequent_indent="    ", break_on_hyphens=False))
    if own.left_out:
        print(f"{FAILED} NOT in it, {len(own.left_out)} in all:")
        for left, why in own.left_out[:SHOWN]:
            print(f"    {left} ({why})")


def _is_of_tree(path: Path) -> bool:
    return path.parts[0] == packing.TREE and len(path.parts) > 1


def _say_tree(files: list[Path], most: Mapping[str, Any]) -> None:
    """How much of ``work/`` is in it; what is beyond its limits would be left unread."""
    kb = sum(path.stat().st_size for path in files) / 1024
    within = len(files) <= most["files"] and kb <= most["kb"]
    told = f"{packing.TREE}/, {len(files)} files, {kb:.0f} kB, without its git history"
    if not files:
        print(
            f"{FAILED} There is no {packing.TREE}/ beside this notebook: it is part of the answer."
        )
    elif within:
        print(f"{PASSED} {told}")
    else:
        print(f"{FAILED} {told}: more than the {most['files']} files or {most['kb']} kB taken.")


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


def _write(zipped: zipfile.ZipFile, name: str, path: Path, data: bytes) -> None:
    saved = max(0, int(path.stat().st_mtime))
    local = time.localtime(saved)[:6]  # all that a zip knows by itself, from 1980 to 2107
    info = zipfile.ZipInfo(name, min(max(local, EARLIEST), LATEST))
    info.extra = struct.pack("<HHBI", 0x5455, 5, 1, min(saved, 2**31 - 1))  # and in UTC
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.create_system = 3
    zipped.writestr(info, data, zipfile.ZIP_DEFLATED)
