"""The work record as its candidate may have it back, and as the team sees it: a timeline with a
slider over its versions.

The team's page is for reading before one talks with the candidate, and for no score: whoever
decides by how somebody got there has to have said so in the rubric. It shows what was saved and
no more. What happened to the clock after its start (an extension may be an accommodation) is for
administrators alone, and who has still to rate the attempt is shown no times: hours are an accent,
too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worksample.course import Course
from worksample.errors import CandidateError, SittingError
from worksample.exchange import links, rating_queue, sittings, versions
from worksample.exchange.asking import Ask, Reply, data, download
from worksample.exchange.pages import span
from worksample.exchange.people import Person
from worksample.exchange.sittings import Sitting
from worksample.exchange.versions import Folder, Version
from worksample.grading import clean
from worksample.workbook.tasks import text_of

MOST_OFFERED = 30  # versions that a candidate chooses from
MOST_TEXT = 6000  # characters of a cell, or of what it put out
MOST_PICTURES = 6  # of one cell
_SHOWN = {"text/plain", *clean.PICTURES}


@dataclass(frozen=True)
class Moment:
    """A line of the timeline: a version, or something that happened to clock and hand-ins.

    Attributes:
        number: of the version, from 1; 0 where it is none.
    """

    time: datetime
    said: str
    number: int = 0


@dataclass(frozen=True)
class Shown:
    """A cell of the version that is looked at, and what is new in it.

    Attributes:
        said: what is new; empty where nothing is.
        pictures: addresses that hold them.
    """

    source: str
    output: str
    is_code: bool
    said: str
    pictures: tuple[str, ...] = ()


def record(ask: Ask) -> Reply:
    """The timeline of one attempt, and its notebooks as one version has them."""
    sitting = sitting_of(ask)
    folder = Folder.of(ask.course, sitting.assignment, sitting.candidate)
    listed = folder.listed()
    at = _asked(ask.query.get("at", ""), len(listed))
    before = listed[at - 2] if at > 1 else None
    name, who = sitting.assignment, sitting.candidate
    timed = not rating_queue.is_blind(ask.course, name, who, ask.someone)
    return ask.page(
        "record",
        f"How the work of {sitting.candidate} grew",
        sitting=sitting,
        moments=_moments(ask, sitting, folder, listed, timed),
        count=len(listed),
        shown=at,
        version=listed[at - 1] if at else None,
        notebooks=shown(folder, before, listed[at - 1]) if at else {},
        since=span(listed[at - 1].time - sitting.clock.started)
        if timed and at and sitting.clock.started
        else "",
        timed=timed,
    )


def changes(course: Course, name: str, candidate: str) -> list[str]:
    """What each version changed, oldest first, without its time; empty where none was kept."""
    folder = Folder.of(course, name, candidate)
    listed = folder.listed()
    words = map(str, versions.growth(folder, listed))
    return [each if number else "the first that was seen" for number, each in enumerate(words)]


def own(ask: Ask) -> Reply:
    """The candidate's own versions, as data; the newest first."""
    listed = _own_folder(ask).listed()
    found = [
        {"number": number, "time": version.time.isoformat()}
        for number, version in enumerate(listed, 1)
        if version.notebooks
    ]
    return data(found[::-1][:MOST_OFFERED])


def notebook(ask: Ask) -> Reply:
    """The candidate's notebook as one version has it.

    Raises:
        SittingError: there is no such version, or it has no notebook of the work's name.
    """
    folder, number = _own_folder(ask), int(ask.named["number"])
    name = f"{ask.named['assignment']}.ipynb"
    listed = folder.listed()
    if not 0 < number <= len(listed) or name not in listed[number - 1].notebooks:
        raise SittingError("there is no such version of your notebook")
    sitting = sittings.find(ask.course, ask.someone, ask.named["assignment"])
    given = sittings.given_files(ask.course, sitting)[f"{sitting.assignment}/{name}"]
    book = {**json.loads(given), "cells": folder.cells(listed[number - 1], name)}
    return download(json.dumps(book, indent=1).encode(), name)


def _own_folder(ask: Ask) -> Folder:
    return Folder.of(ask.course, ask.named["assignment"], ask.someone.name)


def sitting_of(ask: Ask) -> Sitting:
    """The attempt that the address names, also of a candidate whose links have ended."""
    name = ask.named["candidate"]
    opening = links.opening_of(ask.course, name)
    if opening is None:
        raise CandidateError("there is no such candidate")
    return sittings.find(ask.course, Person(name, "candidate", opening), ask.named["assignment"])


def _asked(number: str, count: int) -> int:
    """The version that is asked for; the newest where there is no such one, 0 without any."""
    wanted = int(number) if number.isdecimal() and len(number) < 7 else count
    return min(max(wanted, 1), count)


def _moments(
    ask: Ask, sitting: Sitting, folder: Folder, listed: list[Version], timed: bool
) -> list[Moment]:
    """Everything that happened, as far as this person may know it, oldest first."""
    grown = versions.growth(folder, listed)
    found = [
        Moment(version.time, str(change) if number > 1 else "the first that was seen", number)
        for number, (version, change) in enumerate(zip(listed, grown, strict=True), 1)
    ]
    found += [
        Moment(row.submitted, f"handed in, receipt {row.receipt}")
        for row in sittings.receipts(ask.course, sitting)
    ]
    told = ("start",) if timed else ()
    found += [
        Moment(event.time, f"clock: {event.action}")
        for event in sittings.events(ask.course, sitting.assignment, sitting.candidate)
        if ask.someone.role == "administrator" or event.action in told
    ]
    return sorted(found, key=lambda each: (each.time, each.number))


def shown(folder: Folder, before: Version | None, version: Version) -> dict[str, list[Shown]]:
    """The cells of a version's notebooks, each with what it has that the one before had not."""
    old: dict[tuple[str, str], Mapping[str, Any]] = {}
    for name in before.notebooks if before else {}:
        assert before is not None
        for number, cell in enumerate(folder.cells(before, name)):
            old[name, str(cell.get("id") or number)] = cell
    return {
        name: [
            _cell(cell, old.get((name, str(cell.get("id") or number))), bool(before))
            for number, cell in enumerate(folder.cells(version, name))
        ]
        for name in version.notebooks
    }


def _cell(cell: Mapping[str, Any], before: Mapping[str, Any] | None, compared: bool) -> Shown:
    ran = cell.get("execution_count")
    said = []
    if compared and before is None:
        said.append("new in this version")
    elif before is not None and text_of(before) != text_of(cell):
        said.append("changed in this version")
    if isinstance(ran, int):
        fresh = compared and ran != (before or {}).get("execution_count")
        said.append(f"run {ran}" + (", in this version" if fresh else ""))
    is_code = cell.get("cell_type") == "code"
    words = "; ".join(said)
    return Shown(_cut(text_of(cell)), _cut(_output(cell)), is_code, words, _pictures(cell))


def _outputs(cell: Mapping[str, Any]) -> list[Any]:
    outputs = cell.get("outputs")
    return outputs if isinstance(outputs, list) else []


def _pictures(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """The pictures that a cell put out, those that a browser has room for."""
    found = []
    for each in _outputs(cell):
        shown = each.get("data") if isinstance(each, dict) else None
        for mime in clean.PICTURES:
            value = shown.get(mime) if isinstance(shown, dict) else None
            if value is not None and (data := clean.picture(mime, value)) is not None:
                found.append(f"data:{mime};base64,{data}")
    return tuple(found[:MOST_PICTURES])


def _output(cell: Mapping[str, Any]) -> str:
    """What a cell put out, as text; what is neither that nor a picture, by its kind alone."""
    said = []
    for each in _outputs(cell):
        shown = each.get("data") if isinstance(each, dict) else None
        if isinstance(shown, dict):
            kinds = ", ".join(sorted(str(kind) for kind in shown if kind not in _SHOWN))
            said.append(text_of({"source": shown.get("text/plain", "")}))
            said.append(f"[{kinds}]" if kinds else "")
        elif isinstance(each, dict):
            said.append(text_of({"source": each.get("text") or str(each.get("evalue", ""))}))
    return "\n".join(filter(None, said))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]} …"
