"""What a repository made of the hidden days, against what a right one makes of them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from worksample.grading.repository import TrialResult
from worksample.kit.scoring import credit, log_loss

RUNS = {"a1": "a", "a2": "a", "b1": "b"}
NOTHING, FULL = 0.82, 0.95  # share of what a right repository's predictions gain on the base rate
SAME_ROWS = 0.995
MOST_ROWS = 10_000


@dataclass(frozen=True)
class Day:
    """One run, each 0 to 1.

    Attributes:
        ended: with 0.
        rows: learned from the bookings that count, with their outcomes.
        version: served what had to be served.
        quality: how good the predictions are.
    """

    ended: float = 0.0
    rows: float = 0.0
    version: float = 0.0
    quality: float = 0.0

    @property
    def right(self) -> float:
        """All of it together."""
        return self.ended * self.rows * self.version * self.quality


def days(result: TrialResult | None, truth: Mapping[str, Any]) -> dict[str, Day]:
    """Each of the three runs of a trial."""
    if result is None or not result.ok or len(result.codes) != len(RUNS):
        return dict.fromkeys(RUNS, Day())
    expected = truth["expected"]
    return {
        run: _day(result, run, expected[name], code == 0)
        for (run, name), code in zip(RUNS.items(), result.codes, strict=True)
    }


def repaired(result: TrialResult | None, truth: Mapping[str, Any]) -> float:
    """0 to 1: as right as the worst of the three runs."""
    return min(day.right for day in days(result, truth).values())


def _day(result: TrialResult, run: str, expected: Mapping[str, Any], ended: bool) -> Day:
    def table(name: str) -> list[dict[str, Any]]:
        return _table(result.files.get(f"out/{run}/{name}.csv", b""))

    return Day(
        float(ended),
        float(_same_rows(table("learned"), expected["learned"]) >= SAME_ROWS),
        float(_version(result.files.get(f"out/{run}/summary.json", b"")) == expected["version"]),
        quality(table("predictions"), expected),
    )


def quality(rows: list[dict[str, Any]], expected: Mapping[str, Any]) -> float:
    """Expected log loss of the predictions, as points: the true chances are known."""
    given = {_id(row): _number(row.get("probability")) for row in rows}
    found = [given.get(each) for each in expected["ids"]]
    if any(each is None or not 0 <= each <= 1 for each in found):
        return 0.0
    chances = np.array(expected["chances"])
    right = np.array([expected["predicted"][each] for each in expected["ids"]])
    base = np.full(len(chances), chances.mean())
    lost = [float(log_loss(chances, np.array(p, float)).mean()) for p in (base, right, found)]
    return credit((lost[0] - lost[2]) / (lost[0] - lost[1]), NOTHING, FULL)


def _same_rows(rows: list[dict[str, Any]], expected: Mapping[str, int]) -> float:
    """Share of bookings that both have with the same outcome, of all that either has."""
    given = {_id(row): _number(row.get("cancelled")) for row in rows}
    same = sum(given.get(name) == outcome for name, outcome in expected.items())
    return same / max(len({*given, *expected}), len(rows))


def _id(row: Mapping[str, Any]) -> str:
    """A booking's number; it may be written in capitals or not."""
    return str(row.get("booking_id")).lower()


def _version(data: bytes) -> str | None:
    try:
        summary = json.loads(data)
    except (ValueError, RecursionError):
        return None
    version = summary.get("version") if isinstance(summary, dict) else None
    return version if isinstance(version, str) else None


def _table(data: bytes) -> list[dict[str, Any]]:
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
        return [row for row, _ in zip(rows, range(MOST_ROWS), strict=False)]
    except (ValueError, csv.Error):
        return []


def _number(text: Any) -> float | None:
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None
