"""What the candidate's functions are called with."""

from __future__ import annotations

import pandas as pd

from worksample.grading.probe import Call

from .drawn import case, module

PROBE = module("probe")


def calls() -> list[Call]:
    return list(PROBE.calls(case()))


def test_asks_for_rows_remedy_and_every_window():
    asked = calls()
    assert [c.id for c in asked[:2]] == ["affected", "remediate"]
    assert [c.function for c in asked[2:]] == ["guard"] * len(PROBE.windows_faulty(case()))
    assert [c.id for c in asked[2:]] == [f"guard-{i}" for i in range(len(asked) - 2)]


def test_hidden_rows_look_like_the_log(monkeypatch):
    """A rule written on ``case.log`` meets the same columns and types in the hidden rows."""
    monkeypatch.setenv("WORKSAMPLE_CASE", str(case().public))
    incident = module("toolkit.incident")
    incident.load.cache_clear()
    log, rows = incident.load().log, PROBE.hidden_rows(case())
    incident.load.cache_clear()
    assert set(log.columns) == set(rows.columns)
    kinds = {c: (log[c].dtype.kind, rows[c].dtype.kind) for c in log.columns}
    text = {"O", "T"}
    odd = {c: k for c, k in kinds.items() if k[0] != k[1] and not set(k) <= text | {"i", "f"}}
    assert not odd
    assert rows["served_at"].min() > log["served_at"].max()
    for column in ("host", "client", "feed", "carrier", "origin", "region"):
        assert set(rows[column].dropna()) & set(log[column].dropna()), column


def test_windows_come_one_at_a_time_and_say_nothing():
    for call in calls()[2:]:
        reference, window = call.args
        assert "window" not in window
        assert list(window.columns) == list(reference.columns)
        assert (window["at_hour"].min(), window["at_hour"].max()) == (0, 71)
        assert window.index.tolist() == list(range(len(window)))


def test_no_call_holds_an_answer():
    """Nothing of the truth's columns is in what the candidate's process gets."""
    known = set(pd.read_csv(case().public / "predictions.csv", nrows=1).columns)
    joined = {"late", "label_age_days", "reported_trip_key", "row"}
    rows = calls()[0].args[0]
    assert set(rows.columns) <= known | joined
