"""Nothing is called: designs and forecasts are answers, and are run on the trusted side."""

from __future__ import annotations

from collections.abc import Iterator

from worksample.case import Case
from worksample.probe import Call


def calls(case: Case) -> Iterator[Call]:
    """No call."""
    return iter(())
