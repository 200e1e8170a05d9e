"""Erasing leaves no byte of a candidate in the course, and everybody else's evidence whole."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cohort import TINY, a_copy, answers, hand_in
from tests.graded import add_grading, rate
from tests.once import once
from worksample import assignments, feedback
from worksample.batch import cohort as batch
from worksample.batch import gradebook
from worksample.cli import main
from worksample.course import Course
from worksample.errors import CandidateError, CaseError, CourseError, PrivacyError
from worksample.feedback import revision, status
from worksample.handouts import copy as copies
from worksample.privacy import copying, erasing, keeping, places
from worksample.records import chain, evidence, forgetting
from worksample.records.tables import Audit, Records
from worksample.review import explain
from worksample.submissions import invitations

ZOE = "zoe-4711"
MARK = "marker-4f2c9d"


@pytest.fixture(scope="session")
def told_once(scored_once: Path) -> Path:
    """Zoe beside the others, all the way to her revision; her mark is in everything she wrote."""

    def make(folder: Path) -> None:
        import shutil

        shutil.copytree(scored_once, folder / "course")
        course = Course(folder / "course")
        given = {name: f"{text}\n# {MARK}" for name, text in answers(course, "strong").items()}
        hand_in(course, ZOE, given)
        assert not batch.grade(course, TINY).not_gradable
        rate(course, ZOE, 3, evidence=f"she wrote {MARK}", reason=MARK)
        with gradebook.opened(course) as book:
            book.update_or_create_student(ZOE, first_name=MARK, email=f"{MARK}@example.org")
            book.find_submission_notebook(TINY, TINY, ZOE).comments[0].manual_comment = MARK
            book.db.commit()
        feedback.render(course, TINY, [ZOE])
        feedback.approve(course, TINY, [ZOE], "grace")
        feedback.release_feedback(course, TINY, [ZOE], "grace")
        revision.revise(course, TINY, ZOE, "grace")
        logs = course.state / "logs"
        logs.mkdir(exist_ok=True)
        (logs / "a.log").write_text(f"Traceback: {ZOE}: {MARK}\n")
        (logs / "b.log").write_text("Traceback: of bob\n")
        # what an upgrade left, for the case that it had failed
        shutil.copy(course.state / "worksample.db", course.state / "worksample.db.revision-0001")

    return once("told", make) / "course"


@pytest.fixture
def told(told_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    return a_copy(told_once, tmp_path, monkeypatch)


def holding(course: Course, *words: str) -> Iterator[Path]:
    """Every file or folder of the course whose name or bytes hold one of the words."""
    for folder, folders, files in os.walk(course.root):
        for path in (Path(folder, name) for name in (*folders, *files)):
            data = path.read_bytes() if path.is_file() else b""
            if any(word in str(path) or word.encode() in data for word in words):
                yield path


def in_wal_mode(course: Course) -> None:
    """As a busy server has it: what was written lately is in a log beside the database."""
    for name in ("worksample.db", "gradebook.db"):
        with sqlite3.connect(course.state / name) as database:
            assert database.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)


def into_free_pages(course: Course) -> None:
    """What was deleted before lies in pages that SQLite has not used again."""
    for name in ("worksample.db", "gradebook.db"):
        database = sqlite3.connect(course.state / name)
        database.execute("PRAGMA secure_delete=OFF")  # Debian's own build has it on
        database.execute("CREATE TABLE gone (words)")
        database.executemany("INSERT INTO gone VALUES (?)", [(MARK * 500,)] * 9)
        database.commit()
        database.execute("DROP TABLE gone")
        database.commit()
        database.close()


@pytest.mark.parametrize("wal", [False, True])
def test_no_byte_is_left_and_the_rest_still_verifies(told: Course, wal: bool) -> None:
    if wal:
        in_wal_mode(told)
    into_free_pages(told)
    assert copies.write(told, ZOE).is_file()
    keeping.hold(told, ZOE, "grace", f"asked by {MARK}")
    keeping.end_hold(told, ZOE, "grace")
    before = list(holding(told, MARK))
    assert {"worksample.db", "gradebook.db", "1.ipynb", "a.log"} <= {path.name for path in before}
    # as long as somebody has it open, SQLite keeps the log
    reader = sqlite3.connect(told.state / "worksample.db") if wal else None
    if reader:
        reader.execute("SELECT count(*) FROM audit").fetchone()
    done = erasing.erase(told, ZOE, "grace")
    assert list(holding(told, MARK, ZOE)) == []
    assert done.left == ()
    if reader:
        reader.close()
    assert (told.state / "logs" / "b.log").read_bytes()
    for other in ("ada", "bob", "dee"):
        assert explain.explain(told, TINY, other).verified
    assert all(evidence.tombstones(told).values())
    with gradebook.opened(told) as book:
        assert sorted(student.id for student in book.students) == ["ada", "bob", "dee"]


def test_the_chain_of_ratings_is_whole_afterwards_and_goes_on(told: Course) -> None:
    """What was erased are its last rows, whose numbers SQLite may give out again."""
    records = Records(told.records_url)
    before = chain.head(records)
    erasing.erase(told, ZOE, "grace")
    assert chain.verify(records, before) == []
    for number in range(3):
        records.add(
            Audit(assignment=TINY, candidate="ada", actor="grace", action=f"later {number}")
        )
    rate(told, "ada", 2, grader="greta")
    assert chain.verify(records, before) == []


def test_a_database_that_is_being_read_is_not_called_clean(graded: Course) -> None:
    path = graded.state / "worksample.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM audit").fetchone()
    with pytest.raises(CourseError, match="its log still holds"):
        erasing.erase(graded, "ada", "grace")
    reader.close()
    done = CliRunner().invoke(main, ["erase", "ada"])
    assert (done.exit_code, "was erased before" in done.output) == (0, True)


def test_hashes_and_a_receipt_are_what_is_left(told: Course) -> None:
    add_grading(told, ZOE, {"slope": 1, "predict": 2})
    digests = [evidence.digest(told, each) for each in evidence.history(told, TINY, ZOE)]
    assert len(digests) > 1
    done = erasing.erase(told, ZOE, "grace")
    (left,) = evidence.tombstones(told)
    assert [link["digest"] for link in json.loads(left.read_bytes())["chain"]] == digests
    row = forgetting.receipt(told, ZOE)
    assert row is not None
    assert (row.actor, row.detail["receipt"]) == ("grace", done.number)
    assert done.instead == row.candidate == left.stem
    assert forgetting.receipt(told, "zoe-4712") is None
    assert erasing.touched(told) == []
    text, name = left.read_text(), f"{TINY}/{left.stem}"
    left.chmod(0o644)
    left.write_text(text.replace(digests[0], "0" * 64))
    assert erasing.touched(told) == [f"{name} was changed"]
    left.unlink()
    assert erasing.touched(told) == [f"{name} is missing"]
    left.with_stem("erased-0").write_text(text)
    assert f"{TINY}/erased-0 has no receipt" in erasing.touched(told)


def test_a_form_that_was_given_out_stays_counted(told: Course) -> None:
    records = Records(told.records_url)
    before = sorted(row.seed for row in records.form_uses(TINY))
    done = erasing.erase(told, ZOE, "grace")
    uses = records.form_uses(TINY)
    assert sorted(row.seed for row in uses) == before
    assert {row.candidate for row in uses} == {"ada", "bob", "dee", done.instead}


def test_the_dry_run_changes_nothing_and_says_what_would_go(told: Course) -> None:
    before = {path: path.stat().st_mtime_ns for path in told.root.rglob("*")}
    done = CliRunner().invoke(main, ["erase", ZOE])
    assert done.exit_code == 0, done.output
    assert f"submitted/{ZOE}" in done.output
    assert f"records of evidence on {TINY}: 1" in done.output
    assert "worksample erase zoe-4711 --yes" in done.output
    assert {path: path.stat().st_mtime_ns for path in told.root.rglob("*")} == before


def test_the_command_says_what_is_left_and_does_the_rest_again(told: Course) -> None:
    """A copy of the database that somebody made is theirs to delete; it is named."""
    (told.state / "worksample.db.old").write_bytes((told.state / "worksample.db").read_bytes())
    of_bob = told.submitted / "bob" / TINY / "picture.png"
    of_bob.write_bytes(b"\0" + ZOE.encode() + b"\0")  # three letters are found in any picture
    done = CliRunner().invoke(main, ["erase", ZOE, "--yes", "--by", "grace"])
    assert done.exit_code == 1
    assert "state/worksample.db.old" in done.output
    assert "picture.png" not in done.output
    (told.state / "worksample.db.old").unlink()
    again = CliRunner().invoke(main, ["erase", ZOE])
    assert again.exit_code == 0, again.output
    assert "was erased before" in again.output


@pytest.mark.parametrize("step", ["_remove", "_into_records", "forgetting.compact"])
def test_a_kill_at_any_point_leaves_what_the_same_command_completes(
    told: Course, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"worksample.privacy.erasing.{step}", killed)
        with pytest.raises(KeyboardInterrupt):
            erasing.erase(told, ZOE, "grace")
    again = CliRunner().invoke(main, ["erase", ZOE, "--yes", "--by", "grace"])
    assert again.exit_code == 0, again.output
    assert list(holding(told, MARK, ZOE)) == []


def test_a_hold_and_the_law_s_least_time_are_respected(graded: Course) -> None:
    keeping.hold(graded, "ada", "grace", "claim pending")
    with pytest.raises(PrivacyError, match="on hold: claim pending"):
        erasing.erase(graded, "ada", "grace")
    keeping.end_hold(graded, "ada", "grace", "settled")
    rules = (graded.root / "privacy.toml", "keep_at_least_days = 0", "keep_at_least_days = 60")
    done = CliRunner().invoke(main, ["statement", "--own"])
    assert done.exit_code == 0, done.output
    rules[0].write_text(rules[0].read_text().replace(*rules[1:]))
    with pytest.raises(PrivacyError, match="the law has it kept until"):
        erasing.erase(graded, "ada", "grace")
    refused = CliRunner().invoke(main, ["erase", "ada", "--asked", "--by", "grace"])
    assert refused.exit_code == 1
    kept = keeping.of(graded, "ada")
    assert (kept.asked, kept.due) == (True, kept.earliest)
    assert places.of(graded, "ada")
    rules[0].write_text(rules[0].read_text().replace("keep_days = 180", "keep_days = 30"))
    with pytest.raises(CourseError, match="at least as long"):
        keeping.everybody(graded)


def test_whose_time_is_over_is_listed_unless_on_hold(graded: Course) -> None:
    kept = {each.candidate: each for each in keeping.everybody(graded)}
    assert set(kept) == {"ada", "bob"}
    assert kept["ada"].due - kept["ada"].last == timedelta(days=180)
    assert not kept["ada"].is_due(kept["ada"].due - timedelta(seconds=1))
    assert kept["ada"].is_due(kept["ada"].due)
    keeping.hold(graded, "ada", "grace", "claim pending")
    held = keeping.of(graded, "ada")
    assert held.last == kept["ada"].last  # a hold is nothing that happened to their data
    assert not held.is_due(held.due)
    listed = CliRunner().invoke(main, ["hold"])
    assert "ada: claim pending" in listed.output
    due = CliRunner().invoke(main, ["retention", "--due"])
    assert (due.exit_code, "2 kept, 0 of them due" in due.output) == (0, True)


def test_tables_names_and_folders_of_other_parts_are_erased_too(graded: Course) -> None:
    """The hosted exchange keeps some; `worksample erase` need not have loaded what has a table."""
    with sqlite3.connect(graded.state / "worksample.db") as database:
        database.execute("CREATE TABLE elsewhere (id INTEGER, candidate TEXT, text TEXT)")
        rows = [(1, "ada", MARK), (2, "bob", "of bob")]
        database.executemany("INSERT INTO elsewhere VALUES (?, ?, ?)", rows)
    names = graded.state / "exchange" / "names.json"
    refused = graded.state / "exchange" / "refused" / TINY
    refused.mkdir(parents=True)
    for who in ("ada", "ada-2027"):
        (refused / f"{who}-20261129T101112.zip").write_text(MARK)
    names.write_text(json.dumps({TINY: {f"{MARK}@example.org": "ada", "b@example.org": "bob"}}))
    names.chmod(0o600)
    copied = copying.copy(graded, "ada")
    assert copied.names == [f"{MARK}@example.org"]
    assert copied.tables["elsewhere"] == [{"text": MARK}]
    erasing.erase(graded, "ada", "grace")
    assert list(holding(graded, MARK)) == [refused / "ada-2027-20261129T101112.zip"]
    assert json.loads(names.read_text()) == {TINY: {"b@example.org": "bob"}}
    assert names.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(graded.state / "worksample.db") as database:
        assert database.execute("SELECT candidate FROM elsewhere").fetchall() == [("bob",)]


def test_it_waits_for_no_other_command_that_works_on_their_data(graded: Course) -> None:
    with open(graded.state / f".grading-{TINY}", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(CourseError, match="another command"):
            erasing.erase(graded, "ada", "grace")
    assert evidence.history(graded, TINY, "ada")


def test_evidence_that_was_touched_before_is_erased_all_the_same(graded: Course) -> None:
    add_grading(graded, "ada", {"slope": 1, "predict": 2})
    first = evidence.paths(graded, TINY, "ada")[0]
    first.chmod(0o644)
    first.write_text("{}")
    erasing.erase(graded, "ada", "grace")
    assert list(evidence.tombstones(graded).values()) == [False]
    assert erasing.touched(graded) == []


def test_who_is_not_here_is_told_so(graded: Course) -> None:
    with pytest.raises(CandidateError, match="did you mean 'ada'"):
        erasing.plan(graded, "adaa")
    with pytest.raises(PrivacyError, match="who does this"):
        erasing.erase(graded, "ada", " ")
    with pytest.raises(PrivacyError, match="a reason"):
        keeping.hold(graded, "ada", "grace", "")
    with pytest.raises(PrivacyError, match="not on hold"):
        keeping.end_hold(graded, "ada", "grace")


def test_an_erased_id_is_not_given_to_anybody_again(graded: Course) -> None:
    """The case comes from the id: it would be the one that somebody has had."""
    erasing.erase(graded, "ada", "grace")
    with pytest.raises(CandidateError, match="ada was erased on"):
        status.status(graded, "ada")
    with pytest.raises(CaseError, match="was erased"):
        invitations.invite(graded, "ada", assignments.find(graded, TINY))


def test_an_id_that_is_a_folder_s_name_erases_nothing_else(graded: Course) -> None:
    """`evidence` can be a candidate's id; `state/evidence` is everybody's."""
    for name in ("evidence", "cases", "attempts", "feedback"):
        Records(graded.records_url).add(
            Audit(assignment="", candidate=name, actor="grace", action="invite", detail={})
        )
        assert places.of(graded, name) == []
        erasing.erase(graded, name, "grace")
    assert explain.explain(graded, TINY, "ada").assignment == TINY
    assert evidence.history(graded, TINY, "bob")
