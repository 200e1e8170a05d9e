"""Simulated candidates: better ones notice more, and their models and estimates earn more."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.assignments_model_development.drawn import (
    LEVELS,
    SAMPLE,
    case,
    module,
    ran,
    requests,
    train,
)
from worksample.assignments.case import Case
from worksample.authoring import panel as panels
from worksample.kit.panel import Person
from worksample.records.bank import Member

PANEL = panels.read(SAMPLE)


def answered(person: Person, drawn: Case) -> Mapping[str, str]:
    return PANEL.answers(Member(person.name, "", person.ability), drawn)


def earned(person: Person, drawn: Case) -> float:
    """Points of all checks but the audit's, whose form says what the truth says."""
    space: dict[str, Any] = {
        "np": np,
        "pd": pd,
        "train": train(drawn),
        "requests": requests(drawn),
        "facts": json.loads((drawn.public / "facts.json").read_text()),
        "log_loss": module("toolkit.validation").log_loss,
    }
    sources = answered(person, drawn)
    for cell in ("audit_answer", "model_answer", "predict_answer", "estimate_answer"):
        exec(sources[cell], space)
    run = ran(drawn, space["predict"], {"audit": space["AUDIT"], "estimate": space["ESTIMATE"]})
    checks = module("checks")
    names = [name for name in dir(checks) if name.startswith("check_") and name != "check_audit"]
    return sum(part.earned for name in names for part in getattr(checks, name)(run, drawn).parts)


@pytest.mark.parametrize("level", LEVELS)
def test_answers_go_into_cells_and_are_the_same_again(level: str) -> None:
    drawn, person = case(level), list(PANEL.people.values())[20]
    given = answered(person, drawn)
    assert given == answered(person, drawn)
    for source in given.values():
        ast.parse(source)


def test_the_able_earn_more() -> None:
    drawn, everybody = case(), list(PANEL.people.values())
    low, middle, high = (earned(everybody[place], drawn) for place in (0, 15, -1))
    assert low < 25
    assert low + 20 < middle < high - 20
    assert high > 85  # of 90
