"""The revision: a second attempt at the candidate's own work, with the approved feedback on top.

nbgrader keeps one submission per assignment and candidate, so the revision is an assignment of
its own (``<id>-revision``), built by ``worksample build``. What a candidate gets is personal: the
notebook of attempt 1 with their answers in it, behind two cells about the feedback.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worksample import assignments
from worksample.assignments import case, dressing
from worksample.assignments.build import REVISION
from worksample.assignments.case import base_id
from worksample.assignments.model import TREE, Assignment
from worksample.course import Course
from worksample.errors import FeedbackError
from worksample.feedback import approval, lookup
from worksample.feedback.proposal import strength_title
from worksample.feedback.record import NOTE, revision_minutes
from worksample.feedback.schema import Record
from worksample.grading import clean, repair
from worksample.records import evidence
from worksample.records.tables import Audit, Records, actor
from worksample.submissions import collecting

FEEDBACK = "revision_feedback"
RELEASED = "revision released"


@dataclass(frozen=True)
class Revision:
    """A released revision.

    Attributes:
        assignment: nbgrader's id of it.
        package: the zip to send.
        minutes: how long the candidate has, accommodations included.
        task: what the feedback asks for.
        new: False where the same had been released before.
    """

    assignment: str
    candidate: str
    package: Path
    minutes: int
    task: str
    new: bool


def revise(course: Course, assignment_id: str, candidate: str, by: str = "") -> Revision:
    """Release ``<assignment_id>-revision`` to a candidate whose feedback has been approved.

    Doing it again gives the same package. It binds the case of attempt 1.

    Raises:
        FeedbackError: the feedback may not go out yet, or this is a revision already.
        CandidateError, CaseError: there is no such candidate, or no such case.
    """
    if base_id(assignment_id) != assignment_id:
        raise FeedbackError(
            "there is one revision, and this is it",
            where=assignment_id,
            do=f"run: worksample feedback {assignment_id}",
        )
    bound = case.bound(course, assignment_id, candidate)
    assignment = dressing.wear(course, assignments.find(course, assignment_id), bound.skin)
    record = _approved(course, assignment_id, candidate)
    invitation = Records(course.records_url).invitation(assignment_id, candidate)
    minutes = revision_minutes(assignment, invitation.extra_time if invitation else 1.0)
    name = assignment_id + REVISION
    notebook = _notebook(course, bound, candidate, record)
    page = approval.page_path(course, assignment_id, candidate)
    beside = {
        f"feedback{kind}": page.with_suffix(kind).read_bytes() for kind in (".html", ".ipynb")
    }
    package = case.pack(
        course,
        assignment,
        bound,
        name,
        json.dumps(notebook, indent=1).encode(),
        minutes,
        beside,
        _graded_tree(course, assignment, candidate),
    )
    new = _recorded(course, name, candidate, by, minutes)
    return Revision(name, candidate, package, minutes, record["task"], new)


def _approved(course: Course, assignment_id: str, candidate: str) -> Record:
    refused = lookup.not_releasable(course, assignment_id, candidate)
    if refused:
        raise FeedbackError(
            f"there is no revision before approved feedback, and {refused}",
            where=f"{assignment_id}, {candidate}",
            do=f"run: worksample feedback {assignment_id}, read it, then "
            f"worksample approve {assignment_id} --by NAME",
        )
    return approval.approved_record(course, assignment_id, candidate)


def _notebook(course: Course, bound: case.Case, candidate: str, record: Record) -> dict[str, Any]:
    """The candidate's own notebook, repaired as for grading, behind the revision's two cells."""
    name = bound.assignment
    path = case.released(course, name, bound.level, candidate, bound.skin)
    released = json.loads(path.read_text("utf-8"))
    own = repair.repair(_graded_work(course, name, candidate), released).notebook
    generic = course.release / f"{name}{REVISION}" / f"{name}{REVISION}.ipynb"
    added = {
        cell["id"]: cell
        for cell in json.loads(generic.read_text("utf-8"))["cells"]
        if cell["id"] in (FEEDBACK, NOTE)
    }
    added[FEEDBACK]["source"] = feedback_cell(record)
    metadata = {**own["metadata"]}
    metadata["worksample"] = {**metadata.get("worksample", {}), "attempt": 2}
    return {**own, "metadata": metadata, "cells": [*added.values(), *own["cells"]]}


def _graded_work(course: Course, assignment_id: str, candidate: str) -> bytes:
    """The notebook as submitted, the one that the feedback is about."""
    name = f"{assignment_id}.ipynb"
    data = repair.read_file(course.submitted / candidate / assignment_id / name)
    record = evidence.latest(course, assignment_id, candidate)
    kept = record["submission"]["files"].get(name) if record else None
    if kept != hashlib.sha256(data).hexdigest():
        raise FeedbackError(
            "what lies in submitted/ is not the attempt that the feedback is about",
            where=f"{assignment_id}, {candidate}",
            do=f"run: worksample grade {assignment_id}, and look at the feedback again",
        )
    return data


def _graded_tree(course: Course, assignment: Assignment, candidate: str) -> dict[str, bytes] | None:
    """``work/`` as it was handed in; None where there is none to go on with."""
    row = Records(course.records_url).last_submission(assignment.id, candidate)
    if assignment.work is None or row is None:
        return None
    head = f"{TREE}/"
    files = collecting.files(course, row)
    own = {n.removeprefix(head): p.read_bytes() for n, p in files.items() if n.startswith(head)}
    return own or None


def feedback_cell(record: Record) -> str:
    """The feedback in short, as markdown; what a candidate wrote is quoted as text in it."""
    good, better = record["strength"], record["improvement"]
    name = strength_title(good)
    said = [
        f"# Revision: {clean.plain(record['title'])}",
        f"You have **{record['minutes']} minutes**, from the moment you open this notebook. Below "
        "stand your own answers. The whole feedback lies beside this notebook, in "
        "`feedback.html`.",
        f"**{name}** ({clean.plain(good['title'])}, {clean.plain(good['number'])}). "
        + clean.plain(good["text"]),
        f"**One area for improvement** ({clean.plain(better['title'])}, "
        f"{clean.plain(better['number'])}). {clean.plain(better['text'])}",
        f"**Your task.** {clean.plain(record['task'])}",
        "Change what you want to change in the cells below. In the next cell say what you "
        "changed, why, and whether it changes your conclusions. You may disagree: then say so "
        "and show the evidence.",
    ]
    return "\n\n".join(said)


def _recorded(course: Course, name: str, candidate: str, by: str, minutes: int) -> bool:
    """Whether this is the first time; the release is recorded once."""
    if approval.last_detail(course, name, candidate, RELEASED):
        return False
    row = Audit(
        assignment=name,
        candidate=candidate,
        actor=by or actor(),
        action=RELEASED,
        detail={"minutes": minutes},
    )
    Records(course.records_url).add(row)
    return True
