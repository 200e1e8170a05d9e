"""What a prober asks of a box that does not do as it is told."""

from __future__ import annotations

from tests import scripted
from worksample.limits import Budget, Limits
from worksample.probe import Call
from worksample.prober import Prober
from worksample.sandbox import Setup


def test_forks_that_cannot_be_had_are_not_waited_for_at_every_call() -> None:
    """A snapshot that candidate code made deaf would cost its patience for each of them."""
    agent = scripted.Scripted(
        {
            "fork": scripted.replying({"problem": "gone"}),
            "call": scripted.replying({"problem": "nobody"}),
        }
    )
    prober = Prober([Call("f", "f", fresh=bool(n % 2)) for n in range(40)], Budget())
    with agent.open(Setup(Limits())) as box:
        prober.ask_all(box)
    assert [command["op"] for command in agent.heard].count("fork") == 1
    assert prober.lost == "kernel"
    assert [result.ok for result in prober.results()["f"]] == [False] * 40
