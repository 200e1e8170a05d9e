"""Gradebook and records in PostgreSQL, as where a cluster shares them: the whole of grading."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from tests.cohort import TINY, answers, auto_scores, hand_in
from worksample import cli
from worksample.batch import cohort as batch
from worksample.course import Course
from worksample.records import chain
from worksample.records.tables import Records

pytestmark = pytest.mark.slow


def test_what_is_graded_rated_and_shown_by_nbgrader_is_in_postgresql(
    built: Course, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("gradebook", "records"):
            connection.execute(text(f"CREATE DATABASE {name}"))
    gradebook, records = (
        postgresql.replace("/postgres?", f"/{name}?") for name in ("gradebook", "records")
    )
    monkeypatch.setenv("WORKSAMPLE_GRADEBOOK_URL", gradebook)
    monkeypatch.setenv("WORKSAMPLE_RECORDS_URL", records)
    (built.state / "gradebook.db").unlink()  # where building has put what it made
    hand_in(built, "ada", answers(built, "strong"))
    hand_in(built, "bob", answers(built, "weak"))
    done = batch.grade(built, TINY, workers=1)
    assert {each.candidate: each.points for each in done.outcomes} == {"ada": 100, "bob": 20}
    assert all(not each.new for each in batch.grade(built, TINY, workers=1).outcomes)
    words = ["rate", "ada", TINY, "--by", "grace", "--criterion", "explanation", "--value", "3"]
    rated = CliRunner().invoke(cli.main, [*words, "--evidence", "the second sentence"])
    assert rated.exit_code == 0, rated.output
    assert [each.value for each in Records(records).all_ratings(TINY, "ada")] == [3]
    assert chain.verify(Records(records)) == []
    nbgrader = [sys.executable, "-P", "-m", "nbgrader", "autograde", TINY, "--force"]
    subprocess.run(nbgrader, cwd=built.root, capture_output=True, check=True)
    assert sum(filter(None, auto_scores(built, TINY, "bob").values())) == 20
    assert not list(built.state.glob("*.db"))  # nothing was written to a file after all
