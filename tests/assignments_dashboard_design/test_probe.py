"""The freeze probe: from the candidate's own panels, on days they have not seen."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.assignments_dashboard_design.drawn import LEVELS, answers_of, case, module, namespace
from worksample.kit.readers import counts

READERS = module("readers")
PANEL = {"metric": "latency_p95.gateway", "around": "usual", "screen": 1}


def asked(answers: dict[str, Any], level: str = "standard") -> dict[str, Any]:
    return {each.id: each for each in READERS.questions(case(level), answers)}


@pytest.mark.parametrize("level", LEVELS)
def test_six_questions_with_an_answer_each(level: str) -> None:
    found = asked(answers_of(namespace("strong", level), level), level)
    assert list(found) == ["out", "since", "kind", "normal", "whom", "next"]
    right = {name: str(each.right) for name, each in found.items()}
    assert counts(tuple(found.values()), right) == {"right": 6, "not said": 0, "misled": 0}
    assert counts(tuple(found.values()), {}) == {"right": 0, "not said": 6, "misled": 0}


def test_what_happened_is_the_cases_and_what_shows_is_the_candidates() -> None:
    """Two dashboards of one case: the same incident, seen in one of them only."""
    strong, weak = (asked(answers_of(namespace(name))) for name in ("strong", "weak"))
    for same in ("since", "kind", "whom"):
        assert strong[same].right == weak[same].right
    assert strong["out"].right >= 1
    assert weak["out"].right == 0
    assert strong["normal"].right != weak["normal"].right


def test_a_band_is_read_off_the_axis_and_where_there_is_none_nothing_is_right() -> None:
    closed, open_above, none = (
        asked({"panels": [{"title": "t", **PANEL, "band": band}]})["normal"]
        for band in ([-40, 40], [-40, None], [None, None])
    )
    assert closed.right > open_above.right  # the least value, where only that is drawn
    assert closed.outcome(str(closed.right + 0.9 * closed.least)) == "right"
    assert closed.outcome(str(closed.right + 1.1 * closed.least)) == "misled"
    assert math.isnan(none.right)
    assert none.outcome("200") == "misled"
    assert none.outcome("") == "not said"


def test_without_a_first_screen_there_is_nothing_to_see() -> None:
    for answers in ({}, {"panels": [{"title": "t", **PANEL, "screen": 2}]}, {"panels": "rubbish"}):
        assert READERS.pictures(case(), answers) == ()
        assert asked(answers)["out"].outcome("0") == "misled"


def test_pictures_are_of_the_hidden_days_and_a_title_is_text() -> None:
    title = r"Late $\frac{ <script>"
    shown = READERS.pictures(case(), {"panels": [{"title": title, **PANEL, "band": [-40, 40]}]})
    assert [each.title for each in shown] == ["Picture 1", "Picture 2"]
    assert all(each.png.startswith(b"\x89PNG") for each in shown)
    assert shown[0].png != shown[1].png
    assert title in shown[0].alt
