"""The batch's way into the gradebook against nbgrader's own: the same rows, the same files."""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import MetaData, create_engine

from tests import verbs
from tests.cohort import TINY, answers, edit, fill, hand_in, invited, notebook_of
from worksample.batch import autograding
from worksample.batch import cohort as batch
from worksample.course import Course
from worksample.errors import NotGradableYet
from worksample.records import evidence
from worksample.submissions import collecting as submission

pytestmark = pytest.mark.slow

LATE = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"


def rows(course: Course) -> dict[str, list[str]]:
    """Every row of every table; ids that are drawn at random replaced by whose they are."""
    engine = create_engine(course.gradebook_url)
    known = MetaData()
    known.reflect(engine)
    with engine.connect() as connection:
        found = {
            name: [dict(row) for row in connection.execute(table.select()).mappings()]
            for name, table in known.tables.items()
        }
    engine.dispose()
    whose = {row["id"]: (row["student_id"], row["assignment_id"]) for row in found[SUBMITTED[0]]}
    whose |= {
        row["id"]: (whose[row["assignment_id"]], row["notebook_id"]) for row in found[SUBMITTED[1]]
    }
    return {name: sorted(_named(name, row, whose) for row in each) for name, each in found.items()}


SUBMITTED = ("submitted_assignment", "submitted_notebook")


def _named(table: str, row: dict[str, Any], whose: dict[str, Any]) -> str:
    drawn = {"id"} if table in ("grade", "comment") else set()
    return str({key: whose.get(value, value) for key, value in row.items() if key not in drawn})


def files(course: Course) -> dict[str, tuple[int, bytes]]:
    """Everything below ``autograded/``: its mode and what is in it."""
    return {
        str(path.relative_to(course.root)): (
            path.stat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in course.autograded.rglob("*")
    }


def kept(course: Course, into: Path) -> Path:
    """The gradebook and ``autograded/`` as they are now."""
    into.mkdir()
    shutil.copy(course.state / "gradebook.db", into)
    shutil.copytree(course.autograded, into / "autograded")
    return into


def by_nbgrader(course: Course, before: Path, into: Path, *words: str) -> Course:
    """A copy, graded by nbgrader's own verb from the same evidence, from what was before."""
    shutil.copytree(course.root, into)
    theirs = Course(into)
    shutil.copy(before / "gradebook.db", theirs.state)
    shutil.rmtree(theirs.autograded)
    shutil.copytree(before / "autograded", theirs.autograded)
    done = verbs.nbgrader(into, "autograde", TINY, *words)
    assert done.returncode == 0, done.stderr
    for who in submission.submitted_candidates(course, TINY):
        assert len(evidence.history(theirs, TINY, who)) == len(evidence.history(course, TINY, who))
    return theirs


def hand_in_damaged(course: Course, who: str, saved: datetime) -> None:
    home = invited(course, who, course.root.parent / "home")
    fill(notebook_of(home), answers(course, "strong"))
    edit(notebook_of(home), lambda nb: nb["cells"].append(dict(nb["cells"][-1])))
    edit(notebook_of(home), lambda nb: nb["cells"].pop(5))
    os.utime(notebook_of(home), times=(saved.timestamp(), saved.timestamp()))
    submission.collect(course, [home])


def a_person_s_scores(course: Course, who: str) -> None:
    """A rating, a score against a check's, a comment, extra credit."""
    with Gradebook(course.gradebook_url) as book:
        book.find_grade("explanation", TINY, TINY, who).manual_score = 3
        book.find_grade("slope", TINY, TINY, who).manual_score = 17.5
        book.find_grade("slope", TINY, TINY, who).extra_credit = 2
        book.find_comment("explanation", TINY, TINY, who).manual_comment = "Well argued."
        book.db.commit()


def test_rows_and_files_are_those_that_nbgraders_own_verb_writes(
    scored: Course, built_once: Path, tmp_path: Path
) -> None:
    """Good, weak, crashed, damaged and late, blank; then graded again beside a person's scores."""
    with open(scored.root / "nbgrader_config.py", "a") as config:
        config.write(LATE)
    hand_in(scored, "nil", {})
    hand_in_damaged(scored, "lea", datetime(2031, 1, 1))
    (submission.submitted_folder(scored, TINY, "ada") / "submission_secret.txt").write_text("ab")
    shutil.copy(built_once / "state" / "gradebook.db", scored.state)
    with Gradebook(scored.gradebook_url) as book:
        book.update_or_create_assignment(TINY, duedate=datetime(2001, 1, 1))
    shutil.rmtree(scored.autograded)
    scored.autograded.mkdir()
    before = kept(scored, tmp_path / "before")
    assert not batch.grade(scored, TINY).not_gradable
    theirs = by_nbgrader(scored, before, tmp_path / "theirs")
    assert rows(scored) == rows(theirs)
    assert files(scored) == files(theirs)
    assert len(rows(scored)["grade"]) == 5 * 3
    assert "'late_submission_penalty': 100.0" in str(rows(scored)), "a penalty was compared"

    for who in ("ada", "bob", "dee"):
        a_person_s_scores(scored, who)
    before = kept(scored, tmp_path / "before-again")
    hand_in(scored, "bob", answers(scored, "strong"))
    assert not batch.grade(scored, TINY).not_gradable
    batch.grade(scored, TINY, ["ada"], force=True)
    theirs = by_nbgrader(scored, before, tmp_path / "again", "--force", "--student=bob")
    theirs = by_nbgrader(
        theirs, kept(theirs, tmp_path / "one"), tmp_path / "both", "--force", "--student=ada"
    )
    assert rows(scored) == rows(theirs)
    assert files(scored) == files(theirs)
    assert "'manual_score': 17.5" in str(rows(scored)["grade"])


def test_what_fails_halfway_leaves_no_row_and_no_file(scored: Course, tmp_path: Path) -> None:
    """The database refuses a score when the submission's rows are there: all or none."""
    hand_in(scored, "nil", {})
    before = rows(scored)
    with sqlite3.connect(scored.state / "gradebook.db") as book:
        book.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON grade BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    (nil,) = batch.grade(scored, TINY, ["nil"]).outcomes
    assert (nil.outcome, nil.points) == ("not_gradable_yet", None)
    assert "full" in nil.why
    assert rows(scored) == before
    assert not (scored.autograded / "nil" / TINY).exists()
    with sqlite3.connect(scored.state / "gradebook.db") as book:
        book.execute("DROP TRIGGER full")
    (nil,) = batch.grade(scored, TINY, ["nil"]).outcomes
    assert (nil.points, nil.new) == (0, False)
    assert len(rows(scored)["grade"]) == len(before["grade"]) + 3


def test_an_attempt_that_comes_in_meanwhile_is_not_given_the_other_ones_score(
    scored: Course,
) -> None:
    """nbgrader would put the old score beside the time and the files of the new attempt."""
    record = evidence.latest(scored, TINY, "bob")
    assert record is not None
    book = autograding.Autograding(scored, TINY)
    assert book.is_shown(record)
    before = rows(scored)
    hand_in(scored, "bob", answers(scored, "strong"))
    with pytest.raises(NotGradableYet, match="another attempt came in"):
        book.write(record)
    assert rows(scored) == before
    (bob,) = batch.grade(scored, TINY, ["bob"]).outcomes
    assert (bob.points, bob.new) == (100, True)


def test_nbgrader_is_as_it_was_afterwards(scored: Course) -> None:
    """Its modules name its own gradebook again, also after a failure."""
    from nbgrader.converters import autograde
    from nbgrader.preprocessors import latesubmissions, saveautogrades

    (scored.state / "gradebook.db").write_bytes(b"no database")
    record = evidence.latest(scored, TINY, "ada")
    assert record is not None
    with pytest.raises(NotGradableYet, match="scores could not be written"):
        autograding.Autograding(scored, TINY).write(record)
    for module in (autograde, latesubmissions, saveautogrades, autograding):
        assert module.Gradebook is Gradebook
