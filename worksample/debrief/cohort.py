"""All candidates of one assignment, profile beside profile: groups by the rule, never a rank.

Within a group candidates stand in the order of their pseudonyms. Whose graders have not all
submitted is not among them: a grader would see what the others gave. No mean and no total of
ratings is computed. Figures about graders and items are shown from their floors on.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

import numpy as np
from sqlalchemy import select

from worksample import assignments
from worksample.assignments.case import base_id
from worksample.assignments.model import Assignment
from worksample.course import Course
from worksample.debrief.schema import FORMAT, DimensionRow
from worksample.errors import CandidateError
from worksample.feedback.text import title
from worksample.records import bank, evidence
from worksample.records.precision import words
from worksample.records.tables import Rating, RatingsSubmitted, Records
from worksample.scorecards import rule as rules
from worksample.scorecards import settings, statistics
from worksample.scorecards.rule import Given

REACHED = 0.6  # share of a check's points that counts as reached, as for a strength
OUTCOMES: tuple[rules.Outcome, ...] = ("meets", "insufficient evidence", "does not meet")


class Member(TypedDict):
    """One candidate: what the rule says, their profile, how many graders are apart."""

    candidate: str
    outcome: str
    flips: int
    discuss: int
    covered: int
    points: str
    dimensions: list[DimensionRow]


class Item(TypedDict):
    """A check or a criterion, with its figures in words."""

    title: str
    dimension: str
    figures: list[str]


class Cohort(TypedDict):
    """Everything that one cohort page says."""

    format: int
    assignment: str
    title: str
    rule: str
    graders: int
    waiting: list[str]
    planned: list[str]
    members: list[Member]
    agreement: list[Item]
    pairs: list[str]
    severity: list[str]
    items: list[Item]
    consistency: list[str]


def gather(course: Course, name: str) -> Cohort:
    """The record of an assignment's cohort.

    Raises:
        CandidateError: nobody has been graded.
    """
    assignment = assignments.find(course, base_id(name))
    graded = {
        path.name: record
        for path in sorted((course.evidence / name).glob("*/"))
        if (record := evidence.latest(course, name, path.name))
    }
    if not graded:
        raise CandidateError(f"nobody has been graded in {name}", do=f"worksample grade {name}")
    how = settings.of(course)
    given, whole = _counted(Records(course.records_url), name, how.graders_of(name))
    waiting = [] if how.graders_of(name) == 1 else sorted(graded.keys() - whole)
    graded = {who: record for who, record in graded.items() if who not in waiting}
    given = {who: rows for who, rows in given.items() if who in graded}
    planned = list(dict.fromkeys(c.dimension for c in assignment.criteria.values()))
    members = [
        _member(how.rule, candidate, record, given.get(candidate, []), planned)
        for candidate, record in graded.items()
    ]
    graders = sorted({row.grader for rows in given.values() for row in rows})
    tables = _tables(assignment, given, graders)
    return Cohort(
        format=FORMAT,
        assignment=name,
        title=assignment.title,
        rule=how.rule.words(),
        graders=len(graders),
        waiting=waiting,
        planned=planned,
        members=sorted(members, key=lambda m: (OUTCOMES.index(m["outcome"]), m["candidate"])),
        agreement=_agreement(assignment, tables),
        pairs=_pairs(tables, graders),
        severity=_severity(tables, graders),
        items=_items(assignment, graded, given),
        consistency=_consistency(assignment, graded),
    )


def outcomes(course: Course, name: str) -> dict[str, str]:
    """Candidate -> what the rule says."""
    return {m["candidate"]: m["outcome"] for m in gather(course, name)["members"]}


def _counted(records: Records, name: str, graders: int) -> tuple[dict[str, list[Rating]], set[str]]:
    """Candidate -> the ratings that count, and whose graders have all submitted.

    Two queries, however many candidates there are.
    """
    with records.session() as session:
        rows = session.scalars(select(Rating).filter_by(assignment=name).order_by(Rating.id)).all()
        done = {
            (row.candidate, row.grader)
            for row in session.scalars(select(RatingsSubmitted).filter_by(assignment=name))
        }
    many = Counter(candidate for candidate, _ in done)
    begun = {row.candidate for row in rows if (row.candidate, row.grader) not in done}
    whole = {who for who, count in many.items() if count >= graders and who not in begun}
    kept: dict[tuple[str, ...], Rating] = {}
    for row in rows:
        if graders == 1:
            kept[row.candidate, row.criterion] = row
        elif (row.candidate, row.grader) in done:
            kept[row.candidate, row.criterion, row.grader] = row
    found: dict[str, list[Rating]] = {}
    for row in kept.values():
        found.setdefault(row.candidate, []).append(row)
    return found, whole


def _member(
    rule: rules.Rule,
    candidate: str,
    record: evidence.Record,
    rows: Sequence[Rating],
    planned: Sequence[str],
) -> Member:
    given = [Given(row.dimension, row.criterion, row.grader, row.value) for row in rows]
    verdict = rules.verdict(rule, given, planned)
    profile = rules.profile(given, planned)
    return Member(
        candidate=candidate,
        outcome=verdict.outcome,
        flips=len(rules.flips(rule, given, planned)),
        discuss=len(rules.to_discuss(given)),
        covered=verdict.covered,
        points=f"{words(record['points'], bank.sem(record))} of {record['possible']:g}",
        dimensions=[_row(rule, profile[name], planned) for name in planned],
    )


def _row(rule: rules.Rule, found: rules.Summary, planned: Sequence[str]) -> DimensionRow:
    low, high = found.range or (None, None)
    return DimensionRow(
        name=found.dimension,
        stage="",
        planned=True,
        critical=found.dimension in (rule.critical or planned),
        ratings=[],
        median=found.median,
        low=low,
        high=high,
        discuss=[],
        later=None,
    )


# --- graders -------------------------------------------------------------------------------------


def _tables(
    assignment: Assignment, given: Mapping[str, Sequence[Rating]], graders: Sequence[str]
) -> dict[str, np.ndarray]:
    """Criterion -> candidates × graders, nan where missing."""
    place = {grader: column for column, grader in enumerate(graders)}
    tables = {name: np.full((len(given), len(graders)), math.nan) for name in assignment.criteria}
    for line, rows in enumerate(given.values()):
        for row in rows:
            if row.criterion in tables and row.value is not None:
                tables[row.criterion][line, place[row.grader]] = row.value
    return tables


def _agreement(assignment: Assignment, tables: Mapping[str, np.ndarray]) -> list[Item]:
    return [
        Item(
            title=title(name),
            dimension=assignment.criteria[name].dimension,
            figures=_agreeing(table),
        )
        for name, table in tables.items()
    ]


def _agreeing(table: np.ndarray) -> list[str]:
    """Alpha, and how often two graders gave the same; below alpha's floor it says that itself."""
    alpha, counts = statistics.agreement(table), statistics.counts(table)
    return [str(alpha)] if counts in alpha.note else [str(alpha), counts]


def _pairs(tables: Mapping[str, np.ndarray], graders: Sequence[str]) -> list[str]:
    pairs = list(itertools.combinations(range(len(graders)), 2))
    found = {
        f"{graders[one]} and {graders[other]}, {title(name)}": statistics.pairwise(
            table[:, one], table[:, other]
        )
        for name, table in tables.items()
        for one, other in pairs
    }
    shown = [f"{who}: {figure}" for who, figure in found.items() if not figure.missing]
    short = [figure.missing for figure in found.values() if figure.missing]
    if short:
        need = f"at least {min(short)} more candidates that both rated are needed"
        shown.append(f"{len(short)} of {len(found)} pairs are not shown: {need}")
    return shown


def _severity(tables: Mapping[str, np.ndarray], graders: Sequence[str]) -> list[str]:
    if len(graders) < 2:
        return []
    # the floor is of candidates, so a grader's ratings of one are taken together: how much a
    # grader gives is no figure about a candidate
    stacked = np.stack(list(tables.values()))
    given = (~np.isnan(stacked)).sum(axis=0)
    taken = np.where(given, np.nansum(stacked, axis=0) / np.maximum(given, 1), math.nan)
    found = statistics.severity(taken, graders)
    if not any(figure.value is not None for figure in found.values()):
        return [f"not shown for anybody: {next(iter(found.values()))}"]
    return [f"{grader}: {figure}" for grader, figure in found.items()]


# --- items ---------------------------------------------------------------------------------------


def _items(
    assignment: Assignment,
    graded: Mapping[str, evidence.Record],
    given: Mapping[str, Sequence[Rating]],
) -> list[Item]:
    names = {cell.id: cell.dimension or "" for cell in assignment.checks}
    shares = {name: _shares(graded.values(), name) for name in names}
    found = []
    for name, dimension in names.items():
        passed = [share >= REACHED for share in shares[name]]
        rest = [
            sum(result["points"] for other, result in record["checks"].items() if other != name)
            for record in graded.values()
        ]
        figures = [statistics.difficulty(passed), statistics.discrimination(passed, rest)]
        found.append(Item(title=title(name), dimension=dimension, figures=list(map(str, figures))))
    for name, criterion in assignment.criteria.items():
        medians = [
            s.median
            for rows in given.values()
            for s in rules.profile(
                [Given(name, name, r.grader, r.value) for r in rows if r.criterion == name], [name]
            ).values()
            if s.median is not None
        ]
        reached = statistics.difficulty([median >= 3 for median in medians])
        found.append(Item(title=title(name), dimension=criterion.dimension, figures=[str(reached)]))
    return found


def _shares(records: Iterable[evidence.Record], name: str) -> list[float]:
    found = []
    for record in records:
        check = record["checks"].get(name)
        found.append(check["points"] / check["possible"] if check and check["possible"] else 0.0)
    return found


def _consistency(assignment: Assignment, graded: Mapping[str, evidence.Record]) -> list[str]:
    by: dict[str, list[str]] = {}
    for cell in assignment.checks:
        by.setdefault(cell.dimension or "", []).append(cell.id)
    said = []
    for dimension, names in by.items():
        items = np.array([_shares(graded.values(), name) for name in names]).T
        points = _points(graded.values(), names)
        alpha = statistics.consistency(items)
        said.append(f"{dimension}: {alpha}")
        if alpha.value is not None:
            said.append(f"{dimension}: {statistics.standard_error(points, alpha)}, in points")
    return said


def _points(records: Iterable[evidence.Record], names: Sequence[str]) -> np.ndarray:
    return np.array(
        [sum(r["checks"][n]["points"] for n in names if n in r["checks"]) for r in records]
    )
