"""The grading service: the same scores, only for its owner, and nothing that stays behind."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select

from tests.batch.test_faults import (
    COHORT,
    DONE,
    FULL,
    GRADE,
    SOME_NOT_GRADABLE,
    Killer,
    Target,
    agent,
    cohort,
    cohort_once,
    grading,
    kernel,
    names,
    orphanage,
    parent,
    results,
)
from tests.cohort import ROOT, TINY, answers, hand_in
from tests.decoys import plant
from tests.processes import alive, below, end, until
from tests.service.planted import LOOK, PLANT
from worksample.batch.outcomes import Batch
from worksample.course import Course
from worksample.errors import AssignmentError, CandidateError, CourseError
from worksample.records import evidence
from worksample.records.tables import Queued, Records
from worksample.service import client, wire
from worksample.service.queue import Queue

__all__ = ["cohort", "cohort_once", "orphanage"]  # fixtures of another file

pytestmark = pytest.mark.slow

SERVE = [str(Path(sys.executable).with_name("worksample")), "serve-grading"]
KILLS = 50 if FULL else 5
BETWEEN_SECONDS = 2.0  # at most, from one kill to the next


class Service:
    """The real command; started again when it was killed, as an init system would."""

    def __init__(self, course: Course, *options: str, **environment: str) -> None:
        self.course, self.options = course, options
        self.temporary = course.root.parent / "service-tmp"
        self.temporary.mkdir(exist_ok=True)
        self.log = course.root.parent / "service.log"
        own = {"TMPDIR": str(self.temporary), "WORKSAMPLE_COURSE": str(course.root)}
        self.environment = {**os.environ, **own, **environment}
        self.mark = course.root.parent / "mark"
        self.folder = plant(course.root.parent / "decoys", self.mark)
        self.ending = False
        self.starts = 0
        self._start()
        threading.Thread(target=self._keep, daemon=True).start()

    def _start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*SERVE, *self.options],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.starts += 1

    def _keep(self) -> None:
        while not self.ending:
            self.process.wait()
            if not self.ending:
                self._start()

    def ready(self) -> None:
        until(lambda: client.runs(self.course))

    def end(self) -> None:
        self.ending = True
        end(self.process)

    def said(self) -> str:
        return self.log.read_text()


@contextmanager
def serving(course: Course, *options: str, **environment: str) -> Iterator[Service]:
    service = Service(course, *options, **environment)
    try:
        service.ready()
        yield service
        assert not service.mark.exists(), service.mark.read_text()
    finally:
        service.end()


def graded(course: Course, *candidates: str, **options: Any) -> Batch:
    done = client.grade(course, TINY, candidates or None, **options)
    assert done is not None, "the service has gone away"
    return done


def queued(course: Course) -> int:
    with Records(course.records_url).session() as session:
        return session.scalar(select(func.count()).select_from(Queued)) or 0


@pytest.fixture(scope="module")
def cold_once(cohort_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cohort graded by a command, without a service and undisturbed."""
    root = tmp_path_factory.mktemp("cold") / "course"
    shutil.copytree(cohort_once, root)
    with grading(Course(root)) as process:
        assert process.wait() == DONE, process.stdout and process.stdout.read()
    return root


# --- the same, and no more ----------------------------------------------------------------------


def test_a_service_gives_what_a_command_gives_and_renews_itself(
    cohort: Course, cold_once: Path, orphanage: Callable[[], list[str]]
) -> None:
    """Warm or cold, scores are the same to the last byte; and it ends without a trace."""
    cold = Course(cold_once)
    with serving(cohort, "--workers", "1", "--renew-after", "3", "--idle", "1") as service:
        command = subprocess.run(GRADE, cwd=cohort.root, capture_output=True, text=True)
        assert command.returncode == DONE, command.stderr
        assert "by the grading service" in command.stderr
        assert f"{len(COHORT)} of {len(COHORT)} have a score, {len(COHORT)} of them new" in (
            command.stdout
        )
        assert results(cohort) == results(cold)
        assert not queued(cohort)
        assert not any(each.new for each in graded(cohort).outcomes)
        # memory is given back: nothing is left but the process that waits
        until(lambda: not below(service.process.pid))
        assert [each.new for each in graded(cohort, "ada", force=True).outcomes] == [True]
        assert len(evidence.history(cohort, TINY, "ada")) == 2
        pid = service.process.pid
    assert "idle: memory is given back" in service.said()
    assert service.starts == 1, service.said()
    assert not psutil.pid_exists(pid)
    assert not orphanage()
    assert not list(service.temporary.iterdir())
    assert names(cohort) == names(cold) | {f"state/{wire.LOCK}"}
    assert not client.runs(cohort)


def test_it_takes_names_from_its_owner_and_leaves_nothing_to_the_next(
    built: Course, tmp_path: Path
) -> None:
    """Whoever is graded next in the same warm processes cannot tell who was there before."""
    cells = answers(built, "strong")
    key = "slope_answer"
    hand_in(built, "ada", {**cells, key: f"{PLANT}\n{cells[key]}"})
    hand_in(built, "bob", {**cells, key: f"{LOOK}\n{cells[key]}"})
    with serving(built, "--workers", "1") as service:
        for who in ("ada", "bob"):
            (outcome,) = graded(built, who).outcomes
            assert (outcome.outcome, outcome.points) == ("graded", 100), outcome
        assert "planted 1" in printed(built, "ada"), printed(built, "ada")
        assert "looked" in printed(built, "bob")
        assert "FOUND" not in printed(built, "bob"), printed(built, "bob")
        assert "another goes on" not in service.said(), "they had the same processes"

        place = built.state / wire.SOCKET
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        with pytest.raises(AssignmentError, match="there is no assignment"):
            client.grade(built, "../../tmp")
        with pytest.raises(CandidateError, match="cannot be a candidate"):
            graded(built, "../ada")
        with pytest.raises(CourseError, match="runs already"):
            wire.listen(built)
        assert refused(built, b"import os; os.system('id')\n")
        assert refused(built, b"[]\n")
        assert refused(built, b"x" * (wire.MAX_MESSAGE + (1 << 17)))
        if os.geteuid() == 0:
            place.chmod(0o777)  # were it not for the user that the kernel tells
            assert stranger(built) == b""
        assert [each.new for each in graded(built).outcomes] == [False, False]


def printed(course: Course, who: str) -> str:
    (record,) = evidence.history(course, TINY, who)
    shown = evidence.notebook(course, record)
    return "".join(
        "".join(output.get("text", ""))
        for each in shown["cells"]
        for output in each.get("outputs", ())
        if output["output_type"] == "stream"
    )


def refused(course: Course, data: bytes) -> bool:
    """Whether nothing comes of it."""
    with wire.connect(course) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(100) == b""
        except (BrokenPipeError, ConnectionResetError):
            return True


STRANGER = """
import os, socket, sys
os.chdir(sys.argv[1])
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
door = socket.socket(socket.AF_UNIX)
door.connect("grading.sock")
try:
    door.sendall(b'{"assignment": "tiny-regression", "candidates": null}\\n')
    sys.stdout.write(repr(door.recv(100)))
except (BrokenPipeError, ConnectionResetError):
    sys.stdout.write("b''")
"""


def stranger(course: Course) -> bytes:
    """What another user's request is answered with."""
    command = [sys.executable, "-c", STRANGER, str(course.state)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return bytes(done.stdout.removeprefix("b'").removesuffix("'"), "ascii")


def test_another_version_of_the_package_takes_over(built: Course, tmp_path: Path) -> None:
    """What grades is always the code that is installed: as soon as it differs, it starts anew."""
    place = tmp_path / "installed"
    shutil.copytree(ROOT / "worksample", place / "worksample")
    ask = (
        "from worksample.service import client; from worksample.course import Course\n"
        f"client.grade(Course.locate(), {TINY!r})"
    )
    there = {**os.environ, "PYTHONPATH": str(place)}

    def asked() -> str:
        run = [sys.executable, "-P", "-c", ask]
        return subprocess.run(run, cwd=built.root, env=there, capture_output=True, text=True).stderr

    with serving(built, PYTHONPATH=str(place)) as service:
        pid = service.process.pid
        with (place / "worksample" / "errors.py").open("a") as file:
            file.write("\n# another version\n")
        assert "nothing has been submitted" in asked()
        with pytest.raises(CourseError, match="another version"):
            graded(built)  # this process has the repository's code
        assert (service.process.pid, service.starts) == (pid, 1)
        assert "the package has changed" in service.said()
        assert alive(psutil.Process(pid))


def test_the_queue_holds_each_wish_once(built: Course) -> None:
    """Asked for twice it is graded once; what came in while it was graded is graded as well."""
    queue = Queue(built)
    first = queue.add(TINY, {"ada": 0, "bob": 0})
    assert list(first.values()) == ["ada", "bob"]
    assert queue.add(TINY, {"ada": 0, "bob": 0}) == first
    ada, bob = queue.waiting((), ())
    queue.begin(ada)
    again = queue.add(TINY, {"ada": 0}, begun=[ada.id])
    assert not again.keys() & first.keys()
    assert queue.add(TINY, {"bob": 1}, forced=True).keys().isdisjoint([*first, *again])
    assert [(row.candidate, row.tries) for row in queue.waiting((), ())][:2] == [
        ("ada", 1),
        ("bob", 0),
    ]
    queue.done(ada.id)
    assert [row.candidate for row in queue.waiting([bob.id], ())] == ["ada", "bob"]
    assert queue.waiting((), [TINY]) == []


# --- kills --------------------------------------------------------------------------------------


def supervisor(service: psutil.Process) -> list[psutil.Process]:
    return [service]


def coordinator(service: psutil.Process) -> list[psutil.Process]:
    return _served(service)


def worker(service: psutil.Process) -> list[psutil.Process]:
    return [each for above in _served(service) for each in _served(above)]


def checker(service: psutil.Process) -> list[psutil.Process]:
    """What runs checks, and what shows outputs."""
    return [each for above in worker(service) for each in _children(above)]


TARGETS: tuple[Target, ...] = (coordinator, worker, checker, parent, agent, kernel)
if FULL:
    TARGETS += (supervisor,)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.Error:
        return []


def _served(process: psutil.Process) -> list[psutil.Process]:
    """Forks of the service directly below."""
    return [each for each in _children(process) if "serve-grading" in " ".join(_line(each))]


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_killed_at_random_moments_the_service_loses_and_doubles_nothing(
    cohort: Course, cold_once: Path, orphanage: Callable[[], list[str]]
) -> None:
    """SIGKILL to the service or anything below it; who asked just waits for the outcome.

    The command is run again only where an attempt was not gradable yet, as its last line says.
    """
    untouched = cohort.root.parent / "untouched"
    shutil.copytree(cohort.root, untouched)
    expected = results(Course(cold_once))
    killer = Killer(KILLS, BETWEEN_SECONDS, TARGETS)
    courses = 0
    while killer.left > 0:
        shutil.rmtree(cohort.root)
        shutil.copytree(untouched, cohort.root)
        with serving(cohort, "--workers", "2") as service:
            grade_until_done(cohort, service, killer)
            assert not queued(cohort)
        assert results(cohort) == expected, service.said()
        assert not orphanage()
        assert not list(service.temporary.iterdir())
        courses += 1
        print(f"killed {dict(killer.killed)} in {courses} courses", flush=True)


def grade_until_done(course: Course, service: Service, killer: Killer) -> None:
    for runs in range(20):
        with grading(course) as process:
            if runs == 0:
                until(lambda: queued(course) > 0 or process.poll() is not None)
                killer._kill(psutil.Process(service.process.pid), "supervisor")
            killer.beset(process, lambda: psutil.Process(service.process.pid))
            said, _ = process.communicate()
        assert process.returncode in (DONE, SOME_NOT_GRADABLE), (said, service.said())
        if process.returncode == DONE:
            return
    pytest.fail(f"not done: {said} {service.said()}")
