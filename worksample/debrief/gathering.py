"""Gather everything about one candidate: ratings, evidence, both attempts, what was signed.

Nothing is computed here that is not on the page, and nothing on the page is a sum over dimensions.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import dressing
from worksample.assignments.case import REVISION
from worksample.assignments.model import Assignment
from worksample.assignments.scorecard import (
    RECEPTIVENESS,
    RECEPTIVENESS_ANCHORS,
    RECEPTIVENESS_DIMENSION,
)
from worksample.course import Course
from worksample.debrief import questions
from worksample.debrief.meeting import RECOMMENDATIONS
from worksample.debrief.schema import (
    FORMAT,
    Attempt,
    Checked,
    DimensionRow,
    Place,
    Point,
    Rated,
    Record,
    Signed,
    Talk,
    Work,
)
from worksample.errors import CandidateError, WorksampleError
from worksample.feedback import record as building
from worksample.feedback import schema as feedback
from worksample.feedback.markup import anchor_id
from worksample.feedback.text import line, number, title
from worksample.records import bank, chain, evidence, ratings
from worksample.records.precision import words
from worksample.records.tables import Audit, Rating, Reading, Records
from worksample.review import reading
from worksample.scorecards import interviews, settings
from worksample.scorecards import rule as rules
from worksample.scorecards.interviews import Interview
from worksample.scorecards.rule import Given

STRONG, WEAK = 3, 2  # pieces of evidence of each kind on the first page: at most


@dataclass(frozen=True)
class Sample:
    """One work sample of a candidate: the assignment as they saw it, and one or two attempts."""

    assignment: Assignment
    first: feedback.Record
    second: feedback.Record | None
    found: Mapping[int, evidence.Record]
    given: Mapping[int, Sequence[Rating]]
    all_given: Mapping[int, Sequence[Rating]]
    read: Sequence[Reading]

    @property
    def id(self) -> str:
        """The assignment's."""
        return self.assignment.id

    def place(self, cell: str, attempt: int = 1) -> Place:
        """Where the page shows a cell, and what it is called there; of attempt 2 what changed."""
        changes = self.second["changes"] if self.second and attempt == 2 else None
        changed = {each["id"]: each["title"] for each in (changes["cells"] if changes else ())}
        if cell in changed:
            return Place(anchor=anchor_id(f"{self.id}-2-{cell}"), title=changed[cell])
        titles = {each["id"]: each["title"] for each in self.first["cells"]}
        shown = cell if cell in titles else next(iter(titles), "")
        return Place(anchor=anchor_id(f"{self.id}-1-{shown}"), title=titles.get(shown, title(cell)))


def gather(course: Course, candidate: str, early: bool = False) -> Record:
    """The record of one candidate's debrief.

    Args:
        early: although graders have begun and not submitted.

    Raises:
        CandidateError: nothing of this candidate has been graded.
        WorksampleError: a grader has not submitted yet.
    """
    cases.check_name(candidate)
    records, how = Records(course.records_url), settings.of(course)
    found = [s for a in assignments.all_of(course) if (s := _sample(course, records, a, candidate))]
    if not found:
        raise CandidateError(
            f"nothing of {candidate} has been graded",
            where=str(course.evidence),
            do="worksample grade ASSIGNMENT, then worksample rate",
        )
    waiting = _waiting(records, how, found, candidate)
    if waiting and not early:
        raise WorksampleError(
            f"not all graders have submitted: {', '.join(waiting)}",
            where=candidate,
            do="wait for them; --early shows what there is, and is noted",
        )
    talks = interviews.held(course, records, candidate)
    return _record(course, records, how, found, talks, candidate, waiting)


def _record(
    course: Course,
    records: Records,
    how: settings.Settings,
    found: Sequence[Sample],
    talks: Sequence[Interview],
    candidate: str,
    waiting: list[str],
) -> Record:
    letters = _letters(found, talks)
    given = [given for sample in found for given in _given(sample)]
    given += [given for talk in talks for given in talk.given()]
    short = [replace(row, grader=letters[row.grader]) for row in given]
    planned = list(dict.fromkeys([*planned_of(found), *interviews.planned(talks)]))
    verdict = rules.verdict(how.rule, given, planned)
    dimensions = _dimensions(how.rule, found, talks, given, planned, letters)
    disputed = {d.criterion: _who(d.values) for d in rules.to_discuss(given)}
    strongest, weakest = _evidence(found, dimensions)
    last, own = chain.head(records)
    return Record(
        format=FORMAT,
        candidate=candidate,
        as_of=_as_of(records, candidate, found, talks),
        rule=how.rule.words(),
        rule_noted=_rule_noted(records, how),
        outcome=verdict.outcome,
        reasons=list(verdict.reasons),
        flips=[f"{flip.words}: {flip.outcome}" for flip in rules.flips(how.rule, short, planned)],
        covered=verdict.covered,
        planned=verdict.planned,
        graders={letter: name for name, letter in letters.items()},
        waiting=waiting,
        dimensions=dimensions,
        strongest=strongest,
        weakest=weakest,
        works=[_work(sample, letters) for sample in found],
        interviews=[_talk(each, letters) for each in talks],
        questions=questions.five([_seen(sample, disputed) for sample in found]),
        signed=[_signed(row) for row in records.recommendations(candidate, interviews=True)],
        chain=f"{last}:{own}",
        tampered=chain.verify_one(records, candidate),
    )


# --- what there is -------------------------------------------------------------------------------


def _sample(
    course: Course, records: Records, assignment: Assignment, candidate: str
) -> Sample | None:
    found = {
        attempt: record
        for attempt, name in ((1, assignment.id), (2, assignment.id + REVISION))
        if (record := evidence.latest(course, name, candidate))
    }
    if 1 not in found:
        return None
    worn = dressing.wear(course, assignment, found[1]["case"].get("skin", ""))
    first = building.build(course, assignment.id, candidate)
    second = (
        building.build(course, assignment.id + REVISION, candidate, before=first)
        if 2 in found
        else None
    )
    graders = settings.of(course).graders_of(assignment.id)
    names = {1: assignment.id, 2: assignment.id + REVISION}
    return Sample(
        worn,
        first,
        second,
        found,
        {n: ratings.counted(records, names[n], candidate, graders) for n in found},
        {n: records.all_ratings(names[n], candidate) for n in found},
        records.readings(assignment.id, candidate),
    )


def _waiting(
    records: Records, how: settings.Settings, found: Sequence[Sample], candidate: str
) -> list[str]:
    """Graders who have begun and not submitted, and how many have not even begun.

    Of a revision only the former: it need not be rated.
    """
    said = []
    for sample in found:
        graders = how.graders_of(sample.id)
        for name in (sample.id, sample.id + REVISION) if graders > 1 else ():
            begun = ratings.unsubmitted(records, name, candidate)
            said += [f"{grader} ({name})" for grader in begun]
            left = graders - len(begun) - len(records.submitters(name, candidate))
            if left > 0 and name == sample.id:
                said.append(f"{left} more of {graders} graders ({name})")
    return said


def planned_of(found: Iterable[Sample]) -> list[str]:
    """The dimensions that people were to rate in the work samples that were held."""
    return list(
        dict.fromkeys(
            criterion["dimension"] for sample in found for criterion in sample.first["criteria"]
        )
    )


def _given(sample: Sample) -> list[Given]:
    """What the rule reads: the ratings of the first attempt, which was made without feedback."""
    return [
        Given(row.dimension, _key(sample, row.criterion), row.grader, row.value)
        for row in sample.given[1]
    ]


def _key(sample: Sample, criterion: str) -> str:
    return f"{sample.id}: {criterion}"


def _letters(found: Sequence[Sample], talks: Sequence[Interview]) -> dict[str, str]:
    graders = {row.grader for s in found for rows in s.given.values() for row in rows}
    names = sorted(graders | {row.grader for talk in talks for row in talk.rows})
    signs = [*string.ascii_uppercase, *(f"{c}{c}" for c in string.ascii_uppercase)]
    return dict(zip(names, signs, strict=False))


def _as_of(
    records: Records, candidate: str, found: Sequence[Sample], talks: Sequence[Interview]
) -> str:
    """The time of the newest thing that the page shows."""
    times = [row.time for s in found for rows in s.all_given.values() for row in rows]
    times += [row.time for talk in talks for row in talk.rows]
    times += [row.time for row in records.recommendations(candidate, interviews=True)]
    times += [datetime.fromisoformat(r["time"]) for s in found for r in s.found.values()]
    return f"{max(times):%Y-%m-%d %H:%M} UTC"


def _rule_noted(records: Records, how: settings.Settings) -> str:
    """When the rule was fixed, beside when the first rating was given."""
    with records.session() as session:
        noted = session.scalars(select(Audit).filter_by(action="rule").order_by(Audit.id)).all()
        first = session.scalar(select(Rating).order_by(Rating.id).limit(1))
    if first is None:
        return "Nobody has been rated yet in this course."
    if not noted:
        return "The ratings were given before rules were noted, so when it was fixed is not known."
    if noted[-1].detail != how.to_json():
        return "It was changed in course.toml after the last rating of this course was given."
    if len(noted) > 1:
        return (
            f"It was changed on {noted[-1].time:%Y-%m-%d}, after ratings had been given in this "
            "course. That has to be said when it is used."
        )
    return (
        f"It stood in the course’s configuration before the first rating ({first.time:%Y-%m-%d})."
    )


# --- ratings -------------------------------------------------------------------------------------


def _dimensions(
    rule: rules.Rule,
    found: Sequence[Sample],
    talks: Sequence[Interview],
    given: Sequence[Given],
    planned: Sequence[str],
    letters: Mapping[str, str],
) -> list[DimensionRow]:
    summaries = rules.profile(given, [*planned, *rule.critical])
    own = set(planned_of(found))
    stages = {name: talk.kit.title for talk in talks for name in talk.planned if name not in own}
    rows = []
    for name, summary in summaries.items():
        low, high = summary.range or (None, None)
        rows.append(
            DimensionRow(
                name=name,
                stage=stages.get(name, ""),
                planned=name in planned,
                critical=name in (rule.critical or planned),
                ratings=[
                    _rated(sample, row, letters, 1)
                    for sample in found
                    for row in sample.given[1]
                    if row.dimension == name
                ]
                + [_heard(talk, row, letters) for talk in talks for row in talk.rated(name)],
                median=summary.median,
                low=low,
                high=high,
                discuss=[
                    f"{title(d.criterion.split(': ')[-1])}: {d.why} ({_who(d.values)})"
                    for d in rules.to_discuss(given)
                    if d.dimension == name
                ],
                later=_later(found, name),
            )
        )
    return rows


def _later(found: Sequence[Sample], dimension: str) -> float | None:
    given = [
        Given(row.dimension, row.criterion, row.grader, row.value)
        for sample in found
        for row in sample.given.get(2, ())
    ]
    return rules.profile(given, [dimension])[dimension].median


def _rated(sample: Sample, row: Rating, letters: Mapping[str, str], attempt: int) -> Rated:
    anchors = (
        RECEPTIVENESS_ANCHORS
        if row.criterion == RECEPTIVENESS
        else sample.assignment.criteria[row.criterion].anchors
    )
    own = next((c["cell"] for c in sample.first["criteria"] if c["id"] == row.criterion), "")
    return Rated(
        assignment=sample.assignment.title,
        criterion=row.criterion,
        title=title(row.criterion),
        grader=line(row.grader, 60),
        letter=letters.get(row.grader, "?"),
        value=row.value,
        reason=line(row.reason, 300),
        evidence=line(row.evidence, 600),
        anchor=line(anchors.get(row.value, ""), 600) if row.value else "",
        place=sample.place(row.cell or own, attempt),
        earlier=_earlier(sample, row, attempt),
    )


def _heard(talk: Interview, row: Rating, letters: Mapping[str, str]) -> Rated:
    """A rating of an interview."""
    anchors = {**talk.kit.dimensions, **talk.kit.outcomes}.get(row.criterion, {})
    return Rated(
        assignment=talk.kit.title,
        criterion=row.criterion,
        title=row.criterion,
        grader=line(row.grader, 60),
        letter=letters.get(row.grader, "?"),
        value=row.value,
        reason=line(row.reason, 300),
        evidence=line(row.evidence, 600),
        anchor=line(anchors.get(row.value, ""), 600) if row.value else "",
        place=Place(anchor=_anchor(talk), title=talk.kit.title),
        earlier=[],  # submitted once, all together
    )


def _anchor(talk: Interview) -> str:
    return anchor_id(f"interview-{talk.kit.name}")


def _talk(talk: Interview, letters: Mapping[str, str]) -> Talk:
    asked = {each.name: each.ask for each in talk.kit.questions}
    people = sorted({row.grader for row in talk.rows})
    return Talk(
        title=talk.kit.title,
        anchor=_anchor(talk),
        people=", ".join(line(each, 60) for each in people),
        stage=talk.kit.stage,
        out_of_scope=talk.out_of_scope,
        outcomes=[
            _heard(talk, row, letters) for row in talk.rows if row.criterion in talk.kit.outcomes
        ],
        notes=[
            (
                asked.get(note.question, title(note.question)),
                line(note.interviewer, 60),
                line(note.text, 2000),
                "" if note.number is None else str(note.number),
            )
            for note in talk.notes
        ],
    )


def _earlier(sample: Sample, row: Rating, attempt: int) -> list[int | None]:
    """What the same grader had given before, where it was something else."""
    before = [
        each.value
        for each in sample.all_given[attempt]
        if (each.criterion, each.grader) == (row.criterion, row.grader) and each.id < row.id
    ]
    return [value for value in before if value != row.value]


def _who(values: Mapping[str, int]) -> str:
    return ", ".join(f"{grader} {value}" for grader, value in values.items())


def _evidence(
    found: Sequence[Sample], dimensions: Sequence[DimensionRow]
) -> tuple[list[Point], list[Point]]:
    """The strongest and the weakest: by what people rated, then by what was checked."""
    rated = [(r, d) for d in dimensions for r in d["ratings"] if r["value"] and d["median"]]
    high = sorted(
        rated, key=lambda e: (-(e[1]["median"] or 0), -(e[0]["value"] or 0), not e[0]["evidence"])
    )
    low = sorted(
        rated, key=lambda e: (e[1]["median"] or 9, e[0]["value"] or 9, not e[0]["evidence"])
    )
    strong = [_of_rating(r, d) for r, d in high if (d["median"] or 0) >= 3][:1]
    weak = [_of_rating(r, d) for r, d in low if (d["median"] or 9) < 3][:1]
    for sample in found:
        checks = [c for c in sample.first["checks"] if c["possible"]]
        best = sorted(checks, key=lambda c: (-c["points"] / c["possible"], -c["possible"]))
        worst = sorted(checks, key=lambda c: c["points"] - c["possible"])
        strong += [_of_check(sample, c) for c in best if c["points"] >= 0.6 * c["possible"]][:1]
        weak += [_of_check(sample, c) for c in worst if c["points"] < 0.9 * c["possible"]][:1]
    return strong[:STRONG], weak[:WEAK]


def _of_rating(rated: Rated, row: DimensionRow) -> Point:
    return Point(
        what=row["name"],
        how_much=f"median {row['median']:g} of 4",
        words=rated["evidence"] or rated["anchor"],
        place=rated["place"],
    )


def _of_check(sample: Sample, check: feedback.Check) -> Point:
    messages = [part["message"] for part in check["parts"]]
    points = f"{number(check['points'])} of {number(check['possible'])} points"
    return Point(
        what=check["title"],
        how_much=f"{points}; the feedback says",  # to the candidate: this page speaks to others
        words=" ".join(messages)[:300],
        place=sample.place(check["cell"]),
    )


def _person(row: object) -> str:
    """Who signed, and after which interview where it was not here."""
    stage = row.stage  # type: ignore[attr-defined]
    name = str(row.person)  # type: ignore[attr-defined]
    return name if stage == "debrief" else f"{name}, after the {stage}"


def _signed(row: object) -> Signed:
    return Signed(
        person=line(_person(row), 120),
        value=row.value,  # type: ignore[attr-defined]
        words=RECOMMENDATIONS[row.value],  # type: ignore[attr-defined]
        reason=line(row.reason, 1000),  # type: ignore[attr-defined]
        time=f"{row.time:%Y-%m-%d %H:%M} UTC",  # type: ignore[attr-defined]
        outcome=row.outcome,  # type: ignore[attr-defined]
    )


# --- the work ------------------------------------------------------------------------------------


def _work(sample: Sample, letters: Mapping[str, str]) -> Work:
    second = sample.second
    note = next(
        (c["source"] for c in (second["cells"] if second else ()) if c["id"] == building.NOTE), ""
    )
    minutes = sample.assignment.minutes
    return Work(
        id=sample.id,
        title=sample.assignment.title,
        level=sample.first["level"],
        minutes=f"{number(minutes.work)} + {number(minutes.revision)} minutes",
        attempts=[
            _attempt(sample, record) for record in (sample.first, second) if record is not None
        ],
        checks=[_checked(sample, check) for check in sample.first["checks"]],
        precise=_precise(sample.found[1]),
        changes=second["changes"] if second else None,
        note=line(note, 2000),
        rated_again=_rated_again(sample, letters),
        receptiveness=[
            _rated(sample, row, letters, 2)
            for row in sample.given.get(2, ())
            if row.dimension == RECEPTIVENESS_DIMENSION
        ],
        outcomes=list(sample.assignment.outcomes),
        understood=_understood(sample),
        asked=reading.heading(sample.assignment),
    )


def _understood(sample: Sample) -> str:
    """What readers or raters understood; empty where the work sample asks none."""
    if not reading.has_test(sample.assignment):
        return ""
    return reading.summary(sample.read, reading.is_probe(sample.assignment))


def _rated_again(sample: Sample, letters: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Criterion, what its graders gave to the first attempt, and to the second."""

    def given(criterion: str, attempt: int) -> str:
        rows = [row for row in sample.given.get(attempt, ()) if row.criterion == criterion]
        said = [f"{letters[row.grader]} {row.value or '–'}" for row in rows]
        return ", ".join(sorted(said)) or "not rated"

    names = [each["id"] for each in sample.first["criteria"]] if sample.second else []
    return [(title(name), given(name, 1), given(name, 2)) for name in names]


def _attempt(sample: Sample, record: feedback.Record) -> Attempt:
    found = sample.found[record["attempt"]]
    ended = record["ended"]
    ran = "ran from top to bottom"
    if ended["how"] != "completed":
        ran = line(ended["detail"] or record["why"] or "stopped", 200)
    return Attempt(
        id=record["assignment"],
        number=record["attempt"],
        submitted=record["submitted"][:16].replace("T", " "),
        ran=ran,
        points=words(found["points"], bank.sem(found)),
        possible=found["possible"],
        record=found["number"],
        cells=record["cells"],
    )


def _precise(found: evidence.Record) -> str:
    """What the ± stands on, or that nobody has measured it."""
    told = found.get("precision")
    if not told:
        return (
            "How far these points would move with another case of equal difficulty was not "
            "measured, as this case comes from no bank of measured forms."
        )
    return (
        f"± is one standard error of measurement: how far the points of one and the same work "
        f"would move from case to case. It rests on {told['forms']} cases of equal difficulty."
    )


def _checked(sample: Sample, check: feedback.Check) -> Checked:
    after = {c["id"]: c["points"] for c in sample.second["checks"]} if sample.second else {}
    return Checked(
        id=check["id"],
        title=check["title"],
        dimension=check["dimension"],
        place=sample.place(check["cell"]),
        points=check["points"],
        possible=check["possible"],
        after=after.get(check["id"]),
        messages=[part["message"] for part in check["parts"]],
    )


def _seen(sample: Sample, disputed: Mapping[str, str]) -> questions.Seen:
    prefix = _key(sample, "")
    unrated = {c["id"] for c in sample.first["criteria"]} - {
        row.criterion for row in sample.given[1] if row.value is not None
    }
    return questions.Seen(
        assignment=sample.assignment,
        record=sample.first,
        details={name: each["details"] for name, each in sample.found[1]["checks"].items()},
        disputed={k.removeprefix(prefix): v for k, v in disputed.items() if k.startswith(prefix)},
        unseen=[c["id"] for c in sample.first["criteria"] if c["id"] in unrated],
        changes=sample.second["changes"] if sample.second else None,
        place=sample.place,
    )
