"""Every notebook in tests/hostile, through the real path, in every real sandbox.

What an attack must not get is its own business to look for: it prints ``GOT:`` when it succeeds.
What must hold besides (statuses, answers, calls) stands in its header.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from tests.sandboxes import Hostile, hostile, hostiles, label, nothing_left, sealed
from worksample.grading.probe import Call
from worksample.grading.run import Run, execute
from worksample.limits import AnswerSpec
from worksample.sandbox.box import Sandbox

SECRET = "HOSTILE_TEST_SECRET"
SECONDS_AROUND_A_CELL = 30  # start, interrupt, end and calls, on a machine with other work
MOST_GROWTH_KB = 400_000


# What these reach for is held by another mechanism where there is no user of the attack's own.
OTHER_MECHANISM = {
    "answers_folder",
    "daemon",
    "exit_process",
    "forged_answers",
    "fork_bomb",
    "memory_many_processes",
    "memory_shared",
    "memory_unnamed",
    "namespaces",
    "network",
    "read_environment",
    "read_private",
    "reach_the_agent",
    "stopped_process",
    "thread_bomb",
}

# What these reach for may be the attack's own user's, who graded as root is another one.
SAME_USER = {"reach_the_agent", "starve_the_agent"}


def _pairs() -> Iterator[Any]:
    """Every attack in the best sandbox; some in the next one too, and where it is one user."""
    for position, sandbox in enumerate(sealed()):
        also = OTHER_MECHANISM if position == 1 else set()
        also = also | SAME_USER if label(sandbox) == "userns" else also
        for path in hostiles():
            if position == 0 or path.stem in also:
                yield pytest.param(path, sandbox, id=f"{path.stem}-{label(sandbox)}")


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Path]:
    """A public case beside a private one, in a machine with doors that can be knocked at."""
    public, private = tmp_path / "public", tmp_path / "private"
    public.mkdir()
    private.mkdir()
    (private / "truth.json").write_text(json.dumps(SECRET))
    tcp, tcp6 = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)
    with contextlib.suppress(OSError):  # a machine without IPv6 has one door fewer
        tcp6 = socket.create_server(("::1", 0), family=socket.AF_INET6)
    abstract, path = f"hostile-{os.getpid()}", str(tmp_path / "door")
    doors = [tcp, tcp6, socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)]
    doors[2].bind("\0" + abstract)
    doors[3].bind(path)
    for door in doors[2:]:
        door.listen()
    six = tcp6.getsockname()[1] if tcp6.family == socket.AF_INET6 else 9
    found = {"tcp": tcp.getsockname()[1], "tcp6": six, "abstract": abstract, "path": path}
    (public / "doors.json").write_text(json.dumps(found))
    yield public
    for door in doors:
        door.close()


@pytest.mark.slow
@pytest.mark.parametrize(("path", "sandbox"), list(_pairs()))
def test_an_attack_gains_nothing(
    path: Path, sandbox: Sandbox, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attack costs its own cell at most; nothing is read, raised, left or made slow by it."""
    attack = hostile(path)
    monkeypatch.setenv(SECRET, SECRET)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    with nothing_left():
        run = _run(attack, sandbox, case)
    passes = 3 * (attack.limits.cell_seconds + SECONDS_AROUND_A_CELL)
    assert time.monotonic() - begun < passes
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_GROWTH_KB
    _outputs_are_sound(run, attack)
    _statuses_are_ours(run, attack)
    _answers_are_data(run, attack)
    _calls_are_judged(run, attack)


def _run(attack: Hostile, sandbox: Sandbox, case: Path) -> Run:
    declared = ("answers", "answers_only")
    names = {"reached", *attack.expect.get("refused", []), *attack.expect.get("maybe", [])}
    names |= {name for key in declared for name in attack.expect.get(key, {})}
    rows = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    return execute(
        attack.notebook,
        case,
        {},
        attack.limits,
        {name: AnswerSpec(1) for name in sorted(names)},
        [Call("double", "double", (rows,), "numbers", seconds=15)] * 2,
        "standard",
        libraries=["pandas"],  # else every call of a fork imports it anew, to read its table
        sandbox=sandbox,
    )


def _outputs_are_sound(run: Run, attack: Hostile) -> None:
    text = json.dumps(run.notebook)
    assert "GOT:" not in "".join(_printed(run)), _printed(run)
    assert SECRET not in "".join(_printed(run))
    assert len(text) < 4 * attack.limits.output_kb * 1024 + 100_000
    text.encode()
    nbformat.validate(nbformat.from_dict(run.notebook))


def _printed(run: Run) -> list[str]:
    cells = [cell for cell in run.notebook["cells"] if cell["cell_type"] == "code"]
    return [output.get("text", "") for cell in cells for output in cell["outputs"]]


def _statuses_are_ours(run: Run, attack: Hostile) -> None:
    expected = dict.fromkeys(run.cells, "completed") | attack.expect.get("cells", {})
    wanted = {cell: status for cell, status in expected.items() if status != "*"}
    assert {cell: run.cells[cell] for cell in wanted} == wanted, (run.ended, _printed(run))
    ended = attack.expect.get("ended", "completed")
    assert ended in ("*", run.ended.how), run.ended
    assert run.ended.detail


def _answers_are_data(run: Run, attack: Hostile) -> None:
    expect = attack.expect
    reached = expect.get("reached", True)
    if reached != "*":
        assert ("reached" in run.answers) is reached, run.refused
    for name, value in expect.get("answers", {}).items():
        assert run.answers[name] == value
    for name, value in expect.get("answers_only", {}).items():
        assert run.answers.get(name, value) == value
    for name in expect.get("refused", []):
        assert name not in run.answers
        assert run.refused[name]
    assert set(run.answers).isdisjoint(run.refused)


def _calls_are_judged(run: Run, attack: Hostile) -> None:
    results: Any = run.calls["double"]
    assert len(results) == 2
    fails = attack.expect.get("calls_fail", False)
    if attack.expect.get("reached") is False and "calls_fail" not in attack.expect:
        fails = True  # the function was never defined
    for result in results:
        assert fails == "*" or result.ok is not fails, result
        assert "GOT" not in result.error
        assert "4242" not in result.error
        assert result.value is None or list(result.value) == [2.0, 4.0, 6.0]
