"""Several hand in at once and the service is killed meanwhile: the small form of the benchmark."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cohort import ROOT, TINY

sys.path.insert(0, str(ROOT / "benchmarks"))

import exchange

CANDIDATES = 12  # half of them meet the service that was started after the kill


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_doubled_by_a_kill(tmp_path: Path) -> None:
    names = [f"c{number:02}" for number in range(CANDIDATES + 1)]
    course = exchange.course_in(tmp_path / "course", ROOT / "tests" / "assignments" / TINY, names)
    found = exchange.round_of(course, TINY, names, seconds=3.0, kill=True, note="killed")
    assert (found.acknowledged, found.present, found.doubled) == (CANDIDATES, CANDIDATES, 0)
