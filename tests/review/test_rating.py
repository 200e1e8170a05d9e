"""One store of ratings: whatever door one comes through, every door shows the same."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from sqlalchemy import create_engine, event

from tests.conftest import TINY
from worksample.batch import formgrader, gradebook
from worksample.cli import main
from worksample.course import Course
from worksample.errors import WorksampleError
from worksample.exchange import rating as screen
from worksample.exchange import rating_queue
from worksample.exchange.asking import Ask, Service
from worksample.exchange.people import Person
from worksample.exchange.rates import Bucket
from worksample.feedback import approval
from worksample.records import chain, ratings
from worksample.records.tables import Records
from worksample.review import rating

CRITERION = "explanation"


@contextmanager
def box(course: Course) -> Iterator[object]:
    """nbgrader's grade of ada's criterion."""
    with Gradebook(course.gradebook_url) as book:
        yield book.find_grade(CRITERION, TINY, TINY, "ada")
        book.db.commit()


@pytest.fixture
def rated(graded: Course) -> Course:
    """Ada is in the gradebook too, as nbgrader's autograde would leave her."""
    with gradebook.opened(graded) as book:
        book.add_student("ada")
        book.add_submission(TINY, "ada")
    return graded


def several(course: Course, graders: int = 3) -> None:
    (course.root / "course.toml").write_text(f"[scorecards]\ngraders = {graders}\n")


def give(course: Course, value: int, by: str = "grace", **more: str) -> None:
    rating.rate(course, TINY, "ada", CRITERION, value, by, **more)


def newest(course: Course) -> int | None:
    return Records(course.records_url).all_ratings(TINY, "ada")[-1].value


def test_a_rating_given_anywhere_is_shown_everywhere(rated: Course) -> None:
    give(rated, 2, seen="no limit is named")
    with box(rated) as grade:
        assert (grade.manual_score, grade.needs_manual_grade) == (2, False)  # type: ignore[attr-defined]
    formgrader.take(rated, TINY, "ada", CRITERION, "3")
    (row,) = Records(rated.records_url).ratings(TINY, "ada")
    assert (row.grader, row.value, row.door, row.reason) == (
        "grace", 3, "formgrader", formgrader.CHANGED
    )  # fmt: skip
    assert approval.build(rated, TINY, "ada")["criteria"][0]["value"] == 3


@pytest.mark.parametrize("typed", ["2.5", 0, "0", 5, 9, -1, "x", None, "", float("nan")])
def test_what_is_no_rating_leaves_everything_as_it_was(rated: Course, typed: object) -> None:
    """formgrader's "No credit" sends 0, and its box takes halves."""
    give(rated, 3)
    with pytest.raises(WorksampleError, match="1, 2, 3 or 4"):
        formgrader.take(rated, TINY, "ada", CRITERION, typed)
    with box(rated) as grade:
        assert grade.manual_score == 3  # type: ignore[attr-defined]
    assert newest(rated) == 3


def test_an_empty_box_that_is_left_empty_is_nothing(rated: Course) -> None:
    formgrader.take(rated, TINY, "ada", CRITERION, None)
    assert Records(rated.records_url).ratings(TINY, "ada") == []


def test_a_score_typed_into_an_earlier_version_is_not_lost(rated: Course) -> None:
    with box(rated) as grade:
        grade.manual_score = 3  # type: ignore[attr-defined]
    with pytest.raises(WorksampleError, match="formgrader has rated explanation before"):
        give(rated, 2)
    give(rated, 2, reason="no range is named")
    rows = [(row.grader, row.value) for row in Records(rated.records_url).ratings(TINY, "ada")]
    assert rows == [("formgrader", 3), ("grace", 2)]
    assert approval.build(rated, TINY, "ada")["criteria"][0]["value"] == 2


def test_no_information_empties_the_box_and_takes_it_from_the_queue(rated: Course) -> None:
    give(rated, 0, reason="not attempted")
    with box(rated) as grade:
        assert (grade.manual_score, grade.needs_manual_grade) == (None, False)  # type: ignore[attr-defined]
    assert approval.build(rated, TINY, "ada")["criteria"][0]["state"] == "not_enough_information"


def test_a_kill_between_the_store_and_the_box_is_mended(
    rated: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(rated, 2)
    settle = formgrader.settle
    with monkeypatch.context() as patch:
        patch.setattr(formgrader, "settle", lambda *a: settle(*a) if newest(rated) == 2 else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            give(rated, 4, reason="read it again")
    assert formgrader.settle(rated, TINY, "ada") == []
    with box(rated) as grade:
        assert grade.manual_score == 4  # type: ignore[attr-defined]
    assert newest(rated) == 4


def test_with_several_graders_a_box_is_refused_with_the_reason(rated: Course) -> None:
    several(rated)
    with pytest.raises(WorksampleError, match=r"3 people rate .* independently") as caught:
        formgrader.take(rated, TINY, "ada", CRITERION, 3)
    assert "worksample rate ada" in str(caught.value)
    with box(rated) as grade:
        grade.manual_score = 3  # type: ignore[attr-defined]
    assert "counts nowhere" in formgrader.settle(rated, TINY, "ada")[0]
    assert Records(rated.records_url).ratings(TINY, "ada") == []
    give(rated, 2)
    with box(rated) as grade:  # and nobody's rating is shown in it
        assert grade.manual_score == 3  # type: ignore[attr-defined]


def test_nobody_sees_anothers_ratings_before_they_have_submitted(rated: Course) -> None:
    several(rated)
    give(rated, 4, "grace", seen="names the range")
    give(rated, 1, "alan")
    give(rated, 2, "alan")  # a draft may be changed without a reason
    rating.submit(rated, TINY, "ada", "grace")

    def seen_by(who: str) -> list[tuple[str, int | None]]:
        return [(row.grader, row.value) for row in rating.shown(rated, TINY, "ada", who)]

    assert seen_by("alan") == [("alan", 2)]
    assert seen_by("ida") == []
    assert seen_by("grace") == [("grace", 4)]  # alan's are drafts
    records = Records(rated.records_url)
    assert ratings.unsubmitted(records, TINY, "ada") == ["alan"]
    assert approval.build(rated, TINY, "ada")["criteria"][0]["value"] == 4
    rating.submit(rated, TINY, "ada", "alan")
    assert seen_by("alan") == [("alan", 2), ("grace", 4)]
    assert approval.build(rated, TINY, "ada")["criteria"][0]["value"] == 2
    with pytest.raises(WorksampleError, match="change needs a reason"):
        give(rated, 3, "alan")
    with pytest.raises(WorksampleError, match="submitted these ratings before"):
        rating.submit(rated, TINY, "ada", "alan")
    with pytest.raises(WorksampleError, match="not rated yet: explanation"):
        rating.submit(rated, TINY, "ada", "ida")
    assert chain.verify(records) == []


def test_the_rule_is_noted_before_the_first_rating(rated: Course) -> None:
    give(rated, 3)
    give(rated, 3)
    records = Records(rated.records_url)
    several(rated)
    (rated.root / "course.toml").write_text("[scorecards]\nlowest = 1\n")
    give(rated, 4, reason="read it again")
    with records.session() as session:
        actions = [row.action for row in session.query(rating.Audit).order_by(rating.Audit.id)]
    told = [each for each in actions if each != "invite"]
    assert told == ["rule", "rate", "rate", "rule", "rate"]


def test_the_command_rates_submits_and_shows(rated: Course) -> None:
    several(rated, 2)
    run = CliRunner().invoke
    about = ["ada", TINY, "--by", "grace"]
    done = run(main, ["rate", *about, "--criterion", CRITERION, "--value", "3", "--cell", "nope"])
    assert "has no cell 'nope'" in str(done.output) + str(done.exception)
    cell = ["--cell", "explanation_answer", "--evidence", "names the range"]
    done = run(main, ["rate", *about, "--criterion", CRITERION, "--value", "3", *cell])
    assert "--submit" in done.output
    assert "submitted: grace" in run(main, ["rate", *about, "--submit"]).output
    assert "explanation: 3 · grace · names the range" in run(main, ["ratings", *about]).output


def on_screen(course: Course, value: int) -> None:
    """Grace enters it and submits, or changes it where she has."""
    buckets = (Bucket(9, 9),) * 3
    service = Service(course, "/", None, False, "", *buckets, None)  # type: ignore[arg-type]
    queue = rating_queue.work(course, TINY, "grace")
    (subject,) = [each for each in queue.subjects if each.name == "ada"]
    named = {"kind": "attempts", "assignment": TINY, "code": subject.code}
    form = {"criterion": CRITERION, "value": str(value), "cell": "slope_answer", "why": "again"}
    ask = Ask(service, Person("grace", "grader"), named, form)
    if "ada" in queue.submitted:
        screen.change(ask)
        return
    screen.save(ask)
    screen.submit(ask)


@pytest.mark.parametrize("seed", range(4))
def test_any_sequence_of_doors_leaves_one_answer(graded_once: Path, tmp_path: Path, seed: int):
    """The newest rating, the box and the feedback agree after every step, whatever came before."""
    shutil.copytree(graded_once, tmp_path / "course")
    course = Course(tmp_path / "course")
    with gradebook.opened(course) as book:
        book.add_student("ada")
        book.add_submission(TINY, "ada")
    draw = random.Random(seed)
    last: int | None = None
    for _ in range(8):
        doors = ["command", "screen", "formgrader", "gradebook", "nonsense", "nothing"]
        door = draw.choice(doors)
        value = draw.randint(1, 4)
        if door == "command":
            give(course, value, reason="again")
        elif door == "screen":
            on_screen(course, value)
        elif door == "formgrader":
            formgrader.take(course, TINY, "ada", CRITERION, value)
        elif door == "gradebook":
            with box(course) as grade:
                grade.manual_score = value  # type: ignore[attr-defined]
        elif door == "nonsense":
            with pytest.raises(WorksampleError):
                formgrader.take(course, TINY, "ada", CRITERION, draw.choice([0, 2.5, 7]))
        else:
            give(course, 0, reason="not observable")
        if door != "nonsense":
            last = None if door == "nothing" else value
        shown = approval.build(course, TINY, "ada")["criteria"][0]
        assert shown["value"] == last, door
        with box(course) as grade:
            assert grade.manual_score == last, door  # type: ignore[attr-defined]
    assert chain.verify(Records(course.records_url)) == []


def test_looking_at_one_candidate_costs_as_much_among_many(rated: Course) -> None:
    """The number of queries of a debrief's ratings does not grow with the cohort."""

    def queries() -> int:
        seen: list[str] = []
        engine = Records(rated.records_url).engine
        event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        formgrader.settle(rated, TINY, "ada")
        return len(seen)

    give(rated, 3)
    before = queries()
    records = Records(rated.records_url)
    with records.session() as session:
        for number in range(200):
            session.add(
                rating.Rating(
                    assignment=TINY,
                    candidate=f"c{number}",
                    criterion=CRITERION,
                    dimension="d",
                    grader="grace",
                    value=3,
                )
            )
    assert queries() <= 2 * before  # two listeners by now, the same queries
    assert create_engine(rated.records_url).dialect.name == "sqlite"
