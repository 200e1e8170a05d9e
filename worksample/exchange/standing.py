"""How far everybody is, as the team sees it: from the invitation to the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import func, select

from worksample import assignments
from worksample.assignments.case import attempt_of, base_id
from worksample.assignments.model import Assignment
from worksample.assignments.scorecard import RECEPTIVENESS
from worksample.course import Course
from worksample.exchange import releases, sittings
from worksample.exchange.drawing import Drawer
from worksample.exchange.openings import Opening
from worksample.exchange.pages import span
from worksample.exchange.people import Person
from worksample.exchange.sittings import Sitting
from worksample.exchange.tables import (
    AcceptedNotice,
    Answer,
    ClockEvent,
    IssuedLink,
    Question,
    opened,
)
from worksample.feedback import lookup
from worksample.records import bank, ratings
from worksample.records.precision import words as in_points
from worksample.records.tables import (
    Approval,
    Audit,
    Base,
    Grading,
    Queued,
    Rating,
    RatingsSubmitted,
    Recommendation,
    Submission,
    now,
)
from worksample.scorecards import settings
from worksample.service import progress, wire
from worksample.service.progress import Progress
from worksample.service.queue import Queue

Phase = Literal[
    "invited",
    "working",
    "nothing",
    "grading",
    "stuck",
    "rate",
    "draw",
    "approve",
    "release",
    "told",
    "decide",
    "decided",
]
PHASES: tuple[Phase, ...] = get_args(Phase)
SOON = timedelta(minutes=10)  # of the time left, from which on it is said
#: what the team has to do something about
OURS = frozenset({"stuck", "rate", "draw", "approve", "release", "decide"})
NAMES: dict[Phase, str] = {
    "invited": "invited",
    "working": "at work",
    "nothing": "without work",
    "grading": "being graded",
    "stuck": "not gradable yet",
    "rate": "to be rated",
    "draw": "feedback to be drawn",
    "approve": "to be approved",
    "release": "to be released",
    "told": "with the candidate",
    "decide": "to be decided",
    "decided": "decided",
}
#: everything that a page of the team shows has its rows in one of these, and rows are only added
_GROWING: tuple[type[Base], ...] = (
    *(Audit, Submission, Grading, ClockEvent, Question, Answer, Rating, RatingsSubmitted),
    *(Approval, IssuedLink, AcceptedNotice, Recommendation),
)


@dataclass(frozen=True)
class Standing:
    """One attempt of one candidate.

    Attributes:
        words: how far it is, for people.
        result: what grading came to, for who may see it; else empty.
        why: what keeps it from being graded; empty where nothing does.
        progress: None where nothing was handed in, or it is not graded.
    """

    candidate: str
    sitting: Sitting
    phase: Phase
    words: str
    handed_in: datetime | None = None
    progress: Progress | None = None
    result: str = ""
    why: str = ""

    @property
    def ours(self) -> bool:
        """Whether the team is waited for."""
        return self.phase in OURS

    @property
    def key(self) -> str:
        """Names it on a page."""
        return f"{self.candidate}--{self.sitting.assignment}"

    @property
    def news(self) -> str:
        """What is read aloud when it changes: not every minute that goes by."""
        if self.phase != "working":
            return self.words
        said = "at work" if self.sitting.state == "running" else "paused"
        said += ", has handed in" if self.handed_in else ""
        return said + (", less than ten minutes left" if self.sitting.clock.left < SOON else "")

    @property
    def grading(self) -> str:
        """How far grading is, in words, where ``words`` speak of something else."""
        if self.progress is None or self.phase != "working":
            return ""
        return progress_words(self.progress)


class Standings:
    """Reads how far people are, for one page of one person of the team.

    Args:
        person: whose page it is: who rates sees no points before.
        drawer: knows what is being drawn; None for who does not ask.
    """

    def __init__(self, course: Course, person: Person, drawer: Drawer | None) -> None:
        self._course, self._person, self._drawer = course, person, drawer
        self._records = opened(course)
        self._queue: Sequence[Queued] = Queue(course).everything()
        self._settings = settings.of(course)
        self._at = now()
        self._known: dict[str, Assignment] = {}

    def of_opening(self, opening: Opening) -> list[Standing]:
        """Every attempt of every candidate."""
        return [
            each
            for name in sittings.candidates(self._course, opening.id)
            for each in self.of_candidate(Person(name, "candidate", opening.id), opening)
        ]

    def of_candidate(self, person: Person, opening: Opening) -> list[Standing]:
        """Every attempt of a candidate; the last of them says whether a decision is due."""
        found = [
            self._of(each) for each in sittings.of_person(self._course, person, self._at, opening)
        ]
        if found and any(each.phase == "told" for each in found):
            found[-1] = self._decision(found[-1], opening)
        return found

    def _of(self, sitting: Sitting) -> Standing:
        last = self._records.last_submission(sitting.assignment, sitting.candidate)
        handed_in = last.submitted if last else None
        phase, words = _at_work(sitting, last) or ("grading", "")
        if last is None and not words:
            phase, words = "invited", self._before_start(sitting)
        if last is None:
            return Standing(sitting.candidate, sitting, phase, words)
        if not self._assignment(sitting.assignment).graded:
            return Standing(sitting.candidate, sitting, "told", "handed in", handed_in)
        graded = progress.of(self._course, last, self._queue)
        now_is = (phase, words) if words else self._graded(sitting, graded)
        return Standing(
            sitting.candidate,
            sitting,
            *now_is,
            handed_in=handed_in,
            progress=graded,
            result=self.result(graded),
            why=graded.why,
        )

    def _graded(self, sitting: Sitting, graded: Progress) -> tuple[Phase, str]:
        """How far an attempt is whose time is over."""
        name, candidate = sitting.assignment, sitting.candidate
        if graded.state in ("running", "queued"):
            return "grading", progress_words(graded)
        if graded.state != "graded":
            return "stuck", progress_words(graded)
        if self._drawer is not None and self._drawer.waits(name, candidate):
            return "draw", "graded, feedback is being drawn"
        stage = releases.stage(self._course, name, candidate)
        if stage == "released":
            return "told", "feedback released"
        if left := self.to_rate(name, candidate):
            return "rate", f"graded, {left}"
        if stage == "not drawn" or lookup.stale(self._course, name, candidate):
            return "draw", "graded, feedback to be drawn"
        if stage == "approved, not released":
            return "release", "feedback approved, to be released"
        return "approve", f"feedback {stage}"

    def to_rate(self, name: str, candidate: str) -> str:
        """What people still have to rate of an attempt, in words; empty where they have."""
        wanted = self._criteria(name)
        if not wanted:
            return ""
        graders = self._settings.graders_of(name)
        if graders > 1:
            done = len(self._records.submitters(name, candidate))
            return "" if done >= graders else f"rated by {done} of {graders}"
        rows = ratings.counted(self._records, name, candidate, graders)
        done = len({row.criterion for row in rows} & set(wanted))
        return "" if done == len(wanted) else f"{done} of {len(wanted)} criteria rated"

    def is_blind(self, name: str, candidate: str) -> bool:
        """Whether this person is not to see points, which would sway what they rate."""
        if self._person.role == "administrator":
            return False
        if self._person.role != "grader":
            return True
        wanted, who = self._criteria(name), self._person.name
        if not wanted:
            return False
        if self._settings.graders_of(name) > 1 and who in self._records.submitters(name, candidate):
            return False
        return bool(self.to_rate(name, candidate))

    def result(self, graded: Progress) -> str:
        """What grading came to, for this person; empty where it has not come to anything."""
        record = graded.record
        if record is None:
            return ""
        ended = "" if record["outcome"] == "graded" else "ended early: " + record["why"]
        if self.is_blind(record["assignment"], record["candidate"]):
            return ended or "ran to its end"
        points = f"{in_points(record['points'], bank.sem(record))} of {record['possible']:g} points"
        return f"{points}, {ended}" if ended else points

    def _assignment(self, name: str) -> Assignment:
        """Read once for a page."""
        base = base_id(name)
        if base not in self._known:
            self._known[base] = assignments.find(self._course, base)
        return self._known[base]

    def _criteria(self, name: str) -> list[str]:
        wanted = list(self._assignment(name).criteria)
        return [*wanted, RECEPTIVENESS] if wanted and attempt_of(name) == 2 else wanted

    def _before_start(self, sitting: Sitting) -> str:
        if sitting.is_revision:
            return "revision can be started"
        query = select(AcceptedNotice.id).filter_by(candidate=sitting.candidate).limit(1)
        used = select(Audit.id).filter_by(candidate=sitting.candidate, action="link used").limit(1)
        with self._records.session() as session:
            if session.scalar(query) is not None:
                return "has accepted the notice"
            return "has opened the link" if session.scalar(used) is not None else "invited"

    def _decision(self, last: Standing, opening: Opening) -> Standing:
        """Where nothing more is to come from the candidate, somebody has to decide."""
        signed = self._records.recommendations(last.candidate)
        if last.phase not in ("told", "nothing"):
            return last  # such as a revision that can still be started
        if signed:
            return replace(last, phase="decided", words=f"{last.words}, {len(signed)} signed")
        day = f"{opening.decision:%-d %B}"
        return replace(last, phase="decide", words=f"{last.words}, to be decided by {day}")


def _at_work(sitting: Sitting, last: Submission | None) -> tuple[Phase, str] | None:
    """What the clock says; None where it says nothing more."""
    if sitting.state in ("running", "paused"):
        done = ", has handed in" if last else ""
        word = "at work" if sitting.state == "running" else "paused"
        return "working", f"{word}, {span(sitting.clock.left)} left{done}"
    if last is None and sitting.state in ("missed", "over"):
        words = {"missed": "never started", "over": "time is over, nothing was handed in"}
        return "nothing", words[sitting.state]
    return None


def progress_words(graded: Progress) -> str:
    """How far grading is."""
    before = f", {graded.ahead} before it" if graded.ahead else ""
    return {
        "running": "is being graded now",
        "queued": f"waits to be graded{before}",
        "nobody asked": "handed in, to be graded",
        "not gradable": "not gradable yet",
        "graded": "graded",
    }[graded.state]


def changes(course: Course, drawer: Drawer | None) -> str:
    """Differs whenever a page of the team would; costs one query, whatever there is.

    Times go by, so it differs every minute too.
    """
    counts = [select(func.max(table.id)).scalar_subquery() for table in _GROWING]
    queue = [func.count(Queued.id), func.coalesce(func.sum(Queued.tries), 0), func.max(Queued.id)]
    with opened(course).session() as session:
        rows = [*session.execute(select(*counts)).one(), *session.execute(select(*queue)).one()]
    minute = int(now().timestamp() // 60)
    beside = (drawer.changes if drawer else 0, int(wire.is_served(course)), minute)
    return "-".join(str(each or 0) for each in (*rows, *beside))
