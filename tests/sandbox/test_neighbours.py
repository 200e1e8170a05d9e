"""Two attempts at the same time, in two boxes of one sandbox: neither can reach the other.

Grading runs as many attempts at a time as there are cores, so whoever is graded meanwhile is a
neighbour. What the attacker gets it prints as ``GOT:``; what the victim feels, as ``HARM:``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from tests.processes import until
from tests.sandboxes import label, notebook, nothing_left, sealed
from worksample.grading.run import Run, execute
from worksample.limits import Limits
from worksample.sandbox.box import Box, Sandbox, Setup

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parents[1] / "neighbours"
SEALED = [pytest.param(sandbox, id=label(sandbox)) for sandbox in sealed()]
READY_SECONDS = 120
MARK = uuid4().hex  # in the names of their files: nothing else in a sandbox has such a name


class Seen:
    """A sandbox whose boxes can be looked at while they are open."""

    def __init__(self, inner: Sandbox) -> None:
        self.inner, self.name = inner, inner.name
        self.boxes: list[Box] = []

    def open(self, setup: Setup) -> Box:
        self.boxes.append(self.inner.open(setup))
        return self.boxes[-1]


def attempt(sandbox: Sandbox, script: str, case: Path) -> Run:
    text = (SCRIPTS / f"{script}.py").read_text()
    limits = Limits(cell_seconds=300, notebook_seconds=300)
    return execute(notebook(text), case, {}, limits, {}, [], "standard", sandbox=sandbox)


def printed(run: Run) -> str:
    outputs = run.notebook["cells"][0]["outputs"]
    return "".join(each.get("text", "") or "\n".join(each.get("traceback", [])) for each in outputs)


def facts(box: Box) -> Mapping[str, Any]:
    """All that an attacker could know of a neighbour at best."""
    launched = box._launched
    assert launched.root is not None
    above = psutil.Process(launched.process.pid)
    outside = {launched.process.pid, launched.pid}
    for top in (above, psutil.Process(launched.pid)):
        outside |= {child.pid for child in top.children(recursive=True)}
    kernel = psutil.Process(max(outside))
    return {
        "outside": sorted(outside),
        "inside": json.loads(_tmp(box, "pid").read_text()),
        "users": sorted({0, kernel.uids().real}),
        "abstract": [f"worksample-user-{slot}" for slot in range(4)],
        "sockets": [f"{box.layout.sockets_outside}/k-{n}" for n in range(1, 6)],
    }


@pytest.mark.parametrize("sandbox", SEALED)
def test_an_attempt_that_reaches_for_its_neighbour_gets_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Sockets, shared memory, signals, ``/proc``, tracing, priorities, keys, watched folders."""
    case = tmp_path / "case"
    case.mkdir()
    (case / "mark").write_text(MARK)
    seen, runs = Seen(sandbox), []
    with nothing_left():
        victim = threading.Thread(
            target=lambda: runs.append(attempt(seen, "victim", case)), daemon=True
        )
        victim.start()
        until(lambda: bool(seen.boxes) and _tmp(seen.boxes[0], "ready").exists(), READY_SECONDS)
        (case / "facts.json").write_text(json.dumps(facts(seen.boxes[0])))
        attacker = attempt(sandbox, "attacker", case)
        _tmp(seen.boxes[0], "done").touch()
        victim.join(READY_SECONDS)
    (unharmed,) = runs
    assert "GOT:" not in printed(attacker), printed(attacker)
    assert "tried" in printed(attacker), (attacker.ended, printed(attacker))
    assert printed(unharmed) == "unharmed\n", (unharmed.ended, printed(unharmed))
    assert unharmed.ended.how == attacker.ended.how == "completed"
    assert len(seen.boxes) == 1, "a second run would hide that the first was killed"


def _tmp(box: Box, name: str) -> Path:
    root = box._launched.root
    assert root is not None
    return root / "tmp" / f"{MARK}-{name}"
