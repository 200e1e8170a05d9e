"""Feedback on its way to the candidate: drawn, approved by a person, released.

What is approved is the SHA-256 of the files. Approval lapses by itself when the attempt is graded
again or a rating arrives and the feedback is drawn anew with another content.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from worksample import disk, stages
from worksample.assignments.case import attempt_of, base_id
from worksample.course import Course
from worksample.errors import FeedbackError
from worksample.feedback import record as building
from worksample.feedback import schema
from worksample.feedback.drawing import Drawing, draw_all
from worksample.feedback.lookup import (
    RELEASED,
    drawn_for,
    file_digest,
    last_detail,
    page_path,
    stale,
    store,
    stored,
)
from worksample.records import evidence
from worksample.records.tables import Approval, Audit, Records

#: what nbgrader needs beside the page to find it for the candidate
BESIDE = ("timestamp.txt", "submission_secret.txt")
Choice = tuple[str | None, str | None]
CHOICE = "feedback choice"


@dataclass(frozen=True)
class Drawn:
    """Feedback of one candidate that lies in ``feedback/``; ``notes`` are for the grader."""

    candidate: str
    page: Path
    notebook: Path
    digest: str
    approved: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of one candidate's feedback; ``refused`` says why it did not go on."""

    candidate: str
    page: Path
    refused: str = ""


def graded(course: Course, assignment_id: str) -> list[str]:
    """Candidates with an attempt that holds a score, sorted."""
    folder = course.evidence / assignment_id
    names = sorted(path.name for path in folder.glob("*/")) if folder.is_dir() else []
    return [name for name in names if evidence.latest(course, assignment_id, name)]


def render(
    course: Course,
    assignment_id: str,
    candidates: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
    scheduler: str | None = None,
) -> list[Drawn]:
    """Draw the feedback of these candidates, of everybody graded where none is named.

    Args:
        assignment_id: nbgrader's id; ``<id>-revision`` for second attempts.
        progress: called with each candidate when theirs is written.
        scheduler: address of a Dask scheduler; its workers draw instead of this machine.

    Returns:
        One entry a candidate, in the order given. Drawing again what has not changed gives the
        same bytes, so its approval stands.

    Raises:
        FeedbackError: a named candidate has not been graded, or the template failed.
        ClusterError: the cluster cannot be reached, or was lost.
    """
    names = graded(course, assignment_id) if candidates is None else list(candidates)
    if not names:
        raise FeedbackError(
            "nobody's attempt has been graded yet",
            where=assignment_id,
            do=f"run: worksample grade {assignment_id}",
        )
    drawn = []
    records = (build(course, assignment_id, name) for name in names)
    for record, drawing in draw_all(records, len(names), scheduler):
        with stages.logged("write"):
            drawn.append(_write(course, record, drawing))
        if progress:
            progress(record["candidate"])
    return drawn


def build(course: Course, assignment_id: str, candidate: str) -> schema.Record:
    """The record of one attempt, with what a grader chose, and on attempt 2 with attempt 1."""
    with stages.logged("record"):
        choice = choice_of(course, assignment_id, candidate)
        return _build(course, assignment_id, candidate, choice)


def _build(course: Course, assignment_id: str, candidate: str, choice: Choice) -> schema.Record:
    before = None
    if attempt_of(assignment_id) == 2:
        before = approved_record(course, base_id(assignment_id), candidate)
    return building.build(course, assignment_id, candidate, choice, before)


def choose(
    course: Course,
    assignment_id: str,
    candidate: str,
    by: str,
    strength: str | None = None,
    improvement: str | None = None,
) -> Drawn:
    """Record that a grader chose other cells than the rule, and draw the feedback with them.

    Args:
        by: the grader; it is recorded.
        strength: grade id or cell; None leaves it to the rule.
        improvement: the same.

    Raises:
        FeedbackError: the cell has no result in this attempt, or nobody is named.
    """
    _person(by)
    # built once before anything is recorded: a cell that is none is refused with nothing written
    _build(course, assignment_id, candidate, (strength, improvement))
    row = Audit(
        assignment=assignment_id,
        candidate=candidate,
        actor=by,
        action=CHOICE,
        detail={"strength": strength, "improvement": improvement},
    )
    Records(course.records_url).add(row)
    return render(course, assignment_id, [candidate])[0]


def choice_of(course: Course, assignment_id: str, candidate: str) -> Choice:
    """The newest choice of a grader, (None, None) where there is none."""
    detail = last_detail(course, assignment_id, candidate, CHOICE)
    return detail.get("strength"), detail.get("improvement")  # type: ignore[return-value]


def approve(
    course: Course,
    assignment_id: str,
    candidates: Sequence[str] | None = None,
    by: str = "",
    except_: Iterable[str] = (),
    reason: str = "",
) -> list[Outcome]:
    """A person approves feedback for release: name, time and digest are recorded.

    Args:
        candidates: whose; None means everybody whose feedback has been drawn.
        by: the person; an approval without a name is none.
        except_: candidates left out of a batch, to be opened one by one.
        reason: a note of the approver's, kept with the approval.

    Returns:
        One outcome a candidate; ``refused`` where the files are not those that were drawn from
        the newest grading.

    Raises:
        FeedbackError: nobody is named, or there is nothing to approve.
    """
    _person(by)
    left_out = set(except_)
    names = drawn_for(course, assignment_id) if candidates is None else list(candidates)
    names = [name for name in names if name not in left_out]
    if not names:
        raise FeedbackError(
            "there is no feedback to approve",
            where=assignment_id,
            do=f"run: worksample feedback {assignment_id}",
        )
    book = Records(course.records_url)
    outcomes = []
    for name in names:
        refused = stale(course, assignment_id, name)
        if not refused:
            digest = file_digest(course, assignment_id, name) or ""
            drawn = stored(course, assignment_id, name, digest)
            last = book.last_approval(assignment_id, name)
            # approving the same twice adds nothing, unless another person stands behind it too
            if last is None or (last.feedback_digest, last.approver) != (digest, by):
                book.add(
                    Approval(
                        assignment=assignment_id,
                        candidate=name,
                        approver=by,
                        feedback_digest=digest,
                        evidence_number=drawn["evidence"] if drawn else 0,
                        reason=reason,
                    )
                )
        outcomes.append(Outcome(name, page_path(course, assignment_id, name), refused))
    return outcomes


def mark_released(course: Course, assignment_id: str, candidate: str, by: str = "") -> None:
    """Record that the approved feedback went out; once for the same content."""
    digest = file_digest(course, assignment_id, candidate)
    if last_detail(course, assignment_id, candidate, RELEASED).get("digest") != digest:
        row = Audit(
            assignment=assignment_id,
            candidate=candidate,
            actor=by,
            action=RELEASED,
            detail={"digest": digest},
        )
        Records(course.records_url).add(row)


def approved_record(course: Course, assignment_id: str, candidate: str) -> schema.Record:
    """The record behind the newest approved feedback.

    Raises:
        FeedbackError: nobody has approved feedback of this candidate.
    """
    approval = Records(course.records_url).last_approval(assignment_id, candidate)
    found = approval and stored(course, assignment_id, candidate, approval.feedback_digest)
    if not found:
        raise FeedbackError(
            "there is no approved feedback",
            where=f"{assignment_id}, {candidate}",
            do=f"run: worksample approve {assignment_id} --candidate {candidate} --by NAME",
        )
    return found


def _write(course: Course, record: schema.Record, drawing: Drawing) -> Drawn:
    """The files into ``feedback/``, the record into ``state/``, where nbgrader deletes nothing."""
    assignment_id, candidate = record["assignment"], record["candidate"]
    kept = store(course, assignment_id, candidate) / f"{drawing.digest}.json"
    if not kept.exists():
        disk.replace(kept, json.dumps(record, indent=1).encode("utf-8"))
    page = page_path(course, assignment_id, candidate)
    disk.replace(page.with_suffix(".ipynb"), drawing.notebook)
    disk.replace(page, drawing.page)
    for name in BESIDE:
        for step in (course.autograded, course.submitted):
            found = step / candidate / assignment_id / name
            if found.is_file() and not found.is_symlink():
                disk.replace(page.with_name(name), found.read_bytes())
                break
    approval = Records(course.records_url).last_approval(assignment_id, candidate)
    return Drawn(
        candidate=candidate,
        page=page,
        notebook=page.with_suffix(".ipynb"),
        digest=drawing.digest,
        approved=bool(approval and approval.feedback_digest == drawing.digest),
        notes=tuple(building.odd_scores(course, assignment_id, candidate)),
    )


def _person(name: str) -> None:
    if not name.strip():
        raise FeedbackError("it has to be said who does this", do="add: --by NAME")
