"""What candidates may try before their clock begins: the ungraded work samples of the course.

Everybody gets the same case, and nothing of it is collected. It is drawn when the course begins to
be served, so that no candidate waits for it and the hub imports no author's code.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path

from worksample import assignments, disk
from worksample.assignments import case as cases
from worksample.assignments.model import STANDARD, Assignment
from worksample.assignments.zips import zipped
from worksample.course import Course
from worksample.hub.places import Places
from worksample.workbook import tasks

SEED = 1  # everybody's


def write(course: Course) -> list[str]:
    """Draw those that are built, anew each time; their ids.

    Raises:
        CaseError: one of them draws no case.
    """
    folder = Places(course).warm_ups
    done = [
        each
        for each in assignments.all_of(course)
        if not each.graded and (course.release / each.id / f"{each.id}.ipynb").is_file()
    ]
    for each in done:
        disk.replace(folder / f"{each.id}.zip", zipped(_files(course, each)))
    for old in set(folder.glob("*.zip")) - {folder / f"{each.id}.zip" for each in done}:
        old.unlink()
    return [each.id for each in done]


def files(course: Course) -> dict[str, bytes]:
    """Name -> bytes of everything that is laid out in a home."""
    found: dict[str, bytes] = {}
    for path in sorted(Places(course).warm_ups.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            found |= {info.filename: archive.read(info) for info in archive.infolist()}
    return found


def _files(course: Course, assignment: Assignment) -> dict[str, bytes]:
    level = STANDARD if STANDARD in assignment.levels else assignment.levels[0]
    notebook = cases.released(course, assignment.id, level).read_bytes()
    with tempfile.TemporaryDirectory(prefix="warm-up-") as scratch:
        case = cases.draw(assignment, SEED, level, Path(scratch, "case"))
        given = _tree(case.public, "case")
        for name, path in assignment.paths.items():
            given |= _tree(path, name) if path.is_dir() else {name: path.read_bytes()}
    facts = {
        "assignment": assignment.id,
        "given": sorted({name.split("/")[0] for name in given}),
        "tasks": tasks.of_cells(json.loads(notebook)["cells"]),
        "warm_up": True,
    }
    own = {f"{assignment.id}.ipynb": notebook, "worksample.json": json.dumps(facts).encode()}
    return {f"{assignment.id}/{name}": data for name, data in {**own, **given}.items()}


def _tree(folder: Path, under: str) -> dict[str, bytes]:
    return {
        f"{under}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
