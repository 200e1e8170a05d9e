"""What a candidate's server is for: the files to begin with, where to open it, what it may use."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from worksample import assignments
from worksample.assignments import case as cases
from worksample.course import Course
from worksample.exchange import links
from worksample.limits import Limits

# what the server itself needs, beside what the notebook may use
SERVER_MB = 512
SERVER_TASKS = 100  # processes and threads: those of the server, and of kernels that wait
HOME_MB = 1024
OPEN_FILES = 4096
FOREVER = 10**9  # seconds of processor time; a session is ended by its clock, not by this


@dataclass(frozen=True)
class Work:
    """What one server is given.

    Attributes:
        files: relative name -> content; laid out where there is no such file yet.
        start: the notebook to open; empty for the list of files.
        limits: of everything in the sandbox.
        terminal: whether JupyterLab offers one.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    start: str = ""
    limits: Limits = field(default_factory=Limits)
    terminal: bool = False


def of(course: Course, candidate: str) -> Work | None:
    """The work of whoever has a link that works; None for everybody else."""
    person = links.holder(course, candidate)
    if person is None:
        return None
    files = _files(course, candidate)
    known = assignments.ids(course)
    wanted = {PurePosixPath(name).parts[0] for name in files} & set(known)
    chosen = [assignments.find(course, each) for each in sorted(wanted)]
    notebooks = sorted(name for name in files if name.endswith(".ipynb"))
    return Work(
        files,
        next((f"{each.id}/{each.id}.ipynb" for each in chosen), "") if notebooks else "",
        hosted([each.limits for each in chosen] or [Limits()]),
        any(each.terminal for each in chosen),
    )


def _files(course: Course, candidate: str) -> dict[str, bytes]:
    """What the candidate was invited with."""
    found: dict[str, bytes] = {}
    for each in assignments.ids(course):
        package = cases.package_path(course, each, candidate)
        if package.is_file():
            with zipfile.ZipFile(package) as archive:
                found |= {
                    name: archive.read(name)
                    for name in archive.namelist()
                    if not name.endswith("/")
                }
    return found


def hosted(limits: list[Limits]) -> Limits:
    """Limits of a server in which any of these works can be done."""
    return Limits(
        memory_mb=max(each.memory_mb for each in limits) + SERVER_MB,
        processes=max(each.processes for each in limits) + SERVER_TASKS,
        disk_mb=max(max(each.disk_mb for each in limits), HOME_MB),
        open_files=max(max(each.open_files for each in limits), OPEN_FILES),
        cpu_seconds=FOREVER,
    )
