"""Checks: short pure functions in the trusted zone, ``(run, case) -> CheckResult``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Part:
    """One thing that a check looked at.

    Attributes:
        name: what was looked at, a few words.
        earned: points earned, between 0 and ``possible``.
        possible: points to be had.
        message: for the candidate; helps, and gives away no hidden value.
    """

    name: str
    earned: float
    possible: float
    message: str


@dataclass(frozen=True)
class CheckResult:
    """What a check found.

    Attributes:
        parts: at least one; their ``possible`` add up to the points of the cell.
        details: numbers and words of the candidate's own work, which feedback may quote.
        private: for the evidence only, never shown to the candidate; JSON-able.
    """

    parts: tuple[Part, ...]
    details: Mapping[str, float | str] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """Points earned, all parts together."""
        return float(sum(part.earned for part in self.parts))

    @property
    def possible(self) -> float:
        """Points to be had, all parts together."""
        return float(sum(part.possible for part in self.parts))
