"""Control groups of version 2, on a real mount of them: whoever has one to themselves divides it.

Where version 1 holds memory and processes, as on a machine that has both, another controller stands
for them: the way is the same for all.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from worksample.sandbox import watch

STANDS_FOR = ("memory", "pids", "cpu", "hugetlb", "io", "misc")

# as `worksample serve` does, with a child that was there before, and a sandbox's group afterwards
PROGRAM = """
import json, os, subprocess, sys
from pathlib import Path
from worksample.limits import Limits
from worksample.sandbox import watch
own = Path(sys.argv[1])
(own / "cgroup.procs").write_text(str(os.getpid()))
child = subprocess.Popen(["sleep", "60"])
first = watch.divide(json.loads(sys.argv[2]))
again = watch.divide(json.loads(sys.argv[2]))
group = watch.ControlGroup(Limits(memory_mb=100, processes=20), cores=0.5)
(made,) = [each for each in group.folders if each.is_relative_to(own)]
inside = subprocess.Popen(["sleep", "60"])
group.add(inside.pid)
read = lambda name: (made / name).read_text().split() if (made / name).exists() else None
said = {
    "first": first, "again": again, "above": made.parent == own, "files": sorted(os.listdir(made)),
    "in it": read("cgroup.procs") == [str(inside.pid)],
    "held": {name: read(name) for name in ("memory.max", "pids.max", "cpu.max")},
    "counted": group.cpu_seconds(),
    "itself": sorted(map(int, (own / "worksample-itself/cgroup.procs").read_text().split())),
    "us": sorted((os.getpid(), child.pid)),
}
for each in (child, inside):
    each.kill()
    each.wait()
group.remove()
said["removed"] = not made.exists()
print(json.dumps(said))
"""


@dataclass
class Delegated:
    """A group that a test may divide, and a controller that it may pass on."""

    folder: Path
    controllers: list[str]


@pytest.fixture
def delegated() -> Iterator[Delegated]:
    mount = watch._mounts().get("")
    if mount is None or not os.access(mount / "cgroup.subtree_control", os.W_OK):
        pytest.skip("no control groups of version 2 that this user may divide")
    offered = set((mount / "cgroup.controllers").read_text().split())
    before = set((mount / "cgroup.subtree_control").read_text().split())
    found = [name for name in STANDS_FOR if name in offered]
    if not found:
        pytest.skip("version 1 holds every controller on this machine")
    for name in set(found) - before:
        (mount / "cgroup.subtree_control").write_text(f"+{name}")
    folder = mount / f"worksample-of-a-test-{os.getpid()}"
    folder.mkdir()
    try:
        yield Delegated(folder, found)
    finally:
        for each in sorted(folder.rglob("*/"), reverse=True):
            each.rmdir()
        folder.rmdir()
        for name in set(found) - before:
            with contextlib.suppress(OSError):  # somebody else uses it by now
                (mount / "cgroup.subtree_control").write_text(f"-{name}")


def test_a_group_of_our_own_is_divided_once_and_holds_what_is_put_into_its_parts(
    delegated: Delegated,
) -> None:
    """Else a sandbox's group below it has no file to write a limit into: nothing would be held."""
    wanted = json.dumps(delegated.controllers)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(delegated.folder), wanted],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["first"] == said["again"] == sorted(delegated.controllers)
    assert said["itself"] == said["us"], "what was started before has moved along"
    assert said["above"]
    assert said["in it"]
    assert said["counted"] is not None
    for name in delegated.controllers:
        assert any(file.startswith(f"{name}.") for file in said["files"]), name
    limits = {"memory": ["171966464"], "pids": ["36"], "cpu": ["50000", "100000"]}
    for name in set(delegated.controllers) & set(limits):
        assert said["held"][f"{name}.max"] == limits[name]
    assert said["removed"]


def test_a_group_with_others_in_it_is_left_alone(delegated: Delegated) -> None:
    """A session's has the shell in it: that is not ours to move."""
    with subprocess.Popen(["sleep", "60"]) as other:
        (delegated.folder / "cgroup.procs").write_text(str(other.pid))
        program = (
            "import os, sys; from pathlib import Path; from worksample.sandbox import watch;"
            "Path(sys.argv[1], 'cgroup.procs').write_text(str(os.getpid()));"
            "print(watch.divide(['hugetlb']), watch._own_group() == Path(sys.argv[1]))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(delegated.folder)],
            capture_output=True,
            text=True,
            timeout=120,
        )
        other.kill()
    assert done.stdout == "[] True\n", done.stderr
    assert not list(delegated.folder.glob("*/"))
