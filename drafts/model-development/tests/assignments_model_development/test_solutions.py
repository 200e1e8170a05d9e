"""Reference solutions of the model-development sample through the real path."""

from __future__ import annotations

from pathlib import Path

import pytest

from worksample import assignment as assignments
from worksample import verify
from worksample.course import Course

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_reference_solutions_come_to_what_their_headers_state() -> None:
    """From everything to nothing, in that order; all of them over many cases is `make verify`."""
    sample = assignments.load(ROOT / "assignments" / "model-development")
    names = ["strong", "strong_boosting", "adequate", "leaking", "blank"]
    verified = verify.verify(
        Course(ROOT), sample, seed_list=[40], levels=["standard"], solutions=names, workers=1
    )
    assert not verified.deviations
    totals = {result.solution: result.total or 0.0 for result in verified.results}
    assert totals["strong"] > totals["adequate"] > totals["leaking"] > totals["blank"] == 0
