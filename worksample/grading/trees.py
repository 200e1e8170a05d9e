"""A tree that was handed in: read within its limits, compared with the one that was given out.

All of it is hostile. It is only ever bytes on this side: no link is followed, nothing is imported,
and git is not asked, whose folder is not part of a submission.
"""

from __future__ import annotations

import difflib
import os
import shutil
import stat
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from worksample import interpreter
from worksample.assignments.model import TREE
from worksample.errors import AssignmentError
from worksample.grading import clean
from worksample.limits import TreeSpec
from worksample.workbook import packing

SCRIPT_SECONDS = 60
MAX_LINES, MAX_PAIRS = 2_000, 200_000  # of two files that are compared line by line
MAX_SHOWN, WIDTH = 1_500, 300  # lines of a comparison, and characters of a line
MAX_KEPT, MAX_KEPT_FILE = 40, 40_000  # changed files whose text is kept for the feedback
CONTEXT = 3


@dataclass(frozen=True)
class Tree:
    """What lies in ``work/``: name -> bytes. ``refused`` says why nothing of it was taken."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    refused: str = ""


def read(folder: Path | None, spec: TreeSpec) -> Tree:
    """The regular files below ``folder``, unless there are more, or more bytes, than may be."""
    files: dict[str, bytes] = {}
    room = spec.kb * 1024
    for path in _regular(folder) if folder is not None and folder.is_dir() else ():
        data = path.read_bytes()
        room -= len(data)
        if len(files) >= spec.files:
            return Tree(refused=f"{TREE}/ holds more than {spec.files} files")
        if room < 0:
            return Tree(refused=f"{TREE}/ holds more than {spec.kb} kB")
        files[path.relative_to(folder).as_posix()] = data  # type: ignore[arg-type]
    return Tree(files) if files else Tree(refused=f"there is no folder {TREE}/")


def _regular(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        inside = Path(TREE, Path(place).relative_to(folder))
        folders[:] = sorted(each for each in folders if not packing.is_left_behind(inside / each))
        for name in sorted(names):
            path = Path(place, name)
            if not packing.is_left_behind(inside / name) and stat.S_ISREG(path.lstat().st_mode):
                yield path


def solved(public: Path, script: str, into: Path) -> Path:
    """``work/`` as an author's ``script`` leaves it, in the new folder ``into``.

    It runs as a candidate would type it: in the folder that holds ``case/`` and ``work/``.

    Raises:
        AssignmentError: it failed.
    """
    into.mkdir(parents=True)
    shutil.copytree(public / TREE, into / TREE)
    (into / "case").symlink_to(public.resolve())
    edit(into, script)
    return into / TREE


def edit(folder: Path, script: str) -> None:
    """Run an author's ``script`` in a folder that holds ``work/``: trusted, and never theirs.

    Raises:
        AssignmentError: it failed.
    """
    if not script:
        return
    command = interpreter.command("-c", script)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SCRIPT_SECONDS, check=False
    )
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise AssignmentError(
            f"a solution's script for {TREE}/ failed: {why[0]}",
            do=f"mend its cell `{TREE}`; it runs in the folder that holds case/ and {TREE}/",
        )


# ---- what was changed ----


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """Names of files that were changed, added or taken away, sorted."""
    return sorted(n for n in {*before, *after} if before.get(n) != after.get(n))


def comparison(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """What was changed, as a unified diff for people; bounded, and still hostile text."""
    names = changed(before, after)
    if not names:
        return f"Nothing was changed in {TREE}/.\n"
    counted = f"{len(names)} file{'s' if len(names) > 1 else ''} changed in {TREE}/:"
    lines = [counted, *(f"  {_kind(n, before, after)} {n}" for n in names[:MAX_KEPT])]
    if len(names) > MAX_KEPT:
        lines.append(f"  and {len(names) - MAX_KEPT} more")
    for name in names[:MAX_KEPT]:
        lines += ["", *_of_file(name, before.get(name), after.get(name))]
    if len(lines) > MAX_SHOWN:
        lines = [*lines[:MAX_SHOWN], f"… {len(lines) - MAX_SHOWN} more lines are not shown"]
    # colours and marks that turn a line would show another text than the one that is run
    return clean.screen("\n".join(line[:WIDTH] for line in lines)) + "\n"


def texts(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """Changed file -> its text as it came and as it is, for those who compare attempts."""
    return {
        name: {"came": _text(before.get(name)) or "", "is": _text(after.get(name)) or ""}
        for name in changed(before, after)[:MAX_KEPT]
    }


def _kind(name: str, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    if name not in before:
        return "new    "
    return "changed" if name in after else "gone   "


def _of_file(name: str, before: bytes | None, after: bytes | None) -> list[str]:
    old, new = _text(before), _text(after)
    if old is None or new is None:
        return [f"--- {name}", f"+++ {name}", "(not text, or too large to be shown)"]
    rows = old.splitlines(), new.splitlines()
    if costly(*rows):
        return [f"--- {name}", f"+++ {name}", "(too long to compare line by line)"]
    return list(difflib.unified_diff(*rows, name, name, n=CONTEXT, lineterm=""))


def costly(old: list[str], new: list[str]) -> bool:
    """Whether to compare them takes long: it grows with the square of lines, and of equal ones."""
    there = Counter(new)
    pairs = sum(count * there[row] for row, count in Counter(old).items())
    return max(len(old), len(new)) > MAX_LINES or pairs > MAX_PAIRS


def _text(data: bytes | None) -> str | None:
    """As text; None where it is none or too large. A file that is not there is empty."""
    if data is None:
        return ""
    if len(data) > MAX_KEPT_FILE or b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
