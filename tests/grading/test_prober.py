"""What a prober asks of a box that does not do as it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import scripted
from tests.sandboxes import notebook
from worksample.grading.probe import Call
from worksample.grading.prober import Prober
from worksample.grading.run import Run, execute
from worksample.limits import Budget, Limits
from worksample.sandbox.box import Setup
from worksample.sandbox.choice import choose

HERE = Path(__file__).parents[1] / "assignments"


def test_forks_that_cannot_be_had_are_not_waited_for_at_every_call() -> None:
    """A snapshot that candidate code made deaf would cost its patience for each of them."""
    agent = scripted.Scripted(
        {
            "fork": scripted.replying({"problem": "gone"}),
            "call": scripted.replying({"problem": "nobody"}),
        }
    )
    prober = Prober([Call("f", "f", session=str(n % 2)) for n in range(40)], Budget())
    with agent.open(Setup(Limits())) as box:
        prober.ask_all(box)
    assert [command["op"] for command in agent.heard].count("fork") == 1
    assert prober.lost == "kernel"
    assert [result.ok for result in prober.results()["f"]] == [False] * 40


SLOW = """
import time
def sleeps(n): time.sleep(0.5); return n
def burns(n):
    until = time.process_time() + 0.5
    while time.process_time() < until: pass
    return n
def many(n): return [[] for _ in range(900)]
def large(n): return "x" * 3900
def endless(n):
    while True: pass
"""


def asked(function: str, budget: Budget, count: int = 12, seconds: float = 5) -> Run:
    """A run of a notebook whose function is called that many times."""
    calls = [Call("f", function, (n,), seconds=seconds) for n in range(count)]
    limits = Limits(cell_seconds=5, notebook_seconds=20)
    return execute(
        notebook(SLOW), HERE, {}, limits, {}, calls, "senior", budget=budget, sandbox=choose()
    )


@pytest.mark.parametrize(
    ("function", "budget", "part", "told"),
    [
        ("sleeps", Budget(seconds=1.2), "seconds", "all of the 1.2 seconds"),
        ("burns", Budget(cpu_seconds=1.2), "cpu_seconds", "1.2 seconds of processor time"),
        ("many", Budget(memory_mb=0.2), "memory_mb", "0.2 MB of memory"),
        ("large", Budget(reply_mb=0.01), "reply_mb", "0.01 MB"),
    ],
)
def test_all_calls_together_have_a_budget(
    function: str, budget: Budget, part: str, told: str
) -> None:
    """Each call kept its own limit, and 800 of them took an hour of a grader's machine."""
    run = asked(function, budget)
    results = run.calls["f"]
    assert results[0].ok, results[0]
    assert not results[-1].ok
    assert told in results[-1].error
    assert len(results) == 12
    assert run.ended.how == "completed"
    assert run.probe[part] >= 0.7 * getattr(budget, part)  # what graders see in the evidence
    assert run.probe[part] < getattr(budget, part) + 1  # overdrawn by one call at most


def test_a_call_gets_no_more_time_than_the_budget_has_left() -> None:
    """One call with a limit of its own far above the budget would use it up many times over."""
    run = asked("endless", Budget(seconds=1), count=3, seconds=60)
    assert run.probe["seconds"] < 10
    first, *others = run.calls["f"]
    assert "it and the calls before it used up all of the 1 seconds" in first.error
    assert all("was not called, because" in each.error for each in others)


def test_within_the_budget_nothing_is_said_of_it() -> None:
    run = asked("large", Budget(), count=3)
    assert all(each.ok for each in run.calls["f"])
    assert 0 < run.probe["reply_mb"] < 0.02
