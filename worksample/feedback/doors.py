"""formgrader's doors to what is ours: ratings, comments, names, the button that releases.

nbgrader's formgrader is a list of routes with handlers. :func:`open_doors` puts these in the place
of six of its own, once a server has loaded it and before it reads the list.

What a door refuses, it refuses with a sentence; the page (``submission.html.j2``) shows it and asks
for what is really there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.server_extensions.formgrader import apihandlers
from nbgrader.server_extensions.formgrader.base import check_notebook_dir, check_xsrf
from tornado import web

from worksample import assignments, feedback
from worksample.assignments.case import REVISION, base_id
from worksample.batch import formgrader
from worksample.course import Course
from worksample.errors import WorksampleError
from worksample.records.tables import actor

REFUSED = 409


def open_doors() -> None:
    """Put our handlers into formgrader's list of routes; again changes nothing."""
    routes = apihandlers.default_handlers
    routes[:] = [(route[0], _OURS.get(route[1], route[1]), *route[2:]) for route in routes]


class _Place(apihandlers.BaseApiHandler):
    """Which criterion of which attempt a grade or a comment of the gradebook belongs to."""

    @property
    def course(self) -> Course:
        return Course.locate(Path(self.coursedir.root))

    def place(self, cell: Any) -> tuple[str, str, str] | None:
        """Assignment, candidate and criterion; None where it is no criterion of ours."""
        name = cell.notebook.assignment.assignment.name
        candidate = cell.notebook.assignment.student.id
        try:
            known = assignments.find(self.course, base_id(name)).criteria
        except WorksampleError:
            return None
        return (name, candidate, cell.name) if cell.name in known else None

    def refuse(self, error: WorksampleError) -> None:
        """Say why, in a sentence, and what to do."""
        self.set_status(REFUSED)
        self.finish(json.dumps({"message": error.what, "do": error.do or ""}))


class RatingHandler(apihandlers.GradeHandler, _Place):
    """A number typed into a rubric cell's box is a rating, or is refused."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def put(self, grade_id: str) -> None:
        """Take it into the one store; what is no criterion's is nbgrader's."""
        try:
            place = self.place(self.gradebook.find_grade_by_id(grade_id))
        except MissingEntry:
            raise web.HTTPError(404) from None
        if place is None:
            super().put(grade_id)
            return
        typed = self.get_json_body() or {}
        try:
            if float(typed.get("extra_credit") or 0):
                raise WorksampleError("a rating has no extra credit", do="leave that box empty")
            formgrader.take(self.course, *place, typed.get("manual_score"), actor())
        except WorksampleError as error:
            self.refuse(error)
            return
        self.gradebook.db.expire_all()  # it was written through another connection
        self.write(json.dumps(self.gradebook.find_grade_by_id(grade_id).to_dict()))


class RemarkHandler(apihandlers.CommentHandler, _Place):
    """What is written below a rubric cell is the evidence of its rating."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def put(self, comment_id: str) -> None:
        """Keep it as nbgrader does, and with the rating where there is one."""
        try:
            place = self.place(self.gradebook.find_comment_by_id(comment_id))
        except MissingEntry:
            raise web.HTTPError(404) from None
        super().put(comment_id)
        if place:
            formgrader.remark(self.course, *place)


class PeopleHandler(apihandlers.StudentCollectionHandler):
    """Candidates by their pseudonyms; no total over attempts and ratings."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def get(self) -> None:
        """nbgrader adds up a revision and what it revises, and ratings with points."""
        people = [_named(each) for each in self.api.get_students()]
        for each in people:
            works = self.api.get_student_submissions(each["id"])
            first = [work for work in works if not work["name"].endswith(REVISION)]
            each["score"] = sum(work["code_score"] for work in first)
            each["max_score"] = sum(work["max_code_score"] for work in first)
        self.write(json.dumps(people))


class AttemptsHandler(apihandlers.SubmissionCollectionHandler):
    """Attempts under their candidates' pseudonyms."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def get(self, assignment_id: str) -> None:
        """nbgrader would call everybody "None, None"."""
        found = [_named(each, "student") for each in self.api.get_submissions(assignment_id)]
        self.write(json.dumps(found))


class ReleaseHandler(apihandlers.ReleaseFeedbackHandler):
    """The button that releases one candidate's feedback."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def post(self, assignment_id: str, student_id: str) -> None:
        """As the command does, exchange or not."""
        self.write(json.dumps(_released(self.coursedir.root, assignment_id, [student_id])))


class ReleaseAllHandler(apihandlers.ReleaseAllFeedbackHandler):
    """The button that releases everybody's."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def post(self, assignment_id: str) -> None:
        """As the command does, exchange or not."""
        self.write(json.dumps(_released(self.coursedir.root, assignment_id, None)))


def _named(person: dict[str, Any], key: str = "id") -> dict[str, Any]:
    """With a name that formgrader can show."""
    if person.get("last_name") is None and person.get("first_name") is None:
        return {**person, "last_name": person[key], "first_name": "candidate"}
    return person


def _released(root: str, name: str, candidates: list[str] | None) -> dict[str, Any]:
    """What formgrader's page is told; a refusal is a sentence and no traceback."""
    try:
        done = feedback.release_feedback(Course.locate(Path(root)), name, candidates, actor())
    except WorksampleError as error:
        return {"success": False, "error": str(error), "log": ""}
    refused = [f"{each.candidate}: {each.refused}" for each in done if each.refused]
    said = "\n".join(f"{each.candidate}: released" for each in done if not each.refused)
    if refused:
        do = "\n→ worksample status CANDIDATE says what comes next"
        return {"success": False, "error": "\n".join(refused) + do, "log": said}
    return {"success": True, "log": said}


_OURS: dict[type, type] = {
    apihandlers.GradeHandler: RatingHandler,
    apihandlers.CommentHandler: RemarkHandler,
    apihandlers.StudentCollectionHandler: PeopleHandler,
    apihandlers.SubmissionCollectionHandler: AttemptsHandler,
    apihandlers.ReleaseFeedbackHandler: ReleaseHandler,
    apihandlers.ReleaseAllFeedbackHandler: ReleaseAllHandler,
}
