"""The candidate's guide: what is judged and how, advice, dates, rights, adjustments.

The advice is made of twelve signals that those who hire look for; it says that words which sound
senior earn nothing here, and gives a date in place of silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from worksample import kits
from worksample.course import Course
from worksample.feedback import status as statuses
from worksample.handouts import pages
from worksample.handouts.statement import looked_for
from worksample.privacy import policy
from worksample.records.tables import Records, now


@dataclass(frozen=True)
class Advice:
    """One signal, and what to do about it; ``instead`` are words and better ones."""

    signal: str
    text: str
    instead: tuple[str, str] | None = None


ADVICE = (
    Advice(
        "A safe pair of hands",
        "Teams look for somebody who makes things calmer. Show how you release, watch, roll back "
        "and repeat a result. Say where such systems break, and what you did about it.",
    ),
    Advice(
        "Clear beats clever",
        "Start with the problem and what came of it. Then say what you built and what you gave up "
        "for it. Leave the tour of tools for the questions.",
        (
            "I worked on enablement of the machine-learning lifecycle.",
            "I built a way to release models with versions, approval and rollback.",
        ),
    ),
    Advice(
        "Explain a risk, do not hide it",
        "A gap, a short job, a title that does not fit: one plain sentence is enough. Left open, "
        "it is filled by guesses.",
    ),
    Advice(
        "How it is read",
        "Readers look at your latest work first, and fast. Put the strongest recent thing at the "
        "top of your résumé, and at the start of your answer.",
    ),
    Advice(
        "General virtues say nothing",
        "Anybody can write “careful” or “team player”. Tell what you did, and let others find the "
        "word for it.",
        (
            "I am detail-oriented.",
            "I added a check that caught changed inputs before each release.",
        ),
    ),
    Advice(
        "Tricks look like a risk",
        "Hidden keywords, answers learnt by heart, tools you cannot explain: one question more and "
        "they fall apart. Say where your experience ends. It makes the rest believable.",
    ),
    Advice(
        "Silence is not always a no",
        "Elsewhere, silence often means that nobody has read it yet, or that a formal question "
        "(work permit, place) stopped it. Here you get a date: see “When you will hear from us”.",
    ),
    Advice(
        "Results, not duties",
        "Say what changed because you were there. It need not be money: time to release, failed "
        "releases, time until a fault is noticed, results that can be repeated.",
        ("I was responsible for monitoring.", "Alerts that I built cut the time to notice drift."),
    ),
    Advice(
        "Use the words of the job",
        "Teams call the same thing by different names. Where it is true, say it in the words of "
        "the job description, and tell what it was called where you did it.",
    ),
    Advice(
        "Words that sound senior",
        "Many readers guess your level from the first verb. Say what you did yourself, as exactly "
        "as you can. We rate what you did and what came of it: “owned” or “led” earns nothing "
        "here, and “helped” costs nothing.",
    ),
    Advice(
        "Show range",
        "One good story can show three things: the technical part, why it mattered, and how you "
        "worked with others.",
    ),
    Advice(
        "What matters, not everything",
        "The last five to seven years are enough. Where you are now, the work that fits this job "
        "best, what links it, and why this job now.",
    ),
)


@dataclass(frozen=True)
class Standing:
    """How far one work sample is, as the candidate may know it.

    Attributes:
        assignment: nbgrader's, the revision's for attempt 2.
        steps: in words.
        answer: when they hear at the latest; None before anything was handed in.
    """

    assignment: str
    title: str
    steps: tuple[str, ...]
    answer: datetime | None


def page(course: Course, candidate: str | None = None) -> str:
    """The guide as HTML; with a candidate, it begins with where they stand.

    Raises:
        CandidateError: nobody of that name was invited.
        CourseError: ``privacy.toml`` or the profile has a mistake.
    """
    rules = policy.read(course)
    return pages.draw(
        "guide",
        policy=rules,
        blanks=rules.blanks,
        profile=kits.profile(course),
        samples=looked_for(course),
        advice=ADVICE,
        standing=standing(course, candidate) if candidate else (),
        candidate=candidate,
        today=now(),
        day=day,
    )


def standing(course: Course, candidate: str) -> tuple[Standing, ...]:
    """Where a candidate stands, in each attempt at each work sample; no score, no rating.

    Raises:
        CandidateError: nobody of that name was invited.
    """
    records, days = Records(course.records_url), policy.read(course).decision_days
    found = []
    for each in statuses.status(course, candidate):
        last = records.last_submission(each.assignment, candidate)
        released = each.steps.get("feedback") == "released"
        steps = ["invited" if "invited" in each.steps else "revision open"]
        if last:
            steps.append(f"handed in on {day(last.submitted)}, receipt {last.receipt}")
            steps.append("feedback sent" if released else "being looked at")
        answer = last.submitted + timedelta(days=days) if last else None
        found.append(Standing(each.assignment, each.title, tuple(steps), answer))
    return tuple(found)


def day(time: datetime) -> str:
    """A day as people write it."""
    return f"{time.day} {time:%B %Y}"
