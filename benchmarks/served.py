"""The grading service, warm: what an attempt costs, part by part, and how soon its result is there.

The parts add up to what a control group counted. Processes that stay are read from ``/proc``, those
in sandboxes from the evidence; what is left is what the system does to make and end sandboxes.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import figures
import metered
import psutil

from worksample.course import Course
from worksample.service import client

READY_SECONDS = 120.0
INSIDE = {
    "kernel": "ipykernel: start",
    "waiting": "ipykernel: waiting for a place",
    "cells": "cells: in the kernel",
    "probe": "answers and calls: in the kernel's forks",
    "checks": "checks: in the check host's fork",
}


class NotReady(Exception):
    """The service did not come up."""


@dataclass(frozen=True)
class Reading:
    """CPU seconds up to now: of everything, and of each kind of process that stays."""

    total: float
    kinds: Mapping[str, float]


class Served:
    """A service for one course, counted by a control group."""

    def __init__(self, course: Course, log: Path, settings: Mapping[str, str]) -> None:
        self.course, self.log = course, log
        self._group = metered.Group()
        cores = json.dumps(sorted(os.sched_getaffinity(0)))
        wrapped = [sys.executable, metered.__file__, str(log), self._group.joined, cores]
        self.process = subprocess.Popen(
            [*wrapped, "worksample", "serve-grading", "--renew-after", "100000"],
            cwd=course.root,
            env={**os.environ, **settings, metered.LINES: "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def ready(self) -> None:
        """Wait until it can be asked.

        Raises:
            NotReady: it ended, or takes too long.
        """
        deadline = time.monotonic() + READY_SECONDS
        while not client.runs(self.course):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotReady(f"serve-grading: status {self.process.poll()}")
            time.sleep(0.1)

    def read(self) -> Reading:
        """What was used so far."""
        supervisor = psutil.Process(self.process.pid)
        kinds = {"the service's supervisor": _cpu(supervisor)}
        for child in supervisor.children():
            if child.name() == "bwrap":
                kinds["fork: the preloaded parent"] = sum(map(_cpu, [child, *child.children()]))
                continue
            kinds["coordinator"] = _cpu(child)
            workers = child.children()
            kinds["worker: messages, reading"] = sum(map(_cpu, workers))
            hosts = [host for worker in workers for host in worker.children()]
            kinds["checks: hosts, cleaning of outputs"] = sum(map(_cpu, hosts))
        return Reading(self._group.used() or 0.0, kinds)

    def end(self) -> None:
        """Terminate, wait, kill."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._group.used_and_removed()


@contextmanager
def serving(course: Course, log: Path, settings: Mapping[str, str]) -> Iterator[Served]:
    """A service for the length of a block."""
    served = Served(course, log, settings)
    try:
        served.ready()
        yield served
    finally:
        served.end()


def graded(served: Served, name: str, who: Sequence[str] | None = None) -> float:
    """Have it grade once more; seconds until the last result was recorded.

    Raises:
        NotReady: it went away.
    """
    begun = time.perf_counter()
    if client.grade(served.course, name, who, force=True) is None:
        raise NotReady("the service went away")
    return time.perf_counter() - begun


def parts(
    before: Reading,
    after: Reading,
    records: Sequence[Any],
    coordinator: Mapping[str, float],
    own: float,
) -> dict[str, float]:
    """CPU seconds an attempt by part; they add up to what the control group counted.

    Args:
        records: the attempts' evidence.
        coordinator: what it logged: stage -> CPU seconds of all attempts.
        own: CPU seconds of the candidates' own cells and calls, measured alone.
    """
    count = len(records)
    stay = {name: after.kinds[name] - before.kinds.get(name, 0.0) for name in after.kinds}
    whole = stay.pop("coordinator")
    found = {f"coordinator: {name}": cpu for name, cpu in coordinator.items()}
    found["coordinator: queue, sockets, workers' pipes"] = whole - sum(coordinator.values())
    inside = {
        words: sum(r["run"]["stages"].get(stage, {}).get("cpu_elsewhere", 0.0) for r in records)
        for stage, words in INSIDE.items()
    }
    # a host buries the fork that checks, and is told apart from it by what the fork used
    stay["checks: hosts, cleaning of outputs"] -= min(
        inside["checks: in the check host's fork"], stay["checks: hosts, cleaning of outputs"]
    )
    found |= inside | stay
    rest = after.total - before.total - sum(found.values())
    found["sandboxes: namespaces, mounts, ends of processes"] = rest
    each = {name: cpu / count for name, cpu in found.items()}
    return each | {"(of all this, the candidates' own cells and calls)": own / count}


def table(rounds: Sequence[Mapping[str, float]]) -> str:
    """Parts as medians over rounds; the total is their sum."""
    middle = {name: statistics.median(r[name] for r in rounds) for name in rounds[0]}
    note = [name for name in middle if name.startswith("(")]
    listed = {name: cpu for name, cpu in middle.items() if name not in note}
    rows = [[name, f"{1000 * cpu:.0f}"] for name, cpu in listed.items() if round(1000 * cpu)]
    rows.append(["**all**", f"**{1000 * sum(listed.values()):.0f}**"])
    rows += [[name, f"{1000 * middle[name]:.0f}"] for name in note]
    return figures.table(["part of an attempt", "CPU, ms"], rows)


def lines(log: Path) -> dict[str, float]:
    """What a coordinator logged, and forgets: stage -> CPU seconds."""
    sums: dict[str, float] = {}
    for line in log.read_text().splitlines():
        name, _, cpu = line.rsplit(" ", 2)
        sums[name] = sums.get(name, 0.0) + float(cpu)
    log.write_text("")
    return sums


def _cpu(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.Error:
        return 0.0
    return used.user + used.system
