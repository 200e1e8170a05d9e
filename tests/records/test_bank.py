"""Forms and the bank as files: which are kept, and what a score is told to be sure by."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cohort import TINY
from worksample import assignments
from worksample.course import Course
from worksample.errors import CourseError
from worksample.records import bank as banks
from worksample.records.bank import Form, Member

MEMBERS = [
    Member("strong", "strong"),
    Member("weak", "weak"),
    *(Member(f"person-{i}", "", i / 11) for i in range(12)),
]


def a_form(number: int, **scores: float) -> Form:
    usual = {"strong": 100.0, "weak": 30.0, **{f"person-{i}": 8.0 * i for i in range(12)}}
    return Form(TINY, "standard", number, (7 << 32) | number, {}, scores={**usual, **scores})


def put_bank(course: Course, forms: int = 10, sem: float = 4.7, **changes: Any) -> banks.Bank:
    """A bank of so many forms that were never measured."""
    known = {
        "forms": forms,
        "people": 30,
        "components": {"person": 600.0, "form": 2.0, "residual": 20.0},
        "groups": [[50.0, sem], [100.0, 2 * sem]],
    }
    content = {
        "inputs": banks.inputs(assignments.find(course, TINY).folder),
        "kept": [f"{(7 << 32) | number:016x}" for number in range(forms)],
        "rejected": {},
        "precision": known,
        "unselected": {**known, "groups": [[100.0, 11.0]]},
        "figures": {"seconds": 60.0, "kept": {"solutions": {}}, "measured": {"solutions": {}}},
    }
    return banks.keep(course, TINY, "standard", {**content, **changes})


def test_forms_far_from_the_median_are_rejected_with_the_reason() -> None:
    forms = [
        a_form(0),
        a_form(1, weak=40.0, strong=99.0),  # just within
        a_form(2, weak=41.0),
        a_form(3, strong=98.0),
        a_form(4, **{f"person-{i}": 8.0 * i + 3.1 for i in range(12)}),
        a_form(5),
        Form(TINY, "standard", 6, 6, {}, why="no case for seed 6"),
    ]
    judged = banks.judge(forms, MEMBERS)
    assert [form.number for form in judged.kept] == [0, 1, 5]
    assert judged.middle["weak"] == 30
    assert judged.rejected == {
        2: "weak: 41.0, usually 30.0",
        3: "strong: 98.0, usually 100.0",
        4: "the simulated candidates: 47.1, usually 44.0",
        6: "no case for seed 6",
    }


def test_a_form_comes_back_as_it_was_written(course: Course) -> None:
    banks.write(course, a_form(1))
    banks.write(course, a_form(0))
    assert banks.forms(course, TINY, "standard") == [a_form(0), a_form(1)]
    path = banks.folder(course, TINY, "standard") / f"{a_form(0).name}.json"
    path.write_text("{")
    with pytest.raises(CourseError, match="cannot be read"):
        banks.forms(course, TINY, "standard")


def test_a_score_is_as_sure_as_its_bank_says(course: Course) -> None:
    folder = assignments.find(course, TINY).folder
    of = (course, TINY, folder, "standard")
    assert banks.of_score(*of, 7 << 32, 40.0) is None  # no bank
    bank = put_bank(course)
    assert banks.of_score(*of, 7 << 32, 40.0) == {
        "sem": 4.7,
        "bank": bank.digest,
        "forms": 10,
        "form": True,
        "changed": [],
    }
    higher, elsewhere = (banks.of_score(*of, *each) for each in ((7 << 32, 60.0), (1, 60.0)))
    assert higher
    assert higher["sem"] == pytest.approx(9.4)
    assert elsewhere
    assert (elsewhere["sem"], elsewhere["form"]) == (11.0, False)
    assert banks.of_score(*of, 7 << 32, None) is None


def test_nine_forms_say_nothing_about_a_score(course: Course) -> None:
    put_bank(course, forms=9)
    folder = assignments.find(course, TINY).folder
    assert banks.of_score(course, TINY, folder, "standard", 7 << 32, 40.0) is None
