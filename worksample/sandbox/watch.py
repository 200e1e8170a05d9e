"""What a sandbox uses, seen from outside, and the limits that only the outside can hold.

Two guards, because neither is everywhere: a control group, where this process may make one
(hard, and it sees memory that belongs to no process), and a look at ``/proc`` ten times a
second, which needs no rights.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from worksample.limits import Limits

MB = 1 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")
FILE_SYSTEMS = ("attempt", "tmp", "dev/shm", "answers", "io")
MAX_FILES = 20_000
CROWDED_SECONDS = 1.0
MOST_READING_SECONDS = 0.5


@dataclass(frozen=True)
class Usage:
    """``memory`` in bytes, file systems included; ``tasks`` are processes and threads."""

    memory: int
    tasks: int
    files: int


@dataclass(frozen=True)
class Breach:
    """A limit that was passed: ``how`` is the value of ``Ended.how``."""

    how: str
    detail: str


def measure(
    proc: Path, root: Path | None, pids: Callable[[], list[int]], ceiling: int, crowd: int
) -> Usage:
    """What the processes ``pids`` use.

    Args:
        proc: the ``/proc`` that numbers them so.
        root: root folder of the sandbox, whose own file systems are counted; None without one.
        ceiling: bytes; only above it is shared memory told apart, which is slow.
        crowd: with as many processes they are only counted, which is quick and says enough.
    """
    stored, files = _file_systems(root) if root else (0, 0)
    resident = tasks = 0
    living = pids()
    if len(living) >= crowd:
        return Usage(stored, len(living), files)
    for pid in living:
        rss, threads = _resident(proc / str(pid))
        resident, tasks = resident + rss, tasks + threads
    if resident + stored > ceiling:
        resident = _shared_out([proc / str(pid) for pid in living])
    return Usage(resident + stored, tasks, files)


def _resident(process: Path) -> tuple[int, int]:
    try:
        resident = int((process / "statm").read_bytes().split()[1]) * PAGE
        after_name = (process / "stat").read_bytes().rpartition(b")")[2].split()
    except (OSError, IndexError):
        return 0, 0  # ended while we looked
    return resident, int(after_name[17])


def _shared_out(processes: list[Path]) -> int:
    """Sum of what each process holds; cut short where processes that fork make it slow.

    Reading waits for a lock that every fork of that process holds.
    """
    total, until = 0, time.monotonic() + MOST_READING_SECONDS
    for process in processes:
        total += _proportional(process)
        if time.monotonic() > until:
            break
    return total


def _proportional(process: Path) -> int:
    """Bytes of anonymous and shared memory, pages shared by n processes counted 1/n each."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return 0
    wanted = ("Pss_Anon:", "Pss_Shmem:")
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(wanted))


def _file_systems(root: Path) -> tuple[int, int]:
    used = files = 0
    for name in FILE_SYSTEMS:
        try:
            status = os.statvfs(root / name)
        except OSError:
            continue  # the sandbox is gone
        used += (status.f_blocks - status.f_bfree) * status.f_frsize
        files += status.f_files - status.f_ffree
    return used, files


class Watch:
    """Judges one usage after another."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.crowded_since = limits, 0.0

    def judge(self, usage: Usage) -> Breach | None:
        most = self.limits.memory_mb
        if usage.memory > most * MB:
            return Breach("memory", f"more than {most} MB of memory was in use")
        if usage.files > MAX_FILES:
            return Breach("disk", f"more than {MAX_FILES:,} files were written")
        if usage.tasks < self.limits.processes:
            self.crowded_since = 0.0
            return None
        self.crowded_since = self.crowded_since or time.monotonic()
        if usage.tasks >= 2 * self.limits.processes:
            self.crowded_since = 0.1  # nothing but this watch holds them: no time to lose
        if time.monotonic() - self.crowded_since < CROWDED_SECONDS:
            return None  # a pool of workers that meets the limit for a moment is no bomb
        return Breach("processes", f"{self.limits.processes} processes and threads were in use")

    def judge_cpu(self, seconds: float) -> Breach | None:
        """Of what all processes together have used of the processor."""
        if seconds <= self.limits.cpu:
            return None
        return Breach("timeout", f"more than {self.limits.cpu:g} s of processor time were used")


# --- control groups ----------------------------------------------------------------------------

# cpuacct has no limit
_V1 = {
    **{"memory": "memory.limit_in_bytes", "pids": "pids.max", "cpuacct": ""},
    "cpu": "cpu.cfs_quota_us",
}
_PERIOD = 100_000  # microseconds in which a share of processors is counted
_PREFIX = "worksample-"
_LEAF = f"{_PREFIX}itself"  # of version 2: whoever divides a group lives in one of its parts
_WANTED = ("cpu", "memory", "pids")
_TRIES = 5


class ControlGroup:
    """Control groups of one sandbox; as many as this process may make, perhaps none.

    Args:
        cores: processors that all in it may use together, time for time; 0: all there are.
    """

    def __init__(self, limits: Limits, cores: float = 0) -> None:
        self.folders: list[Path] = []
        self._counting = True
        name = f"{_PREFIX}{os.getpid()}-{started(os.getpid())}-{os.urandom(4).hex()}"
        for parent, values in _parents(limits, cores):
            _sweep(parent)
            folder = parent / name
            try:
                folder.mkdir()
            except OSError:
                continue
            if _write_all(folder, values) or _cpu_seconds(folder) is not None:
                self.folders.append(folder)
            else:
                with contextlib.suppress(OSError):
                    folder.rmdir()

    @classmethod
    def known(cls, folders: list[Path]) -> ControlGroup:
        """Groups that another process made, which is no more."""
        group = cls.__new__(cls)
        group.folders, group._counting = folders, True
        return group

    def add(self, pid: int) -> None:
        """Put a process in; what it starts later is in too."""
        for folder in self.folders:
            try:
                (folder / "cgroup.procs").write_text(str(pid))
            except OSError:
                self._counting &= _cpu_seconds(folder) is None

    def cpu_seconds(self) -> float | None:
        """CPU that has been used in here, ended processes included; None where none counts it."""
        counted = [_cpu_seconds(folder) for folder in self.folders] if self._counting else []
        return max((seconds for seconds in counted if seconds is not None), default=None)

    def ran_out_of_memory(self) -> bool:
        """True when the kernel killed a process here because this group had no memory left.

        A machine that is short of memory kills here too, and it is counted here: not our limit.
        """
        return any(_limit_met(folder) and _killed(folder) for folder in self.folders)

    def holds_all(self) -> bool:
        """True when the kernel of Linux holds both memory and processes of what is in here."""
        wanted = (("memory.limit_in_bytes", "memory.max"), ("pids.max",))
        return all(
            any((folder / name).exists() for folder in self.folders for name in names)
            for names in wanted
        )

    def remove(self) -> None:
        """Remove the groups; every process in them must have ended."""
        for folder in self.folders:
            for _ in range(50):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)  # the last process is still being buried
                else:
                    break
        self.folders = []


def divide(wanted: Sequence[str] = _WANTED) -> list[str]:
    """Have groups of version 2 hold what is put into them, where this process's own is ours alone.

    A group that holds processes cannot pass its controllers on (the kernel's rule of no internal
    processes), so this process and what it has started move into a part of it. A systemd unit or
    scope with ``Delegate=yes`` is such a group. One with others in it, as that of a session with
    its shell, is left alone.

    Returns:
        The controllers that hold groups made from now on, sorted.
    """
    own = _own_group()
    if own is None:
        return []
    if own.name != _LEAF and _is_ours_alone(own):
        try:
            (own / _LEAF).mkdir(exist_ok=True)
            for _ in range(_TRIES):  # what is started meanwhile is found the next time
                living = (own / "cgroup.procs").read_text().split()
                for pid in living:
                    with contextlib.suppress(ProcessLookupError):
                        (own / _LEAF / "cgroup.procs").write_text(pid)
            for name in wanted:
                with contextlib.suppress(OSError):  # this one is held elsewhere, as by version 1
                    (own / "cgroup.subtree_control").write_text(f"+{name}")
        except OSError:
            return []
        own = own / _LEAF
    parent = own.parent if own.name == _LEAF else own
    passed_on = (parent / "cgroup.subtree_control").read_text().split()
    return sorted(set(passed_on) & set(wanted))


def _own_group() -> Path | None:
    """This process's group of version 2, where there is that version."""
    mount = _mounts().get("")
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        if mount is not None and number == "0" and not controllers:
            return mount / path.lstrip("/")
    return None


def _is_ours_alone(group: Path) -> bool:
    """Whether nothing lives in a group but this process and what it has started."""
    try:
        living = {int(pid) for pid in (group / "cgroup.procs").read_text().split()}
    except OSError:
        return False
    parents = {pid: _parent(pid) for pid in living}

    def is_ours(pid: int) -> bool:
        return pid == os.getpid() or (pid in parents and is_ours(parents[pid]))

    writable = all(os.access(group / name, os.W_OK) for name in ("", "cgroup.subtree_control"))
    return writable and all(map(is_ours, living))


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return os.getpid()  # it has ended meanwhile, and is nobody's


def _parents(limits: Limits, cores: float = 0) -> list[tuple[Path, dict[str, str]]]:
    """Folders that may take a control group, and what to write into it."""
    memory = str(limits.memory_mb * MB + 64 * MB)  # the watch comes first, and can say why
    tasks = str(limits.processes + 16)
    quota = {"cpu": str(int(cores * _PERIOD)), "memory": memory, "pids": tasks}
    mounts = _mounts()
    found: list[tuple[Path, dict[str, str]]] = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        relative = path.lstrip("/")
        for controller in set(controllers.split(",")) & set(_V1):
            if controller in mounts and (cores or controller != "cpu"):
                limit = {_V1[controller]: quota[controller]} if _V1[controller] else {}
                found.append((mounts[controller] / relative, limit))
        if not controllers and "" in mounts:
            values = {"memory.max": memory, "memory.swap.max": "0", "pids.max": tasks}
            values |= {"cpu.max": f"{quota['cpu']} {_PERIOD}"} if cores else {}
            own = mounts[""] / relative
            found.append((own.parent if own.name == _LEAF else own, values))
    return [(folder, values) for folder, values in found if os.access(folder, os.W_OK)]


def _mounts() -> dict[str, Path]:
    """Controller -> where it is mounted; version 2 under the empty name."""
    found = {}
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options = line.split()[:4]
        if kind == "cgroup2":
            found[""] = Path(place)
        elif kind == "cgroup":
            found.update({name: Path(place) for name in options.split(",") if name in _V1})
    return found


def _write_all(folder: Path, values: dict[str, str]) -> bool:
    """True when the limit that makes the group worth having could be set."""
    done = 0
    for name, value in values.items():
        if not (folder / name).exists():
            continue
        try:
            (folder / name).write_text(value)
        except OSError:
            continue
        done += 1
    return done > 0


def _cpu_seconds(folder: Path) -> float | None:
    with contextlib.suppress(OSError, ValueError):
        return int((folder / "cpuacct.usage").read_text()) / 1e9
    if (folder / "cpu.stat").exists():
        return _counter(folder / "cpu.stat", "usage_usec") / 1e6
    return None


def _killed(folder: Path) -> bool:
    names = ("memory.oom_control", "memory.events")
    return any(_counter(folder / name, "oom_kill") > 0 for name in names)


def _limit_met(folder: Path) -> bool:
    try:
        return int((folder / "memory.failcnt").read_text()) > 0
    except OSError:  # version 2 has no such file
        return _counter(folder / "memory.events", "oom") > 0


def _counter(path: Path, name: str) -> int:
    try:
        pairs = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return 0
    return sum(int(pair[1]) for pair in pairs if pair[0] == name)


def started(pid: int) -> str:
    """Start time of a process in clock ticks; with the pid it names one process for good."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return "0"


def _sweep(parent: Path) -> None:
    """Remove groups whose maker was killed before it could."""
    for folder in parent.glob(f"{_PREFIX}*"):
        maker, _, rest = folder.name.removeprefix(_PREFIX).partition("-")
        if maker.isdecimal() and started(int(maker)) != rest.partition("-")[0]:
            with contextlib.suppress(OSError):
                folder.rmdir()
