"""What a course says about its scorecards: how many rate, and the rule, fixed beforehand.

``course.toml``, all of it optional::

    [scorecards]
    graders = 3                  # how many rate each attempt independently of one another
    critical = ["Practical Problem-Solving"]   # else every dimension that people rate
    least_median = 3             # the median of every critical dimension is at least this
    lowest = 2                   # no rating anywhere is below this
    coverage = 0.8               # share of the planned dimensions that were rated

    readers = 2                  # people who read first, blind, where a work sample has questions
                                 # for readers; nobody rates before they have (default: none)
    freeze_probe = true          # where a work sample has one, raters answer it before they rate

    [scorecards.assignments.drift-monitoring]
    graders = 1
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from worksample.assignments import scorecard
from worksample.course import Course
from worksample.errors import CourseError
from worksample.scorecards.rule import Rule

_PEOPLE = {"graders", "readers", "freeze_probe"}
_RULE = {"critical", "least_median", "lowest", "coverage"}


@dataclass(frozen=True)
class Settings:
    """How many people read and rate an attempt, what raters answer first, and the rule."""

    graders: int = 1
    of_assignment: Mapping[str, int] = field(default_factory=dict)
    readers: int = 0
    readers_of_assignment: Mapping[str, int] = field(default_factory=dict)
    freeze_probe: bool = True
    probe_of_assignment: Mapping[str, bool] = field(default_factory=dict)
    rule: Rule = field(default_factory=Rule)

    def graders_of(self, base_id: str) -> int:
        """How many rate an attempt at this assignment (or at its revision)."""
        return self.of_assignment.get(base_id.removesuffix("-revision"), self.graders)

    def readers_of(self, assignment: str) -> int:
        """How many read an attempt before anybody rates it; of a revision nobody has to."""
        if assignment.endswith("-revision"):
            return 0
        return self.readers_of_assignment.get(assignment, self.readers)

    def probes(self, assignment: str) -> bool:
        """Whether raters answer the freeze probe first; of a revision nobody has to."""
        if assignment.endswith("-revision"):
            return False
        return self.probe_of_assignment.get(assignment, self.freeze_probe)

    def to_json(self) -> dict[str, Any]:
        """Plain data, as it is noted in the audit log."""
        return {**asdict(self.rule), "critical": list(self.rule.critical)}


def of(course: Course) -> Settings:
    """The settings of a course.

    Raises:
        CourseError: ``course.toml`` says something that cannot be.
    """
    where = str(course.root / "course.toml")
    table = course.settings().get("scorecards", {})
    _known(table, {*_PEOPLE, "assignments", *_RULE}, where)
    single = table.get("assignments", {})
    for each in single.values() if isinstance(single, dict) else ():
        _known(each, _PEOPLE, where)
    try:
        return Settings(
            graders=_count(table.get("graders", 1)),
            of_assignment={
                name: _count(each["graders"]) for name, each in single.items() if "graders" in each
            },
            readers=_count(table.get("readers", 0), "readers", 0),
            readers_of_assignment={
                name: _count(each["readers"], "readers", 0)
                for name, each in single.items()
                if "readers" in each
            },
            freeze_probe=_yes(table.get("freeze_probe", True)),
            probe_of_assignment={
                name: _yes(each["freeze_probe"])
                for name, each in single.items()
                if "freeze_probe" in each
            },
            rule=_rule(table),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CourseError(
            f"[scorecards]: {error}", where=where, do="mend that file; docs/scorecards.md shows it"
        ) from None


def _rule(table: Mapping[str, Any]) -> Rule:
    critical = table.get("critical", [])
    if not isinstance(critical, list):
        raise ValueError("critical is a list of dimensions")
    named = tuple(map(_dimension, critical))
    share = _number(table, "coverage", 0, 1)
    least, lowest = _number(table, "least_median", 1, 4), _number(table, "lowest", 1, 4)
    if not lowest.is_integer():
        raise ValueError("lowest is a rating: 1, 2, 3 or 4")
    return Rule(named, least, int(lowest), share)


def _dimension(text: object) -> str:
    """As the profile has it: where several scorecards have that name, the stage says which."""
    try:
        found = scorecard.dimension(str(text))
    except LookupError as error:
        names = {name for stage in scorecard.STAGES.values() for name in stage}
        close = difflib.get_close_matches(str(text), names, n=1)
        if close and close[0] != text:
            raise ValueError(
                f"no scorecard has a dimension {text!r}; did you mean {close[0]!r}?"
            ) from None
        raise ValueError(str(error)) from None
    return scorecard.key(found.stage, found.name)


def _number(table: Mapping[str, Any], name: str, least: float, most: float) -> float:
    value = table.get(name, getattr(Rule, name))
    if not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{name} is a number from {least} to {most}, not {value!r}")
    return float(value)


def _count(value: object, name: str = "graders", least: int = 1) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 20:
        raise ValueError(f"{name} is a number from {least} to 20, not {value!r}")
    return value


def _yes(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"freeze_probe is true or false, not {value!r}")
    return value


def _known(table: object, names: set[str], where: str) -> None:
    if not isinstance(table, dict):
        raise CourseError("[scorecards] is a table", where=where, do="mend that file")
    for name in table.keys() - names:
        close = difflib.get_close_matches(name, names, n=1)
        raise CourseError(
            f"[scorecards] has no setting {name!r}",
            where=where,
            do=f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(sorted(names))}",
        )
