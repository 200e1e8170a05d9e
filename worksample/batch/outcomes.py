"""What came of a batch: told to whoever asked for it, here or over the grading service's socket."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

NOT_GRADABLE = "not_gradable_yet"


@dataclass(frozen=True)
class Outcome:
    """What came of one candidate's attempt.

    Attributes:
        outcome: ``graded``, ``candidate_failure`` or ``not_gradable_yet``.
        points: None when not gradable yet.
        why: what stopped it, empty for ``graded``.
        number: of its evidence; None when it was not even read.
        new: False when nothing had changed since it was graded.
        repairs: how many things were mended.
        sandbox: what it was run in; empty when it was not.
        sem: standard error of the points; None where nobody knows.
    """

    candidate: str
    outcome: str
    points: float | None
    possible: float | None
    why: str
    number: int | None
    new: bool
    repairs: int
    sandbox: str = ""
    sem: float | None = None


@dataclass(frozen=True)
class Batch:
    """What came of all of them, by candidate."""

    assignment: str
    outcomes: tuple[Outcome, ...]

    @property
    def not_gradable(self) -> tuple[Outcome, ...]:
        """Those that a person has to look at."""
        return tuple(each for each in self.outcomes if each.outcome == NOT_GRADABLE)

    @property
    def not_forked(self) -> Counter[str]:
        """Why attempts had a bubblewrap each, the slower way; of how many. Only new outcomes."""
        from worksample.sandbox.forked import why_one_each

        whys = (why_one_each(each.sandbox) for each in self.outcomes if each.new)
        return Counter(why for why in whys if why)
