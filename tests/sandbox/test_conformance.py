"""What every sandbox has to do, and what a box makes of an agent that does not.

The first part runs against every sandbox of this machine and against a scripted one; the second
against scripts that no real agent would follow, unless it had been taken over.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import scripted
from tests.processes import PATIENCE_SECONDS, until
from tests.sandboxes import label, nothing_left, usual
from tests.scripted import Scripted
from worksample.errors import SandboxFailed
from worksample.limits import AnswerSpec, Limits
from worksample.sandbox.box import Box, BoxGone, Sandbox, Setup
from worksample.sandbox.inside.frames import pack
from worksample.sandbox.watch import Breach

REAL = [pytest.param(sandbox, id=label(sandbox)) for sandbox in usual()]
CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
ALL = [*REAL, pytest.param(Scripted(), id="scripted")]


@pytest.fixture(params=ALL)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return request.param


@pytest.fixture
def box(sandbox: Sandbox, tmp_path: Path) -> Iterator[Box]:
    """A box with a running kernel; whatever a test does with it, nothing may be left."""
    (tmp_path / "data.csv").write_text("a\n1\n")
    with nothing_left(), sandbox.open(Setup(Limits(), tmp_path)) as opened:
        opened.start_kernel("key")
        yield opened


def test_it_has_a_name_for_the_evidence(sandbox: Sandbox) -> None:
    assert sandbox.name


def test_a_kernel_is_started_only_when_asked_for(sandbox: Sandbox) -> None:
    with nothing_left(), sandbox.open(Setup(Limits())) as box:
        assert not box.ended.wait(0.2)
        assert not list(Path(box.layout.sockets_outside).glob("k*"))


def test_the_connection_is_over_sockets_that_can_be_reached(box: Box, sandbox: Sandbox) -> None:
    """A socket's path may have 107 bytes; a longer one fails on some machines only."""
    folder = box.layout.sockets_outside
    assert {f"k-{n}" for n in range(1, 6)} <= set(os.listdir(folder))
    assert len(f"{folder}/k-5") <= 107
    with nothing_left(), sandbox.open(Setup(Limits())) as another:
        connection = another.start_kernel("another key")
        assert connection["key"] == "another key"
        assert connection["transport"] == "ipc"
        assert connection["ip"] == f"{another.layout.sockets_outside}/k"
        assert sorted(connection[f"{name}_port"] for name in CHANNELS) == [1, 2, 3, 4, 5]
        assert another.layout.sockets_outside != folder


def test_answers_that_were_not_recorded_are_missing_and_say_so(box: Box) -> None:
    found, missing = box.collect({"onset": AnswerSpec(1), "trace": AnswerSpec(2)})
    assert found == {}
    assert missing == {"onset": "was not recorded", "trace": "was not recorded"}


def test_an_interrupt_does_not_end_an_idle_kernel(box: Box) -> None:
    box.interrupt()
    assert not box.ended.wait(0.3)


def test_a_killed_kernel_is_noticed_and_the_agent_lives_on(box: Box) -> None:
    """The agent still has to bring the answers out."""
    box.kill(Breach("output", "said too much"))
    assert box.ended.wait(PATIENCE_SECONDS)
    assert box.breach == Breach("output", "said too much")
    assert box.collect({"onset": AnswerSpec(1)})[1] == {"onset": "was not recorded"}
    assert not box.lost


def test_the_first_breach_counts_and_a_call_takes_it(box: Box) -> None:
    box.kill(Breach("output", "said too much"))
    box.kill(Breach("memory", "used too much"))
    assert box.take_breach() == Breach("output", "said too much")
    assert box.take_breach() is None


def test_the_end_is_told_once_to_everybody_who_wants_to_know(box: Box) -> None:
    told: list[str] = []
    box.on_ended += [lambda: told.append("one"), lambda: told.append("other")]
    box.kill()
    assert box.ended.wait(PATIENCE_SECONDS)
    box.kill()
    box.close()
    assert told == ["one", "other"]


def test_after_the_end_everything_is_gone_and_says_so(box: Box) -> None:
    box.close()
    assert box.ended.is_set()
    assert not box.lost
    assert box.collect({"a": AnswerSpec(1)}) == ({}, {"a": "was lost when the sandbox was stopped"})
    assert not box.serve()
    box.interrupt()
    with pytest.raises(BoxGone):
        box.fork()
    with pytest.raises(BoxGone):
        box.call({"function": "f", "returns": "number"}, b"", 1.0, 100)


def test_closing_twice_is_closing_once(box: Box) -> None:
    box.close()
    box.close()


def test_boxes_do_not_touch_each_other(box: Box, sandbox: Sandbox) -> None:
    with sandbox.open(Setup(Limits())) as another:
        another.start_kernel("key")
        another.kill(Breach("output", "said too much"))
        assert another.ended.wait(PATIENCE_SECONDS)
    assert not box.ended.wait(0.3)
    assert box.breach is None
    assert box.collect({"a": AnswerSpec(1)})[1] == {"a": "was not recorded"}


def test_an_agent_that_ends_by_itself_is_lost_and_not_the_candidates_doing(
    box: Box, sandbox: Sandbox
) -> None:
    """Candidate code cannot end it; memory that ran out, or somebody at the machine, can."""
    if isinstance(sandbox, Scripted):  # its agent is no process
        box._launched.control.shutdown(socket.SHUT_RDWR)
    else:
        os.kill(box._launched.pid, signal.SIGKILL)
    assert box.ended.wait(PATIENCE_SECONDS)
    assert box.lost


@pytest.mark.parametrize("sandbox", REAL, indirect=True)
def test_what_a_box_uses_is_measured(box: Box) -> None:
    until(lambda: box.peak.tasks >= 2)
    assert box.peak.memory > 10 << 20


# ---- agents that misbehave ----


def opened(**script: scripted.Act) -> Box:
    return Scripted(script).open(Setup(Limits()))


@pytest.mark.parametrize(
    "act",
    [scripted.gone, scripted.replying({"problem": "no"}), scripted.saying(b"\xff" * 64)],
    ids=["ends", "refuses", "talks nonsense"],
)
def test_a_kernel_that_does_not_start_is_our_fault(act: scripted.Act) -> None:
    with nothing_left(), pytest.raises(SandboxFailed), opened(kernel=act) as box:
        box.start_kernel("key")


def test_a_silent_agent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worksample.sandbox.box.START_SECONDS", -4.5)
    with nothing_left(), pytest.raises(SandboxFailed), opened(kernel=scripted.silent) as box:
        box.start_kernel("key")


@pytest.mark.parametrize(
    "data",
    [
        pack({"seq": 1}, b"x" * 5000),
        b"\0\0\0\2\0\0\0\0[]",
        b"\0\0\0\2\0\0\0\0{]",
        b"\xff" * 8,
    ],
    ids=["more than agreed", "not an object", "not JSON", "endless header"],
)
def test_what_was_not_agreed_on_ends_the_box(data: bytes) -> None:
    with nothing_left(), opened(answers=scripted.saying(data)) as box:
        found, missing = box.collect({"a": AnswerSpec(1)})
        assert (found, missing) == ({}, {"a": "was lost when the sandbox was stopped"})
        assert box.ended.wait(PATIENCE_SECONDS)
        assert box.lost


@pytest.mark.parametrize(
    "sizes",
    [{"a": -1}, {"a": 1 << 40}, {"a": "3"}, {"a": True}, {"a": 2.0}, {"b": 3}, ["a"], None, "a"],
    ids=repr,
)
def test_sizes_that_lie_give_no_answer(sizes: object) -> None:
    lie = scripted.replying({"sizes": sizes, "problems": "none"}, b"123")
    with nothing_left(), opened(answers=lie) as box:
        assert box.collect({"a": AnswerSpec(1)}) == ({}, {"a": "was not recorded"})


def test_a_reply_to_another_question_is_no_reply() -> None:
    def stale(agent: Scripted, command: dict, _: bytes) -> bytes:
        old = pack({"seq": command["seq"] - 1, "sizes": {"a": 3}}, b"old")
        return old + pack({"seq": command["seq"], "sizes": {"a": 3}}, b"new")

    with nothing_left(), opened(answers=stale) as box:
        assert box.collect({"a": AnswerSpec(1)})[0] == {"a": b"new"}


def test_an_end_without_a_sound_code_is_an_end() -> None:
    ended = scripted.saying(pack({"event": "ended", "code": {"a": []}}))
    with nothing_left(), opened(signal=ended) as box:
        threading.Thread(target=box.interrupt, daemon=True).start()
        assert box.ended.wait(PATIENCE_SECONDS)
        assert box.exit_code is None


def test_an_answer_that_is_no_object_is_none() -> None:
    odd = scripted.replying({"problem": None, "answer": ["x"]}, b"")
    with nothing_left(), opened(call=odd) as box:
        asked = {"function": "f", "returns": "number"}
        assert box.call(asked, b"", 1.0, 100) == (None, {}, b"")
