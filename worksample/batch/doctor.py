"""What this machine can and cannot do, and what to install."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from worksample import assignments
from worksample.course import Course
from worksample.errors import AssignmentError, CourseError
from worksample.grading import tools
from worksample.limits import Limits
from worksample.sandbox.inside import turns

State = Literal["ok", "weaker", "missing"]
MARKS: dict[State, str] = {"ok": "✓ ok     ", "weaker": "! weaker ", "missing": "✗ missing"}
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]+\])?==(?P<version>[^ ;\\]+)")
# The packages that grading stands on; the rest of the lock follows from them
GRADED_WITH = ("nbgrader", "nbclient", "papermill", "ipykernel", "pandas", "numpy", "scikit-learn")
ROOM_GB = 2.0  # a batch's run folders and evidence; below it a grading may stop half way


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        name: what was looked at.
        state: ``ok``; ``weaker`` where it works with less; ``missing`` where something cannot be
            done at all.
        saw: what is there, in a few words.
        do: what to install or change; empty when ``ok``.
    """

    name: str
    state: State
    saw: str
    do: str = ""

    def __str__(self) -> str:
        remedy = f"\n{'':12}→ {self.do}" if self.do else ""
        return f"{MARKS[self.state]}  {self.name}: {self.saw}{remedy}"


def examine(course: Course) -> Iterator[Finding]:
    """Look at everything, one finding at a time; nothing here changes the machine."""
    looks: tuple[Callable[[Course], Finding], ...] = (
        python_version,
        package_versions,
        sandbox_starts,
        total_limits,
        confinement_of_forks,
        patience,
        browser,
        kinds_of_evidence,
        course_folder,
        room,
    )
    for look in looks:
        yield look(course)


def verdict(findings: list[Finding]) -> str:
    """One sentence for all findings."""
    missing = [finding.name for finding in findings if finding.state == "missing"]
    if missing:
        return f"This machine is not ready: {', '.join(missing)}."
    weaker = [finding.name for finding in findings if finding.state == "weaker"]
    if weaker:
        return f"This machine can grade; weaker than it could be: {', '.join(weaker)}."
    return "This machine can do everything."


def python_version(course: Course) -> Finding:
    saw = f"{platform.python_version()} on {platform.system()} {platform.release()}"
    if platform.system() != "Linux":
        return Finding("Python", "missing", saw, "grading needs Linux; candidates need none")
    return Finding("Python", "ok", saw)


def locked_versions(lock: Path) -> dict[str, set[str]]:
    """Package name -> the versions that the lock file allows (markers may give it several)."""
    found: dict[str, set[str]] = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := PIN.match(line):
            found.setdefault(match["name"].lower(), set()).add(match["version"])
    return found


def package_versions(course: Course) -> Finding:
    lock = course.root / "requirements.lock"
    if not lock.is_file():
        return Finding("packages", "weaker", "no requirements.lock in this course", "add one")
    locked = locked_versions(lock)
    other = []
    for name in GRADED_WITH:
        try:
            here = metadata.version(name)
        except metadata.PackageNotFoundError:
            return Finding("packages", "missing", f"{name} is not installed", "run `make demo`")
        if here not in locked.get(name, set()):
            other.append(f"{name} {here}")
    if other:
        return Finding(
            "packages",
            "weaker",
            f"other versions than locked: {', '.join(other)}",
            "pip install --require-hashes -r requirements.lock",
        )
    return Finding("packages", "ok", f"{', '.join(GRADED_WITH)} as locked")


def sandbox_starts(course: Course) -> Finding:
    """Start a real sandbox and a kernel in it."""
    from worksample.errors import NotGradableYet
    from worksample.sandbox.box import Setup
    from worksample.sandbox.choice import choose

    try:
        sandbox = choose()
        with sandbox.open(Setup(Limits())) as box:
            box.start_kernel("doctor")
    except NotGradableYet as error:
        return Finding("sandbox", "missing", error.what, error.do or "")
    return Finding("sandbox", "ok", f"{sandbox.name}; a kernel starts in it")


def total_limits(course: Course) -> Finding:
    """Is there a control group that this user may write to?"""
    from worksample.sandbox.watch import ControlGroup

    group = ControlGroup(Limits())
    try:
        holds, count = group.holds_all(), len(group.folders)
    finally:
        group.remove()
    if holds:
        return Finding("limits", "ok", "control groups, and a watchdog beside them")
    return Finding(
        "limits",
        "weaker",
        ("control groups here hold neither memory nor processes" if count else "no control group")
        + ": the watchdog alone stops what uses too much, a little later",
        "run the service or `worksample serve` as a systemd unit with Delegate=yes, or by "
        "systemd-run --scope -p Delegate=yes worksample serve",
    )


def patience(course: Course) -> Finding:
    """How little of a busy machine an attempt may get before it is not held to its times."""
    said = os.environ.get(turns.SETTING, "")
    if said and turns.least_share(said) is None:
        what = f"{turns.SETTING}={said!r} is no share of the clock, and is passed over"
        return Finding("patience", "weaker", what, "say one from 0.01 to 1; it is 0.125 by itself")
    told = f"an attempt that gets less than {turns.LEAST_SHARE:g} of the clock is not gradable yet"
    return Finding("patience", "ok", told)


def confinement_of_forks(course: Course) -> Finding:
    """Landlock, which the fast path needs to keep forks apart (ABI 6 scopes signals)."""
    try:
        import landlockpy

        abi = landlockpy.abi_version() if landlockpy.supported() else 0
    except (ImportError, OSError) as error:
        return Finding("Landlock", "weaker", str(error), "pip install landlockpy")
    if abi < 6:
        return Finding(
            "Landlock",
            "weaker",
            f"ABI {abi}" if abi else "not in this kernel",
            "Linux 6.12 or later has ABI 6; until then each attempt gets a sandbox of its own",
        )
    return Finding("Landlock", "ok", f"ABI {abi}")


def browser(course: Course) -> Finding:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30)
            return Finding("browser", "ok", said.stdout.strip() or name)
    return Finding(
        "browser",
        "weaker",
        "no Chromium: browser tests are skipped; grading does not need it",
        "apt-get install chromium",
    )


def kinds_of_evidence(course: Course) -> Finding:
    """Are the programs there that the course's assignments need beside this package?"""
    lacking: dict[str, str] = {}
    kinds: set[str] = set()
    for folder in assignments.folders(course).values():
        with contextlib.suppress(AssignmentError):  # whoever builds or grades with it is told
            kinds |= {*assignments.load(folder).needs}
    for kind in kinds:
        lacking |= tools.missing(kind) if kind in tools.KINDS else {kind: "correct `needs`"}
    if not lacking:
        return Finding("kinds of evidence", "ok", "every program that the assignments need")
    return Finding(
        "kinds of evidence",
        "weaker",
        f"not here: {', '.join(sorted(lacking))}; what needs it is not gradable yet",
        "; ".join(dict.fromkeys(lacking.values())),
    )


def course_folder(course: Course) -> Finding:
    """Is the course readable, and can the folders that grading writes be written?"""
    closed = [
        folder.name
        for folder in (course.state, course.submitted, course.autograded, course.feedback)
        if not os.access(folder if folder.exists() else course.root, os.W_OK)
    ]
    if closed:
        return Finding(
            "course", "missing", f"cannot write {', '.join(closed)}", "mount or chmod them writable"
        )
    try:
        number = len(assignments.ids(course))
    except CourseError as error:
        return Finding("course", "missing", error.what, error.do or "mend course.toml")
    return Finding("course", "ok", f"{number} assignments in {course.root.name}/")


def room(course: Course) -> Finding:
    free = shutil.disk_usage(course.root).free / 1e9
    if free < ROOM_GB:
        return Finding("disk", "weaker", f"{free:.1f} GB free", f"free at least {ROOM_GB:.0f} GB")
    return Finding("disk", "ok", f"{free:.0f} GB free")
