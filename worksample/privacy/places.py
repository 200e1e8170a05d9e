"""Where a candidate's files lie in a course, and what still names them anywhere."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from worksample import disk
from worksample.course import Course

#: every place, one by one: a rule about names would take `state/evidence` for a candidate's
PLACES = (
    "state/cases/*/{}",
    "state/attempts/*/{}",
    "state/evidence/*/{}",
    "state/given/*/{}",
    "state/packages/*/{}.zip",
    "state/packages/*/{}.ipynb",
    "state/feedback/*/{}",
    "state/guides/{}.html",
    "state/readers/*/{}.html",
    "state/talks/*/{}.html",
    "state/copies/{}.zip",
    "state/exchange/saved/*/{}",
    "state/exchange/released/*/{}",
    "state/exchange/versions/*/{}",
    "state/exchange/refused/*/{}-????????T??????.zip",
    "state/homes/{}",
    "state/hub/given/{}",
    "debrief/{}",
    "submitted/{}",
    "autograded/{}",
    "feedback/{}",
)
#: logs are not evidence: one that names a candidate is emptied as a whole. So goes the copy of a
#: database that an upgrade left for the case that it fails
LOGS = ("state/logs/*.log*", "state/hub/logs/*.log*", ".nbgrader.log", "state/*.revision-*")
#: who is who, kept apart: JSON tables, however deep, of name or address -> id
NAMES = ("state/exchange/names.json",)
#: what is searched for what is left
SEARCHED = ("state", "submitted", "autograded", "feedback", "debrief", "build")


def of(course: Course, candidate: str) -> list[Path]:
    """The files and folders that are this candidate's, sorted."""
    found = {path for place in PLACES for path in course.root.glob(place.format(candidate))}
    return sorted(found)


def logs(course: Course, candidate: str) -> list[Path]:
    """The logs, and copies of before an upgrade, that name a candidate."""
    files = [path for pattern in LOGS for path in course.root.glob(pattern)]
    return sorted(path for path in files if _names(path.read_bytes(), candidate))


def names(course: Course, candidate: str) -> list[str]:
    """Names and addresses that a candidate's id stands for, as far as the course keeps them."""
    return sorted({name for _, said in _names_files(course) for name in _who(said, candidate)})


def forget_names(course: Course, candidate: str) -> None:
    """Take these names and addresses out."""
    for path, said in _names_files(course):
        if any(_who(said, candidate)):
            kept = json.dumps(_without(said, candidate), indent=1, ensure_ascii=False)
            mode = path.stat().st_mode
            disk.replace(path, kept.encode())
            path.chmod(mode)


def _names_files(course: Course) -> Iterator[tuple[Path, dict[str, Any]]]:
    for name in NAMES:
        path = course.root / name
        if path.is_file():
            yield path, json.loads(path.read_bytes())


def _who(said: dict[str, Any], candidate: str) -> Iterator[str]:
    for name, value in said.items():
        if isinstance(value, dict):
            yield from _who(value, candidate)
        elif value == candidate:
            yield name


def _without(said: dict[str, Any], candidate: str) -> dict[str, Any]:
    return {
        name: _without(value, candidate) if isinstance(value, dict) else value
        for name, value in said.items()
        if value != candidate
    }


def left(course: Course, candidate: str) -> list[Path]:
    """Every file below the course's data that names a candidate, in its name or its bytes.

    What is another candidate's is theirs and not searched: a short id is found in any picture. An
    id that is a common word is found where it means something else, too.
    """
    return sorted(path for path in _files(course) if _is_left(path, course.root, candidate))


def candidates(course: Course) -> set[str]:
    """Whoever was given a case, or handed something in."""
    folders = [*course.cases.glob("*/*/case.json"), *course.submitted.glob("*/*/")]
    return {
        path.parent.name for path in folders if not path.parent.name.startswith((".", "erased-"))
    }


def _is_left(path: Path, root: Path, candidate: str) -> bool:
    if _names(os.fsencode(path.relative_to(root)), candidate):
        return True
    return path.is_file() and not path.is_symlink() and _names(path.read_bytes(), candidate)


def _names(data: bytes, candidate: str) -> bool:
    """Whether the id stands alone in it: ``ada`` is not in ``metadata``, nor in ``ada-2027``."""
    name = candidate.encode()
    if name not in data:  # ten times as fast as the expression, and nearly always the answer
        return False
    return bool(re.search(rb"(?<![\w.-])" + re.escape(name) + rb"(?![\w-])", data))


def _files(course: Course) -> Iterator[Path]:
    """Files and folders below the course's data, without what is in a candidate's place."""
    owned = {path for place in PLACES for path in course.root.glob(place.format("*"))}
    for name in SEARCHED:
        for folder, folders, files in os.walk(course.root / name):
            yield from (Path(folder, each) for each in folders)
            yield from (path for each in files if (path := Path(folder, each)) not in owned)
            folders[:] = [each for each in folders if Path(folder, each) not in owned]
