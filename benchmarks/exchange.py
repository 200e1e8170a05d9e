"""Many candidates hand in at once, and the service is killed meanwhile: is all of it there?

``python benchmarks/exchange.py`` invites a hundred candidates to an opening of a course of its
own, starts the service as a process, and has each hand in once, at a moment of their own within ten
seconds; then a second time with SIGKILL of the service in the middle and a new one started. What
was acknowledged is then looked for on disk, byte for byte.

Times are told as ratios to one hand-in with nobody else there, so that they mean something on
another machine.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from worksample import assignments
from worksample.assignments import build
from worksample.assignments import case as cases
from worksample.course import Course
from worksample.exchange import inviting, openings, sittings
from worksample.exchange.client import Client, Unreachable
from worksample.exchange.people import Person
from worksample.exchange.tables import opened
from worksample.submissions import collecting

ROOT = Path(__file__).resolve().parent.parent
OPENING = "load"
PATIENCE = 180.0  # seconds in which a service has to come up, or a hand-in to be acknowledged


@dataclass
class HandIn:
    """One candidate's: what was sent, and what was acknowledged."""

    candidate: str
    code: str
    sent: dict[str, bytes]
    seconds: float = 0.0
    tries: int = 0
    receipts: list[dict[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """What came of a round.

    Attributes:
        present: acknowledged hand-ins whose bytes lie on the disk as they were sent.
        doubled: attempts beyond one for each candidate.
        p50, p95: of the time to the acknowledgement, in times of a hand-in alone.
        tried_again: hand-ins that were sent more than once.
    """

    acknowledged: int
    present: int
    doubled: int
    p50: float
    p95: float
    tried_again: int


def course_in(folder: Path, assignment_folder: Path, names: Sequence[str]) -> Course:
    """A course with an opening that is open, and candidates whose clocks run."""
    (folder / "assignments").mkdir(parents=True)
    (folder / "openings").mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    name = assignment_folder.name
    hidden = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(assignment_folder, folder / "assignments" / name, ignore=hidden)
    course = Course(folder.resolve())
    build.build(course, assignments.find(course, name))
    today = datetime.now(UTC).date()
    (folder / "openings" / f"{OPENING}.toml").write_text(
        f'title = "Load"\nassignments = ["{name}"]\nopens = {today - timedelta(1)}\n'
        f"closes = {today + timedelta(1)}\ndecision = {today + timedelta(1)}\n"
    )
    opening = openings.find(course, OPENING)
    for each in names:
        inviting.invite(course, opening, each)
        sittings.start(course, Person(each, "candidate", OPENING), name)
    return course


def hand_ins(course: Course, assignment: str, names: Sequence[str], note: str) -> list[HandIn]:
    """A notebook and a file of their own for each."""
    from worksample.exchange import links

    made = []
    for name in names:
        with zipfile.ZipFile(cases.package_path(course, assignment, name)) as package:
            book = json.loads(package.read(f"{assignment}/{assignment}.ipynb"))
        book["cells"][-1]["source"] += f"\n\n{name}: {note}"
        own = random.Random(name + note).randbytes(20_000)
        sent = {f"{assignment}.ipynb": json.dumps(book).encode(), "own.bin": own}
        made.append(HandIn(name, links.issue(course, OPENING, name).code, sent))
    return made


@contextmanager
def service(course: Course, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The service as a process of its own, once it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "worksample.exchange", "--port", str(port)],
        cwd=course.root,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the service does not come up")
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def send(each: HandIn, assignment: str, port: int) -> None:
    """Hand in until it is acknowledged, as a candidate does who sees that it was not."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in each.sent.items():
            archive.writestr(f"{assignment}/{name}", data)
    client, begun = Client(f"http://127.0.0.1:{port}/", each.code), time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        each.tries += 1
        try:
            each.receipts.append(client.submit(each.candidate, assignment, stream.getvalue()))
            break
        except Unreachable:
            time.sleep(0.3)
    each.seconds = time.monotonic() - begun


def round_of(
    course: Course, assignment: str, names: Sequence[str], seconds: float, kill: bool, note: str
) -> Result:
    """All hand in within ``seconds``; with ``kill`` the service is killed when half are through.

    Raises:
        RuntimeError: the service did not come up.
    """
    port = free_port()
    alone, *made = hand_ins(course, assignment, names, note)
    moments = random.Random(note)
    threads = []
    with service(course, port) as process:
        send(alone, assignment, port)  # what is done once is done
        again = HandIn(alone.candidate, alone.code, {**alone.sent, "own.bin": b"again"})
        send(again, assignment, port)
        for each in made:
            wait = moments.uniform(0, seconds)
            thread = threading.Timer(wait, send, (each, assignment, port))
            threads.append(thread)
            thread.start()
        if kill:
            while sum(bool(each.receipts) for each in made) < len(made) / 2:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.wait()
            with service(course, port):
                _join(threads)
        _join(threads)
    return _result(course, assignment, made, again.seconds)


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join(2 * PATIENCE)


def _result(course: Course, assignment: str, made: Sequence[HandIn], alone: float) -> Result:
    present = doubled = 0
    for each in made:
        rows = opened(course).submissions(assignment, each.candidate)
        mine = [row for row in rows if _held(course, row) == each.sent]
        known = {str(row.digest) for row in mine}
        present += bool(each.receipts) and str(each.receipts[0]["digest"]) in known
        doubled += max(0, len(mine) - 1)
    times = sorted(each.seconds / alone for each in made)
    cuts = statistics.quantiles(times, n=20)
    return Result(
        acknowledged=sum(bool(each.receipts) for each in made),
        present=present,
        doubled=doubled,
        p50=cuts[9],
        p95=cuts[18],
        tried_again=sum(each.tries > 1 for each in made),
    )


def _held(course: Course, row: object) -> dict[str, bytes]:
    """The kept bytes of an attempt; their digests are compared on the way."""
    found = {}
    for name, path in collecting.files(course, row).items():  # type: ignore[arg-type]
        found[name] = path.read_bytes()
        assert hashlib.sha256(found[name]).hexdigest()
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--candidates", type=int, default=100)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument(
        "--assignment", type=Path, default=ROOT / "tests" / "assignments" / "tiny-regression"
    )
    given = options.parse_args()
    names = [f"c{number:03}" for number in range(given.candidates + 1)]
    with tempfile.TemporaryDirectory(prefix="exchange-") as folder:
        print(f"inviting {given.candidates} candidates …", file=sys.stderr)
        course = course_in(Path(folder, "course"), given.assignment, names)
        for kill in (False, True):
            found = round_of(
                course, given.assignment.name, names, given.seconds, kill, f"kill {kill}"
            )
            print(
                f"{'with SIGKILL in the middle' if kill else 'undisturbed'}: "
                f"{found.acknowledged} of {given.candidates} acknowledged, {found.present} present "
                f"byte for byte, {found.doubled} doubled, {found.tried_again} sent again; "
                f"p50 {found.p50:.1f} ×, p95 {found.p95:.1f} × of a hand-in alone"
            )
            if not found.acknowledged == found.present == given.candidates or found.doubled:
                sys.exit("something was lost or doubled")


if __name__ == "__main__":
    main()
