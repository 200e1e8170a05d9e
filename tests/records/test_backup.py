"""A backup that is made while candidates hand in, restored elsewhere: everything verifies."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.cohort import TINY, answers, auto_scores, hand_in
from worksample.cli import main
from worksample.course import Course
from worksample.errors import CourseError
from worksample.records import backup, chain
from worksample.records.tables import Audit, Records, Submission
from worksample.review import explain
from worksample.submissions import collecting


def receipts(course: Course) -> list[Submission]:
    with Records(course.records_url).session() as session:
        return list(session.scalars(select(Submission).order_by(Submission.id)))


def test_it_is_made_while_work_comes_in_and_verifies_elsewhere(
    scored: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = answers(scored, "strong")
    ended, wrong = threading.Event(), list[BaseException]()

    def go_on() -> None:
        """Hand in, again and again; and write to the tables between."""
        try:
            for number in range(10_000):
                if ended.is_set():
                    return
                note = f"{own['slope_answer']}\n# {number}"
                hand_in(scored, f"c{number % 3}", {**own, "slope_answer": note})
        except BaseException as error:
            wrong.append(error)

    home = scored.state / "homes" / "ada"
    home.mkdir(parents=True)
    (home / "work.txt").write_text("hers")
    (home / "passwords").symlink_to("/etc/passwd")
    os.mkfifo(home / "pipe")
    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        while len(receipts(scored)) < 5:
            assert not wrong, wrong
        before = receipts(scored)
        done = backup.backup(scored, tmp_path / "kept")
    finally:
        ended.set()
        thread.join()
    assert not wrong
    assert stat.S_IMODE(done.archive.stat().st_mode) == 0o600
    assert {"state/worksample.db", "state/gradebook.db"} <= set(done.databases)
    assert done.skipped >= 2
    assert (scored.state / "backed-up").exists()
    expected = {who: auto_scores(scored, TINY, who) for who in ("ada", "bob", "dee")}
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(scored.root)

    into = tmp_path / "elsewhere" / "Kürs"
    said = CliRunner().invoke(main, ["restore", str(done.archive), str(into)])
    assert said.exit_code == 0, said.output
    monkeypatch.chdir(into)
    there = Course(into)
    for row in receipts(there):
        kept = collecting.kept_receipt(there, row)
        assert kept["files"].keys() == collecting.files(there, row).keys()
    assert [(row.id, row.digest) for row in receipts(there)[: len(before)]] == [
        (row.id, row.digest) for row in before
    ]
    assert chain.verify(Records(there.records_url)) == []
    assert {who: auto_scores(there, TINY, who) for who in expected} == expected
    for who in expected:
        found = explain.explain(there, TINY, who)
        assert found.verified, [each for each in found.findings if not each.ok]
    assert sorted(path.name for path in (there.state / "homes" / "ada").iterdir()) == ["work.txt"]
    Records(there.records_url).add(Audit(assignment="", candidate="", actor="x", action="y"))
    with pytest.raises(CourseError, match="there is something in it"):
        backup.restore(done.archive, into)


def test_what_is_no_backup_is_said(course: Course, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="belongs somewhere else"):
        backup.backup(course, course.root / "backups")
    course.secret()
    done = backup.backup(course, tmp_path / "kept")
    half = tmp_path / "half.tar.gz"
    half.write_bytes(done.archive.read_bytes()[:-200])
    with pytest.raises(CourseError, match="no whole backup"):
        backup.restore(half, tmp_path / "one")
    damaged = course.state / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    with pytest.raises(CourseError, match="damaged"):
        backup.backup(course, tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == [done.archive]
