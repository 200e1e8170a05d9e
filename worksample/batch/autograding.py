"""nbgrader's ``Autograde`` for a whole batch: made once, one transaction for each attempt.

Most of what ``nbgrader autograde`` spends on an attempt goes into things done again: each of its
dozen gradebooks looks at every table and has SQLAlchemy compile every query anew, each cell is a
commit of its own, and the notebook is converted twice. Here the same classes run on one
connection. What is written, rows and files, is nbgrader's doing alone, and none of it is done by
us; a test holds both ways against each other.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.writers import FilesWriter
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import setenv
from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import NullPool

from worksample import databases
from worksample.assignments import build
from worksample.batch import gradebook
from worksample.batch.gradebook import GradeFromChecks
from worksample.course import Course
from worksample.errors import NotGradableYet
from worksample.records import evidence
from worksample.records.tables import Records
from worksample.submissions import collecting as submission


class Autograding:
    """Writes records of evidence into ``autograded/`` and the gradebook.

    For one process and one thread: nbgrader finds its files by the working directory.
    """

    def __init__(self, course: Course, name: str) -> None:
        self.course = course
        self.name = name
        url = make_url(course.gradebook_url)
        # a file is opened for each attempt: one that was replaced meanwhile is noticed
        pool: dict[str, Any] = {"poolclass": NullPool} if url.get_backend_name() == "sqlite" else {}
        self._engine = create_engine(url, **pool)
        self._log = logging.Logger("worksample.batch.gradebook")
        config = build.nbgrader_config(course)
        config.CourseDirectory.assignment_id = name
        folder = CourseDirectory(config=config, log=self._log)
        self._autograde = _OfRecord(coursedir=folder, config=config, log=self._log, force=True)
        self._records = Records(course.records_url)

    def is_shown(self, record: evidence.Record) -> bool:
        """Whether gradebook and ``autograded/`` already hold this record."""
        candidate = record["candidate"]
        last = self._records.last_grading(self.name, candidate)
        if last is None or last.number != record["number"]:
            return False
        if not gradebook.autograded_notebook(self.course, self.name, candidate).is_file():
            return False
        with self._engine.connect() as connection, _Joined(connection) as book:
            shown = gradebook.scores_in(book, self.name, candidate)
        points = {each: check["points"] for each, check in record["checks"].items()}
        return all(shown.get(each, (None, None))[0] == points[each] for each in points)

    def write(self, record: evidence.Record) -> None:
        """Have nbgrader write this record: all of its rows, or none.

        Raises:
            NotGradableYet: it could not, or another attempt has come in since the record was made;
                the evidence is kept, and it can be run again.
        """
        # nbgrader reads timestamp and files of what is submitted, and follows links in it
        received = submission.adopt(self.course, self.name, record["candidate"])
        if received.digest != record["inputs"]["submission"]:
            raise self._refusal(record, "another attempt came in while this one was graded")
        with (
            _heard(self._log) as errors,
            databases.watched() as database_errors,
            chdir(self.course.root),
        ):
            try:
                with self._engine.begin() as connection, _on(connection):
                    self._autograde.write(record)
            except (NbGraderException, SQLAlchemyError) as error:
                known = [databases.explained(each) for each in (*database_errors, error)]
                reason = next(filter(None, known), None) or errors.reason() or error
                raise self._refusal(record, f"the scores could not be written: {reason}") from None
        gradebook.note(self.course, self._records, record)

    @staticmethod
    def _refusal(record: evidence.Record, why: str) -> NotGradableYet:
        do = "the evidence is kept: run the same command again"
        return NotGradableYet(why, where=record["candidate"], do=do)


class _OfRecord(Autograde):
    """nbgrader's, but for its hooks and its first conversion.

    The first conversion makes a file that `GradeFromChecks` replaces in the second. The hooks
    receive a submission and note its score: the caller does both, outside of the transaction.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pre_convert_hook = self.post_convert_hook = _nothing
        self.writer = FilesWriter(parent=self, config=self.config)
        self.exporter = self.exporter_class(parent=self, config=self.config)
        self.exporter.optimistic_validation = True  # once, after all of them
        self._sanitizing = False
        super()._init_preprocessors()
        self._sanitizing = True

    def write(self, record: evidence.Record) -> None:
        """Write one record."""
        self.coursedir.student_id = record["candidate"]
        for each in self.exporter._preprocessors:
            if isinstance(each, GradeFromChecks):
                each.record = record
        self.init_notebooks()
        self.convert_notebooks()

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """The second of nbgrader's two conversions."""
        names = self.coursedir.assignment_id, self.coursedir.student_id
        self._sanitizing = False
        try:
            path = Path(self._format_dest(*names), Path(notebook_filename).name)
            resources = self.init_single_notebook_resources(str(path))
            resources["metadata"] = {"name": path.stem, "path": ""}
            empty = nbformat.v4.new_notebook()
            with setenv(NBGRADER_EXECUTION="autograde"):
                output, resources = self.exporter.from_notebook_node(empty, resources)
            self.write_single_notebook(output, resources)
        finally:
            self._sanitizing = True


class _Joined(Gradebook):
    """A gradebook on a connection that is open: its commits are part of the connection's own."""

    def __init__(self, connection: Connection) -> None:
        make = sessionmaker(
            connection, autoflush=True, future=True, join_transaction_mode="rollback_only"
        )
        self.engine, self.db = connection, scoped_session(make)
        self.course_id, self.authenticator = "default_course", None

    def close(self) -> None:
        """Nothing of it stays; the connection does."""
        self.db.remove()


@contextmanager
def _on(connection: Connection) -> Iterator[None]:
    """Every gradebook that is opened meanwhile is one on this connection.

    nbgrader has no seam for that: its modules call `Gradebook` by its name, with an URL.
    """
    theirs = Gradebook  # by its name it is replaced here, too
    modules = [getattr(module, "__dict__", {}) for module in list(sys.modules.values())]
    named = [names for names in modules if names.get("Gradebook") is theirs]
    try:
        for names in named:
            names["Gradebook"] = lambda *_, **__: _Joined(connection)
        yield
    finally:
        for names in named:
            names["Gradebook"] = theirs


@contextmanager
def _heard(log: logging.Logger) -> Iterator[build.Errors]:
    """What nbgrader reports as an error meanwhile."""
    errors = build.Errors()
    log.addHandler(errors)
    try:
        with warnings.catch_warnings():
            # nbgrader's own way with its session; not for the person at the terminal
            warnings.simplefilter("ignore", SAWarning)
            yield errors
    finally:
        log.removeHandler(errors)


def _nothing(**_: Any) -> None:
    """In the place of a hook."""
