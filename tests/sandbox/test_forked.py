"""Forks of a preloaded parent: a kill before they are sandboxes says nothing of the machine."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

import psutil
import pytest

from tests.processes import until
from tests.sandboxes import notebook, nothing_left
from worksample.errors import SandboxFailed, SandboxUnavailable
from worksample.grading.run import execute
from worksample.limits import Limits
from worksample.sandbox import bubblewrap, forked
from worksample.sandbox.box import Setup
from worksample.sandbox.forked import Forked
from worksample.sandbox.watch import ControlGroup
from worksample.submissions.collecting import MAX_EXTRA_FILES

SLOW_TO_UNPACK = 128 << 20


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Forked:
    """One of which nothing is known yet; what the test finds out is forgotten."""
    monkeypatch.setattr(forked, "_proved", set())
    monkeypatch.setattr(forked, "_why_not", {})
    monkeypatch.setattr(forked, "ENDING_SECONDS", 0.5)
    try:
        best = Forked.find()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    if best.why_not:
        pytest.skip(best.why_not)
    return best


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    """What takes so long to unpack that a fork can be killed before it is a sandbox."""
    (tmp_path / "large").write_bytes(bytes(SLOW_TO_UNPACK))
    (tmp_path / "small").write_text("here")
    files = {name: tmp_path / name for name in ("large", "small")}
    return Setup(Limits(disk_mb=64), files=files)


@contextmanager
def killing(sandbox: Forked, times: int) -> Iterator[list[int]]:
    """SIGKILL to all that the parent forks, for that many attempts to fork; who was killed."""
    starter = psutil.Process(forked.parent_of(sandbox.plain).process.pid)
    killed: list[int] = []
    done = threading.Event()

    def kill() -> None:
        for _ in range(times):
            while not (found := _forks(starter)) and not done.is_set():
                time.sleep(0.001)
            while found:  # until the last of them is there no more
                for each in found:
                    each.kill()
                    killed.append(each.pid)
                found = _forks(starter)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        done.set()
        thread.join()


def _forks(starter: psutil.Process) -> list[psutil.Process]:
    return [fork for parent in starter.children() for fork in parent.children(recursive=True)]


def test_a_fork_killed_before_it_is_a_sandbox_is_made_again(sandbox: Forked, setup: Setup) -> None:
    """Taken for a machine that cannot fork, it made every later attempt of this process slow."""
    with nothing_left():
        with killing(sandbox, 1) as killed, sandbox.open(setup):
            assert killed
        assert sandbox.name.startswith("fork of a preloaded parent")


def test_where_every_fork_ends_without_a_word_there_is_another_way(
    sandbox: Forked, setup: Setup
) -> None:
    with nothing_left():
        with killing(sandbox, forked.MAX_STARTS), sandbox.open(setup) as box:
            assert box.start_kernel("key")
        assert "one per attempt because 3 forks did not become one" in sandbox.name


def test_a_fork_that_comes_late_takes_nothing_from_the_next(
    sandbox: Forked, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A parent that is slow to start gets a second request, and then forks for both at once."""
    monkeypatch.setattr(forked, "START_SECONDS", 5.0)  # enough to unpack on a busy machine
    sandbox.open(Setup(Limits())).close()
    starter = psutil.Process(forked.parent_of(sandbox.plain).process.pid)
    (parent,) = starter.children()
    parent.suspend()
    resume = threading.Timer(7.0, parent.resume)  # the first request was given up by then
    resume.start()
    with nothing_left():
        with sandbox.open(setup) as box:
            resume.join()
            assert box._launched.root is not None
            work = box._launched.root / "attempt"
            assert (work / "large").stat().st_size == SLOW_TO_UNPACK
            assert (work / "small").read_text() == "here"
        until(lambda: not _forks(starter))


@pytest.mark.parametrize("letters", ["f", "ж" * 90])
def test_as_many_files_as_a_candidate_may_send(
    sandbox: Forked, tmp_path: Path, letters: str
) -> None:
    """Their names were part of the request: cut off, it ended the parent of everybody's forks."""
    names = {f"{letters}{number}" for number in range(MAX_EXTRA_FILES + 50)}  # 50 are the author's
    for name in names:
        (tmp_path / name).write_text("x")
    parent = forked.parent_of(sandbox.plain)
    with nothing_left():
        with sandbox.open(Setup(Limits(), files={n: tmp_path / n for n in names})) as box:
            assert box._launched.root is not None
            assert names < set(os.listdir(box._launched.root / "attempt"))
        assert not sandbox.why_not
        assert forked.parent_of(sandbox.plain) is parent


def test_where_forks_have_worked_it_is_no_sandbox_yet(sandbox: Forked, setup: Setup) -> None:
    """One kind for all attempts of a process, as long as it works: this one is tried again."""
    sandbox.open(Setup(Limits())).close()
    again = killing(sandbox, forked.MAX_STARTS)
    with nothing_left(), again, pytest.raises(SandboxFailed, match="killed 3 times"):
        sandbox.open(setup)
    assert not sandbox.why_not


@contextmanager
def no_forks(process: psutil.Process) -> Iterator[None]:
    """It cannot start another process meanwhile."""
    if os.geteuid():
        before = process.rlimit(psutil.RLIMIT_NPROC)
        process.rlimit(psutil.RLIMIT_NPROC, (1, before[1]))
        yield
        process.rlimit(psutil.RLIMIT_NPROC, before)
        return
    group = ControlGroup(Limits())  # a limit on processes does not hold root
    folders = [each for each in group.folders if (each / "pids.max").exists()]
    if not folders or not (folders[0] / "tasks").exists():
        group.remove()
        pytest.skip("root, and no control group (version 1) for processes can be made here")
    (folders[0] / "pids.max").write_text("1")
    (folders[0] / "cgroup.procs").write_text(str(process.pid))
    yield
    (folders[0].parent / "cgroup.procs").write_text(str(process.pid))
    group.remove()


def test_a_fork_that_cannot_be_made_ends_nobody_elses(sandbox: Forked) -> None:
    """Too many processes on this machine: it ended the parent, and all its forks with it."""
    sandbox.open(Setup(Limits())).close()
    parent = forked.parent_of(sandbox.plain)
    (starter,) = psutil.Process(parent.process.pid).children()
    with nothing_left(), sandbox.open(Setup(Limits())) as other:
        with no_forks(starter), pytest.raises(SandboxFailed, match="no fork can be made"):
            sandbox.open(Setup(Limits()))
        sandbox.open(Setup(Limits())).close()
        assert other.start_kernel("key")
    assert forked.parent_of(sandbox.plain) is parent


def test_a_bubblewrap_that_was_killed_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill says nothing of what works here: the machine has the same sandbox as before."""
    found = bubblewrap.binaries()
    if not found:
        pytest.skip("there is no bubblewrap here")
    binary, mark = tmp_path / "bwrap", tmp_path / "mark"
    given, killed = quote(found[0]), quote(str(mark))
    again = f'[ -e {killed} ] && exec {given} "$@"'
    binary.write_text(f"#!/bin/sh\n{again}\n: > {killed}; kill -9 $$\n")
    binary.chmod(0o755)
    root = bubblewrap.Bubblewrap.find().root
    assert bubblewrap._try(str(binary), root) is None
    assert mark.exists()


@pytest.mark.skipif(not Path("/sbin/ldconfig").exists(), reason="nothing here knows libraries")
def test_a_library_is_found_by_its_name_without_a_compiler(sandbox: Forked, tmp_path: Path) -> None:
    """Python asks ldconfig; where there was none, each attempt ran a compiler and a linker."""
    source = "import ctypes.util, os\nos.environ['PATH'] = ''\nprint(ctypes.util.find_library('c'))"
    ran = execute(notebook(source), tmp_path, {}, Limits(), {}, [], "standard", sandbox=sandbox)
    assert ran.notebook["cells"][0]["outputs"][0]["text"] == "libc.so.6\n"
