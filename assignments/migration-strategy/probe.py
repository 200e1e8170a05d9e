"""What is asked of the candidate's three KPI functions: years of logs."""

from __future__ import annotations

from collections.abc import Iterator

from worksample.case import Case
from worksample.probe import Call

from .judging import kpis


def calls(case: Case) -> Iterator[Call]:
    """Each function on each year: the firm's own, calm ones, better ones, and dressed ones."""
    years = list(kpis.years(case))
    for name in kpis.NAMES:
        for year in years:
            yield Call(name, name, year.tables, "number", seconds=5)
