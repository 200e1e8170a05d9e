"""The statement: what is processed about candidates, why, how long, and that people decide."""

from __future__ import annotations

from dataclasses import dataclass

from worksample import assignments, kits
from worksample.assignments.scorecard import dimension
from worksample.course import Course
from worksample.handouts import pages
from worksample.privacy import policy


@dataclass(frozen=True)
class Processed:
    """A row of the table: what, and what for."""

    what: str
    why: str


PROCESSED = (
    Processed(
        "Your id, and what you are invited to", "so that your work is yours and nobody else’s"
    ),
    Processed("The case that was drawn for you", "so that it is marked by its own answer"),
    Processed(
        "What you hand in: notebook, files, times", "it is what people look at, as you handed it in"
    ),
    Processed(
        "Where you work on our server: each saved version of your notebook and files",
        "so that nothing is lost, and for the talk about your work; no score reads it",
    ),
    Processed(
        "What came out when it was run, and each check’s result",
        "so that every point can be explained, and looked at again when you ask",
    ),
    Processed(
        "Ratings by people, with what they saw; notes of interviews",
        "for the decision, and feedback",
    ),
    Processed("Feedback, and your revision", "you get it; taking up feedback is part of the job"),
    Processed(
        "More time, and other adjustments", "so that you get them; those who rate do not see them"
    ),
    Processed(
        "Who did what with all this, and when", "so that it can be shown that it was done right"
    ),
)


def page(course: Course) -> str:
    """The statement as HTML.

    Raises:
        AssignmentError: a work sample's folder has a mistake.
        CourseError: ``privacy.toml`` or the profile has one.
    """
    rules = policy.read(course)
    return pages.draw(
        "statement",
        policy=rules,
        blanks=rules.blanks,
        profile=kits.profile(course),
        processed=PROCESSED,
        samples=looked_for(course),
    )


def looked_for(course: Course) -> dict[str, list[str]]:
    """Title of each graded work sample -> the dimensions that it is looked at for.

    By their names alone: on which stage's scorecard one stands says nothing to a candidate.
    """
    return {
        each.title: list(
            dict.fromkeys(dimension(cell.dimension).name for cell in each.cells if cell.dimension)
        )
        for each in assignments.all_of(course)
        if each.graded
    }
