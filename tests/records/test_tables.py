"""Our tables: nothing is overwritten, 0 is missing, times are UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from worksample.records.tables import Invitation, Rating, Records, Submission


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(f"sqlite:///{tmp_path / 'state' / 'worksample.db'}")


def a_rating(**changes: object) -> Rating:
    given = {
        "assignment": "a",
        "candidate": "ada",
        "criterion": "note",
        "dimension": "d",
        "grader": "grace",
        "value": 3,
    }
    return Rating(**(given | changes))


def test_a_rating_changed_is_a_new_row(records: Records) -> None:
    records.add(a_rating())
    records.add(a_rating(value=4, reason="read it again"))
    records.add(a_rating(grader="alan", value=None, reason="not attempted"))
    shown = [(row.grader, row.value) for row in records.ratings("a", "ada")]
    assert shown == [("grace", 4), ("alan", None)]


@pytest.mark.parametrize("changes", [{"value": 0}, {"value": 9}, {"value": None}])
def test_the_database_holds_no_rating_that_cannot_be(
    records: Records, changes: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError):
        records.add(a_rating(**changes))


def test_nobody_is_invited_twice(records: Records) -> None:
    def row() -> Invitation:
        return Invitation(
            assignment="a",
            candidate="ada",
            level="senior",
            extra_time=1,
            case_digest="c",
            package_digest="p",
        )

    records.add(row())
    with pytest.raises(IntegrityError):
        records.add(row())
    assert records.invitation("a", "bob") is None


def test_the_attempt_saved_last_counts_and_times_come_back_as_utc(records: Records) -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    for number, shift in ((1, 0), (2, 2), (3, 1)):
        records.add(
            Submission(
                assignment="a",
                candidate="ada",
                number=number,
                digest=str(number),
                receipt="r",
                submitted=noon + timedelta(hours=shift),
                notes=[],
            )
        )
    last = records.last_submission("a", "ada")
    assert last is not None
    assert (last.number, last.submitted) == (2, noon + timedelta(hours=2))
    assert [row.number for row in records.submissions("a", "ada")] == [1, 2, 3]
