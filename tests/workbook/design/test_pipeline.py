"""Pipelines: what can be run, and what their arrows say."""

from __future__ import annotations

import pytest

from worksample.workbook.design import graph
from worksample.workbook.design.pipeline import line

from .pipelines import FACTS, design, guarded, plain

WRONG = {
    "a circle": (
        {
            "load": {"to": ["agreed"]},
            "agreed": {"kind": "contract", "to": ["once"]},
            "once": {"kind": "dedup", "window_h": 1, "to": ["agreed", "bucket"]},
        },
        "round in a circle: agreed, once",
    ),
    "a part that nothing leads to": (
        {"said": {"kind": "predictions", "keep_days": 1}}, "said: nothing",
    ),
    "a part that leads nowhere": (
        {"load": {"to": ["bucket", "agreed"]}, "agreed": {"kind": "contract"}},
        "agreed: it leads nowhere",
    ),
    "two loaders": (
        {
            "shop": {"to": ["load", "topic"]},
            "topic": {"kind": "stream_load", "partitions": 1, "to": ["bucket"]},
        },
        "has one loader",
    ),
    "two of a kind": ({"once": {"kind": "lake", "keep_days": 1}}, "at most 1 of the kind lake"),
    "a model that goes nowhere": ({"fit": {"to": []}}, "nothing leads from trainer to serving"),
    "deleting from a log": (
        {"forget": {"kind": "eraser", "every_days": 1, "to": ["load"]}}, "a eraser is joined to",
    ),
    "less than nothing": ({"load": {"machines": -1}}, "a number from 1 to 20"),
    "no end": ({"bucket": {"keep_days": 10**9}}, "a number from 1 to 730"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_run_is_told_in_words(name):
    parts, words = WRONG[name]
    read = FACTS.checked(plain(**parts))
    assert read.design is None
    assert words in read.complaint


def test_a_guard_counts_if_nothing_gets_past_it():
    assert {"contract", "dedup", "checks", "label_audit", "gate", "registry"} <= line(
        guarded(), FACTS
    ).guards
    around = line(
        guarded(load={"to": ["agreed", "bucket"]}, fit={"to": ["better", "answers"]}), FACTS
    )
    assert not {"contract", "dedup", "checks", "gate", "registry"} & around.guards
    assert "label_audit" in around.guards


def test_a_guard_of_trainings_alone_is_none_of_answers():
    """Rows that answers see unguarded spoil them, however well the trainings are guarded."""
    tried = design(
        load={"to": ["agreed", "replay"]},
        agreed={"kind": "contract", "to": ["bucket"]},
        bucket={"to": ["fit"]},
        replay={"kind": "log", "keep_days": 9, "to": ["flow"]},
        tables=None,
        flow={"kind": "stream_features", "workers": 9, "to": ["lookup"]},
    )
    assert graph.always_passes(tried, "events", "trainer", "contract")
    assert "contract" not in line(tried, FACTS).guards


def test_who_asks_is_erased_by_the_quickest_way():
    def erased(**parts):
        return line(design(**parts), FACTS).erased

    assert erased() == {"lake": 40, "online": float("inf")}
    assert erased(forget={"kind": "eraser", "every_days": 5, "to": ["bucket"]})["lake"] == 6
    both = erased(keys={"kind": "vault", "to": ["bucket", "lookup"]})
    assert both == {"lake": 0.1, "online": 0.1}


def test_no_way_and_no_guard():
    assert not graph.always_passes(design(), "trainer", "serving", "gate")
    assert not graph.always_passes(design(), "serving", "trainer", "gate")
    assert graph.circle(design()) == []
