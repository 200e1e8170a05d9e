"""Run a command and say what it cost: wall clock, CPU of its whole process tree, its own memory.

CPU is taken from a control group where one can be made. The kernel forgets what a process used
that was ended together with its sandbox, so what ``getrusage`` adds up is too little.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "worksample-bench-"
LINES = "WORKSAMPLE_BENCH_LINES"  # set: what is logged goes into the report, line by line
GROUP, RUSAGE = "control group", "getrusage, which misses what ended with its sandbox"


class CommandFailed(Exception):
    """A measured command ended with an error; what it took says nothing."""


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Attributes:
        seconds: wall clock, from before it was started to its end.
        cpu: CPU seconds of it and everything that it started.
        own_cpu: of these, what its own process used; 0 where that is not known.
        memory_mb: peak of its own process, without those that it started; 0 where not known.
        stages: what the coordinator logged: stage -> (seconds, CPU seconds).
        counted: how ``cpu`` was counted.
    """

    seconds: float
    cpu: float
    own_cpu: float = 0.0
    memory_mb: float = 0.0
    stages: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    counted: str = GROUP


def run(command: Sequence[str], folder: Path, cores: int, settings: Mapping[str, str]) -> Cost:
    """Run ``command`` in ``folder`` on the first ``cores`` cores that this process may use.

    Args:
        command: ``worksample`` and its arguments, or any other program.
        settings: environment variables, beside those of this process.

    Raises:
        CommandFailed: it did not end with status 0.
    """
    places = sorted(os.sched_getaffinity(0))[:cores]
    group = Group()
    with tempfile.TemporaryDirectory(prefix="worksample-metered-") as scratch:
        report = Path(scratch, "report.json")
        wrapped = [sys.executable, __file__, str(report), group.joined, json.dumps(places)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        done = subprocess.run(
            [*wrapped, *command],
            cwd=folder,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        seconds = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = json.loads(report.read_text()) if report.exists() else {}
    cpu = group.used_and_removed()
    if done.returncode != 0:
        raise CommandFailed(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}"
        )
    if cpu is not None:
        return Cost(seconds, cpu, **told)
    seen = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, seen, counted=RUSAGE, **told)


class Group:
    """A control group that counts CPU, if this process may make one."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.joined = ""
        for parent in _parents():
            _sweep(parent)
            folder = parent / f"{PREFIX}{os.getpid()}-{os.urandom(3).hex()}"
            try:
                folder.mkdir()
            except OSError:
                continue
            if _usage(folder) is None:
                folder.rmdir()
                continue
            self.folder, self.joined = folder, str(folder / "cgroup.procs")
            return

    def used(self) -> float | None:
        """CPU seconds up to now; None without a group."""
        return _usage(self.folder) if self.folder else None

    def used_and_removed(self) -> float | None:
        """CPU seconds of everything that was ever in it; None without a group."""
        if self.folder is None:
            return None
        for _ in range(100):
            used = _usage(self.folder)
            try:
                self.folder.rmdir()
            except OSError:
                time.sleep(0.05)  # the last process is still being buried
            else:
                return used
        return used


def _sweep(parent: Path) -> None:
    """Remove the groups of harnesses that were killed before they could."""
    for folder in parent.glob(f"{PREFIX}*"):
        maker = folder.name.removeprefix(PREFIX).split("-")[0]
        if not Path("/proc", maker).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _parents() -> list[Path]:
    """Folders of this process's control groups that know CPU."""
    mounts = {}
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options = line.split()[:4]
        if kind == "cgroup" and "cpuacct" in options.split(","):
            mounts["cpuacct"] = Path(place)
        elif kind == "cgroup2":
            mounts[""] = Path(place)
    found = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        name = "cpuacct" if "cpuacct" in controllers.split(",") else controllers
        if name in mounts:
            found.append((name, mounts[name] / path.lstrip("/")))
    return [folder for _, folder in sorted(found, reverse=True)]


def _usage(folder: Path) -> float | None:
    """CPU seconds of a control group, of either version."""
    try:
        return int((folder / "cpuacct.usage").read_text()) / 1e9
    except OSError:
        pass
    try:
        lines = dict(line.split() for line in (folder / "cpu.stat").read_text().splitlines())
        return int(lines["usage_usec"]) / 1e6
    except (OSError, KeyError, ValueError):
        return None


# ---- the other side: the process that becomes the command ----


class _Sum(logging.Handler):
    """Adds up what worksample.stages logs."""

    def __init__(self) -> None:
        super().__init__()
        self.stages: dict[str, list[float]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        name, seconds, cpu = record.getMessage().rsplit(" ", 2)
        sums = self.stages.setdefault(name, [0.0, 0.0])
        sums[0] += float(seconds)
        sums[1] += float(cpu)


class _Lines(logging.Handler):
    """Writes it down at once, from whichever fork of the command it is."""

    def __init__(self, report: Path) -> None:
        super().__init__()
        self.report = report

    def emit(self, record: logging.LogRecord) -> None:
        with self.report.open("a") as file:
            file.write(f"{record.getMessage()}\n")


def _become(report: Path, group: str, cores: list[int], command: list[str]) -> None:
    os.sched_setaffinity(0, cores)
    if group:
        Path(group).write_text(str(os.getpid()))
    if command[0] != "worksample":
        os.execvp(command[0], command)
    total, lines = _Sum(), LINES in os.environ
    log = logging.getLogger("worksample.stages")
    log.addHandler(_Lines(report) if lines else total)
    log.setLevel(logging.DEBUG)
    sys.argv = command
    from worksample.cli import main

    try:
        main()
    finally:
        own = resource.getrusage(resource.RUSAGE_SELF)
        facts = {
            "own_cpu": own.ru_utime + own.ru_stime,
            "memory_mb": _peak_mb(),
            "stages": total.stages,
        }
        if not lines:
            report.write_text(json.dumps(facts))


def _peak_mb() -> float:
    # ru_maxrss begins with what the process was before it became this program
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    _become(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]), sys.argv[4:])
