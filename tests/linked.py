"""No row of a case can be looked up in the table that its covariates come from."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.conftest import ROOT
from worksample.assignments.case import Case

sys.path.insert(0, str(ROOT / "benchmarks"))

import linkage

# the most of some eight columns in up to sixteen subsets, each of a thousand rows: chance alone
# gives 0.05 or so; before rows were resampled 0.39 (model development) to 0.83 (root cause)
CHANCE = 0.12


def assert_no_row_is_found(folder: Path, case: Case) -> None:
    """A row's nearest row of the base table tells of no column more than one of another day does.

    Args:
        folder: of the assignment, whose base table is looked through.
    """
    base = linkage.base_of(folder)
    rows = linkage.shown(linkage.READ[folder.name](case), base)
    for link in linkage.links(rows, base):
        assert link.gain <= CHANCE, link
