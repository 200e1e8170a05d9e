"""Build the record that the template is given, from evidence, ratings and the author's words.

Only what a candidate may see is taken: of the evidence never ``private`` and never the case's
truth, of the ratings never who gave them.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from worksample import assignments
from worksample.assignments import dressing
from worksample.assignments.case import base_id
from worksample.assignments.model import TREE, Assignment, Texts
from worksample.batch import formgrader
from worksample.course import Course
from worksample.errors import FeedbackError
from worksample.feedback import proposal, schema
from worksample.feedback.changes import compare
from worksample.feedback.proposal import Item, of_points, propose
from worksample.feedback.text import cut, line, title
from worksample.records import evidence, ratings
from worksample.records.tables import Rating, Records
from worksample.scorecards import settings

#: the cell in which a revision says what was changed; build puts it into every revision
NOTE = "revision_note"
#: what authors put behind a heading: " · 4 minutes ✎ · 15 points"
_TIMES = re.compile(r"\s*[·|–(]\s*\d+(\s*\+\s*\d+)*\s*(minute|min|point).*$", re.IGNORECASE)
JSON = Mapping[str, Any]


def build(
    course: Course,
    assignment_id: str,
    candidate: str,
    choice: tuple[str | None, str | None] = (None, None),
    before: schema.Record | None = None,
) -> schema.Record:
    """The record of one graded attempt.

    Args:
        assignment_id: nbgrader's id; that of the revision on attempt 2.
        choice: cells that a grader chose for strength and improvement, None where the rule does.
        before: on attempt 2 the approved record of attempt 1.

    Raises:
        FeedbackError: nothing of this candidate has been graded yet.
    """
    found = evidence.latest(course, assignment_id, candidate)
    if found is None:
        raise FeedbackError(
            "nothing has been graded yet",
            where=f"{assignment_id}, {candidate}",
            do=f"run: worksample grade {assignment_id}",
        )
    undressed = assignments.find(course, base_id(assignment_id))
    assignment = dressing.wear(course, undressed, found["case"].get("skin", ""))
    works = work_cells(assignment, found["case"]["level"])
    cells = _cells(assignment, found, evidence.notebook(course, found))
    checks = _checks(assignment, found, works)
    criteria = _criteria(assignment, works, _ratings(course, assignment_id, candidate))
    stop = found["run"]["ended"]
    ended = schema.Ended(how=stop["how"], cell=stop["cell"], detail=line(stop["detail"]))
    items = _items(assignment, checks, criteria, found["checks"])
    proposed = propose(items, cells, ended, *choice)
    invitation = Records(course.records_url).invitation(assignment.id, candidate)
    return schema.Record(
        format=schema.FORMAT,
        assignment=assignment_id,
        title=assignment.title,
        candidate=candidate,
        attempt=found["attempt"],
        level=found["case"]["level"],
        submitted=found["submission"].get("submitted") or "",
        evidence=found["number"],
        outcome=found["outcome"],
        why=line(found["why"], 400),
        ended=ended,
        limits=dict(found["run"]["limits"]),
        repairs=_repairs(assignment, found),
        checks=checks,
        criteria=criteria,
        aspects=_aspects(assignment, checks, criteria),
        cells=cells,
        strength=proposed.strength,
        improvement=proposed.improvement,
        task=proposed.task,
        minutes=revision_minutes(assignment, invitation.extra_time if invitation else 1.0),
        changes=compare(before, checks, cells) if before else None,
    )


def revision_minutes(assignment: Assignment, extra_time: float) -> int:
    """The same for everybody, times the candidate's time accommodation, whole minutes up."""
    return math.ceil(assignment.minutes.revision * extra_time - 1e-9)


def work_cells(assignment: Assignment, level: str) -> dict[str, str]:
    """Check or criterion -> the candidate's cell that it is about.

    A check follows what it checks. A criterion is about the answer cell that its rubric names, else
    about that of its own name, else about the one right behind it, else about the last one before.
    """
    cells = assignment.cells_of(level)
    answers = {cell.id for cell in cells if cell.kind == "answer"}
    found: dict[str, str] = {}
    last = ""
    for place, cell in enumerate(cells):
        if cell.kind == "answer":
            last = cell.id
        elif cell.kind == "check":
            found[cell.id] = last or cell.id
        elif cell.kind == "criterion":
            behind = [c.id for c in cells[place + 1 : place + 2] if c.kind == "answer"]
            wanted = (assignment.criteria[cell.id].cell, f"{cell.id}_answer")
            named = [name for name in wanted if name in answers]
            found[cell.id] = next(iter([*named, *behind]), last or cell.id)
    return found


def _cells(assignment: Assignment, found: JSON, notebook: JSON) -> list[schema.Cell]:
    """The answer cells, and whatever else did not run to its end."""
    sources = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    errors = {cell["id"]: _error(cell) for cell in notebook["cells"]}
    status = found["run"]["cells"]
    titles = cell_titles(assignment, found["case"]["level"])
    if found["attempt"] == 2:
        titles[NOTE] = "What I changed, and why"
    named = [c.id for c in assignment.cells_of(found["case"]["level"]) if c.kind == "answer"]
    kinds: dict[str, schema.Kind] = dict.fromkeys([NOTE, *named], "answer")
    kinds |= {cell.id: "check" for cell in assignment.checks}
    stumbled = [c for c in status if status[c] != "completed" and c not in named][:20]
    return [
        schema.Cell(
            id=line(name, 80),
            kind=kinds.get(name, "other"),
            title=_cell_title(assignment, titles, name),
            status=status.get(name, ""),
            error=errors.get(name, ""),
            source=cut(sources.get(name, ""), 100_000),
        )
        for name in [*([NOTE] if NOTE in titles else []), *named, *stumbled]
    ] + _files(assignment, notebook)


def _files(assignment: Assignment, notebook: JSON) -> list[schema.Cell]:
    """The files of ``work/`` that were changed, as grading kept them beside the notebook."""
    shown_in = assignment.work.shown_in if assignment.work else ""
    kept: JSON = next((c["metadata"] for c in notebook["cells"] if c["id"] == shown_in), {})
    return [
        schema.Cell(
            id=line(f"{TREE}/{name}", 80),
            kind="file",
            title=line(f"{TREE}/{name}", 80),
            status="completed",
            error="",
            source=cut(str(text["is"]), 40_000),
            came=cut(str(text["came"]), 40_000),
        )
        for name, text in kept.get("worksample", {}).get("work", {}).items()
    ]


def _cell_title(assignment: Assignment, titles: Mapping[str, str], name: str) -> str:
    if name not in titles:
        return f"Your own cell {line(name, 40)}"
    graded = name in {cell.id for cell in assignment.checks}
    return f"Check “{title(name).removesuffix(' check')}”" if graded else titles[name]


def cell_titles(assignment: Assignment, level: str) -> dict[str, str]:
    """Cell -> the heading that a candidate sees above it, numbered where several share one."""
    titles: dict[str, str] = {}
    heading = ""
    for cell in assignment.cells_of(level):
        if cell.type == "markdown" and cell.kind != "answer":
            found = re.findall(r"^#{1,4}\s+(.+?)\s*#*$", cell.source, flags=re.MULTILINE)
            heading = _TIMES.sub("", found[-1]) if found else heading
        titles[cell.id] = re.sub(r"[*_`]", "", heading) or title(cell.id)
    answers = [cell.id for cell in assignment.cells_of(level) if cell.kind == "answer"]
    for name in answers:
        same = [other for other in answers if titles[other] == titles[name]]
        if len(same) > 1:
            titles[name] = f"{titles[name]} ({title(name)})"
    return titles


def _repairs(assignment: Assignment, found: JSON) -> list[str]:
    titles = cell_titles(assignment, found["case"]["level"])
    return [
        f"{titles.get(name) or title(name)} ({line(name, 40)}): {line(repair['what'], 300)}"
        if (name := repair["cell"])
        else line(repair["what"], 300)
        for repair in found["repairs"][:30]
    ]


def _error(cell: JSON) -> str:
    for output in cell.get("outputs", ()):
        if output["output_type"] == "error":
            return line(f"{output['ename']}: {output['evalue']}", 200).removesuffix(":")
        if raised := output.get("metadata", {}).get("worksample", {}).get("raised"):
            return line(raised, 200)
    return ""


def _checks(assignment: Assignment, found: JSON, works: Mapping[str, str]) -> list[schema.Check]:
    return [
        schema.Check(
            id=name,
            title=title(name),
            cell=works[name],
            dimension=assignment.cell(name).dimension or "",
            aspect=assignment.check_texts[name].aspect if name in assignment.check_texts else "",
            points=result["points"],
            possible=result["possible"],
            parts=[
                schema.Part(
                    name=line(part["name"]),
                    earned=part["earned"],
                    possible=part["possible"],
                    message=line(part["message"], 600),
                )
                for part in result["parts"]
            ],
        )
        for name, result in found["checks"].items()
    ]


def _criteria(
    assignment: Assignment, works: Mapping[str, str], ratings: Mapping[str, Sequence[Rating]]
) -> list[schema.Criterion]:
    return [
        _criterion(assignment, name, works[name], ratings.get(name, ()))
        for name in assignment.criteria
        if name in works
    ]


def _criterion(
    assignment: Assignment, name: str, cell: str, given: Sequence[Rating]
) -> schema.Criterion:
    """Of several ratings the median; with an even number the lower of the two in the middle."""
    criterion = assignment.criteria[name]
    values = [rating.value for rating in given if rating.value is not None]
    value = statistics.median_low(values) if values else None
    state = "rated" if values else "not_enough_information" if given else "not_rated"
    return schema.Criterion(
        id=name,
        title=title(name),
        cell=cell,
        dimension=criterion.dimension,
        aspect=criterion.texts.aspect,
        state=state,  # type: ignore[typeddict-item]
        value=value,
        anchor=_anchor(criterion.anchors, value) if value else "",
        reason="" if values else "; ".join(line(rating.reason) for rating in given),
        seen=[line(rating.evidence, 600) for rating in given if rating.evidence and values],
    )


def _anchor(anchors: Mapping[int, str], value: int) -> str:
    """The anchor of a level; one that begins "As 3, …" with the words that it builds on.

    >>> _anchor({3: "Gives a limit.", 4: "As 3, and says why."}, 4)
    'Gives a limit. Beyond that, says why.'
    """
    found = re.match(r"As ([123]),? (?:and )?", anchors[value])
    if not found:
        return anchors[value]
    return f"{_anchor(anchors, int(found[1]))} Beyond that, {anchors[value][found.end() :]}"


def _ratings(course: Course, assignment_id: str, candidate: str) -> dict[str, list[Rating]]:
    """Criterion -> the ratings that count, whatever door they came through."""
    formgrader.settle(course, assignment_id, candidate)
    graders = settings.of(course).graders_of(assignment_id)
    found: dict[str, list[Rating]] = {}
    records = Records(course.records_url)
    for rating in ratings.counted(records, assignment_id, candidate, graders):
        found.setdefault(rating.criterion, []).append(rating)
    return found


def _aspects(
    assignment: Assignment,
    checks: Sequence[schema.Check],
    criteria: Sequence[schema.Criterion],
) -> list[schema.Aspect]:
    return [
        schema.Aspect(
            name=name, about=[each["id"] for each in (*criteria, *checks) if each["aspect"] == name]
        )
        for name in assignment.feedback_aspects
    ]


def _items(
    assignment: Assignment,
    checks: Sequence[schema.Check],
    criteria: Sequence[schema.Criterion],
    results: Mapping[str, JSON],
) -> list[Item]:
    """What the rule chooses from, in the order of the notebook."""
    average = statistics.fmean(c["possible"] for c in checks) if checks else 1.0
    items = [_check_item(assignment, check, results[check["id"]]) for check in checks]
    items += [_criterion_item(assignment, c, average) for c in criteria if c["state"] == "rated"]
    order = [cell.id for cell in assignment.cells]
    return sorted(items, key=lambda item: order.index(item.id))


def _check_item(assignment: Assignment, check: schema.Check, result: JSON) -> Item:
    texts = assignment.check_texts.get(check["id"], Texts())
    details = result["details"]
    share = check["points"] / check["possible"] if check["possible"] else 0.0
    here = sum(part.get("idle", 0.0) for part in result["parts"])
    idle = max(texts.idle, min(1.0, here / check["possible"])) if check["possible"] else 0.0
    level = proposal.level(share, idle)
    return Item(
        id=check["id"],
        cell=check["cell"],
        title=check["title"],
        share=share,
        weight=check["possible"],
        number=of_points(check["points"], check["possible"]),
        idle=idle,
        strength=filled(texts.at("strength", level), details),
        improvement=filled(texts.at("improvement", level), details),
        revision=filled(texts.at("revision", level), details),
        next_step=filled(texts.next_step, details),
    )


def _criterion_item(assignment: Assignment, rated: schema.Criterion, weight: float) -> Item:
    texts = assignment.criteria[rated["id"]].texts
    assert rated["value"] is not None
    level = rated["value"]
    return Item(
        id=rated["id"],
        cell=rated["cell"],
        title=rated["title"],
        share=(level - 1) / 3,
        weight=weight,
        number=f"rated {level} of 4",
        person=True,
        strength=texts.at("strength", level),
        improvement=texts.at("improvement", level),
        revision=texts.at("revision", level),
        next_step=texts.next_step,
    )


def filled(words: str, details: JSON) -> str:
    """An author's words with the candidate's numbers in them; empty where one is missing.

    >>> filled("{days:.0f} days off", {"days": 2.0}), filled("{days:.0f} days off", {})
    ('2 days off', '')
    """
    known = {k: line(v) if isinstance(v, str) else v for k, v in details.items()}
    try:
        return words.format_map(known)
    except (KeyError, ValueError, TypeError, IndexError):
        return ""
