"""Interviews among the scorecards: names of their dimensions, and what was in scope."""

from __future__ import annotations

import json

import pytest

from tests.conftest import TINY
from worksample import kits
from worksample.course import Course
from worksample.debrief import gathering
from worksample.records.tables import Records
from worksample.review import interviews as filling
from worksample.review import rating
from worksample.review.interviews import Entry, Sheet
from worksample.scorecards import exports, interviews

KIT = "technical-interview"


@pytest.mark.parametrize(
    ("stage", "name", "key"),
    [
        ("screening", "Communication Skills", "screening: Communication Skills"),
        ("technical interview", "ML Systems & Production", "ML Systems & Production"),
        ("screening", "Implement robust monitoring systems", None),
    ],
)
def test_a_dimension_of_several_stages_is_told_apart(
    stage: str, name: str, key: str | None
) -> None:
    assert interviews.key(stage, name) == (key or f"{stage}: {name}")


def filled(course: Course, by: str, unknown: dict[str, str]) -> None:
    kit = kits.kit(course, KIT)
    names = [*kit.dimensions, *kit.outcomes]
    lines = {
        each: Entry(0, unknown[each]) if each in unknown else Entry(3, "", "heard")
        for each in names
    }
    filling.submit(course, kit, "ada", by, Sheet(lines, {}, {}, recommendation=3, why="sound"))


def test_only_what_everybody_calls_out_of_scope_is_not_planned(course: Course) -> None:
    deep, systems = "Deep Learning Knowledge", "ML Systems & Production"
    records = Records(course.records_url)
    assert interviews.held(course, records, "ada") == []
    filled(course, "ines", {deep: "out of scope", systems: "out of scope"})
    (talk,) = interviews.held(course, records, "ada")
    assert talk.out_of_scope == [deep, systems]
    filled(course, "igor", {deep: "out of scope", systems: "not asked"})
    (talk,) = interviews.held(course, records, "ada")
    assert talk.out_of_scope == [deep]
    assert systems in talk.planned
    assert {given.dimension for given in talk.given()} == set(talk.planned)


def test_the_export_says_what_the_debrief_says(graded: Course) -> None:
    rating.rate(graded, TINY, "ada", "explanation", 3, "grace", seen="the cell")
    filled(graded, "ines", {"Deep Learning Knowledge": "out of scope"})
    record = gathering.gather(graded, "ada", early=True)
    (exported,) = json.loads(exports.export(graded, "json", ["ada"]))["candidates"]
    for name in ("outcome", "covered", "planned", "reasons"):
        assert exported["rule"][name] == record[name]  # type: ignore[literal-required]
    medians = {row["name"]: row["median"] for row in record["dimensions"]}
    told = {row["dimension"]: row["median"] for row in exported["dimensions"]}
    assert medians.items() <= told.items()
