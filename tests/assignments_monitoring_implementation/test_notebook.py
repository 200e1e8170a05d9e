"""The workbook as a candidate meets it: minutes, points, and checks that say what they see."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .drawn import assignment, case, module, tree


def test_minutes_and_points_are_those_of_the_brief() -> None:
    assert sum(cell.minutes for cell in assignment().cells) == assignment().minutes.work == 65
    brief = assignment().cell("brief").source
    for check in assignment().checks:
        assert f"{check.points:g}" in brief
    assert len(brief.split()) < 420


def test_what_is_seen_before_is_form_and_not_whether_it_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tree as it came passes, so does a right one; a rule that cannot be read does not."""
    practice = module("toolkit.practice")
    monkeypatch.chdir(tmp_path)
    os.symlink(case().public, tmp_path / "case")
    for name in ("blank", "strong"):
        files = tree(name, case())
        for place, data in files.items():
            path = tmp_path / "work" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        assert practice.tree_problem() == practice.rules_problem() == ""
    rules = tmp_path / "work/monitoring/rules.yml"
    rules.write_text("groups: [{name: x, rules: [{alert: A, expr: 'sum('}]}]")
    assert "parse error" in practice.rules_problem()
    queries = tmp_path / "work/monitoring/monitoring.toml"
    queries.write_text("[queries\n")
    assert "is not TOML" in practice.tree_problem()
    queries.unlink()
    assert "is missing" in practice.tree_problem()


def test_queries_are_read_within_bounds() -> None:
    reading = module("judging.reading")
    junk = (
        b"",
        b"\xff",
        b"[queries",
        b"x = " + b"[" * 60_000,
        b'[queries]\nanswered = "%s"' % (b"x" * 9_000),
    )
    for data in (*junk, b"queries = 3\npanels = []", b"[queries]\nanswered = 3\n"):
        assert reading.queries({reading.NAME: data}) == {"queries": {}, "panels": {}}
    found = reading.queries({reading.NAME: b'[panels]\ntraffic = " up "\nelse = "x"'})
    assert found["panels"] == {"traffic": "up"}
