"""Reference solutions run for practice: through the real path, and apart from candidates."""

from __future__ import annotations

import json

import pytest

from tests.cohort import TINY
from worksample import assignments
from worksample.assignments import consensus
from worksample.authoring import practice
from worksample.course import Course
from worksample.errors import AssignmentError
from worksample.exchange import rating_queue
from worksample.records.tables import Records


def test_solutions_are_run_and_no_candidate_appears(built: Course) -> None:
    told: list[str] = []
    written = practice.prepare(built, TINY, workers=1, progress=lambda _, name: told.append(name))
    assert sorted(path.stem for path in written) == sorted(told) == ["blank", "strong", "weak"]
    kept = json.loads((rating_queue.practice_folder(built, TINY) / "strong.json").read_text())
    assert kept["status"]["predict_answer"] == "completed"
    assert kept["card"]
    answer = next(c for c in kept["notebook"]["cells"] if c["id"] == "explanation_answer")
    assert "show no bend" in "".join(answer["source"])
    assert len(rating_queue.practice(built, TINY, "grace").subjects) == 3
    assert not rating_queue.work(built, TINY, "grace").subjects
    assert not list(built.cases.glob("*/practice"))
    assert not Records(built.records_url).gradings(TINY, "practice")


def test_without_rated_solutions_there_is_nothing_to_practise_on(built: Course) -> None:
    (assignments.find(built, TINY).folder / "solutions" / consensus.FILE).unlink()
    with pytest.raises(AssignmentError, match="nothing to practise on"):
        practice.prepare(built, TINY)
