"""Where the time of an attempt goes is measured, and no score depends on it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import sandboxes
from tests.processes import running
from worksample import stages
from worksample.batch import attempts
from worksample.grading.probe import Call
from worksample.grading.run import execute
from worksample.limits import Limits
from worksample.records import evidence
from worksample.sandbox.box import Sandbox
from worksample.sandbox.inside.turns import used

BUSY = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True); input()"


class Others:
    """Processes whose use is given."""

    total = 0.0

    def cpu_seconds(self) -> float:
        return self.total


def test_all_time_belongs_to_a_stage():
    begun = time.monotonic()
    with stages.timed() as spent:
        time.sleep(0.02)
        stages.end("one")
        time.sleep(0.01)
        stages.end("two")
        stages.end("one")
    facts = spent.facts()
    assert list(facts) == ["one", "two"]
    total = sum(fact["seconds"] for fact in facts.values())
    assert 0.03 <= total + 0.001 <= time.monotonic() - begun + 0.002


def test_cpu_of_others_is_counted_from_where_it_stood():
    seen, fresh = Others(), Others()
    seen.total = 5.0
    with stages.timed() as spent:
        stages.watch(seen)
        seen.total = 6.5
        stages.end("checks", seen)
        fresh.total = 2.0
        stages.end("cells", fresh)
        fresh.total = 2.25
        stages.end("cells", fresh)
    assert spent.facts()["checks"]["cpu_elsewhere"] == 1.5
    assert spent.facts()["cells"]["cpu_elsewhere"] == 2.25


def test_nobody_measures_and_nothing_happens():
    others = Others()
    stages.end("cells", others)
    stages.watch(others)


def test_cpu_of_a_living_process_is_read():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with running([sys.executable, "-c", BUSY], **pipes) as process:
        process.stdout.readline()
        here = used(Path("/proc"), [process.pid])
    assert here >= 0.25
    assert used(Path("/proc"), [process.pid]) == 0.0


def test_cpu_of_buried_children_is_the_parents():
    before = used(Path("/proc"), [os.getpid()])
    subprocess.run([sys.executable, "-c", BUSY], input=b"\n", check=True, capture_output=True)
    assert used(Path("/proc"), [os.getpid()]) - before >= 0.25


def test_logged_stages_are_heard_by_who_listens(caplog: pytest.LogCaptureFixture):
    with caplog.at_level("DEBUG", logger="worksample.stages"), stages.logged("gradebook"):
        pass
    name, seconds, cpu = caplog.records[-1].getMessage().split()
    assert name == "gradebook"
    assert float(seconds) >= 0 <= float(cpu)


def test_evidence_tells_every_stage(scored):
    record = evidence.latest(scored, "tiny-regression", "ada")
    assert record is not None
    spent = record["run"]["stages"]
    wanted = [
        "prepare",
        "sandbox",
        "kernel",
        "waiting",
        "cells",
        "probe",
        "close",
        "read",
        "checks",
    ]
    assert list(spent) == [*wanted, "drawing"]
    assert spent["kernel"]["cpu_elsewhere"] + spent["cells"]["cpu_elsewhere"] > 0
    inside = ("prepare", "sandbox", "kernel", "waiting", "cells", "probe", "close", "read")
    total = sum(spent[name]["seconds"] for name in inside)
    assert total >= record["run"]["seconds"] - 0.05


def test_a_second_pass_adds_to_the_stages_of_the_first(scored):
    """Dee's kernel died, so her notebook was run twice; no call was answered by the first."""
    record = evidence.latest(scored, "tiny-regression", "dee")
    assert record is not None
    assert {"sandbox", "kernel", "cells", "probe"} <= set(record["run"]["stages"])


def test_no_score_depends_on_what_was_measured(scored):
    record = evidence.latest(scored, "tiny-regression", "ada")
    assert record is not None
    assert set(record["inputs"]) == {"submission", "case", "checks", "engine"}
    assert attempts.prepare(scored, "tiny-regression", "ada").keys[0] == record["key"]


@pytest.mark.parametrize("sandbox", sandboxes.usual(), ids=sandboxes.label)
def test_cpu_in_a_sandbox_is_that_of_its_cells_and_calls(sandbox: Sandbox, tmp_path: Path):
    """A cell, a process that it waits for, and calls in forks of their own."""
    burn = "import time\ndef burn(n):\n    until = time.process_time() + 0.2\n"
    burn += "    while time.process_time() < until: pass\n    return n"
    waits = "import os\nif os.fork() == 0:\n    burn(0)\n    os._exit(0)\nos.wait()\nburn(0)"
    calls = [Call("burn", "burn", (n,)) for n in range(3)]
    node = sandboxes.notebook(burn, waits)
    with stages.timed() as spent:
        done = execute(node, tmp_path, {}, Limits(), {}, calls, "", sandbox=sandbox)
    assert all(result.ok for result in done.calls["burn"])
    facts = spent.facts()
    assert 0.38 <= facts["cells"]["cpu_elsewhere"] <= 2.0
    assert 0.57 <= facts["probe"]["cpu_elsewhere"] <= 2.0
