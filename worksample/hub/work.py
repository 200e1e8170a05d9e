"""What a candidate's server is for: the files to begin with, where to open it, what it may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worksample import assignments
from worksample.assignments.case import base_id
from worksample.course import Course
from worksample.exchange import links, sittings
from worksample.hub import warmups
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
        start: the notebook to open, of what was begun last; empty for the list of files.
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
    files = warmups.files(course) | sittings.folder_files(course, person)
    begun = [each.assignment for each in sittings.of_person(course, person) if each.has_begun]
    offered = [
        assignments.find(course, base_id(each.assignment))
        for each in sittings.of_person(course, person)
    ]
    notebook = f"{begun[-1]}/{begun[-1]}.ipynb" if begun else ""
    return Work(
        files,
        notebook if notebook in files else "",
        hosted([each.limits for each in offered] or [Limits()]),
        any(each.terminal for each in offered),
    )


def has_begun(course: Course, candidate: str) -> bool:
    """Whether there is something that this candidate could work on."""
    person = links.holder(course, candidate)
    return person is not None and any(each.has_begun for each in sittings.of_person(course, person))


def hold(course: Course, candidate: str) -> None:
    """Stop the candidate's clock: their server could not be started."""
    person = links.holder(course, candidate)
    if person is not None:
        sittings.hold(course, person, "the workspace could not be started")


def let_go(course: Course, candidate: str) -> None:
    """Let the clock go on that :func:`hold` has stopped."""
    person = links.holder(course, candidate)
    if person is not None:
        sittings.let_go(course, person, "the workspace has started")


def hosted(limits: list[Limits]) -> Limits:
    """Limits of a server in which any of these works can be done."""
    return Limits(
        memory_mb=max(each.memory_mb for each in limits) + SERVER_MB,
        processes=max(each.processes for each in limits) + SERVER_TASKS,
        disk_mb=max(max(each.disk_mb for each in limits), HOME_MB),
        open_files=max(max(each.open_files for each in limits), OPEN_FILES),
        cpu_seconds=FOREVER,
    )
