"""Simulated candidates: better ones have the better monitor."""

from __future__ import annotations

import ast

import numpy as np
import pandas as pd

from tests.assignments_drift_monitoring.drawn import FOLDER, case, module
from worksample import assignments
from worksample.authoring import panel as panels
from worksample.records.bank import Member

PANEL = module("panel")


def test_answers_go_into_cells_and_are_the_same_again() -> None:
    panel, drawn = panels.read(assignments.load(FOLDER)), case()
    member = Member("person-20", "", panel.people["person-20"].ability)
    given = panel.answers(member, drawn)
    assert given == panel.answers(member, drawn)
    for source in given.values():
        ast.parse(source)


def test_the_able_find_more_with_fewer_false_alarms() -> None:
    drawn = case()
    truth, scoring = drawn.truth(), module("judging.scoring")
    windows = pd.read_parquet(drawn.private / "hidden.parquet").groupby("run")["window"].nunique()
    detection = []
    for place in (0, 16, -1):
        mind = PANEL.Mind(PANEL.PEOPLE[place], drawn, truth, np.random.default_rng(3))
        heard = [
            scoring.Heard(
                stream["onset"],
                (stream["fault"] or {}).get("kind", ""),
                tuple((stream["fault"] or {}).get("columns", ())),
                mind._calls(stream, int(length)),
                (stream["fault"] or {}).get("size", ""),
            )
            for stream, length in zip(truth["streams"], windows, strict=True)
        ]
        detection.append(scoring.detection(scoring.figures(heard), drawn.level, truth["costs"]))
    assert detection[0] < 0.2
    assert detection[0] < detection[1] < detection[2]
    assert detection[2] > 0.9
