"""The clock, what a candidate is given, and what becomes of what they hand in."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.exchange.afar import OPENING, TINY, answered, handed_in, invited, notebook_of, open_now
from worksample.course import Course
from worksample.errors import SittingError, SubmissionError
from worksample.exchange import clock, saved, sittings, standing, tables
from worksample.exchange.tables import ClockEvent, opened
from worksample.records.tables import now
from worksample.submissions import collecting

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def event(minutes: float, action: str, seconds: float = 0) -> ClockEvent:
    return ClockEvent(action=action, time=at(minutes), seconds=seconds)


@pytest.mark.parametrize(
    ("happened", "asked", "left", "state"),
    [
        ([], 5, 60, "before"),
        ([(0, "start")], 25, 35, "runs"),
        ([(0, "start")], 61, 0, "over"),
        ([(0, "start"), (10, "pause")], 45, 50, "stands"),
        ([(0, "start"), (10, "pause"), (40, "resume")], 50, 40, "runs"),
        ([(0, "start"), (10, "pause"), (40, "resume")], 91, 0, "over"),
        ([(0, "start"), (10, "extend", 600)], 65, 5, "runs"),
        # it ran out at 60; ten minutes given at 75 go to 85, not to 70
        ([(0, "start"), (75, "extend", 600)], 80, 5, "runs"),
        ([(0, "start"), (75, "extend", 600)], 86, 0, "over"),
        ([(0, "start"), (10, "pause"), (20, "extend", 600)], 30, 60, "stands"),
        ([(0, "start"), (5, "start")], 10, 50, "runs"),
    ],
)
def test_the_clock(happened: list[tuple], asked: float, left: float, state: str) -> None:
    found = clock.read(60, [event(*each) for each in happened], at(asked))
    assert found.left == timedelta(minutes=left)
    shown = "before" if found.started is None else "stands" if found.paused else "runs"
    assert ("over" if found.over_since else shown) == state
    assert (found.ends is not None) == (state == "runs")
    assert found.ends is None or found.ends == at(asked + left)


@pytest.mark.parametrize(
    "happened",
    [[], [(62, "end")], [(61, "pause")], [(61, "pause"), (63, "end")], [(70, "start")]],
)
def test_it_ran_out_when_it_did(happened: list[tuple]) -> None:
    """What was noted afterwards moved that moment, and a late hand-in came in time."""
    events = [event(0, "start"), *(event(*each) for each in happened)]
    found = clock.read(60, events, at(80))
    assert found.over_since == at(60)
    assert found.is_late(at(62))


@given(
    some.lists(
        some.tuples(some.floats(0, 500), some.sampled_from(["pause", "resume", "extend", "end"])),
        max_size=8,
    ),
    some.floats(0, 600),
)
def test_nobody_has_more_time_than_was_given(happened: list[tuple], asked: float) -> None:
    events = [event(0, "start"), *(event(m, kind, 60) for m, kind in sorted(happened))]
    found = clock.read(60, events, at(max([asked, *(m for m, _ in happened)])))
    given_ = 60 + sum(kind == "extend" for _, kind in happened)
    assert timedelta(0) <= found.left <= timedelta(minutes=given_)
    assert found.minutes == pytest.approx(given_)


@given(
    some.lists(some.tuples(some.floats(0, 90), some.sampled_from(["pause", "resume"])), max_size=6),
    some.floats(0, 90),
    some.floats(0, 90),
)
def test_what_was_lost_is_what_went_by(happened: list[tuple], one: float, other: float) -> None:
    """Given back at once, it leaves the clock as it stood: whether it ran, stood or ran out."""
    begin, end = sorted((one, other))
    events = [event(0, "start"), *(event(m, kind) for m, kind in sorted(happened) if m <= begin)]
    lost = clock.lost(60, events, at(begin), at(end))
    assert timedelta(0) <= lost <= at(end) - at(begin)
    again = clock.read(60, [*events, event(end, "extend", lost.total_seconds())], at(end))
    assert again.left == pytest.approx(
        clock.read(60, events, at(begin)).left, abs=timedelta(milliseconds=1)
    )
    assert clock.lost(60, events[:1], at(0), at(100)) == timedelta(minutes=60)


def test_the_clock_begins_with_start_and_is_the_candidates_own(built: Course) -> None:
    open_now(built, minutes=40)
    (ada,) = invited(built, "ada", extra_time=1.5)
    (before,) = sittings.of_person(built, ada)
    assert (before.state, before.clock.minutes, before.clock.started) == ("ready", 60, None)
    with pytest.raises(SittingError, match="once the clock is started"):
        sittings.given_files(built, before)
    assert sittings.folder_files(built, ada) == {}
    begun = sittings.start(built, ada, TINY)
    assert sittings.start(built, ada, TINY).clock.started == begun.clock.started
    files = sittings.folder_files(built, ada)
    assert files[f"{TINY}/{TINY}.ipynb"] == notebook_of(built, "ada")
    assert json.loads(files[f"{TINY}/worksample.json"])["minutes"] == 60
    sittings.pause(built, begun, "grace", "the network was down")
    paused = sittings.find(built, ada, TINY)
    with pytest.raises(SittingError, match="paused"):
        sittings.pause(built, paused, "grace", "again")
    with pytest.raises(SittingError, match="reason"):
        sittings.resume(built, paused, "grace", " ")
    sittings.extend(built, paused, 10, "grace", "the network was down")
    sittings.resume(built, paused, "grace", "it is up again")
    assert sittings.find(built, ada, TINY).clock.minutes == 70
    logged = [(e.action, e.actor) for e in sittings.events(built, TINY, "ada")]
    by_grace = [(action, "grace") for action in ("pause", "extend", "resume")]
    assert logged == [("start", "ada"), *by_grace]


@pytest.mark.parametrize(
    ("opens", "closes", "state"), [(1, 3, "not open"), (-3, -1, "missed"), (0, 0, "ready")]
)
def test_the_clock_begins_within_the_openings_days(
    built: Course, opens: int, closes: int, state: str
) -> None:
    today = datetime.now(UTC).date()
    open_now(built, opens=today + timedelta(opens), closes=today + timedelta(closes))
    (ada,) = invited(built, "ada")
    (found,) = sittings.of_person(built, ada)
    assert found.state == state
    if state != "ready":
        with pytest.raises(SittingError, match=r"cannot be started now\. It c"):
            sittings.start(built, ada, TINY)


def test_what_is_handed_in_is_kept_byte_for_byte_and_once(built: Course) -> None:
    open_now(built)
    (ada,) = invited(built, "ada")
    first = {f"{TINY}.ipynb": answered(notebook_of(built, "ada")), "notes.md": b"# mine"}
    with pytest.raises(SittingError, match="before the clock"):
        handed_in(built, ada, first)
    sittings.start(built, ada, TINY)
    receipt = handed_in(built, ada, first)
    assert handed_in(built, ada, {f"{TINY}/{n}": d for n, d in first.items()}).number == 1
    second = {f"{TINY}.ipynb": answered(notebook_of(built, "ada"), note="again")}
    assert handed_in(built, ada, second).number == 2
    again = handed_in(built, ada, first)  # they went back: it counts again
    assert (again.number, again.digest, again.current) == (3, receipt.digest, True)
    rows = opened(built).submissions(TINY, "ada")
    for row, given_ in zip(rows, (first, second, first), strict=True):
        kept = collecting.files(built, row)
        assert {name: path.read_bytes() for name, path in kept.items()} == given_
    published = collecting.submitted_folder(built, TINY, "ada") / f"{TINY}.ipynb"
    assert published.read_bytes() == first[f"{TINY}.ipynb"]


def test_what_is_late_is_kept_and_does_not_take_the_place_of_what_was_not(built: Course) -> None:
    open_now(built)
    ada, bob = invited(built, "ada", "bob")
    for person in (ada, bob):
        sittings.start(built, person, TINY)
    book = answered(notebook_of(built, "ada"))
    in_time = handed_in(built, ada, {f"{TINY}.ipynb": book})
    move_back(built, timedelta(hours=5))
    late_book = answered(notebook_of(built, "ada"), note="much later")
    late = handed_in(built, ada, {f"{TINY}.ipynb": late_book})
    assert not late.current
    assert "after the end" in " ".join(late.notes)
    counting = opened(built).last_submission(TINY, "ada")
    assert counting
    assert counting.number == in_time.number
    (row,) = [r for r in opened(built).submissions(TINY, "ada") if r.number == late.number]
    decided = collecting.let_count(built, row, "grace", "the train stood still")
    assert decided.current
    assert decided.digest == late.digest
    only = handed_in(built, bob, {f"{TINY}.ipynb": notebook_of(built, "bob")})
    assert only.current
    assert "after the end" in " ".join(only.notes)


def test_at_the_end_what_is_saved_is_handed_in(built: Course) -> None:
    open_now(built)
    ada, bob, eve, dee = invited(built, "ada", "bob", "eve", "dee")
    for person in (ada, bob, eve, dee):
        sittings.start(built, person, TINY)
    book = answered(notebook_of(built, "ada"))
    saved.save(built, sittings.find(built, ada, TINY), {f"{TINY}.ipynb": book})
    saved.save(built, sittings.find(built, eve, TINY), {"notes.md": b"no notebook"})
    dee_book = answered(notebook_of(built, "dee"))
    saved.save(built, sittings.find(built, dee, TINY), {f"{TINY}.ipynb": dee_book})
    handed_in(built, dee, {f"{TINY}.ipynb": dee_book})
    assert saved.collect_ended(built, homes=False) == []
    move_back(built, timedelta(hours=5))
    said = saved.collect_ended(built, homes=False)
    assert len(said) == 4
    assert saved.collect_ended(built, homes=False) == []
    (row,) = opened(built).submissions(TINY, "ada")
    assert collecting.files(built, row)[f"{TINY}.ipynb"].read_bytes() == book
    assert not opened(built).is_late(row)
    assert len(opened(built).submissions(TINY, "dee")) == 1  # the same again is not doubled
    reasons = {e.candidate: e.reason for name in ("bob", "eve") for e in ended(built, name)}
    assert reasons["bob"] == "nothing was saved"
    assert "no notebook" in reasons["eve"]
    (kept,) = (built.state / "exchange" / "refused" / TINY).glob("eve-*.zip")
    with zipfile.ZipFile(kept) as archive:
        assert archive.read("notes.md") == b"no notebook"


def test_where_homes_are_collected_too_what_is_saved_here_ends_nothing(built: Course) -> None:
    """Under a hub the home is handed in by whoever keeps it; the door must not forestall it."""
    open_now(built)
    (ada,) = invited(built, "ada")
    sitting = sittings.start(built, ada, TINY)
    own = notebook_of(built, "ada")
    saved.save(built, sitting, {f"{TINY}.ipynb": answered(own, note="at the door")})
    move_back(built, timedelta(hours=5))
    for _ in range(2):
        saved.collect_ended(built, homes=True)
    assert len(opened(built).submissions(TINY, "ada")) == 1
    (still,) = sittings.end_of_time(built)
    home = {f"{TINY}/{TINY}.ipynb": answered(own, note="at home")}
    receipt = sittings.hand_in(
        built, ada, home, late=False, by="clock", assignment_id=still.assignment
    )
    assert receipt.current
    assert sittings.end_of_time(built) == []
    saved.collect_ended(built, homes=True)
    assert len(opened(built).submissions(TINY, "ada")) == 2


def test_anothers_work_is_refused_and_names_lead_nowhere(built: Course) -> None:
    open_now(built)
    ada, _ = invited(built, "ada", "bob")
    sitting = sittings.start(built, ada, TINY)
    with pytest.raises(SubmissionError, match="bob's mark"):
        handed_in(built, ada, {f"{TINY}.ipynb": notebook_of(built, "bob")})
    own = notebook_of(built, "ada")
    for name in ("../out.md", "/etc/out.md", "a/../../out.md", "..\\out.md", ".hidden"):
        if name != ".hidden":
            with pytest.raises(SubmissionError, match="lead out"):
                handed_in(built, ada, {f"{TINY}.ipynb": own, name: b"x"})
        if "\\" not in name:
            with pytest.raises(SubmissionError, match="cannot be kept"):
                saved.save(built, sitting, {name: b"x"})
    assert not list(built.root.parent.rglob("out.md"))
    assert opened(built).submissions(TINY, "ada") == []


def ended(course: Course, candidate: str) -> list[ClockEvent]:
    return [e for e in sittings.events(course, TINY, candidate) if e.action == "end"]


def move_back(course: Course, by: timedelta) -> None:
    """Let everybody's clock have begun earlier."""
    with opened(course).session() as session:
        for row in session.query(tables.ClockEvent).filter_by(action="start", opening=OPENING):
            row.time = min(row.time, now()) - by


def test_what_is_read_aloud_of_somebody_at_work_does_not_change_every_minute() -> None:
    """A page of twelve people at work would say twelve times a minute how much is left."""

    def said(minutes: float, state: str = "running") -> str:
        sitting = SimpleNamespace(
            state=state, clock=SimpleNamespace(left=timedelta(minutes=minutes))
        )
        words = f"at work, {minutes} min left"
        return standing.Standing("ada", cast(Any, sitting), "working", words).news

    assert said(34) == said(33) == "at work"
    assert said(9) == said(8) == "at work, less than ten minutes left"
    assert said(34, "paused") == "paused"
