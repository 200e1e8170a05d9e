"""Interview kits filled in on screen: drafts, one submission, the one store, the same blindness."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.exchange.afar import PASSWORD, open_now
from tests.exchange.served import Client, member, served
from worksample import kits
from worksample.course import Course
from worksample.exchange import people
from worksample.exchange.rating_kits import _key
from worksample.privacy import copying, erasing
from worksample.records import chain
from worksample.records.tables import InterviewNote, Records
from worksample.review import interviews
from worksample.scorecards import exports

AT = "team/rating/kits/screening/ada/"
KIT = "kit:screening"


@pytest.fixture
def room(graded: Course) -> Iterator[tuple[Course, Client, Client]]:
    """Irene and Jon interview Ada."""
    open_now(graded)
    for name in ("irene", "jon"):
        people.add(graded, name, "interviewer", PASSWORD)
    with served(graded) as base:
        yield graded, member(base, "irene"), member(base, "jon")


def filled(
    course: Course, name: str = "screening", word: str = "heard", **more: str
) -> dict[str, str]:
    kit = kits.kit(course, name)
    fields = {"note-background": f"{word} a story"}
    for line in interviews.rated(kit):
        fields |= {f"value-{_key(line)}": "3", f"evidence-{_key(line)}": f"{word} {line}"}
    if kit.recommends:
        fields |= {"recommendation": "4", "why": f"{word} enough"}
    return fields | more


def test_a_kit_goes_into_the_store_once_and_whole(room: tuple[Course, Client, Client]) -> None:
    course, irene, _ = room
    records = Records(course.records_url)
    first = _key(interviews.rated(kits.kit(course, "screening"))[0])
    short = filled(course) | {f"evidence-{first}": "", "recommendation": ""}
    assert irene.post(f"{AT}save", short).status_code == 303
    assert "heard a story" in irene.get(AT).text
    assert not records.all_ratings(KIT, "ada")
    refused = irene.post(f"{AT}submit", short)
    assert refused.status_code == 409
    assert "Technical Knowledge, the recommendation" in refused.text
    none = {f"value-{first}": "0", f"reason-{first}": "not asked", f"evidence-{first}": ""}
    assert irene.post(f"{AT}submit", filled(course) | none).status_code == 303
    rows = records.all_ratings(KIT, "ada")
    assert len(rows) == 10
    assert (rows[0].value, rows[0].reason, rows[0].stage) == (None, "not asked", "screening")
    assert {row.door for row in rows} == {"kit"}
    (signed,) = records.recommendations("ada", interviews=True)
    assert (signed.value, signed.stage, signed.person) == (4, "screening", "irene")
    assert not records.recommendations("ada")  # it is no decision
    assert irene.post(f"{AT}submit", filled(course)).status_code == 409
    assert irene.post(f"{AT}save", filled(course)).status_code == 409
    assert "heard a story" in irene.get(AT).text  # read from the store now
    assert not chain.verify(records)
    told = json.loads(exports.export(course, "json", ["ada"]))["candidates"][0]
    assert "screening: Communication Skills" in {each["dimension"] for each in told["dimensions"]}


def test_interviewers_are_blind_until_they_have_submitted(
    room: tuple[Course, Client, Client],
) -> None:
    course, irene, jon = room
    assert irene.post(f"{AT}submit", filled(course, word="IRENE-HEARD")).status_code == 303
    assert jon.post(f"{AT}save", filled(course, word="JON-HEARD")).status_code == 303
    for address in (AT, "team/rating/", "team/rating/graders", "team/"):
        assert "IRENE-HEARD" not in jon.get(address).text
        assert "JON-HEARD" not in irene.get(address).text  # a draft is nobody else's
    assert jon.post(f"{AT}submit", filled(course, word="JON-HEARD")).status_code == 303
    assert "IRENE-HEARD" in jon.get(AT).text
    assert "JON-HEARD" in irene.get(AT).text


def test_a_references_numbers_are_kept_beside_the_ratings(
    room: tuple[Course, Client, Client],
) -> None:
    course, irene, _ = room
    kit = kits.kit(course, "reference-check")
    asked = [each.name for each in kit.questions if each.scale]
    fields = filled(
        course, "reference-check", **{f"number-{asked[0]}": "7", f"number-{asked[1]}": "11"}
    )
    at = "team/rating/kits/reference-check/ada/"
    assert irene.post(f"{at}submit", fields).status_code == 303
    records = Records(course.records_url)
    with records.session() as session:
        notes = {row.question: row.number for row in session.query(InterviewNote)}
    assert notes[asked[0]] == 7
    assert notes.get(asked[1]) is None  # there is no such number
    assert not records.recommendations("ada", interviews=True)
    assert {row.value for row in records.all_ratings("kit:reference-check", "ada")} == {3}


@pytest.mark.parametrize(
    "address", ["team/rating/kits/debrief/ada/", "team/rating/kits/screening/nobody/"]
)
def test_there_is_nothing_else_to_fill_in(
    room: tuple[Course, Client, Client], address: str
) -> None:
    assert room[1].get(address).status_code == 404


def test_every_line_of_a_kit_has_a_field_of_its_own(graded: Course) -> None:
    for name, stage in kits.NAMES.items():
        lines = interviews.rated(kits.kit(graded, name))
        assert len({_key(line) for line in lines}) == len(lines), stage


def test_nothing_of_an_interview_outlasts_its_candidate(
    room: tuple[Course, Client, Client],
) -> None:
    """Drafts and notes are theirs too: in the copy of their data, and gone when it is erased."""
    course, irene, jon = room
    assert irene.post(f"{AT}submit", filled(course, word="IRENE-HEARD")).status_code == 303
    assert jon.post(f"{AT}save", filled(course, word="JON-HEARD")).status_code == 303
    copied = copying.copy(course, "ada").as_json()
    assert "IRENE-HEARD a story" in copied
    assert '"irene"' not in copied  # who it was is told apart, and not named
    erasing.erase(course, "ada", "lead")
    database = b"".join(path.read_bytes() for path in course.state.glob("worksample.db*"))
    assert b"HEARD" not in database
