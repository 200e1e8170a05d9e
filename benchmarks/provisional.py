"""From a hand-in to the provisional result, alone and with a queue of fifty before it.

``python benchmarks/provisional.py`` invites fifty-one candidates to a course of its own, starts the
exchange and the grading service as processes, has one hand in alone, and then all the others within
a second. The time from the acknowledgement to the record that the team's page shows is told as a
ratio to that of the one alone, and beside it the share that each takes of the machine: n times the
time of one, divided among the cores, is what a queue of n cannot be faster than.

Then it times the team's page: of everybody, and what an open page asks every two seconds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import exchange

from worksample.course import Course
from worksample.exchange import openings, standing
from worksample.exchange.people import Person
from worksample.exchange.standing import Standings
from worksample.records import evidence
from worksample.service import client

TINY = exchange.ROOT / "tests" / "assignments" / "tiny-regression"
PATIENCE = 900.0  # seconds for the last result of all


@contextmanager
def grading(course: Course) -> Iterator[None]:
    """The grading service, once it answers."""
    command = [str(Path(sys.executable).with_name("worksample")), "serve-grading"]
    process = subprocess.Popen(command, cwd=course.root, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + exchange.PATIENCE
        while not client.runs(course):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the grading service does not come up")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def results(
    course: Course, made: Sequence[exchange.HandIn], port: int, within: float
) -> list[float]:
    """Seconds from each acknowledgement to the record of it."""
    acknowledged: dict[str, float] = {}
    before = {each.candidate: _records(course, each.candidate) for each in made}

    def send(each: exchange.HandIn) -> None:
        exchange.send(each, TINY.name, port)
        acknowledged[each.candidate] = time.time()

    threads = [
        threading.Timer(within * number / len(made), send, (each,))
        for number, each in enumerate(made)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    deadline = time.monotonic() + PATIENCE
    there: dict[str, float] = {}
    while len(there) < len(made) and time.monotonic() < deadline:
        for each in made:
            who = each.candidate
            if who not in there and _records(course, who) > before[who]:
                newest = evidence.paths(course, TINY.name, who)[-1]
                there[who] = newest.stat().st_mtime
        time.sleep(0.05)
    return [max(there[who] - acknowledged[who], 0.0) for who in there]


def _records(course: Course, candidate: str) -> int:
    return len(evidence.paths(course, TINY.name, candidate))


def pages(course: Course, repeats: int = 5) -> tuple[float, float]:
    """Seconds of reading how far everybody is, and of asking whether that has changed."""
    opening = openings.find(course, exchange.OPENING)
    whole, asked = [], []
    for _ in range(repeats):
        begun = time.process_time()
        Standings(course, Person("alan", "administrator"), None).of_opening(opening)
        whole.append(time.process_time() - begun)
        begun = time.process_time()
        standing.changes(course, None)
        asked.append(time.process_time() - begun)
    return statistics.median(whole), statistics.median(asked)


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--queue", type=int, default=50)
    queue = options.parse_args().queue
    names = [f"c{number:03}" for number in range(queue + 1)]
    with tempfile.TemporaryDirectory(prefix="provisional-") as folder:
        course = exchange.course_in(Path(folder) / "course", TINY, names)
        alone, *made = exchange.hand_ins(course, TINY.name, names, "once")
        port = exchange.free_port()
        with grading(course), exchange.service(course, port):
            results(course, [alone], port, 0)  # what is done once is done
            (again,) = exchange.hand_ins(course, TINY.name, names[:1], "again")
            (single,) = results(course, [again], port, 0)
            found = sorted(results(course, made, port, 1.0))
        cores = len(os.sched_getaffinity(0))
        p50, p95 = found[len(found) // 2], found[int(len(found) * 0.95)]
        print(f"{len(found)} of {len(made)} have a result; load {os.getloadavg()[0]:.0f}")
        print(f"alone {single:.2f} s; p50 {p50 / single:.1f} ×, p95 {p95 / single:.1f} × that")
        print(f"a queue of {queue} on {cores} cores, shared out: {queue / cores:.0f} ×")
        whole, asked = pages(course)
        print(f"team's page: {1000 * whole / len(names):.1f} ms of processor time a candidate;")
        print(f"what an open page asks again and again: {1000 * asked:.1f} ms, whatever there is")


if __name__ == "__main__":
    main()
