"""The talk on paper: a role card for each listener of a case, and a sheet for what they heard.

A case has listeners where its private part holds ``listeners.json``: a list of
``{"name", "role", "character", "believes", "asks": […], "right"}``.
"""

from __future__ import annotations

import json
from typing import Any

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import dressing
from worksample.course import Course
from worksample.errors import RatingError
from worksample.handouts import pages

LISTENERS = "listeners.json"


def page(course: Course, name: str, candidate: str) -> str:
    """Cards and sheets, one after the other, as HTML to be printed.

    Raises:
        AssignmentError: there is no such assignment.
        CandidateError: there is no such candidate.
        RatingError: nobody listens in this work sample.
    """
    case = cases.bound(course, name, candidate)
    author = assignments.find(course, cases.base_id(name))
    path = case.private / LISTENERS
    if not path.is_file():
        raise RatingError(
            f"{author.id} has no talk", do="its cases hold no listeners; print its interview kit"
        )
    worn = dressing.wear(course, author, case.skin)
    listeners: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    heard = {k: each for k, each in worn.criteria.items() if each.evidence}
    return pages.draw(
        "talk",
        title=worn.title,
        listeners=listeners,
        criteria=heard,
        minutes=worn.minutes.discussion,
    )
