"""From ratings to a profile, and the rule that is applied to it.

Within a dimension there is every rating, the median and the range; across dimensions there is a
profile and no average. The rule says *meets*, *does not meet* or *insufficient evidence*, and
:func:`flips` says how little would have changed it. It decides nothing: a person does.

No information (null, the scorecards' 0) is no number. It enters no median, no count and no rule,
and a critical dimension that nobody could rate makes the evidence insufficient, not the candidate.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Outcome = Literal["meets", "does not meet", "insufficient evidence"]
SCALE = (1, 2, 3, 4)
#: the line between "does not reach it yet" and "reaches it"; graders on both sides of it talk
LINE = 2.5
WIDE = 2  # levels between two graders that are a matter to discuss


@dataclass(frozen=True)
class Given:
    """One rating, as the rule sees it. ``value`` is None where there was not enough information."""

    dimension: str
    criterion: str
    grader: str
    value: int | None


@dataclass(frozen=True)
class Summary:
    """What is known about one dimension: every value, the median and the range."""

    dimension: str
    values: tuple[int, ...] = ()
    without: int = 0

    @property
    def median(self) -> float | None:
        """None where nobody could rate it."""
        return float(statistics.median(self.values)) if self.values else None

    @property
    def range(self) -> tuple[int, int] | None:
        """Lowest and highest rating."""
        return (min(self.values), max(self.values)) if self.values else None


@dataclass(frozen=True)
class Rule:
    """Fixed in the course's configuration before any candidate is seen.

    Attributes:
        critical: dimensions that decide; empty: all that are planned.
        least_median: the median of each critical dimension is at least this.
        lowest: no rating, of whatever dimension, is below this.
        coverage: share of the planned dimensions that were rated, at least.
    """

    critical: tuple[str, ...] = ()
    least_median: float = 3.0
    lowest: int = 2
    coverage: float = 0.8

    def words(self) -> str:
        """The rule in one sentence."""
        which = "every critical dimension" if self.critical else "every dimension"
        return (
            f"The median of {which} is at least {self.least_median:g}, no single rating is below "
            f"{self.lowest}, and at least {self.coverage:.0%} of the planned dimensions were rated."
        )


@dataclass(frozen=True)
class Verdict:
    """What the rule comes to, and why. ``covered`` of ``planned`` dimensions were rated."""

    outcome: Outcome
    reasons: tuple[str, ...]
    covered: int
    planned: int

    @property
    def coverage(self) -> float:
        """Share of the planned dimensions that were rated."""
        return self.covered / self.planned if self.planned else 0.0


@dataclass(frozen=True)
class Flip:
    """One small change after which the rule would say something else."""

    outcome: Outcome
    words: str
    given: Given | None = None
    grader: str = ""
    to: int | None = None


def profile(given: Iterable[Given], planned: Sequence[str]) -> dict[str, Summary]:
    """Dimension -> what is known of it, the planned ones first, in their order."""
    rows = list(given)
    names = dict.fromkeys([*planned, *(row.dimension for row in rows)])
    return {
        name: Summary(
            name,
            tuple(r.value for r in rows if r.dimension == name and r.value is not None),
            sum(r.dimension == name and r.value is None for r in rows),
        )
        for name in names
    }


def verdict(rule: Rule, given: Iterable[Given], planned: Sequence[str]) -> Verdict:
    """Apply the rule to the ratings of one candidate.

    Args:
        planned: the dimensions of all stages that were held.
    """
    rows = list(given)
    critical = rule.critical or tuple(planned)
    found = profile(rows, [*planned, *critical])
    unknown = [name for name in critical if found[name].median is None]
    covered = sum(found[name].median is not None for name in planned)
    coverage = covered / len(planned) if planned else 0.0
    if unknown or coverage < rule.coverage:
        reasons = [f"nobody could rate {name}" for name in unknown]
        if coverage < rule.coverage:
            reasons.append(f"{covered} of {len(planned)} planned dimensions were rated")
        return Verdict("insufficient evidence", tuple(reasons), covered, len(planned))
    short = [
        f"{name}: the median is {found[name].median:g}, not {rule.least_median:g}"
        for name in critical
        if (found[name].median or 0) < rule.least_median
    ]
    short += [
        f"{row.dimension}: a rating of {row.value}, and none may be below {rule.lowest}"
        for row in rows
        if row.value is not None and row.value < rule.lowest
    ]
    outcome: Outcome = "does not meet" if short else "meets"
    reasons = short or ["every part of the rule holds"]
    return Verdict(outcome, tuple(dict.fromkeys(reasons)), covered, len(planned))


def flips(rule: Rule, given: Iterable[Given], planned: Sequence[str]) -> list[Flip]:
    """Every single rating that, moved by one level, and every grader who, left out, changes it."""
    rows = list(given)
    now = verdict(rule, rows, planned).outcome
    return [flip for flip in (*_levels(rule, rows, planned), *_left_out(rule, rows, planned))
            if flip.outcome != now]  # fmt: skip


def _levels(rule: Rule, rows: Sequence[Given], planned: Sequence[str]) -> Iterator[Flip]:
    for place, step in itertools.product(range(len(rows)), (1, -1)):
        row = rows[place]
        if row.value is None or row.value + step not in SCALE:
            continue
        moved = replace(row, value=row.value + step)
        outcome = verdict(rule, [*rows[:place], moved, *rows[place + 1 :]], planned).outcome
        words = f"{row.grader}’s {row.value} for {row.dimension} as a {moved.value}"
        yield Flip(outcome, words, row, to=moved.value)


def _left_out(rule: Rule, rows: Sequence[Given], planned: Sequence[str]) -> Iterator[Flip]:
    graders = dict.fromkeys(row.grader for row in rows)
    for grader in graders if len(graders) > 1 else ():
        outcome = verdict(rule, [r for r in rows if r.grader != grader], planned).outcome
        yield Flip(outcome, f"without {grader}’s ratings", grader=grader)


@dataclass(frozen=True)
class Discuss:
    """Something that graders see differently: which criterion, who gave what, and why it counts."""

    dimension: str
    criterion: str
    values: Mapping[str, int] = field(default_factory=dict)

    @property
    def why(self) -> str:
        """In words."""
        low, high = min(self.values.values()), max(self.values.values())
        apart = f"{high - low} levels apart" if high - low >= WIDE else ""
        sides = f"on both sides of the line between {int(LINE)} and {int(LINE) + 1}"
        return " and ".join(filter(None, (apart, sides if low < LINE < high else "")))


def to_discuss(given: Iterable[Given]) -> list[Discuss]:
    """Criteria whose graders are two levels apart, or on both sides of the line; widest first."""
    by: dict[tuple[str, str], dict[str, int]] = {}
    for row in given:
        if row.value is not None:
            by.setdefault((row.dimension, row.criterion), {})[row.grader] = row.value
    found = [Discuss(*place, values) for place, values in by.items() if _apart(values.values())]
    return sorted(found, key=lambda d: min(d.values.values()) - max(d.values.values()))


def _apart(values: Iterable[int]) -> bool:
    low, high = min(found := list(values)), max(found)
    return high - low >= WIDE or low < LINE < high
