"""Processor time cannot be hidden, by ignored children or by those whose parents are gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandboxes import label, notebook, nothing_left, sealed
from worksample.grading.probe import Call
from worksample.grading.run import Run, execute
from worksample.limits import Limits
from worksample.sandbox import watch
from worksample.sandbox.box import Box, Sandbox, Setup

pytestmark = pytest.mark.slow

SEALED = [pytest.param(each, id=label(each)) for each in sealed() if "bundled" not in label(each)]
BURN = """\
import os, signal, time
def burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
"""
# n times 0.05 s, never more than two at once, and nobody's time in the end
HIDDEN = {
    "ignored": """\
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for n in range({0} // 2):
    for both in range(2):
        if os.fork() == 0:
            burn(0.05)
            os._exit(0)
    try:
        os.wait()
    except ChildProcessError:
        pass
""",
    "orphans": """\
for n in range({0}):
    read, write = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:
            burn(0.05)
        os._exit(0)
    os.close(write)
    os.wait()
    os.read(read, 1)
    os.close(read)
""",
    "orphans of the ignored": """\
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for n in range({0}):
    read, write = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:
            burn(0.05)
        os._exit(0)
    os.close(write)
    os.read(read, 1)
    os.close(read)
""",
}


class Counted:
    """A sandbox that remembers its box."""

    def __init__(self, inner: Sandbox) -> None:
        self.inner, self.name = inner, inner.name
        self.box: Box | None = None

    def open(self, setup: Setup) -> Box:
        self.box = self.inner.open(setup)
        return self.box

    def used(self) -> Iterator[Call]:
        """No call, but when it is asked for: what has been used."""
        assert self.box is not None
        self.seconds = self.box.turn().cpu
        yield from ()


@pytest.fixture(params=["control group", "sampled"])
def counting(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """By a control group, or as on a machine where nobody may make one."""
    if request.param == "sampled":
        monkeypatch.setattr(watch, "_parents", lambda *_: [])
    elif watch.ControlGroup(Limits()).cpu_seconds() is None:
        pytest.skip("no control group that counts may be made here")
    return request.param


def run(sandbox: Any, code: str, calls: Any = (), **limits: float) -> Run:
    with nothing_left():
        return execute(
            notebook(BURN, "before = time.process_time()", code),
            Path(__file__).parents[1] / "assignments",
            {},
            Limits(cell_seconds=60, notebook_seconds=120, **limits),  # type: ignore[arg-type]
            {},
            calls,
            "standard",
            sandbox=sandbox,
        )


@pytest.mark.parametrize("sandbox", SEALED)
@pytest.mark.parametrize("how", HIDDEN)
def test_what_hidden_processes_used_is_counted(sandbox: Sandbox, how: str, counting: str) -> None:
    """Or a machine seems busy with somebody else, and a limit by the clock is no limit."""
    counted = Counted(sandbox)
    done = run(counted, HIDDEN[how].format(10), counted.used())
    assert done.ended.how == "completed", done.ended
    # between two samples somebody may begin and end, the more so on a busy machine
    assert counted.seconds > (0.3 if counting == "sampled" else 0.45)


@pytest.mark.parametrize("sandbox", SEALED)
def test_what_nobody_hides_is_not_counted_twice(sandbox: Sandbox, counting: str) -> None:
    """Work of threads, and of children that are waited for, is what it is, and a little more."""
    counted = Counted(sandbox)
    honest = """\
import subprocess, threading
thread = threading.Thread(target=burn, args=(0.4,))
thread.start()
thread.join()
for n in range(2):
    if os.fork() == 0:
        burn(0.4)
        os._exit(0)
    os.wait()
"""
    done = run(counted, honest, counted.used())
    assert done.ended.how == "completed", done.ended
    assert 1.15 < counted.seconds < 2.3


@pytest.mark.parametrize("how", HIDDEN)
def test_the_limit_on_processor_time_is_that_of_all_processes(how: str, counting: str) -> None:
    """A limit for each process is none for whoever forks: one of six seconds ran for a minute."""
    done = run(sealed()[0], HIDDEN[how].format(200), cpu_seconds=2)
    assert (done.ended.how, done.ended.cell) == ("timeout", "c2")
    assert done.ended.detail == "more than 2 s of processor time were used"
    assert done.cells["c2"] == "timeout"
