"""Invitations draw from the bank: nobody the same form twice, nobody's form twice."""

from __future__ import annotations

import shutil

import pytest

from tests.cohort import TINY, answers, hand_in
from tests.records.test_bank import put_bank
from worksample import assignments
from worksample.assignments import case as cases
from worksample.course import Course
from worksample.errors import CandidateError
from worksample.records.tables import Records
from worksample.submissions import invitations


def invite(course: Course, who: str, **given: object) -> invitations.Invited:
    return invitations.invite(course, who, assignments.find(course, TINY), **given)  # type: ignore[arg-type]


def test_no_form_is_used_twice_while_there_are_others(built: Course) -> None:
    bank = put_bank(built, forms=4)
    done = [invite(built, f"c{number}") for number in range(4)]
    assert {each.case.seed for each in done} == set(bank.kept)
    assert "not used before" in done[-1].said
    fifth = invite(built, "c4")
    assert fifth.case.seed in bank.kept
    assert "used 1 times before" in fifth.said
    rows = Records(built.records_url).form_uses(TINY)
    assert [(row.candidate, row.bank) for row in rows] == [
        (f"c{number}", bank.digest) for number in range(5)
    ]


def test_inviting_again_changes_nothing(built: Course) -> None:
    put_bank(built, forms=2)
    first = invite(built, "ada")
    again = invite(built, "ada")
    assert (again.case, again.new, again.said) == (first.case, False, "")


def test_the_same_person_gets_another_form(built: Course) -> None:
    put_bank(built, forms=3)
    seeds = [
        invite(built, who, formerly=formerly).case.seed
        for who, formerly in (("ada", ()), ("ada-2027", ("ada",)), ("ada-2028", ("ada-2027",)))
    ]
    assert len(set(seeds)) == 3
    fourth = invite(built, "ada-2029", formerly=("ada-2028",))
    assert "they have had every form" in fourth.said
    assert fourth.case.seed not in seeds


def test_a_slip_in_who_somebody_was_is_told(built: Course) -> None:
    with pytest.raises(CandidateError, match="never invited"):
        invite(built, "ada-2027", formerly=("adda",))


def test_a_form_whose_row_was_never_written_counts_as_used(built: Course) -> None:
    """A kill between the case and its row."""
    bank = put_bank(built, forms=2)
    first = invite(built, "ada").case.seed
    shutil.rmtree(built.state / "cases" / TINY / "ada")
    with_row = invite(built, "bob").case.seed
    assert {first, with_row} == set(bank.kept)
    (built.state / "worksample.db").unlink()
    assert invite(built, "cy").case.seed == first  # bob's case is there, ada's is not


def test_without_a_bank_the_case_is_drawn_as_before_and_it_is_said(built: Course) -> None:
    done = invite(built, "ada")
    assert done.case.seed == cases.seed_for(built.secret(), TINY, "standard", "ada")
    assert "cases are not equally hard" in done.said
    assert [row.bank for row in Records(built.records_url).form_uses(TINY)] == [""]


def test_a_bank_that_is_out_of_date_is_told(built: Course) -> None:
    put_bank(built, inputs={})
    assert "engine, assignment, panel changed since" in invite(built, "ada").said


@pytest.mark.slow
def test_the_record_and_graders_are_told_how_sure_a_score_is(built: Course) -> None:
    from worksample.batch import cohort as batch
    from worksample.cli import shared
    from worksample.feedback import status
    from worksample.records import evidence
    from worksample.review import explain

    bank = put_bank(built)
    hand_in(built, "bob", answers(built, "weak"))
    (outcome,) = batch.grade(built, TINY).outcomes
    assert shared.points_of(outcome) == "20 ± 5 of 100"
    record = evidence.latest(built, TINY, "bob")
    assert record
    assert record["points"] == 20
    assert record["precision"]["sem"] == 4.7
    assert record["precision"]["bank"] == bank.digest
    told = explain.text(explain.explain(built, TINY, "bob"))
    assert "20 ± 5 of 100 points, graded" in told
    assert "From a bank of 10 cases, this case is one of them" in " ".join(told.split())
    assert "20 ± 5 of 100" in str(status.status(built, "bob"))


def test_what_was_graded_before_there_was_a_bank(scored: Course) -> None:
    from worksample.review import explain

    def told() -> str:
        return " ".join(explain.text(explain.explain(scored, TINY, "bob")).split())

    before = told()
    assert "not known yet: `worksample bank tiny-regression --level standard`" in before
    put_bank(scored)
    after = told()
    assert "How sure: 20 ± 11" in after
    assert "this case is not one of them" in after
