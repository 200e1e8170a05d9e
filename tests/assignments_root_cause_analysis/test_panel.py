"""Simulated candidates: the same persons everywhere, better ones answer better."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from tests.assignments_root_cause_analysis.drawn import FOLDER, case, module
from worksample import assignments
from worksample.authoring import panel as panels
from worksample.records.bank import Member

PANEL = module("panel")


def test_abilities_are_spread_evenly() -> None:
    ability = [person.ability for person in PANEL.PEOPLE]
    assert len(ability) >= 30
    assert ability == sorted(ability)
    assert np.diff(ability).max() < 0.1
    assert min(ability) < 0.05
    assert max(ability) > 0.95


def test_every_known_cause_has_a_remedy() -> None:
    assert set(PANEL.MENDING) == {cause.id for cause in module("hidden.causes").ALL}


def test_answers_go_into_cells_and_are_the_same_again() -> None:
    panel, drawn = panels.read(assignments.load(FOLDER)), case()
    member = Member("person-09", "", panel.people["person-09"].ability)
    given = panel.answers(member, drawn)
    assert given == panel.answers(member, drawn)
    assert "shares_answer" not in given
    for source in given.values():
        ast.parse(source)


@pytest.mark.parametrize(("place", "low", "high"), [(0, 0, 20), (-1, 25, 30)])
def test_the_last_spread_is_as_good_as_the_person(place: int, low: float, high: float) -> None:
    person, drawn = PANEL.PEOPLE[place], case()
    spread = PANEL.Mind(person, drawn, drawn.truth(), np.random.default_rng(1)).belief()
    assert sum(spread.values()) == pytest.approx(100, abs=0.5)
    points = 30 * module("checks").spherical_score(
        {name: value / 100 for name, value in spread.items()}, {"unit_change": 1.0}
    )
    assert low <= points <= high


def test_marks_are_as_good_as_the_person() -> None:
    drawn = case()
    probe = module("probe")
    later = probe.hidden_truth(drawn)["affected"].to_numpy(bool)
    true = np.concatenate([later, np.zeros(len(probe.earlier_rows(drawn)), bool)])
    f1 = []
    for person in (PANEL.PEOPLE[0], PANEL.PEOPLE[16], PANEL.PEOPLE[-1]):
        marks = PANEL.Mind(person, drawn, drawn.truth(), np.random.default_rng(1)).marks()
        f1.append(2 * (marks & true).sum() / (marks.sum() + true.sum()))
    assert f1[0] < 0.6 < f1[1] < 0.85 < f1[2]
