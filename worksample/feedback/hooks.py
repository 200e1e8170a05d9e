"""What nbgrader is told to use instead of its own: ours, at its own seams.

``nbgrader_config.py`` names these classes. With them ``nbgrader generate_feedback`` and
formgrader's button write the same files as ``worksample feedback``, ``nbgrader release_feedback``
refuses what nobody has approved, and formgrader shows what a candidate wrote without obeying it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, from_dict
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from worksample import disk
from worksample.course import Course
from worksample.feedback import approval, lookup
from worksample.grading import clean
from worksample.grading.bounded import Budget, Helper, TooCostly
from worksample.grading.cleaner import Cleaner

OTHER = (
    "<!doctype html><html lang='en'><head><title>Not graded</title></head>"
    "<body><p>This notebook is not part of what is graded; it has no feedback.</p></body></html>"
)
# CPU seconds of a page and of each piece of it; an honest page takes half a second
PAGE_SECONDS, PIECE_SECONDS = 3.0, 0.75
UNFORMATTED = 20_000  # characters of a piece that is shown without its formatting
UNDRAWN = "[Shown as it was typed: to draw it would take too long.]"
#: event handlers that formgrader's own page has
HANDLERS = ("toggle_name(true);", "toggle_name(false);")

renderer = Helper("worksample.grading.rendering")


class FeedbackExporter(HTMLExporter):
    """``c.GenerateFeedback.exporter_class``: our page instead of nbgrader's."""

    def from_filename(  # type: ignore[override]
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The feedback page of the attempt that ``filename`` is the autograded notebook of."""
        resources = self._init_resources(resources)
        what = resources["nbgrader"]
        if what["notebook"] != what["assignment"]:
            return OTHER, resources
        converter: Any = self.parent
        course = Course(Path(converter.coursedir.root).resolve())
        drawn = approval.render(course, what["assignment"], [what["student"]])[0]
        return drawn.page.read_text(encoding="utf-8"), resources


class ReleaseApproved(ExchangeReleaseFeedback):
    """``c.ExchangeFactory.release_feedback``: only what a person approved goes out."""

    def copy_files(self) -> None:
        """Release what is approved, then fail if anything was not.

        Raises:
            ExchangeError: some feedback was refused; what was approved has gone out.
        """
        course = Course(Path(self.coursedir.root).resolve())
        assignment_id = self.coursedir.assignment_id
        refused = {}
        for candidate in self._candidates(course):
            reason = lookup.not_releasable(course, assignment_id, candidate)
            if not reason:
                reason = self._copy(course, candidate)
            if reason:
                refused[candidate] = reason
                self.log.error("Feedback of %s is not released: %s", candidate, reason)
        if refused:
            raise ExchangeError(f"not released: {', '.join(refused)}")

    def _candidates(self, course: Course) -> list[str]:
        asked = self.coursedir.student_id
        left_out = set(filter(None, self.coursedir.student_id_exclude.split(",")))
        drawn = approval.drawn_for(course, self.coursedir.assignment_id)
        return [c for c in drawn if asked in ("", "*", c) and c not in left_out]

    def _copy(self, course: Course, candidate: str) -> str:
        """Put the page where the candidate's assignment list looks for it."""
        assignment_id = self.coursedir.assignment_id
        page = approval.page_path(course, assignment_id, candidate)
        secret = page.with_name("submission_secret.txt")
        if not secret.is_file():
            return "the submission did not come through the exchange (no submission_secret.txt)"
        name = notebook_hash(secret=secret.read_text(), notebook_id=assignment_id)
        disk.replace(Path(self.dest_path) / f"{name}.html", page.read_bytes())
        approval.mark_released(course, assignment_id, candidate)
        self.log.info("Feedback of %s on %s released", candidate, assignment_id)
        return ""


class HostileText(Preprocessor):
    """``c.HTMLExporter.preprocessors``: cells and outputs as text, pictures and plain tables.

    formgrader renders a submission in the browser of somebody who may change its scores. What
    grading wrote is clean already; this holds for whatever else lies in ``autograded/``.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Clean every cell; keep only the metadata that formgrader's template reads."""
        cleaner = Cleaner()
        nb.cells = [_shown(cleaner, cell) for cell in nb.cells]
        resources["drawing"] = Budget(PAGE_SECONDS, PIECE_SECONDS)
        nb.metadata.pop("widgets", None)
        resources["nonce"] = secrets.token_urlsafe(16)
        resources["handlers"] = " ".join(map(_source_hash, HANDLERS))
        return nb, resources


def _shown(cleaner: Cleaner, cell: NotebookNode) -> NotebookNode:
    made = from_dict(cleaner.cell({"id": "", **cell}))
    made.metadata = from_dict({"nbgrader": cell.metadata.get("nbgrader", {})})
    if made.metadata.nbgrader.get("task"):
        made.source = re.sub(r"=== (BEGIN|END) MARK SCHEME ===", _mark, made.source)
    return made


def _mark(found: re.Match[str]) -> str:
    """Where the anchors begin and end, in words; only graders see this page."""
    hint = "*For graders. Give 1, 2, 3 or 4; 0 says: not enough information to rate.*"
    return f"---\n\n{hint}" if found[1] == "BEGIN" else "---"


def _source_hash(script: str) -> str:
    """What a content security policy calls an inline event handler."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _bounded(context: Context, function: str, source: str, *more: Any) -> str:
    """HTML of a piece of text; where that takes too long or too much, the text without a format."""
    budget = context["resources"]["drawing"]
    try:
        return str(renderer.call(budget, function, source, *more))
    except TooCostly:
        shown = html.escape(clean.shortened(clean.text(source), UNFORMATTED))
        return f"<pre>{UNDRAWN}\n\n{shown}</pre>"


@pass_context
def safe_markdown(context: Context, source: str) -> str:
    """``c.HTMLExporter.filters``: nbconvert's markdown, then nothing but formatting is left."""
    cell = context.get("cell", {})
    return _bounded(context, "markdown", source, cell.get("attachments", {}))


@pass_context
def safe_colours(context: Context, source: str) -> str:
    """``c.HTMLExporter.filters``: nbconvert's colours of a terminal."""
    return _bounded(context, "colours", source) if "\x1b" in source else html.escape(source)


@pass_context
def safe_code(context: Context, source: str, **_: Any) -> str:
    """``c.HTMLExporter.filters``: nbconvert's highlighted code."""
    return _bounded(context, "code", source, "ipython3")


def unchanged(page: str) -> str:
    """``c.HTMLExporter.filters``: what nbconvert would do for notebooks of 2013, a page long."""
    return page
